"""Field case 13: a run killed in the middle of a file is done again, to the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import clip

# what holds a time of day or a duration is not the same bytes in two runs; everything else is
TIMED = {"summary.json", "report.html"}


def contents(folder: Path) -> dict[str, bytes]:
    named = [path for path in folder.iterdir() if path.is_file() and path.name not in TIMED]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in [*named, *(folder / "data").iterdir()]}


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def half_and_unmarked(path: Path) -> None:
    half(path)
    path.with_suffix(".done").unlink(missing_ok=True)


def half_under_its_temporary_name(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}.4711.tmp"))
    path.with_suffix(".done").unlink(missing_ok=True)


@pytest.mark.parametrize("harm", [half, half_and_unmarked, half_under_its_temporary_name])
@pytest.mark.parametrize(
    "part", ["corpus", "select", "pitch", "speakers", "words", "own", "replies", "captions", "data"]
)
def test_case_13_killed_in_the_middle_of_a_file(
    finished: Path, tmp_path: Path, run: Callable[..., Any], harm: Callable[[Path], None], part: str
) -> None:
    output = tmp_path / "out"
    shutil.copytree(finished / "out", output)
    # the files of a part that were being written, and all that would have come after it
    harm(sorted((output / (part if part == "data" else f"work/{part}")).glob("*.parquet"))[0])
    (output / "work" / "products.done").unlink()
    (output / "manifest.yaml").unlink()
    run("table", finished / "corpus", "run.shard_rows=4", output=output)
    wanted = contents(finished / "out")
    assert {"manifest.yaml", "scale.json", "README.md", "recipe.yaml"} <= set(wanted)
    found = contents(output)
    found["recipe.yaml"] = found["recipe.yaml"].replace(str(output).encode(), str(finished / "out").encode())
    assert found == wanted
    assert not list(output.rglob("*.tmp"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus and its unbroken run."""
    import csv

    import soundfile

    from annotate import settings
    from annotate.pipeline import Pipeline

    home = tmp_path_factory.mktemp("unbroken")
    (home / "corpus").mkdir()
    with open(home / "corpus" / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "emotion", "gender", "speaker"])
        for k in range(12):
            soundfile.write(home / "corpus" / f"c{k}.wav", clip(k), 16000)
            writer.writerow([f"c{k}.wav", "ab"[k % 2], "f", "x"])
    lines = [
        f"corpus.root={home / 'corpus'}", "corpus.split=random", "descriptors.smallest_group=3", "features.voice=none",
        "run.shard_rows=4",
    ]  # fmt: skip
    Pipeline(settings.load("table", lines, home / "out")).run()
    return home
