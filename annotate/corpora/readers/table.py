"""Any table with a row for each recording: CSV, TSV, JSON lines or Parquet, with a column map.

The table lies below ``corpus.root``, or elsewhere by its path. Paths in it are relative to the root. See
``annotate/corpora/column_map.py`` for the map; tables with usual column names need none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from annotate.corpora import column_map, delimited_text, table_file
from annotate.corpora.reader import Reader, Request, require_file, require_folder
from annotate.corpora.utterance import Utterance
from annotate.errors import UsageError

NAMES = ("metadata", "labels", "data", "manifest")
TABLES = tuple(ending for ending in table_file.ENDINGS if ending != ".json")
# a .json of such a name is often something else: it is the last to be taken for the table
USUAL = (*(f"{name}{ending}" for name in NAMES for ending in TABLES), *(f"{name}.json" for name in NAMES))
OPTIONS = {
    "table": "the file; by default metadata, labels, data or manifest with .csv, .tsv, .jsonl or .parquet",
    "encoding": "of the table; by default UTF-8, or UTF-16 where the file begins so",
    "separator": "of columns: comma, semicolon, tab, pipe or the character; by default what the header has",
    "quotes": "auto (default), or none where quotation marks are part of the text",
    **column_map.OPTIONS,
}


def read(request: Request) -> Iterator[Utterance]:
    """An utterance for each row, in the order of the table."""
    require_folder(request.root, "a table and the recordings that it names")
    path = _find(request)
    opened = table_file.opened(
        path,
        encoding=request.text("encoding"),
        separator=request.text("separator"),
        quotes=request.choice("quotes", delimited_text.QUOTES, "auto"),
    )
    mapped = column_map.of(
        request, opened.columns, str(path), open_ended=path.suffix.lower() in table_file.JSON_ENDINGS
    )
    if "path" not in mapped.sources:
        raise UsageError(
            f"{path}: no column is recognised as the path of the recordings; name it with "
            f"corpus.options.columns.path=COLUMN (the table has {', '.join(opened.columns[:20])})"
        )
    for record in opened.records():
        where = f"{path.name}:{record.row}"
        if record.problem:
            yield Utterance(id=where, path="", drop=record.problem)
        else:
            utterance = mapped.utterance(record.values, request, where)
            yield replace(utterance, notes=(*record.notes, *utterance.notes)) if record.notes else utterance


def _find(request: Request) -> Path:
    named = request.text("table")
    if named is not None:
        path = request.place("table", named)
        require_file(path, request.root, f"table {named}")
        return path
    for name in USUAL:
        if (request.root / name).is_file():
            return request.root / name
    require_file(request.root / USUAL[0], request.root, "metadata.csv, .tsv, .jsonl or .parquet (see options.table)")
    raise AssertionError("require_file refuses what is not there")


plugin = Reader(version="2", read=read, options=OPTIONS)
