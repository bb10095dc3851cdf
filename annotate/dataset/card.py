"""The data card: the data set's ``README.md``, with the metadata that the Hub and ``datasets`` read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from annotate import assets, documents, registry
from annotate.captions import templates
from annotate.corpora import licences
from annotate.corpora.manifest import Manifest
from annotate.dataset.build import Built
from annotate.descriptors import sufficiency
from annotate.errors import SemoError
from annotate.features import known_errors
from annotate.features.feature import SOURCE_COLUMNS
from annotate.store import files, fingerprint
from annotate.store.schema import FURTHER, MEASUREMENTS

FACTS = Path("work") / "card.json"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


# what features fill beside numbers
NO_MEASUREMENT = ("transcript", "gender_log_odds", *(name for names in SOURCE_COLUMNS.values() for name in names))


def card(
    corpus: Manifest,
    *,
    name: str,
    built: Built,
    hashes: Mapping[str, str],
    scale: Mapping[str, Any],
    evidence: Mapping[str, Any],
    recipe: Mapping[str, Any],
    label_map: Mapping[str, str | None],
    versions: Mapping[str, str],
    folder: Path,
) -> None:
    """Write the card of a finished data set, and what it was made from, so that ``push`` can make another of it.

    Args:
        corpus: the corpus's manifest.
        name: name of the data set.
        built: what was built.
        hashes: SHA-256 of the data files.
        scale: the content of ``scale.json``.
        evidence: the content of ``evidence.json``.
        recipe: the resolved recipe.
        label_map: original label -> emotion; empty where the labels are kept as they are.
        versions: of the libraries that decide the values.
        folder: the output folder.
    """
    speakers = {split: len(found) for split, found in sorted(built.speakers.items())}
    facts = {
        "corpus": corpus.model_dump(mode="json"),
        "name": name,
        "splits": built.splits,
        "scale": dict(scale),
        "sufficiency": sufficiency.told(evidence),
        "unseen": evidence.get("unseen"),
        "recipe": dict(recipe),
        "measured_by": _measured_by(recipe["features"]),
        "rate_sources": dict(built.rate_sources.most_common()),
        "label_map": dict(label_map),
        "dropped": Counter(one.reason for one in built.dropped).most_common(10),
        "lost": len(built.dropped),
        "versions": dict(versions),
        "speakers": {
            "by_split": speakers,
            "shared": len(built.shared_speakers),
            "unnamed": sum(built.unnamed.values()),
        },
        "captions": [
            {"writer": writer, "model": model, "tries": tries, "rows": rows}
            for (writer, model, tries), rows in sorted(built.captions.items(), key=lambda one: -one[1])
        ],
    }
    files.write_json(folder / FACTS, facts)
    carried = "features" if recipe["dataset"]["audio"] != "embed" else "audio"
    files.write_text(folder / "README.md", render(facts, carried, hashes, published=None))


def again(folder: Path, hashes: Mapping[str, str], publish: str, despite: str | None) -> str:
    """The card of what is published of an output: ``publish`` as the licence rule has it, see ``hub.licence``."""
    try:
        facts = documents.read_json(folder / FACTS)
    except (OSError, ValueError):
        raise SemoError(f"{folder / FACTS}: cannot be read; run the recipe again, which makes it anew") from None
    carried = "features" if facts["recipe"]["dataset"]["audio"] != "embed" else publish
    return render(facts, carried, hashes, published=publish, despite=despite)


def render(
    facts: Mapping[str, Any],
    carried: str,
    hashes: Mapping[str, str],
    *,
    published: str | None,
    despite: str | None = None,
) -> str:
    """The card as Markdown with its YAML head.

    Args:
        facts: what ``card`` stores.
        carried: ``audio`` where the recordings are in it, else ``features``.
        hashes: SHA-256 of the data files that it describes.
        published: what the licence rule let out; None for the card of the output itself.
        despite: what was published although the rule says otherwise.
    """
    corpus = Manifest.model_validate(facts["corpus"])
    rows = sum(facts["splits"].values())
    text = (assets.home("templates") / "card.md.jinja2").read_text(encoding="utf-8")
    # facts of an earlier version lack the first two
    known = {"sufficiency": None, "unseen": None, **facts}
    shown = inert({name: value for name, value in known.items() if name != "corpus"})
    body = templates.compiled(text).render(
        **shown,
        corpus=inert(corpus.model_dump(mode="json")),
        rows=rows,
        edges=list(_edges(shown["scale"])),
        measured=measured(facts["recipe"]["features"], facts["measured_by"], facts.get("rate_sources")),
        carried=carried,
        published=published,
        despite=despite,
    )
    head = yaml.safe_dump(metadata(facts, corpus) | content(hashes), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n{body.strip()}\n"


def metadata(facts: Mapping[str, Any], corpus: Manifest) -> dict[str, Any]:
    """The head of the card, in the Hub's terms."""
    rows = sum(facts["splits"].values())
    licence = licences.metadata(corpus.licence.name, corpus.licence.url)
    head: dict[str, Any] = {"pretty_name": f"{corpus.title}: explained emotion data", **licence}
    if corpus.language:
        head["language"] = [corpus.language]
    return head | {
        "task_categories": ["audio-classification"],
        "tags": ["speech-emotion-recognition", "speech", "emotion", "captions", "prosody"],
        "size_categories": [next((label for limit, label in SIZES if rows < limit), "1M<n<10M")],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*.parquet"} for split in facts["splits"]],
            }
        ],
    }


