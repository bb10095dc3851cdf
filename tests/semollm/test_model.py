"""The models and their losses, held against unvectorised NumPy; what trains in which stage; what padding may change."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.errors import SemoError  # noqa: E402
from annotate.semollm.model import losses, pretraining  # noqa: E402
from annotate.semollm.model.causal_lm import SEmoForCausalLM, from_stage1  # noqa: E402
from annotate.semollm.model.pretraining import SEmoForPreTraining  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402

LORA = {"rank": 2, "alpha": 8, "dropout": 0.0, "targets": ["q_proj", "v_proj"]}
LABELS = [0, 1, 0]  # the first and the last text say the same


def log_softmax(x: np.ndarray) -> np.ndarray:
    return x - x.max() - math.log(np.exp(x - x.max()).sum())


def first(**changes: Any) -> SEmoForPreTraining:
    torch.manual_seed(0)
    model = SEmoForPreTraining(tiny.config(**changes)).eval()
    tiny.shake(model)
    return model


def later(**changes: Any) -> SEmoForCausalLM:
    torch.manual_seed(0)
    model = SEmoForCausalLM(tiny.config(**changes))
    tiny.shake(model)
    model.attach(tiny.llm())
    return model.eval()


def reply_batch() -> dict[str, Any]:
    ids, mask = tiny.words()
    labels = torch.where(mask, ids, -100)
    labels[:, :2] = -100
    return {"input_ids": ids, "text_mask": mask, "labels": labels}


class Stage1:
    """Stage 1 by hand: one row, one query, one token at a time."""

    def __init__(self, model: SEmoForPreTraining) -> None:
        self.plain = tiny.Plain(tiny.published_names(model))
        self.queries = self.plain.state["query_tokens"][0]
        features, mask = tiny.speech()
        ids, text_mask = tiny.words()
        self.speech = [
            self.plain.speech(f[:, : int(m.sum())].double().numpy()) for f, m in zip(features, mask, strict=True)
        ]
        self.texts = [one[: int(m.sum())].tolist() for one, m in zip(ids, text_mask, strict=True)]

    def embedded(self, ids: list[int]) -> np.ndarray:
        state = self.plain.state
        words = state["text_embeddings.word_embeddings.weight"]
        places = state["text_embeddings.position_embeddings.weight"]
        return np.stack([words[token] + places[place] for place, token in enumerate(ids)])

    def together(self, clip: int, ids: list[int], causal: bool) -> np.ndarray:
        count, total = len(self.queries), len(self.queries) + len(ids)
        seen = np.ones((total, total), bool)
        if causal:
            seen[:count, count:] = False
            for place in range(len(ids)):
                seen[count + place, count + place + 1 :] = False
        return self.plain.qformer(np.concatenate([self.queries, self.embedded(ids)]), count, seen, self.speech[clip])

    def alike(self, temperature: float) -> np.ndarray:
        """Similarity of every clip with every text."""

        def unit(x: np.ndarray) -> np.ndarray:
            return x / np.linalg.norm(x)

        found = np.zeros((len(self.speech), len(self.texts)))
        everyone = np.ones((len(self.queries),) * 2, bool)
        for i, speech in enumerate(self.speech):
            hidden = self.plain.qformer(self.queries, len(self.queries), everyone, speech)
            vectors = [unit(self.plain.linear("speech_proj", one)) for one in hidden]
            for j, ids in enumerate(self.texts):
                state = self.plain.qformer(self.embedded(ids), 0, np.ones((len(ids),) * 2, bool), None)[0]
                text = unit(self.plain.linear("text_proj", state))
                found[i, j] = max(vector @ text for vector in vectors) / temperature
        return found

    def contrastive(self, temperature: float) -> float:
        alike, total = self.alike(temperature), 0.0
        count = len(alike)
        for scores in (alike, alike.T):
            for i in range(count):
                equal = [j for j in range(count) if LABELS[i] == LABELS[j]]
                for j in range(count):
                    target = 0.1 / count + (0.9 / len(equal) if j in equal else 0.0)
                    total -= target * log_softmax(scores[i])[j] / count / 2
        return total

    def matching(self, chosen: losses.Negatives) -> float:
        pairs = [(i, i, 1) for i in range(len(self.speech))]
        pairs += [(int(clip), i, 0) for i, clip in enumerate(chosen.speech) if clip >= 0]
        pairs += [(i, int(text), 0) for i, text in enumerate(chosen.text) if text >= 0]
        total = 0.0
        for clip, text, target in pairs:
            hidden = self.together(clip, self.texts[text], causal=False)[: len(self.queries)]
            logits = np.mean([self.plain.linear("match_head", one) for one in hidden], axis=0)
            total -= log_softmax(logits)[target] / len(pairs)
        return total

    def generation(self, dec: int) -> float:
        said: list[float] = []
        for clip, ids in enumerate(self.texts):
            hidden = self.together(clip, [dec, *ids[1:]], causal=True)[len(self.queries) :]
            for place in range(len(ids) - 1):
                x = self.plain.linear("lm_transform.dense", hidden[place])
                x = x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
                logits = self.plain.linear("lm_head", self.plain.norm("lm_transform.LayerNorm", x))
                said.append(-log_softmax(logits)[ids[place + 1]])
        return float(np.mean(said))


def stage1_batch(rows: slice = slice(None)) -> list[Any]:
    return [one[rows] for one in (*tiny.speech(), *tiny.words(), torch.tensor(LABELS))]


def test_stage_1_sums_its_three_losses_as_computed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    model = first()
    with torch.no_grad():
        model.temperature.fill_(0.3)
    chosen = losses.Negatives(speech=torch.tensor([1, 2, -1]), text=torch.tensor([1, 0, 1]))
    monkeypatch.setattr(losses, "negatives", lambda *_: chosen)
    found = model(*stage1_batch())
    hand = Stage1(model)
    expected = {
        "contrastive": hand.contrastive(0.3), "matching": hand.matching(chosen), "generation": hand.generation(19)
    }  # fmt: skip
    for name, value in expected.items():
        assert float(found[name].detach()) == pytest.approx(value, abs=2e-5), name
    assert float(found["loss"].detach()) == pytest.approx(sum(expected.values()), abs=5e-5)


def test_a_batch_of_one_has_a_loss_and_gradients() -> None:
    model = first().train()
    found = model(*stage1_batch(slice(0, 1)))
    found["loss"].backward()
    assert float(found["contrastive"].detach()) == pytest.approx(0, abs=1e-6)  # one text: nothing to choose between
    assert torch.isfinite(found["loss"])
    assert model.bridge.query_tokens.grad.abs().sum() > 0


def test_equal_texts_are_never_negatives_and_similar_ones_are_drawn_most() -> None:
    torch.manual_seed(0)
    scores = torch.tensor([[9.0, 5.0, 3.0, 9.0], [1, 9, 1, 1], [0, 0, 9, 0], [9, 5, 3, 9]])
    labels = torch.tensor([0, 1, 2, 0])
    drawn = [losses.negatives(losses.Similar(scores, scores), losses.same(labels)) for _ in range(400)]
    counts = np.zeros((4, 4))
    for one in drawn:
        for row, column in enumerate(one.text.tolist()):
            counts[row, column] += 1
    assert counts[0, 0] == counts[0, 3] == counts[3, 0] == counts[1, 1] == 0
    assert counts[0, 1] / counts[0].sum() == pytest.approx(1 / (1 + math.exp(-2)), abs=0.06)
    nothing = losses.negatives(losses.Similar(scores, scores), losses.same(torch.zeros(4)))
    assert nothing.text.tolist() == nothing.speech.tolist() == [-1] * 4


def test_padding_changes_nothing() -> None:
    model, causal = first(), later(statistics_tokens=2)
    features, mask, ids, text_mask, _ = stage1_batch()
    dirty = features.masked_fill(~mask[:, None, :, None], 50.0)
    other = torch.where(text_mask, ids, 11)
    batch = reply_batch()
    with torch.no_grad():
        speech = [model.bridge.speech(one) for one in (features, dirty)]
        queries = [model.bridge.queries(one, mask) for one in speech]
        torch.testing.assert_close(*queries)
        texts = [model.text_state(one, text_mask) for one in (ids, other)]
        torch.testing.assert_close(*texts)
        said = [model.captioned(s, mask, i, text_mask)[1][text_mask] for s, i in zip(speech, (ids, other), strict=True)]
        torch.testing.assert_close(*said)
        match = [model.match_logits(s, mask, i, text_mask) for s, i in zip(speech, (ids, other), strict=True)]
        torch.testing.assert_close(*match)
        tokens = [causal.speech_tokens(one, mask) for one in (features, dirty)]
        torch.testing.assert_close(*tokens)
        changed = {**batch, "input_ids": torch.where(batch["text_mask"], batch["input_ids"], 7)}
        torch.testing.assert_close(causal(features, mask, **batch)["loss"], causal(dirty, mask, **changed)["loss"])


def test_text_never_sees_what_follows_nor_do_queries_see_text() -> None:
    model = first()
    features, mask, ids, text_mask, _ = stage1_batch()
    speech = model.bridge.speech(features)
    later_ids = ids.clone()
    later_ids[:, 3] = 4 + ids[:, 3] % 5
    with torch.no_grad():
        queries, logits = model.captioned(speech, mask, ids, text_mask)
        other_queries, other = model.captioned(speech, mask, later_ids, text_mask)
        torch.testing.assert_close(queries, model.bridge.queries(speech, mask))
    torch.testing.assert_close(queries, other_queries)
    torch.testing.assert_close(logits[:, :3], other[:, :3])
    assert not torch.allclose(logits[:, 3], other[:, 3])


def test_the_loss_is_the_llm_s_own_on_reply_and_end_alone() -> None:
    model = later()
    features, mask = tiny.speech()
    batch = reply_batch()
    tokens = model.speech_tokens(features, mask)
    embedded = torch.cat([tokens, model.llm.get_input_embeddings()(batch["input_ids"])], 1)
    labels = torch.cat([torch.full(tokens.shape[:2], -100), batch["labels"]], 1)
    seen = torch.cat([torch.ones(tokens.shape[:2], dtype=torch.long), batch["text_mask"].long()], 1)
    own = model.llm(inputs_embeds=embedded, attention_mask=seen, labels=labels).loss
    torch.testing.assert_close(model(features, mask, **batch)["loss"], own)


BRIDGE = {"layer_weights", "projector", "ln_audio", "query_tokens", "qformer"}
TABLE = {
    1: {*BRIDGE, "text_embeddings", "lm_transform", "lm_head", "speech_proj", "text_proj", "match_head", "temperature"},
    2: {*BRIDGE, "llm_proj"},
    3: {*BRIDGE, "llm_proj"},
    "3 + LoRA": {*BRIDGE, "llm_proj", "lora_A", "lora_B"},
}


def family(name: str) -> str:
    """The row of the reference's table that a parameter belongs to."""
    parts = name.removeprefix("bridge.").split(".")
    return next((part for part in parts if part.startswith("lora_")), parts[0])


