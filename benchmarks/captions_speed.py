"""Captions a second: llamacpp in batches against transformers row by row, same weights, same prompts, in one run.

Twice: with SmolLM2 as its package ships it (Q4_1), and with the same model cut anew to Q4_0, for which llama.cpp has
faster kernels. Both writers read the same file each time.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.attributes import reply_attributes
from annotate.captions.content_selection import select
from annotate.captions.prompts import Prompt
from annotate.captions.supported_reasons import literature
from annotate.captions.writer import Ask, Options, Sampling, Writer, default_model
from annotate.captions.writers.llamacpp import LlamaCpp
from annotate.captions.writers.transformers import Transformers
from benchmarks.table import Line

if TYPE_CHECKING:
    from benchmarks.captions_options import Given

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
            "transcript": "Kids are talking by the door",
        }  # fmt: skip
        found.append(Ask(prompt.ask(row, select(row, reply_attributes(), table), "short"), seed=number))
    return found


def lines(given: Given) -> list[Line]:
    shipped = Path(default_model())
    cut = given.work / shipped.name.replace("Q4_1", "Q4_0")
    if not cut.exists():
        requantised(shipped, cut)
    return [line for model in (shipped, cut) for line in _compared(model, given.threads)]


def _compared(model: Path, threads: int | None) -> list[Line]:
    """Both writers in turn, each in a process of its own as in a run: in one, their idle threads slow each other."""
    spent = {"llamacpp": 0.0, "transformers": 0.0}
    rows = {"llamacpp": BATCH, "transformers": ROW_BY_ROW}
    questions = asks(ROUNDS * BATCH)
    apart = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pools = {name: stack.enter_context(ProcessPoolExecutor(1, mp_context=apart)) for name in spent}
        for turn in range(-1, ROUNDS):  # the first loads, and fills each slot's cache of what all prompts share
            for name, pool in pools.items():
                mine = (
                    questions[turn * BATCH :][: rows[name]]
                    if turn >= 0
                    else asks(PARALLEL if name == "llamacpp" else 1)
                )
                seconds = pool.submit(_written, name, str(model), threads, mine, turn < 0).result()
                spent[name] += seconds if turn >= 0 else 0.0
    fast, slow = (ROUNDS * rows[name] / spent[name] for name in spent)
    cores, name = f"{threads or os.cpu_count()} threads", model.stem
    return [
        Line(f"{name}: llamacpp, batched", fast, unit="captions/s",
             note=f"{ROUNDS * BATCH} free, {PARALLEL} at once, {cores}"),
        Line(f"{name}: transformers, row by row", slow, unit="captions/s", note=f"{ROUNDS * ROW_BY_ROW} free, {cores}"),
        Line(f"{name}: llamacpp batched over transformers row by row", fast / slow, REACH, unit="x"),
    ]  # fmt: skip


_MADE: dict[str, Writer] = {}  # of this process


def _written(name: str, model: str, threads: int | None, some: list[Ask], warming: bool) -> float:
    """The seconds that a writer takes to answer."""
    if name not in _MADE and name == "llamacpp":
        _MADE[name] = LlamaCpp(Options(model=model, parallel=PARALLEL, threads=threads))
    elif name not in _MADE:
        _MADE[name] = Transformers(Options(model=model, parallel=1))
        if threads:
            import torch

            torch.set_num_threads(threads)
    began = time.perf_counter()
    _MADE[name].write(some, Sampling(max_tokens=8) if warming else Sampling(), _nobody)
    return time.perf_counter() - began


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
