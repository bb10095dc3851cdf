"""The bench of faults on a few real clips: what ``make bench-faults`` does on all of RAVDESS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.faults import changes, elsewhere, kills, runs, trouble
from benchmarks.table import Line

pytestmark = pytest.mark.slow


@pytest.fixture
def few(ravdess: Path, tmp_path: Path) -> list[str]:
    return trouble.few(ravdess.parent, tmp_path / "corpus")


def hold(lines: Sequence[Line]) -> None:
    assert lines
    for line in lines:
        if line.reached is None:
            pytest.skip(line.note)
        assert line.held is not False, line


def test_a_kill_in_every_stage(few: list[str], tmp_path: Path) -> None:
    hold(kills.lines(tmp_path, few, 1, "a few clips"))


def test_trouble(few: list[str], tmp_path: Path) -> None:
    hold(trouble.Trouble(tmp_path, few).lines())


def test_a_change_recomputes_what_follows_from_it(few: list[str], tmp_path: Path) -> None:
    hold(changes.lines(tmp_path, few, trouble.Trouble(tmp_path, few).unbroken))


def test_shares_and_a_cluster_give_the_rows_of_one_run(few: list[str], tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the optional extra 'ray' is not installed")
    runs.run(tmp_path / "one", *few)
    wanted = runs.digest(tmp_path / "one")
    hold(elsewhere.shares(tmp_path, few, wanted, "a few clips"))
    hold(elsewhere.ray(tmp_path, few, wanted, "a few clips"))
