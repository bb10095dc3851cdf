"""Numbers that are none stop a training, a saving, a loading or an answer, with the name of the clip or the weight."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra train)")
pytest.importorskip("transformers", reason="transformers is not installed (extra train)")

import data_sets
import torch
from safetensors.torch import load_file, save_file

from annotate.errors import SemoError
from annotate.semollm.data import feature_cache
from annotate.semollm.data.batches import Collate
from annotate.semollm.data.corpus import Corpus, one_class
from annotate.semollm.model import encoder, finite_checks, frozen_models, pretrained, published_checkpoint
from annotate.semollm.model.causal_lm import SEmoForCausalLM
from annotate.semollm.model.tokenization import Tokens
from annotate.semollm.training import finite_gradients
from semollm import tiny_models

BAD = [float("nan"), float("inf"), -float("inf")]


@pytest.fixture
def model() -> SEmoForCausalLM:
    made = SEmoForCausalLM(tiny_models.config(stage=3))
    made.attach(tiny_models.llm())
    return made


def spoil(value: torch.Tensor, bad: float) -> None:
    with torch.no_grad():
        value.view(-1)[-1] = bad


def batch(bad: float | None = None) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    features = [generator.standard_normal((3, 7, 12)).astype(np.float32) for _ in range(3)]
    if bad is not None:
        features[1][0, 0, 0] = bad
    tokens = Tokens([1, 5, 6, 2], 1, False)
    items = [{"features": one, "tokens": tokens, "text_number": 0, "id": f"c{n}"} for n, one in enumerate(features)]
    return Collate(3, 2)(items)


def loss_of(model: Any, inputs: dict[str, Any]) -> None:
    given = dict(inputs)
    clips = given.pop("clips")
    finite_gradients.require_batch(3, given, model(**given)["loss"], clips, model)


def test_a_good_batch_and_good_weights_pass(model: SEmoForCausalLM) -> None:
    loss_of(model, batch())
    finite_checks.require(model.named_parameters(), "model")
    finite_checks.require([("whole", torch.tensor([1, 2])), ("none", torch.zeros(0))], "x")


@pytest.mark.parametrize("bad", BAD)
def test_a_loss_names_the_clip_that_spoils_it(model: SEmoForCausalLM, bad: float) -> None:
    with pytest.raises(SemoError, match="stage 3: the features of clip c1 contain NaN or infinity"):
        loss_of(model, batch(bad))


def test_a_loss_of_spoilt_weights_names_the_learning_rate(model: SEmoForCausalLM) -> None:
    spoil(model.llm_proj.weight, float("nan"))
    with pytest.raises(SemoError, match=r"weights contain NaN .*learning_rate.*c0, c1, c2"):
        loss_of(model, batch())


def test_gradients_stop_the_update_and_name_its_clips(model: SEmoForCausalLM) -> None:
    watch = finite_gradients.FiniteGradients(3, [["a", "b"], ["c"]])
    model(**{name: value for name, value in batch().items() if name != "clips"})["loss"].backward()
    state = SimpleNamespace(global_step=6)
    watch.on_pre_optimizer_step(None, state, None, model=model)
    assert not watch.batches
    watch.batches += [["d"], ["e"]]
    spoil(model.llm_proj.weight.grad, float("nan"))
    with pytest.raises(SemoError, match=r"stage 3, update 7: the gradients .* d, e"):
        watch.on_pre_optimizer_step(None, state, None, model=model)


@pytest.mark.parametrize("bad", BAD)
def test_a_model_is_neither_saved_nor_loaded_with_them(model: SEmoForCausalLM, tmp_path: Path, bad: float) -> None:
    model.save_pretrained(tmp_path / "good")
    SEmoForCausalLM.from_pretrained(tmp_path / "good")
    state = load_file(tmp_path / "good" / pretrained.WEIGHTS)
    spoil(state["llm_proj.bias"], bad)
    save_file(state, tmp_path / "good" / pretrained.WEIGHTS)
    with pytest.raises(SemoError, match=r"llm_proj\.bias contains NaN or infinity"):
        SEmoForCausalLM.from_pretrained(tmp_path / "good")
    spoil(model.llm_proj.bias, bad)
    with pytest.raises(SemoError, match=r"llm_proj\.bias contains NaN or infinity"):
        model.save_pretrained(tmp_path / "bad")
    assert not (tmp_path / "bad" / pretrained.WEIGHTS).exists()


def test_a_published_checkpoint_with_them_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(3), "b": torch.tensor([1.0, float("nan")])}, tmp_path / "43.pth")
    with pytest.raises(SemoError, match=r"43\.pth: b contains NaN"):
        published_checkpoint.read(tmp_path / "43.pth")


@pytest.mark.parametrize("part", ["encoder", "llm"])
def test_frozen_models_with_them_are_refused(tmp_path: Path, part: str) -> None:
    save, load = {
        "encoder": (tiny_models.save_whisper, encoder.load), "llm": (tiny_models.save_llm, frozen_models.language),
    }[part]  # fmt: skip
    folder = save(tmp_path / part)
    load(str(folder))
    state = load_file(folder / "model.safetensors")
    spoil(next(value for name, value in state.items() if name.endswith("weight")), float("nan"))
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(SemoError, match=f"model.{part}=.*contains NaN"):
        load(str(folder))


@pytest.mark.parametrize("part", ["encoder", "llm"])
def test_code_of_a_frozen_model_is_not_run(tmp_path: Path, part: str) -> None:
    """A model's folder may bring code; it is refused without a question that somebody could answer with yes."""
    save, load = {
        "encoder": (tiny_models.save_whisper, encoder.load), "llm": (tiny_models.save_llm, frozen_models.language),
    }[part]  # fmt: skip
    folder = save(tmp_path / part)
    content = json.loads((folder / "config.json").read_text())
    classes = {"AutoConfig": "evil.Config", "AutoModel": "evil.Model", "AutoModelForCausalLM": "evil.Model"}
    content |= {"model_type": "evil", "auto_map": classes}
    (folder / "config.json").write_text(json.dumps(content))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(SemoError, match=f"model.{part}=.*cannot be loaded"):
        load(str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("bad", [float("nan"), 1e30])
def test_the_encoders_output_names_the_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: float) -> None:
    corpus = Corpus(str(data_sets.write(tmp_path / "set")))
    speech = encoder.load(str(tiny_models.save_whisper(tmp_path / "ear")))
    encode: Callable[..., Any] = speech.encode

    def spoilt(samples: Any) -> Any:
        states = encode(samples)
        spoil(states[1], bad)
        return states

    monkeypatch.setattr(speech, "encode", spoilt)
    held = feature_cache.FeatureCache(tmp_path / "features", speech, 5.0)
    hint = "output is NaN or infinite" if np.isnan(bad) else "exceeds the range of fp16; set features.cache=false"
    with pytest.raises(SemoError, match=f"clip train-1: the encoder.*{hint}"):
        held.ensure(corpus, corpus.clips[:3], lambda _: None)


