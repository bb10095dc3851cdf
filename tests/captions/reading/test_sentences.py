"""Kinds of sentences that the reader has misread, each in words of its own."""

from __future__ import annotations

import pytest

from annotate.captions.reading.judge import check
from tests.captions.reading.claims_of import claims_of


def claimed(caption: str, transcript: str | None = None) -> set[tuple[str, str]]:
    """What a caption claims beside the gender."""
    return {(about, value) for about, value in claims_of(caption, transcript) if about != "gender"}


@pytest.mark.parametrize(
    ("caption", "claims"),
    [
        # the norm of a group, which a measure is at or above
        ("The pitch is that of an average woman.", {("pitch", "normal")}),
        ("His pitch is no different from those of most men.", {("pitch", "normal")}),
        ("Her pitch is typical for a woman.", {("pitch", "normal")}),
        ("The tempo of an ordinary guy.", {("speed", "normal")}),
        ("Her loudness exceeds what is typical for women.", {("volume", "loud")}),
        ("Her voice is as high as most women's.", {("pitch", "normal")}),
        ("Her volume does not rise above the normal level.", {("volume", "-loud")}),
        ("Do not change your normal tempo.", {("speed", "normal")}),
        # what is expected, asked, or so in general
        ("One might expect an angry man to yell; his volume is low.", {("volume", "quiet")}),
        ("You'd expect an angry man to be loud, and he is.", {("emotion", "anger"), ("volume", "loud")}),
        ("I would guess that she is afraid.", {("emotion", "fear")}),
        ("Low voices are rarely happy. This one is sad.", {("emotion", "sadness")}),
        ("Question: Is the woman pleased? Answer: No, she is angry.", {("emotion", "anger")}),
        ("Is he calm? Quite the opposite: he is afraid.", {("emotion", "-calm"), ("emotion", "fear")}),
        ("Neither his low pitch nor his loud voice explains it.", {("pitch", "low"), ("volume", "loud")}),
        # of what a word is said
        ("She speaks quietly with her pitch at an ordinary level.", {("volume", "quiet"), ("pitch", "normal")}),
        ("Her speed is average. The voice is also breathy.", {("speed", "normal"), ("breathiness", "breathy")}),
        ("Fast speech, high pitch, volume about normal.", {("speed", "fast"), ("pitch", "high"), ("volume", "normal")}),
        ("The clip is sad. The rate of speech is fast.", {("emotion", "sadness"), ("speed", "fast")}),
        ("He spoke with ample volume, his voice low.", {("volume", "loud"), ("pitch", "low")}),
        ("A high voice woman.", {("pitch", "high")}),
        ("Read it quietly, as a man of medium pitch.", {("volume", "quiet"), ("pitch", "normal")}),
        ("Down at the low end of her voice.", {("pitch", "low")}),
        ("The volume: up.", {("volume", "loud")}),
        ("With its ordinary tempo, the voice sounds calm.", {("speed", "normal"), ("emotion", "calm")}),
        ("She feels nothing in particular.", {("emotion", "neutral")}),
        # keys with suffixes, and values in marks
        ("Pitch_label: low, Rate_label: high", {("pitch", "low"), ("speed", "fast")}),
        ('{"f0_class_name": "high", "rate_class_name": "slow"}', {("pitch", "high"), ("speed", "slow")}),
        ('{"pitch": "low", "emotion": "rather sad and low"}', {("pitch", "low"), ("emotion", "sadness")}),
    ],
)
def test_a_sentence_claims_this_and_no_more(caption: str, claims: set[tuple[str, str]]) -> None:
    assert claimed(caption) == claims


@pytest.mark.parametrize(
    ("caption", "told"),
    [
        ("He despises her.", "second speaker or listener"),
        ("She is loud, then gets quieter.", "variation"),
        ("She talks slower as the line goes on.", "variation"),
        ("His accent is faintly Scottish.", "accent or origin"),
        ("He speaks over soft piano music.", "place or recording"),
    ],
)
def test_words_of_something_else_claim_no_level(caption: str, told: str) -> None:
    claims = claimed(caption)
    assert ("unmeasured", told) in claims
    assert not claims & {("volume", "quiet"), ("speed", "slow")}


@pytest.mark.parametrize(
    ("caption", "outcome"),
    [
        ("Pitch: high\nTranscript: We lost the firm.", "not said"),
        ("Pitch: high\nTranscript: We lost the farm.", "said"),
        ("A man says we lost the barn, low and slow.", "not said"),
    ],
)
def test_words_said_without_quotation_marks(caption: str, outcome: str) -> None:
    assert ("words", outcome) in claimed(caption, "We lost the farm")


@pytest.mark.parametrize(
    ("caption", "claim"),
    [  # what rules for other sentences must leave alone
        ("A man speaks loudly on the phone.", ("volume", "loud")),
        ("A man speaks quickly in the background.", ("speed", "fast")),
        ("A woman speaks rapidly Chinese.", ("speed", "fast")),
        ("A man speaks and then screams in anger.", ("volume", "loud")),
        ("Make it angry, then louder.", ("volume", "loud")),
        ("The speed and the tone are normal.", ("speed", "normal")),
        ("The level of her voice is low.", ("volume", "quiet")),
        ("Despite the volume being low, she sounds angry.", ("volume", "quiet")),
        ("His voice alternates between a whisper and a shout.", ("volume", "loud")),
        ("One would think she is angry because she is loud.", ("emotion", "anger")),
        ("She feels anything but happy.", ("emotion", "-happiness")),
        ("Not his usual loud voice; he is quiet.", ("volume", "-loud")),
        ("Low tones mostly, quick.", ("pitch", "low")),
    ],
)
def test_ordinary_sentences_keep_their_claims(caption: str, claim: tuple[str, str]) -> None:
    assert claim in claimed(caption)


def test_a_description_after_words_said_is_no_misquotation() -> None:
    claims = claimed("A man says kids are talking loudly and angrily.", "Kids are talking by the door")
    assert {("volume", "loud"), ("emotion", "anger")} <= claims
    assert ("words", "not said") not in claims


def test_a_lower_case_letter_after_its_key_is_a_gender() -> None:
    assert check('{"gender": "m", "pitch": "high"}', {"gender": "female"}).verdict == "contradiction"
