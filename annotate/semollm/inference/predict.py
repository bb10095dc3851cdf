"""A trained model's answers about clips whose truth is known, one row a clip: what every score is made from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate import attributes, documents
from annotate.captions.replies import ATTRIBUTES
from annotate.errors import SemoError
from annotate.progress import Progress
from annotate.semollm.data import encoded_corpus
from annotate.semollm.data.corpus import CorpusClip
from annotate.semollm.inference import generation, parse_replies, speaker_relative
from annotate.semollm.model import frozen_models
from annotate.store import files
from annotate.store.schema import reply_column

ANSWERS = "test.jsonl"
ENROLLED = "test-enrolled.jsonl"  # the same clips, each with its speaker's other clips at hand
TRUTH = ("speaker", "emotion", *ATTRIBUTES.values())


@dataclass(frozen=True)
class Answers:
    """Answers about the same clips without enrolment and with it.

    Attributes:
        plain: rows from ``Questioner.answer``, each clip by itself.
        enrolled: the same with the speakers' other clips at hand; None where no clip could be enrolled.
        notes: what there is to say of clips that could not.
    """

    plain: list[dict[str, Any]]
    enrolled: list[dict[str, Any]] | None
    notes: list[str]

    def write(self, folder: Path) -> None:
        """``test.jsonl`` and ``test-enrolled.jsonl``; of the second none is left that is of another model."""
        write(folder / ANSWERS, self.plain)
        (folder / ENROLLED).unlink(missing_ok=True)
        if self.enrolled is not None:
            write(folder / ENROLLED, self.enrolled)


@dataclass(frozen=True)
class Questioner:
    """Asks a model about clips of a data set.

    Attributes:
        model: of stage 3.
        language: its language model, and the tokenizer.
        encoded: the clips' hidden states, and their measurements where the model takes them.
        decoding: of the replies.
        batch_size: clips asked about at once.
        progress: is told of each reply.
    """

    model: Any
    language: frozen_models.Language
    encoded: encoded_corpus.EncodedCorpus
    decoding: generation.DecodingOptions
    batch_size: int
    progress: Progress

    def answer_both(self, clips: Sequence[CorpusClip]) -> Answers:
        """Ask about each clip by itself, and again against the other clips of its speaker, labels unseen."""
        plain = self.answer(clips)
        against, notes = speaker_relative.enrolled_clips(self.model, clips, self.encoded)
        return Answers(plain, self.answer(clips, against) if against else None, notes)

    def answer(
        self, clips: Sequence[CorpusClip], enrolled: Mapping[str, encoded_corpus.ClipFeatures] | None = None
    ) -> list[dict[str, Any]]:
        """Ask about each clip; ``enrolled`` has those of enrolled speakers, from ``speaker_relative``.

        Returns:
            A row each: ``id``; the truth by ``TRUTH`` and by every attribute that the data set has; ``wanted``, the
            reply that the data set has for the model's content; ``reply``; ``found``, the emotion that it names, None
            where it names none; ``chances`` of each label, where the model knows its labels' sentences.
        """
        self.progress.start("replies", len(clips))
        against = enrolled or {}
        asked = [against.get(clip.id) or self.encoded.clip(clip) for clip in clips]
        answers = generation.answers(
            self.model, self.language, asked, self.decoding, self.batch_size, self.progress.advance
        )
        config = self.model.config
        labels = list(config.labels)
        column = reply_column(config.content) if config.content else None
        return [
            {
                "id": clip.id,
                **truth(clip),
                "wanted": clip.row.get(column) if column else None,
                "reply": answer.reply,
                "found": parse_replies.emotion_of(answer.reply, labels),
                **({"enrolled": clip.id in against} if enrolled is not None else {}),
                "chances": {label: round(chance, 5) for label, chance in answer.chances.items()}
                if answer.chances
                else None,
            }
            for clip, answer in zip(clips, answers, strict=True)
        ]


def truth(clip: CorpusClip) -> dict[str, Any]:
    """What is true of a clip: ``TRUTH``, and every attribute that the data set has."""
    further = {name: clip.row[name] for name in attributes.known() if name in clip.row}
    return {**{name: clip.row.get(name) for name in TRUTH}, **further, "speaker": clip.speaker, "emotion": clip.emotion}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as JSON lines."""
    files.write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of answers.

    Raises:
        SemoError: it is not there, or not one.
    """
    try:
        rows = [dict(documents.parse_json(line)) for line in path.read_text(encoding="utf-8").split("\n") if line]
        if not all({"id", "emotion", "reply"} <= row.keys() for row in rows):
            raise SemoError(f"{path}: is not a file of answers; expected id, emotion and reply in every line")
    except (OSError, ValueError, TypeError) as error:
        raise SemoError(f"{path}: cannot be read as answers ({type(error).__name__})") from None
    return rows
