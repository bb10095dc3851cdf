"""The wheel carries what a checkout has beside the package, finds it there, and is typed for those who use it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import soundfile
from conftest import voice

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a folder, with the wheel's package in the place of the checkout's."""
    first = f"import sys; sys.path.insert(0, {str(site)!r}); import annotate; assert {str(site)!r} in annotate.__file__"
    return subprocess.run(
        [sys.executable, "-c", f"{first}\n{code}"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_it_lists_the_shipped_files_from_an_empty_folder(site: Path, tmp_path: Path) -> None:
    code = """
from annotate.cli.annotate import main
raise SystemExit(main(["list"]) or main(["describe", "quickstart"]))
"""
    done = run(site, tmp_path, code)
    assert done.returncode == 0, done.stderr
    for name in ("quickstart", "replies/paper", "captions/plain", "pitch: praat"):
        assert name in done.stdout


def test_a_recording_is_measured_worded_captioned_and_checked_without_the_extra_train(
    site: Path, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "a.wav", voice(1.0, 220.0, syllables=4), 16000)
    code = """
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "transformers", "peft", "accelerate", "matplotlib"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())
clip = annotate.measure("a.wav", transcript="It is late.", language="en", gender="female")
frame = annotate.measure_all(["a.wav"] * 3, workers=1, progress=False)
scale = annotate.Scale.fit(frame, smallest_group=2)
words = annotate.describe(clip, scale)
text = annotate.caption(words, emotion="anger")
print(text, annotate.check(text, words, emotion="anger").verdict)
try:
    annotate.load_model("absent")
except annotate.SemoError as error:
    print(error)
"""
    done = run(site, tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert "[train]" in done.stdout


@pytest.mark.slow
def test_code_that_uses_it_is_checked_strictly(site: Path, tmp_path: Path) -> None:
    (tmp_path / "outsider.py").write_text(
        """
import annotate


def pitch(path: str) -> float:
    clip = annotate.measure(path, gender="female", features={"rate": "signal"})
    scale = annotate.Scale.load("scale.json")
    words = annotate.describe(clip, scale)
    text: str = annotate.caption(words, emotion="anger")
    verdict: str = annotate.check(text, words).verdict
    value = clip["pitch_median_hz"]
    print(verdict, words.details["pitch"].stability, annotate.Output("out").summary)
    return value if isinstance(value, float) else 0.0
"""
    )
    # an environment where the wheel is installed beside everything that is installed here
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "env"], cwd=tmp_path, check=True)
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    shutil.copytree(site, packages, dirs_exist_ok=True)
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"])
    command = [
        sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"),
        "--python-executable", str(tmp_path / "env" / "bin" / "python"), "outsider.py",
    ]  # fmt: skip
    outside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}
    done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, check=False)
    assert "Success" in done.stdout, done.stdout
