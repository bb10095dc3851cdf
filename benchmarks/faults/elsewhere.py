"""Ray on a cluster of two nodes on loopback, a worker killed in the middle; shares of a job array, merged."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.faults import runs
from benchmarks.table import Line

SHARES = 3
LOOPBACK = "127.0.0.1"
WRITTEN = ("captions.writer=llamacpp", "captions.threads=1")  # a node of the cluster has one core
OPEN = {"RAY_AUTH_MODE": "disabled"}  # on loopback no token is needed, and another cluster's would not fit


def ray(work: Path, arguments: Sequence[str], wanted: str, what: str) -> list[Line]:
    """The lines of the table for Ray.

    Args:
        work: scratch folder.
        arguments: recipe and overrides.
        wanted: digest of the local engine's rows.
        what: which run, for the notes.
    """
    same = f"Ray, two nodes on loopback: rows of the local engine ({what})"
    try:
        import ray as installed
    except ImportError:
        return [Line(same, None, 1, note="the extra 'ray' is not installed")]
    with _cluster() as (address, nodes):
        output, log = work / "ray", work / "ray.log"
        environment = {**OPEN, "RAY_ADDRESS": address, "FAULTS_LOG": log}
        process = runs.start(output, *arguments, "--engine", "ray", environment=environment)
        killed = _kill_a_worker(process, nodes, output)
        _, said = process.communicate()
        right = process.returncode == 0 and runs.digest(output) == wanted
        written = runs.run(output, *arguments, *WRITTEN, "--engine", "ray", environment=environment)
    note = (
        f"ray {installed.__version__}; {said.strip()[-200:]}" if process.returncode else f"ray {installed.__version__}"
    )
    return [
        Line(same, int(right), 1, note=note),
        Line("Ray: workers killed while they measured, nothing lost", killed if right else 0, 1),
        Line("Ray: files taken for whole that are not", len(runs.false_marks(output)), 0, at_most=True),
        *_written(output, written),
    ]


def _written(output: Path, done: subprocess.CompletedProcess[str]) -> list[Line]:
    """What llama.cpp wrote as a pool of actors, a node each: every answer is in the journal of who got it."""
    journals = sorted((output / "work" / "journal").glob("captions.*.jsonl"))
    keys = [json.loads(line)["key"] for path in journals for line in path.read_text("utf-8").splitlines()]
    found = runs.rows(output) if done.returncode == 0 else []
    own = sum(row["caption_writer"] == "llamacpp" for row in found)
    return [
        Line("Ray: nodes whose llama.cpp wrote captions", len(journals), 2, note=done.stderr.strip()[-200:]),
        Line("Ray: captions by llama.cpp", 100 * own / max(1, len(found)), 98, unit="%", note=f"of {len(found)} rows"),
        Line("Ray: answers asked for twice", len(keys) - len(set(keys)), 0, at_most=True, note=f"{len(keys)} answers"),
    ]


@contextmanager
def _cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Two nodes with a core each; ended by their own processes, so that no other Ray on the machine is touched."""
    port, held = _free_port(), tempfile.mkdtemp(prefix="ray")  # short: the path of a socket has 107 characters at most
    ray = [str(Path(sys.executable).with_name("ray")), "start", "--block", "--num-cpus=1", "--disable-usage-stats"]
    ray += [f"--node-ip-address={LOOPBACK}"]
    head = [*ray, "--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={held}"]
    environment = {**os.environ, **OPEN, "PYTHONPATH": str(runs.ROOT)}
    nodes = []
    try:
        for line in (head, [*ray, f"--address={LOOPBACK}:{port}"]):
            nodes.append(subprocess.Popen(
                line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            ))  # fmt: skip
            time.sleep(10)
        yield f"{LOOPBACK}:{port}", nodes
    finally:
        processes = [one for node in nodes for one in _below(node.pid)]
        for node in nodes:
            node.terminate()
        psutil.wait_procs(processes, timeout=15)
        for one in processes:
            if one.is_running():
                one.kill()
        shutil.rmtree(held, ignore_errors=True)


def _kill_a_worker(process: subprocess.Popen[str], nodes: Sequence[subprocess.Popen[bytes]], output: Path) -> int:
    """Kill one of the cluster's workers once the first shards are measured; how many were killed."""
    while process.poll() is None and len(list((output / "work" / "audio").glob("*.done"))) < 3:
        time.sleep(0.05)
    busy = [one for node in nodes for one in _below(node.pid) if _measures(one)]
    if process.poll() is not None or not busy:
        return 0
    random.Random(0).choice(busy).send_signal(signal.SIGKILL)
    return 1


def _measures(process: psutil.Process) -> bool:
    """Ray names a worker after what it is at; its agents look like workers, and a node does not outlive them."""
    try:
        title = " ".join(process.cmdline())
        return title.startswith("ray::") and "IDLE" not in title and "Agent" not in title
    except psutil.Error:
        return False


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        return int(held.getsockname()[1])


def shares(work: Path, arguments: Sequence[str], wanted: str, what: str) -> list[Line]:
    """The line of the table for a job array and its merge."""
    output = work / "shares"
    for number in range(1, SHARES + 1):
        done = runs.run(output, *arguments, "--shard", f"{number}/{SHARES}")
        if done.returncode:
            return [Line("shares merged", 0, 1, note=done.stderr.strip()[-200:])]
    folders = [str(work / f"shares.share-{number}-of-{SHARES}") for number in range(1, SHARES + 1)]
    merged = runs.run(output, *folders, command="merge")
    right = merged.returncode == 0 and runs.digest(output) == wanted
    return [
        Line(f"{SHARES} shares merged: the rows of one run ({what})", int(right), 1, note=merged.stderr.strip()[-200:])
    ]
