"""What the review page asks for: lists by filter, one clip, verdicts, agreement."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.dataset import verdicts
from annotate.dataset.verdicts import KINDS, LONGEST_CAPTION, LONGEST_NAME, Standing, Verdict, VerdictJournal
from annotate.report import picture
from annotate.report.review.clips import NEAR, ReviewedClip, ReviewedClips
from annotate.report.text import visible

PAGE = 50
SHOWS = ("doubtful", "open", "judged", "flagged", "disagreed", "all")


class Session:
    """An output under review; any number of reviewers, told apart by the name that they give."""

    def __init__(self, folder: Path) -> None:
        self.clips = ReviewedClips(folder)
        self.journal = VerdictJournal(folder)

    def state(self) -> dict[str, Any]:
        """Counts, and how far the reviewers agree."""
        standing = self.journal.standing()
        agreement = verdicts.agreement(standing)
        reviewers: dict[str, int] = {}
        for clip_verdicts in standing.values():
            for verdict in clip_verdicts:
                reviewers[visible(verdict.reviewer)] = reviewers.get(visible(verdict.reviewer), 0) + 1
        return {
            "name": self.clips.name,
            "axis": {"left": picture.LEFT, "width": picture.WIDTH},
            "clips": len(self.clips.all),
            "judged": sum(bool(self._now(clip, standing)) for clip in self.clips.all),
            "reviewers": reviewers,
            "agreement": {"captions": agreement.rows, "same": agreement.same, "alpha": agreement.alpha},
            "emotions": sorted({clip.facts["emotion"] for clip in self.clips.all if clip.facts["emotion"]}),
        }

    def clips_json(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """A page of the list: ``show`` (one of ``SHOWS``), ``emotion``, ``text``, ``reviewer``, ``start``."""
        standing = self.journal.standing()
        show = asked.get("show") if asked.get("show") in SHOWS else "doubtful"
        text, emotion = asked.get("text", "").casefold(), asked.get("emotion", "")
        numbers = [
            number
            for number, clip in enumerate(self.clips.all)
            if (not emotion or clip.facts["emotion"] == emotion)
            and (not text or text in " ".join(str(value) for value in clip.facts.values()).casefold())
            and self._belongs(clip, str(show), asked.get("reviewer", ""), standing)
        ]
        if show == "doubtful":
            numbers.sort(key=lambda number: self._review_priority(self.clips.all[number], standing), reverse=True)
        start = int(asked["start"]) if re.fullmatch(r"\d{1,9}", asked.get("start", ""), re.ASCII) else 0
        page = [self._entry(number, standing) for number in numbers[start : start + PAGE]]
        return {"total": len(numbers), "start": start, "clips": page, "order": numbers[:2000]}

    def _belongs(self, clip: ReviewedClip, show: str, reviewer: str, standing: Standing) -> bool:
        current = self._now(clip, standing)
        if show == "open":
            return not any(verdict.reviewer == reviewer for verdict in current)
        if show == "judged":
            return bool(current)
        if show == "flagged":
            return any(verdict.kind == "flag" for verdict in current)
        if show == "disagreed":
            return len({verdict.kind for verdict in current if verdict.kind != "flag"}) > 1
        return True

    def _review_priority(self, clip: ReviewedClip, standing: Standing) -> tuple[float, ...]:
        """Sort key, the most doubtful last: disagreement, a flag, a measurement near an edge, notes."""
        current = self._now(clip, standing)
        judged = {verdict.kind for verdict in current if verdict.kind != "flag"}
        settled = len(judged) == 1
        return (
            len(judged) > 1,
            any(verdict.kind == "flag" for verdict in current),
            not settled,
            clip.facts["caption"] is None,
            -clip.near if math.isfinite(clip.near) else -1e9,
            clip.notes,
        )

    def _entry(self, number: int, standing: Standing) -> dict[str, Any]:
        clip = self.clips.all[number]
        return {
            "number": number, **clip.facts, "near": clip.near < NEAR, "notes": clip.notes,
            "said": self._plain(self._now(clip, standing)),
        }  # fmt: skip

    def _now(self, clip: ReviewedClip, standing: Standing) -> list[Verdict]:
        """The verdicts on the caption as it reads now."""
        return [verdict for verdict in standing.get(clip.said, ()) if verdict.of == clip.of]

    def _plain(self, current: Sequence[Verdict]) -> list[dict[str, Any]]:
        return [
            {
                "reviewer": visible(verdict.reviewer),
                "kind": verdict.kind,
                "caption": verdict.caption and visible(verdict.caption),
            }
            for verdict in current
        ]

    def clip(self, number: int, reviewer: str) -> dict[str, Any]:
        """One clip; ``mine`` is what this reviewer has said of it."""
        standing = self.journal.standing()
        current = self._now(self.clips.all[number], standing)
        mine = next((verdict for verdict in current if verdict.reviewer == reviewer), None)
        return {
            **self.clips.shown(number),
            "near": self.clips.all[number].near < NEAR,
            "said": self._plain(current),
            "mine": self._plain([mine])[0] if mine else None,
        }

    def check(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A wording as it is being typed, held against the clip."""
        return self.clips.check(self._number(given), self._caption(given))

    def verdict(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Write a verdict down.

        Raises:
            ValueError: it is not one, its wording is refused by the claim check, or the caption has changed.
        """
        number, kind = self._number(given), given.get("kind")
        if kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(KINDS)}")
        clip = self.clips.all[number]
        if given.get("of") != clip.of:
            raise ValueError("the caption has changed since it was shown; load the page again")
        caption = None
        if kind == "edit":
            caption = " ".join(self._caption(given).split())
            checked = self.clips.check(number, caption)
            if checked["refused"]:
                raise ValueError(
                    "the claim check refuses this wording: " + ("; ".join(checked["faults"]) or "it is empty")
                )
        self.journal.add(Verdict(clip.said, self._reviewer(given), kind, clip.of, caption))
        return {"saved": True, "clip": self._entry(number, self.journal.standing())}

    def undo(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Take the reviewer's latest verdict back; ``number`` is the clip that it was on, where it is still there."""
        taken = self.journal.undo(self._reviewer(given))
        if taken is None:
            return {"undone": False, "number": None}
        number = next((place for place, clip in enumerate(self.clips.all) if clip.said == taken.id), None)
        return {"undone": True, "number": number, "kind": taken.kind}

    def _number(self, given: Mapping[str, Any]) -> int:
        number = given.get("number")
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(self.clips.all):
            raise ValueError("number: no such clip")
        return number

    def _caption(self, given: Mapping[str, Any]) -> str:
        caption = given.get("caption")
        if not isinstance(caption, str) or len(caption) > LONGEST_CAPTION:
            raise ValueError(f"caption: expected text of at most {LONGEST_CAPTION} characters")
        return visible(caption)

    def _reviewer(self, given: Mapping[str, Any]) -> str:
        name = given.get("reviewer")
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
            raise ValueError(f"reviewer: expected a name of at most {LONGEST_NAME} characters")
        return visible(" ".join(name.split()))
