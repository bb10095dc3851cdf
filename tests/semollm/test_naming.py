"""Statistics pooled into the query vectors, and the loss of stage 1 by which queries name the attributes' words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from torch.nn import functional  # noqa: E402

from annotate.cli import train as train_cli  # noqa: E402
from annotate.errors import UsageError  # noqa: E402
from annotate.semollm import settings as training  # noqa: E402
from annotate.semollm.model import naming, pretrained  # noqa: E402
from annotate.semollm.model.bridge import over_time  # noqa: E402
from annotate.semollm.model.causal_lm import SEmoForCausalLM  # noqa: E402
from annotate.semollm.model.pretraining import SEmoForPreTraining  # noqa: E402
from semollm import tiny_models as tiny  # noqa: E402
from semollm.conftest import error_text, line  # noqa: E402

WORDS = {"emotion": ["neutral", "anger"], "pitch": ["low", "normal", "high"], "speed": ["slow", "normal", "fast"]}
NAMING = {"words": WORDS, "smoothing": 0.0, "attributes": 0.5}
POOLING = {"dropout": 0.5, "noise": 1.0}


def pooled(**changes: Any) -> SEmoForCausalLM:
    torch.manual_seed(0)
    made = SEmoForCausalLM(tiny.config(pooling=POOLING, **changes))
    tiny.shake(made)
    return made.eval()


def test_the_naming_is_each_attribute_s_cross_entropy_over_all_words() -> None:
    torch.manual_seed(0)
    made, queries = naming.Naming(NAMING, 16), torch.randn(3, 4, 16)
    words = torch.tensor([[0, 2, -100], [1, -100, -100], [1, 0, -100]])
    logits = made.head(queries)
    emotion = functional.cross_entropy(logits[:, 0], torch.tensor([0, 1, 1]))
    pitch = functional.cross_entropy(logits[[0, 2], 1], torch.tensor([2 + 2, 2 + 0]))
    # nobody's speed is known: it counts nothing, and is no division by 0
    torch.testing.assert_close(made(queries, words), emotion + 0.5 * pitch)


def test_places_of_words_and_words_that_several_attributes_share() -> None:
    assert naming.places(WORDS, {"emotion": "anger", "pitch": None, "speed": "odd"}) == [1, -100, -100]
    assert naming.phrases(WORDS) == [
        "neutral", "anger", "low", "normal pitch", "high", "slow", "normal speed", "fast"
    ]  # fmt: skip


def test_too_few_queries_for_the_attributes_are_refused() -> None:
    with pytest.raises(UsageError, match=r"model\.queries=2: .* emotion, pitch, speed"):
        naming.settings(training.NamingSettings(use=True), 2, WORDS)


def test_statistics_are_added_to_the_query_vectors() -> None:
    made = pooled()
    features, mask = tiny.speech()
    bridge: Any = made.bridge
    expected = bridge.queries(bridge.speech(features), mask)
    flat = over_time(features, mask).flatten(1) - bridge.pooling.mean.flatten()
    flat = flat / bridge.pooling.deviation.flatten()
    expected = expected + bridge.pooling.dense(flat).reshape(expected.shape)
    torch.testing.assert_close(bridge.vectors(features, mask), expected)


def test_pooled_vectors_do_not_depend_on_the_batch() -> None:
    made = pooled()
    features, mask = tiny.speech()
    alone = made.bridge.vectors(features[:1, :, :4], mask[:1, :4])
    torch.testing.assert_close(made.bridge.vectors(features, mask)[:1], alone)


def test_noise_and_dropout_are_in_training_alone() -> None:
    made = pooled()
    features, mask = tiny.speech()
    assert torch.equal(made.bridge.vectors(features, mask), made.bridge.vectors(features, mask))
    made.train()
    assert not torch.equal(made.bridge.vectors(features, mask), made.bridge.vectors(features, mask))


def test_a_speech_side_that_is_kept_has_no_noise_while_the_rest_trains() -> None:
    made = pooled()
    features, mask = tiny.speech()
    made.keep_speech()
    made.train()
    assert made.training
    assert not any(value.requires_grad for value in made.bridge.parameters())
    assert made.llm_proj.weight.requires_grad
    assert torch.equal(made.bridge.vectors(features, mask), made.bridge.vectors(features, mask))


def test_stage_1_without_naming_has_the_paper_s_three_losses() -> None:
    features, mask = tiny.speech()
    ids, text_mask = tiny.words()
    given = {"features": features, "feature_mask": mask, "text_ids": ids, "text_mask": text_mask}
    words = torch.tensor([[0, 0, 0], [1, 1, 1], [1, 2, 2]])
    plain = SEmoForPreTraining(tiny.config())(**given, labels=torch.arange(3))
    assert set(plain) == {"loss", "contrastive", "matching", "generation"}
    with_naming = SEmoForPreTraining(tiny.config(naming=NAMING))(**given, labels=torch.arange(3), words=words)
    parts = [value for name, value in with_naming.items() if name != "loss"]
    assert len(parts) == 4
    torch.testing.assert_close(with_naming["loss"], torch.stack(parts).sum())


def test_the_projection_starts_where_the_naming_points() -> None:
    """A query vector along a word's weights becomes a token along the LLM's vector of that word."""
    made = pooled()
    made.attach(tiny.llm())
    made.match_scale()
    size = made.llm_proj.weight.square().mean().sqrt().clone()
    head = torch.linalg.qr(torch.randn(16, 16)).Q[:8]
    words = torch.linalg.qr(torch.randn(16, 16)).Q[:8]
    made.start_from_naming(head, words)
    torch.testing.assert_close(made.llm_proj.weight.square().mean().sqrt(), size)
    tokens = made.llm_proj(head) - made.llm_proj.bias
    alike = functional.cosine_similarity(tokens[:, None], words[None], dim=-1)
    torch.testing.assert_close(alike, torch.eye(8), atol=1e-5, rtol=0)


def named(**changes: Any) -> SEmoForCausalLM:
    how = {**NAMING, "tokens": True, "sharpen": 2.0, "shown": ["emotion", "speed"]}
    made = pooled(naming=how, num_queries=3, **changes)
    assert made.naming is not None
    made.naming.vectors.copy_(torch.randn(made.naming.vectors.shape))
    return made


def test_the_llm_is_told_what_the_queries_name_as_mixtures_of_its_words() -> None:
    made = named()
    features, mask = tiny.speech()
    vectors = made.query_vectors(features, mask)
    tokens = made.speech_tokens(features, mask)
    assert tokens.shape[1] == 3 + 2
    torch.testing.assert_close(tokens[:, :3], made.llm_proj(vectors))
    logits = made.naming.head(vectors)  # type: ignore[union-attr]
    words = made.naming.vectors  # type: ignore[union-attr]
    for place, (query, first, last) in enumerate(((0, 0, 2), (2, 5, 8))):
        weights = (2.0 * logits[:, query, first:last]).softmax(-1)
        torch.testing.assert_close(tokens[:, 3 + place], weights @ words[first:last])
    assert not any(value.requires_grad for value in made.naming.parameters())  # type: ignore[union-attr]


def test_of_an_enrolled_clip_the_emotion_s_query_alone_is_against_the_speaker() -> None:
    made = named()
    features, mask = tiny.speech()
    against = features + torch.randn_like(features)
    plain, other = made.query_vectors(features, mask), made.query_vectors(against, mask)
    found = made.query_vectors(features, mask, against)
    torch.testing.assert_close(found[:, :1], other[:, :1])
    torch.testing.assert_close(found[:, 1:], plain[:, 1:])
    without = pooled()
    torch.testing.assert_close(without.query_vectors(features, mask, against), without.query_vectors(against, mask))


def test_named_tokens_need_the_stage_that_trains_the_naming(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["model.queries=6", "model.naming.use=true", "model.naming.tokens=true", "--quiet"]
    assert train_cli.main(line(house, tmp_path / "a", *given, "--stages", "2,3")) == 2
    assert "expected --stages 1,2,3 or --init" in error_text(capsys)
    assert train_cli.main(line(house, tmp_path / "b", *given)) == 0
    state = {
        stage: pretrained.read_weights(tmp_path / "b" / f"stage{stage}" / "model" / "model.safetensors")
        for stage in (1, 3)
    }
    torch.testing.assert_close(state[3]["naming.head.weight"], state[1]["naming.head.weight"])
    assert state[3]["naming.vectors"].abs().sum() > 0
    rows = [json.loads(row) for row in (tmp_path / "b" / "test.jsonl").read_text().splitlines()]
    assert all(abs(sum(row["chances"].values()) - 1) < 1e-3 for row in rows)
