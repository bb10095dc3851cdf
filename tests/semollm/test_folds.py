"""Folds by speaker, their own scale, and a sweep that trains nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from annotate.cli import eval as eval_cli  # noqa: E402
from annotate.cli import train as train_cli  # noqa: E402
from annotate.errors import SemoError, UsageError  # noqa: E402
from annotate.semollm.data import folds  # noqa: E402
from annotate.semollm.data.corpus import Corpus  # noqa: E402
from annotate.semollm.training import sweep  # noqa: E402
from semollm.conftest import error_text, line  # noqa: E402


@pytest.fixture(scope="session")
def corpus(house: Path) -> Corpus:
    return Corpus(str(house / "set"))


def test_speakers_are_cut_in_the_order_of_their_names_and_each_is_tested_once(corpus: Corpus) -> None:
    cut = folds.by_speaker(corpus, 2)
    assert [one.tested for one in cut] == [("01", "02"), ("03", "04", "05")]
    assert [folds.asked(text) for text in ("speaker", "speaker:16")] == [4, 16]
    for text in ("speakers", "speaker:1", "clip"):
        with pytest.raises(UsageError, match="expected speaker, or speaker:N"):
            folds.asked(text)
    with pytest.raises(SemoError, match="5 speakers cannot be divided into 6 folds"):
        folds.by_speaker(corpus, 6)


def test_sixteen_actors_are_the_four_folds_of_the_table(corpus: Corpus) -> None:
    made = Corpus.__new__(Corpus)
    clip = corpus.clips[0]
    made.clips = [type(clip)(**{**clip.__dict__, "speaker": f"{at:02d}"}) for at in range(1, 17)]
    tested = [one.tested for one in folds.by_speaker(made, 4)]
    assert tested == [tuple(f"{at:02d}" for at in range(start, start + 4)) for start in (1, 5, 9, 13)]


def test_the_tested_speakers_decide_no_word(corpus: Corpus) -> None:
    fold = folds.by_speaker(corpus, 2)[0]
    made = folds.taken(corpus, fold, "paper")
    assert {clip.speaker for clip in made.split("test")} == set(fold.tested)
    assert not made.split("validation")
    loud: Any = Corpus.__new__(Corpus)
    loud.__dict__.update(corpus.__dict__)
    loud.clips = [
        type(clip)(**{**clip.__dict__, "row": {**clip.row, "loudness_lufs": 0.0}}) if clip.speaker in fold.tested
        else clip for clip in corpus.clips
    ]  # fmt: skip
    again = folds.taken(loud, fold, "paper")
    assert again.scale == made.scale
    trained = [(one.row["volume"], one.row["reply_e_v"]) for one in made.split("train")]
    assert trained == [(one.row["volume"], one.row["reply_e_v"]) for one in again.split("train")]
    assert {one.row["volume"] for one in again.split("test")} == {"loud"}
    edges = (
        made.scale["descriptors"]["volume"]["groups"]["male"]["edges"]
        or (made.scale["descriptors"]["volume"]["groups"]["corpus"]["edges"])
    )
    train = [one.row for one in made.split("train")]
    group = "male" if made.scale["descriptors"]["volume"]["groups"]["male"]["edges"] else None
    values = [row["loudness_lufs"] for row in train if group is None or row["gender"] == group]
    np.testing.assert_allclose(edges, np.quantile(values, [1 / 3, 2 / 3]), rtol=1e-6)


def test_contents_of_a_sweep(corpus: Corpus) -> None:
    assert sweep.contents("E,E+V", corpus) == ["E", "E+V"]
    assert not [one for one in sweep.contents("contents", corpus) if "T" in one]  # two sentences, as in the paper
    with pytest.raises(UsageError, match=r"content 'E\+X' is unknown"):
        sweep.contents("E+X", corpus)


def test_a_sweep_trains_what_is_lacking_and_its_table_has_every_content(
    house: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "out"
    few = [f"stages.stage{stage}.{key}" for stage in (1, 2, 3) for key in ("steps=2", "evaluate_every=9")]
    call = line(house, output, *few, "--sweep", "E,E+V", "--folds", "speaker:2", "--quiet")
    assert train_cli.main(call) == 0
    said = capsys.readouterr().err
    assert len([row for row in said.splitlines() if "clips:" in row]) == 4
    rows = [json.loads(row) for row in (output / "fold1" / "E+V" / "test.jsonl").read_text().splitlines()]
    assert {row["speaker"] for row in rows} == {"01", "02"}
    assert all(row["wanted"].endswith(f"with {row['volume']} volume.") for row in rows)
    (output / "fold2" / "E" / "finished.json").unlink()  # as if it had been killed there
    assert train_cli.main(call) == 0
    said = capsys.readouterr().err
    assert next(row for row in said.splitlines() if ", fold" in row and "clips:" in row).startswith("E, fold 2 of 2")
    assert len([row for row in said.splitlines() if "clips:" in row]) == 1

    arguments = [str(output), str(house / "set" / "manifest.yaml"), "--quiet"]
    assert eval_cli.main([*arguments, "--table", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    ours = [row for row in found["rows"] if row["who"] == "ours"]
    assert [row["content"] for row in ours] == ["E", "E+V"]
    assert ours[0]["clips"] == len(Corpus(str(house / "set")).clips)
    who = [row["who"] for row in found["rows"]]
    assert who.count("ours, enrolled") == 2
    alone = [name for name in who if name.startswith("read-out alone")]
    assert alone == ["read-out alone", *(f"read-out alone, {count} other clips" for count in (5, 10, 20, "all"))]
    assert any(note.startswith("ECE over the clips of all folds together: E ") for note in found["notes"])
    assert "V" in ours[1]["values"]
    assert "V" not in ours[0]["values"]
    assert any(row["who"] == "majority" and row["values"]["UA"] == pytest.approx(100 / 3) for row in found["rows"])
    paper = [row for row in found["rows"] if row["who"] == "paper" and row["content"] == "E+V"]
    assert [row["values"]["UA"] for row in paper] == [64.16, 63.67]
    assert {"figures.json", "confusion-e.png"} <= {path.name for path in (output / "eval").iterdir()}

    assert eval_cli.main([str(output / "fold1" / "E"), *arguments[1:], "--split", "all", "--table", "md"]) == 0
    assert "| ours | E |" in capsys.readouterr().out


def test_mistakes_of_a_sweep_are_one_line(house: Path, tmp_path: Path, capsys: Any) -> None:
    for further, said in (
        (["--folds", "speaker"], "expected --sweep beside it"),
        (["--sweep", "E", "--folds", "clip"], "expected speaker, or speaker:N"),
        (["--sweep", "E", "--stages", "1,2"], "expected stage 3"),
        (["--sweep", "E", "--init", "43.pth"], "a sweep trains every fold from the beginning"),
    ):
        assert train_cli.main(line(house, tmp_path / "out", *further, "--quiet")) == 2
        assert said in error_text(capsys)
