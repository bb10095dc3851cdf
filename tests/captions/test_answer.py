"""The caption in an answer: what stands around it is taken off where one paragraph is left, and refused where not."""

from __future__ import annotations

import json
import random
import re

import mutants
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.attributes import reply_attributes
from annotate.captions import answer, caption_form, grammar
from annotate.captions.content_selection import select
from annotate.captions.reading.judge import check
from annotate.captions.supported_reasons import literature

GOOD = "A man speaks slowly and quietly in a low-pitched voice, and the emotion is sad."
ABOUT = re.compile(r"caption|think|\bsure|assistant|answer|\bi\b|\byou\b|here.s", re.IGNORECASE)
OTHER = "A woman talks fast and loudly with a high pitch. She is angry."
ROW = {"gender": "male", "pitch": "low", "speed": "slow", "volume": "quiet", "emotion": "sadness", "transcript": None}

AROUND = {
    "thoughts": f"<think>\nThe user wants a sentence. The pitch is low.\n</think>\n\n{GOOD}",
    "no thoughts": f"<think>\n\n</think>\n\n{GOOD}",
    "thoughts whose beginning stood in the prompt": f"Okay. Low pitch.\n</think>\n{GOOD}",
    "thoughts in brackets": f"[THINK]low, slow[/THINK]{GOOD}",
    "thoughts of another make": f"<|begin_of_thought|>hm<|end_of_thought|>{GOOD}",
    "channels": f"<|channel|>analysis<|message|>We need it.<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}<|return|>",  # noqa: E501
    "channels without marks": f"analysisWe need to write. A man.assistantfinal{GOOD}",
    "a lead-in": f'Sure! Here is the caption you asked for:\n\n"{GOOD}"',
    "a lead-in on the line": f"Here’s one way to phrase it: {GOOD}",
    "an exclamation": f"Certainly! {GOOD}",
    "a label": f"**Final caption:** {GOOD}",
    "a heading": f"## Caption\n\n{GOOD}",
    "a note": f"{GOOD}\n\n(Note: all of the given facts are used in two short sentences.)",
    "a note on the line": f"{GOOD} (Note: 15 words)",
    "a translation": f"{GOOD}\n\nTranslation: Un hombre habla despacio.",
    "good wishes": f"{GOOD} I hope this helps! Let me know if you want another version.",
    "the same twice": f"Caption 1: {GOOD}\nCaption 2: {GOOD}",
    "a role": f"assistant\n{GOOD}<|im_end|>",
    "a role of another template": f"[/INST] {GOOD} </s>",
    "emphasis and facts": f"**{GOOD}**\n\n- Pitch: low\n- Speed: slow",
    "an item": f"- {GOOD}",
    "code": f"```\n{GOOD}\n```",
    "JSON": json.dumps({"caption": GOOD}),
    "JSON in code": f'```json\n{{"caption": {json.dumps(GOOD)}, "pitch": "low"}}\n```',
    "an element": f"<thinking>hm</thinking><answer>{GOOD}</answer>",
    "quotation marks": f"“{GOOD}”",
    "single ones": f"'{GOOD}'",
    "a way of writing": f"\u200b\ufeff{GOOD}\u200e",
    "broken lines": GOOD.replace(" and quietly", "\nand quietly"),
    "musing before the answer": f"First, I note that the pitch is low.\n\nFinal answer: {GOOD}",
}  # fmt: skip

NONE = {
    "thoughts without an end": "<think>\nOkay, the user wants one sentence about a man. The pitch is low.",
    "channels without the last": "<|channel|>analysis<|message|>A man speaks.",
    "two": f"Caption 1: {GOOD}\nCaption 2: {OTHER}",
    "two on a line": f"Option 1: {GOOD} Option 2: {OTHER}",
    "two items": f"1. {GOOD}\n2. {OTHER}",
    "two paragraphs": f"{GOOD}\n\nA male voice talks slowly and quietly at a low pitch; he is sad.",
    "JSON with two": json.dumps({"a": GOOD, "b": [OTHER]}),
    "another turn": f"{GOOD}<|im_end|>\n<|im_start|>user\nGender: male. Pitch: low.",
    "another turn by name": f"{GOOD}\n\nUser: Gender: female.",
    "chat alone": "As an AI language model, I cannot listen to audio, but a man speaks slowly and is sad.",
    "an apology": "I'm sorry, I can't help with that.",
    "a line that is no sentence": f"{GOOD}\n\n#sad #man",
    "a control": "A man speaks\x1b[31m slowly.",
    "nothing": " \n\n ",
    "half a character": f"\ud83d {GOOD}",
    "too much": "A man speaks. " * 3000,
}

