"""A finished data set as the trainer reads it: its manifest, its clips, and their audio when asked for."""

from __future__ import annotations

import hashlib
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate import attributes
from annotate.audio.decode import mono, one_channel, resample
from annotate.audio.recording import RATE
from annotate.audio.refusal import Refused
from annotate.audio.sound import refusals, refuse_unmeasurable
from annotate.corpora import locator
from annotate.dataset import manifest
from annotate.errors import SemoError, UsageError, unknown_name
from annotate.store.confined_root import Root

# split of clips that a training leaves out, but for the words of their texts
HELD_OUT = "held out"
NEEDED = ("id", "speaker", "duration", "emotion")  # columns


@dataclass(frozen=True)
class CorpusClip:
    """One row of the data set.

    Attributes:
        id: its name.
        split: train, validation or test.
        speaker: who speaks.
        duration: in seconds.
        emotion: name of its emotion; None where it has none.
        row: its texts and words, by column.
        file: the Parquet file it is in.
        group: row group there.
        index: row within the group.
    """

    id: str
    split: str
    speaker: str | None
    duration: float
    emotion: str | None
    row: Mapping[str, Any] = field(repr=False)
    file: Path = field(repr=False)
    group: int = field(repr=False)
    index: int = field(repr=False)


class Corpus:
    """The data set of a manifest.

    Args:
        source: ``manifest.yaml``, the folder that holds it, or the name of a data set on the Hub.
        audio_root: where the recordings lie, for a data set that names them by path.

    Raises:
        SemoError: not there, of another schema, without recordings, or not as its manifest says: a file changed,
            rows missing, an id twice, a label that it does not name.
    """

    def __init__(self, source: str, audio_root: Path | None = None) -> None:
        path = located(source)
        self.folder = path.parent
        self.manifest = manifest.load(path)
        self.root = Root(audio_root, f"--audio-root {audio_root}") if audio_root is not None else None
        self.name = str(self.manifest.get("name", self.folder.name))
        self.labels: list[str] = list(self.manifest["label"]["names"])
        self.prompt: str = self.manifest["prompt"]
        self.contents: dict[str, str] = dict(self.manifest["contents"])
        for file in attributes.bring(self.folder):
            manifest.check(Root(self.folder, str(self.folder)), file.relative_to(self.folder).as_posix(), self.manifest)
        named = manifest.reply_words(self.manifest)
        # of what replies name, the column that has its word, and the words
        self.reply_columns = {name: column for name, (column, _) in named.items()}
        self.attributes = {name: words for name, (_, words) in named.items()}
        stored = self.manifest["audio"]["stored"]
        if stored == "none":
            raise SemoError(f"{path}: the data set contains no audio; build it with dataset.audio=embed or path")
        if stored == "path" and audio_root is None:
            raise UsageError(
                f"{path}: the data set names its recordings by path; give their folder with --audio-root DIR"
            )
        self.clips: list[CorpusClip] = list(self._read())
        self.scale: dict[str, Any] | None = None  # of a fold, fitted on its own speakers
        if not self.clips:
            raise SemoError(f"{path}: the data set has no rows")
        self._held: tuple[Path, int, list[Any]] | None = None

    def split(self, *names: str) -> list[CorpusClip]:
        """The clips of some splits, in the order of the data set."""
        return [clip for clip in self.clips if clip.split in names]

    def column(self, content: str) -> str:
        """The column of a content's replies."""
        if content not in self.contents:
            raise unknown_name("content", content, self.contents)
        return self.contents[content]

    def _read(self) -> Iterator[CorpusClip]:
        seen: set[str] = set()
        for split, paths in manifest.data_files(self.folder, self.manifest).items():
            for path in paths:
                for clip in self._clips(path, split):
                    if clip.id in seen:
                        raise SemoError(f"{path}: the id '{clip.id}' occurs twice; every clip needs its own")
                    seen.add(clip.id)
                    yield clip

    def _clips(self, path: Path, split: str) -> Iterator[CorpusClip]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(path) as opened:
                names = opened.schema_arrow.names
                wanted = (*NEEDED, *self.contents.values(), *self.reply_columns.values())
                lacking = [name for name in (*wanted, self.manifest["audio"]["column"]) if name not in names]
                if lacking:
                    raise SemoError(f"{path}: has no column '{lacking[0]}', which its manifest names")
                for name in (*self.contents.values(), *self.reply_columns.values(), "speaker"):
                    kind = opened.schema_arrow.field(name).type
                    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
                        raise SemoError(f"{path}: column '{name}' is of the type {kind}, expected text")
                columns = [name for name in names if name != self.manifest["audio"]["column"]]
                for group in range(opened.num_row_groups):
                    rows = opened.read_row_group(group, columns=columns).to_pylist()
                    for index, row in enumerate(rows):
                        yield self._clip(row, split, path, group, index)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise SemoError(f"{path}: cannot be read as Parquet: {str(error).strip().splitlines()[0]}") from None

    def _clip(self, row: Mapping[str, Any], split: str, path: Path, group: int, index: int) -> CorpusClip:
        name, duration, emotion = row["id"], row["duration"], row["emotion"]
        if not isinstance(name, str) or not name:
            raise SemoError(f"{path}: row {index} of group {group} has no id")
        if isinstance(emotion, int):
            if not 0 <= emotion < len(self.labels):
                raise SemoError(f"{path}: clip {name}: label {emotion}, but the manifest names {len(self.labels)}")
            emotion = self.labels[emotion]
        if emotion is not None and emotion not in self.labels:
            raise SemoError(f"{path}: clip {name}: the label '{str(emotion)[:80]}' is not in the manifest")
        seconds = 0.0 if duration is None else duration
        if not isinstance(seconds, (int, float)) or not math.isfinite(seconds) or seconds < 0:
            raise SemoError(f"{path}: clip {name}: a duration of {str(duration)[:40]}, expected seconds")
        speaker = None if row["speaker"] is None else str(row["speaker"])
        # replies have words of three levels, whatever the data set's own columns have
        words = {attribute: row[column] for attribute, column in self.reply_columns.items()}
        return CorpusClip(
            name, split, speaker, float(seconds), emotion, {**row, **words, "emotion": emotion}, path, group, index
        )

    def audio(self, clip: CorpusClip) -> tuple[str, NDArray[np.float32]]:
        """A digest of the recording as stored, and its samples at 16 kHz, shape (n,).

        Raises:
            SemoError: it has none, it cannot be decoded, or its samples are not numbers; names the clip.
        """
        stored = self._stored(clip)
        try:
            if isinstance(stored, str):
                recording = mono(self._placed(stored))
                return recording.digest, resample(recording.samples, recording.rate, RATE)
            digest, samples, rate = _embedded(stored)
            chosen, _ = one_channel(samples)
            return digest, resample(chosen, rate, RATE)
        except (Refused, OSError, SemoError) as error:
            raise SemoError(f"{clip.file.name}: clip {clip.id}: {error}") from None

    def _placed(self, name: str) -> Path:
        """A recording that the data set names by path: below the audio root, wherever the name points."""
        if self.root is None:
            raise SemoError("a recording named by path, in a data set that is said to embed its recordings")
        file, _ = locator.part(name)
        inner = locator.parse(file)
        self.root.file(inner.file if inner else file)
        return self.root.folder / name

    def _stored(self, clip: CorpusClip) -> Any:
        """The audio column's value; the row group read last is kept, since clips are asked for in order."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._held is None or self._held[:2] != (clip.file, clip.group):
            try:
                with pq.ParquetFile(clip.file) as opened:
                    column = opened.read_row_group(clip.group, columns=[self.manifest["audio"]["column"]])
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                raise SemoError(f"{clip.file}: cannot be read: {str(error).strip().splitlines()[0]}") from None
            self._held = (clip.file, clip.group, column.column(0).to_pylist())
        return self._held[2][clip.index]

    def counts(self) -> dict[str, int]:
        """Clips per split."""
        return dict(Counter(clip.split for clip in self.clips))


def _embedded(stored: Any) -> tuple[str, NDArray[np.float32], int]:
    """Digest, samples (n, channels) and rate of a recording that the data set carries."""
    import soundfile

    content = stored.get("bytes") if isinstance(stored, dict) else stored
    if not isinstance(content, bytes) or not content:
        raise SemoError("the data set contains no recording of it")
    with refusals():
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    refuse_unmeasurable(samples, rate)
    return hashlib.sha256(content).hexdigest(), samples, rate


def located(source: str) -> Path:
    """The manifest that the user means: a file, the folder it is in, or a data set on the Hub.

    Raises:
        SemoError: none of these.
    """
    path = Path(source)
    if path.is_dir():
        path = path / "manifest.yaml"
    if path.is_file():
        return path
    if source.endswith((".yaml", ".yml")) or source.count("/") != 1 or path.parent.is_dir():
        raise SemoError(f"{source}: there is no such file; expected the manifest.yaml of a finished semo-annotate run")
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(source, repo_type="dataset", allow_patterns=["manifest.yaml", "data/*", "*.json"])
    except Exception as error:
        raise SemoError(f"{source}: no such file, and no data set of the Hub ({type(error).__name__})") from None
    return located(folder)


def one_class(clips: Iterable[CorpusClip], what: str) -> list[str]:
    """A warning where there is nothing to tell apart: a model that says one word of everything scores 100 %."""
    emotions = {clip.emotion for clip in clips if clip.emotion}
    return (
        [f"warning: every clip {what} is '{next(iter(emotions))}'; a score says nothing"] if len(emotions) == 1 else []
    )
