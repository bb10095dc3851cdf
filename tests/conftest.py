"""Recordings and corpora that the tests make, and the real ones where they are at hand."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from review.browser import chromium, opened  # noqa: F401 - fixtures; one browser for all tests of a process

from annotate.audio.recording import RATE, Recording

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the Hub's library is imported: no test asks the network

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

Samples = NDArray[np.float32]


def voice(seconds: float, f0: float, *, level: float = 0.3, rate: int = RATE, syllables: float = 0.0) -> Samples:
    """A voiced sound: harmonics falling by 12 dB an octave, swelling ``syllables`` times a second."""
    time = np.arange(round(seconds * rate)) / rate
    sound = sum(np.sin(2 * np.pi * f0 * k * time) / k**2 for k in range(1, int(min(rate / 2, 4000) // f0)))
    if syllables:
        sound = sound * (0.55 - 0.45 * np.cos(2 * np.pi * syllables * time))
    sound = sound / np.sqrt(np.mean(np.square(sound)))
    return (level * 0.25 * sound).astype(np.float32)


def silence(seconds: float, rate: int = RATE) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def hiss(seconds: float, level: float, seed: int = 0) -> Samples:
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def recording(samples: Samples) -> Recording:
    return Recording(samples, len(samples) / RATE)


@pytest.fixture
def wav(tmp_path: Path) -> Callable[..., Path]:
    """Write samples to a file and return its path."""

    def write(samples: Samples, name: str = "clip.wav", rate: int = RATE, **how: str) -> Path:
        path = tmp_path / name
        soundfile.write(path, samples, rate, **how)
        return path

    return write


EMOTIONS = {"01": 110.0, "04": 95.0, "05": 160.0}


def tiny_ravdess(root: Path, actors: int = 5, repeats: int = 2) -> int:
    """A corpus in RAVDESS's layout, of tones; returns the number of clips."""
    count = 0
    for actor in range(1, actors + 1):
        folder = root / f"Actor_{actor:02d}"
        folder.mkdir(parents=True)
        for emotion, f0 in EMOTIONS.items():
            for statement in (1, 2):
                for repeat in range(1, repeats + 1):
                    pitch = f0 * (1.8 if actor % 2 == 0 else 1.0) * (1 + 0.02 * actor + 0.01 * repeat)
                    level = {"01": 0.2, "04": 0.08, "05": 0.6}[emotion] * (1 + 0.1 * statement)
                    body = voice(0.8 + 0.05 * repeat + 0.02 * actor, pitch, level=level, syllables=5)
                    sound = np.concatenate([silence(0.1), body, silence(0.1)])
                    name = f"03-01-{emotion}-01-{statement:02d}-{repeat:02d}-{actor:02d}.wav"
                    soundfile.write(folder / name, sound, RATE)
                    count += 1
    return count


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus in RAVDESS's layout; not to be changed by tests."""
    root = tmp_path_factory.mktemp("tiny") / "corpus"
    tiny_ravdess(root)
    return root


@pytest.fixture(scope="session")
def ravdess() -> Path:
    """The real RAVDESS clips at hand."""
    root = SHARED / "data" / "ravdess"
    if not root.is_dir():
        pytest.skip("the real recordings of RAVDESS are not here (../shared/data/ravdess)")
    return root


@pytest.fixture(scope="session")
def four_actors(ravdess: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Four real actors with every third clip."""
    root = tmp_path_factory.mktemp("actors")
    for actor in ("Actor_01", "Actor_02", "Actor_03", "Actor_04"):
        (root / actor).mkdir()
        for path in sorted((ravdess / actor).iterdir())[::3]:
            shutil.copyfile(path, root / actor / path.name)
    yield root
    shutil.rmtree(root)


def listen_to_ctrl_c() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C, and whatever that starts is deaf too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
