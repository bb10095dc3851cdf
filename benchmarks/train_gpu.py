"""Speed of the three training stages on this machine: updates a second, memory, share of what the card can do.

    make bench-train-gpu                                         # the paper's sizes on a GPU, tiny ones without
    python -m benchmarks.train_gpu [--recipe NAME] [--updates 20] [--tiny] [--json FILE] [KEY=VALUE ...]

Weights and clips are random, since speed does not depend on them: neither a model nor a corpus has to be there. All
else is the training itself: features read from files, batches by length, the stage's settings, its trainer. Read-outs
and naming are left out. With torchrun, each of several GPUs is measured with the others at work.
"""

from __future__ import annotations

import argparse
import functools
import gc
import itertools
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, LlamaConfig, PrinterCallback, TrainerCallback

from annotate.errors import unknown_name
from annotate.semollm import compute_device, settings
from annotate.semollm.data.batches import Collate, Example, Examples, Schedule
from annotate.semollm.data.feature_cache import Shelf
from annotate.semollm.model import build, frozen_models
from annotate.semollm.model.tokenization import Tokens
from annotate.semollm.training import plan, trainer
from benchmarks.train_speed import peak_flops

WARM_UP = 3  # updates that are not timed
CLIPS = 64
FRAMES = (100, 300)  # of a clip: two to six seconds
COUNTED_BATCHES, COUNTED_CLIPS = 4, 2
GIB = 2**30


@dataclass(frozen=True)
class Sizes:
    """Sizes of the frozen models, and of stage 1's vocabulary.

    Attributes:
        states: hidden states of the encoder.
        width: of each.
        llm: keys of a ``LlamaConfig``.
        vocabulary: of stage 1's tokenizer.
        prompt: tokens of stage 3's prompt.
        reply: fewest and most tokens of a text.
    """

    states: int
    width: int
    llm: dict[str, Any]
    vocabulary: int = 30523
    prompt: int = 22
    reply: tuple[int, int] = (24, 48)


SIZES = {
    # what LlamaConfig has by itself are the sizes of Llama-2-7b; its chat form has longer positions
    "paper-wavlm-llama2": Sizes(25, 1024, {"max_position_embeddings": 4096, "rms_norm_eps": 1e-5}),
    "small": Sizes(
        7, 512,
        {
            "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
            "num_key_value_heads": 3, "vocab_size": 49152, "tie_word_embeddings": True,
        },
        vocabulary=500, prompt=4,
    ),
}  # fmt: skip
TINY = Sizes(
    3, 12,
    {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 64},
    vocabulary=64, prompt=3, reply=(4, 8),
)  # fmt: skip
TINY_SETTINGS = (
    "model.queries=4", "model.project=16", "model.qformer.width=16", "model.qformer.layers=2", "model.qformer.heads=2",
    "model.qformer.inner=32", *(f"stages.stage{stage}.batch_size=4" for stage in settings.STAGES),
)  # fmt: skip


class Clock(TrainerCallback):  # type: ignore[misc]  # transformers is not followed: of any type
    """When updates begin and end; between an update and the next, the trainer waits for clips.

    Attributes:
        begins: seconds.
        ends: seconds, after the device has done all that it was given.
    """

    def __init__(self) -> None:
        self.begins: list[float] = []
        self.ends: list[float] = []

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Clips are there."""
        self.begins.append(time.perf_counter())

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Weights are updated."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        if state.global_step == WARM_UP and torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        self.ends.append(time.perf_counter())

    def timed(self) -> tuple[float, float]:
        """Seconds an update, and the share of them in which it waited for clips; the warm-up is left out."""
        seconds = self.ends[-1] - self.ends[WARM_UP - 1]
        waited = sum(begin - end for begin, end in zip(self.begins[WARM_UP:], self.ends[WARM_UP - 1 :], strict=False))
        return seconds / (len(self.ends) - WARM_UP), waited / seconds


class Vocabulary:
    """What is asked of stage 1's tokenizer: its size, and two ids."""

    pad_token_id = 0

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def convert_tokens_to_ids(self, _: str) -> int:
        """The last id is [DEC]'s."""
        return self.size - 1


