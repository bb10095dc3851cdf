"""Rows of captions from anywhere: our own output, a table or JSONL file, a folder of Parquet, a data set on the Hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotate import attributes, documents
from annotate.corpora import table_file
from annotate.errors import SemoError, UsageError, unknown_name

Row = dict[str, Any]


def rows(source: str, mapping: Mapping[str, str]) -> Iterator[Row]:
    """Rows in their order, columns named as ours.

    Args:
        source: a file (JSONL, JSON, CSV, TSV, Parquet), a folder with such files (our output keeps them in
            ``data/``), or the name of a data set that ``datasets`` can load.
        mapping: our column -> the source's column.

    Raises:
        SemoError: the source is absent or broken, with file and line.
        UsageError: a mapped column does not exist, or there are no captions.
    """
    ours = ("id", "caption", "gender", *attributes.known(), "emotion", "transcript", "verdict")
    for name in mapping:
        if name not in ours:
            raise unknown_name("--map column", name, ours)
    first = True
    for number, row in enumerate(_raw(source), 1):
        flat = {**row, **_nested(row)}
        if first:
            _require(source, flat, mapping)
            first = False
        mapped = {**flat, **{name: flat.get(theirs) for name, theirs in mapping.items()}}
        mapped["id"] = str(number if mapped.get("id") is None else mapped["id"])
        yield mapped
    if first:
        raise SemoError(f"{source}: contains no rows")


def _nested(row: Row) -> Row:
    """Descriptors may stand in an object of their own."""
    for name in ("descriptors", "row"):
        if isinstance(row.get(name), dict):
            return dict(row[name])
    return {}


def _require(source: str, row: Row, mapping: Mapping[str, str]) -> None:
    for ours, theirs in mapping.items():
        if theirs not in row:
            raise unknown_name(f"--map {ours}={theirs}: column", theirs, row)
    if "caption" not in row and "caption" not in mapping:
        known = ", ".join(row)
        raise UsageError(f"{source}: has no column 'caption'; name it with --map caption=NAME; columns are: {known}")


def _raw(source: str) -> Iterator[Row]:
    path = Path(source)
    if path.is_file():
        yield from _file(path)
    elif path.is_dir():
        attributes.bring(path)
        inside = path / "data" if (path / "data").is_dir() else path
        files = sorted(path for ending in ("parquet", "jsonl", "csv", "tsv") for path in inside.rglob(f"*.{ending}"))
        if not files:
            raise SemoError(f"{source}: contains no .parquet, .jsonl, .csv or .tsv files")
        for file in files:
            yield from _file(file)
    elif path.suffix or source.startswith((".", "/")) or source.count("/") > 1:
        raise SemoError(f"{source}: no such file or folder")
    else:
        yield from _hub(source)


def _file(path: Path) -> Iterator[Row]:
    readers = {
        ".jsonl": _jsonl,
        ".ndjson": _jsonl,
        ".json": _json,
        ".csv": _table,
        ".tsv": _table,
        ".parquet": _parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path}: expected one of {', '.join(readers)}")
    try:
        yield from reader(path)
    except UnicodeDecodeError as error:
        raise SemoError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise SemoError(f"{path}: cannot be read: {error.strerror or error}") from None


def _jsonl(path: Path) -> Iterator[Row]:
    with open(path, encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _object(line, f"{path}, line {number}")


def _object(text: str, where: str) -> Row:
    try:
        row = documents.parse_json(text)
    except ValueError as error:
        raise SemoError(f"{where}: not valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise SemoError(f"{where}: expected an object with a caption, found {type(row).__name__}")
    return row


def _json(path: Path) -> Iterator[Row]:
    try:
        content = documents.parse_json(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise SemoError(f"{path}: not valid JSON: {error}") from None
    for number, row in enumerate(content if isinstance(content, list) else [content], 1):
        if not isinstance(row, dict):
            raise SemoError(f"{path}, row {number}: expected an object, found {type(row).__name__}")
        yield row


def _table(path: Path) -> Iterator[Row]:
    """Rows of a separated table, read as ``run`` reads one; a broken row is an error, for its verdict would be too."""
    for record in table_file.opened(path).records():
        if record.problem:
            raise SemoError(f"{path}, line {record.row}: {record.problem}")
        yield {name: value or None for name, value in record.values.items() if name}


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        labels = _labels(file.schema_arrow.metadata or {})
        columns = [
            field.name
            for field in file.schema_arrow
            if not pa.types.is_nested(field.type) or field.name in ("descriptors", "row")
        ]
        for batch in file.iter_batches(256, columns=columns):
            for row in batch.to_pylist():
                yield {name: _named(value, labels.get(name)) for name, value in row.items()}
    except pa.ArrowInvalid as error:
        raise SemoError(f"{path}: not a Parquet file: {error}") from None


def _labels(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Names of class labels, as ``datasets`` writes them into a Parquet file."""
    try:
        features = documents.parse_json(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    return {
        name: feature["names"] for name, feature in features.items() if isinstance(feature, dict) and "names" in feature
    }


def _named(value: Any, names: list[str] | None) -> Any:
    return names[value] if names and isinstance(value, int) and 0 <= value < len(names) else value


def _hub(name: str) -> Iterator[Row]:
    from datasets import ClassLabel, load_dataset

    try:
        splits = load_dataset(name, trust_remote_code=False)
    except Exception as error:  # whatever the Hub client raises is one line to a user
        why = " ".join(str(error).split())[:200]
        raise SemoError(f"{name}: neither a local file or folder nor a data set that can be loaded: {why}") from None
    for split in splits.values():
        labels = {
            column: feature.names for column, feature in split.features.items() if isinstance(feature, ClassLabel)
        }
        keep = [
            column
            for column, feature in split.features.items()
            if type(feature).__name__ not in ("Audio", "Image", "Video")
        ]
        for row in split.select_columns(keep):
            yield {column: _named(value, labels.get(column)) for column, value in row.items()}
