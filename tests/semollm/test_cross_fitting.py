"""Stage-1 models without one group of speakers each: averaged weights, and calibration on unheard speakers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.cli import train as train_cli  # noqa: E402
from annotate.semollm import settings  # noqa: E402
from annotate.semollm.data import folds  # noqa: E402
from annotate.semollm.data.corpus import Corpus  # noqa: E402
from annotate.semollm.inference import generation  # noqa: E402
from annotate.semollm.model import build, pretrained  # noqa: E402
from annotate.semollm.model.causal_lm import SEmoForCausalLM  # noqa: E402
from annotate.semollm.training import calibration, cross_fitting, finishing, trainer  # noqa: E402
from annotate.semollm.training.run_stages import Training  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402
from semollm.conftest import line  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
NAMED = ["model.naming={use: true, tokens: true, folds: 2}", "model.queries=5", "model.readout.use=false"]
RELATIVE = ["model.speaker_normalisation=true", "decode=scored"]
KEPT = ["stages.stage2.rates={bridge.: 0}", "stages.stage3.rates={bridge.: 0}"]  # the speech side is that of stage 1
ALL = "train_on=[train,validation,test]"


def training(house: Path, output: Path, *overrides: str) -> Training:
    recipe = settings.load(str(house / "tiny.yaml"), [*NAMED, *RELATIVE, *overrides], {"output": output})
    corpus = Corpus(str(house / "set" / "manifest.yaml"))
    fold = folds.by_speaker(corpus, 5)[0]
    return Training(recipe, folds.taken(corpus, fold, "paper"), [1, 2, 3], None, True)


def test_every_clip_is_named_by_a_stage_1_that_has_not_heard_its_speaker(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[set[str]] = []
    init = trainer.StageTrainer.__init__

    def watched(self: Any, *given: Any, **named: Any) -> None:
        trained.append({example.id for example in named["train"].examples})
        init(self, *given, **named)

    monkeypatch.setattr(trainer.StageTrainer, "__init__", watched)
    made = training(house, tmp_path / "out")
    assert cross_fitting.applies(made)
    odds = cross_fitting.held_out_logits(made)
    clips = {clip.id: clip for clip in made.corpus.split("train")}
    assert set(odds) == set(clips)
    assert len(trained) == 2
    speakers = [{clips[clip].speaker for clip in group} for group in trained]
    assert all(speakers)
    assert not speakers[0] & speakers[1]
    assert speakers[0] | speakers[1] == {clip.speaker for clip in clips.values()}
    for clip in odds.values():
        assert clip.plain is not None
        assert clip.enrolled is not None
        assert len(clip.plain) == len(made.corpus.labels)
        assert np.isfinite(clip.plain).all()
        assert not np.array_equal(clip.plain, clip.enrolled)
    # another call trains nothing and says the same
    again = cross_fitting.held_out_logits(training(house, tmp_path / "out"))
    assert len(trained) == 2
    for name, clip in odds.items():
        np.testing.assert_array_equal(clip.plain, again[name].plain)


def test_stage_2_begins_with_the_mean_of_the_weights(house: Path, tmp_path: Path) -> None:
    assert train_cli.main(line(house, tmp_path / "out", *NAMED, *RELATIVE, *KEPT, ALL, "--quiet")) == 0
    output = tmp_path / "out"
    groups = [output / cross_fitting.FOLDER / f"group{number}" for number in (1, 2)]
    states = [pretrained.read_weights(folder / "stage1" / "model" / pretrained.WEIGHTS) for folder in (output, *groups)]
    averaged = pretrained.read_weights(output / cross_fitting.FOLDER / "model" / pretrained.WEIGHTS)
    final = pretrained.read_weights(output / "model" / pretrained.WEIGHTS)
    assert set(averaged) == set(states[0])
    assert not torch.equal(states[0]["bridge.query_tokens"], states[1]["bridge.query_tokens"])
    for name, value in averaged.items():
        taken_over = name.startswith(("bridge.", "naming.")) and value.is_floating_point()
        mean = torch.stack([state[name].float() for state in states]).mean(0) if taken_over else states[0][name]
        torch.testing.assert_close(value, mean.to(value.dtype), msg=name)
        if name.startswith("bridge.") and name in final:
            torch.testing.assert_close(final[name], value, msg=name)


def test_a_training_is_the_same_whether_its_groups_were_trained_in_one_go_or_not(house: Path, tmp_path: Path) -> None:
    whole = training(house, tmp_path / "whole")
    finishing.run(whole)
    cross_fitting.held_out_logits(training(house, tmp_path / "parts"))  # the groups alone, as before a kill
    finishing.run(training(house, tmp_path / "parts"))
    ours, others = (
        pretrained.read_weights(tmp_path / name / "model" / pretrained.WEIGHTS) for name in ("whole", "parts")
    )
    assert set(ours) == set(others)
    assert all(torch.equal(value, others[name]) for name, value in ours.items())


def test_it_is_not_done_without_naming_or_from_another_model(house: Path, tmp_path: Path, trained: Path) -> None:
    assert not cross_fitting.applies(training(house, tmp_path / "out", "model.naming.folds=0"))
    assert not cross_fitting.applies(training(house, tmp_path / "out", "model.naming.use=false"))
    assert not cross_fitting.applies(training(house, tmp_path / "out", "model.naming.folds=3"))  # of four speakers
    made = training(house, tmp_path / "out")
    made.start = build.start(str(trained))
    assert not cross_fitting.applies(made)


@pytest.mark.slow
def test_two_processes_average_and_calibrate_as_one(house: Path, tmp_path: Path) -> None:
    still = ["model.qformer.dropout=0", "model.dropout=0", "model.statistics.dropout=0"]
    given = [*NAMED, *RELATIVE, *KEPT, ALL, *still, "--quiet"]
    assert train_cli.main(line(house, tmp_path / "alone", *given)) == 0
    halves = [f"stages.stage{stage}.batch_size=2" for stage in (1, 2, 3)]
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    call = [*launch, "-m", "annotate.cli.train", *line(house, tmp_path / "both", *given, *halves)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for turn in range(2):  # the second finds everything done
        done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, (turn, done.stderr[-6000:])
    ours, others = (calibration_of(tmp_path / name) for name in ("alone", "both"))
    assert ours == pytest.approx(others, rel=0.05)


def calibration_of(output: Path) -> dict[str, float]:
    return dict(json.loads((output / "model" / "config.json").read_text())["calibration"])


def test_temperatures_outlive_a_second_call_and_change_with_the_groups(house: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    given = line(house, output, *NAMED, *RELATIVE, *KEPT, ALL, "--quiet")
    assert train_cli.main(given) == 0
    before = calibration_of(output)
    assert set(before) == {"scored_plain", "scored_enrolled"}
    assert all(value != 1.0 for value in before.values())
    assert train_cli.main(given) == 0
    assert calibration_of(output) == before
    assert train_cli.main([*given, "model.naming.folds=0"]) == 0
    assert calibration_of(output) == {}


def test_a_speech_side_that_goes_on_training_is_not_calibrated_by_stage_1(house: Path, tmp_path: Path) -> None:
    assert train_cli.main(line(house, tmp_path / "out", *NAMED, *RELATIVE, ALL, "--quiet")) == 0
    assert calibration_of(tmp_path / "out") == {}


def named_model(shown: list[str]) -> Any:
    options = {"words": {"emotion": ["neutral", "anger"]}, "smoothing": 0.0, "attributes": 0.5, "sharpen": 2.0}
    sentences = {"anger": "4", "neutral": "5"}
    naming = {**options, "tokens": True, "shown": shown}
    return SEmoForCausalLM(tiny.config(naming=naming, labels=["anger", "neutral"], forms=sentences)).eval()


def test_temperatures_undo_what_log_odds_were_multiplied_by() -> None:
    model = named_model(["emotion"])
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (600, 2)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = [["neutral", "anger"][int(rng.random() < row[1])] for row in chances]
    for factor in (0.5, 1.0, 3.0):
        odds = [calibration.EmotionLogits(row * factor, row * factor / 2) for row in logits]
        nothing: Any = [None] * len(odds)
        held = calibration.HeldOut(nothing, truth, [calibration.EmotionLogits()] * len(odds), nothing, odds)
        language: Any = None  # an LLM that is given the emotion is not asked
        fitted = calibration.temperatures(model, language, held, 8)
        assert fitted["scored_plain"] == pytest.approx(factor, rel=0.2)
        assert fitted["scored_enrolled"] == pytest.approx(factor / 2, rel=0.2)


def test_opinions_are_pooled_in_the_order_of_the_labels() -> None:
    model = named_model(["emotion"])
    named = torch.tensor([[0.0, 2.0]])
    assert generation.opinion(model, None, None) is None
    pooled = generation.opinion(model, named, None)
    assert pooled is not None
    torch.testing.assert_close(pooled, named.log_softmax(1)[:, [1, 0]])
