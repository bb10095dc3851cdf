"""``train``, ``load_model`` and ``find_recordings`` on a tiny model: replies to every form of a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml

pytest.importorskip("torch")
pytest.importorskip("transformers")

from conftest import voice
from semollm import tiny_models

import annotate


@pytest.fixture(scope="session")
def model(output: annotate.Output, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two steps a stage, trained by the Python API on the finished output."""
    folder = tmp_path_factory.mktemp("replying")
    steps = {"steps": 2, "save_every": 2, "evaluate_every": 2}
    recipe = tiny_models.recipe(
        tiny_models.save_whisper(folder / "ear"), tiny_models.save_llm(folder / "mouth"),
        stage1=steps, stage2=steps, stage3=steps,
    )  # fmt: skip
    recipe["features"] = {"folder": str(folder / "features")}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    trained = annotate.train(output, recipe=folder / "tiny.yaml", output=folder / "out", progress=False)
    assert f"model: {trained.model}" in trained.text()
    return trained.model


@pytest.fixture(scope="session")
def reply(model: Path) -> annotate.ReplyModel:
    return annotate.load_model(model, device="cpu")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.wav"
    soundfile.write(path, voice(1.0, 200.0, syllables=4), 16000, subtype="FLOAT")
    return path


def test_a_file_an_array_and_an_audio_value_have_the_same_reply(reply: annotate.ReplyModel, clip: Path) -> None:
    samples, rate = soundfile.read(clip, dtype="float32")
    answer = reply(str(clip))
    assert (answer.id, answer.path, answer.start, answer.end) == ("clip", str(clip), 0.0, 1.0)
    assert answer.error is None
    assert answer.emotion is None or answer.emotion in reply.labels
    for other in (reply(clip), reply(samples, rate), reply({"array": samples, "sampling_rate": rate})):
        assert (other.reply, other.emotion, other.end) == (answer.reply, answer.emotion, answer.end)


def test_of_a_long_recording_the_beginning_or_every_window(reply: annotate.ReplyModel) -> None:
    samples = voice(2.5 * reply.longest_s, 200.0, syllables=4)
    with pytest.warns(UserWarning, match=r"only the first .* s are used; windows\(\) replies to all"):
        answer = reply(samples, 16000)
    assert answer.end == reply.longest_s
    windows = reply.windows(samples, 16000)
    assert [window.start for window in windows] == [0.0, reply.longest_s, 2 * reply.longest_s]
    assert windows[0].reply == answer.reply


def test_many_files_are_answered_as_each_alone(reply: annotate.ReplyModel, clip: Path) -> None:
    (clip.parent / "broken.wav").write_bytes(b"RIFF no")
    answers = list(reply.reply_all(annotate.find_recordings([clip.parent]), batch_size=2))
    assert [answer.id for answer in answers] == ["broken", "clip"]
    assert "not audio" in str(answers[0].error)
    assert answers[1].reply == reply(clip).reply


WRONG: dict[str, tuple[Callable[[annotate.ReplyModel], Any], str]] = {
    "an absent file": (lambda reply: reply("absent.wav"), "absent.wav: missing"),
    "an array without its rate": (lambda reply: reply(np.zeros(16000)), "ndarray given; expected a path"),
    "a rate in kHz": (lambda reply: reply(np.zeros(16000), 16), "sampling rate of 16 Hz"),
    "channels first": (lambda reply: reply(np.zeros((2, 16000)), 16000), "transpose"),
    "not numbers": (lambda reply: reply(np.full(16000, np.nan), 16000), "NaN"),
    "no samples": (lambda reply: reply(np.zeros(0), 16000), "short|empty|no samples"),
    "a path with a rate": (lambda reply: reply("clip.wav", 16000), "expected numbers"),
    "windows of an absent file": (lambda reply: reply.windows("absent.wav"), "absent.wav: missing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_clear_line(case: str, reply: annotate.ReplyModel) -> None:
    call, expected = WRONG[case]
    with pytest.raises(annotate.SemoError, match=expected) as raised:
        call(reply)
    assert "\n" not in str(raised.value)


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path: Path, model: Path) -> None:
    for name, device, expected in (
        (str(tmp_path / "absent"), "cpu", "absent"),
        (str(tmp_path), "cpu", "config.json"),
        (str(model), "gpu", "device 'gpu' is unknown; did you mean"),
        (str(model.parent / "stage1" / "model"), "cpu", "expected a model of stage 2 or 3"),
    ):
        with pytest.raises(annotate.SemoError, match=expected) as raised:
            annotate.load_model(name, device=device)
        assert "\n" not in str(raised.value)
    with pytest.raises(annotate.SemoError, match="no recording was given"):
        annotate.find_recordings()
