"""Replies for recordings: any format that libsndfile reads, any length, in batches, one result a stretch of speech."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from annotate import console
from annotate.audio.decode import Refused, decode
from annotate.audio.recording import RATE
from annotate.errors import UsageError
from annotate.semollm.data import encoded_corpus
from annotate.semollm.inference import generation, parse_replies, speaker_relative
from annotate.semollm.inference.recording_list import Source
from annotate.semollm.inference.reply_model import LoadedModel
from annotate.semollm.model import enrolment
from annotate.semollm.model.measurements import measure
from annotate.semollm.model.speaker_normalisation import clip_statistics

SHORTEST_REST_S = 1.0


@dataclass(frozen=True)
class EnrolledStretch:
    """What is known of a stretch from the other stretches of its speaker.

    Attributes:
        emotion_logits: of the enrolled read-out, (emotions,); None for a model without one.
        usual: statistics of hidden states, for the speech path; None where that takes no enrolled speakers.
    """

    emotion_logits: Any = None
    usual: enrolment.SpeakerStatistics | None = None


@dataclass(frozen=True)
class Reply:
    """What the model says of a stretch of a recording.

    Attributes:
        id: the recording's.
        path: its file.
        start: where the stretch begins, in seconds.
        end: where it ends.
        reply: the sentence; empty where the model ended at once.
        emotion: the emotion that it names; None where it names none.
        error: why there is no reply; None where there is one.
        enrolled: whether the speaker's other recordings were at hand; None where they were not asked for.
    """

    id: str
    path: str
    start: float = 0.0
    end: float = 0.0
    reply: str = ""
    emotion: str | None = None
    error: str | None = None
    enrolled: bool | None = None

    def row(self) -> dict[str, Any]:
        """The reply as a JSON line carries it."""
        optional = ("error", "enrolled")
        return {name: value for name, value in asdict(self).items() if name not in optional or value is not None}


@dataclass(frozen=True)
class Stretch:
    """A part of a recording that is replied to at once.

    Attributes:
        source: the recording.
        start: where the part begins, in seconds.
        samples: one channel at 16 kHz, shape (n,).
    """

    source: Source
    start: float
    samples: NDArray[np.float32]

    @property
    def key(self) -> tuple[str, str, float]:
        """Names it among the stretches of a call."""
        return self.source.id, str(self.source.path), self.start


def stretches(samples: NDArray[np.float32], max_s: float, long: Literal["cut", "windows"]) -> list[tuple[int, int]]:
    """Where the stretches of a recording begin and end, in samples.

    ``cut`` takes the first ``max_s``; ``windows`` goes on to the end, a last rest of under a second being widened
    backwards to a whole window.
    """
    size, count = round(max_s * RATE), len(samples)
    if count <= size or long == "cut":
        return [(0, min(size, count))]
    spans = [(start, min(start + size, count)) for start in range(0, count, size)]
    if spans[-1][1] - spans[-1][0] < SHORTEST_REST_S * RATE:
        spans[-1] = (count - size, count)
    return spans


def run(
    speaker: LoadedModel,
    recordings: Sequence[Source],
    decoding: generation.DecodingOptions,
    batch_size: int,
    max_s: float | None = None,
    long: Literal["cut", "windows"] = "cut",
    warn: Callable[[str], None] = lambda line: console.show(line, error=True),
) -> Iterator[Reply]:
    """Replies in the order of the recordings, some batches at a time; a file that cannot be read is a reply too."""
    longest = min(max_s or speaker.model.config.max_audio_s, speaker.encoder.longest_s)
    enrolled = None
    if any(source.speaker is not None for source in recordings):
        enrolled = _enrolled(speaker, recordings, longest, long, batch_size, warn)
    waiting: list[Stretch | Reply] = []
    for source in recordings:
        waiting += _prepared(source, longest, long, warn)
        if len(waiting) >= 4 * batch_size:
            yield from answered(speaker, waiting, decoding, batch_size, enrolled)
            waiting = []
    yield from answered(speaker, waiting, decoding, batch_size, enrolled)


def _enrolled(
    speaker: LoadedModel, recordings: Sequence[Source], longest: float, long: Literal["cut", "windows"],
    batch_size: int, warn: Callable[[str], None],
) -> dict[tuple[str, str, float], EnrolledStretch]:  # fmt: skip
    """What each stretch is heard against, by the other stretches of its speaker; says whose are too few.

    All recordings are encoded here and once more when they are replied to: what is kept between is a row of numbers a
    stretch, and not its hidden states, so that any number of recordings can be enrolled.

    Raises:
        UsageError: the model cannot.
    """
    if not speaker_relative.can_enrol(speaker.model):
        raise UsageError(
            "--speaker-of: this model takes no enrolled speakers; expected one that was trained with "
            "model.readout.enrolment=true or model.speaker_normalisation=true on clips whose speakers are known"
        )
    readout, normalisation = speaker.model.readout, speaker.model.bridge.speaker_normalisation
    keys: list[tuple[str, str, float]] = []
    rows: list[enrolment.Vectors] = []
    statistics: list[enrolment.Vectors] = []
    speakers: list[str | None] = []
    for source in recordings:
        parts = [part for part in _prepared(source, longest, long, lambda _: None) if isinstance(part, Stretch)]
        for at in range(0, len(parts), batch_size):
            for part, states in zip(parts[at:], _states(speaker, parts[at : at + batch_size]), strict=False):
                keys.append(part.key)
                if normalisation is not None:
                    statistics.append(clip_statistics(states))
                if readout is not None:
                    rows.append(enrolment.clip_vector(states[readout.layers], measure(part.samples)))
                speakers.append(source.speaker)
    for note in enrolment.not_enrolled(speakers):
        warn(note)
    nothing: list[Any] = [None] * len(keys)
    logits = readout.against_speakers(np.stack(rows), speakers) if readout is not None and rows else nothing
    others = (
        normalisation.usual(np.stack(statistics), speakers) if normalisation is not None and statistics else nothing
    )
    return {
        key: EnrolledStretch(opinion, usual)
        for key, opinion, usual in zip(keys, logits, others, strict=True)
        if opinion is not None or usual is not None
    }


def _states(speaker: LoadedModel, parts: Sequence[Stretch]) -> list[Any]:
    """Hidden states of stretches, (N, T, H) each."""
    return [states.float().cpu().numpy() for states in speaker.encoder.encode([part.samples for part in parts])]


def _prepared(
    source: Source, longest: float, long: Literal["cut", "windows"], warn: Callable[[str], None]
) -> list[Stretch | Reply]:
    try:
        samples = decode(source.path).recording.samples
    except Refused as why:
        return [Reply(source.id, str(source.path), error=str(why))]
    parts = cut(source, samples, longest, long)
    if long == "cut" and len(parts[0].samples) < len(samples):
        warn(f"{source.path}: {len(samples) / RATE:.1f} s; only the first {longest:g} s are used (--long windows)")
    return list(parts)


def cut(source: Source, samples: NDArray[np.float32], longest: float, long: Literal["cut", "windows"]) -> list[Stretch]:
    """The parts of a recording that are replied to, none longer than ``longest`` seconds."""
    return [Stretch(source, start / RATE, samples[start:end]) for start, end in stretches(samples, longest, long)]


def _clip(
    speaker: LoadedModel, states: Any, length: int, measures: Any, enrolled: EnrolledStretch | None
) -> encoded_corpus.ClipFeatures:
    load = functools.partial(np.asarray, states)
    clip = encoded_corpus.ClipFeatures(load, length, measures)
    if enrolled is None:
        return clip
    normalisation = speaker.model.bridge.speaker_normalisation
    normalised = None
    if normalisation is not None and enrolled.usual is not None:
        normalised = normalisation.loader(load, enrolled.usual)
    return dataclasses.replace(clip, emotion_logits=enrolled.emotion_logits, normalised=normalised)


def answered(
    speaker: LoadedModel,
    waiting: Sequence[Stretch | Reply],
    decoding: generation.DecodingOptions,
    batch_size: int,
    enrolled: Mapping[tuple[str, str, float], EnrolledStretch] | None = None,
) -> Iterator[Reply]:
    """A reply for each part, in their order; what is a reply already stays as it is.

    ``enrolled`` has, by ``Stretch.key``, what those of enrolled speakers are heard against; None where nobody asked.
    """
    against = enrolled or {}
    speech = sorted((part for part in waiting if isinstance(part, Stretch)), key=lambda part: len(part.samples))
    features: list[Any] = []
    for at in range(0, len(speech), batch_size):
        features += _states(speaker, speech[at : at + batch_size])
    read = speaker.model.readout is not None
    clips = [
        _clip(speaker, held, len(part.samples), measure(part.samples) if read else None, against.get(part.key))
        for part, held in zip(speech, features, strict=True)
    ]
    answers = generation.answers(speaker.model, speaker.language, clips, decoding, batch_size)
    replied = {id(part): answer.reply for part, answer in zip(speech, answers, strict=True)}
    for part in waiting:
        if isinstance(part, Reply):
            yield part
            continue
        text = replied[id(part)]
        end = round(part.start + len(part.samples) / RATE, 3)
        emotion = parse_replies.emotion_of(text, speaker.labels)
        yield Reply(
            part.source.id, str(part.source.path), round(part.start, 3), end, text, emotion,
            enrolled=None if enrolled is None else part.key in against,
        )  # fmt: skip
