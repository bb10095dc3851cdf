"""The command line: exit codes, one line an error, what a person reads."""

from __future__ import annotations

import re
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
        (["run", "ravdess", "corpus.root=x", "replies.template=papper.jinja2"], 2, "did you mean 'replies/paper'"),
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
    assert "left out: 20 x unknown label 'angry'" in capsys.readouterr().out


def test_run_tells_a_summary_and_three_captions(capsys: pytest.CaptureFixture[str], tiny: Path, tmp_path: Path) -> None:
    arguments = ["run", "ravdess", f"corpus.root={tiny}", "--output", str(tmp_path / "out"), "--workers", "1"]
    assert main([*arguments, "features.voice=none"]) == 0
    printed = capsys.readouterr().out
    assert "60 rows found, 60 kept, 0 left out" in printed
    assert printed.count("; pitch ") == 3
    assert "report.html" in printed
    # first whether it looks right, seconds last
    order = [
        "60 rows found", "words (share of clips), and the thresholds (edges) between them",
        "which words go with which emotion", "; pitch ", "seconds: ",
    ]  # fmt: skip
    assert [printed.index(text) for text in order] == sorted(printed.index(text) for text in order)
    assert re.search(
        r"^  pitch +low \d+ %, normal \d+ %, high \d+ %; edges of pitch_median_hz: ", printed, re.MULTILINE
    )
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


def names_in_lists(capsys: pytest.CaptureFixture[str]) -> list[str]:
    main(["list"])
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]


def test_whatever_list_prints_can_be_described(capsys: pytest.CaptureFixture[str]) -> None:
    for name in names_in_lists(capsys):
        assert main(["describe", name]) == 0, name
        assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("captions.style", "(description or explanation, default explanation)\n  An explanation says why"),
        ("captions.timeout_s", "(number, above 0, default 60.0)\n  Seconds within which a server"),
        ("captions", "keys: captions.template, captions.writer"),
        ("corpus.root", "must be given"),
        ("stages.stage3.content", "Content of the texts, for example E+G+P"),
        ("common", "happiness: happy"),
        ("eight-class", "label set: eight-class of ravdess"),
        ("tertile", "a value of descriptors.method"),
        ("corpora", "  ravdess"),
        ("verify", "--fail-on"),
        ("none", "keeps the template's captions"),
        ("recipes/ravdess.yaml", "corpus: {manifest: ravdess"),
        ("intonation", "monotone"),
    ],
)
def test_settings_label_sets_values_and_commands_too(capsys: pytest.CaptureFixture[str], name: str, said: str) -> None:
    assert main(["describe", name]) == 0
    assert said in capsys.readouterr().out


def test_every_setting_says_what_it_is() -> None:
    """In the text below its key, from which ``describe`` and docs/settings.md take it."""
    from annotate.api.reference import _section, _texts_below_keys
    from annotate.settings import Recipe

    sections, seen = [Recipe], 0
    while sections:
        section = sections.pop()
        texts = _texts_below_keys(section)
        for key, field in section.model_fields.items():
            below = _section(field)
            assert below is not None or texts.get(key), f"{section.__name__}.{key}"
            sections += [below] if below is not None else []
            seen += 1
    assert seen > 50


def test_a_setting_misspelt_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "captoins.style"]) == 2
    assert "did you mean 'captions.style'" in told(capsys)


def test_copy_takes_the_recipe_and_names_the_other(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["copy", "ravdess", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "corpus: {manifest: ravdess" in (tmp_path / "ravdess.yaml").read_text()
    assert "semo-annotate copy data_manifests/ravdess" in printed.err


@pytest.mark.parametrize(
    ("name", "there", "said"),
    [
        ("kitchen.yml", [], "there is no such file"),
        ("kitchen.yml", ["kitchen.yaml"], "the folder has a similar file, 'kitchen.yaml'"),
        ("kitchen.yaml", ["kitchne.yaml"], "the folder has a similar file, 'kitchne.yaml'"),
        ("recipes/kitchen.yaml", [], "its folder does not exist either"),
        ("ravdes.yaml", [], "did you mean 'ravdess', which is shipped"),
        ("./mine", [], "there is no such file"),
    ],
)
def test_a_recipe_file_that_is_not_there(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    there: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for one in there:
        Path(one).touch()
    assert main(["run", name, "corpus.root=x"]) == 2
    error = told(capsys)
    assert said in error
    assert len(error.splitlines()) == 1
