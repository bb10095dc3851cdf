"""The data card: the data set's ``README.md``, with the metadata that the Hub and ``datasets`` read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from annotate import assets, documents
from annotate.captions import templates
from annotate.corpora import licences
from annotate.corpora.data_manifest import Manifest
from annotate.dataset import card_tables as tables
from annotate.dataset.build import Built
from annotate.descriptors import sufficiency
from annotate.errors import SemoError
from annotate.store import files, fingerprint

FACTS = Path("work") / "card.json"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
# of the facts, what earlier versions did not store
LATER: Mapping[str, Any] = {
    "sufficiency": None, "unseen": None, "sample": None, "reasons": [], "evidence_of": None, "columns": {},
    "attributes": [], "languages": [], "rate_sources": None,
}  # fmt: skip


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
    reasons: Counter[str],
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
        reasons: why rows were put aside, and how many for each reason.
        versions: of the libraries that decide the values.
        folder: the output folder.
    """
    speakers = {split: len(names) for split, names in sorted(built.speakers.items())}
    facts = {
        "corpus": corpus.model_dump(mode="json"),
        "name": name,
        "splits": built.splits,
        "scale": dict(scale),
        "sufficiency": sufficiency.sentence(evidence),
        "unseen": evidence.get("unseen"),
        "reasons": tables.reason_rows(evidence),
        "evidence_of": evidence.get("of"),
        "columns": built.columns,
        "attributes": list(built.attributes),
        "sample": built.sample,
        "languages": [language for language, _ in built.languages.most_common()],
        "recipe": dict(recipe),
        "measured_by": tables.measured_by(recipe["features"]),
        "rate_sources": dict(built.rate_sources.most_common()),
        "label_map": dict(label_map),
        "dropped": reasons.most_common(10),
        "lost": sum(reasons.values()),
        "versions": dict(versions),
        "speakers": {
            "by_split": speakers,
            "shared": len(built.shared_speakers),
            "unnamed": sum(built.unnamed.values()),
        },
        "captions": [
            {"writer": writer, "model": model, "tries": tries, "rows": rows}
            for (writer, model, tries), rows in sorted(built.captions.items(), key=lambda item: -item[1])
        ],
    }
    files.write_json(folder / FACTS, facts)
    carried = "features" if recipe["dataset"]["audio"] != "embed" else "audio"
    files.write_text(folder / "README.md", render(facts, carried, hashes, published=None))


def again(folder: Path, hashes: Mapping[str, str], publish: str, despite: str | None, repo: str | None = None) -> str:
    """The card of what is published of an output: ``publish`` as the licence rule has it, see ``hub.licence``."""
    try:
        facts = documents.read_json(folder / FACTS)
    except (OSError, ValueError):
        raise SemoError(f"{folder / FACTS}: cannot be read; run the recipe again to recreate it") from None
    carried = "features" if facts["recipe"]["dataset"]["audio"] != "embed" else publish
    return render(facts, carried, hashes, published=publish, despite=despite, repo=repo)


def render(
    facts: Mapping[str, Any],
    carried: str,
    hashes: Mapping[str, str],
    *,
    published: str | None,
    despite: str | None = None,
    repo: str | None = None,
) -> str:
    """The card as Markdown with its YAML head.

    Args:
        facts: what ``card`` stores.
        carried: ``audio`` where the recordings are in it, else ``features``.
        hashes: SHA-256 of the data files that it describes.
        published: what the licence rule let out; None for the card of the output itself.
        despite: what was published although the rule says otherwise.
        repo: the name on the Hub, where it has one.
    """
    corpus = Manifest.model_validate(facts["corpus"])
    rows = sum(facts["splits"].values())
    text = (assets.home("templates") / "card.md.jinja2").read_text(encoding="utf-8")
    known = {**LATER, **facts}
    measured = tables.measurements(known["recipe"]["features"], known["measured_by"], known["rate_sources"])
    names = [*(["audio"] if carried == "audio" and known["columns"] else []), *known["columns"]]
    shown = inert({name: value for name, value in known.items() if name != "corpus"})
    body = templates.compiled(text).render(
        **shown | {"sample": inert(tables.sample(known["sample"]))},
        corpus=inert(corpus.model_dump(mode="json")),
        rows=rows,
        published_counts=corpus.expected.under({**corpus.options, **facts["recipe"]["corpus"].get("options", {})}),
        edges=inert(tables.edges(known["scale"])),
        measured=measured,
        groups=tables.column_groups(names, known["attributes"], known["measured_by"]),
        carried=carried,
        published=published,
        despite=despite,
        repo=repo,
    )
    head = yaml.safe_dump(metadata(facts, corpus) | content(hashes), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n{body.strip()}\n"


def metadata(facts: Mapping[str, Any], corpus: Manifest) -> dict[str, Any]:
    """The head of the card, in the Hub's terms."""
    rows = sum(facts["splits"].values())
    licence = licences.metadata(corpus.licence.name, corpus.licence.url)
    head: dict[str, Any] = {"pretty_name": f"{corpus.title}: emotion labels with captions", **licence}
    languages = facts.get("languages") or ([corpus.language] if corpus.language else [])
    if languages:
        head["language"] = languages
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
    return {
        "dataset_info": {"config_name": "default", "description": f"content hash {fingerprint.of(dict(hashes))[:16]}"}
    }


def restamped(text: str, hashes: Mapping[str, str]) -> str:
    """A card, for other data files than those that it was written for."""
    description = content(hashes)["dataset_info"]["description"]
    return re.sub(
        r"^  description: content (?:hash )?[0-9a-f]{16}$",
        f"  description: {description}",
        text,
        count=1,
        flags=re.MULTILINE,
    )


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