@pytest.mark.parametrize("stage", [1, 2, 3, "3 + LoRA"])
def test_gradients_reach_exactly_what_the_table_says(stage: Any) -> None:
    features, mask = tiny.speech()
    if stage == 1:
        model: Any = first().train()
        model(*stage1_batch())["loss"].backward()
    else:
        model = later(lora=LORA if stage == "3 + LoRA" else None).train()
        for name, value in model.named_parameters():
            if "lora_B" in name:  # zero at the start, which would hide lora_A
                torch.nn.init.normal_(value)
        model(features, mask, **reply_batch())["loss"].backward()
    gradients = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    reached = {name for name, gradient in gradients.items() if gradient.abs().sum() > 0}
    trains = {name for name, value in model.named_parameters() if value.requires_grad}
    keys = {name for name in trains if name.endswith("attention.key.bias")}  # softmax is blind to them
    assert trains - reached <= keys
    assert reached <= trains
    assert {family(name) for name in reached} == TABLE[stage]
    if stage != 1:
        assert not [name for name in trains if re.search(r"layer\.\d+\.(intermediate|output)\.", name)]


def test_stage_2_takes_over_what_stage_1_trained() -> None:
    before, after = first(), SEmoForCausalLM(tiny.config())
    left = from_stage1(after, before.trained_state())
    features, mask = tiny.speech()
    with torch.no_grad():
        queries = [one.bridge.eval().queries(one.bridge.speech(features), mask) for one in (before, after)]
    torch.testing.assert_close(*queries)
    assert {family(name) for name in left} == TABLE[1] - BRIDGE | {"qformer"}
    assert all(".intermediate." in name or ".output." in name for name in left if "qformer" in name)


