"""``semo-annotate check``: what is in a corpus, held against what its manifest expects.

It streams: what is kept is how often each combination of label, speaker, sex, session, split and reason
occurs, and the first few ids of each reason.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from annotate.corpora import copies, corpus_rows, expected_counts, label_and_split, locator, splits, walk, warnings
from annotate.corpora import data_manifest as manifests
from annotate.corpora import labels as label_sets
from annotate.corpora.data_manifest import Expected, Manifest, RandomRule
from annotate.corpora.recording_path import MEDIA_ENDINGS
from annotate.corpora.warnings import CorpusWarning
from annotate.errors import SemoError
from annotate.settings import Recipe

NEEDS_AV = "a format that PyAV reads: pip install 'semo-annotate[av]', or convert it"
SHOWN = 5  # ids shown of each reason
LISTED = 40  # values listed of each kind: a corpus may have thousands of speakers

SAMPLED = 40  # recordings of the sample: at about a tenth of a second each, a few seconds
SAMPLE = ("path", "audio_bytes", "audio_mtime_ns", "language", "transcript_given", "measured_given", "drop_corpus")

# what a note says of its single row: quoted, in brackets, or a number
SINGLE = re.compile(r"'[^']*'|\[[^\]]*\](?: \[[^\]]*\])*|-?\b\d[\d.,]*")
# what a row is counted by; "bucket" is the split of a rule that goes by the id
KEYS = ("emotion_original", "speaker", "gender_given", "session", "split_given", "drop_corpus", "bucket")


@dataclass
class CorpusCheck:
    """What a corpus holds.

    Attributes:
        counts: what was counted -> value -> rows. ``label``, ``mapped`` (the label in the label set),
            ``speaker``, ``gender``, ``session`` and ``given`` (the corpus's own split) count every row that is
            no repeat; ``emotion`` and ``split`` only those that a run would use.
        aside: reason -> rows put aside for it.
        shown: reason -> the first few of their ids.
        sample: rows whose recordings a closer look may measure: those with the least digests of their ids.
        sampled, sample_warnings: how many of them were measured, and what that warns of.
        candidates: what may be copies of recordings.
        placing: what places a row in a split.
    """

    manifest: Manifest
    expected: Expected
    label_set: str
    rows: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    aside: Counter[str] = field(default_factory=Counter)
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    notes: Counter[str] = field(default_factory=Counter)
    conflicts: tuple[str, ...] = ()
    warnings: list[CorpusWarning] = field(default_factory=list)
    split_problem: str | None = None
    sample: list[dict[str, Any]] = field(default_factory=list)
    sampled: int = 0
    sample_warnings: list[CorpusWarning] = field(default_factory=list)
    candidates: copies.Candidates | None = None
    placing: label_and_split.Select | None = None

    @property
    def usable(self) -> bool:
        """Whether a run would have rows to work on."""
        return self.split_problem is None and bool(self.counts["split"])

    def differences(self) -> list[str]:
        """Where the counts differ from the expected ones."""
        return expected_counts.differing(self.expected, self.rows, self.counts, self.label_set)

    def text(self) -> str:
        """The report, as a person reads it."""
        repeats = self.aside[corpus_rows.REPEATS]
        lines = [self.manifest.title, f"rows: {self.rows}" + (f", and {repeats} repeats" if repeats else "")]
        for what in ("label", "emotion", "gender", "session", "split", "speaker"):
            lines += [f"{what}: {_listed(self.counts[what])}"] if self.counts[what] else []
        for reason, count in self.aside.most_common(LISTED):
            more = ", ..." if count > SHOWN else ""
            lines.append(f"left out: {count} x {reason} ({', '.join(self.shown[reason])}{more})")
        if len(self.aside) > LISTED:
            rest = sum(self.aside.values()) - sum(count for _, count in self.aside.most_common(LISTED))
            lines.append(f"left out: {rest} for {len(self.aside) - LISTED} further reasons")
        lines += [f"note: {count} x {note}" for note, count in self.notes.most_common(LISTED)]
        lines += [f"conflict: speaker {speaker} is given two genders" for speaker in self.conflicts]
        lines += [f"warning: {warning.sentence()}" for warning in self.warnings]
        if self.sampled:
            lines.append(f"measured: a sample of {self.sampled} recordings, for levels, rates, clipping and silence")
        lines += [f"warning, from the sample: {warning.sentence()}" for warning in self.sample_warnings]
        if self.split_problem:
            lines.append(f"split: {self.split_problem}")
        differences = self.differences()
        if differences:
            lines += [f"differs: {difference}" for difference in differences]
            lines += [f"note: {self.expected.note}"] if self.expected.note else []
        elif self.expected.rows is not None:
            aside = sum(self.aside.values()) - repeats
            lines.append("all counts are as expected" + (f", but {aside} rows are left out" if aside else ""))
        return "\n".join(lines)


def check(recipe: Recipe) -> CorpusCheck:
    """Read the corpus of a recipe and count; opens every recording's header, decodes nothing, writes nothing."""
    chosen = recipe.corpus
    manifest = manifests.load(chosen.manifest)
    labels, label_set = manifest.label_set(chosen.labels), label_sets.name_of(chosen.labels)
    rule = manifest.split_rule(chosen.split)
    reader, request = corpus_rows.request_of(manifest, chosen.root, chosen.options)
    result = CorpusCheck(manifest, manifest.expected.under(request.options), label_set)
    by_id = isinstance(rule, RandomRule) or rule.rule == "emobox"
    plan = splits.resolve(manifest, chosen.split, chosen.fold, {}, {}, chosen.options) if by_id else None
    groups = corpus_rows.Groups()
    tally: Counter[tuple[str | None, ...]] = Counter()
    aside, sample, candidates = _Aside(result, labels, label_set), _Sample(), copies.Candidates(request.root)
    files: set[int] = set()
    for row in corpus_rows.checked(manifest, reader, request):
        row["drop_corpus"] = row["drop_corpus"] or unreadable(request.root / row["path"])
        row["bucket"] = plan.split(row["id"]) if plan else None
        groups.note(row)
        if row["audio_bytes"] is not None:
            files.add(hash(locator.part(row["path"])[0]))
        tally[tuple(row[key] for key in KEYS)] += 1
        aside.show(row)
        sample.offer(row)
        if not row["drop_corpus"]:
            candidates.note(row)
    result.sample, result.candidates = sample.rows(), candidates
    result.conflicts = tuple(groups.conflicts)
    result.warnings = [
        *warnings.of_output(recipe.output),
        *warnings.of_licence(manifest.licence.name, manifest.licence.url),
        *warnings.of_survey(walk.survey(request.root), len(files)),
    ]
    if plan is None:
        plan, problem = _resolved(recipe, manifest, groups)
        nothing = all(key[KEYS.index("drop_corpus")] for key in tally)
        result.split_problem = "no row is left to split, see above" if problem and nothing else problem
    result.placing = label_and_split.Select(labels, label_set, plan)
    _count(tally, result.placing, result)
    if recipe.descriptors.fit == "train" and not recipe.descriptors.scale:
        result.warnings += warnings.of_splits(result.counts["split"], chosen.split, chosen.fold)
    return result


def _resolved(recipe: Recipe, manifest: Manifest, groups: corpus_rows.Groups) -> tuple[splits.SplitPlan, str | None]:
    """The splits of a rule that goes by speakers or sessions, or one split and why there are no others."""
    chosen = recipe.corpus
    sessions = {session: list(members) for session, members in groups.sessions.items()}
    try:
        plan = splits.resolve(manifest, chosen.split, chosen.fold, groups.speakers, sessions, chosen.options)
    except SemoError as error:
        return splits.SplitPlan("id", {}, 1, 1), str(error)
    return plan, None


def unreadable(path: Path) -> str | None:
    """Why the header of a recording cannot be read, or None."""
    import soundfile

    path = Path(locator.part(str(path))[0])
    try:
        if locator.parse(str(path)):
            with locator.opened(path) as file, soundfile.SoundFile(file):
                return None
        # by its name, which is much faster than through a Python file
        with soundfile.SoundFile(str(path)):
            return None
    except OSError as error:
        return f"unreadable: {error.strerror or error}"
    except (soundfile.LibsndfileError, RuntimeError):
        if path.suffix.lower() in MEDIA_ENDINGS and os.access(path, os.R_OK):
            return None if find_spec("av") else NEEDS_AV  # a run that can read it says what it holds
        allowed = locator.parse(str(path)) or os.access(path, os.R_OK)
        return "unreadable: not audio that can be decoded" if allowed else "unreadable: Permission denied"


class _Sample:
    """Keeps the readable rows with the least digests of their ids: the same ones however the corpus is read."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str, dict[str, Any]]] = []  # a heap, the greatest digest first

    def offer(self, row: Mapping[str, Any]) -> None:
        if row["drop_corpus"]:
            return
        digest = int.from_bytes(hashlib.blake2b(row["id"].encode(), digest_size=8).digest(), "big")
        if len(self.kept) == SAMPLED and -digest <= self.kept[0][0]:
            return
        entry = (-digest, row["id"], {**{name: row[name] for name in SAMPLE}, "drop_select": None})
        if len(self.kept) < SAMPLED:
            heapq.heappush(self.kept, entry)
        else:
            heapq.heapreplace(self.kept, entry)

    def rows(self) -> list[dict[str, Any]]:
        """The rows by id."""
        return [row for _, _, row in sorted(self.kept, key=lambda entry: entry[1])]


class _Aside:
    """Keeps the first ids of each reason, and counts notes by their kind, as rows go by."""

    def __init__(self, result: CorpusCheck, labels: label_sets.Labels, label_set: str) -> None:
        self.result = result
        # the split is not known yet: a row that it does not place is shown without ids
        self.chosen = label_and_split.Select(labels, label_set, splits.SplitPlan("id", {}, 1, 1))

    def show(self, row: Mapping[str, Any]) -> None:
        reason = row["drop_corpus"] or self.chosen.compute_row(dict(row))["drop_select"]
        if reason and len(self.result.shown[reason]) < SHOWN:
            self.result.shown[reason].append(row["id"])
        self.result.notes.update(SINGLE.sub("...", note) for note in row["notes_corpus"])


def _count(tally: Mapping[tuple[str | None, ...], int], chosen: label_and_split.Select, result: CorpusCheck) -> None:
    for values, rows in tally.items():
        row: dict[str, Any] = dict(zip(KEYS, values, strict=True))
        if row["drop_corpus"] == corpus_rows.REPEATS:
            result.aside[corpus_rows.REPEATS] += rows
            continue
        result.rows += rows
        result.counts["label"][row["emotion_original"] or "(none)"] += rows
        result.counts["given"][row["split_given"] or "(none)"] += rows
        for what, key in (("speaker", "speaker"), ("gender", "gender_given"), ("session", "session")):
            if row[key] is not None:
                result.counts[what][row[key]] += rows
        result.counts["mapped"][chosen.emotion(row["emotion_original"])[0] or "(none)"] += rows
        placed = _placed({**row, "drop_corpus": None}, chosen)
        reason = row["drop_corpus"] or placed["drop_select"]
        if reason:
            result.aside[reason] += rows
            continue
        result.counts["emotion"][placed["emotion"] or "(none)"] += rows
        result.counts["split"][placed["split"]] += rows


def _placed(row: Mapping[str, Any], chosen: label_and_split.Select) -> dict[str, Any]:
    """Emotion and split; where the rule goes by the id, the split was looked up when the row went by."""
    if row["bucket"] is not None:
        known = splits.SplitPlan("id", {"": row["bucket"]}, 1, 1)
        return label_and_split.Select(chosen.labels, chosen.label_set, known).compute_row({**row, "id": ""})
    return chosen.compute_row({**row, "id": None})


def _listed(counts: Counter[str]) -> str:
    shown = sorted(counts.items()) if len(counts) <= LISTED else sorted(counts.most_common(LISTED))
    more = f" and {len(counts) - LISTED} more" if len(counts) > LISTED else ""
    return ", ".join(f"{name} {count}" for name, count in shown) + more
