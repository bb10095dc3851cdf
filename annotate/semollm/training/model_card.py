"""The model card: what was trained, on what, how far it got."""

from __future__ import annotations

from typing import Any

import yaml

from annotate import assets
from annotate.captions import templates
from annotate.corpora import licences
from annotate.semollm.data.corpus import Corpus
from annotate.semollm.settings import TrainRecipe
from annotate.semollm.training import progress_callback
from annotate.version import __version__


def model_card(recipe: TrainRecipe, corpus: Corpus, result: Any, stage: int) -> str:
    """The card as Markdown with the head that the Hub reads.

    Args:
        recipe: resolved.
        corpus: the data set.
        result: a ``train.Result``.
        stage: the last stage trained.
    """
    manifest = corpus.manifest
    licence = manifest.get("licence", {"name": "unknown", "note": ""})
    head = {
        "library_name": "semo-annotate",
        "license": "other",
        "license_name": licences.slug(str(licence.get("name"))),
        "pipeline_tag": "audio-classification",
        "tags": ["speech-emotion-recognition", "speech", "semollm"],
        "base_model": [name for name in (recipe.model.encoder, recipe.model.llm) if name.count("/") == 1],
    }
    text = (assets.home("templates") / "model.md.jinja2").read_text(encoding="utf-8")
    body = templates.compiled(text).render(
        name=recipe.name,
        stage=stage,
        version=__version__,
        corpus=corpus.name,
        synthetic=manifest.get("synthetic", False),
        recipe=recipe.name,
        encoder=recipe.model.encoder,
        layers=recipe.model.encoder_layers,
        queries=recipe.model.queries,
        qformer=recipe.model.qformer,
        statistics=recipe.model.statistics.tokens,
        llm=recipe.model.llm,
        lora=recipe.model.lora.rank,
        max_s=recipe.audio.max_s,
        stages=[_row(recipe, number, rows) for number, rows in sorted(result.histories.items())],
        train_on=recipe.train_on,
        splits=", ".join(f"{split} {count}" for split, count in corpus.counts().items()),
        split_rule={"name": "unstated", "fold": 1, "by": "unstated", **manifest.get("split_rule", {})},
        seed=recipe.seed,
        notes=result.notes,
        scored=result.scored.text() if result.scored else None,
        content=recipe.stages.stage3.content,
        licence={"name": "unknown", "note": "", **licence},
    )
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n\n{body.strip()}\n"


def _row(recipe: TrainRecipe, stage: int, rows: list[dict[str, float]]) -> dict[str, Any]:
    settings = recipe.stages.number(stage)
    fall = progress_callback.falls(rows)
    first, last = (f"{fall[0]:.3f}", f"{fall[1]:.3f}") if fall else ("", "")
    return {
        "stage": stage,
        "steps": settings.steps,
        "batch": settings.batch_size * settings.accumulate,
        "first": first,
        "last": last,
    }
