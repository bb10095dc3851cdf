"""Speaker-independent folds of a finished data set: other splits, and words refitted to the fold's own speakers.

The words of a data set come from a scale that was fitted on its own training split. A fold trains on other
speakers, so its scale is fitted again, on them alone, and replies and captions are worded from it: the speakers
that are tested decide nothing, not even what "high" means.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from annotate import documents
from annotate.captions import templates
from annotate.captions.replies import WORDED, Replies
from annotate.dataset import manifest
from annotate.descriptors import scale
from annotate.descriptors.words import Wording
from annotate.errors import SemoError, UsageError
from annotate.semollm.data.corpus import Corpus, CorpusClip
from annotate.store.confined_root import Root

COUNT = 4


@dataclasses.dataclass(frozen=True)
class Fold:
    """One fold.

    Attributes:
        number: from 1.
        count: of how many.
        tested: the speakers that are tested; all others train.
    """

    number: int
    count: int
    tested: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its folder."""
        return f"fold{self.number}"


def asked(text: str) -> int:
    """How many folds ``--folds`` means: ``speaker`` is four, ``speaker:5`` five.

    Raises:
        UsageError: anything else.
    """
    match = re.fullmatch(r"speaker(?::(\d+))?", text)
    count = int(match.group(1) or COUNT) if match else 0
    if count < 2:
        raise UsageError(f"--folds {text}: expected speaker, or speaker:N with N of 2 or more")
    return count


def by_speaker(corpus: Corpus, count: int) -> list[Fold]:
    """The speakers in the order of their names, cut into ``count`` runs of like length; each run is tested once.

    Raises:
        SemoError: fewer speakers than folds, or clips whose speaker is unknown.
    """
    if unknown := sum(clip.speaker is None for clip in corpus.clips):
        raise SemoError(
            f"{corpus.folder}: the speaker of {unknown} clips is unknown; folds by speaker need every speaker"
        )
    speakers = sorted({str(clip.speaker) for clip in corpus.clips}, key=_natural)
    if len(speakers) < count:
        raise SemoError(f"{corpus.folder}: {len(speakers)} speakers cannot be divided into {count} folds")
    edges = [round(at * len(speakers) / count) for at in range(count + 1)]
    return [
        Fold(number, count, tuple(speakers[start:end])) for number, (start, end) in enumerate(pairwise(edges), start=1)
    ]


def _natural(name: str) -> list[Any]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def taken(corpus: Corpus, fold: Fold, template: str) -> Corpus:
    """The corpus with the fold's splits, words and replies; every clip either trains or is tested."""
    made = copy.copy(corpus)
    tested = set(fold.tested)
    clips = [dataclasses.replace(clip, split="test" if clip.speaker in tested else "train") for clip in corpus.clips]
    made.scale = refitted(corpus, [clip for clip in clips if clip.split == "train"], fold)
    made.clips = worded(clips, made.scale, list(corpus.contents), template)
    made.manifest = {
        **corpus.manifest,
        "splits": made.counts(),
        "split_rule": {"name": f"speaker, {fold.count} folds", "fold": fold.number, "by": "speaker"},
    }
    return made


def refitted(corpus: Corpus, train: Sequence[CorpusClip], fold: Fold) -> dict[str, Any]:
    """The data set's scale, by the same method, fitted on these clips."""
    name = str(corpus.manifest.get("scale", "scale.json"))
    path = manifest.check(Root(corpus.folder, str(corpus.folder)), name, corpus.manifest)
    try:
        stored = documents.read_json(path)
        made_on = {"fold": fold.number, "of": fold.count, "clips": len(train)}
        return scale.refitted(stored, (clip.row for clip in train), made_on)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SemoError(f"{path}: is not the scale of a finished run ({type(error).__name__})") from None


def worded(
    clips: Sequence[CorpusClip], edges: dict[str, Any], contents: Sequence[str], template: str
) -> list[CorpusClip]:
    """The clips with words by these edges, and with the replies that they make."""
    words, replies = Wording(edges), Replies(templates.source("replies", template), template, tuple(contents))
    with_words = []
    for clip in clips:
        row = {**clip.row, "split": clip.split, "drop_audio": None}
        row |= words.compute_row(row)
        row |= {name: row[f"{name}_word"] for name in WORDED}
        with_words.append(dataclasses.replace(clip, row={**row, **replies.compute_row(row)}))
    return with_words
