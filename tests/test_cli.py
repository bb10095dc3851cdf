"""The command line: exit codes, one line an error, what a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.cli.annotate import main


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "ravdess"], 2, "corpus.root must be given"),
        (["run", "ravdess", "corpus.root=no/such/folder"], 1, "there is no such folder"),
        (["run", "ravdess", "corpus.root=x", "features.pitch=pratt"], 2, "did you mean 'praat'"),
        (["run", "ravdess", "corpus.root=x", "descriptor.by=gender"], 2, "did you mean 'descriptors'"),
        (["run", "ravdess", "corpus.root=x", "corpus.labels=eight"], 2, "did you mean 'eight-class'"),
        (["run", "ravdess", "corpus.root=x", "corpus.split=speakers"], 2, "did you mean 'speaker'"),
        (["run", "ravdess", "corpus.root=x", "replies.template=papper"], 2, "did you mean 'replies/paper'"),
        (["run", "ravdess", "corpus.root=x", "--wrokers", "2"], 2, "--workers"),
        (["describe", "pitch_median"], 2, "did you mean 'pitch_median_hz'"),
        (["copy", "ravdes"], 2, "did you mean"),
        (["list", "corpus"], 2, "did you mean 'corpora'"),
        (["rn"], 2, "No such command"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str) -> None:
    assert main(arguments) == code
    error = told(capsys)
    assert said in error
    assert len(error.splitlines()) == 1
    assert "Traceback" not in error


def test_an_empty_root_says_what_was_looked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["run", "ravdess", f"corpus.root={tmp_path}", "--output", str(tmp_path / "out")]) == 1
    assert "Actor_NN/03-01" in told(capsys)


def test_check_counts_and_compares(capsys: pytest.CaptureFixture[str], tiny: Path) -> None:
    assert main(["check", "ravdess", f"corpus.root={tiny}"]) == 0
    found = capsys.readouterr().out
    assert "rows: 60" in found
    assert "differs: rows: 60 found, 1440 expected" in found
    assert "gender: female 24, male 36" in found


def test_check_says_which_labels_are_unknown(capsys: pytest.CaptureFixture[str], tiny: Path, tmp_path: Path) -> None:
    assert main(["copy", "data_manifests/ravdess", str(tmp_path)]) == 0
    manifest = tmp_path / "ravdess.yaml"
    manifest.write_text(manifest.read_text().replace("    angry: anger\n", "", 1))
    main(["check", "ravdess", f"corpus.root={tiny}", f"corpus.manifest={manifest}", "corpus.labels=eight-class"])
    assert "put aside: 20 x unknown label 'angry'" in capsys.readouterr().out


def test_run_tells_a_summary_and_three_captions(capsys: pytest.CaptureFixture[str], tiny: Path, tmp_path: Path) -> None:
    arguments = ["run", "ravdess", f"corpus.root={tiny}", "--output", str(tmp_path / "out"), "--workers", "1"]
    assert main([*arguments, "features.voice=none"]) == 0
    printed = capsys.readouterr().out
    assert "60 rows found, 60 kept, 0 put aside" in printed
    assert printed.count("; pitch ") == 3
    assert "report.html" in printed
    assert main([*arguments, "features.voice=none"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_list_and_describe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert "ravdess" in listed
    assert "pitch: praat" in listed
    for name, said in (("ravdess", "CC BY-NC-SA"), ("pitch_sd_st", "semitones"), ("pitch: praat", "Boersma")):
        assert main(["describe", name]) == 0
        assert said in capsys.readouterr().out
