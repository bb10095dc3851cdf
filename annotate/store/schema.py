"""The one schema of a row: every column, its type and its meaning, written down once, in order.

Stages add columns and never change another's. Columns of ``WORKING`` live in ``work/`` alone;
``ROW`` is what users get.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

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


IDENTITY = (
    Column("id", TEXT, "unique name of the row within its corpus"),
    Column("corpus", TEXT, "name of the data manifest"),
    Column("duration", REAL, "length of the recording in seconds"),
    Column("speaker", TEXT, "who speaks, as the corpus names them"),
    Column("gender", TEXT, "female or male; null where it is neither given nor estimated"),
    Column("gender_source", TEXT, "corpus: given by it; estimated: from the voice"),
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
MEASUREMENTS = (
    Column("pitch_median_hz", REAL, "median F0 over voiced frames, Hz"),
    Column("pitch_mean_hz", REAL, "mean F0 over voiced frames, Hz"),
    Column("pitch_sd_st", REAL, "standard deviation of F0 over voiced frames, semitones"),
    Column("pitch_range_st", REAL, "5th to 95th percentile of F0 over voiced frames, semitones"),
    Column("pitch_slope_st_s", REAL, "slope of F0 over the utterance, semitones per second"),
    Column("voiced_fraction", REAL, "voiced frames over all frames, 0 to 1"),
    Column("loudness_lufs", REAL, "integrated loudness (ITU-R BS.1770-4, gate relative to the clip), LUFS"),
    Column("level_rms_dbfs", REAL, "root mean square level of the whole clip, dB re full scale"),
    Column("rate_syllables_s", REAL, "syllables per second of time spoken"),
    Column("rate_phones_s", REAL, "phones per second of time spoken"),
    Column("spoken_s", REAL, "time spoken, pauses and silence around the speech left out, s"),
    Column("pause_s", REAL, "pauses within the speech, s"),
    Column("snr_db", REAL, "level of the speech over that of the pauses, dB"),
    Column("jitter", REAL, "jitter (local): mean difference of consecutive periods over the mean period"),
    Column("shimmer", REAL, "shimmer (local): the same for the periods' amplitudes"),
    Column("hnr_db", REAL, "harmonics-to-noise ratio over voiced frames, dB"),
    Column("tilt_db", REAL, "spectral tilt: energy above 1 kHz over that below, dB"),
)
WORDS = (
    Column("pitch", TEXT, "low, normal or high"),
    Column("pitch_scale", TEXT, "the group whose edges were used for pitch"),
    Column("speed", TEXT, "slow, normal or fast"),
    Column("speed_scale", TEXT, "the group whose edges were used for speed"),
    Column("volume", TEXT, "quiet, normal or loud"),
    Column("volume_scale", TEXT, "the group whose edges were used for volume"),
)
NOTES = (Column("notes", TEXTS, "why a value is null, or how it was measured where that is out of the ordinary"),)
REPLIES = tuple(Column(reply_column(c), TEXT, f"the reply with content {c}") for c in CONTENTS)
CAPTIONS = (
    Column("caption", TEXT, "how the clip sounds and why that suggests its emotion"),
    Column("caption_writer", TEXT, "template, or the writer that worded it"),
    Column("caption_model", TEXT, "the language model, where one wrote it"),
    Column("caption_prompt_hash", TEXT, "SHA-256 of the prompt, where a model wrote it"),
    Column("caption_tries", COUNT, "how often the writer was asked"),
    Column("caption_claims", TEXT, "the claims that the caption makes, as JSON"),
)
# how sure a value is, and the state beside the trait; after the contract's columns, whose order is fixed
MARGINS = (
    Column("pitch_margin", REAL, "pitch_median_hz less the nearest edge of pitch_scale, Hz"),
    Column("speed_margin", REAL, "rate_syllables_s less the nearest edge of speed_scale, syllables/s"),
    Column("volume_margin", REAL, "loudness_lufs (or level_rms_dbfs) less the nearest edge of volume_scale, LU or dB"),
)
SURE = tuple(
    Column(f"{name}_sure", REAL, f"probability that {name} stays the same when the clip is measured again, disturbed")
    for name in ("pitch", "speed", "volume")
)
OWN = (
    Column("pitch_own", TEXT, "low, normal or high against the speaker's own usual; null for too few clips"),
    Column("speed_own", TEXT, "slow, normal or fast against the speaker's own usual; null for too few clips"),
    Column("volume_own", TEXT, "quiet, normal or loud against the speaker's own usual; null for too few clips"),
)
GENDER_PROBABILITY = Column(
    "gender_probability", REAL, "probability of an estimated gender, 0.5 to 1; null where the corpus gives it"
)
DOUBT = (GENDER_PROBABILITY, *MARGINS, *SURE, *OWN)
SOURCES = (
    Column("transcript_original", TEXT, "the transcript as the corpus writes it, where remarks were taken out of it"),
)
ROW = (*IDENTITY, *MEASUREMENTS, *WORDS, *NOTES, *REPLIES, *CAPTIONS, *DOUBT, *SOURCES)

# what the paper's replies say, whatever is done with doubtful words
SAID = tuple(
    Column(f"{name}_word", TEXT, f"the word of {name} before any doubt") for name in ("pitch", "speed", "volume")
)
UNWRITTEN = (
    Column("caption_fault", TEXT, "why the writer's last answer, or the template's caption, is not the row's"),
    Column("notes_captions", TEXTS, "what writing has to say of the row"),
)
WORKING = (
    Column("path", TEXT, "the recording, relative to the corpus root"),
    Column("audio_bytes", pa.int64(), "size of the file when the corpus was read"),
    Column("audio_mtime_ns", pa.int64(), "its time of change when the corpus was read"),
    Column("gender_given", TEXT, "gender as the corpus gives it"),
    Column("transcript_given", TEXT, "transcript as the corpus gives it"),
    Column("measured_given", TEXT, "measurements as the corpus gives them, as JSON by column"),
    Column("split_given", TEXT, "split as the corpus gives it"),
    Column("drop_corpus", TEXT, "why the reader puts the row aside"),
    Column("drop_select", TEXT, "why the label set or the split puts the row aside"),
    Column("drop_audio", TEXT, "why the recording is refused"),
    Column("notes_corpus", TEXTS, "what the reader has to say of the row"),
    Column("notes_audio", TEXTS, "what decoding has to say of the row"),
    *(
        Column(f"notes_{slot}", TEXTS, f"what measuring {slot} has to say of the row")
        for slot in ("transcript", "pitch", "energy", "rate", "gender", "voice")
    ),
    Column("gender_log_odds", REAL, "log odds of a man's voice, where gender is estimated"),
    Column("notes_speakers", TEXTS, "how the gender was estimated"),
    *SAID,
    Column("hedged", TEXTS, "descriptors whose word is doubtful and that captions hedge"),
    Column("notes_words", TEXTS, "what wording has to say of the row"),
    *UNWRITTEN,
)
COLUMNS = {column.name: column for column in (*ROW, *WORKING)}
DROPS = ("drop_corpus", "drop_select", "drop_audio")
NOTE_PARTS = tuple(column.name for column in WORKING if column.name.startswith("notes_"))


def arrow(names: Iterable[str]) -> pa.Schema:
    """The Arrow schema of some columns, in the order given."""
    return pa.schema([(name, COLUMNS[name].type) for name in names])
