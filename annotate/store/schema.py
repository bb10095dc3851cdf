"""The schema of a row: every column, its type and its meaning, derived from a recipe's attributes and features.

Stages add columns and never change another's. The contract's columns stand first, in its order; those of further
features and attributes stand after them. Columns of ``Schema.working`` live in ``work/`` alone; ``Schema.row`` is what
users get.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from annotate import attributes
from annotate.attributes import GROUP, SPEAKER, Attribute, AttributeTable, word_column
from annotate.errors import SemoError
from annotate.settings import CONTENTS

TEXT, REAL, COUNT, TEXTS = pa.string(), pa.float32(), pa.int32(), pa.list_(pa.string())


@dataclass(frozen=True)
class Column:
    """A column: its name (with the unit), its Arrow type, and what it means."""

    name: str
    type: pa.DataType
    about: str


def reply_column(content: str) -> str:
    """The column of a content: ``E+G+P`` is in ``reply_e_g_p``."""
    return "reply_" + content.lower().replace("+", "_")


def reply_word_column(name: str, table: AttributeTable) -> str:
    """The column of the word that replies have of an attribute: its own, where that has the same words."""
    whole = table.with_replies()
    return name if attributes.reply_attributes().words(name) == whole.words(name) else f"{name}_word"


IDENTITY = (
    Column("id", TEXT, "unique name of the row within its corpus"),
    Column("corpus", TEXT, "name of the data manifest"),
    Column("duration", REAL, "length of the recording in seconds"),
    Column("speaker", TEXT, "who speaks, as the corpus names them"),
    Column("gender", TEXT, "female or male; null if neither given nor estimated"),
    Column("gender_source", TEXT, "corpus: given by the corpus; estimated: from the voice"),
    Column("session", TEXT, "recording session, where the corpus has sessions"),
    Column("split", TEXT, "train, validation or test"),
    Column("language", TEXT, "language spoken, as an ISO 639-1 code"),
    Column("transcript", TEXT, "the words spoken, without tags"),
    Column("emotion", TEXT, "emotion in the common vocabulary"),
    Column("emotion_original", TEXT, "emotion as the corpus writes it"),
    Column("intensity", TEXT, "intensity of the emotion, as the corpus writes it"),
    Column("valence", REAL, "valence on the corpus's own scale"),
    Column("arousal", REAL, "arousal (activation) on the corpus's own scale"),
    Column("dominance", REAL, "dominance on the corpus's own scale"),
)
# the measurements of each slot, in the contract's order
BY_SLOT: Mapping[str, tuple[Column, ...]] = {
    "pitch": (
        Column("pitch_median_hz", REAL, "median F0 over voiced frames, Hz"),
        Column("pitch_mean_hz", REAL, "mean F0 over voiced frames, Hz"),
        Column("pitch_sd_st", REAL, "standard deviation of F0 over voiced frames, semitones"),
        Column("pitch_range_st", REAL, "5th to 95th percentile of F0 over voiced frames, semitones"),
        Column("pitch_slope_st_s", REAL, "slope of F0 over the utterance, semitones per second"),
        Column("voiced_fraction", REAL, "voiced frames over all frames, 0 to 1"),
    ),
    "energy": (
        Column("loudness_lufs", REAL, "integrated loudness (ITU-R BS.1770-4, gate relative to the clip), LUFS"),
        Column("level_rms_dbfs", REAL, "root mean square level of the whole clip, dB re full scale"),
    ),
    "rate": (
        Column("rate_syllables_s", REAL, "syllables per second of time spoken"),
        Column("rate_phones_s", REAL, "phones per second of time spoken"),
        Column("spoken_s", REAL, "time spoken, pauses and silence around the speech left out, s"),
        Column("pause_s", REAL, "pauses within the speech, s"),
        Column("snr_db", REAL, "level of the speech over that of the pauses, dB"),
    ),
    "voice": (
        Column("jitter", REAL, "jitter (local): mean difference of consecutive periods over the mean period"),
        Column("shimmer", REAL, "shimmer (local): the same for the periods' amplitudes"),
        Column("hnr_db", REAL, "harmonics-to-noise ratio over voiced frames, dB"),
        Column("tilt_db", REAL, "spectral tilt: energy above 1 kHz over that below, dB"),
    ),
}
MEASUREMENTS = tuple(column for columns in BY_SLOT.values() for column in columns)
# what they measure beyond it; these columns are always there too
FURTHER_BY_SLOT: Mapping[str, tuple[Column, ...]] = {
    "pitch": (
        Column("pitch_rise_st", REAL, "rise of F0 over the utterance, by a straight line through it, semitones"),
    ),
    "voice": (
        Column("h1_h2_db", REAL, "level of the first harmonic over that of the second, voiced frames, dB"),
        Column("spectral_flux", REAL, "change of the spectrum's shape from one voiced frame to the next, 0 to 1.41"),
        Column("voiced_share", REAL, "time voiced over time spoken, 0 to 1"),
        Column("pause_share", REAL, "pauses within the speech over the speech with its pauses, 0 to 1"),
        Column("level_change_db", REAL, "level of the last third of the speech less that of the first, dB"),
    ),
}
FURTHER = tuple(column for columns in FURTHER_BY_SLOT.values() for column in columns)
NOTES = (Column("notes", TEXTS, "why a value is null, or how it was measured if not in the usual way"),)
REPLIES = tuple(Column(reply_column(c), TEXT, f"the reply with content {c}") for c in CONTENTS)
CAPTIONS = (
    Column("caption", TEXT, "how the clip sounds and why that suggests its emotion"),
    Column("caption_writer", TEXT, "template, or the writer that worded it"),
    Column("caption_model", TEXT, "the language model, if one wrote it"),
    Column("caption_prompt_hash", TEXT, "SHA-256 of the prompt, if a model wrote it"),
    Column("caption_tries", COUNT, "how often the writer was asked"),
    Column("caption_claims", TEXT, "the claims that the caption makes, as JSON"),
)
GENDER_PROBABILITY = Column(
    "gender_probability", REAL, "probability of an estimated gender, 0.5 to 1; null if the corpus gives it"
)
SOURCES = (
    Column("transcript_original", TEXT, "the transcript as the corpus writes it, if remarks were removed from it"),
    Column("rate_source", TEXT, "transcript: its syllables; signal: sound alone; given: the table; null: no rate"),
)
UNWRITTEN = (
    Column("caption_fault", TEXT, "why the writer's last answer, or the template's caption, is not the row's"),
    Column("notes_captions", TEXTS, "what writing has to say of the row"),
)
WORKING = (
    Column("path", TEXT, "the recording, relative to the corpus root"),
    Column("audio_bytes", pa.int64(), "size of the file when the corpus was read"),
    Column("audio_mtime_ns", pa.int64(), "its time of change when the corpus was read"),
    Column("audio_digest", TEXT, "digest of the channel that was measured, at the file's own rate"),
    Column("gender_given", TEXT, "gender as the corpus gives it"),
    Column("language_given", TEXT, "language as the corpus writes it"),
    Column("transcript_given", TEXT, "transcript as the corpus gives it"),
    Column("measured_given", TEXT, "measurements as the corpus gives them, as JSON by column"),
    Column("split_given", TEXT, "split as the corpus gives it"),
    Column("rate_refused", TEXT, "fast or slow: the rate is null because nobody speaks so"),
    Column("drop_corpus", TEXT, "why the reader puts the row aside"),
    Column("drop_select", TEXT, "why the label set or the split puts the row aside"),
    Column("audio_flaw", TEXT, "clipped or silent, where the recording is"),
    Column("drop_decoded", TEXT, "why the recording is refused"),
    Column("drop_audio", TEXT, "why the recording is refused, or is not used again"),
    Column("notes_repeats", TEXTS, "which other row has the same recording"),
    Column("notes_corpus", TEXTS, "what the reader has to say of the row"),
    Column("notes_audio", TEXTS, "what decoding has to say of the row"),
)
AFTER_MEASURING = (
    Column("gender_log_odds", REAL, "log odds of a man's voice, where gender is estimated"),
    Column("notes_speakers", TEXTS, "how the gender was estimated"),
    Column(
        "hedged",
        TEXTS,
        "columns whose word is doubtful: captions hedge it; one against the speaker's usual they leave out",
    ),
    Column("notes_words", TEXTS, "what wording has to say of the row"),
    *UNWRITTEN,
)
DROPS = ("drop_corpus", "drop_select", "drop_audio")
SLOTS = ("transcript", "pitch", "energy", "rate", "gender", "voice")


@dataclass(frozen=True)
class Schema:
    """The columns of one recipe.

    Attributes:
        table: its attributes, those of the paper's replies among them.
        further: slot -> the columns that its feature writes beyond the contract's.
    """

    table: AttributeTable
    further: Mapping[str, tuple[Column, ...]]

    @cached_property
    def measurements(self) -> tuple[Column, ...]:
        """All measurements: the contract's, then those of further features."""
        return (*MEASUREMENTS, *FURTHER, *(column for columns in self.further.values() for column in columns))

    @cached_property
    def words(self) -> tuple[Column, ...]:
        """The contract's words."""
        return tuple(column for one in self._of_replies for column in self._word(one))

    @cached_property
    def stability(self) -> tuple[Column, ...]:
        """How sure a value is, and the state beside the trait, of the contract's words."""
        mine = self._of_replies
        return (
            GENDER_PROBABILITY, *map(_margin, mine), *map(_sure, mine), *(self._own(one) for one in mine),
        )  # fmt: skip

    @cached_property
    def added(self) -> tuple[Column, ...]:
        """What stands after the contract's columns."""
        found = [*FURTHER, *(column for columns in self.further.values() for column in columns)]
        found += self._reply_words if self._reply_words_differ else ()
        for one in self.table.values():
            if not one.reply:
                found += [*self._word(one), _margin(one), _sure(one)]
                found += [self._own(one)] if SPEAKER in one.against else []
        return tuple(found)

    @cached_property
    def row(self) -> tuple[Column, ...]:
        """What users get, in order."""
        return (
            *IDENTITY, *MEASUREMENTS, *self.words, *NOTES, *REPLIES, *CAPTIONS, *self.stability, *SOURCES, *self.added,
        )  # fmt: skip

    @cached_property
    def working(self) -> tuple[Column, ...]:
        """Columns of ``work/`` alone."""
        notes = [
            Column(f"notes_{slot}", TEXTS, f"what measuring {slot} has to say of the row")
            for slot in dict.fromkeys((*SLOTS, *self.further))
        ]
        said = () if self._reply_words_differ else self._reply_words
        return (*WORKING, *notes, *AFTER_MEASURING[:2], *said, *AFTER_MEASURING[2:])

    @cached_property
    def columns(self) -> dict[str, Column]:
        """All columns by name."""
        return {column.name: column for column in (*self.row, *self.working)}

    @cached_property
    def note_parts(self) -> tuple[str, ...]:
        """The columns that ``notes`` is put together from."""
        return tuple(column.name for column in self.working if column.name.startswith("notes_"))

    @cached_property
    def worded(self) -> dict[str, tuple[str, ...]]:
        """Part of the wording stage (``words``, ``own``) -> the columns that it writes."""
        own = tuple(word_column(name, SPEAKER) for name, one in self.table.items() if SPEAKER in one.against)
        words = [f"{name}{ending}" for name in self.table for ending in ("", "_scale", "_margin", "_sure")]
        words += [column.name for column in self._reply_words]
        return {"words": (*words, "hedged", "notes_words"), "own": own}

    def arrow(self, names: Iterable[str]) -> pa.Schema:
        """The Arrow schema of some columns, in the order given."""
        return pa.schema([(name, self.columns[name].type) for name in names])

    @property
    def _of_replies(self) -> list[Attribute]:
        return [one for one in self.table.values() if one.reply]

    @cached_property
    def _reply_words(self) -> tuple[Column, ...]:
        about = "the word of {} that the paper's replies have: of three levels, whatever is done with a doubtful one"
        return tuple(Column(f"{one.name}_word", TEXT, about.format(one.name)) for one in self._of_replies)

    @property
    def _reply_words_differ(self) -> bool:
        """Whether users need the words of replies beside those of the attributes."""
        return any(reply_word_column(one.name, self.table) != one.name for one in self._of_replies)

    def _word(self, one: Attribute) -> tuple[Column, ...]:
        group = (
            f"the group whose edges were used for {one.name}"
            if GROUP in one.against
            else "absolute: edges that are not fitted"
        )
        return Column(one.name, TEXT, _listed(self.table.words(one.name))), Column(f"{one.name}_scale", TEXT, group)

    def _own(self, one: Attribute) -> Column:
        words = _listed(self.table.words(one.name))
        return Column(
            word_column(one.name, SPEAKER),
            TEXT,
            f"{words} relative to the speaker's other clips; null if there are too few",
        )


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _margin(one: Attribute) -> Column:
    units = " or ".join(dict.fromkeys(unit or "as a ratio" for unit in one.measures.values()))
    measure = " or ".join(one.measures)
    return Column(f"{one.name}_margin", REAL, f"{measure} minus the nearest edge of {one.name}_scale, {units}")


