"""The counterfactual bench itself: what it makes is false, in other words, and its changes of a sound are known."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from conftest import recording, silence, voice

from annotate.attributes import reply_attributes
from annotate.captions.content_selection import select
from annotate.captions.supported_reasons import Evidence
from benchmarks import altered, counterfactuals

TABLE = reply_attributes()
EVIDENCE = Evidence(
    {"anger": {"pitch": {"high": "for"}, "speed": {"fast": "against"}}, "calm": {"pitch": {"low": "for"}}}
)
FACTS = {"gender": "female", "pitch": "high", "speed": "fast", "volume": "loud", "emotion": "anger"}


def row(name: str) -> dict[str, Any]:
    made = {"id": name, "intensity": None, "transcript": "Kids are talking by the door", **FACTS}
    return {**made, "caption": counterfactuals._rendered(made, select(made, TABLE, EVIDENCE), name)}


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_every_wrong_value_of_every_fact_is_told_in_several_wordings_and_refused(name: str) -> None:
    found = counterfactuals.judged(row(name), TABLE, EVIDENCE)
    facts = Counter(fact for fact, _ in found["made"].elements())
    assert set(facts) == set(FACTS)
    wordings = {wording for _, wording in found["made"]}
    assert {"the same sentence", "a synonym", "another order", "a negation"} <= wordings
    assert found["made"]["pitch", "the same sentence"] == 2
    assert found["made"]["emotion", "the same sentence"] == 7
    assert found["missed"] == []
    assert found["accepted"]
    assert found["false_reasons"] == []


def test_a_caption_without_its_fact_is_not_called_false() -> None:
    """The bench can fail: a checker that lets all pass is seen."""
    texts = [text for _, _, text in counterfactuals.false_captions(row("a"), TABLE, EVIDENCE)]
    assert len(set(texts)) > 40
    assert row("a")["caption"] not in texts


@pytest.mark.parametrize(
    ("kind", "amount"), [("pitch", -5.0), ("pitch", 5.0), ("tempo", 0.85), ("tempo", 1.2), ("gain", -6.0)]
)
def test_a_sound_is_changed_by_the_amount_that_is_said(kind: str, amount: float) -> None:
    if kind != "gain":
        pytest.importorskip("pyworld")
    sound = recording(np.concatenate([silence(0.3), voice(1.2, 160, syllables=4), silence(0.3)]))
    told = {"transcript": "Kids are talking by the door", "language": "en"}
    before, after = (altered.measured(one, told) for one in (sound, altered.changed(sound, kind, amount)))
    measure = altered.CHANGES[kind][1]
    assert altered.off(kind, before[measure], after[measure], amount) <= altered.CHANGES[kind][3]
    if kind == "tempo":
        assert math.log2(after["pitch_median_hz"] / before["pitch_median_hz"]) == pytest.approx(0, abs=0.02)
