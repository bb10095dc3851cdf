"""Training, tiny: all stages in one command, killed and resumed to the same weights; then replies; then bad input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
safetensors = pytest.importorskip("safetensors.torch") and pytest.importorskip("safetensors")

from conftest import voice  # noqa: E402

from annotate.cli import infer as infer_cli  # noqa: E402
from annotate.cli import train as train_cli  # noqa: E402
from annotate.semollm.data import target_texts  # noqa: E402
from annotate.semollm.data.batches import Example, Schedule  # noqa: E402
from annotate.semollm.data.corpus import Corpus  # noqa: E402
from annotate.semollm.inference import predict, reply_model  # noqa: E402
from annotate.semollm.model import pretrained, tokenization  # noqa: E402
from semollm.conftest import error_text, line  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
# dies at the given place of a stage as ``kill -9`` would have it
KILLED = """
import os, signal, sys
from annotate.semollm.training import progress_callback as watch, trainer
stage, where = sys.argv.pop(1), sys.argv.pop(1)
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
ends, writes = watch.Watch.on_step_end, trainer.files.write_text
def on_step_end(self, args, state, control, **more):
    if where == 'step' and str(self.stage) == stage and state.global_step == 7:
        die()
    return ends(self, args, state, control, **more)
def write_text(path, text):
    if where == 'mark' and path.parts[-3:] == (f'stage{stage}', 'checkpoint-10', trainer.MARK):
        die()
    return writes(path, text)
