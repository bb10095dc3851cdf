from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import SemoError
from annotate.store import files, fingerprint
from annotate.store.shards import LARGEST, Store, cut

VALUES = st.lists(st.one_of(st.none(), st.floats(width=32, allow_nan=False)), max_size=30)


@given(VALUES, st.integers(0, 30))
def test_a_digest_depends_on_values_not_on_chunks(values: list[float | None], cut: int) -> None:
    whole = pa.chunked_array([pa.array(values, pa.float32())])
    parts = pa.chunked_array([pa.array(values[:cut], pa.float32()), pa.array(values[cut:], pa.float32())])
    assert fingerprint.of_column(whole) == fingerprint.of_column(parts)


@given(VALUES, VALUES)
def test_other_values_have_another_digest(one: list[float | None], other: list[float | None]) -> None:
    def digest(values: list[float | None]) -> str:
        return fingerprint.of_column(pa.chunked_array([pa.array(values, pa.float32())]))

    same = [None if v is None else v + 0.0 for v in one] == [None if v is None else v + 0.0 for v in other]
    assert same or digest(one) != digest(other)


def test_a_null_is_not_a_zero() -> None:
    assert fingerprint.of_column(pa.chunked_array([[0.0]])) != fingerprint.of_column(
        pa.chunked_array([pa.array([None], pa.float64())])
    )


def test_fingerprints_ignore_the_order_of_keys() -> None:
    assert fingerprint.of({"a": 1, "b": [1, 2]}) == fingerprint.of({"b": [1, 2], "a": 1})
    assert fingerprint.of({"a": 1}) != fingerprint.of({"a": 2})


def test_a_shard_comes_back_with_its_mark(tmp_path: Path) -> None:
    store = Store(tmp_path)
    table = pa.table({"x": [1, None, 3], "y": ["a", "b", None]})
    written = store.write("part", 0, table, {"version": "1"}, 0.5)
    assert store.mark("part", 0) == written
    assert store.read(0, ["y", "x"], {"x": "part", "y": "part"}).to_pydict() == {
        "y": ["a", "b", None],
        "x": [1, None, 3],
    }


@pytest.mark.parametrize("harm", ["truncate", "unmark", "garble"])
def test_a_file_without_a_true_mark_is_not_believed(tmp_path: Path, harm: str) -> None:
    store = Store(tmp_path)
    store.write("part", 0, pa.table({"x": list(range(1000))}), {}, 0.0)
    path = store.file("part", 0)
    if harm == "truncate":
        path.write_bytes(path.read_bytes()[:-10])
    elif harm == "unmark":
        path.with_suffix(".done").unlink()
    else:
        path.with_suffix(".done").write_text("{")
    assert store.mark("part", 0) is None


def test_a_write_that_fails_leaves_the_old_file_and_no_half_one(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    files.write_text(path, "old")

    def fail(temporary: Path) -> None:
        temporary.write_text("ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(SemoError, match="the disk is full"):
        files.write(path, fail)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["file.txt"]


@given(st.integers(0, 3_000_000), st.integers(1, 500))
def test_shards_grow_and_none_is_so_large_that_one_worker_ends_last(rows: int, first: int) -> None:
    sizes = cut(rows, first)
    assert sum(sizes) == rows
    assert set(sizes[:32][:-1]) <= {first}
    before = 0
    for shard, size in enumerate(sizes):
        assert 0 < size <= LARGEST * first
        assert shard < 32 or size <= before / 16
        before += size


def test_a_million_rows_are_a_few_hundred_shards_and_more_rows_do_not_cut_the_first_ones_anew() -> None:
    assert len(cut(1_000_000, 128)) < 400
    assert cut(1_000_000, 128)[:200] == cut(2_000_000, 128)[:200]


def test_what_is_kept_is_made_once_for_a_fingerprint(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"times": len(made)}

    path = tmp_path / "kept.json"
    assert files.kept(path, "a", make, write=False) == {"times": 1}
    assert not path.exists()
    assert files.kept(path, "a", make) == files.kept(path, "a", make) == {"times": 2}
    assert files.kept(path, "b", make) == {"times": 3}
    path.write_text("{")
    assert files.kept(path, "b", make) == {"times": 4}


@pytest.mark.parametrize("digest", ["file", "columns"])
def test_a_flipped_bit_is_never_read(tmp_path: Path, digest: str) -> None:
    store = Store(tmp_path)
    values = {"x": list(range(200)), "y": [f"text {number}" for number in range(200)], "z": [0.5] * 200}
    store.write("part", 0, pa.table(values), {}, 0.0)
    path = store.file("part", 0)
    if digest == "columns":  # as an older version has marked it
        mark = json.loads(path.with_suffix(".done").read_text())
        path.with_suffix(".done").write_text(json.dumps({**mark, "sha256": ""}))
    whole = path.read_bytes()
    chance = random.Random(5)
    read, refusals = 0, []
    for _ in range(300):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(spoilt))
        mark_holds = store.mark("part", 0) is not None
        try:
            table = store.read(0, ["x", "y", "z"], {"x": "part", "y": "part", "z": "part"})
        except SemoError as refused:
            refusals.append((str(refused), mark_holds))
        else:  # the digest of columns lets through what changes no value
            assert digest == "columns"
            assert table.to_pydict() == values
            read += 1
    assert read < 150
    assert all("damaged on disk" in line and not believed for line, believed in refusals)
    path.write_bytes(whole)
    assert store.mark("part", 0) is not None


def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path) -> None:
    """A process of its own may write so many bytes and no more: the last write is short, as on a full disk."""
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from annotate.errors import SemoError\n"
        "from annotate.store import files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "done = 0\n"
        "try:\n"
        "    while True:\n"
        "        files.append(Path(sys.argv[1]), f'line {done:03} ' + 'x' * 40)\n"
        "        done += 1\n"
        "except SemoError as error:\n"
        "    print(done, error)\n"
    )
    path = tmp_path / "journal"
    said = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    acknowledged = int(said.split()[0])
    assert path.read_text().splitlines() == [f"line {number:03} " + "x" * 40 for number in range(acknowledged)]
    assert "cannot be written" in said


@pytest.mark.parametrize("most", [1, 7, 50])
def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: write(handle, bytes(content)[:most]))
    for number in range(5):
        files.append(tmp_path / "journal", f"line {number} " + "ü" * 40)
    assert (tmp_path / "journal").read_text("utf-8").splitlines() == [f"line {n} " + "ü" * 40 for n in range(5)]


def test_processes_that_append_at_once_tear_no_line(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom annotate.store import files\n"
        "write = os.write\nos.write = lambda handle, content: write(handle, bytes(content)[:5])\n"
        "for n in range(30):\n    files.append(Path(sys.argv[1]), sys.argv[2] * 30)\n"
    )
    path = tmp_path / "journal"
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "ab"]
    assert [one.wait() for one in both] == [0, 0]
    assert sorted(path.read_text().splitlines()) == ["a" * 30] * 30 + ["b" * 30] * 30


def test_what_is_kept_and_damaged_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    files.kept(path, "a", lambda: {"edge": 4.25})
    path.write_text(path.read_text().replace("4.25", "4.35"))
    assert files.kept(path, "a", lambda: {"edge": 4.25}) == {"edge": 4.25}
