"""A finished data set as the trainer reads it: its manifest, its clips, and their audio when asked for."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate import documents
from annotate.audio.decode import one_channel, read_whole, resample
from annotate.audio.recording import RATE
from annotate.dataset.manifest import SCHEMA
from annotate.errors import SemoError, UsageError, unknown_name

NEEDED = ("schema", "dataset", "splits", "audio", "label", "contents", "prompt")


@dataclass(frozen=True)
class Clip:
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
        SemoError: not there, of another schema, or without recordings.
    """

    def __init__(self, source: str, audio_root: Path | None = None) -> None:
        path = located(source)
        self.folder = path.parent
        self.manifest = read_manifest(path)
        self.audio_root = audio_root
        self.name = str(self.manifest.get("name", self.folder.name))
        self.labels: list[str] = list(self.manifest["label"]["names"])
        self.prompt: str = self.manifest["prompt"]
        self.contents: dict[str, str] = dict(self.manifest["contents"])
        self.attributes: dict[str, list[str]] = {
            name: list(words) for name, words in self.manifest.get("attributes", {}).items()
        }
        stored = self.manifest["audio"]["stored"]
        if stored == "none":
            raise SemoError(f"{path}: the data set carries no audio; make it with dataset.audio=embed or path")
        if stored == "path" and audio_root is None:
            raise UsageError(f"{path}: the data set names its recordings by path; say where with --audio-root DIR")
        self.clips: list[Clip] = list(self._read())
        self.scale: dict[str, Any] | None = None  # of a fold, fitted on its own speakers
        if not self.clips:
            raise SemoError(f"{path}: the data set has no rows")
        self._held: tuple[Path, int, list[Any]] | None = None

    def split(self, name: str) -> list[Clip]:
        """The clips of a split."""
        return [clip for clip in self.clips if clip.split == name]

    def column(self, content: str) -> str:
        """The column of a content's replies."""
        if content not in self.contents:
            raise unknown_name("content", content, self.contents)
        return self.contents[content]

    def _read(self) -> Iterator[Clip]:
        import pyarrow.parquet as pq

        names = self.labels
        for split in self.manifest["splits"]:
            found = sorted((self.folder / "data").glob(f"{split}-*.parquet"))
            if not found:
                raise SemoError(f"{self.folder / 'data'}: the manifest promises the split '{split}', no file has it")
            for file in found:
                with pq.ParquetFile(file) as opened:
                    columns = [one for one in opened.schema_arrow.names if one != self.manifest["audio"]["column"]]
                    for group in range(opened.num_row_groups):
                        for index, row in enumerate(opened.read_row_group(group, columns=columns).to_pylist()):
                            code = row["emotion"]
                            emotion = names[code] if isinstance(code, int) else code
                            said = {**row, "emotion": emotion}
                            yield Clip(row["id"], split, row["speaker"], float(row["duration"] or 0), emotion, said,
                                       file, group, index)  # fmt: skip

    def audio(self, clip: Clip) -> tuple[str, NDArray[np.float32]]:
        """A digest of the recording as stored, and its samples at 16 kHz, shape (n,)."""
        stored = self._stored(clip)
        if isinstance(stored, str):
            path = Path(self.audio_root or "") / stored
            samples, rate, _ = read_whole(path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            import soundfile

            digest = hashlib.sha256(stored["bytes"]).hexdigest()
            samples, rate = soundfile.read(io.BytesIO(stored["bytes"]), dtype="float32", always_2d=True)
        mono, _ = one_channel(samples)
        return digest, resample(mono, rate, RATE)

    def _stored(self, clip: Clip) -> Any:
        """The audio column's value; the row group read last is kept, since clips are asked for in order."""
        import pyarrow.parquet as pq

        if self._held is None or self._held[:2] != (clip.file, clip.group):
            with pq.ParquetFile(clip.file) as opened:
                column = opened.read_row_group(clip.group, columns=[self.manifest["audio"]["column"]])
            self._held = (clip.file, clip.group, column.column(0).to_pylist())
        return self._held[2][clip.index]

    def counts(self) -> dict[str, int]:
        """Clips per split."""
        return dict(Counter(clip.split for clip in self.clips))


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


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest's content.

    Raises:
        SemoError: of another schema version, or something else than a manifest.
    """
    content = documents.read_yaml(path)
    version = content.get("schema")
    if version is None:
        raise SemoError(f"{path}: has no 'schema'; expected the manifest.yaml of a finished semo-annotate run")
    if version != SCHEMA:
        raise SemoError(f"{path}: schema version {version}; this version reads {SCHEMA}; run semo-annotate again")
    lacking = [key for key in NEEDED if key not in content]
    if lacking:
        raise SemoError(f"{path}: the key '{lacking[0]}' is missing")
    return content