@pytest.mark.parametrize("lora", [None, LORA])
def test_saved_and_loaded_it_says_the_same_and_holds_no_frozen_weight(lora: Any, tmp_path: Path) -> None:
    model = later(lora=lora, statistics_tokens=2)
    if lora:
        for name, value in model.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(value)
    model.save_pretrained(tmp_path)
    assert (tmp_path / "lora" / "adapter_model.safetensors").is_file() == bool(lora)
    assert not [name for name in model.trained_state() if name.startswith("llm.")]
    again = SEmoForCausalLM.from_pretrained(tmp_path)
    again.attach(tiny.llm(), tmp_path / "lora" if lora else None)
    features, mask = tiny.speech()
    with torch.no_grad():
        found = [one.eval()(features, mask, **reply_batch())["loss"] for one in (model, again)]
    torch.testing.assert_close(*found)


def test_a_saved_model_that_is_not_whole_is_one_line(tmp_path: Path) -> None:
    later().save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SemoError, match=r"model\.safetensors: cannot be read"):
        SEmoForCausalLM.from_pretrained(tmp_path)
    file.write_bytes(whole)
    with pytest.raises(SemoError, match=r"not the weights of this model: .*missing"):
        SEmoForCausalLM.from_pretrained(tmp_path, config=tiny.config(statistics_tokens=1))
    with pytest.raises(SemoError, match=r"contains no model"):
        SEmoForCausalLM.from_pretrained(tmp_path.parent)


