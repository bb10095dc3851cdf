"""A Hugging Face data set with recordings in it: on disk, or streamed from the Hub.

On disk: ``corpus.root`` holds Parquet files (as on the Hub) or what ``save_to_disk`` wrote. The recordings stay
where they are, inside those files. From the Hub: ``corpus.options.repo=USER/NAME`` streams the data set once into
Parquet files under ``corpus.root``, whole files at a time, so that a broken transfer goes on where it stopped; the
revision is fixed by the first of them. Labels, names of classes and the recordings' column are taken from the data
set's own features. Format: https://huggingface.co/docs/datasets/about_arrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.corpora import column_map, corpus_text, locator, table_file
from annotate.corpora.fetch import fetch
from annotate.corpora.reader import Reader, Request, nothing_found, paths, require_folder
from annotate.corpora.utterance import Utterance
from annotate.errors import SemoError

OPTIONS = {
    "repo": "USER/NAME on the Hub, or a folder that load_dataset reads; without it the root holds the data set",
    "config": "name of the configuration, where the data set has several",
    "revision": "branch, tag or commit; by default the newest when first fetched",
    "splits": "which splits to fetch, separated by commas; by default all",
    "limit": "rows fetched of each split at most",
    "audio": "column of the recordings; by default the one that the features say",
    **column_map.OPTIONS,
}
LOOKED_FOR = "Parquet files or a data set written by save_to_disk"
SHARD = re.compile(r"(?P<split>[A-Za-z][\w.]*?)(?:-\d+(?:-of-\d+)?)?\.parquet$")
FOLDERS = ("data", "default", "main")


@dataclass(frozen=True)
class Shape:
    """What the features of a file say: the recordings' column, the class names by column, all other columns."""

    audio: str
    inside: bool
    classes: Mapping[str, list[str]]
    others: tuple[str, ...]


def prepare(request: Request) -> None:
    """Stream the data set into Parquet files, if it is one to fetch and not there yet."""
    if request.text("repo"):
        fetch(request)


def read(request: Request) -> Iterator[Utterance]:
    """An utterance for each row, file by file in order."""
    require_folder(request.root, LOOKED_FOR)
    files = [path for path in paths(request.root) if path.endswith(".parquet") or _is_arrow(path)]
    if not files:
        raise nothing_found(request.root, LOOKED_FOR)
    for path in files:
        yield from _utterances(request, path)


def _is_arrow(path: str) -> bool:
    """Files of ``map`` and ``filter`` lie beside the data as ``cache-*.arrow``."""
    return path.endswith(".arrow") and not path.rpartition("/")[2].startswith("cache-")


def _utterances(request: Request, path: str) -> Iterator[Utterance]:
    shape = _shape(request, path)
    mapped = column_map.of(request, shape.others, path)
    # the recordings' column is the path, whatever other column has a usual name for one
    sources = {field: source for field, source in mapped.sources.items() if field != "path"}
    if not shape.inside:
        sources["path"] = shape.audio
    mapped = column_map.ColumnMap(sources, mapped.values, mapped.transcript_file)
    split = _split(path)
    for number, row in enumerate(_rows(request.root / path, shape)):
        place = row.get(shape.audio) if not shape.inside else locator.Locator(path, shape.audio, number).text
        named = {name: _class_name(shape.classes[name], value) for name, value in row.items() if name in shape.classes}
        utterance = mapped.utterance({**row, **named}, request, f"{path.removesuffix('.parquet')}-{number}")
        yield _placed(utterance, str(place or ""), split)


def _placed(utterance: Utterance, path: str, split: str | None) -> Utterance:
    from dataclasses import replace

    return replace(utterance, path=path, split=utterance.split or split)


def _class_name(names: list[str], value: Any) -> Any:
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else None


def _split(path: str) -> str | None:
    """The split that a file's name or folder says: ``train-00000-of-00002.parquet``, ``train/data-....arrow``."""
    folder = path.rpartition("/")[0].rpartition("/")[2]
    if path.endswith(".arrow") or re.match(r"\d+\.parquet$", path.rpartition("/")[2]):
        return folder or None
    match = SHARD.match(path.rpartition("/")[2])
    return match["split"] if match else None if folder in FOLDERS else folder or None


def _shape(request: Request, path: str) -> Shape:
    import pyarrow as pa

    try:
        schema = _schema(request.root / path)
    except (pa.ArrowException, OSError) as error:
        raise SemoError(f"{request.root / path}: cannot be read: {str(error).splitlines()[0]}") from None
    kinds = _features(schema)
    named = request.text("audio")
    structs = [
        field.name for field in schema if pa.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0
    ]
    audio = named or next((name for name, kind in kinds.items() if kind.get("_type") == "Audio"), None)
    audio = audio or next(iter(structs), None)
    if audio is None or audio not in schema.names:
        known = ", ".join(schema.names)
        raise SemoError(
            f"{request.root / path}: found no column of recordings (it has {known}); set corpus.options.audio"
        )
    kind = schema.field(audio).type
    classes = {name: list(of["names"]) for name, of in kinds.items() if of.get("_type") == "ClassLabel"}
    others = tuple(field.name for field in schema if field.name != audio and table_file.is_text_like(field.type))
    return Shape(audio, not (pa.types.is_string(kind) or pa.types.is_large_string(kind)), classes, others)


def _features(schema: Any) -> dict[str, dict[str, Any]]:
    """The features that ``datasets`` writes into a file's metadata; none where another tool wrote it."""
    try:
        content = documents.parse_json((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: kind for name, kind in content.items() if isinstance(kind, dict)}


def _schema(path: Path) -> Any:
    import pyarrow.parquet as pq

    with open(path, "rb") as file:
        corpus_text.refuse_stand_in(path, file.read(256))  # a clone of a Hub repository without git-lfs
    if path.suffix == ".parquet":
        return pq.read_schema(path)
    return next(iter(_readers(path))).schema


def _rows(path: Path, shape: Shape) -> Iterator[dict[str, Any]]:
    """The rows without the recordings."""
    import pyarrow.parquet as pq

    names = [*shape.others, *([] if shape.inside else [shape.audio])]
    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        if not names:
            yield from ({} for _ in range(file.metadata.num_rows))
            return
        for batch in file.iter_batches(batch_size=table_file.BATCH, columns=names):
            yield from table_file.rows_of(batch)
        return
    for reader in _readers(path):
        for batch in reader:
            # of mapped memory only the columns that are read are touched
            chosen = batch.select(names)
            yield from table_file.rows_of(chosen) if names else ({} for _ in range(batch.num_rows))


def _readers(path: Path) -> Iterator[Any]:
    """The record batches of an Arrow file, which is a stream or a file of batches."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as mapped:
        try:
            yield pa.ipc.open_stream(mapped)
        except pa.ArrowInvalid:
            reader = pa.ipc.open_file(mapped)
            yield pa.RecordBatchReader.from_batches(
                reader.schema, (reader.get_batch(number) for number in range(reader.num_record_batches))
            )


plugin = Reader(version="1", read=read, prepare=prepare, options=OPTIONS)
