"""What a caption claims, and whether that holds: hedges, negations, tricky words, others than the speaker."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.captions.reading.judge import check, value
from annotate.captions.reading.read import read
from tests.captions.reading.claims_of import claims_of

ANGRY_WOMAN = {
    "gender": "female", "pitch": "high", "speed": "fast", "volume": "loud", "emotion": "anger",
    "transcript": "Kids are talking by the door",
}  # fmt: skip


@pytest.mark.parametrize(
    ("caption", "claims"),
    [
        ("She speaks fast.", {("gender", "female"), ("speed", "fast")}),
        ("He is quieter and slower than usual.", {("gender", "male"), ("volume", "quiet"), ("speed", "slow")}),
        ("The voice is not loud.", {("volume", "-loud")}),
        ("The pace is neither fast nor slow.", {("speed", "-fast"), ("speed", "-slow")}),
        ("The voice is anything but calm.", {("emotion", "-calm")}),
        ("He cannot hide his anger.", {("gender", "male"), ("emotion", "anger")}),
        ("Pitch, speed and volume are high.", {("pitch", "high"), ("speed", "fast"), ("volume", "loud")}),
        ("The pitch is low and so is the volume.", {("pitch", "low"), ("volume", "quiet")}),
        ("A low, brisk delivery.", {("speed", "fast")}),
        ("At a high volume.", {("volume", "loud")}),
        ("The emotion might be fear.", {("emotion", "fear")}),
        ("Her pitch soars and the tempo drops.", {("pitch", "high"), ("speed", "slow")}),
        ("She lowers the volume.", {("volume", "quiet")}),
        ("He neither raises nor lowers his pitch.", {("pitch", "-high"), ("pitch", "-low")}),
        ("Nothing stands out about her pitch, speed or volume.", {("pitch", "normal"), ("volume", "normal")}),
        ("Everything is average: pitch, speed and volume.", {("pitch", "normal"), ("speed", "normal")}),
        ("pitch=normal speed=fast", {("pitch", "normal"), ("speed", "fast")}),
        ("A woman's voice. It is high.", {("pitch", "high")}),
        ("He never rises above a whisper.", {("volume", "quiet")}),
        ("A fearless man.", {("emotion", "-fear")}),
        ("A terrified princess whispers.", {("gender", "female"), ("unmeasured", "occupation or identity")}),
        ("A happy woman in her 40s.", {("unmeasured", "age"), ("emotion", "happiness")}),
        ("Boy, is she mad!", {("gender", "female"), ("emotion", "anger")}),
        ("She is SOOO loud and talks reallllly fast.", {("volume", "loud"), ("speed", "fast")}),
        ("He keeps the volume in the middle, the pitch likewise.", {("volume", "normal"), ("pitch", "normal")}),
        ("A man of average pitch and volume drawls.", {("pitch", "normal"), ("volume", "normal"), ("speed", "slow")}),
        ("The barely audible volume points to sorrow.", {("volume", "quiet"), ("emotion", "sadness")}),
        ("There is not a trace of hurry in her slow voice.", {("speed", "slow")}),
        ("Her loudness is below the usual.", {("volume", "quiet")}),
        ("He speaks above a conversational level.", {("volume", "loud")}),
        ("Her pitch is neither above nor below the norm.", {("pitch", "normal")}),
        ("Measured against the usual, his speed is low.", {("speed", "slow")}),
        ("The recording has a slight echo.", {("unmeasured", "place or recording")}),
        ('Here you are: "An angry man shouts."', {("gender", "male"), ("emotion", "anger"), ("volume", "loud")}),
    ],
)
def test_a_caption_is_read_into_claims(caption: str, claims: set[tuple[str, str]]) -> None:
    assert claims_of(caption) >= claims


@pytest.mark.parametrize(
    "caption",
    [
        "A man in a loud shirt speaks.", "A man with high hopes speaks.", "The man is fast asleep.",
        "A man speaks, typical of high school.", "At any rate, a man speaks.", "A man reads it out loud.",
    ],
)  # fmt: skip
def test_words_that_only_look_like_a_descriptor_claim_none(caption: str) -> None:
    assert not {about for about, _ in claims_of(caption)} & {"pitch", "speed", "volume", "emotion"}


@pytest.mark.parametrize("transcript", ["Shout, you sad old man", "She whispers slowly", "I am happy, so happy today"])
def test_the_words_spoken_claim_nothing(transcript: str) -> None:
    caption = f"A woman says '{transcript}' fast and loudly in a high voice. She sounds angry."
    assert check(caption, {**ANGRY_WOMAN, "transcript": transcript}).verdict == "ok"


@pytest.mark.parametrize(
    ("caption", "verdict"),
    [
        ("An angry woman speaks fast and loudly in a high voice.", "ok"),
        ("A woman speaks fast and loudly in a high voice.", "missing"),
        ("An angry man speaks fast and loudly in a high voice.", "contradiction"),
        ("An angry woman speaks slowly and loudly in a high voice.", "contradiction"),
        ("An angry woman speaks fast and loudly in a high voice, then in a low voice.", "contradiction"),
        ("An angry woman says 'Go away' fast and loudly in a high voice.", "contradiction"),
        ("An angry woman says 'Kids are talking' fast and loudly in a high voice.", "ok"),
        ("An angry young woman speaks fast and loudly in a high voice.", "unsupported"),
        ("An angry woman speaks fast and loudly in a high voice to her husband.", "unsupported"),
        ("An angry woman with a Scottish accent speaks fast and loudly in a high voice.", "unsupported"),
        ("An angry woman in a kitchen speaks fast and loudly in a high voice.", "unsupported"),
        ("An angry woman with a bad cold speaks fast and loudly in a high voice.", "unsupported"),
        ("An angry woman, who has lost her job, speaks fast and loudly in a high voice.", "unsupported"),
        ("An angry woman speaks fast and loudly in a high, not low, voice.", "ok"),
    ],
)
def test_a_verdict_weighs_the_worst_claim(caption: str, verdict: str) -> None:
    assert check(caption, ANGRY_WOMAN).verdict == verdict


@pytest.mark.parametrize(
    ("caption", "claims"),
    [
        ("You'd expect a surprised man to yell, but he speaks softly.", {("gender", "male"), ("volume", "quiet")}),
        ("Someone speaks quickly.", {("speed", "fast")}),
        ("A voice full of dread.", {("emotion", "fear")}),
        ("His words fall like rain, quick.", {("gender", "male"), ("speed", "fast")}),
        ("A man speaks softly to someone.",
         {("gender", "male"), ("volume", "quiet"), ("unmeasured", "second speaker or listener")}),
    ],
)  # fmt: skip
def test_a_caption_claims_no_more_than_it_says(caption: str, claims: set[tuple[str, str]]) -> None:
    assert claims_of(caption) == claims


@pytest.mark.parametrize(
    "told",
    [
        "in a velvety voice", "and she sounds earnest", "in a zeppelin", "over a birthday cake",
        "as an aristocratic lady",
    ],
)  # fmt: skip
def test_a_strange_word_that_characterises_is_unsupported_where_all_else_is_told(told: str) -> None:
    caption = f"An angry woman speaks fast and loudly at a high pitch {told}."
    assert check(caption, ANGRY_WOMAN).verdict == "unsupported"


def test_elements_of_xml_are_keys_and_values() -> None:
    caption = "<gender>female</gender> <pitch>high</pitch> <rate>fast</rate> <loudness>loud</loudness>"
    assert check(f"{caption} <emotion>angry</emotion>", ANGRY_WOMAN).verdict == "ok"
    assert check(f"{caption} <emotion>sad</emotion>", ANGRY_WOMAN).verdict == "contradiction"
    assert check(f"{caption} <emotion>angry</emotion>", ANGRY_WOMAN, strict=True).verdict == "unsupported"


def test_a_descriptor_that_is_not_known_supports_no_claim() -> None:
    row = {**ANGRY_WOMAN, "emotion": None}
    assert check("A woman speaks fast and loudly in a high voice.", row).verdict == "ok"
    assert check("An angry woman speaks fast and loudly in a high voice.", row).verdict == "unsupported"


def test_every_claim_points_at_its_words() -> None:
    caption = "“Kids are talking by the door”, a woman says, not slowly; she’s FURIOUS. Her high pitch suggests anger."
    for claim in read(caption, ANGRY_WOMAN["transcript"]):
        assert caption[claim.start : claim.end] == claim.text
    assert {claim.text for claim in read(caption) if claim.about == "emotion"} == {"FURIOUS", "anger"}


def test_a_claim_names_the_number_it_was_held_against() -> None:
    row = {**ANGRY_WOMAN, "pitch_median_hz": 251.0}
    held = check("A high voice.", row).held
    assert [one.plain()["number"] for one in held] == [{"pitch_median_hz": 251.0}]


EVIDENCE = {"anger": {"volume": {"loud": "for"}, "speed": {"slow": "against"}}}


@pytest.mark.parametrize(
    ("reason", "holds"),
    [
        ("Her loud voice suggests anger.", True),
        ("Her high pitch suggests anger.", False),
        ("She sounds angry, which her loud voice points to.", True),
        ("The emotion is anger, although her fast pace does not suggest it.", True),
        ("The emotion is anger, although her loud voice does not suggest it.", False),
    ],
)
def test_a_reason_is_held_against_the_evidence_that_is_given(reason: str, holds: bool) -> None:
    assert [one.holds for one in check(reason, ANGRY_WOMAN, evidence=EVIDENCE).held if one.claim.about == "reason"] == [
        holds
    ]
    # without evidence nothing can tell, and nothing is refused
    assert [one.holds for one in check(reason, ANGRY_WOMAN).held if one.claim.about == "reason"] == [None]


@pytest.mark.parametrize(
    ("reason", "cues"),
    [
        ("In this corpus, a louder voice and a slower pace than usual are typical of {}.", {"volume", "speed"}),
        ("A louder voice than usual suggests {}.", {"volume"}),
        ("A louder voice than normal points to {}.", {"volume"}),
        ("Her loud voice and fast pace make her sound {}.", {"volume", "speed"}),
        ("The louder voice and the flatter intonation make the speaker sound {}.", {"volume", "intonation"}),
    ],
)
def test_what_is_compared_with_the_usual_gives_a_reason_and_its_emotion_is_read(reason: str, cues: set[str]) -> None:
    found = read(reason.format("sad" if "sound" in reason else "sadness"))
    assert {one.says for one in found if one.about == "emotion"} == {("sadness",)}
    assert {(one.cue, one.suggests) for one in found if one.about == "reason"} == {(cue, ("sadness",)) for cue in cues}


def test_a_figure_of_speech_is_read_and_not_published() -> None:
    caption = "An angry woman speaks fast and loudly in a high voice, like a hurricane."
    assert check(caption, ANGRY_WOMAN).verdict == "ok"
    assert check(caption, ANGRY_WOMAN, strict=True).verdict == "unsupported"


@pytest.mark.parametrize(
    "caption",
    [
        "You would expect her to whisper, but the angry woman is loud, fast and high.",
        "You might think her slow, but the angry woman is loud, fast and high.",
        "She should slow down: an angry woman, fast, loud and high.",
        "Where many would whisper, the angry woman is loud, fast and high.",
        "She is too angry to be quiet: a woman, fast, loud and high.",
        "As far as I can judge: an angry woman, fast, loud and high.",
        "gender=F; pitch=H; rate=F; volume=L; emotion=anger",
        "How loud: loud. How fast: fast. How high: high. Woman. Anger.",
        "If it were quieter, it might be sadness; but the angry woman is loud, fast and high.",
        "Had the pitch been lower, I'd have said boredom. The angry woman is loud, fast and high.",
        "Sadness often lowers the pitch, but the angry woman is loud, fast and high.",
        "Calm people tend to talk slowly; the angry woman is loud, fast and high.",
        "A woman, loud, fast and high. It could be fear, joy or anger. I settle on anger.",
        "A woman, loud, fast and high. Fear fits, joy fits. Final answer: anger.",
    ],
)
def test_what_is_only_expected_asked_or_named_claims_nothing(caption: str) -> None:
    assert check(caption, ANGRY_WOMAN).verdict == "ok"


def test_an_adjective_that_stands_for_a_noun_claims_no_level() -> None:
    caption = "After a slow, the angry woman speaks fast and loudly in a high voice."
    speeds = [held.holds for held in check(caption, ANGRY_WOMAN).held if held.claim.about == "speed"]
    assert speeds == [True]


def test_before_publishing_an_unknown_word_is_refused() -> None:
    caption = "An angry woman speaks fast and loudly in a high, zorbly voice."
    assert check(caption, ANGRY_WOMAN).verdict == "ok"
    assert check(caption, ANGRY_WOMAN, strict=True).verdict == "unsupported"


@pytest.mark.parametrize(
    ("name", "raw", "ours"),
    [
        ("gender", "F", "female"), ("gender", "Male", "male"), ("gender", "woman", "female"), ("gender", "other", None),
        ("speed", "very fast", "fast"), ("speed", "moderate", "normal"), ("volume", "low", "quiet"),
        ("emotion", "angry", "anger"), ("emotion", "Joy", "happiness"), ("emotion", "awe", "awe"),
        ("pitch", "", None), ("pitch", None, None),
    ],
)  # fmt: skip
def test_a_descriptor_is_understood_whatever_a_data_set_calls_it(name: str, raw: Any, ours: str | None) -> None:
    assert value(name, raw) == ours


def test_an_emotion_that_only_the_corpus_knows_is_read_as_its_label() -> None:
    assert check("The emotion is awe.", {"emotion": "awe"}).verdict == "ok"
    assert check("The emotion is awe.", {"emotion": "anger"}).verdict != "ok"


@pytest.mark.parametrize(
    ("caption", "verdict"),
    [
        ("Her volume is well above that of most women.", "missing"),
        ("Loudness: clearly above the mean for women.", "missing"),
        ("Her pace exceeds the female average.", "missing"),
        ("Her pitch lies below what is usual for women.", "contradiction"),
        ("She talks over other speakers, rising above the woman.", "missing"),
        ("Above all, the woman is angry.", "missing"),
        ("Nothing in her loud, fast, high voice suggests calm.", "missing"),
        ("Nothing about her tone suggests anger.", "contradiction"),
        ("Calm is out straight away. Boredom is out.", "missing"),
        ("Her anger is out, and loud.", "missing"),
        ("The anger is out as soon as she speaks.", "missing"),
        ("I ruled out calm, so anger it was.", "missing"),
        ("I ruled out the anger.", "contradiction"),
        ("Calm or anger? Not calm.", "missing"),
        ("None of this rules out anger.", "missing"),
        ("The angry woman feels dismissed.", "missing"),
        ("If you listen closely, she is calm.", "contradiction"),
        ("She usually whispers.", "contradiction"),
        ("She talks no louder than women usually do.", "contradiction"),
        ("I settle on calm.", "contradiction"),
    ],
)
def test_norms_of_a_group_and_denials_at_a_distance(caption: str, verdict: str) -> None:
    judged = check(caption, ANGRY_WOMAN)
    false = [held.claim.text for held in judged.held if held.holds is False]
    assert bool(false) == (verdict == "contradiction"), (caption, false)
