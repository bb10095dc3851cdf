"""Speaking rates that people have: what lies outside says that the text is not that of the recording.

Upper limit: the fastest languages average 7.8 syllables a second (Pellegrino, Coupé and Marsico 2011, "A cross-language
perspective on speech information rate", Language 87: 539-558), the fastest repetition of one syllable 5 to 7 (Kent,
Kent and Rosenbek 1987, "Maximum performance tests of speech production", JSHD 52: 367-387); ten over the whole time
spoken, pauses left out, is beyond both. Lower limit: set by us. No publication
gives one; those who habitually talk slowly still say several syllables a second (Tsao and Weismer 1997, "Interspeaker
variation in habitual speaking rate", JSLHR 40: 858-866), but a single syllable may be held, in a cry for seconds. So
one syllable a second, and two seconds more.
"""

from __future__ import annotations

FASTEST = 10.0  # syllables a second
SLOWEST, HELD_S = 1.0, 2.0
NOT_ITS_TEXT = "the transcript is not of this recording, or the recording is cut"
NOT_ALL = "the transcript is not all that is said"


def wrong_rate(counted: float, spoken_s: float) -> str | None:
    """Why so many syllables cannot have been said in a time, or None where they can.

    Args:
        counted: syllables.
        spoken_s: seconds, pauses left out.
    """
    rate = counted / spoken_s
    if rate > FASTEST:
        return f"rate: {rate:.1f} syllables/s, people speak at most {FASTEST:.0f}: {NOT_ITS_TEXT}"
    if spoken_s > HELD_S + counted / SLOWEST:
        return f"rate: {counted:.0f} syllables in {spoken_s:.1f} s of speech, slower than people speak: {NOT_ALL}"
    return None
