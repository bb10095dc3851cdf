"""Captions a second: llamacpp in batches against transformers row by row, same weights, same prompts, in one run.

Twice: with SmolLM2 as its package ships it (Q4_1), and with the same model cut anew to Q4_0, for which llama.cpp has
faster kernels. Both writers read the same file each time.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.captions.evidence import literature, reasons
from annotate.captions.prompts import Prompt
from annotate.captions.writer import Ask, Options, Sampling, Writer, default_model
from annotate.captions.writers.llamacpp import LlamaCpp
from annotate.captions.writers.transformers import Transformers
from benchmarks.table import Line

if TYPE_CHECKING:
    from benchmarks.captions import Given

PARALLEL = 16
BATCH, ROW_BY_ROW, ROUNDS = 96, 6, 2  # captions of a round, in turn, so that neighbours on the machine move both alike
REACH = 8.0


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
    shipped = Path(default_model())
    cut = given.work / shipped.name.replace("Q4_1", "Q4_0")
    if not cut.exists():
        requantised(shipped, cut)
    return [line for model in (shipped, cut) for line in _compared(model, given.threads)]


def _compared(model: Path, threads: int | None) -> list[Line]:
    batched: Writer = LlamaCpp(Options(model=str(model), parallel=PARALLEL, threads=threads))
    single: Writer = Transformers(Options(model=str(model), parallel=1))
    import torch

    if threads:
        torch.set_num_threads(threads)
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
    cores, name = f"{threads or os.cpu_count()} threads", model.stem
    return [
        Line(f"{name}: llamacpp, batched", fast, unit="captions/s",
             note=f"{ROUNDS * BATCH} free, {PARALLEL} at once, {cores}"),
        Line(f"{name}: transformers, row by row", slow, unit="captions/s", note=f"{ROUNDS * ROW_BY_ROW} free, {cores}"),
        Line(f"{name}: llamacpp batched over transformers row by row", fast / slow, REACH, unit="x"),
    ]  # fmt: skip


def requantised(model: Path, to: Path) -> None:
    """Write a GGUF model with every quantised matrix cut anew to Q4_0, which loses a little."""
    import gguf

    read, kind = gguf.GGUFReader(model), gguf.GGMLQuantizationType.Q4_0
    half = to.with_suffix(".tmp")
    made = gguf.GGUFWriter(half, read.fields["general.architecture"].contents())
    for name, field in read.fields.items():
        if not name.startswith("GGUF.") and name not in ("general.architecture", "general.file_type"):
            inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            made.add_key_value(name, field.contents(), field.types[0], sub_type=inner)
    for tensor in read.tensors:
        if tensor.tensor_type == gguf.GGMLQuantizationType.F32:
            made.add_tensor(tensor.name, tensor.data)
        else:
            whole = gguf.dequantize(tensor.data, tensor.tensor_type)
            made.add_tensor(tensor.name, gguf.quantize(whole, kind), raw_dtype=kind)
    made.write_header_to_file()
    made.write_kv_data_to_file()
    made.write_tensors_to_file()
    made.close()
    half.replace(to)


def _nobody(place: int, text: str) -> None:
    """Keeps nothing: every round is written anew."""
