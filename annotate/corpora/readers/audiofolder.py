"""A folder of recordings, with or without labels.

Without ``pattern`` every recording below the root is an utterance without label. With it, what stands in the
path is taken apart: a regular expression that is searched in the path below the root (ending left off) and
whose named groups are columns, for example ``(?P<speaker>[^/]+)/(?P<emotion>[^/]+)/[^/]+$``. A recording that
the pattern does not know is put aside. See ``annotate/corpora/column_map.py`` for the column map.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotate.corpora import column_map
from annotate.corpora.reader import (
    Reader,
    Request,
    misnamed,
    nothing_found,
    recordings,
    require_folder,
    stem,
    without_ending,
)
from annotate.corpora.utterance import Utterance
from annotate.errors import UsageError

OPTIONS = {
    "pattern": "regular expression over the path below the root; its named groups are columns",
    "looked_for": "how the recordings are named, for the error where none is found",
    **column_map.OPTIONS,
}


def read(request: Request) -> Iterator[Utterance]:
    """An utterance for each recording, folder by folder in order."""
    looked_for = request.text("looked_for", "recordings (.wav, .flac, .mp3, .ogg ...)") or ""
    require_folder(request.root, looked_for)
    pattern = _pattern(request)
    names = ["path", "stem", *(pattern.groupindex if pattern else ())]
    mapped = column_map.of(request, names, "the pattern")
    known = False
    unknown: list[Utterance] = []
    for path in recordings(request.root):
        match = pattern.search(without_ending(path)) if pattern else None
        if pattern and match is None:
            odd = misnamed(path)
            # only once one is known is this the corpus at all
            if not known:
                unknown.append(odd)
            else:
                yield odd
            continue
        known = True
        row = {**(match.groupdict() if match else {}), "path": path, "stem": stem(path)}
        yield mapped.utterance(row, request, path)
    if not known:
        raise nothing_found(request.root, looked_for)
    yield from unknown


def _pattern(request: Request) -> re.Pattern[str] | None:
    written = request.text("pattern")
    try:
        return re.compile(written) if written else None
    except re.error as error:
        raise UsageError(f"corpus.options.pattern: not a regular expression: {error}") from None


plugin = Reader(version="2", read=read, options=OPTIONS)
