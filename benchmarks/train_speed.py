"""Speed of training stage 3: ours against the plain way, on the machine at hand.

    python -m benchmarks.train_speed MANIFEST [--recipe small] [--updates 8] [KEY=VALUE ...]

The plain way: the encoder runs over every clip in every epoch (Whisper's over 30 s), row by row; batches are not
sorted; speech is padded to the longest clip of the split and text to the longest allowed; logits are made at all
positions. Ours: features from the cache, like lengths together, logits where the reply is. Same model, same
clips, same batch size. The forward and backward passes and AdamW's step are timed, after one update to warm up.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import resource
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch.nn import functional

from annotate.audio.recording import RATE
from annotate.semollm import settings
from annotate.semollm.compute_device import bf16, on_gpu
from annotate.semollm.data import batches, feature_cache, target_texts
from annotate.semollm.data.corpus import Corpus
from annotate.semollm.model import build, encoder, frozen_models, tokenization
from annotate.semollm.model.causal_lm import SEmoForCausalLM


def plain_loss(model: SEmoForCausalLM, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """The same loss with logits at all positions."""
    speech = model.speech_tokens(batch["features"], batch["feature_mask"])
    embedded = torch.cat([speech, model.llm.get_input_embeddings()(batch["input_ids"]).to(speech.dtype)], 1)
    mask = torch.cat([batch["text_mask"].new_ones(speech.shape[:2]), batch["text_mask"]], 1).long()
    labels = torch.cat([torch.full(speech.shape[:2], -100, device=speech.device), batch["labels"]], 1)
    return model.llm(inputs_embeds=embedded, attention_mask=mask, labels=labels, use_cache=False).loss


def encoded_anew(corpus: Corpus, speech: encoder.SpeechEncoder, clip: Any, longest_s: float) -> Any:
    """The clip through the encoder, alone."""
    _, samples = corpus.audio(clip)
    return speech.encode([samples[: round(longest_s * RATE)]])[0].float().cpu().numpy()


def padded(batch: dict[str, torch.Tensor], frames: int, words: int, pad: int) -> dict[str, torch.Tensor]:
    """The batch, padded to the longest of all."""
    more = frames - batch["features"].shape[2]
    text = words - batch["input_ids"].shape[1]
    return {
        "features": functional.pad(batch["features"], (0, 0, 0, more)),
        "feature_mask": functional.pad(batch["feature_mask"], (0, more)),
        "input_ids": functional.pad(batch["input_ids"], (0, text), value=pad),
        "text_mask": functional.pad(batch["text_mask"], (0, text)),
        "labels": functional.pad(batch["labels"], (0, text), value=-100),
    }


def peak_flops(device: torch.device, dtype: torch.dtype, width: int = 2048) -> float:
    """The best that a product of two square matrices of this width reaches here, in FLOP a second."""
    square = torch.randn(width, width, device=device, dtype=dtype)
    best = 0.0
    for _ in range(4):
        began = time.perf_counter()
        square @ square
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = max(best, 2 * width**3 / (time.perf_counter() - began))
    return best


def model_flops(model: SEmoForCausalLM, tokens: int, logits: int) -> float:
    """FLOP of the LLM, forward and backward to its inputs: 2 + 2 for each weight and token (no weight trains)."""
    head = model.llm.get_output_embeddings().weight.numel()
    body = sum(value.numel() for value in model.llm.parameters()) - head
    return 4.0 * (body * tokens + head * logits)


def timed(update: Any, source: Iterator[Any], updates: int, device: torch.device) -> tuple[float, int, int]:
    """Seconds, tokens and labelled positions of some updates, the first left out."""
    tokens = logits = 0
    began = time.perf_counter()
    for number, batch in enumerate(itertools.islice(source, updates + 1)):
        update({name: value.to(device) for name, value in batch.items()})
        if device.type == "cuda":
            torch.cuda.synchronize()
        if number == 0:
            began = time.perf_counter()
            continue
        tokens += batch["input_ids"].numel()
        logits += int((batch["labels"] != -100).any(0).sum()) * len(batch["labels"])
    return time.perf_counter() - began, tokens, logits


def main() -> None:
    """Measure both ways and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("manifest")
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--recipe", default="small")
    parser.add_argument("--updates", type=int, default=8)
    parser.add_argument("--json")
    given = parser.parse_intermixed_args()
    recipe = settings.load(given.recipe, given.overrides, {"output": "unused"})
    device = torch.device("cuda" if on_gpu(recipe.compute) else "cpu")
    dtype = torch.bfloat16 if bf16(recipe.compute) else torch.float32
    corpus = Corpus(given.manifest)
    clips = corpus.split("train")
    speech = encoder.load(recipe.model.encoder, recipe.model.encoder_layers, dtype, recipe.model.encoder_pad_s).to(
        device
    )
    language = frozen_models.language(recipe.model.llm, dtype)
    stage = recipe.stages.stage3
    held = feature_cache.FeatureCache(
        recipe.features.folder or frozen_models.cache_folder() / "features", speech, recipe.audio.max_s
    )
    paths = held.ensure(corpus, clips, lambda _: None)
    text_of = target_texts.target_texts(corpus, clips, 3, stage.content, recipe.template)
    prompt = tokenization.prompt(recipe.prompt, corpus.prompt)
    tokens = {clip.id: tokenization.for_llm(language, prompt, text_of[clip.id], stage.max_text) for clip in clips}
    config = build.configuration(recipe, speech, corpus.labels, corpus.prompt, corpus.attributes)
    model, _ = build.later(config, 3, recipe, language, build.Start(None, 0))
    model.to(device).train()
    optimiser = torch.optim.AdamW([value for value in model.parameters() if value.requires_grad], lr=1e-4)
    collate = batches.Collate(3, language.eos)

    def example(clip: Any, load: Any) -> batches.Example:
        return batches.Example(clip.id, load, round(clip.duration * 50), tokens[clip.id], 0, 0)

    def source(load_of: Any, ordered: bool) -> Iterator[dict[str, torch.Tensor]]:
        examples = batches.Examples([example(clip, load_of(clip)) for clip in clips])
        order: Any = batches.Schedule(examples.examples, stage.batch_size, 10_000, False, 0)
        if not ordered:
            generator = torch.Generator().manual_seed(0)
            order = itertools.cycle(torch.randperm(len(examples), generator=generator).tolist())
        walk = iter(order)
        while True:
            yield collate([examples[next(walk)] for _ in range(stage.batch_size)])

    def step(loss: torch.Tensor) -> None:
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()

    def autocast() -> Any:
        return torch.autocast(device.type, torch.bfloat16, enabled=dtype == torch.bfloat16)

    def ours(batch: dict[str, torch.Tensor]) -> None:
        with autocast():
            loss = model(**batch)["loss"]
        step(loss)

    frames = round(min(max(clip.duration for clip in clips), recipe.audio.max_s) * 50) + 2
    words = len(tokenization.asked(language, prompt)) + stage.max_text

    def plain(batch: dict[str, torch.Tensor]) -> None:
        with autocast():
            loss = plain_loss(model, padded(batch, frames, words, language.eos))
        step(loss)

    peak = peak_flops(device, dtype)
    rows = []
    window = speech.longest_s if speech.kind == "whisper" else 0.0  # a plain implementation fills Whisper's 30 s
    whole = encoder.SpeechEncoder(speech.model, speech.extractor, speech.layers, window)
    fresh = functools.partial(encoded_anew, corpus, whole, longest_s=recipe.audio.max_s)
    ways = [
        ("ours", ours, lambda clip: functools.partial(feature_cache.read, paths[clip.id]), True),
        ("plain", plain, lambda clip: functools.partial(fresh, clip), False),
    ]
    for name, update, load_of, ordered in ways:
        seconds, count, logits = timed(update, source(load_of, ordered), given.updates, device)
        told = len(model.config.readout["shown"]) if model.config.readout else 0
        a_clip = recipe.model.queries + recipe.model.statistics.tokens + told
        speech_tokens = a_clip * stage.batch_size * given.updates
        flops = model_flops(model, count + speech_tokens, logits)
        rows.append(
            {
                "way": name,
                "clips_s": stage.batch_size * given.updates / seconds,
                "tokens_s": (count + speech_tokens) / seconds,
                "llm_flop_utilisation": flops / seconds / peak,
                "peak_memory_gb": (
                    torch.cuda.max_memory_allocated() / 2**30
                    if device.type == "cuda"
                    else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
                ),
            }
        )
    for row in rows:
        print(
            "  ".join(f"{key} {value:.3g}" if isinstance(value, float) else f"{value:<6}" for key, value in row.items())
        )
    print(f"ours over plain: {rows[0]['clips_s'] / rows[1]['clips_s']:.2f} times the clips a second")
    print(f"peak of a matrix product here: {peak / 1e9:.0f} GFLOP a second, {device.type}, {dtype}")
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=2)


if __name__ == "__main__":
    main()
