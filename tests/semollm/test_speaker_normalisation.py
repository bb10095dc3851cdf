"""Hidden states against the speaker's usual: what is left of a clip, and that one model takes both kinds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from conftest import voice  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from annotate.cli import infer as infer_cli  # noqa: E402
from annotate.cli import train as train_cli  # noqa: E402
from annotate.semollm.model import enrolment, pretrained  # noqa: E402
from annotate.semollm.model.speaker_normalisation import SpeakerNormalisation, clip_statistics  # noqa: E402
from semollm.conftest import line  # noqa: E402

LAYERS, HIDDEN = 2, 3


def corpus(seed: int, clips: int = 6) -> tuple[list[np.ndarray], list[str]]:
    """Clips' hidden states, (N, T, H) each, of three speakers."""
    random = np.random.default_rng(seed)
    speakers = [name for name in "abc" for _ in range(clips)]
    usual = {name: random.normal(size=(LAYERS, 1, HIDDEN)) for name in "abc"}
    return [
        usual[name] + random.normal(size=(LAYERS, 1, HIDDEN)) + random.normal(size=(LAYERS, 9, HIDDEN))
        for name in speakers
    ], speakers


def fitted(states: list[np.ndarray], speakers: list[str]) -> tuple[SpeakerNormalisation, np.ndarray]:
    made, statistics = SpeakerNormalisation(LAYERS, HIDDEN), np.stack([clip_statistics(one) for one in states])
    made.fit(statistics, speakers)
    return made, statistics


@given(st.integers(0, 9999))
@settings(max_examples=25, deadline=None)
def test_statistics_over_time_say_how_far_the_clip_is_from_its_speaker(seed: int) -> None:
    states, speakers = corpus(seed)
    made, statistics = fitted(states, speakers)
    others = enrolment.of_others(statistics, speakers)
    for clip, row, usual in zip(states, statistics, others, strict=True):
        assert usual is not None
        found = clip_statistics(made.normalised(clip, usual)).reshape(LAYERS, 2, HIDDEN)
        far = enrolment.relative(row, made.expected(usual), made.within.double().numpy())
        wanted = (statistics.mean(0) + statistics.std(0) * far).reshape(LAYERS, 2, HIDDEN)
        np.testing.assert_allclose(found[:, 0], wanted[:, 0], atol=1e-4)
        spread = np.maximum(wanted[:, 1], 0.05 * statistics.mean(0).reshape(LAYERS, 2, HIDDEN)[:, 1])
        np.testing.assert_allclose(found[:, 1], spread, rtol=1e-3)


def test_what_all_clips_of_a_speaker_share_is_gone_with_many_clips_and_partly_kept_with_few() -> None:
    states, speakers = corpus(0, clips=40)
    made, statistics = fitted(states, speakers)
    shift = 5 * statistics.std(0).reshape(LAYERS, 2, HIDDEN)[:, :1]
    left = {}
    for most in (5, 39):
        others = enrolment.of_others(statistics, speakers, most)
        moved_others = enrolment.of_others(np.stack([clip_statistics(one + shift) for one in states]), speakers, most)
        found = [
            np.abs(made.normalised(one + shift, after) - made.normalised(one, before)).mean() / np.abs(shift).mean()
            for one, before, after in zip(states, others, moved_others, strict=True)
        ]
        left[most] = float(np.mean(found))
    assert left[39] < 0.25
    assert 2 * left[39] < left[5] < 0.9


def test_nothing_is_fitted_without_a_speaker_of_enough_clips() -> None:
    made = SpeakerNormalisation(LAYERS, HIDDEN)
    assert not made.fitted
    with pytest.raises(ValueError, match="no speaker has 5 clips"):
        made.fit(np.zeros((4, LAYERS * 2 * HIDDEN)), ["a"] * 4)
    assert not made.fitted


def test_a_model_without_read_outs_hears_an_enrolled_speaker_against_his_usual(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["model.readout.use=false", "model.speaker_normalisation=true", "decode=scored", "--quiet"]
    assert train_cli.main(line(house, tmp_path / "out", *given)) == 0
    state = pretrained.read_weights(tmp_path / "out" / "model" / "model.safetensors")
    assert int(state["bridge.speaker_normalisation.speakers"]) > 1
    plain, enrolled = (
        [json.loads(row) for row in (tmp_path / "out" / name).read_text().splitlines()]
        for name in ("test.jsonl", "test-enrolled.jsonl")
    )
    assert all(row["enrolled"] for row in enrolled)
    assert [row["chances"] for row in plain] != [row["chances"] for row in enrolled]
    (tmp_path / "ann").mkdir()
    for at in range(5):
        soundfile.write(tmp_path / "ann" / f"{at}.wav", voice(0.4 + 0.2 * at, 150 + 20 * at), 16000)
    call = ["--model", str(tmp_path / "out"), "--text-maxlen", "4", str(tmp_path / "ann"), "--speaker-of", "folder"]
    capsys.readouterr()
    assert infer_cli.main(call) == 0
    assert [json.loads(row)["enrolled"] for row in capsys.readouterr().out.splitlines()] == [True] * 5


def test_a_read_out_without_tokens_is_a_second_opinion_alone(house: Path, tmp_path: Path) -> None:
    """The LLM of such a model hears exactly what that of a model without read-outs hears."""
    for name, override in (("with", "model.readout.tokens=false"), ("without", "model.readout.use=false")):
        assert train_cli.main(line(house, tmp_path / name, override, "decode=greedy", "--quiet")) == 0
    ours, others = (
        pretrained.read_weights(tmp_path / name / "model" / "model.safetensors") for name in ("with", "without")
    )
    assert {name for name in ours if name not in others} == {name for name in ours if name.startswith("readout.")}
    for name, value in others.items():
        torch.testing.assert_close(ours[name], value, msg=name)
