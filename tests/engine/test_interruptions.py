"""The engine under trouble: killed workers, killed runs, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import listen_to_ctrl_c
from test_pipeline import rows, run

# far longer than a run of tones takes on the slowest machine: waited for only where something has gone wrong
PATIENCE_S = 600.0
ROOT = Path(__file__).resolve().parents[2]


def started(tiny: Path, output: Path, workers: int = 2) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "annotate", "run", "ravdess", f"corpus.root={tiny}", "--output", str(output)]
    # quiet: progress has a line every ten seconds, so how many there are says how fast the machine is
    line += ["--workers", str(workers), "--quiet", "run.shard_rows=4", "descriptors.smallest_group=5"]
    return subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=listen_to_ctrl_c,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], output: Path, part: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not list((output / "work" / part).glob("*.done")):
        assert process.poll() is None, f"ended before a shard of {part} came: {process.communicate()[1]}"
        assert time.monotonic() < end, f"no shard of {part} came"
        time.sleep(0.02)


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def unbroken(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("unbroken") / "run"
    run(tiny, output, "run.shard_rows=4", "features.voice=praat")
    return output


@pytest.mark.parametrize("part", ["corpus", "pitch", "words"])
def test_a_killed_run_goes_on_to_the_same_rows_and_leaves_no_worker(
    tiny: Path, unbroken: Path, tmp_path: Path, part: str
) -> None:
    output = tmp_path / "out"
    process = started(tiny, output)
    wait_for(process, output, part)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + PATIENCE_S
    while alive(process.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not alive(process.pid), "a worker outlived its run"
    run(tiny, output, "run.shard_rows=4", "features.voice=praat")
    assert rows(output) == rows(unbroken)
    assert not list(output.rglob("*.tmp"))


def test_ctrl_c_is_a_clean_stop_with_the_line_that_continues(tiny: Path, tmp_path: Path) -> None:
    process = started(tiny, tmp_path / "out")
    wait_for(process, tmp_path / "out", "pitch")
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert f"continue with: semo-annotate run ravdess corpus.root={tiny}" in error
    assert "Traceback" not in error


def test_ctrl_c_while_workers_start_reaches_none_of_them(tiny: Path, tmp_path: Path) -> None:
    process = started(tiny, tmp_path / "out")
    wait_for(process, tmp_path / "out", "select")  # the stage after it is the first that starts workers
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to every process of the run
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert len(error.strip().splitlines()) == 1, error


def test_a_lost_worker_is_one_line_and_nothing_is_lost(tiny: Path, unbroken: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    process = started(tiny, output)
    wait_for(process, output, "pitch")
    workers = subprocess.run(
        ["pgrep", "-P", str(process.pid), "-f", "spawn_main"], capture_output=True, text=True, check=False
    ).stdout.split()
    if workers:  # the run may be done by then
        os.kill(int(workers[0]), signal.SIGKILL)
    _, error = process.communicate(timeout=PATIENCE_S)
    if process.returncode:
        assert process.returncode == 1
        assert "a worker process was killed" in error
        assert len(error.strip().splitlines()) == 1
    run(tiny, output, "run.shard_rows=4", "features.voice=praat")
    assert rows(output) == rows(unbroken)


LEAVES = """
import sys, time
from annotate.engine.worker_pool import WorkerPool
try:
    with WorkerPool(2) as pool:
        busy = [pool.submit(time.sleep, 3600) for _ in range(2)]
        while not all(future.running() for future in busy):
            time.sleep(0.01)
        for _ in range(3):  # more than a pipe holds, and nobody reads it
            pool.submit(len, bytes(1_000_000))
        time.sleep(0.5)
        raise KeyboardInterrupt
except KeyboardInterrupt:
    print("left", flush=True)
"""


def test_a_pool_is_left_at_once_whatever_waits_for_its_workers() -> None:
    """Before Python 3.11.5 the writer of waiting work never ended, and with it the program after Ctrl-C."""
    done = subprocess.run(
        [sys.executable, "-c", LEAVES], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "left\n", "")


def test_shares_of_a_job_array_merge_to_the_same_rows(tiny: Path, unbroken: Path, tmp_path: Path) -> None:
    from annotate.cli.annotate import main

    output = tmp_path / "out"
    line = ["run", "ravdess", f"corpus.root={tiny}", "--output", str(output), "--workers", "1", "--quiet"]
    line += ["run.shard_rows=4", "descriptors.smallest_group=5"]
    for number in (1, 2, 3):
        assert main([*line, "--shard", f"{number}/3"]) == 0
    shares = [str(tmp_path / f"out.share-{number}-of-3") for number in (1, 2, 3)]
    assert main(["merge", *shares[:2], "--output", str(output), "--quiet"]) == 1
    assert main(["merge", *shares, "--output", str(output), "--quiet", "--workers", "1"]) == 0
    assert rows(output) == rows(unbroken)


def test_ray_gives_the_same_rows(tiny: Path, finished_by_ray: Path, unbroken: Path) -> None:
    assert rows(finished_by_ray) == rows(unbroken)


@pytest.fixture(scope="module")
def finished_by_ray(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("ray", reason="the optional extra 'ray' is not installed")
    from annotate import settings
    from annotate.pipeline import Pipeline

    output = tmp_path_factory.mktemp("ray") / "run"
    lines = [f"corpus.root={tiny}", "run.shard_rows=4", "descriptors.smallest_group=5"]
    Pipeline(settings.load("ravdess", lines, output), workers=2, engine="ray").run()
    return output


def test_a_pool_that_is_ended_prints_nothing_and_other_threads_do(capfd: pytest.CaptureFixture[str]) -> None:
    import threading

    from annotate.engine.worker_pool import silence_thread

    def fail(text: str) -> None:
        raise RuntimeError(text)

    before = threading.excepthook
    threading.excepthook = threading.__excepthook__
    try:
        ended, other = (threading.Thread(target=fail, args=(text,)) for text in ("of the pool", "of another"))
        with silence_thread(ended):
            for thread in (ended, other):
                thread.start()
                thread.join()
        assert threading.excepthook is threading.__excepthook__
    finally:
        threading.excepthook = before
    error = capfd.readouterr().err
    assert "of another" in error
    assert "of the pool" not in error
