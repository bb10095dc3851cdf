"""``semo-annotate check``: what is in a corpus, held against what its manifest expects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.corpora import manifest as manifests
from annotate.corpora import read, select, splits
from annotate.corpora.manifest import Manifest
from annotate.settings import Recipe

SHOWN = 5


@dataclass
class Found:
    """What a corpus holds.

    Attributes:
        counts: what was counted (``emotion``, ``speaker``, ``gender``, ``session``, ``split``) -> value -> rows.
        aside: reason -> ids of the rows put aside for it.
    """

    manifest: Manifest
    rows: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    aside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    conflicts: tuple[str, ...] = ()
    split_problem: str | None = None

    @property
    def usable(self) -> bool:
        """Whether a run would have rows to work on."""
        return self.split_problem is None and bool(self.counts["split"])

    def differences(self) -> list[str]:
        """Where the counts differ from the expected ones."""
        expected = self.manifest.expected
        pairs: list[tuple[str, int, int]] = []
        if expected.rows is not None:
            pairs.append(("rows", expected.rows, self.rows))
        if expected.speakers is not None:
            pairs.append(("speakers", expected.speakers, len(self.counts["speaker"])))
        for what, wanted in (
            ("label", expected.emotions),
            ("gender", expected.genders),
            ("session", expected.sessions),
        ):
            pairs += [(f"{what} {name}", count, self.counts[what][name]) for name, count in wanted.items()]
        return [f"{name}: {found} found, {wanted} expected" for name, wanted, found in pairs if wanted != found]

    def text(self) -> str:
        """The report, as a person reads it."""
        lines = [f"{self.manifest.title}", f"rows: {self.rows}"]
        for what in ("label", "emotion", "gender", "session", "split", "speaker"):
            lines += [f"{what}: {_listed(self.counts[what])}"] if self.counts[what] else []
        for reason, ids in sorted(self.aside.items(), key=lambda item: -len(item[1])):
            more = ", ..." if len(ids) > SHOWN else ""
            lines.append(f"put aside: {len(ids)} x {reason} ({', '.join(ids[:SHOWN])}{more})")
        lines += [f"conflict: speaker {speaker} is given two genders" for speaker in self.conflicts]
        if self.split_problem:
            lines.append(f"split: {self.split_problem}")
        differences = self.differences()
        if differences:
            lines += [f"differs: {difference}" for difference in differences]
            lines += [f"note: {self.manifest.expected.note}"] if self.manifest.expected.note else []
        elif self.manifest.expected.rows is not None:
            lines.append("all counts are as expected")
        return "\n".join(lines)


def check(recipe: Recipe) -> Found:
    """Read the corpus of a recipe and count; decodes nothing and writes nothing."""
    manifest = manifests.load(recipe.corpus.manifest)
    labels = manifest.label_set(recipe.corpus.labels)
    manifest.split_rule(recipe.corpus.split)
    reader, request = read.request_of(manifest, recipe.corpus.root, recipe.corpus.options)
    rows = list(read.checked(manifest, reader, request))
    speakers, sessions, conflicts = read.groups(rows)
    found = Found(manifest, rows=len(rows), conflicts=tuple(conflicts))
    try:
        plan = splits.resolve(manifest, recipe.corpus.split, recipe.corpus.fold, speakers, sessions)
    except Exception as error:
        found.split_problem = str(error)
        plan = splits.Plan("id", {}, 1, 1)
    _count(rows, select.Select(labels, recipe.corpus.labels, plan), found)
    return found


def _count(rows: Iterable[Mapping[str, Any]], chosen: select.Select, found: Found) -> None:
    for row in rows:
        found.counts["label"][row["emotion_original"] or "(none)"] += 1
        placed = chosen.one(dict(row))
        reason = row["drop_corpus"] or placed["drop_select"]
        if reason:
            found.aside[reason].append(row["id"])
            continue
        for what, value in (("speaker", row["speaker"]), ("gender", row["gender_given"]), ("session", row["session"])):
            if value is not None:
                found.counts[what][value] += 1
        found.counts["emotion"][placed["emotion"] or "(none)"] += 1
        found.counts["split"][placed["split"]] += 1


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
