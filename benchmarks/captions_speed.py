"""Captions a second: llamacpp in batches against transformers row by row, same weights, same prompts, in one run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.captions.evidence import literature, reasons
from annotate.captions.prompts import Prompt
from annotate.captions.writer import Ask, Options, Sampling, Writer
from annotate.captions.writers.llamacpp import LlamaCpp
from annotate.captions.writers.transformers import Transformers
from benchmarks.table import Line

if TYPE_CHECKING:
    from benchmarks.captions import Given

PARALLEL = 16
BATCH, ROW_BY_ROW, ROUNDS = 96, 6, 2  # captions of a round, in turn, so that neighbours on the machine move both alike


def asks(count: int) -> list[Ask]:
    """Questions as a run asks them."""
    prompt, table = Prompt.load("explanation"), literature()
    levels = (("low", "normal", "high"), ("slow", "normal", "fast"), ("quiet", "normal", "loud"))
    found = []
    for number in range(count):
        row = {
            "gender": ("female", "male")[number % 2], "emotion": ("anger", "sadness", "fear", "calm")[number % 4],
            "pitch": levels[0][number % 3], "speed": levels[1][number // 3 % 3], "volume": levels[2][number // 9 % 3],
        }  # fmt: skip
        found.append(Ask(prompt.ask(row, "Kids are talking by the door", "short", reasons(row, table)), seed=number))
    return found


def lines(given: Given) -> list[Line]:
    batched: Writer = LlamaCpp(Options(parallel=PARALLEL, threads=given.threads))
    single: Writer = Transformers(Options(parallel=1))
    import torch

    if given.threads:
        torch.set_num_threads(given.threads)
    # load, and fill each slot's cache of what all prompts share, as the first captions of a run do
    for writer, some in ((batched, asks(PARALLEL)), (single, asks(1))):
        writer.write(some, Sampling(max_tokens=8), _nobody)
    spent = {"batched": 0.0, "single": 0.0}
    questions = asks(ROUNDS * BATCH)
    for turn in range(ROUNDS):
        mine = questions[turn * BATCH : (turn + 1) * BATCH]
        for name, writer, some in (("batched", batched, mine), ("single", single, mine[:ROW_BY_ROW])):
            began = time.perf_counter()
            writer.write(some, Sampling(), _nobody)
            spent[name] += time.perf_counter() - began
    fast, slow = ROUNDS * BATCH / spent["batched"], ROUNDS * ROW_BY_ROW / spent["single"]
    cores = f"{given.threads or os.cpu_count()} threads"
    return [
        Line(
            "llamacpp, batched",
            fast,
            unit="captions/s",
            note=f"{ROUNDS * BATCH} free, {PARALLEL} at once, {cores}",
        ),
        Line("transformers, row by row", slow, unit="captions/s", note=f"{ROUNDS * ROW_BY_ROW} free, {cores}"),
        Line("llamacpp batched over transformers row by row", fast / slow, 8, unit="x", note=Path(batched.model).name),
    ]


def _nobody(place: int, text: str) -> None:
    """Keeps nothing: every round is written anew."""
