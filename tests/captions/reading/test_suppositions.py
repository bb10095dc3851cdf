"""What is mentioned and not claimed, beside sentences alike that claim it."""

from __future__ import annotations

import pytest

from annotate.captions.reading.judge import check
from tests.captions.reading.test_sentences import claimed


@pytest.mark.parametrize(
    ("caption", "claims"),
    [
        # what is no sign of an emotion, and what is none of it
        ("Slow speech is not typical of surprise.", {("speed", "slow")}),
        ("She is high and fast, which are not the marks of sorrow.", {("pitch", "high"), ("speed", "fast")}),
        ("There are no marks of sadness in her voice.", {("emotion", "-sadness")}),
        ("She lacks her usual calm.", {("emotion", "-calm")}),
        # what is true in general, or of somebody else
        ("His voice is high, whereas sadness is supposed to be soft and slow.", {("pitch", "high")}),
        ("Sadness is reported for this clip.", {("emotion", "sadness")}),
        ("Normally fear pushes the voice up; hers is low.", {("pitch", "low")}),
        ("A sad speaker would slow down, but he is fast.", {("speed", "fast")}),
        ("Anyone else would have screamed; she is quiet.", {("volume", "quiet")}),
        ("Most listeners would call her loud.", {("volume", "loud")}),
        ("He speaks louder than most would, in anger.", {("volume", "loud"), ("emotion", "anger")}),
        ("People think calm has to be quiet, not here.", set()),
        ("Most think it is anger.", {("emotion", "anger")}),
        ("Don't mistake her speed for fear.", set()),
        ("He mistakes her sadness for anger and shouts.", {("emotion", "sadness"), ("volume", "loud")}),
        ("A confused man speaks with a low pitch.", {("emotion", "surprise/confusion"), ("pitch", "low")}),
        ("It sounds as though a louder word would be wasted.", set()),
        ("She sounds as if she is full of anger.", {("emotion", "anger")}),
        # how far a denial reaches
        ("Loud it is not.", {("volume", "-loud")}),
        ("Loud it is, and slow.", {("volume", "loud"), ("speed", "slow")}),
        ("Isn't he loud!", {("volume", "loud")}),
        ("He talks without losing his calm.", {("emotion", "calm")}),
        ("He does not give away any sadness.", {("emotion", "-sadness")}),
        ("It takes no expert to hear that she is bored.", {("emotion", "boredom")}),
        ("You do not need to hear anger here.", {("emotion", "-anger")}),
        ("Fear has no place in that voice.", {("emotion", "-fear")}),
        ("She never sounds anything other than bored.", {("emotion", "boredom")}),
        ("Neither the speed nor the haste can hide it.", {("speed", "fast")}),
        ("Neither the shouting nor the crying is hers.", {("volume", "-loud"), ("emotion", "-sadness")}),
        ("Less angry than disgusted.", {("emotion", "-anger"), ("emotion", "disgust")}),
        # what feelings, animals and gestures do
        ("Scorn pours out of the low voice.", {("emotion", "contempt/disgust"), ("pitch", "low")}),
        ("What lingers is joy.", {("emotion", "happiness")}),
        ("His speech is slowed by sadness.", {("speed", "slow"), ("emotion", "sadness")}),
        ("The slowness heightens the joy.", {("speed", "slow"), ("emotion", "happiness")}),
        ("Sorrow runs deep here.", {("emotion", "sadness")}),
        ("Notice how fast the words are.", {("speed", "fast")}),
        ("They show how low his opinion of her is.", set()),
        # of what a word is said
        ("A deep voice for a woman, speed average.", {("pitch", "low"), ("speed", "normal")}),
        ("The pitch of the man and the volume are high.", {("pitch", "high"), ("volume", "loud")}),
        ("The volume, high as it is, cannot hide it.", {("volume", "loud")}),
        ("The pace is quick, the mood neutral.", {("speed", "fast"), ("emotion", "neutral")}),
        ("Quiet and high and at average speed.", {("volume", "quiet"), ("pitch", "high"), ("speed", "normal")}),
        ("There is nothing special in how fast he talks.", {("speed", "normal")}),
        ("A pace halfway between slow and fast.", {("speed", "normal")}),
        ("He is down in the dumps.", {("emotion", "sadness")}),
        ("Unremarkable as far as the volume is concerned.", set()),
        ("So far she sounds concerned.", {("emotion", "fear/sadness")}),
    ],
)
def test_a_mention_is_no_claim(caption: str, claims: set[tuple[str, str]]) -> None:
    assert {(about, value) for about, value in claimed(caption) if about != "unmeasured"} == claims


@pytest.mark.parametrize(
    ("caption", "claims"),
    [
        ("Speed (slow, normal, fast): fast", {("speed", "fast")}),
        (
            "average (pitch), slow (tempo), high (loudness)",
            {("pitch", "normal"), ("speed", "slow"), ("volume", "loud")},
        ),
        ("[ ] low [x] high pitch", {("pitch", "high")}),
        ("volume: loud [ ] quiet [x]", {("volume", "quiet")}),
        ("accent: n.a. | age: unknown | pitch: low", {("pitch", "low")}),
        ('{"pitch": "low", "volume": "", "emotion": "joy"}', {("pitch", "low"), ("emotion", "happiness")}),
        ("loud: false, fast: true", {("volume", "-loud"), ("speed", "fast")}),
        ("She sounds bored :|", {("emotion", "boredom")}),
    ],
)
def test_a_form_claims_what_is_entered(caption: str, claims: set[tuple[str, str]]) -> None:
    assert claimed(caption) == claims


@pytest.mark.parametrize(
    ("caption", "verdict"),
    [
        ("A scornful woman chuckles; fast, loud and high.", "unsupported"),
        ("A happy woman, fast, loud and high.", "contradiction"),
        ("A scornful woman, fast, loud, high, and in her 40s.", "unsupported"),
        ("A scornful woman, fast, loud and high. Age: unknown.", "ok"),
        ("A scornful woman, fast, loud and high; her voice gets quieter.", "unsupported"),
    ],
)
def test_a_sound_an_age_and_a_change_are_unmeasured(caption: str, verdict: str) -> None:
    row = {"gender": "female", "pitch": "high", "speed": "fast", "volume": "loud", "emotion": "contempt"}
    assert check(caption, row).verdict == verdict