def _sure(one: Attribute) -> Column:
    about = f"probability that {one.name} stays the same if the clip is measured again under disturbance"
    return Column(f"{one.name}_sure", REAL, about)


def of(table: AttributeTable, written: Mapping[str, Mapping[str, str]] | None = None) -> Schema:
    """The schema of a recipe.

    Args:
        table: its attributes.
        written: slot -> column -> what it means, for everything that its features write.

    Raises:
        SemoError: a feature writes a column that is another's.
    """
    contract = {column.name for column in (*IDENTITY, *MEASUREMENTS, *FURTHER, *SOURCES, *WORKING, *AFTER_MEASURING)}
    further = {
        slot: tuple(Column(name, REAL, about) for name, about in columns.items() if name not in contract)
        for slot, columns in (written or {}).items()
    }
    made = Schema(
        table.with_replies(), {slot: columns for slot, columns in further.items() if columns or slot not in SLOTS}
    )
    names = [column.name for column in (*made.row, *made.working)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SemoError(f"the column '{twice[0]}' would be written twice; rename it in your feature or your attribute")
    return made


SHIPPED = of(attributes.table(attributes.ALL))
# every column that the shipped attributes and features make, for what knows no recipe
ROW, COLUMNS = SHIPPED.row, SHIPPED.columns


def arrow(names: Iterable[str]) -> pa.Schema:
    """The Arrow schema of some columns of the shipped schema, in the order given."""
    return SHIPPED.arrow(names)
