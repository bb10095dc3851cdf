"""The wheel carries what a checkout has beside the package, and finds it there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_the_wheel_lists_the_shipped_files_from_an_empty_folder(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    empty = tmp_path / "empty"
    empty.mkdir()
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path / "site")!r})
import annotate
assert annotate.__file__.startswith({str(tmp_path / "site")!r}), annotate.__file__
from annotate.cli.annotate import main
raise SystemExit(main(["list"]) or main(["describe", "quickstart"]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=empty, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("quickstart", "replies/paper", "captions/plain", "pitch: praat"):
        assert name in done.stdout
