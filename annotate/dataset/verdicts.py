"""What people said of captions: the journal that the review page writes, and what a run makes of it.

``review.jsonl`` in the output has a line for each verdict, written at once and never changed; taking one back
is a line of its own. A verdict is on a caption as it read: where the caption has changed since, it says nothing.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, get_args

from annotate import documents
from annotate.descriptors.evidence import Senses
from annotate.engine.stage import Row
from annotate.errors import SemoError
from annotate.store import files, fingerprint

FILE = "review.jsonl"
UNDO = "undo"
WRITER = "review"
Kind = Literal["accept", "edit", "reject", "flag"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_NAME, LONGEST_CAPTION = 80, 2000


@dataclass(frozen=True)
class Verdict:
    """One verdict of one reviewer.

    Attributes:
        id: the row.
        reviewer: who.
        kind: ``accept``, ``edit``, ``reject``, or ``flag`` (look at it again; changes nothing).
        of: the caption that it is on, as ``mark`` names it.
        caption: the new wording of an ``edit``.
        when: UTC, to the second.
    """

    id: str
    reviewer: str
    kind: Kind
    of: str
    caption: str | None = None
    when: str = ""


Standing = Mapping[str, Sequence[Verdict]]


def mark(caption: str | None) -> str:
    """A short name of a caption's wording."""
    return hashlib.sha256((caption or "").encode()).hexdigest()[:16]


class VerdictJournal:
    """The verdicts on one output; safe to write from several threads, and beside other processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock = threading.Lock()

    def add(self, verdict: Verdict) -> Verdict:
        """Write a verdict down; it is on the disk when this returns."""
        timed = Verdict(**{**asdict(verdict), "when": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")})
        self._append({name: value for name, value in asdict(timed).items() if value is not None})
        return timed

    def undo(self, reviewer: str) -> Verdict | None:
        """Take the reviewer's latest verdict back; what they had said of the row before stands again."""
        with self._lock:
            verdicts = replayed(self.lines()).get(reviewer)
        if not verdicts:
            return None
        _, taken = verdicts[-1]
        self._append({UNDO: taken.id, "reviewer": reviewer})
        return taken

    def standing(self) -> Standing:
        """Each row's verdicts: of each reviewer the latest on each wording of its caption.

        They are in the order in which they were written down, which no clock that is wrong or set back changes.
        """
        latest: dict[str, dict[tuple[str, str], tuple[int, Verdict]]] = {}
        for reviewer, verdicts in replayed(self.lines()).items():
            for place, verdict in verdicts:
                latest.setdefault(verdict.id, {})[reviewer, verdict.of] = place, verdict
        return {
            name: [verdict for _, verdict in sorted(placed.values(), key=lambda pair: pair[0])]
            for name, placed in latest.items()
        }

    def lines(self) -> list[dict[str, Any]]:
        """The journal's lines; one that was cut off by a crash, or that a disk has damaged, is passed over."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SemoError(f"{self.path}: cannot be read: {error.strerror}") from None
        contents = []
        for line in text.splitlines():
            try:
                content = documents.parse_json(line)
            except ValueError:
                continue
            if isinstance(content, dict) and isinstance(content.get("reviewer"), str) and fingerprint.sealed(content):
                contents.append(content)
        return contents

    def _append(self, content: Mapping[str, Any]) -> None:
        with self._lock:
            files.append(self.path, json.dumps(fingerprint.seal(content), ensure_ascii=True))


def replayed(lines: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[int, Verdict]]]:
    """Each reviewer's verdicts with their lines, in order, those that were taken back left out."""
    verdicts: dict[str, list[tuple[int, Verdict]]] = {}
    for place, line in enumerate(lines):
        mine = verdicts.setdefault(line["reviewer"], [])
        if UNDO in line:
            if mine:
                mine.pop()
            continue
        try:
            verdict = Verdict(**{name: line.get(name) for name in Verdict.__dataclass_fields__})  # type: ignore[arg-type]
        except TypeError:
            continue
        texts = (verdict.id, verdict.of, verdict.caption or "", verdict.when or "")
        if verdict.kind in KINDS and all(isinstance(text, str) for text in texts):
            mine.append((place, verdict))
    return verdicts


