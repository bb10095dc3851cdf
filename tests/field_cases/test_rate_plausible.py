"""Text held against time (issue 19, 32; issue 20, 2): a rate outside what people do is null and moves no edge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import recording, silence, voice

from annotate import registry
from annotate.features.plausible_rate import FASTEST, wrong_rate
from field_cases import cases

SENTENCE = "The kettle is on the table by the window and nobody has been here since the morning."
KEPT = {"language": "en"}


def measured(sound: np.ndarray, text: str | None, **more: Any) -> Any:
    row = {"transcript": text, "language": "en", **more}
    return registry.load("rate", "transcript").measure(recording(sound), row)


IMPOSSIBLE = {
    "0.1 s with seven syllables": (0.12, "Kids are talking by the door", "at most 10"),
    "240 s with one sentence": (240.0, SENTENCE, "slower than people speak"),
    "3,999 words in 2 s": (2.0, "word " * 3999, "at most 10"),
    "another text": (1.5, SENTENCE, "at most 10"),
    "a third of the text": (60.0, SENTENCE, "slower than people speak"),
    "one word of a minute": (60.0, "No", "slower than people speak"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_20_2_what_nobody_can_say_is_null_with_its_reason(case: str) -> None:
    seconds, text, why = IMPOSSIBLE[case]
    sound = np.concatenate([silence(0.1), voice(seconds, 150, syllables=4), silence(0.3)])
    found = measured(sound, text)
    assert "rate_syllables_s" not in found.values
    assert "rate_phones_s" not in found.values
    assert any(why in note for note in found.notes), found.notes
    assert found.values["spoken_s"] > 0


@pytest.mark.parametrize(("syllables", "seconds"), [(1, 0.15), (1, 2.5), (7, 0.8), (7, 8.0), (25, 2.6), (40, 35.0)])
def test_what_people_can_say_stays(syllables: int, seconds: float) -> None:
    assert wrong_rate(syllables, seconds) is None


def test_signal_alone_claims_no_such_rate_either(monkeypatch: pytest.MonkeyPatch) -> None:
    from annotate.features.rate import signal

    monkeypatch.setattr(signal, "rate", lambda recording: FASTEST + 1)
    for name in ("signal", "transcript"):
        found = registry.load("rate", name).measure(
            recording(voice(1.5, 150, syllables=4)), {**KEPT, "transcript": None}
        )
        assert "rate_syllables_s" not in found.values
        assert any("people do not speak" in note for note in found.notes)


def test_case_32_cut_recordings_move_no_edge(
    tmp_path: Path,
    run: Callable[..., Any],
) -> None:
    found = run("table", cases.make(32, tmp_path / "c"), "dataset.audio=none", "captions.writer=none")
    assert len(found.rows) == 12
    for name, row in found.rows.items():
        fits = name.endswith("11")
        assert (row["rate_syllables_s"] is not None) == (row["speed"] is not None or fits) == fits
        assert fits != any("the transcript is not of this recording" in note for note in row["notes"])


def test_no_real_clip_is_beyond_the_limits(ravdess: Path) -> None:
    from annotate.audio.decode import decode

    texts = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
    for path in sorted(ravdess.rglob("*.flac"))[::53]:
        found = registry.load("rate", "transcript").measure(
            decode(path).recording, {"transcript": texts[path.stem.split("-")[4]], "language": "en"}
        )
        assert 1.5 < found.values["rate_syllables_s"] < FASTEST