def clips(folder: Path, sizes: Sizes, stage: int) -> list[Example]:
    """Clips of random features, each in a file, with random texts."""
    random = np.random.default_rng(stage)
    shelf = Shelf(4 * 10**9)
    words = sizes.vocabulary if stage == 1 else int(sizes.llm.get("vocab_size", LlamaConfig().vocab_size))
    made = []
    for number in range(CLIPS):
        path = folder / f"{number}.npy"
        frames = int(np.random.default_rng(number).integers(*FRAMES))
        if not path.is_file():
            values = np.random.default_rng(number).standard_normal((sizes.states, frames, sizes.width), np.float32)
            np.save(path, values.astype(np.float16))
        first = sizes.prompt if stage == 3 else 0
        length = first + 1 + int(random.integers(*sizes.reply))
        tokens = Tokens(random.integers(3, words - 1, length).tolist(), first + int(stage > 1), False)
        made.append(Example(str(number), functools.partial(shelf.load, path), frames, tokens, number, number % 8))
    return made


def language(recipe: settings.TrainRecipe, sizes: Sizes) -> frozen_models.Language:
    """A frozen LLM of random weights, made where it computes."""
    place = "cuda" if compute_device.on_gpu(recipe.compute) else "cpu"
    dtype = torch.bfloat16 if compute_device.bf16(recipe.compute) else torch.float32
    with torch.device(place):
        model = AutoModelForCausalLM.from_config(
            LlamaConfig(**sizes.llm), dtype=dtype, attn_implementation=compute_device.attention(recipe.compute)
        )
    return frozen_models.Language(model.requires_grad_(False).eval(), None, 1, 2)


def model_of(stage: int, recipe: settings.TrainRecipe, sizes: Sizes, llm: frozen_models.Language | None) -> Any:
    """The stage's model, untrained."""
    speech: Any = SimpleNamespace(
        layers=list(range(sizes.states)), model=SimpleNamespace(config=SimpleNamespace(hidden_size=sizes.width))
    )
    config = build.configuration(recipe, speech, [], "")
    nothing = build.Start(None, 0)
    if llm is None:
        return build.first(config, Vocabulary(sizes.vocabulary), "none", nothing)
    return build.later(config, stage, recipe, llm, nothing)[0]


def counted_memory(model: Any) -> float:
    """GiB by count: all weights, and for those that train their gradients and AdamW's two moments."""
    held = sum(value.numel() * value.element_size() for value in model.parameters())
    trained = sum(value.numel() * value.element_size() for value in model.parameters() if value.requires_grad)
    return (held + 3 * trained) / GIB


def flops_of_a_clip(
    model: Any, schedule: Schedule, examples: Sequence[Example], collate: Collate, autocast: Any
) -> float:
    """Floating-point operations of matrix products for a clip, forward and backward, nothing computed twice.

    Of some clips of the first batches, with the padding of their batch.
    """
    model.train()
    device = next(model.parameters()).device
    order = list(itertools.islice(schedule, COUNTED_BATCHES * schedule.batch))
    items, done = Examples(examples), []
    for at in range(0, len(order), schedule.batch):
        batch = collate([items[row] for row in order[at : at + schedule.batch]])
        few = {name: value[:COUNTED_CLIPS].to(device) for name, value in batch.items() if name != "clips"}
        with FlopCounterMode(display=False) as counter, autocast():
            model(**few)["loss"].backward()
        done.append(counter.get_total_flops() / COUNTED_CLIPS)
    model.zero_grad()
    return float(np.mean(done))


