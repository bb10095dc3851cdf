"""Explanations that are true: reasons are those of the evidence, words in doubt are hedged and are no reason."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.attributes import reply_attributes
from annotate.captions import captions, grammar, prompts, templates
from annotate.captions.content_selection import Telling, select
from annotate.captions.hedge import hedged
from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.judge import check
from annotate.captions.supported_reasons import Evidence
from annotate.descriptors.evidence import Senses

PLAIN = templates.source("captions", "plain")
EMOTIONS = ["anger", "calm", "neutral", "sadness", "surprise"]
TABLES = st.fixed_dictionaries(
    {
        name: st.fixed_dictionaries({word: st.sampled_from(["for", "against", "silent"]) for word in words})
        for name, words in LEVELS.items()
    }
)
FACTS = st.fixed_dictionaries(
    {
        "gender": st.sampled_from(["female", "male", None]),
        "emotion": st.sampled_from(EMOTIONS),
        **{name: st.sampled_from([*words, None]) for name, words in LEVELS.items()},
    }
)


def row(facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    whole = {"id": "x", "split": "train", "drop_audio": None, "intensity": None, "transcript": None, "hedged": []}
    return {**whole, **facts, **more}


def caption(facts: dict[str, Any], table: Senses, **more: Any) -> str | None:
    made = captions.Captions(PLAIN, "plain", "explanation", Evidence(table)).compute_row(row(facts, **more))
    found: str | None = made.get("caption")
    return found


def telling(facts: dict[str, Any], table: Senses, style: str = "explanation") -> Telling:
    return select(facts, reply_attributes(), Evidence(table), style)


def given_reasons(text: str, facts: dict[str, Any], table: Senses) -> set[tuple[str, str]]:
    held = check(text, facts, evidence=table).held
    return {(str(one.claim.cue), str(one.claim.sense)) for one in held if one.claim.about == "reason"}


@settings(max_examples=150, deadline=None)
@given(FACTS, TABLES, st.text(min_size=1, max_size=6))
def test_a_caption_gives_the_reasons_of_the_evidence_and_no_others(facts: Any, table: Any, row_id: str) -> None:
    evidence = {facts["emotion"]: table}
    text = caption(facts, evidence, id=row_id)
    if not any(facts[name] for name in ("gender", *LEVELS)):
        return
    assert text is not None
    of = telling(facts, evidence)
    told = {(one.attribute.name, one.sense) for one in of.statements if one.sense != "silent"}
    # a sentence may name its reasons by their nouns ("her pace and pitch") or as a whole: then no cue is read
    assert given_reasons(text, facts, evidence) <= told, text
    assert all(table[name][facts[name]] == sense for name, sense in told)
    assert {name for name in LEVELS if facts[name] and table[name][facts[name]] == "for"} & set(of.names) or not [
        name for name, sense in told if sense == "for"
    ]


def test_where_the_evidence_goes_against_a_word_it_is_said_with_even_though() -> None:
    facts = {"gender": "male", "emotion": "anger", "pitch": None, "speed": None, "volume": "quiet"}
    text = str(caption(facts, {"anger": {"volume": {"quiet": "against"}}}))
    assert re.search(r", (even though|although) he speaks (quietly|softly)\.", text)
    assert re.search(r"(quietly|softly)", str(caption(facts, {})))
    assert "though" not in str(caption(facts, {}))


def test_a_middling_word_is_never_said_to_go_against_an_emotion() -> None:
    facts = {"gender": "male", "emotion": "anger", "pitch": None, "speed": None, "volume": "normal"}
    assert "though" not in str(caption(facts, {"anger": {"volume": {"normal": "against"}}}))


def test_what_goes_against_is_told_only_where_it_weighs_as_much_as_what_goes_with_it() -> None:
    facts = {"gender": "male", "emotion": "anger", "pitch": "low", "speed": "fast", "volume": "loud"}
    senses = {"anger": {"pitch": {"low": "against"}, "volume": {"loud": "for"}}}
    for size, told in ((0.1, ()), (0.5, ("pitch",))):
        differences = {"anger": {"pitch": {"low": -size}, "volume": {"loud": 0.3}}}
        of = select(facts, reply_attributes(), Evidence(senses, differences))
        assert tuple(one.attribute.name for one in of.opposing) == told
        assert set(of.names) == {"pitch", "speed", "volume"}


@pytest.mark.parametrize("text", [
    "A man speaks loudly. His loud voice suggests anger.", "He is angry because he speaks loudly.",
    "Judging by his loud voice, the man is angry.",
])  # fmt: skip
def test_the_claim_check_refuses_a_reason_that_the_evidence_contradicts(text: str) -> None:
    facts = {"gender": "male", "emotion": "anger", "volume": "loud"}
    verdicts = [
        check(text, facts, evidence={"anger": {"volume": {"loud": sense}}}).verdict
        for sense in ("for", "silent", "against")
    ]
    assert verdicts[0] != "contradiction"
    assert verdicts[1:] == ["contradiction", "contradiction"]


@settings(max_examples=60, deadline=None)
@given(FACTS, TABLES, st.sets(st.sampled_from(sorted(LEVELS))), st.integers(0, 10**6))
def test_a_hedged_word_is_still_read_as_the_word_and_is_no_reason(
    facts: Any, table: Any, doubtful: Any, seed: int
) -> None:
    evidence = {facts["emotion"]: table}
    names = sorted(name for name in doubtful if facts[name])
    text = caption(facts, evidence, hedged=names, id=str(seed))
    if text is None:
        return
    assert check(text, facts, evidence=evidence).verdict in ("ok", "missing")
    assert ("fairly" in text) <= bool(names)
    assert not {cue for cue, _ in given_reasons(text, facts, evidence)} & set(names)
    for name in names:
        assert not (facts[name] in ("low", "high", "slow", "fast", "quiet", "loud") and "fairly" not in text), text


def test_a_writer_is_told_and_held_to_the_doubt() -> None:
    facts = {"gender": "female", "emotion": "calm", "pitch": "low", "speed": None, "volume": None, "hedged": ["pitch"]}
    automaton = grammar.build(facts, telling(facts, {}), style="description")
    assert automaton is not None
    assert "fairly" in automaton.gbnf()
    plain = grammar.build(facts, telling({**facts, "hedged": []}, {}), style="description")
    assert plain is not None
    assert "fairly" not in plain.gbnf()


@pytest.mark.parametrize(
    ("phrase", "said"),
    [("slowly", "fairly slowly"), ("very slowly", "fairly slowly"), ("at a slow pace", "at a fairly slow pace"),
     ("at an average pace", "at a fairly average pace"), ("with long pauses", "with fairly long pauses"),
     ("a very high pitch", "a fairly high pitch"), ("high", "fairly high"), ("an even voice", "a fairly even voice")],
)  # fmt: skip
def test_a_doubt_is_said_before_the_adjective(phrase: str, said: str) -> None:
    assert hedged(phrase) == said


def test_the_prompt_says_which_cues_suggest_and_which_go_against() -> None:
    facts = {"gender": "male", "emotion": "anger", "pitch": "high", "speed": "slow", "volume": "loud"}
    table = {"anger": {"pitch": {"high": "for"}, "speed": {"slow": "against"}}}
    table = {"anger": {"pitch": {"high": "for"}, "speed": {"slow": "against"}}}
    of = telling(facts, table)
    asked = prompts.Prompt.load("explanation").ask(facts, of, "short")[-1][1]
    assert "Pitch: high. Speed: slow. Volume: loud." in asked
    assert "Suggests it: high pitch." in asked
    assert "Goes against it: slow pace." in asked
    assert "loud voice" not in asked


def test_no_template_is_given_a_reason_that_is_none() -> None:
    told = "{% for one in statements %}{{ one.manner or one.adjective }},{% endfor %}"
    source = "{{ supporting | join('+') }}|{{ opposing | join('+') }}|" + told
    facts = {"gender": "male", "emotion": "anger", "pitch": "low", "speed": "fast", "volume": "loud"}
    table = {"anger": {"pitch": {"low": "against"}, "volume": {"loud": "for"}}}
    made = captions.Captions(source, "mine", "explanation", Evidence(table))._values(row(facts))
    assert (made["supporting"], made["opposing"]) == (["volume"], ["pitch"])
    assert templates.render(source, "mine", **made) == "volume|pitch|loudly,low-pitched,fast,"
