"""The two loops that the speed benchmark compares both run, and the stage measures what it is said to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("psutil")
from threadpoolctl import threadpool_info

from annotate.audio.decode import decode
from annotate.features.measure import Measure
from benchmarks import speed


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    time = np.arange(24_000) / 16_000
    voice = sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 12)) * (
        0.2 + 0.1 * np.sin(2 * np.pi * 4 * time)
    )
    soundfile.write(tmp_path / "one.wav", 0.2 * voice, 16_000)
    return tmp_path / "one.wav"


def test_both_loops_run_on_the_same_clip(clip: Path) -> None:
    found = speed.DEFAULT.compute([speed.row_of(clip)], speed.PARTS)
    assert set(found) == set(speed.PARTS)
    assert found["pitch"][0]["pitch_median_hz"] == pytest.approx(150, rel=0.02)
    speed.bare([decode(clip).recording.samples.astype(np.float64)])


def test_measuring_leaves_blas_one_thread(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def told(*_: object) -> dict[str, object]:
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return {}

    monkeypatch.setattr(Measure, "_measure_row", told)
    Measure(Path(), {})([speed.row_of(clip)], [])
    assert threads
    assert set(threads) == {1}
