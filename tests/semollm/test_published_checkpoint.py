"""The published checkpoint: its key list at full size, refusals, and that our model computes what its tensors say."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.errors import SemoError  # noqa: E402
from annotate.semollm.model import published_checkpoint  # noqa: E402
from annotate.semollm.model.causal_lm import SEmoForCausalLM  # noqa: E402
from annotate.semollm.model.config import SEmoConfig  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402

D, INNER, S, H, L = 768, 3072, 256, 1024, 4096


def published() -> Iterator[tuple[str, tuple[int, ...]]]:
    """The key list of section 4 of the reference, written out on its own: nothing here comes from the code."""
    yield "layer_weights", (25,)
    yield "query_tokens", (1, 32, D)
    for name, out, into in (("projector", S, H), ("llm_proj", L, D)):
        yield f"{name}.weight", (out, into)
        yield f"{name}.bias", (out,)
    norms = [("ln_audio", S), ("Qformer.bert.embeddings.LayerNorm", D)]
    for layer in range(12):
        at = f"Qformer.bert.encoder.layer.{layer}"
        linears = [(f"{at}.attention.self.{one}", D, D) for one in ("query", "key", "value")]
        linears += [(f"{at}.attention.output.dense", D, D)]
        linears += [(f"{at}.intermediate_query.dense", INNER, D), (f"{at}.output_query.dense", D, INNER)]
        norms += [(f"{at}.attention.output.LayerNorm", D), (f"{at}.output_query.LayerNorm", D)]
        if layer in (0, 2, 4, 6, 8, 10):
            cross = f"{at}.crossattention"
            linears += [(f"{cross}.self.query", D, D), (f"{cross}.self.key", D, S), (f"{cross}.self.value", D, S)]
            linears += [(f"{cross}.output.dense", D, D)]
            norms += [(f"{cross}.output.LayerNorm", D)]
        for name, out, into in linears:
            yield f"{name}.weight", (out, into)
            yield f"{name}.bias", (out,)
    for name, size in norms:
        yield f"{name}.weight", (size,)
        yield f"{name}.bias", (size,)


@pytest.fixture(scope="module")
def full() -> Any:
    """The paper's model without its frozen parts, and a state dict of random values made from the key list."""
    generator = torch.Generator().manual_seed(0)
    state = {name: torch.empty(shape).normal_(generator=generator) for name, shape in published()}
    return SEmoForCausalLM(SEmoConfig()), state


def test_the_list_has_262_tensors() -> None:
    assert len(dict(published())) == 262


def test_a_full_size_file_fills_every_weight(full: Any, tmp_path: Path) -> None:
    model, state = full
    file = tmp_path / "43.pth"
    buffer = {"module.Qformer.bert.embeddings.position_ids": torch.arange(512)[None]}
    torch.save({f"module.{name}": value for name, value in state.items()} | buffer, file)
    with torch.no_grad():
        for value in model.parameters():
            value.fill_(torch.nan)
    report = published_checkpoint.fill(model, published_checkpoint.read(file), "43.pth")
    assert (len(report.used), len(report.missing)) == (262, 0)
    assert report.ignored == {"Qformer.bert.embeddings.position_ids": "a buffer of older versions, not a weight"}
    filled = {name: value for name, value in model.state_dict().items() if "position_ids" not in name}
    assert len(filled) == 262
    assert sum(value.sum().double() for value in filled.values()) == pytest.approx(
        float(sum(value.sum().double() for value in state.values())), rel=1e-9
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("ln_audio.bias"), "ln_audio.bias is missing; of 262 tensors 261 tensors used"),
        (lambda s: s.update({"llm_proj.weight": torch.zeros(5120, D)}), "another size.*5120 x 768, expected 4096"),
        (lambda s: s.update(layer_weights=torch.zeros(13)), "layer_weights is 13, expected 25"),
    ],
)
def test_what_is_missing_or_of_another_size_is_an_error(full: Any, change: Any, said: str) -> None:
    model, state = full
    changed = dict(state)
    change(changed)
    with pytest.raises(SemoError, match=said):
        published_checkpoint.fill(model, changed, "43.pth")


class _Code:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("ran"),))


@pytest.mark.parametrize("how", ["pickle", "torch"])
def test_code_in_a_file_is_refused_and_not_run(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "evil.pth"
    if how == "torch":
        torch.save({"layer_weights": _Code()}, file)
    else:
        file.write_bytes(pickle.dumps({"layer_weights": _Code()}))
    with pytest.raises(SemoError, match=r"refused.*nothing in it was run"):
        published_checkpoint.read(file)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all", b"PK\x03\x04 cut"])
def test_a_corrupt_file_is_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "torn.pth"
    file.write_bytes(content)
    with pytest.raises(SemoError, match=r"torn\.pth: (corrupt|refused)"):
        published_checkpoint.read(file)


def test_a_cut_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "cut.pth"
    torch.save({"layer_weights": torch.zeros(1000)}, file)
    file.write_bytes(file.read_bytes()[:-500])
    with pytest.raises(SemoError, match=r"cut\.pth: corrupt"):
        published_checkpoint.read(file)


def test_the_mapped_model_computes_what_the_published_tensors_say() -> None:
    """Layer sum, projector, norms, masks, both attentions, feed-forward and projection against NumPy."""
    made = SEmoForCausalLM(tiny.config()).eval()
    tiny.shake(made)
    state = {theirs: made.state_dict()[ours] for theirs, ours in published_checkpoint.names(made.config).items()}
    model = SEmoForCausalLM(tiny.config()).eval()
    published_checkpoint.fill(model, state, "tiny")
    features, mask = tiny.speech()
    with torch.no_grad():
        found = model.speech_tokens(features, mask).numpy()
    plain = tiny.Plain(state)
    for row in range(len(features)):
        frames = int(mask[row].sum())
        speech = plain.speech(features[row, :, :frames].double().numpy())
        queries = plain.state["query_tokens"][0]
        hidden = plain.qformer(queries, len(queries), np.ones((4, 4), bool), speech)
        np.testing.assert_allclose(found[row], plain.linear("llm_proj", hidden), atol=2e-5)


def test_adapters_are_taken_or_named() -> None:
    lora = {"rank": 2, "alpha": 8, "dropout": 0.1, "targets": ["q_proj", "v_proj"]}
    model = SEmoForCausalLM(tiny.config(lora=lora))
    model.attach(tiny.llm())
    wanted = published_checkpoint.names(model.config)
    state = {theirs: model.state_dict()[ours].clone() for theirs, ours in wanted.items()}
    adapters = {name: value for name, value in model.state_dict().items() if "lora_" in name}
    state |= {f"llm_model.{name.removeprefix('llm.')}": torch.randn_like(v) for name, v in adapters.items()}
    report = published_checkpoint.fill(model, state, "lora")
    assert len(report.used) == len(wanted) + len(adapters) == len(wanted) + 8
    for name, value in model.state_dict().items():
        if "lora_" in name:
            assert torch.equal(value, state[f"llm_model.{name.removeprefix('llm.')}"])
    without = SEmoForCausalLM(tiny.config())
    ignored = published_checkpoint.fill(without, state, "lora").ignored
    assert len(ignored) == 8
    assert all("adapter" in why for why in ignored.values())