NEVER_OK = {
    "another language": "Un hombre habla despacio y en voz baja; está triste. " + GOOD,
    "another script": GOOD + " 他很难过。",
    "a letter of another script": GOOD.replace("man", "m\u0430n"),
    "an open place": GOOD.replace("low-pitched", "{pitch}") + " His pitch is low.",
    "a program's nothing": GOOD + " The age is None.",
    "a symbol": GOOD + " \U0001f622",
    "a cut": GOOD[:-1] + " and",
    "facts in a row": GOOD + " Gender: male. Pitch: low.",
    "an address": GOOD + " You can hear it.",
    "an open quotation": '"' + GOOD,
    "a direction": GOOD.replace("low", "\u202elow"),
    "too long": (GOOD + " ") * 40,
}


@pytest.mark.parametrize("name", AROUND)
def test_what_stands_around_is_taken_off(name: str) -> None:
    assert answer.caption(AROUND[name]) == GOOD
    assert check(answer.caption(AROUND[name]), ROW, strict=True).verdict == "ok"


@pytest.mark.parametrize("name", NONE)
def test_an_answer_without_one_caption_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(answer.RefusedAnswer) as told:
        answer.caption(NONE[name])
    assert str(told.value)
    assert str(told.value).isprintable()


@pytest.mark.parametrize("name", NEVER_OK)
def test_what_is_left_is_published_only_as_a_plain_paragraph(name: str) -> None:
    try:
        text = answer.caption(NEVER_OK[name])
    except answer.RefusedAnswer:
        return
    # a direction is taken off, and what is left is plain
    assert text == GOOD or check(text, ROW, strict=True).verdict != "ok"
    assert check(NEVER_OK[name], ROW, strict=True).verdict != "ok"


@pytest.mark.parametrize(
    "text",
    [
        "In a high voice, a man says 'Sure! Here is the caption', loudly.",
        "A man speaks fast and loudly in anger.\nHis high pitch and loud voice suggest anger.",
        "'I like it,' says a man, slowly, 'very much.'",
        "Here is a man who speaks slowly.",
    ],
)
def test_nothing_is_taken_out_of_sentences(text: str) -> None:
    assert answer.caption(text) == " ".join(text.split())


def test_what_we_write_ourselves_has_the_form_of_a_caption() -> None:
    words = {
        "gender": ["male", "female", None],
        "pitch": ["low", "normal", "high"],
        "speed": ["slow", "normal", "fast"],
    }
    chance = random.Random(1)
    for number in range(40):
        row = {name: chance.choice(options) for name, options in words.items()}
        row |= {"volume": chance.choice(["quiet", "normal", "loud", None]), "emotion": chance.choice(["anger", "fear"])}
        made = grammar.build(row, select(row, reply_attributes(), literature()), style="explanation", seed=str(number))
        assert made is not None
        for text in _walk(made, chance, 10):
            assert not caption_form.claims(text, strict=True), text
            assert answer.caption(text) == text


def _walk(made: grammar.Automaton, chance: random.Random, count: int) -> list[str]:
    texts = []
    for _ in range(count):
        state, text = 0, ""
        while made.states[state]:
            character, state = chance.choice(list(made.states[state].items()))
            text += character
        texts.append(text)
    return texts


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from([*AROUND.values(), *NONE.values(), "\n", " ", '"', ":"]), max_size=3).map("".join)
)
def test_any_text_is_one_paragraph_without_hidden_characters_or_refused(text: str) -> None:
    try:
        found = answer.caption(text)
    except answer.RefusedAnswer:
        return
    assert "\n" not in found
    assert found.isprintable()
    assert found.strip() == found


def hold(count: int, seed: int) -> None:
    """Mutants of answers: the caption as it was, or a refusal, or a text of which the check says what is wrong."""
    chance = random.Random(seed)
    for _ in range(count):
        text, _ = mutants.of_text(chance.choice([*AROUND.values(), *NONE.values()]), chance)
        try:
            found = answer.caption(answer.storable(text))
        except answer.RefusedAnswer:
            continue
        assert found.isprintable()
        if check(found, ROW, strict=True).verdict == "ok":
            assert not caption_form.claims(found, strict=True)
            plain = found.replace("\u2019", "'")
            assert not set("<>{}[]|*#`\x1b") & set(plain), found
            assert not re.search(r"caption|think|\bsure|assistant|answer|\bi\b|\byou\b|here's", plain, re.IGNORECASE), (
                found
            )


def test_mutants_of_answers() -> None:
    hold(300, 3)


@pytest.mark.slow
def test_five_thousand_mutants_of_answers() -> None:
    hold(5000, 4)
