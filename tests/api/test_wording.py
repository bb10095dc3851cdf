"""``Scale``, ``describe``, ``caption`` and ``check`` give the command's words and captions, and one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import annotate

FACTS = {"gender": "female", "pitch": "high", "speed": "fast", "volume": "loud"}


def null(value: Any) -> Any:
    return None if value is None or value != value else value  # NaN is a null of pandas


def test_the_words_are_those_of_the_commands_rows_bit_for_bit(corpus: Path, output: annotate.Output) -> None:
    paths = {path.stem: path for path in corpus.rglob("*.wav")}
    for row in output.frame("test").to_dict("records"):
        clip = annotate.measure(
            paths[Path(row["id"]).name], transcript=row["transcript"], language=row["language"], gender=row["gender"]
        )
        words = annotate.describe(clip, output.scale)
        for name in output.scale.attributes:
            detail = words.details[name]
            assert words[name] == null(row[name])
            assert detail.group == null(row[f"{name}_scale"])
            assert detail.edge_distance == null(row[f"{name}_margin"])
            assert detail.stability == null(row[f"{name}_sure"])


def test_a_table_is_described_like_its_clips(output: annotate.Output) -> None:
    rows = output.frame()
    described = annotate.describe(rows, output.scale)
    assert {f"{name}_sure" for name in output.scale.attributes} <= set(described.columns) <= set(rows.columns)
    for column in described.columns:
        assert list(map(null, described[column])) == list(map(null, rows[column])), column


def test_a_scale_is_fitted_saved_and_loaded(output: annotate.Output, tmp_path: Path) -> None:
    rows = output.frame()
    scale = annotate.Scale.fit(rows, attributes="paper", smallest_group=2)
    again = annotate.Scale.load(scale.save(tmp_path / "scale.json"))
    assert again.attributes == scale.attributes == ("pitch", "speed", "volume")
    assert again.words("pitch") == ("low", "normal", "high")
    pd.testing.assert_frame_equal(annotate.describe(rows, again), annotate.describe(rows, scale))
    assert annotate.describe(rows, scale)["pitch_own"].notna().any()
    alone = annotate.Scale.fit(rows, attributes="paper", smallest_group=2, against="group")
    assert annotate.describe(rows, alone)["pitch_own"].isna().all()


def test_a_caption_holds_against_the_words_that_it_was_made_from(output: annotate.Output) -> None:
    evidence = output.folder / "evidence.json"
    for row in output.frame("test").to_dict("records"):
        facts = {name: null(value) for name, value in row.items() if name in ("id", "gender", *output.scale.attributes)}
        text = annotate.caption(facts, emotion=row["emotion"], evidence=evidence)
        assert text
        assert annotate.check(text, facts, emotion=row["emotion"], evidence=evidence).verdict in ("ok", "missing")
        # what is not given is not judged
        assert annotate.check(text, facts).verdict in ("ok", "missing")


def test_the_captions_are_those_of_the_commands_rows(output: annotate.Output) -> None:
    for row in output.frame().to_dict("records"):
        facts = {name: null(value) for name, value in row.items() if not name.startswith(("caption", "notes"))}
        assert annotate.caption(facts, evidence=output.evidence) == row["caption"]


def test_other_peoples_captions_are_checked() -> None:
    text = "A woman speaks fast and loudly in a high voice."
    assert annotate.check(text, FACTS).verdict == "ok"
    assert annotate.check(text, FACTS | {"volume": "quiet"}).verdict == "contradiction"
    assert annotate.check("A woman speaks loudly.", FACTS).verdict == "missing"
    assert annotate.check("An elderly woman speaks fast and loudly in a high voice.", FACTS).verdict == "unsupported"


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "an absent scale": (lambda: annotate.Scale.load("absent.json"), "absent.json: cannot be read"),
    "a scale that is none": (lambda: annotate.describe(pd.DataFrame(), "scale.json"), "expected annotate.Scale"),  # type: ignore[arg-type]
    "an unknown comparison": (lambda: annotate.Scale.fit(pd.DataFrame(), against="speker"), "did you mean 'speaker'"),  # type: ignore[arg-type]
    "an unknown attribute": (lambda: annotate.Scale.fit(pd.DataFrame(), attributes=["pich"]), "did you mean 'pitch'"),
    "a table without measurements": (lambda: annotate.Scale.fit(pd.DataFrame({"a": [1]})), "lacks the column"),
    "words that are none": (lambda: annotate.caption("high"), "expected what describe"),  # type: ignore[arg-type]
    "an unknown style": (lambda: annotate.caption(FACTS, style="explanations"), "did you mean 'explanation'"),  # type: ignore[arg-type]
    "an unknown template": (lambda: annotate.caption(FACTS, template="plane"), "did you mean"),
    "evidence that is none": (lambda: annotate.caption(FACTS, evidence={"a": 1}), "expected evidence.json"),
    "absent evidence": (lambda: annotate.caption(FACTS, evidence="absent.json"), "absent.json"),
    "a caption that is no text": (lambda: annotate.check(3, FACTS), "expected text"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_clear_line(case: str) -> None:
    call, expected = WRONG[case]
    with pytest.raises(annotate.SemoError, match=expected) as raised:
        call()
    assert "\n" not in str(raised.value)
