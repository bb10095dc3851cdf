"""What a steered writer may say: only true sentences, many of them, and exactly those of the grammar."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate import attributes
from annotate.attributes import Attribute, AttributeTable, reply_attributes, word_column
from annotate.captions.content_selection import Telling, select
from annotate.captions.gbnf import Automaton
from annotate.captions.grammar import build, draw
from annotate.captions.phrasing import Manner, cues, listed, manners
from annotate.captions.reading.judge import check
from annotate.captions.sentences import Sentences
from annotate.captions.supported_reasons import Evidence, literature
from annotate.captions.wording import wording
from captions.sample import sentence

TABLE = reply_attributes()
WORDS = "Kids are talking by the door"
EMOTIONS = [*wording()["emotion"], "awe", "amused", None]
SENSES = st.sampled_from(["for", "against", "silent"])
ROWS = st.fixed_dictionaries({
    "gender": st.sampled_from(["female", "male", None]), "emotion": st.sampled_from(EMOTIONS),
    **{name: st.sampled_from([*TABLE.words(name), None]) for name in TABLE},
    "hedged": st.lists(st.sampled_from(list(TABLE)), max_size=2, unique=True),
    "pitch_scale": st.sampled_from(["female", "male", "corpus"]),
})  # fmt: skip
EVIDENCE = st.fixed_dictionaries({
    name: st.fixed_dictionaries({word: st.tuples(SENSES, st.floats(0.05, 0.6)) for word in TABLE.words(name)})
    for name in TABLE
})  # fmt: skip


def evidence_of(emotion: str | None, cells: dict[str, dict[str, tuple[str, float]]]) -> Evidence:
    if emotion is None:
        return Evidence()
    senses = {name: {word: cell[0] for word, cell in words.items()} for name, words in cells.items()}
    sizes = {name: {word: cell[1] for word, cell in words.items()} for name, words in cells.items()}
    return Evidence({emotion: senses}, {emotion: sizes})


def told(facts: dict[str, object], evidence: Evidence | None = None, style: str = "explanation") -> Telling:
    return select(facts, TABLE, evidence or literature(), style)


@settings(max_examples=150, deadline=None)
@given(ROWS, EVIDENCE, st.sampled_from(["description", "explanation"]), st.sampled_from([None, WORDS]), st.data())
def test_whatever_is_chosen_is_true_complete_and_english(row, cells, style, quote, data) -> None:
    evidence = evidence_of(row["emotion"], cells)
    telling = told(row, evidence, style)
    if not telling.statements and not row["gender"]:
        return
    facts = {**row, "transcript": WORDS}
    for first, second in Sentences(row["gender"], row["emotion"], telling, style, quote).captions():
        parts = [data.draw(st.sampled_from(texts)) for texts in (first, second) if texts]
        text = " ".join(f"{part}." for part in parts)
        for strict in (False, True):
            judged = check(text, facts, strict=strict, evidence=evidence.senses)
            assert judged.verdict in ("ok", "missing"), (text, judged.faults)
        lacking = [name for name in judged.missing if name in (*telling.names, "gender", "emotion")]
        assert not lacking, (text, lacking)
        assert re.fullmatch(r"[A-Z].*\.", text), text
        assert not re.search(r"  | ,|\.\.|[{}\[\]|]|\b[Aa] [aeio]|\ban [^aeiou]|\b(\w+) \1\b", text), text


@settings(max_examples=60, deadline=None)
@given(ROWS, EVIDENCE, st.data())
def test_a_caption_with_another_word_is_refused(row, cells, data) -> None:
    evidence = evidence_of(row["emotion"], cells)
    telling = told(row, evidence)
    if not telling.statements:
        return
    text = " ".join(draw(row, telling, style="explanation", row_id="x"))
    for one in telling.statements:
        wrong = data.draw(st.sampled_from([word for word in TABLE.words(one.attribute.name) if word != one.word]))
        refused = check(text, {**row, one.attribute.name: wrong}, evidence=evidence.senses)
        assert refused.verdict == "contradiction", (text, one.attribute.name, wrong)


ALL = attributes.table("all", levels=5)
COLUMNS = {
    word_column(name, against): ALL.words(name) for name, one in ALL.items() for against in ("group", *one.against)
}


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries({name: st.sampled_from([*words, None]) for name, words in COLUMNS.items()}),
    st.sampled_from(["female", "male", None]), st.sampled_from(EMOTIONS), st.integers(0, 10**6), st.data(),
)  # fmt: skip
def test_captions_of_all_attributes_are_english(words, gender, emotion, number, data) -> None:
    row = {**words, "gender": gender, "emotion": emotion, "hedged": [], "pitch_scale": gender}
    chance = random.Random(number)
    cells = {
        name: {word: (chance.choice(["for", "silent"]), chance.random()) for word in COLUMNS[name]} for name in COLUMNS
    }
    against = data.draw(st.sampled_from(["group", "speaker", "both"]))
    telling = select(row, ALL, evidence_of(emotion, cells), against=against)
    assert len(telling.statements) <= 5
    assert len({one.attribute.name for one in telling.statements}) == len(telling.statements)
    if against == "group":
        assert all(one.against == "group" for one in telling.statements)
    if not telling.statements and not gender:
        return
    for first, second in Sentences(gender, emotion, telling, "explanation").captions():
        text = " ".join(f"{data.draw(st.sampled_from(texts))}." for texts in (first, second) if texts)
        assert re.fullmatch(r"[A-Z].*\.", text), text
        assert not re.search(r"  | ,|\.\.|[{}\[\]|]|\b[Aa] [aeio]|\ban [^aeiou]|\b(\w+) \1\b", text), text
        assert len(re.findall(r"\b(?:much|very)\b", text)) <= 2, text  # what is said as far as it goes, and its reason
        assert ("than" in text or "usual" in text) == any(one.against == "speaker" for one in telling.statements), text


@pytest.mark.parametrize("seed", range(8, 12))
def test_captions_of_all_attributes_are_read_as_true_and_exchanged_ones_as_false(seed: int) -> None:
    chance = random.Random(seed)
    refused = wrong = 0
    for number in range(60):
        row = {name: chance.choice([*words, None]) for name, words in COLUMNS.items()}
        row |= {"gender": chance.choice(["female", "male"]), "emotion": chance.choice(EMOTIONS[:-1]), "hedged": []}
        cells = {name: {word: (chance.choice(["for", "silent", "against"]), chance.random()) for word in COLUMNS[name]}
                 for name in COLUMNS}  # fmt: skip
        evidence = evidence_of(row["emotion"], cells)
        telling = select(row, ALL, evidence)
        text = " ".join(draw(row, telling, style="explanation", row_id=str(number)))
        for strict in (True, False):
            judged = check(text, row, strict=strict, evidence=evidence.senses)
            assert judged.verdict in ("ok", "missing"), (text, judged.faults)
        for one in telling.statements:
            coarse = one.attribute.coarse(one.word)
            for word in one.attribute.words(5):
                if one.attribute.coarse(word) != coarse:
                    wrong += 1
                    refused += check(text, {**row, one.column: word}).verdict == "contradiction"
    assert refused >= 0.995 * wrong


@pytest.mark.parametrize("joint", ["is typical of", "suggests", "points to", "goes with", "makes him sound full of"])
@pytest.mark.parametrize("than", ["than usual", "than he usually has", "than normal"])
def test_what_a_comparison_is_a_reason_for_is_compared_with_nothing(than: str, joint: str) -> None:
    row = {"gender": "male", "pitch": "low", "pitch_own": "low", "volume": "loud", "volume_own": "loud"}
    text = f"A deeper, louder voice {than} {joint} anger."
    judged = check(text, {**row, "emotion": "anger"})
    assert judged.verdict in ("ok", "missing"), (text, judged.faults)
    assert {one.claim.cue for one in judged.held if one.claim.about == "reason"} == {"pitch", "volume"}
    assert check(text, {**row, "emotion": "happiness"}).verdict == "contradiction", text


def test_a_caption_says_each_noun_of_a_sentence_once() -> None:
    chance = random.Random(5)
    for number in range(300):
        row = {name: chance.choice(TABLE.words(name)) for name in TABLE}
        row |= {"gender": chance.choice(["female", "male"]), "emotion": chance.choice(EMOTIONS[:-1])}
        row["pitch_scale"] = row["gender"]
        text = " ".join(draw(row, told(row), style="explanation", row_id=str(number)))
        for part in text.split(". "):
            nouns = re.findall(r"\b(?:voice|pitch|pace|volume|speaker|corpus)\b", part)
            assert len(nouns) == len(set(nouns)), text
            assert not re.search(r"(man's|whose) voice.* for a (wo)?man", part), text


def test_there_is_much_to_choose_from_and_rows_differ() -> None:
    facts = {"gender": "female", "pitch": "high", "speed": "fast", "volume": "loud", "emotion": "anger"}
    whole = build(facts, told(facts), style="explanation")
    assert whole is not None
    assert whole.count > 300
    drawn = [build(facts, told(facts), style="explanation", seed=str(seed)) for seed in range(20)]
    assert all(one is not None and 50 < one.count < whole.count for one in drawn)
    assert len({one.gbnf() for one in drawn if one}) > 15
    again = build(facts, told(facts), style="explanation", seed="3")
    assert again is not None
    assert drawn[3] is not None
    assert again.gbnf() == drawn[3].gbnf()


def test_a_cue_that_goes_against_the_emotion_is_never_given_as_a_reason() -> None:
    facts = {"gender": "male", "pitch": "low", "speed": "slow", "volume": "loud", "emotion": "anger"}
    made = build(facts, told(facts), style="explanation")
    assert made is not None
    chance = random.Random(1)
    for _ in range(200):
        judged = check(sentence(made, chance), facts, evidence=literature().senses)
        senses = {(one.claim.cue, one.claim.sense) for one in judged.held if one.claim.about == "reason"}
        assert senses <= {("volume", "for"), ("pitch", "against"), ("speed", "against")}


@pytest.mark.parametrize("quote", ['He said "no"', "back\\slash", "tab\there", "{{ 7*7 }}", "</s>", "سلام"])
def test_words_spoken_are_data_in_the_grammar(quote: str) -> None:
    facts = {"gender": "male", "pitch": "low", "speed": None, "volume": None, "emotion": None}
    made = build(facts, told(facts), style="description", length="long", quote=quote)
    assert made is not None
    assert quote in sentence(made, random.Random(0))
    assert all(re.match(r"(root|s\d+) ::= ", line) for line in made.gbnf().splitlines())


def test_an_automaton_holds_exactly_the_texts_of_its_choices() -> None:
    choices = (["a ", "an ", ""], [("x", ["y", ""]), "xy", "xyz"], [".", ("!", [".", "!"])])
    made = Automaton(choices)
    texts = {
        first + second + third
        for first in ("a ", "an ", "") for second in ("xy", "x", "xyz") for third in (".", "!.", "!!")
    }  # fmt: skip
    assert made.count == len(texts)
    assert all(made.holds(text) for text in texts)
    assert not any(made.holds(text) for text in ("a x", "xyz", "an an x.", "axy.", "xz.", "x..", ""))
    drawn = Counter(sentence(made, random.Random(seed)) for seed in range(500))
    assert set(drawn) <= texts


def test_no_two_options_of_a_rule_begin_alike() -> None:
    facts = {"gender": "female", "pitch": "normal", "speed": "normal", "volume": "normal", "emotion": "neutral"}
    made = build(facts, told(facts), style="explanation")
    assert made is not None
    for line in made.gbnf().splitlines():
        begins = re.findall(r'(?:::= |\| )"(\\?.)', line)
        assert len(begins) == len(set(begins)), line


def phrased(*phrases: str, than: str = "than usual") -> str:
    marks = {"+": (True, True), "": (True, False), "=": (False, False), "=+": (False, True)}
    items = []
    for phrase in phrases:
        mark = re.match(r"[=+]*", phrase)[0]
        adverb, compares = marks[mark]
        items.append(Manner(phrase[len(mark) :], adverb, compares))
    return manners(items, than)


@pytest.mark.parametrize(("phrases", "text"), [
    (("slowly",), "slowly"),
    (("=at a slow pace", "quietly"), "quietly and at a slow pace"),
    (("=at an ordinary pace", "=at an ordinary volume"), "at an ordinary pace and volume"),
    (("=with long pauses", "=with a flat intonation", "slowly"), "slowly, with long pauses and a flat intonation"),
    (("+louder", "slowly"), "slowly and louder than usual"),
    (("+louder", "=with long pauses"), "louder than usual, with long pauses"),
    (("=+with less intonation", "=+with slurred articulation", "=+in a deeper voice"),
     "in a deeper voice, with less intonation and slurred articulation than usual"),
    (("=+at a faster pace", "=+in a deeper voice"), "at a faster pace and in a deeper voice than usual"),
])  # fmt: skip
def test_manners_are_listed_as_english_lists_them(phrases: tuple[str, ...], text: str) -> None:
    assert phrased(*phrases) == text


@pytest.mark.parametrize(("phrases", "text"), [
    (["a loud voice", "a tense voice"], "a loud, tense voice"),
    (["a tense voice", "long pauses"], "a tense voice and long pauses"),
    (["an even voice", "a loud voice", "a fast pace"], "an even, loud voice and a fast pace"),
    (["usual pace"], "usual pace"),
])  # fmt: skip
def test_cues_of_one_noun_are_one(phrases: list[str], text: str) -> None:
    assert listed(cues(phrases)) == text


def creak(**changes: object) -> AttributeTable:
    """An attribute of a third party: its words alone, or with what it writes."""
    words = {3: ("modal", "normal", "creaky")}
    made = Attribute("creak", "how much the voice creaks", {"creak_share": ""}, False, words, **changes)
    return AttributeTable((*reply_attributes().attributes, made))


def test_an_attribute_without_phrases_is_told_by_its_words() -> None:
    row = {"gender": "female", "pitch": "high", "speed": "normal", "volume": "normal", "creak": "creaky",
           "creak_own": "creaky", "emotion": "sadness"}  # fmt: skip
    evidence = Evidence({"sadness": {"creak": {"creaky": "for"}}}, {"sadness": {"creak": {"creaky": 0.3}}})
    telling = select(row, creak(), evidence)
    assert telling.columns[0] == "creak"
    texts = {" ".join(draw(row, telling, style="explanation", row_id=str(number))) for number in range(40)}
    assert all("creaky" in text and "voice" in text for text in texts)
    own = select(row, creak(), evidence, against="speaker")
    assert any(
        "more creaky" in " ".join(draw(row, own, style="explanation", row_id=str(number))) for number in range(9)
    )


def test_an_attribute_with_a_cue_alone_is_spoken_with() -> None:
    row = {"gender": "male", "creak": "creaky", "emotion": None}
    table = creak(write={"creaky": {"cue": ("audible creak",)}})
    text, _ = draw(row, select(row, table, Evidence()), style="description", row_id="x")
    assert "with audible creak" in text
    assert not select({**row, "creak": "modal"}, table, Evidence()).statements


def test_a_description_looks_at_no_label() -> None:
    row = {"gender": "male", "pitch": "high", "speed": "slow", "volume": "normal"}
    evidence = evidence_of("anger", {name: dict.fromkeys(TABLE.words(name), ("for", 0.3)) for name in TABLE})
    chosen = {told({**row, "emotion": emotion}, evidence, "description").columns for emotion in ("anger", "fear", None)}
    assert len(chosen) == 1
