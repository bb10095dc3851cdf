"""The harness of the mutation tests fails where it should: each kind of fault, planted, is found."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutants
import pytest

from annotate.errors import SemoError


def hold(tmp_path: Path, read: Callable[[Path], Any], **further: Any) -> mutants.Outcome:
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"a": [1, 2, {"b": "text"}], "c": 0.5}))
    return mutants.hold("planted", 40, mutants.json_of(source), read, tmp_path / "mutant.json", **further)


def refuse(path: Path) -> None:
    raise SemoError("no file of ours")


def test_a_reader_that_refuses_has_no_fault(tmp_path: Path) -> None:
    outcome = hold(tmp_path, refuse)
    assert (outcome.read, outcome.refused) == (0, 40)
    outcome.require_none()


@pytest.mark.parametrize("line", ["", "unexpected: KeyError: 'a'"])
def test_a_line_that_says_nothing_is_a_fault(tmp_path: Path, line: str) -> None:
    def read(path: Path) -> None:
        raise SemoError(line)

    with pytest.raises(AssertionError, match="40 faults in 40"):
        hold(tmp_path, read).require_none()


def test_another_exception_is_a_fault_with_the_mutant_that_made_it(tmp_path: Path) -> None:
    outcome = hold(tmp_path, lambda path: json.loads(path.read_bytes())["c"] + 1)
    assert outcome.faults
    with pytest.raises(AssertionError, match="faults in") as failed:
        outcome.require_none()
    fault = outcome.faults[0]
    assert f"planted {fault.number} ({fault.mutation})" in str(failed.value)
    again = mutants.json_of(tmp_path / "source.json")(random.Random(f"planted {fault.number}"))
    assert again[1] == fault.mutation


def test_a_reader_that_hangs_is_a_fault_though_it_swallows_exceptions(tmp_path: Path) -> None:
    def read(path: Path) -> None:
        while True:
            try:
                time.sleep(60)
            except Exception:
                continue

    source = tmp_path / "source.json"
    source.write_text("{}")
    mutate = mutants.json_of(source)
    outcome = mutants.hold("hang", 2, mutate, read, tmp_path / "mutant", longest_s=0.05)
    assert [fault.what for fault in outcome.faults] == ["took longer than 0.05 s"] * 2


def test_a_value_that_differs_in_silence_is_a_fault(tmp_path: Path) -> None:
    outcome = hold(tmp_path, lambda path: 1, differs=lambda value: None if value == 2 else f"{value}, expected 2")
    assert len(outcome.faults) == 40
    assert outcome.faults[0].what == "1, expected 2"
