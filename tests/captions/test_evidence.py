"""Explanations that are true: reasons are those of the evidence, words in doubt are hedged and are no reason."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.captions import captions, grammar, prompts, templates
from annotate.captions.claims.claim import LEVELS
from annotate.captions.claims.judge import check
from annotate.captions.evidence import reasons
from annotate.captions.hedge import hedged
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
    made = captions.Captions(PLAIN, "plain", "explanation", table).one(row(facts, **more))
    found: str | None = made.get("caption")
    return found


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
    told = {(name, table[name][facts[name]]) for name in LEVELS if facts[name]}
    assert given_reasons(text, facts, evidence) == {(name, sense) for name, sense in told if sense != "silent"}, text


def test_where_the_evidence_goes_against_a_word_it_is_said_with_although() -> None:
    facts = {"gender": "male", "emotion": "anger", "pitch": None, "speed": None, "volume": "loud"}
    text = caption(facts, {"anger": {"volume": {"loud": "against"}}})
    assert "although his loud voice would not suggest it" in str(text)
    assert "suggests" not in str(caption(facts, {}))
    assert re.search(r"his loud voice|loud voice points", str(caption(facts, {"anger": {"volume": {"loud": "for"}}})))


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
    automaton = grammar.build(facts, style="description", length="short", reasons=reasons(facts, {}))
    assert automaton is not None
    assert "fairly" in automaton.gbnf()
    plain = grammar.build({**facts, "hedged": []}, style="description", length="short", reasons=reasons(facts, {}))
    assert plain is not None
    assert "fairly" not in plain.gbnf()


def test_every_hedged_phrase_of_the_writers_is_read_as_its_word() -> None:
    for name, words in LEVELS.items():
        for word in words:
            for phrase in grammar.wording()[name][word]["how" if name != "pitch" else "voice"]:
                said = (
                    f"A woman speaks {hedged(phrase)}." if name != "pitch" else f"A woman speaks in {hedged(phrase)}."
                )
                assert check(said, {"gender": "female", name: word}).verdict == "ok", said
                wrong = next(
                    other for other in words if (other != word and "normal" not in (other, word)) or word == "normal"
                )
                if wrong != word:
                    assert check(said, {"gender": "female", name: wrong}).verdict == "contradiction", said


def test_the_prompt_says_which_cues_suggest_and_which_go_against() -> None:
    facts = {"gender": "male", "emotion": "anger", "pitch": "high", "speed": "slow", "volume": "loud"}
    table = {"anger": {"pitch": {"high": "for"}, "speed": {"slow": "against"}}}
    asked = prompts.Prompt.load("explanation").ask(facts, None, "short", reasons(facts, table))[-1][1]
    assert "Suggests it: high pitch." in asked
    assert "Goes against it: slow speed." in asked
    assert "loud volume" not in asked
