"""``annotate.run`` and ``Output``: the whole recipe in one call, and what it leaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import annotate


def test_an_output_is_read_by_its_names(output: annotate.Output) -> None:
    frame = output.frame("train", ["id", "emotion", "caption"])
    assert set(frame["emotion"]) <= {"neutral", "sadness", "anger"}
    assert len(output.frame()) == output.summary["rows"]["kept"]
    assert output.report.is_file()
    assert output.computed
    assert output.evidence["emotions"]


def test_the_data_set_loads(output: annotate.Output) -> None:
    data = output.dataset()
    assert {split: len(rows) for split, rows in data.items()} == output.summary["splits"]


@pytest.mark.parametrize("name", ["a b", "a#b", "a[1]", "a*", "a?", "a{1,2}", "a%20b", "[a*?] #{x}"])
def test_the_data_set_loads_whatever_its_folder_is_called(output: annotate.Output, tmp_path: Path, name: str) -> None:
    for folder in (name, "ab", "aab"):  # neighbours that a pattern would match
        shutil.copytree(output.folder, tmp_path / folder, ignore=shutil.ignore_patterns("work"))
    data = annotate.Output(tmp_path / name).dataset()
    assert {split: len(rows) for split, rows in data.items()} == output.summary["splits"]
    assert data["train"].features == output.dataset()["train"].features
    assert data["train"][0]["audio"]["sampling_rate"] == 16000


def test_a_folder_that_datasets_cannot_open_is_said(output: annotate.Output, tmp_path: Path) -> None:
    shutil.copytree(output.folder, tmp_path / "a::b", ignore=shutil.ignore_patterns("work"))
    with pytest.raises(annotate.SemoError, match="cannot open a path with '::'"):
        annotate.Output(tmp_path / "a::b").dataset()


def test_a_second_call_does_nothing_and_an_output_opens_again(output: annotate.Output, corpus: Path) -> None:
    again = annotate.run(
        "ravdess", output=output.folder, workers=1, progress=False,
        corpus={"root": corpus}, descriptors={"smallest_group": 2},
    )  # fmt: skip
    assert again.computed == {}
    assert annotate.Output(output.folder).summary == output.summary


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"recipe": "ravdes"}, "did you mean 'ravdess'"),
        ({"recipe": "ravdess"}, "corpus.root must be given"),
        ({"recipe": "ravdess", "corpus": {"root": "x", "rot": "x"}}, "did you mean 'root'"),
        ({"recipe": "ravdess", "corpsu": {}}, "did you mean 'corpus'"),
        ({"recipe": "ravdess", "corpus": {"root": object()}}, "expected text"),
        ({"recipe": "ravdess", "engine": "rey"}, "did you mean 'ray'"),
        ({"recipe": "ravdess", "corpus": {"root": "absent"}, "workers": 0}, "at least 1"),
        ({"recipe": "ravdess", "corpus": {"root": "absent"}, "output": "out"}, "absent"),
    ],
)
def test_a_wrong_argument_is_one_clear_line(arguments: dict[str, Any], expected: str, tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(annotate.SemoError, match=expected) as raised:
        annotate.run(arguments.pop("recipe"), progress=False, **arguments)
    assert "\n" not in str(raised.value)


def test_an_unknown_split_or_column_names_the_nearest(output: annotate.Output, tmp_path: Path) -> None:
    with pytest.raises(annotate.SemoError, match="did you mean 'train'"):
        output.frame("trian")
    with pytest.raises(annotate.SemoError, match="did you mean 'caption'"):
        output.frame("train", ["captoin"])
    with pytest.raises(annotate.SemoError, match="not a finished output"):
        annotate.Output(tmp_path)


# what measures, writes, judges, packs and draws, and the libraries that only these need
WORKING = (
    "scipy.signal", "pandas", "pyloudnorm", "matplotlib", "parselmouth", "soundfile", "langcodes", "jinja2", "sklearn",
    "annotate.audio.decode", "annotate.captions.reading.lexicon", "annotate.captions.grammar",
    "annotate.captions.sandbox", "annotate.dataset.build", "annotate.dataset.card", "annotate.report.page",
    "annotate.engine.worker_pool", "annotate.engine.ray", "annotate.summary", "annotate.dry_run",
)  # fmt: skip


def test_a_finished_run_says_so_without_what_only_its_work_needs(output: annotate.Output, corpus: Path) -> None:
    code = f"""
import sys
from annotate.cli.annotate import main
line = ["run", "ravdess", "corpus.root={corpus}", "--output", {str(output.folder)!r}, "descriptors.smallest_group=2"]
assert main(line) == 0
print("LOADED", [name for name in {WORKING!r} if name in sys.modules])
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "nothing to do" in shown
    assert shown.rstrip().endswith("LOADED []")


def test_importing_loads_nothing_heavy() -> None:
    heavy = [
        "numpy",
        "pandas",
        "pyarrow",
        "torch",
        "parselmouth",
        "soundfile",
        "datasets",
        "scipy",
        "jinja2",
        "pydantic",
    ]
    code = f"import annotate, sys; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_is_there_and_documented() -> None:
    for name in annotate.__all__:
        assert name in dir(annotate)
        assert name == "Audio" or getattr(annotate, name).__doc__
    with pytest.raises(AttributeError, match="measur"):
        annotate.measur  # noqa: B018
