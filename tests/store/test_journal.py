"""The journal of answers: whole lines only, the first answer counts, failures are never kept."""

from __future__ import annotations

import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from annotate.errors import SemoError
from annotate.store.journal import Journal


def test_what_was_put_is_there_for_the_next_run(tmp_path: Path) -> None:
    first = Journal(tmp_path / "below" / "j.jsonl")
    first.put("k", "text\nin two lines «ü»", id="a", attempt=1)
    first.put("k", "another")
    assert Journal(first.path).get("k") == "text\nin two lines «ü»"
    assert [json.loads(line)["id"] for line in first.path.read_text("utf-8").splitlines()] == ["a"]


@pytest.mark.parametrize(
    "torn", [b'{"key": "b", "te', b'{"key": "b"', b"\xff\xfe", b"[]\n", b"null\n", b'{"text": "x"}\n']
)
def test_a_torn_line_is_no_answer_and_spoils_no_other(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"key": "a", "text": "1"}\n' + torn)
    journal = Journal(path)
    assert (journal.get("a"), journal.get("b")) == ("1", None)
    journal.put("b", "2")
    journal.put("c", "3")
    again = Journal(path)
    assert [again.get(key) for key in "abc"] == ["1", "2", "3"]


def test_threads_may_share_it_and_processes_may_be_given_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: journal.put(str(number), f"text {number}"), range(100)))
    sent = pickle.loads(pickle.dumps(journal))
    assert len(sent) == 100
    assert all(sent.get(str(number)) == f"text {number}" for number in range(100))


def test_another_process_appends_to_a_file_of_its_own_and_all_are_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.put("a", "mine")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        list(processes.map(_put, [journal] * 4, "abcd"))
    assert len(list(tmp_path.iterdir())) >= 2
    assert [Journal(journal.path).get(key) for key in "abcd"] == ["mine", "theirs b", "theirs c", "theirs d"]
    assert journal.path.read_text("utf-8").count("\n") == 1


def _put(journal: Journal, key: str) -> None:
    journal.put(key, f"theirs {key}")


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SemoError) as told:
        Journal(tmp_path / "file" / "j.jsonl").put("k", "x")
    assert "\n" not in str(told.value)


def test_every_part_of_a_question_changes_its_key() -> None:
    parts = ["w", "m", "s", [("user", "x")], None, 1]
    keys = {Journal.key(*[*parts[:place], "other", *parts[place + 1 :]]) for place in range(len(parts))}
    assert len(keys | {Journal.key(*parts)}) == 7


def test_a_damaged_line_is_no_answer(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.put("a", "a loud voice", attempt=1)
    journal.put("b", "a quiet voice")
    journal.path.write_text(journal.path.read_text().replace("loud", "lout"))
    again = Journal(journal.path)
    assert (again.get("a"), again.get("b")) == (None, "a quiet voice")