watch.Watch.on_step_end = on_step_end
trainer.files.write_text = write_text
from annotate.cli.train import main
sys.exit(main(sys.argv[1:]))
"""


def weights(folder: Path) -> dict[str, Any]:
    return pretrained.read_weights(folder / "model.safetensors")


def test_three_stages_in_one_command_leave_what_is_promised(trained: Path) -> None:
    for stage in (1, 2, 3):
        history = json.loads((trained / f"stage{stage}" / "done.json").read_text())["history"]
        assert [row["step"] for row in history if "loss" in row] == list(range(1, 13))
        assert [row["step"] for row in history if "validation_loss" in row] == [6, 12]
        for row in history:
            if stage == 1 and "loss" in row:
                parts = row["contrastive"] + row["matching"] + row["generation"]
                assert row["loss"] == pytest.approx(parts, rel=1e-3)
    assert {"model", "losses.png", "recipe.yaml", "test.jsonl"} <= {path.name for path in trained.iterdir()}
    assert (trained / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert {"README.md", "config.json", "model.safetensors", "sha256.json"} == {
        path.name for path in (trained / "model").iterdir()
    }
    assert not [name for name in weights(trained / "model") if name.startswith(("llm.", "encoder."))]
    rows = [json.loads(row) for row in (trained / "test.jsonl").read_text().splitlines()]
    assert len(rows) == 12
    enrolled = [json.loads(row) for row in (trained / "test-enrolled.jsonl").read_text().splitlines()]
    assert [row["id"] for row in enrolled] == [row["id"] for row in rows]
    assert all(row["enrolled"] for row in enrolled)
    assert [row["chances"] for row in enrolled] != [row["chances"] for row in rows]
    assert not [row for row in rows if "enrolled" in row]
    calibrated = json.loads((trained / "model" / "config.json").read_text())["calibration"]
    assert set(calibrated) == {
        "greedy_plain", "scored_plain", "greedy_enrolled", "scored_enrolled", "readout", "readout_enrolled"
    }  # fmt: skip
    assert "12 clips:" in (trained / "model" / "README.md").read_text()


def test_the_quick_recipe_trains_and_replies(house: Path, tmp_path: Path) -> None:
    """With tiny models and few updates; everything else is as shipped."""
    output = tmp_path / "out"
    few = [f"stages.stage{stage}.steps=2" for stage in (1, 2, 3)]
    changes = [
        f"model.encoder={house / 'ear'}", f"model.llm={house / 'mouth'}", "model.readout.layers=[1,2]",
        "model.encoder_pad_s=3", f"features.folder={house / 'features'}", "compute.threads=1", *few,
    ]  # fmt: skip
    data_set = str(house / "set" / "manifest.yaml")
    assert train_cli.main([data_set, "--recipe", "small-quick", "--output", str(output), *changes, "--quiet"]) == 0
    replies = [json.loads(row)["reply"] for row in (output / "test.jsonl").read_text().splitlines()]
    assert len(replies) == 12
    # the recipe's decoding begins a reply with the likeliest label's sentence
    assert all(reply.startswith("The Emotion may be ") for reply in replies)
    # whoever asks the model later hears clips as it did
    assert reply_model.trained(str(output), "cpu", None, None).encoder.pad_s == 3


def test_losses_fall_in_every_stage(trained: Path) -> None:
    for stage in (1, 2, 3):
        history = json.loads((trained / f"stage{stage}" / "done.json").read_text())["history"]
        losses = [row["loss"] for row in history if "loss" in row]
        assert np.mean(losses[-3:]) < np.mean(losses[:3])


def test_killed_in_every_stage_it_resumes_to_the_same(house: Path, trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for stage, where in (("1", "step"), ("2", "mark"), ("3", "step")):
        call = [sys.executable, "-c", KILLED, stage, where, *line(house, output, "--quiet")]
        done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == -9, done.stderr
        assert not (output / f"stage{stage}" / "done.json").exists()
    assert (output / "stage2" / "done.json").exists()
    assert train_cli.main(line(house, output, "--quiet")) == 0
    for stage in (1, 2, 3):
        mine, theirs = (
            json.loads((one / f"stage{stage}" / "done.json").read_text())["history"] for one in (output, trained)
        )
        assert [row.get("loss") for row in mine] == [row.get("loss") for row in theirs]
        for name, value in weights(trained / f"stage{stage}" / "model").items():
            assert torch.equal(weights(output / f"stage{stage}" / "model")[name], value), name
    assert (output / "test.jsonl").read_text() == (trained / "test.jsonl").read_text()


def test_the_path_alone_is_killed_and_resumes_to_the_same(house: Path, tmp_path: Path) -> None:
    """No read-outs: pooled statistics with their noise, queries that name words, the Q-Former kept in stage 3."""
    changes = [
        "model.readout.use=false", "model.statistics.tokens=0", "model.queries=6", "model.pooling.use=true",
        "model.naming.use=true", "stages.stage3.rates={bridge.: 0}",
    ]  # fmt: skip
    whole, output = tmp_path / "whole", tmp_path / "out"
    assert train_cli.main(line(house, whole, "--quiet", *changes)) == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    call = [sys.executable, "-c", KILLED, "1", "step", *line(house, output, "--quiet", *changes)]
    assert subprocess.run(call, cwd=ROOT, env=environment, capture_output=True).returncode == -9
    assert train_cli.main(line(house, output, "--quiet", *changes)) == 0
    for stage in (1, 2, 3):
        for name, value in weights(whole / f"stage{stage}" / "model").items():
            assert torch.equal(weights(output / f"stage{stage}" / "model")[name], value), name
    history = json.loads((whole / "stage1" / "done.json").read_text())["history"]
    assert all(row["naming"] > 0 for row in history if "loss" in row)
    before, after = (weights(whole / f"stage{stage}" / "model") for stage in (2, 3))
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith("bridge."), name


def test_a_second_call_trains_and_asks_nothing_and_another_setting_only_what_follows(
    house: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    shutil.copytree(trained, output)
    with monkeypatch.context() as once:
        once.setattr(predict.Questioner, "answer", None)  # whoever asks again fails
        assert train_cli.main(line(house, output, "--quiet")) == 0
    said = capsys.readouterr().out
    assert [f"stage {stage}: was trained by an earlier call" in said for stage in (1, 2, 3)] == [True] * 3
    assert train_cli.main(line(house, output, "stages.stage3.content=E+G+P", "--quiet")) == 0
    said = capsys.readouterr().out
    assert [f"stage {stage}: was trained by an earlier call" in said for stage in (1, 2, 3)] == [True, True, False]


def test_features_are_computed_once(
    house: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotate.semollm.model.encoder import SpeechEncoder

    def refuse(*_: Any) -> None:
        raise AssertionError("the encoder ran again")

    monkeypatch.setattr(SpeechEncoder, "encode", refuse)
    assert train_cli.main(line(house, tmp_path / "out", "--stages", "3", "stages.stage3.steps=2", "--quiet")) == 0


def test_without_the_cache_it_computes_the_same(house: Path, tmp_path: Path) -> None:
    few = ["--stages", "3", "stages.stage3.steps=3", "--quiet"]
    assert train_cli.main(line(house, tmp_path / "cached", *few)) == 0
    assert train_cli.main(line(house, tmp_path / "fresh", "features.cache=false", *few)) == 0
    one, other = (
        [row["loss"] for row in json.loads((tmp_path / name / "stage3" / "done.json").read_text())["history"]
         if "loss" in row] for name in ("cached", "fresh")
    )  # fmt: skip
    assert one == pytest.approx(other, rel=0.01)  # the cache holds fp16


def test_stage_3_starts_from_a_model_and_takes_adapters(house: Path, trained: Path, tmp_path: Path) -> None:
    start = ["--init", str(trained / "stage2" / "model"), "--stages", "3", "stages.stage3.steps=3", "--quiet"]
    assert train_cli.main(line(house, tmp_path / "out", *start, "model.lora.rank=2")) == 0
    assert (tmp_path / "out" / "model" / "lora" / "adapter_model.safetensors").is_file()
    arguments = ["--model", str(tmp_path / "out"), str(wav_of(tmp_path)), "--text-maxlen", "5"]
    assert infer_cli.main(arguments) == 0


def wav_of(folder: Path, seconds: float = 1.0, name: str = "clip.wav") -> Path:
    soundfile.write(folder / name, voice(seconds, 150, syllables=4), 16000)
    return folder / name


@pytest.mark.slow
def test_two_processes_train_as_one(house: Path, trained: Path, tmp_path: Path) -> None:
    still = ["model.qformer.dropout=0", "model.dropout=0", "model.statistics.dropout=0"]
    few = [*still, *(f"stages.stage{stage}.steps=3" for stage in (1, 2, 3)), "--quiet"]
    alone, both = tmp_path / "alone", tmp_path / "both"
    assert train_cli.main(line(house, alone, *few)) == 0
    halves = [f"stages.stage{stage}.batch_size=2" for stage in (1, 2, 3)]
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    call = [*launch, "-m", "annotate.cli.train", *line(house, both, *few, *halves)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for stage in (1, 2, 3):
        one, two = (
            [row["loss"] for row in json.loads((out / f"stage{stage}" / "done.json").read_text())["history"]
             if "loss" in row] for out in (alone, both)
        )  # fmt: skip
        assert one == pytest.approx(two, rel=1e-3)


def test_replies_for_any_recording(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wav: Callable[..., Path]
) -> None:
    short, long = wav_of(tmp_path, 0.1, "short.wav"), wav_of(tmp_path, 600.0, "long.wav")
    stereo = tmp_path / "music.ogg"
    soundfile.write(stereo, np.stack([voice(1.0, 200, rate=44100)] * 2, 1), 44100)
    model = ["--model", str(trained), "--text-maxlen", "6"]
    assert infer_cli.main([*model, str(short), str(long), str(stereo)]) == 0
    seen = capsys.readouterr()
    rows = [json.loads(row) for row in seen.out.splitlines()]
    assert [row["id"] for row in rows] == ["short", "long", "music"]
    assert rows[1]["end"] == 6.0
    assert "600.0 s; only the first 6 s are used" in seen.err
    assert infer_cli.main([*model, str(long), "--long", "windows", "--batch-size", "32", "--beams", "2"]) == 0
    windows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [(row["start"], row["end"]) for row in windows] == [(6.0 * at, 6.0 * at + 6.0) for at in range(100)]


def test_a_reply_is_the_same_in_any_batch_and_order(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(wav_of(tmp_path, 0.3 + 0.4 * at, f"{at}.wav")) for at in range(4)]
    found = []
    for size, order in (("1", files), ("3", files[::-1])):
        assert infer_cli.main(["--model", str(trained), "--batch-size", size, "--text-maxlen", "8", *order]) == 0
        rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
        found.append({row["id"]: row["reply"] for row in rows})
    assert found[0] == found[1]


def test_an_enrolled_speaker_is_heard_against_his_own_recordings(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, count in (("ann", 5), ("ben", 3)):
        (tmp_path / name).mkdir()
        for at in range(count):
            wav_of(tmp_path / name, 0.4 + 0.2 * at, f"{at}.wav")
    (tmp_path / "ann" / "broken.wav").write_bytes(b"RIFF no")
    call = ["--model", str(trained), "--text-maxlen", "4", str(tmp_path / "ann"), str(tmp_path / "ben")]
    assert infer_cli.main([*call, "--speaker-of", "folder"]) == 1
    seen = capsys.readouterr()
    rows = [json.loads(row) for row in seen.out.splitlines()]
    assert [row.get("enrolled") for row in rows] == [True] * 5 + [None] + [False] * 3
    assert "not audio" in rows[5]["error"]
    assert f"not enrolled, fewer than 5 clips: {tmp_path / 'ben'} (3)" in seen.err
    assert infer_cli.main(call) == 1  # nobody asked: nothing is said of it
    assert not [row for row in map(json.loads, capsys.readouterr().out.splitlines()) if "enrolled" in row]


def test_a_model_that_cannot_enrol_says_so(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(trained / "model", tmp_path / "model")
    state = pretrained.read_weights(tmp_path / "model" / "model.safetensors")
    state["readout.enrolled.speakers"] = torch.zeros((), dtype=torch.long)
    (tmp_path / "model" / "sha256.json").unlink()
    safetensors.torch.save_file(state, tmp_path / "model" / "model.safetensors")
    (tmp_path / "a").mkdir()
    call = ["--model", str(tmp_path / "model"), str(wav_of(tmp_path / "a")), "--speaker-of", "folder"]
    assert infer_cli.main(call) == 2
    assert "this model takes no enrolled speakers" in error_text(capsys)


def test_a_bad_recording_is_told_and_the_others_are_answered(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = wav_of(tmp_path)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF no")
    listed = tmp_path / "clips.scp"
    listed.write_text(f"one\t{good}\ntwo\t{broken}\nthree\t{tmp_path / 'absent.wav'}\n")
    output = tmp_path / "replies.jsonl"
    arguments = ["--model", str(trained), "--test_src", str(listed), "--text-maxlen", "4", "--output", str(output)]
    assert infer_cli.main(arguments) == 1
    rows = {row["id"]: row for row in map(json.loads, output.read_text().splitlines())}
    assert "error" not in rows["one"]
    assert "not audio" in rows["two"]["error"]
    assert "no such file" in rows["three"]["error"]
    assert "2 of 3 recordings have no reply" in error_text(capsys)


def test_the_published_form_of_a_checkpoint_is_used(
    house: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from annotate.semollm.model import published_checkpoint
    from annotate.semollm.model.causal_lm import SEmoForCausalLM
    from annotate.semollm.model.config import SEmoConfig

    config = SEmoConfig.from_pretrained(trained / "model")
    config.standardise, config.statistics_tokens = False, 0
    torch.manual_seed(1)
    model = SEmoForCausalLM(config)
    state = {f"module.{name}": model.state_dict()[ours] for name, ours in published_checkpoint.names(config).items()}
    torch.save(state, tmp_path / "43.pth")
    recipe = yaml.safe_load((house / "tiny.yaml").read_text())
    recipe["model"] |= {"readout": {"use": False}, "standardise": False, "statistics": {"tokens": 0}}
    recipe["output"] = "out"
    (tmp_path / "sizes.yaml").write_text(yaml.safe_dump(recipe))
    sizes = ["--recipe", str(tmp_path / "sizes.yaml")]
    audio = str(wav_of(tmp_path))
    call = ["--ckpt-path", str(tmp_path / "43.pth"), *sizes, audio, "--text-maxlen", "5", "--published", "--seed", "3"]
    assert infer_cli.main(call) == 0
    first = capsys.readouterr()
    assert f"{len(state)} tensors used, 0 ignored, 0 missing" in first.err
    assert infer_cli.main(call) == 0
    assert capsys.readouterr().out == first.out  # the seed decides what is drawn
    few = ["--init", str(tmp_path / "43.pth"), "--stages", "3", "stages.stage3.steps=1", "--quiet"]
    settings = line(house, tmp_path / "out", *few)
    settings[settings.index("--recipe") + 1] = str(tmp_path / "sizes.yaml")
    assert train_cli.main(settings) == 0
    assert f"{len(state)} tensors used" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 99}, "schema version 99; this version reads 1; run semo-annotate again"),
        ({"schema": None}, "has no 'schema'"),
        ({"audio": {"column": None, "stored": "none", "rate": 16000}}, "contains no audio"),
        ({"audio": {"column": "audio", "stored": "path", "rate": 16000}}, "--audio-root DIR"),
        ({"splits": {"train": 1, "dev": 2}}, "splits.dev"),
    ],
)
def test_a_manifest_that_cannot_serve_is_one_line(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], said: str
) -> None:
    content = yaml.safe_load((house / "set" / "manifest.yaml").read_text())
    (tmp_path / "manifest.yaml").write_text(yaml.safe_dump({**content, **change}))
    (tmp_path / "data").symlink_to(house / "set" / "data")
    arguments = line(house, tmp_path / "out")
    assert train_cli.main([str(tmp_path / "manifest.yaml"), *arguments[1:]]) in (1, 2)
    error = error_text(capsys)
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("further", "code", "said"),
    [
        (["stages.stage3.content=E+X"], 2, "content 'E+X' is unknown"),
        (["--stages", "4"], 2, "expected some of 1,2,3"),
        (["--stages", "3,1"], 2, "expected some of 1,2,3, in order"),
        (["--init", "no/such.pth"], 1, "there is no such file"),
        (["--init", "no-such-model"], 1, "no such folder"),
        (["model.encoder=no/such"], 1, "model.encoder=no/such: cannot be loaded"),
        (["model.queries=0"], 2, "model.queries"),
        (["stages.stage1.save_every=7", "stages.stage1.log_every=2"], 2, "expected a multiple of log_every=2"),
    ],
)
def test_a_mistake_is_one_line(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    further: list[str], code: int, said: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert train_cli.main(line(house, tmp_path / "out", *further, "--quiet")) == code
    error = error_text(capsys)
    assert said in error
    assert len(error.splitlines()) == 1


def test_running_out_of_memory_says_what_to_lower(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotate.semollm.model.pretraining import SEmoForPreTraining

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(SEmoForPreTraining, "captioned", full)
    assert train_cli.main(line(house, tmp_path / "out", "--quiet")) == 1
    assert "stages.stage1.batch_size=4; lower it" in error_text(capsys)


def test_a_stage_1_model_does_not_reply(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert infer_cli.main(["--model", str(trained / "stage1" / "model"), str(wav_of(tmp_path))]) == 1
    assert "is a model of stage 1, which has no LLM" in error_text(capsys)


def test_the_llm_is_taught_prompt_bos_reply_eos_and_asked_for_reply_and_eos(house: Path) -> None:
    from annotate.semollm.data.batches import Collate
    from annotate.semollm.model import frozen_models

    language = frozen_models.language(str(house / "mouth"))
    made = tokenization.for_llm(language, "Please recognize the emotions", "The Emotion may be anger.", 80)
    words = language.tokenizer.convert_ids_to_tokens(made.ids)
    assert words == [
        "Please",
        "recognize",
        "the",
        "emotions",
        "<s>",
        "The",
        "Emotion",
        "may",
        "be",
        "anger",
        ".",
        "</s>",
    ]
    assert made.first == 5
    cut = tokenization.for_llm(language, None, "The Emotion may be anger.", 4)
    assert language.tokenizer.convert_ids_to_tokens(cut.ids) == ["<s>", "The", "Emotion", "may", "</s>"]
    assert cut.cut
    # an end token within a reply is no padding: what is asked goes by length
    feature = np.zeros((3, 2, 4), np.float16)
    items = [{"features": feature, "tokens": one, "text_number": 0, "id": "a"} for one in (made, cut)]
    batch = Collate(3, language.eos)(items)
    assert batch["labels"][0].tolist() == [-100] * 5 + made.ids[5:]
    assert batch["labels"][1].tolist() == [-100, *cut.ids[1:], *[-100] * 7]


def test_captions_of_stage_1_name_no_emotion_and_only_what_is_known(house: Path) -> None:
    corpus = Corpus(str(house / "set"))
    clip = corpus.clips[0]
    said = target_texts.target_texts(corpus, [clip], 1, "E+G+P+S+V+T", "paper")[clip.id]
    assert said.startswith(("The female is saying '", "The male is saying '"))
    assert "Emotion" not in said
    row = {**clip.row, "pitch": None, "transcript": None}
    source = tokenization.templates.source("replies", "paper")
    less = target_texts.caption(row, "E+G+P+S+V+T", source, "paper")
    assert less == f"The {row['gender']} is speaking with {row['speed']} speed and {row['volume']} volume."
    assert target_texts.caption(row, "E", source, "paper") is None


def test_the_schedule_is_balanced_sorted_and_its_beginning_the_same() -> None:
    nothing = tokenization.Tokens([1], 0, False)
    groups = [0] * 4 + [1] * 12 + [2] * 8
    frames = np.random.default_rng(0).integers(10, 300, len(groups)).tolist()
    made = [Example(str(at), lambda: None, frames[at], nothing, 0, group) for at, group in enumerate(groups)]
    order = list(Schedule(made, 6, 30, True, seed=1))
    counts = np.bincount([groups[at] for at in order[: 36 * 5]])
    assert counts.tolist() == [60, 60, 60]
    assert order[:60] == list(Schedule(made, 6, 10, True, seed=1))
    assert order != list(Schedule(made, 6, 30, True, seed=2))
    spread = [np.ptp([frames[at] for at in order[start : start + 6]]) for start in range(0, 180, 6)]
    assert np.mean(spread) < 0.5 * np.ptp(frames)
    assert sorted(Schedule(made, 6, 4, False, seed=1)) == list(range(24))


def test_a_model_words_replies_as_it_was_scored(
    house: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotate.semollm.model.config import SEmoConfig
    from annotate.semollm.training import trainer

    assert SEmoConfig.from_pretrained(trained / "model").decode == "greedy"
    output = tmp_path / "out"
    shutil.copytree(trained, output)
    monkeypatch.setattr(predict.Questioner, "answer", lambda *_: [])  # what is asked does not matter
    monkeypatch.setattr(trainer.StageTrainer, "train", None)
    assert train_cli.main(line(house, output, "decode=scored", "--quiet")) == 0
    assert SEmoConfig.from_pretrained(output / "model").decode == "scored"
