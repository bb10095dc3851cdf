"""``semo-annotate verify``: every caption of a data set read back and judged, a line for each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotate.captions.caption_rows import Row
from annotate.captions.reading.claim import FACTS
from annotate.captions.reading.judge import VERDICTS, Judgement, check, value
from annotate.store import files


@dataclass
class Tally:
    """What a verification found.

    Attributes:
        verdicts: how many captions of each verdict.
        rows: rows read.
        empty: rows without a caption, which are not judged.
        unread: values of descriptors that say none of ours, with their counts.
        agreement: where the data set carries verdicts: (stated, found) -> count.
        claims: (what it is about, ``holds``, ``false``, ``unknown`` where nothing in the row can tell, or ``untold``
            where the row knows it and the caption does not say) -> count.
        unsupported: of the captions labelled unsupported, those in which an unsupported claim was found.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    empty: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    agreement: Counter[tuple[str, str]] = field(default_factory=Counter)
    unsupported: int = 0
    claims: Counter[tuple[str, str]] = field(default_factory=Counter)

    def about(self) -> list[str]:
        """What claims were made of, the five facts first."""
        subjects = {name for name, _ in self.claims}
        return [*(name for name in FACTS if name in subjects), *sorted(subjects - set(FACTS))]

    def count(self, judged: Judgement) -> None:
        """Count a caption's claims by what came of them, and the facts of the row that it does not tell."""
        for held in judged.held:
            if held.claim.about not in ("reason", "form"):
                self.claims[held.claim.about, {True: "holds", False: "false", None: "unknown"}[held.holds]] += 1
        for name in judged.missing:
            self.claims[name, "untold"] += 1

    def stated(self, *verdicts: str) -> int:
        """How many rows carry one of these verdicts already."""
        return sum(count for (stated, _), count in self.agreement.items() if stated in verdicts)

    def contradictions_found(self) -> int:
        """Of the captions labelled a contradiction, those found to be one."""
        return self.agreement["contradiction", "contradiction"]

    def false_alarms(self) -> int:
        """Captions labelled ok or missing of which a contradiction or an unsupported claim was said."""
        return sum(self.agreement[good, bad] for good in ("ok", "missing") for bad in ("contradiction", "unsupported"))


def verify(rows: Iterable[Row], tally: Tally, strict: bool = False, energy: bool = False) -> Iterator[dict[str, Any]]:
    """A line per caption: ``id``, ``verdict``, ``claims`` (each with what it was held against), ``missing``."""
    for row in rows:
        tally.rows += 1
        caption = row.get("caption")
        if not isinstance(caption, str) or not caption.strip():
            tally.empty += 1
            continue
        for name in FACTS:
            if row.get(name) not in (None, "") and value(name, row[name]) is None:
                tally.unread[f"{name}={str(row[name])[:30]}"] += 1
        judged = check(caption, _facts(row), strict=strict, energy=energy)
        tally.verdicts[judged.verdict] += 1
        tally.count(judged)
        stated = row.get("verdict")
        if stated in VERDICTS:
            tally.agreement[stated, judged.verdict] += 1
            doubtful = any(held.holds is None and held.claim.about not in ("reason", "words") for held in judged.held)
            tally.unsupported += stated == "unsupported" and (
                judged.verdict == "unsupported" or (judged.verdict == "contradiction" and doubtful)
            )
        claims = [held.plain() for held in judged.held]
        yield {"id": row["id"], "verdict": judged.verdict, "claims": claims, "missing": list(judged.missing)}


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(row)
    transcript = facts.get("transcript")
    if transcript is not None and not isinstance(transcript, str):
        facts["transcript"] = str(transcript)
    return facts


def write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """The lines as JSONL, whole or not at all."""

    def fill(temporary: Path) -> None:
        with open(temporary, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    files.write(path, fill)
