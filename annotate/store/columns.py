"""The columns that every recipe's rows have, with type and meaning; those of ``work/`` alone among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from annotate.recipe_sections import CONTENTS

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


IDENTITY = (
    Column("id", TEXT, "unique name of the row within its corpus"),
    Column("corpus", TEXT, "name of the data manifest"),
    Column("duration", REAL, "length of the recording in seconds"),
    Column("speaker", TEXT, "the speaker, as the corpus names them"),
    Column("gender", TEXT, "female or male; null if neither given nor estimated"),
    Column("gender_source", TEXT, "corpus (given by the corpus) or estimated (from the voice)"),
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
        Column("voiced_fraction", REAL, "voiced frames as a share of all frames, 0 to 1"),
    ),
    "energy": (
        Column("loudness_lufs", REAL, "integrated loudness (ITU-R BS.1770-4, gate relative to the clip), LUFS"),
        Column("level_rms_dbfs", REAL, "root mean square level of the whole clip, dB re full scale"),
    ),
    "rate": (
        Column("rate_syllables_s", REAL, "syllables per second of speaking time"),
        Column("rate_phones_s", REAL, "phones per second of speaking time"),
        Column("spoken_s", REAL, "speaking time, without pauses or the silence before and after, s"),
        Column("pause_s", REAL, "pauses within the speech, s"),
        Column("snr_db", REAL, "level of the speech relative to that of the pauses, dB"),
    ),
    "voice": (
        Column(
            "jitter",
            REAL,
            "jitter (local): mean absolute difference between consecutive periods, divided by the mean period",
        ),
        Column("shimmer", REAL, "shimmer (local): the same for the periods' amplitudes"),
        Column("hnr_db", REAL, "harmonics-to-noise ratio over voiced frames, dB"),
        Column("tilt_db", REAL, "spectral tilt: energy above 1 kHz relative to that below, dB"),
    ),
}
MEASUREMENTS = tuple(column for columns in BY_SLOT.values() for column in columns)
# what they measure beyond it; these columns are always there too
FURTHER_BY_SLOT: Mapping[str, tuple[Column, ...]] = {
    "pitch": (
        Column("pitch_rise_st", REAL, "rise of F0 over the utterance, from a straight line fitted to it, semitones"),
    ),
    "voice": (
        Column("h1_h2_db", REAL, "level of the first harmonic relative to the second, over voiced frames, dB"),
        Column("spectral_flux", REAL, "change of the spectrum's shape from one voiced frame to the next, 0 to 1.41"),
        Column("voiced_share", REAL, "voiced time as a share of speaking time, 0 to 1"),
        Column("pause_share", REAL, "pauses as a share of the speech including its pauses, 0 to 1"),
        Column("level_change_db", REAL, "level of the last third of the speech minus that of the first, dB"),
    ),
}
FURTHER = tuple(column for columns in FURTHER_BY_SLOT.values() for column in columns)
NOTES = (
    Column(
        "notes",
        TEXTS,
        "why a value is null, how it was measured if not in the usual way, or what is unusual about its word",
    ),
)
REPLIES = tuple(Column(reply_column(c), TEXT, f"the reply with content {c}") for c in CONTENTS)
CAPTIONS = (
    Column("caption", TEXT, "how the clip sounds, and why that suggests its emotion"),
    Column("caption_writer", TEXT, "who worded it: template, a writer, or review"),
    Column("caption_model", TEXT, "the language model, if one wrote it"),
    Column("caption_prompt_hash", TEXT, "SHA-256 of the prompt, if a model wrote it"),
    Column("caption_tries", COUNT, "number of attempts at the caption"),
    Column("caption_claims", TEXT, "the claims that the caption makes, as JSON"),
)
GENDER_PROBABILITY = Column(
    "gender_probability", REAL, "probability of an estimated gender, 0.5 to 1; null if the corpus gives the gender"
)
SOURCES = (
    Column("transcript_original", TEXT, "the transcript as the corpus writes it, if remarks were removed from it"),
    Column(
        "rate_source",
        TEXT,
        "where the rate comes from: transcript (its syllables), signal (the sound alone), given (the corpus's table)",
    ),
)
UNWRITTEN = (
    Column("caption_fault", TEXT, "why the writer's last answer, or the template's caption, is not the row's"),
    Column("notes_captions", TEXTS, "notes from writing the caption"),
)
WORKING = (
    Column("path", TEXT, "the recording, relative to the corpus root"),
    Column("audio_bytes", pa.int64(), "size of the file when the corpus was read"),
    Column("audio_mtime_ns", pa.int64(), "its modification time when the corpus was read"),
    Column("audio_digest", TEXT, "digest of the channel that was measured, at the file's own rate"),
    Column("gender_given", TEXT, "gender as the corpus gives it"),
    Column("language_given", TEXT, "language as the corpus writes it"),
    Column("transcript_given", TEXT, "transcript as the corpus gives it"),
    Column("measured_given", TEXT, "measurements as the corpus gives them, as JSON by column"),
    Column("split_given", TEXT, "split as the corpus gives it"),
    Column("rate_refused", TEXT, "fast or slow: the rate is null because nobody speaks at such a rate"),
    Column("drop_corpus", TEXT, "why the row is left out when the corpus is read"),
    Column("drop_select", TEXT, "why the label set or the split leaves the row out"),
    Column("audio_flaw", TEXT, "clipped or silent, where the recording is"),
    Column("drop_decoded", TEXT, "why the recording is refused"),
    Column("drop_audio", TEXT, "why the recording is refused, or is not used again"),
    Column("notes_repeats", TEXTS, "which other row has the same recording"),
    Column("notes_corpus", TEXTS, "notes from reading the corpus"),
    Column("notes_audio", TEXTS, "notes from decoding the recording"),
)
AFTER_MEASURING = (
    Column("gender_log_odds", REAL, "log odds of a man's voice, where gender is estimated"),
    Column("notes_speakers", TEXTS, "how the gender was estimated"),
    Column(
        "hedged",
        TEXTS,
        "columns whose word is doubtful: captions hedge it, and leave it out if it is relative to the speaker",
    ),
    Column("notes_words", TEXTS, "notes from choosing the words"),
    *UNWRITTEN,
)
DROPS = ("drop_corpus", "drop_select", "drop_audio")
SLOTS = ("transcript", "pitch", "energy", "rate", "gender", "voice")
# the columns of a caption that a review may change, and why the row has none
PUBLISHED = (*(column.name for column in CAPTIONS), "caption_fault")
REVIEW_OUTCOMES = "review_outcomes"


def reviewed_column(name: str) -> str:
    """The column of ``work/`` that holds a caption's column as the review left it."""
    return f"reviewed_{name}"


def published_column(name: str, owners: Mapping[str, str]) -> str:
    """The column that is published under a name: a caption as the review left it, where there was one.

    Args:
        name: of the column.
        owners: column -> the part that wrote it.
    """
    return reviewed_column(name) if name in PUBLISHED and reviewed_column(name) in owners else name


AFTER_REVIEW = (
    *(
        Column(reviewed_column(column.name), column.type, f"{column.name} after the review")
        for column in (*CAPTIONS, UNWRITTEN[0])
    ),
    Column(REVIEW_OUTCOMES, TEXTS, "what the review did to the row's caption"),
)