def measured(stage: int, recipe: settings.TrainRecipe, sizes: Sizes, folder: Path, updates: int) -> dict[str, Any]:
    """Train a stage for some updates; a row of the table."""
    gc.collect()  # what the stage before left in circles
    state = plan.processes(recipe)
    gpu = compute_device.on_gpu(recipe.compute)
    device, half = ("cuda" if gpu else "cpu"), compute_device.bf16(recipe.compute)
    chosen = recipe.stages.number(stage).model_copy(update={"steps": WARM_UP + updates})
    llm = language(recipe, sizes) if stage > 1 else None
    model = model_of(stage, recipe, sizes, llm).to(device)
    examples, collate = clips(folder, sizes, stage), Collate(stage, 0)
    batch = chosen.batch_size * chosen.accumulate * state.num_processes
    schedule = Schedule(examples, batch, chosen.steps, False, recipe.seed)
    autocast = functools.partial(torch.autocast, device, torch.bfloat16, enabled=half)
    flops = flops_of_a_clip(model, schedule, examples, collate, autocast)
    clock = Clock()
    made = trainer.StageTrainer(
        model=model,
        arguments=trainer.arguments(folder / f"stage{stage}", chosen, recipe.compute, recipe.seed, True),
        train=Examples(examples),
        validation=None,
        collate=collate,
        schedule=schedule,
        rates=chosen.rates,
        callbacks=[clock],
    )
    made.remove_callback(PrinterCallback)
    made.train()
    seconds, waited = clock.timed()
    made.accelerator.free_memory()
    peak = torch.cuda.max_memory_allocated() if gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "stage": stage, "updates_s": 1 / seconds, "clips_s": batch / seconds, "waiting_for_clips": waited,
        "flop_s": flops * batch / state.num_processes / seconds, "memory_gib": peak / GIB,
        "counted_gib": counted_memory(model),
    }  # fmt: skip


def resolved(name: str, overrides: Sequence[str], tiny: bool) -> tuple[settings.TrainRecipe, Sizes]:
    """The recipe without what needs a corpus, and the sizes of its frozen models.

    Raises:
        UsageError: a recipe whose encoder and LLM have unknown sizes.
    """
    if not tiny and name not in SIZES:
        raise unknown_name("sizes of the frozen models of the recipe", name, SIZES)
    without = ["model.readout.use=false", "model.naming.use=false", "model.encoder_layers=all"]
    small = TINY_SETTINGS if tiny else ()
    recipe = settings.load(name, [*without, *small, *overrides], {"output": "unused"})
    return recipe, TINY if tiny else SIZES[name]


def table(rows: Sequence[dict[str, Any]], peak: float, where: str) -> str:
    """The rows as a person reads them."""
    lines = [
        f"stage {row['stage']}: {row['updates_s']:.3g} updates/s, {row['clips_s']:.3g} clips/s, "
        f"{row['waiting_for_clips']:.0%} of the time waiting for clips, {row['flop_s'] / peak:.0%} of the peak, "
        f"memory {row['memory_gib']:.3g} GiB ({row['counted_gib']:.3g} of it weights, gradients and moments)"
        for row in rows
    ]
    return "\n".join([*lines, f"peak: {peak / 1e12:.3g} TFLOP/s, that of a large matrix product here, on {where}"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the three stages and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--recipe", default="paper-wavlm-llama2")
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--tiny", action="store_true", help="tiny models: that it works, not how fast")
    parser.add_argument("--json", type=Path)
    given = parser.parse_intermixed_args(arguments)
    tiny = given.tiny or not torch.cuda.is_available()
    if tiny and not given.tiny:
        print("no GPU that PyTorch can use: tiny models on the CPU; these figures say that it works, not how fast")
    recipe, sizes = resolved(given.recipe, given.overrides, tiny)
    gpu, half = compute_device.on_gpu(recipe.compute), compute_device.bf16(recipe.compute)
    dtype = torch.bfloat16 if half else torch.float32
    peak = peak_flops(torch.device("cuda" if gpu else "cpu"), dtype, 8192 if gpu else 1024)
    card = torch.cuda.get_device_name() if gpu else "cpu"
    where = f"{card}, {dtype}, attention {compute_device.attention(recipe.compute)}"
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(stage, recipe, sizes, Path(folder), given.updates) for stage in settings.STAGES]
    if plan.processes(recipe).is_main_process:
        print(table(rows, peak, where))
        if given.json:
            report = {"rows": rows, "peak_flop_s": peak, "where": where, "tiny": tiny}
            given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
