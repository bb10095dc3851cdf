"""``annotate.Output``: what a run has left, read by its names."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.errors import SemoError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from annotate.api.describing import Scale
    from annotate.descriptors.emotion_reasons import Reason


class Output:
    """A finished output folder.

    Attributes:
        folder: where it lies.
        computed: rows computed by part in the call that gave this output; empty where all was done before.
        published: the address on the Hub, where the recipe says to publish.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Open the output of an earlier run.

        Raises:
            SemoError: there is no finished output in the folder.
        """
        self.folder = Path(folder)
        self.computed: Mapping[str, int] = {}
        self.published: str | None = None
        if not (self.folder / "summary.json").is_file():
            raise SemoError(f"{self.folder}: not a finished output: summary.json is missing; annotate.run creates one")

    def __fspath__(self) -> str:
        return str(self.folder)

    def __repr__(self) -> str:
        rows = self.summary["rows"]
        return f"Output({str(self.folder)!r}: {rows['kept']} of {rows['found']} rows)"

    @property
    def splits(self) -> list[str]:
        """Names of its splits."""
        return [split for split, rows in self.summary["splits"].items() if rows]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The content of ``summary.json``: every row accounted for, seconds, versions."""
        return self._json("summary.json")

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """The content of ``evidence.json``: which word goes with which emotion."""
        return self._json("evidence.json")

    @cached_property
    def reasons(self) -> dict[str, dict[str, list[Reason]]]:
        """Emotion -> ``for`` or ``against`` -> the words that are reasons, the strongest first."""
        from annotate.descriptors import emotion_reasons

        return emotion_reasons.by_emotion(self.evidence)

    @property
    def untested(self) -> dict[str, int]:
        """Emotion -> its training clips, of emotions with too few of them to count words on."""
        from annotate.descriptors import emotion_reasons

        return emotion_reasons.too_few(self.evidence)

    @property
    def sufficiency(self) -> str | None:
        """How much of the emotion the words and the measurements carry, as a sentence; None where it is not known."""
        from annotate.descriptors import sufficiency

        return sufficiency.sentence(self.evidence)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The content of ``manifest.yaml``: splits, labels, the attributes with their words, the columns of replies."""
        from annotate import documents

        return documents.read_yaml(self.folder / "manifest.yaml")

    @cached_property
    def scale(self) -> Scale:
        """The edges between the words."""
        from annotate.api.describing import Scale

        return Scale.load(self.folder / "scale.json")

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.folder / "report.html"

    def frame(self, split: str | None = None, columns: list[str] | None = None) -> pd.DataFrame:
        """The rows as a table, without the recordings.

        Args:
            split: one of ``splits``; all of them where it is not given.
            columns: some columns only; ``audio`` gives the recordings as bytes.

        Raises:
            SemoError: no such split or column.
        """
        import pandas as pd
        import pyarrow.parquet as pq

        if split is not None and split not in self.splits:
            raise unknown_name("split", split, self.splits)
        frames = []
        for name in [split] if split else self.splits:
            for path in sorted((self.folder / "data").glob(f"{name}-*.parquet")):
                known = pq.read_schema(path).names
                for column in columns or ():
                    if column not in known:
                        raise unknown_name("column", column, known)
                wanted = columns if columns is not None else [column for column in known if column != "audio"]
                frames.append(self._named(pq.read_table(path, columns=wanted)))
        return pd.concat(frames, ignore_index=True)

    def dataset(self) -> Any:
        """The data set, a ``datasets.DatasetDict``: audio plays, features are typed.

        Raises:
            SemoError: `datasets` cannot read it, with the reason.
        """
        from datasets import load_dataset

        # `datasets` takes paths for patterns: a folder named a* would be read together with its neighbours
        paths = {split: sorted((self.folder / "data").glob(f"{split}-*.parquet")) for split in self.splits}
        files = {split: [glob.escape(str(path.absolute())) for path in paths[split]] for split in paths}
        if "::" in str(self.folder.absolute()):
            raise SemoError(
                f"{self.folder}: `datasets` cannot open a path with '::'; rename the folder, or use frame()"
            )
        try:
            return load_dataset("parquet", data_files=files)
        except Exception as error:  # whatever `datasets` raises is one line to a user
            raise SemoError(f"{self.folder}: `datasets` cannot read it: {error}") from error

    def _named(self, table: Any) -> pd.DataFrame:
        """Emotions by their names; the files hold the numbers of a ``ClassLabel``."""
        frame: pd.DataFrame = table.to_pandas()
        if "emotion" in frame.columns and frame["emotion"].dtype.kind in "if":
            names = dict(enumerate(self.manifest["label"]["names"]))
            frame["emotion"] = frame["emotion"].map(names)
        return frame

    def _json(self, name: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.folder / name).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise SemoError(f"{self.folder / name}: cannot be read: {error}") from None
