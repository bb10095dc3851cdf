"""Speaking rate from the transcript: its syllables, and phones, over the time actually spoken.

A rate that nobody speaks at is null, with its reason (``annotate/features/plausible_rate.py``).

Pauses and the silence around the speech are no part of the time, so the figure is what phonetics calls the
articulation rate. Where there is no transcript, or its language has no rules and eSpeak NG is not installed,
the rate comes from the signal alone: ``rate_source`` is then ``signal``, and the row's notes say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate import espeak_ng
from annotate.audio.recording import Recording
from annotate.features.activity import activity, timed
from annotate.features.feature import Feature, Measured
from annotate.features.plausible_rate import FASTEST, wrong_rate
from annotate.features.rate import signal
from annotate.features.syllables.count import phones, syllables, uncounted


def measure(recording: Recording, row: Mapping[str, Any]) -> Measured:
    """Syllables and phones per second of speaking time; phones are null where nothing counts them."""
    active = recording.once(activity)
    values, notes = timed(active)
    if not active.spoken_s:
        return Measured(values, notes)
    text, language = row["transcript"], row["language"]
    counted = syllables(text, language) if text and language else None
    if counted and (wrong := wrong_rate(counted, active.spoken_s)):
        refused = "fast" if counted > active.spoken_s * FASTEST else "slow"
        return Measured({**values, "rate_refused": refused}, [*notes, wrong])
    if counted:
        values |= {"rate_syllables_s": counted / active.spoken_s, "rate_source": "transcript"}
        if (sounds := phones(text, language)) is not None:
            values["rate_phones_s"] = sounds / active.spoken_s
        return Measured(values, notes)
    why = _uncounted(text, language, counted)
    estimate = signal.rate(recording)
    if estimate is not None and estimate > FASTEST:
        return Measured({**values, "rate_refused": "fast"}, [*notes, f"rate: {why}", signal.UNHEARD_OF])
    if estimate is None:
        return Measured(values, [*notes, f"rate: {why}, and too little speech to count syllables in"])
    values |= {"rate_syllables_s": estimate, "rate_source": "signal"}
    return Measured(values, [*notes, f"rate: from the signal alone, {why}"])


def _uncounted(text: str | None, language: str | None, counted: int | None) -> str:
    """Why no syllables of a text are counted."""
    if not text or not language:
        return "its language is unknown" if text else "no transcript"
    if counted == 0:
        return "its transcript has no words"
    why = uncounted(text, language)
    return f"its transcript is not counted: {why}" if why else f"no syllables are known for the language '{language}'"


plugin = Feature(
    # what is installed decides whether phones, and other languages' syllables, are counted
    version=f"10 espeak {espeak_ng.available()}",
    writes=("rate_syllables_s", "rate_phones_s", "spoken_s", "pause_s", "snr_db", "rate_source", "rate_refused"),
    reads=("transcript", "language"),
    measure=measure,
)
