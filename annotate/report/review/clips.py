"""The clips that a reviewer goes through: a light index of all rows, and one whole row at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.captions import publishable
from annotate.dataset.hub.prepare import read_manifest
from annotate.dataset.verdicts import mark
from annotate.descriptors import evidence as evidences
from annotate.errors import SemoError
from annotate.report import evidence, examples
from annotate.report.numbers import MEASURES, NumberSource
from annotate.report.text import figure, unit, visible
from annotate.store.schema import COLUMNS

SHOWN = ("id", "emotion", "gender", "speaker", "split", "caption")
# of the width of the middle word: nearer to an edge than this, and the neighbouring word is as likely
NEAR = 0.15


@dataclass(frozen=True)
class ReviewedClip:
    """A row in the list.

    Attributes:
        path, index: where the whole row is.
        facts: ``SHOWN``, texts made visible.
        of: name of its caption's wording.
        near: how near the nearest measurement is to an edge, in widths of the middle word; infinite without one.
        notes: how many notes it has.
        said: its id as the data set has it.
    """

    path: Path
    index: int
    facts: Mapping[str, str | None]
    of: str
    near: float
    notes: int
    said: str


class ReviewedClips:
    """All clips of a finished output, by number."""

    def __init__(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        self.scale: dict[str, Any] = _scale(folder / "scale.json")
        self.evidence = evidences.senses(evidences.load(folder / "evidence.json"))
        chosen = documents.read_yaml(folder / "recipe.yaml").get("features")
        if not isinstance(chosen, dict) or not isinstance(chosen.get("pitch"), str):
            raise SemoError(f"{folder / 'recipe.yaml'}: does not say how pitch was measured")
        self.name = visible(manifest["name"])
        self.pitch = chosen["pitch"]
        self.source = NumberSource.of(folder, manifest["label"]["names"])
        self.all = self._index()

    def _index(self) -> list[ReviewedClip]:
        made = self.scale["descriptors"]
        wanted = [
            *SHOWN,
            "notes",
            *(f"{name}_scale" for name in made),
            *(descriptor["measure"] for descriptor in made.values()),
        ]
        clips = []
        for piece in self.source.pieces(wanted):
            for place, row in enumerate(piece.table.to_pylist()):
                facts = {name: None if row.get(name) is None else visible(row[name]) for name in SHOWN}
                nearest = nearness(row, self.scale)
                notes = len(row.get("notes") or ())
                name = str(row["id"])
                clips.append(
                    ReviewedClip(piece.path, piece.start + place, facts, mark(row["caption"]), nearest, notes, name)
                )
        return clips

    @lru_cache(maxsize=16)  # noqa: B019 - one object lives as long as the server
    def row(self, number: int) -> dict[str, Any]:
        """The whole row, its recording too."""
        clip = self.all[number]
        return self.source.row(clip.path, clip.index)

    def recording(self, number: int) -> tuple[str, bytes] | None:
        """Media type and bytes of a clip's recording; None where the data set carries none."""
        audio = self.row(number).get("audio")
        held = audio.get("bytes") if isinstance(audio, dict) else None
        return (examples.kind_of(held), held) if held else None

    def curves(self, number: int) -> str | None:
        """The picture of a clip: spectrogram, pitch and level on one time axis, as SVG."""
        recording = self.recording(number)
        if recording is None:
            return None
        drawn = examples.picture_of(
            recording[1], self.row(number), self.scale, self.pitch, f"clip-{number}", level=True
        )
        return None if drawn is None else str(drawn)

    def shown(self, number: int) -> dict[str, Any]:
        """What the page shows of a clip: its caption's claims, its numbers, its notes."""
        row = self.row(number)
        clip = self.all[number]
        return {
            **clip.facts,
            "number": number,
            "of": clip.of,
            "transcript": visible(row["transcript"]) if row.get("transcript") else None,
            "emotion_original": visible(row["emotion_original"]) if row.get("emotion_original") else None,
            "caption_writer": visible(row.get("caption_writer") or ""),
            "duration": row.get("duration"),
            "recording": self.recording(number) is not None,
            "notes": [visible(note) for note in row.get("notes") or ()],
            "numbers": self._numbers(row),
            "check": self.check(number, row.get("caption") or ""),
        }

    def check(self, number: int, caption: str) -> dict[str, Any]:
        """A wording held against the row: the verdict, and the claims with their place and what they rest on."""
        row = {**self.row(number), "caption": caption}
        if not caption.strip():
            return {"verdict": "empty", "refused": True, "spans": [], "claims": [], "faults": [], "missing": []}
        outcome = publishable.publishable(caption, row, self.evidence, strict=False)
        spans, claims = evidence.marked(row, self.scale)
        return {
            "verdict": outcome.verdict,
            "refused": publishable.refused(outcome),
            "spans": [{"text": span.text, "number": span.number, "claim": span.claim} for span in spans],
            "claims": [
                {"claim": claim.claim, "word": claim.word, "because": visible(claim.because), "holds": claim.holds}
                for claim in claims
            ],
            "faults": publishable.faults_of(outcome) if outcome.faults else [],
            "missing": list(outcome.missing),
        }

    def _numbers(self, row: Mapping[str, Any]) -> list[dict[str, str]]:
        made = {descriptor["measure"]: name for name, descriptor in self.scale["descriptors"].items()}
        numbers = []
        for name in [*made, *(name for name in MEASURES if name not in made)]:
            if row.get(name) is None:
                continue
            word = made.get(name)
            rests = ""
            if word:  # the page has the measurement's name and value beside it
                placed = evidence.between(row, word, self.scale)
                rests = f"{placed[0]} ({placed[1]})" if placed else evidence.because(row, word, self.scale)
            about = COLUMNS[name].about if name in COLUMNS else name
            numbers.append({
                "name": name, "about": about, "value": f"{figure(row[name])} {unit(name)}".strip(),
                "word": str(row.get(word) or "") if word else "", "because": visible(rests),
            })  # fmt: skip
        return numbers


def _scale(path: Path) -> dict[str, Any]:
    """The scale of a finished output, whatever its attributes are.

    Raises:
        SemoError: it cannot be read, or is something else.
    """
    try:
        scale = dict(documents.read_json(path))
        for made in scale["descriptors"].values():
            for group in made["groups"].values():
                edges = group["edges"] or []
                if sorted(map(float, edges)) != edges or not all(map(math.isfinite, edges)):
                    raise ValueError
            if not isinstance(made["measure"], str) or not isinstance(made["log"], bool):
                raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SemoError(f"{path}: is not a scale; expected the scale.json of a finished run") from None
    return scale


def nearness(row: Mapping[str, Any], scale: Mapping[str, Any]) -> float:
    """How near a row's measurements come to an edge of the scale, in widths of the middle word."""
    distances = [math.inf]
    for name, made in scale["descriptors"].items():
        value = row.get(made["measure"])
        edges = made["groups"].get(row.get(f"{name}_scale"), {}).get("edges")
        if value is None or not edges:
            continue
        value, *edges = (math.log(max(number, 1e-9)) if made["log"] else number for number in (value, *edges))
        middle = len(edges) // 2
        if (width := edges[middle] - edges[middle - 1]) > 0:
            distances.append(min(abs(value - edge) for edge in edges) / width)
    return min(distances)
