"""``semo-annotate`` as the bench runs it: the same command, with an eye on what it does and a fault on demand.

``FAULTS_LOG`` names a file that gets a line for each recording decoded to be measured. The other variables make
trouble: ``FAULTS_VANISH`` (recordings that vanish once measuring has begun, apart by ``:``), ``FAULTS_VANISH_LATE``
(once all is measured), ``FAULTS_CLOCK`` (seconds that the clock jumps when measuring begins), ``FAULTS_UPGRADE``
(a feature slot whose estimator has a new version). Workers import this module too, so all of it holds in them.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotate import registry
from annotate.audio import decode as reading
from annotate.audio.decode import Decoded
from annotate.dataset import build

_decode, _build, _load = reading.decode, build.build, registry.load
_now, _now_ns = time.time, time.time_ns


def _gone(variable: str) -> None:
    for name in filter(None, os.environ.get(variable, "").split(":")):
        Path(name).unlink(missing_ok=True)


def decode(path: Path) -> Decoded:
    """Decode, after a line in the log and the faults that measuring begins with."""
    if log := os.environ.get("FAULTS_LOG"):
        with open(log, "ab", buffering=0) as file:  # a line this short is written whole, whoever else writes
            file.write(os.fsencode(path.name) + b"\n")
    _gone("FAULTS_VANISH")
    if jump := os.environ.get("FAULTS_CLOCK"):
        time.time = lambda: _now() + float(jump)
        time.time_ns = lambda: _now_ns() + int(jump) * 1_000_000_000
    return _decode(path)


def built(*arguments: Any, **more: Any) -> build.Built:
    """Build the data set, after the recordings that vanish late have gone."""
    _gone("FAULTS_VANISH_LATE")
    return _build(*arguments, **more)


def load(kind: str, name: str) -> Any:
    """A plug-in; that of the upgraded slot with a new version."""
    plugin = _load(kind, name)
    return replace(plugin, version=plugin.version + "+") if kind == os.environ.get("FAULTS_UPGRADE") else plugin


reading.decode = decode  # where it measures, a run takes it from there
build.build = built
registry.load = load

if __name__ == "__main__":
    from annotate.cli.annotate import main

    sys.exit(main())