def test_cached_features_that_are_damaged_are_made_anew(tmp_path: Path) -> None:
    corpus = Corpus(str(data_sets.write(tmp_path / "set")))
    speech = encoder.load(str(tiny_models.save_whisper(tmp_path / "ear")))
    held = feature_cache.FeatureCache(tmp_path / "features", speech, 5.0)
    path = held.ensure(corpus, corpus.clips[:1], lambda _: None)["train-0"]
    frames = np.load(path)
    frames[0, 0, 0] = np.nan
    np.save(path, frames)
    with pytest.raises(SemoError, match="run the same command again"):
        feature_cache.Shelf(10**9).load(path)
    again = held.ensure(corpus, corpus.clips[:1], lambda _: None)["train-0"]
    assert np.isfinite(feature_cache.Shelf(10**9).load(again)).all()


def test_every_lacking_key_is_named(model: SEmoForCausalLM, tmp_path: Path) -> None:
    state = model.trained_state()
    gone = sorted(state)[:5]
    with pytest.raises(SemoError) as refused:
        model.fill({name: value for name, value in state.items() if name not in gone}, "here")
    assert all(f"{name}: missing" in str(refused.value) for name in gone)
    with pytest.raises(SemoError, match=rf"and {len(state) - pretrained.MOST_LISTED} more"):
        model.fill({}, "here")


def test_one_class_is_warned_of(tmp_path: Path) -> None:
    clips = Corpus(str(data_sets.write(tmp_path))).clips
    assert one_class(clips, "to train on") == []
    same = [clip for clip in clips if clip.emotion == "anger"]
    assert one_class(same, "to train on") == ["warning: every clip to train on is 'anger'; a score says nothing"]


def test_a_trained_model_is_read_with_its_digest_and_brings_no_code(model: SEmoForCausalLM, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    model.save_pretrained(folder)
    content = json.loads((folder / "config.json").read_text())
    content["auto_map"] = {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(content))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with contextlib.suppress(SemoError):  # refused or passed over, and not run
        SEmoForCausalLM.from_pretrained(folder)
    assert not (tmp_path / "ran").exists()
    model.save_pretrained(folder)
    weights = bytearray((folder / pretrained.WEIGHTS).read_bytes())
    weights[-5] ^= 1  # another weight, and a number all the same
    (folder / pretrained.WEIGHTS).write_bytes(weights)
    with pytest.raises(SemoError, match=r"damaged|changed|digest|SHA"):
        SEmoForCausalLM.from_pretrained(folder)
