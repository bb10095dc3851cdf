"""Captions in free sentences, from a template: varied by a hash of the row's id, true by construction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotate.captions import templates
from annotate.engine.stage import Part, Row, Stage
from annotate.store.schema import CAPTIONS

FACTS = ("emotion", "intensity", "gender", "pitch", "speed", "volume", "transcript")


@dataclass(frozen=True)
class Captions:
    """``compute`` of the stage."""

    template: str
    where: str
    style: str

    def __call__(self, rows: list[Row], wanted: Sequence[str]) -> dict[str, list[Row]]:
        """One row of this part's columns per row given."""
        return {"captions": [self.one(row) for row in rows]}

    def one(self, row: Row) -> Row:
        """The caption of a row; none for a row that was put aside, or of which nothing is known."""
        if row["split"] is None or row["drop_audio"]:
            return {}
        facts: dict[str, Any] = {name: row[name] for name in FACTS}
        facts["transcript"] = templates.quoted(facts["transcript"])
        pick = templates.picker(row["id"])
        text = templates.render(self.template, self.where, **facts, style=self.style, pick=pick)
        if not text:
            return {}
        claims = {name: facts[name] for name in ("emotion", "gender", "pitch", "speed", "volume") if facts[name]}
        return {
            "caption": text,
            "caption_writer": "template",
            "caption_tries": 0,
            "caption_claims": json.dumps(claims, ensure_ascii=False, sort_keys=True),
        }


def stage(name: str, style: str) -> Stage:
    """The caption stage for a template and a style."""
    text = templates.source("captions", name)
    part = Part(
        name="captions",
        version="1",
        reads=("id", "split", "drop_audio", *FACTS),
        writes=tuple(column.name for column in CAPTIONS),
        settings={"template": text, "style": style},
    )
    return Stage("captions", (part,), Captions(text, name, style))
