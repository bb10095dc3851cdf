"""Outputs to review: of the small corpus, and of one whose every text tries to break out."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from annotate import settings
from annotate.pipeline import Pipeline
from annotate.report.review.server import Server
from annotate.report.review.session import Session

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "../../x",
    "javascript:alert(3)",
    "</textarea></svg><svg onload=alert(4)>",
    "{{ 7 * 7 }} ${7 * 7} [x](javascript:alert(5)) `",
)


@pytest.fixture(scope="session")
def output(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output of the small corpus; tests that give verdicts copy it."""
    folder = tmp_path_factory.mktemp("review") / "out"
    Pipeline(settings.load("ravdess", [f"corpus.root={tiny}"], folder)).run()
    return folder


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output in which transcripts, speakers, emotions, sessions and ids are hostile."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "corpus" / "audio").mkdir(parents=True)
    dice = np.random.default_rng(0)
    with open(root / "corpus" / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "path", "speaker", "gender", "emotion", "transcript", "session", "intensity"])
        for place in range(18):
            text = HOSTILE[place % len(HOSTILE)]
            name = f"audio/{place}.wav"
            pulses = 0.3 * np.sign(np.sin(2 * np.pi * (100 + 10 * place) * np.arange(12000) / 16000))
            soundfile.write(root / "corpus" / name, pulses + 0.001 * dice.standard_normal(12000), 16000)
            gender = ("female", "male")[place % 2]
            table.writerow([f"{place} {text}", name, text, gender, text, f"{text} said I", text, text])
    folder = root / "out"
    Pipeline(settings.load("table", [f"corpus.root={root / 'corpus'}", "descriptors.smallest_group=2"], folder)).run()
    return folder


def served(folder: Path) -> Iterator[Server]:
    with Server(Session(folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def server(output: Path) -> Iterator[Server]:
    """A review that is looked at only."""
    yield from served(output)
