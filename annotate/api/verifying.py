"""``annotate.verify``: every caption of a data set read back into claims and judged."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.errors import UsageError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from annotate.captions.reading.verify import Tally

GRAVITY = ("contradiction", "unsupported", "missing")  # the worst first


class Verification:
    """The captions of a data set and what the claim check says of each.

    Iterating reads the data set and gives, for each caption, a mapping of ``id``, ``verdict``, ``claims`` (each with
    what it was held against) and ``missing`` (facts that the caption leaves out). The counts are of the latest
    reading.

    Attributes:
        source: the data set.
    """

    def __init__(self, source: str, columns: Mapping[str, str], strict: bool) -> None:
        self.source = source
        self._columns, self._strict = dict(columns), strict
        self._tally: Tally | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        from annotate.captions import caption_rows
        from annotate.captions.reading import verify

        self._tally = verify.Tally()
        # a corpus whose column of volume is called energy means volume by the word, also in its captions
        energy = self._columns.get("volume", "").lower() == "energy"
        yield from verify.verify(caption_rows.rows(self.source, self._columns), self._tally, self._strict, energy)

    def __repr__(self) -> str:
        return f"Verification({self.source!r})"

    @property
    def counts(self) -> Tally:
        """How many captions of each verdict (``verdicts``), claims by what came of them, rows, rows without a caption.

        Raises:
            SemoError: the data set cannot be read.
        """
        if self._tally is None:
            for _ in self:
                pass
        assert self._tally is not None  # made by the reading
        return self._tally

    def frame(self) -> pd.DataFrame:
        """A row for each caption: ``id``, ``verdict``, ``claims``, ``missing``.

        Raises:
            SemoError: the data set cannot be read.
        """
        import pandas as pd

        frame: pd.DataFrame = pd.DataFrame(list(self), columns=["id", "verdict", "claims", "missing"])
        return frame

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write a line of JSON for each caption, the whole file or none of it.

        Raises:
            SemoError: the data set cannot be read, or the file not be written.
        """
        from annotate.captions.reading import verify

        verify.write(Path(path), self)
        return Path(path)

    def text(self) -> str:
        """The counts, as a person reads them."""
        from annotate.captions.reading import summary

        return "\n".join(summary.lines(self.source, self.counts))

    def failure(self, verdict: str) -> str | None:
        """Why the captions fail a limit: one has this verdict or a worse one, or none was judged; else None.

        Raises:
            UsageError: not one of ``contradiction``, ``unsupported``, ``missing``.
        """
        if verdict not in GRAVITY:
            raise unknown_name("verdict", verdict, GRAVITY)
        counts, judged = self.counts.verdicts, sum(self.counts.verdicts.values())
        bad = {name: counts[name] for name in GRAVITY[: GRAVITY.index(verdict) + 1] if counts[name]}
        if bad:
            return f"{self.source}: {', '.join(f'{name} {count}' for name, count in bad.items())} of {judged} captions"
        return None if judged else f"{self.source}: no row has a caption, so none was judged"


def verify(
    source: str | os.PathLike[str], *, columns: Mapping[str, str] | None = None, strict: bool = False
) -> Verification:
    """Read the captions of a data set back into claims and hold each against the row.

    Args:
        source: an output folder, a folder of Parquet files, a JSONL, JSON, CSV, TSV or Parquet file, or the name of a
            data set on the Hub.
        columns: our column's name -> its name in this data set, as in ``{"caption": "text"}``.
        strict: also refuse words that the check does not know, as for captions about to be published.

    Returns:
        A ``Verification``; nothing is read before it is asked for lines or counts.

    Raises:
        SemoError: an argument is wrong.

    Example:
        >>> found = annotate.verify("out/ravdess")  # doctest: +SKIP
        >>> found.counts.verdicts, found.frame().query("verdict != 'ok'")  # doctest: +SKIP
    """
    for ours, theirs in (columns or {}).items():
        if not isinstance(ours, str) or not isinstance(theirs, str) or not ours or not theirs:
            raise UsageError(f"columns: {ours!r}: {theirs!r}; expected names of columns, as in {{'caption': 'text'}}")
    return Verification(os.fspath(source), columns or {}, strict)