def test_an_llm_of_another_width_is_refused() -> None:
    with pytest.raises(SemoError, match="is 16 wide; these weights were made for 24"):
        SEmoForCausalLM(tiny.config(llm_hidden=24)).attach(tiny.llm())


def test_gradient_checkpointing_changes_no_gradient() -> None:
    features, mask = tiny.speech()
    found = []
    for saving in (False, True):
        model = later().train()
        if saving:
            model.activation_checkpointing_enable()
            assert model.llm.training
        else:
            assert not model.llm.training
        model(features, mask, **reply_batch())["loss"].backward()
        found.append(model.bridge.query_tokens.grad.clone())
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("name", tiny.PUBLISHED_LLMS)
@pytest.mark.parametrize("lora", [None, {"rank": 2, "alpha": 4, "dropout": 0.0, "targets": ["q_proj", "v_proj"]}])
def test_llms_of_published_structures_learn_and_reply(name: str, lora: dict[str, Any] | None) -> None:
    """With gradient checkpointing and in bf16, as on a GPU: every trained weight gets a gradient."""
    features, mask = tiny.speech()
    model = SEmoForCausalLM(tiny.config(lora=lora))
    model.attach(tiny.published_llm(name))
    model.activation_checkpointing_enable()
    model.train()
    with torch.autocast("cpu", torch.bfloat16):
        loss = model(features, mask, **reply_batch())["loss"]
    loss.backward()
    assert loss.isfinite()
    trained = {key: value for key, value in model.named_parameters() if value.requires_grad}
    assert any(key.startswith("llm.") for key in trained) == bool(lora)
    wanting = [key for key, value in trained.items() if value.grad is None or not value.grad.isfinite().all()]
    assert not wanting
    model.eval()
    replies = model.reply(model.speech_tokens(features, mask), [[1]] * 3, max_new_tokens=4, min_new_tokens=4)
    assert replies.shape == (3, 4)


def test_replies_do_not_depend_on_the_batch() -> None:
    model = later(statistics_tokens=2)
    features, mask = tiny.speech()
    prompts = [[5, 1], [1], [5, 6, 7, 1]]
    how: dict[str, Any] = {"max_new_tokens": 5, "min_new_tokens": 5, "do_sample": False}
    together = model.reply(model.speech_tokens(features, mask), prompts, **how)
    for row, prompt in enumerate(prompts):
        length = int(mask[row].sum())
        speech = model.speech_tokens(features[row : row + 1, :, :length], mask[row : row + 1, :length])
        alone = model.reply(speech, [prompt], **how)
        assert alone[0].tolist() == together[row].tolist()


def test_a_bert_of_the_same_size_starts_the_q_former() -> None:
    from transformers import BertConfig, BertForMaskedLM

    torch.manual_seed(0)
    sizes = tiny.config().qformer
    bert = BertForMaskedLM(BertConfig(vocab_size=19, max_position_embeddings=512, **sizes)).eval()
    tiny.shake(bert)
    model = SEmoForPreTraining(tiny.config()).eval()
    pretraining.copy_bert(model, bert)
    ids, mask = tiny.words()
    with torch.no_grad():
        embeddings = bert.bert.embeddings
        embeddings.token_type_embeddings.weight.zero_()  # ours has no segments
        expected = bert.bert(ids, attention_mask=mask.long()).last_hidden_state[:, 0]
        torch.testing.assert_close(model.text_state(ids, mask), expected, atol=1e-5, rtol=1e-5)
