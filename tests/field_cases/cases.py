"""Inputs of real users, made by the scripts in ``../shared/cases``; its README says where each was seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2].parent / "shared" / "cases"


def make(number: int, folder: Path) -> Path:
    """Make the input of a case in a folder; skips where the scripts are not there."""
    script = SCRIPTS / f"make_{number:02}.py"
    if not script.is_file():
        pytest.skip(f"../shared/cases/{script.name} is not there")
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True, text=True, env=environment)
    if done.returncode:
        pytest.skip(f"{script.name} cannot run here: {done.stderr.strip().splitlines()[-1]}")
    return folder
