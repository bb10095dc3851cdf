"""The review stage: captions as reviewers left them, beside those that were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.dataset.verdicts import Review, Standing, VerdictJournal
from annotate.engine.stage import Part, Row, Stage
from annotate.store.columns import DROPS, NOTES, PUBLISHED, REPLIES, REVIEW_OUTCOMES, reviewed_column
from annotate.store.schema import Schema

if TYPE_CHECKING:
    from annotate.captions.captions import Captions

PART = "review"
VERSION = "1"


def standing(output: Path) -> Standing:
    """The verdicts that stand on the captions of an output."""
    return VerdictJournal(output).standing()


@dataclass(frozen=True)
class Reviewing:
    """``compute`` of the stage."""

    verdicts: Standing
    template: Captions

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {PART: [self.compute_row(row) for row in rows]}

    def compute_row(self, row: Row) -> Row:
        """The caption columns of a row after its review, and what was done; none for a row that is put aside."""
        if any(row[drop] for drop in DROPS):
            return {}
        review = Review(self.verdicts, self.template.evidence.senses, self.template.compute_row)
        revised = {**row}
        review(revised)
        published = {reviewed_column(name): revised[name] for name in PUBLISHED}
        return {**published, REVIEW_OUTCOMES: list(review.counts.elements())}


def stage(verdicts: Standing, template: Captions, schema: Schema) -> Stage:
    """The stage for the verdicts that stand.

    Args:
        verdicts: by row, in the order in which they were given.
        template: makes the caption that takes the place of a rejected one.
        schema: the columns of the rows.
    """
    # all that a reviewer's wording may speak of; the recipe's own stages come after the review
    unseen = {column.name for column in (*NOTES, *REPLIES, *schema.of_stages)}
    shown = [column.name for column in schema.row if column.name not in unseen]
    part = Part(
        name=PART,
        version=VERSION,
        reads=tuple(dict.fromkeys((*shown, *PUBLISHED, "hedged", *DROPS))),
        writes=(*map(reviewed_column, PUBLISHED), REVIEW_OUTCOMES),
        settings={"verdicts": Review(verdicts).fingerprint(), "template": template.template, "style": template.style},
    )
    return Stage(PART, (part,), Reviewing(verdicts, template), light=True)
