"""What spoils a corpus, as data; the sentences are made from it by ``warnings.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.corpora import licences
from annotate.corpora.walk import SHOWN, Survey

AMBIGUOUS = ("[", "]", "*", "?", "::")


@cache
def sentences() -> dict[str, str]:
    """The sentence of each kind."""
    content: dict[str, str] = documents.packaged_yaml(Path(__file__).with_suffix(".yaml"))
    return content


@dataclass(frozen=True)
class CorpusWarning:
    """One thing that spoils a corpus: its kind, and the facts of its sentence."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """What a person reads."""
        return sentences()[self.kind].format(**self.facts)

    def plain(self) -> dict[str, Any]:
        """The warning as ``summary.json`` holds it."""
        return {"kind": self.kind, **self.facts, "sentence": self.sentence()}


def of_survey(survey: Survey, rows: int | None = None) -> Iterator[CorpusWarning]:
    """What a walk of the root has passed over.

    Args:
        survey: of the walk.
        rows: distinct files that rows name; None where that is not known.
    """
    if survey.hidden:
        yield CorpusWarning("hidden", {"count": sum(survey.hidden.values()), "names": _names(survey.hidden)})
    if survey.links:
        facts = {"count": len(survey.links), "names": _names(survey.links), "recordings": sum(survey.links.values())}
        yield CorpusWarning("links", facts)
    if survey.endings:
        yield CorpusWarning("endings", {"count": sum(survey.endings.values()), "names": _names(survey.endings)})
    if rows is not None and survey.recordings > rows:
        yield CorpusWarning("unnamed", {"count": survey.recordings - rows})


def of_repeats(repeats: Mapping[str, Any]) -> Iterator[CorpusWarning]:
    """Recordings that several rows have, as ``annotate.features.repeats`` finds them."""
    counts = repeats.get("counts") or {}
    if not counts.get("recordings"):
        return
    yield CorpusWarning("repeated", {"recordings": counts["recordings"], "rows": counts["rows"]})
    for kind in ("splits", "labels", "texts"):
        if counts[kind]:
            yield CorpusWarning(f"repeated_{kind}", {"count": counts[kind]})
    for first, second, count in repeats["speakers"][:1]:
        yield CorpusWarning("two_names", {"first": first, "second": second, "count": count})


def of_output(folder: Path) -> Iterator[CorpusWarning]:
    """A folder that ``datasets`` takes for a pattern of names, or for an address within an archive."""
    marks = [mark for mark in AMBIGUOUS if mark in str(folder.absolute())]
    if marks:
        yield CorpusWarning("output", {"folder": str(folder), "found": " ".join(marks)})


def of_languages(counts: Mapping[str, int], by: str) -> Iterator[CorpusWarning]:
    """Languages whose clips are judged by the same edges; ``by`` is whose edges a scale has."""
    if len(counts) > 1 and by != "speaker":
        yield CorpusWarning("one_scale", {"count": len(counts), "names": _names(counts)})


def of_splits(counts: Mapping[str, int], split: str, fold: int) -> Iterator[CorpusWarning]:
    """A training split without a clip; counts are of each split's clips."""
    if counts and not counts.get("train"):
        facts = {"split": split, "fold": fold, "splits": _names(counts)}
        yield CorpusWarning("untrained", facts)


def of_licence(name: str, url: str | None) -> Iterator[CorpusWarning]:
    """A licence that may be known to the Hub, but not by the name that the manifest gives it."""
    meant = licences.possible_identifiers(name, url)
    if meant:
        yield CorpusWarning("licence", {"name": name, "slug": licences.slug(name), "meant": meant})


def _names(counts: Mapping[str, int]) -> str:
    shown = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1])[:SHOWN]]
    return ", ".join(shown) + (", ..." if len(counts) > SHOWN else "")