def content(hashes: Mapping[str, str]) -> dict[str, Any]:
    """What makes the head differ where the data differs.

    ``datasets`` keeps what it has loaded from a folder by the folder's name and the card's head, not by the data:
    without this a data set that was made anew would load as it was before.
    """
    return {"dataset_info": {"config_name": "default", "description": f"content {fingerprint.of(dict(hashes))[:16]}"}}


def restamped(text: str, hashes: Mapping[str, str]) -> str:
    """A card, for other data files than those that it was written for."""
    said = content(hashes)["dataset_info"]["description"]
    return re.sub(r"^  description: content [0-9a-f]{16}$", f"  description: {said}", text, count=1, flags=re.MULTILINE)


def measured(
    features: Mapping[str, str], measured_by: Mapping[str, str], rate_sources: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """Every measurement: its column, what it is, its estimator, and how wrong that is known to be.

    Args:
        features: slot -> name of the estimator.
        measured_by: column -> slot and name of the estimator.
        rate_sources: rows by what their rate came from; without it the recipe's estimator is named.
    """
    errors = errors_told(features, rate_sources)
    if rate_sources:
        came = ", ".join(f"rate: {source} ({rows} rows)" for source, rows in rate_sources.items())
        measured_by = {**measured_by, "rate_syllables_s": came}
    about = {one.name: one.about for one in (*MEASUREMENTS, *FURTHER)}
    further = [name for name in measured_by if name not in about and name not in NO_MEASUREMENT]
    about |= {name: f"a measurement of {measured_by[name]}" for name in further}
    return [
        {"name": name, "about": what, "by": measured_by[name], "errors": errors.get(name, [])}
        for name, what in about.items()
        if name in measured_by
    ]


def _measured_by(features: Mapping[str, str]) -> dict[str, str]:
    """Column -> the slot and name of the estimator that fills it."""
    return {
        column: f"{slot}: {name}"
        for slot, name in registry.slots(features).items()
        if name != "none"
        for column in registry.load(slot, name).writes
    }


def errors_told(features: Mapping[str, str], rate_sources: Mapping[str, int] | None = None) -> dict[str, list[str]]:
    """How wrong the recipe's estimators are known to be, by column, a sentence for each figure."""
    return {
        name: [f"{one.what}: {one.reached} ({one.data})" for one in errors]
        for name, errors in known_errors.by_column(features, rate_sources).items()
    }


def inert(value: Any) -> Any:
    """Texts of users and corpora on one line, in which no tag, link, table or code of Markdown begins."""
    if isinstance(value, str):
        line = "".join(c if c.isprintable() else " " for c in value).strip()
        return re.sub(r"([\\`*_\[\]<>|#~!&])", r"\\\1", line) if _risky(line) else line
    if isinstance(value, Mapping):
        return {inert(key): inert(below) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [inert(below) for below in value]
    return value


def _risky(line: str) -> bool:
    return re.search(r"[\\`*\[\]<>|~&]|^#|^!", line) is not None


def _edges(scale: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    return [
        {"name": name, "group": group, "measure": one["measure"], "unit": one["unit"], "words": one["words"], **found}
        for name, one in scale["descriptors"].items()
        for group, found in one["groups"].items()
    ]