def decided(verdicts: Iterable[Verdict]) -> tuple[Literal["keep", "edit", "reject"], str | None]:
    """What several reviewers together say of a caption, and the new wording of an edit.

    Verdicts are in the order in which they were given. The latest edit is taken where it has as many voices
    (accepting voices with it) as there are rejections; where at least as many reject as accept, the caption goes.
    Flags have no voice.
    """
    verdicts = list(verdicts)
    kinds = Counter(verdict.kind for verdict in verdicts)
    edits = [verdict for verdict in verdicts if verdict.kind == "edit" and verdict.caption]
    if edits and kinds["edit"] + kinds["accept"] >= kinds["reject"]:
        return "edit", edits[-1].caption
    if kinds["reject"] and kinds["reject"] >= kinds["accept"]:
        return "reject", None
    return "keep", None


@dataclass
class Review:
    """Applies the verdicts to finished rows, and counts what came of them.

    Attributes:
        standing: the verdicts.
        evidence: which words go with which emotion: what an edit may give as a reason.
        instead: the caption that takes the place of a rejected one, as columns of a row; None where there is none.
        counts: rows by what was done, for the summary.
    """

    standing: Standing
    evidence: Senses = field(default_factory=dict)
    instead: Callable[[Row], Row | None] = lambda row: None
    counts: Counter[str] = field(default_factory=Counter)

    def fingerprint(self) -> str:
        """Of what it depends on: the same verdicts change nothing."""
        counted = [[asdict(verdict) for verdict in verdicts] for _, verdicts in sorted(self.standing.items())]
        return fingerprint.of(counted) if counted else ""

    def __call__(self, row: Row) -> None:
        """Revise the caption of a row in place; what takes its place may have been judged in its turn."""
        left = list(self.standing.get(row["id"], ()))
        while left:
            current = mark(row["caption"])
            valid = [verdict for verdict in left if verdict.of == current]
            left = [verdict for verdict in left if verdict.of != current]
            if not valid:
                self.counts["on a caption that has changed since: not used"] += 1
                return
            self._apply(row, valid)
            if mark(row["caption"]) == current:
                return

    def _apply(self, row: Row, valid: Sequence[Verdict]) -> None:
        if any(verdict.kind == "flag" for verdict in valid):
            self.counts["flagged"] += 1
        what, wording = decided(valid)
        if what == "edit":
            self._edit(row, wording or "")
        elif what == "reject":
            self._reject(row)
        elif any(verdict.kind == "accept" for verdict in valid):
            self.counts["accepted"] += 1

    def _edit(self, row: Row, wording: str) -> None:
        from annotate.captions import publishable

        judgement = publishable.publishable(wording, row, self.evidence, strict=False)
        if publishable.refused(judgement):
            self.counts["edited, but the claim check refuses the wording: not used"] += 1
            return
        self.counts["edited: the reviewer's wording is published"] += 1
        row |= columns(wording, publishable.claims_json(judgement)) | {"caption_fault": None}

    def _reject(self, row: Row) -> None:
        other = self.instead(row)
        if other and other.get("caption") and mark(other["caption"]) != mark(row["caption"]):
            self.counts["rejected: replaced by the template's caption"] += 1
            row |= other
            return
        self.counts["rejected: left without a caption"] += 1
        row |= dict.fromkeys(name for name in row if name.startswith("caption"))


def columns(caption: str, claims: str) -> Row:
    """The caption columns of a reviewer's wording."""
    return {
        "caption": caption, "caption_writer": WRITER, "caption_model": None, "caption_prompt_hash": None,
        "caption_tries": 0, "caption_claims": claims,
    }  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """How far reviewers agree.

    Attributes:
        rows: captions that two or more have judged.
        same: of these, those on which all say the same.
        alpha: Krippendorff's alpha for nominal data; None where it is not defined.
    """

    rows: int
    same: int
    alpha: float | None


def agreement(standing: Standing) -> Agreement:
    """Over ``accept``, ``edit`` and ``reject``; a flag is no judgement.

    Krippendorff (2011), "Computing Krippendorff's alpha-reliability".
    """
    units: dict[tuple[str, str], dict[str, str]] = {}
    for verdicts in standing.values():
        for verdict in verdicts:
            if verdict.kind != "flag":
                units.setdefault((verdict.id, verdict.of), {})[verdict.reviewer] = verdict.kind
    several = [by for by in units.values() if len(by) > 1]
    same = sum(len(set(by.values())) == 1 for by in several)
    return Agreement(len(several), same, _alpha(several))


def _alpha(units: Sequence[Mapping[str, str]]) -> float | None:
    import krippendorff
    import numpy as np

    kinds = sorted({kind for by in units for kind in by.values()})
    if len(kinds) < 2:
        return None  # one value only: nothing that could disagree
    counts = np.array([[list(by.values()).count(kind) for kind in kinds] for by in units])
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))
