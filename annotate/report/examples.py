"""The chosen clips as the page shows them: player, picture, words, reply, caption and the numbers behind it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from markupsafe import Markup

from annotate import registry
from annotate.audio.decode import one_channel, resample
from annotate.audio.recording import RATE, Recording
from annotate.features.contour import Contour
from annotate.recipe_sections import CONTENTS
from annotate.report import evidence, picture
from annotate.report.example_selection import Chosen
from annotate.report.numbers import NumberSource
from annotate.report.text import figure
from annotate.store.columns import reply_column

# a longer recording would make the page too heavy for a phone
MOST_AUDIO_BYTES = 2_000_000
KINDS = ((b"fLaC", "audio/flac"), (b"RIFF", "audio/wav"), (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"))
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class ExampleClip:
    """One clip of the page; texts are as the data set has them, the template escapes them. ``name`` is unique."""

    name: str
    chosen: Chosen
    row: Mapping[str, Any]
    language: str | None
    reply: str | None
    spans: Sequence[evidence.Span]
    claims: Sequence[evidence.ClaimEvidence]
    player: str | None
    no_player: str
    picture: Markup | None


def examples(source: NumberSource, chosen: Sequence[Chosen], scale: Mapping[str, Any], pitch: str) -> list[ExampleClip]:
    """Read the chosen rows, one at a time and each file once, and make what the page shows of them.

    Args:
        source: the data set.
        chosen: its rows to show.
        scale: the content of ``scale.json``.
        pitch: name of the pitch plug-in that draws the contours; ``none`` for no contour.
    """
    made: dict[int, ExampleClip] = {}
    for path in dict.fromkeys(clip.path for clip in chosen):
        mine = [place for place, clip in enumerate(chosen) if clip.path == path]
        for index, row in source.rows_at(path, [chosen[place].index for place in mine]):
            for place in mine:
                if chosen[place].index == index:
                    made[place] = _example(dict(row), chosen[place], scale, pitch, f"clip-{place + 1}")
    return [made[place] for place in range(len(chosen))]


def _example(row: dict[str, Any], chosen: Chosen, scale: Mapping[str, Any], pitch: str, name: str) -> ExampleClip:
    audio = row.pop("audio", None)
    held = audio.get("bytes") if isinstance(audio, dict) else None
    spans, claims = evidence.marked(row, scale, evidence.stored(row))
    language = row.get("language")
    replies = (row.get(reply_column(content)) for content in reversed(CONTENTS))
    player = _player(held) if held and len(held) <= MOST_AUDIO_BYTES else None
    # tracking takes long; the contour shows whether pitch was measured wrongly, which matters where a clip is odd
    drawn = picture_of(held, row, scale, pitch, name, contour=chosen.kind != "typical") if held and player else None
    return ExampleClip(
        name=name,
        chosen=chosen,
        row=row,
        language=language if language and LANGUAGE.fullmatch(language) else None,
        reply=next((reply for reply in replies if reply), None),
        spans=spans,
        claims=claims,
        player=player,
        no_player=_why_silent(held),
        picture=drawn,
    )


def kind_of(held: bytes) -> str:
    """Media type of a recording, by its first bytes."""
    return next((kind for head, kind in KINDS if held.startswith(head)), "audio/mpeg")


def _player(held: bytes) -> str:
    return f"data:{kind_of(held)};base64,{base64.b64encode(held).decode('ascii')}"


def _why_silent(held: bytes | None) -> str:
    if not held:
        return "This data set carries no recordings."
    return f"The recording is too large for this page ({len(held) / 1e6:.1f} MB)."


def picture_of(
    held: bytes, row: Mapping[str, Any], scale: Mapping[str, Any], pitch: str, name: str,
    *, contour: bool = True, level: bool = False,
) -> Markup | None:  # fmt: skip
    """Spectrogram, pitch contour and level, as asked; None where the recording cannot be decoded."""
    import soundfile

    try:
        samples, rate = soundfile.read(io.BytesIO(held), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError):
        return None
    mono, _ = one_channel(samples)
    recording = Recording(resample(mono, rate, RATE), len(mono) / rate, silent=not np.any(mono))
    length = f"{recording.duration:.1f} seconds."
    below = [panel for panel, asked in (("pitch", contour), ("level", level)) if asked]
    if not contour:
        return picture.picture(recording, None, None, name, length, below=below)
    tracked = Contour(np.empty(0), np.empty(0)) if recording.silent else track(pitch, recording)
    group = row.get("pitch_scale")
    made = scale["descriptors"].get("pitch", {}).get("groups", {}).get(group) or {}
    about = f"{length} {_pitch_in_words(tracked)}"
    return picture.picture(recording, tracked, made.get("edges"), name, about, below=below)


def track(pitch: str, recording: Recording) -> Contour | None:
    """The contour by the recipe's own pitch plug-in; None where it is not shipped or has no ``track``."""
    if pitch not in registry.names("pitch"):
        return None
    try:
        module = import_module(f"{registry.PLACES['pitch']}.{pitch.replace('-', '_')}")
    except ImportError:  # one that joined by an entry point
        return None
    tracked = getattr(module, "track", None)
    return tracked(recording) if tracked else None


def _pitch_in_words(contour: Contour | None) -> str:
    if contour is None:
        return "Pitch was not tracked."
    voiced = contour.f0[contour.f0 > 0]
    if not len(voiced):
        return "No pitch was found."
    low, middle, high = (figure(float(value)) for value in np.quantile(voiced, [0, 0.5, 1]))
    return f"Pitch from {low} to {high} Hz, median {middle} Hz."
