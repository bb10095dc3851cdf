"""``annotate.Scale`` and ``annotate.describe``: numbers into words, with what each word rests on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from annotate.errors import SemoError, UsageError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from annotate.api.measuring import Clip
    from annotate.descriptors.words import Wording as WordingStage

Against = Literal["group", "speaker", "both"]
AGAINST = ("group", "speaker", "both")


@dataclass(frozen=True)
class Scale:
    """The edges between the words of each attribute, for each group of speakers.

    Attributes:
        content: what ``scale.json`` holds.
    """

    content: Mapping[str, Any]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Scale:
        """A scale that a run or ``save`` has written.

        Raises:
            SemoError: not there, or not a scale.
        """
        from annotate.descriptors import scale_file

        try:
            return cls(scale_file.load_whole(Path(path)))
        except SemoError as error:
            raise SemoError(str(error).replace("descriptors.scale=", "")) from None

    @classmethod
    def fit(
        cls,
        frame: pd.DataFrame,
        *,
        attributes: str | Sequence[str] = "all",
        levels: Literal[3, 5] = 3,
        against: Against = "both",
        by: Literal["gender", "speaker", "corpus"] = "gender",
        method: Literal["tertile", "zscore"] = "tertile",
        smallest_group: int = 30,
    ) -> Scale:
        """Fit the edges on measured recordings.

        Args:
            frame: what ``measure_all`` gives, or the rows of an output; for honest words of test speakers, those of
                the training split alone.
            attributes: ``all``, ``paper``, or names as in a recipe's ``descriptors.attributes``.
            levels: words of an attribute, 3 or 5.
            against: compare with the group, with the speaker's own usual, or with both.
            by: the group.
            method: edges at equal shares of the clips, or at half a standard deviation from the mean.
            smallest_group: fewest measured clips for edges of a group's, or a speaker's, own.

        Raises:
            SemoError: a column is missing, or an argument is wrong.
        """
        from annotate import attributes as known
        from annotate.descriptors import scale, speaker_relative
        from annotate.descriptors.clip_measurements import ClipMeasurements

        if against not in AGAINST:
            raise unknown_name("against:", str(against), AGAINST)
        table = known.table(attributes if isinstance(attributes, str) else list(attributes), levels)
        made = scale.descriptors(table, frame.columns)
        rows = _records(frame, [descriptor.measure for descriptor in made])
        clips = ClipMeasurements.of(rows, [descriptor.measure for descriptor in made])
        chosen = scale.Method(method, by, smallest_group=smallest_group)
        content = scale.fit(clips, made, chosen, {"corpus": None, "split": None})
        usual = {} if against == "group" else speaker_relative.fit(clips, content, smallest_group)
        return cls({**content, "own": usual, "against": against})

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the scale, for ``load`` and for ``descriptors.scale=FILE`` of a recipe."""
        from annotate.store import files

        files.write_text(Path(path), json.dumps(self.content, indent=1, ensure_ascii=False))
        return Path(path)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that it has edges for."""
        return tuple(self.content["descriptors"])

    def words(self, attribute: str) -> tuple[str, ...]:
        """The words of an attribute, from least to most."""
        if attribute not in self.content["descriptors"]:
            raise unknown_name("attribute", attribute, self.content["descriptors"])
        return tuple(self.content["descriptors"][attribute]["words"])

    def __repr__(self) -> str:
        return f"Scale({', '.join(self.attributes)}; by {self.content['by']})"


@dataclass(frozen=True)
class Detail:
    """What a word rests on.

    Attributes:
        word: against the group; None where there is none.
        group: whose edges decided, as in ``female``.
        edge_distance: the value less the nearest edge, in the measurement's unit.
        stability: probability that the word stays when the recording is disturbed (codec, noise, gain); None where
            nothing is known of the estimator.
        speaker_relative: the word against the speaker's own usual.
        note: what is out of the ordinary about it, or why there is no word.
    """

    word: str | None
    group: str | None
    edge_distance: float | None
    stability: float | None
    speaker_relative: str | None
    note: str | None


class Words(Mapping[str, str | None]):
    """The words of a recording: attribute -> word, with ``gender`` among them.

    Attributes:
        details: attribute -> what its word rests on.
        columns: the same as the columns of a row (``pitch``, ``pitch_own``, ``pitch_sure``, ...).
    """

    def __init__(self, columns: Mapping[str, Any], attributes: Sequence[str]) -> None:
        self.columns = dict(columns)
        self._attributes = tuple(attributes)

    @cached_property
    def details(self) -> dict[str, Detail]:
        """Attribute -> what its word rests on."""
        from annotate.attributes import SPEAKER, word_column

        notes = {note.split(":", 1)[0]: note for note in self.columns.get("notes_words") or ()}
        return {
            name: Detail(
                self.columns.get(name), self.columns.get(f"{name}_scale"), self.columns.get(f"{name}_margin"),
                self.columns.get(f"{name}_sure"), self.columns.get(word_column(name, SPEAKER)), notes.get(name),
            )
            for name in self._attributes
        }  # fmt: skip

    def __getitem__(self, name: str) -> str | None:
        if name not in self:
            raise unknown_name("attribute", str(name), ["gender", *self._attributes])
        word: str | None = self.columns.get(name)
        return word

    def __contains__(self, name: object) -> bool:
        return name == "gender" or name in self._attributes

    def __iter__(self) -> Iterator[str]:
        return iter(("gender", *self._attributes))

    def __len__(self) -> int:
        return 1 + len(self._attributes)

    def __repr__(self) -> str:
        return f"Words({', '.join(f'{name}={word!r}' for name, word in self.items() if word is not None)})"


@overload
def describe(measured: Clip, scale: Scale) -> Words: ...
@overload
def describe(measured: pd.DataFrame, scale: Scale) -> pd.DataFrame: ...
def describe(measured: Clip | pd.DataFrame, scale: Scale) -> Words | pd.DataFrame:
    """Turn measurements into words.

    Args:
        measured: a clip, or the table that ``measure_all`` gives.
        scale: the edges.

    Returns:
        Of a clip its ``Words``. Of a table one with its index and, for each attribute, the columns ``NAME``,
        ``NAME_scale`` (the group whose edges decided), ``NAME_margin`` (distance to the nearest edge), ``NAME_sure``
        (stability) and, where the attribute is compared so, ``NAME_own`` (against the speaker's own usual).

    Raises:
        SemoError: neither a clip nor a table, or a measurement that the scale needs is missing.

    Example:
        >>> words = annotate.describe(clip, scale)  # doctest: +SKIP
        >>> words["pitch"], words.details["pitch"].stability  # doctest: +SKIP
        ('high', 0.98)
    """
    from annotate.api.measuring import Clip

    if not isinstance(scale, Scale):
        raise UsageError(
            f"describe: the scale is {type(scale).__name__}; expected annotate.Scale, e.g. Scale.load(PATH)"
        )
    needed = [descriptor["measure"] for descriptor in scale.content["descriptors"].values()]
    if isinstance(measured, Clip):
        lacking = [name for name in needed if name not in measured]
        if lacking:
            raise unknown_name("column", lacking[0], measured)
        return Words({**measured, **_stage(scale, measured.features).all([_worded(measured)])[0]}, scale.attributes)
    return _described(measured, scale, needed)


def _described(frame: Any, scale: Scale, needed: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f"describe: {type(frame).__name__} given; expected a Clip or the table of measure_all")
    rows = _records(frame, needed)
    made = _stage(scale, frame.attrs.get("features") or {}).all([_worded(row) for row in rows])
    endings = ("", "_scale", "_margin", "_sure")
    columns = [f"{name}{ending}" for name in scale.attributes for ending in (*endings, *_usual(name))]
    described: pd.DataFrame = pd.DataFrame(
        [[row.get(name) for name in columns] for row in made], columns=columns, index=frame.index
    )
    return described


def _usual(name: str) -> tuple[str, ...]:
    """The ending of the word against the speaker's own usual, where an attribute is compared with it."""
    from annotate import attributes

    attribute = attributes.known().get(name)
    return (attributes.OWN,) if attribute is None or attributes.SPEAKER in attribute.against else ()


def _stage(scale: Scale, features: Mapping[str, str]) -> _WordStages:
    from annotate import recipe_sections, registry
    from annotate.descriptors import stability
    from annotate.descriptors.speaker_relative import SpeakerRelativeWords
    from annotate.descriptors.uncertainty import UncertaintyPolicy
    from annotate.descriptors.words import Wording as WordingStage

    chosen = registry.slots(dict(features) or recipe_sections.FeatureSettings().model_dump())
    plugins = {slot: registry.load(slot, name) for slot, name in chosen.items() if name != "none"}
    estimators = {column: chosen[slot] for slot, plugin in plugins.items() for column in plugin.writes}
    usual = scale.content.get("own", {})
    return _WordStages(
        WordingStage(scale.content, usual, UncertaintyPolicy(estimators, stability.shipped())),
        SpeakerRelativeWords(scale.content, usual),
    )


@dataclass(frozen=True)
class _WordStages:
    """Words against the group and against the speaker's own usual, in one row."""

    group: WordingStage
    speaker: Any

    def all(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The columns of each row, numbers as the data set gives them back: 32-bit floats."""
        import numpy as np

        both = zip(self.group.all(rows), self.speaker.all(rows), strict=True)
        return [
            {
                name: float(np.float32(value)) if isinstance(value, float) else value
                for name, value in (group | speaker).items()
            }
            for group, speaker in both
        ]


def _worded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the wording stage takes it: of no split and not put aside."""
    return {"split": "given", "drop_audio": None, "speaker": None, "gender": None, "rate_source": None, **row}


def _records(frame: pd.DataFrame, needed: Sequence[str]) -> list[dict[str, Any]]:
    """Rows with the measurements that are needed; a NaN of pandas is a null."""
    for name in needed:
        if name not in frame.columns:
            raise unknown_name("the table lacks the column", name, map(str, frame.columns))
    wanted = frame.reindex(columns=[*dict.fromkeys(needed), "speaker", "gender", "rate_source"])
    return list(wanted.astype(object).where(wanted.notna(), None).to_dict("records"))
