"""``semo-annotate check`` on tables made for it."""

import csv
import tracemalloc

import pytest

from annotate.cli.annotate import main

MANIFEST = """
name: mine
title: Mine
reader: table
obtain: It is mine.
licence: {name: own, publish: audio}
labels:
  two: {happy: happiness, exc: happiness, sad: sadness, other: null, "x*": null}
splits:
  speaker: {rule: group, by: speaker, folds: each}
  given: {rule: given, names: {a: train, b: validation, c: test}}
expected:
  rows: 7
  speakers: 3
  emotions: {happy: 2, exc: 1, sad: 1}
  genders: {female: 4, male: 3}
  labels: {two: {happiness: 3, sadness: 1}}
  splits: {a: 3, b: 2, c: 2}
"""
ROWS = [
    ("a1", "happy", "s1", "F", "a"), ("a2", "exc", "s1", "F", "a"), ("a3", "sad", "s1", "F", "a"),
    ("b1", "happy", "s2", "M", "b"), ("b2", "other", "s2", "M", "b"),
    ("c1", "xyz", "s3", "F", "c"), ("c2", "Angray", "s3", "M", "c"),
]  # fmt: skip


@pytest.fixture
def corpus(tmp_path, put, wav):
    root = tmp_path / "mine"
    put(root / "metadata.csv", "path,emotion,speaker,sex,split\n" + "".join(
        f"{name}.wav,{','.join(rest)}\n" for name, *rest in ROWS))  # fmt: skip
    for name, *_ in ROWS:
        wav(root / f"{name}.wav")
    return root, put(tmp_path / "mine.yaml", MANIFEST)


def test_counts_and_reasons(corpus, check_manifest):
    root, manifest = corpus
    found = check_manifest(manifest, root, labels="two", split="given")
    assert found.differences() == []
    assert found.counts["emotion"] == {"happiness": 3, "sadness": 1}
    assert found.counts["split"] == {"train": 3, "validation": 1}
    assert found.aside == {
        "label 'other' is left out by the label set 'two'": 1,
        "label 'xyz' is left out by the label set 'two'": 1,
        "unknown label 'Angray' (label set 'two')": 1,
    }
    assert found.shown["unknown label 'Angray' (label set 'two')"] == ["c2"]
    assert found.conflicts == ("s3",)


def test_files_that_are_missing_or_no_audio(corpus, check_manifest, put):
    root, manifest = corpus
    (root / "a1.wav").unlink()
    put(root / "a2.wav", "this is a text of more than a few letters")
    put(root / "a3.wav", "")
    found = check_manifest(manifest, root, labels="two", split="given")
    assert found.aside["missing: there is no such file"] == 1
    assert found.aside["unreadable: not audio that can be decoded"] == 1
    assert found.aside["empty: the file has no bytes"] == 1
    assert "all counts are as expected, but 6 rows are left out" in found.text()


@pytest.mark.parametrize("split", ["speaker", "given", "random"])
def test_the_split_is_the_one_that_a_run_makes(corpus, check_manifest, split, tmp_path):
    from annotate.pipeline import Pipeline
    from annotate.recipe_sections import CorpusSettings
    from annotate.settings import Recipe

    root, manifest = corpus
    put_right = (root / "metadata.csv").read_text().replace("Angray", "sad").replace("xyz", "happy")
    (root / "metadata.csv").write_text(put_right)
    found = check_manifest(manifest, root, labels="two", split=split)
    chosen = CorpusSettings(manifest=str(manifest), root=root, labels="two", split=split)
    summary = Pipeline(Recipe(name="x", corpus=chosen, output=tmp_path / "out")).run().summary
    assert dict(found.counts["split"]) == summary["splits"]
    assert sum(found.aside.values()) == summary["rows"]["dropped"]


def test_too_few_speakers_are_told_and_the_command_fails(corpus, tmp_path, put, capsys):
    root, manifest = corpus
    put(root / "metadata.csv", "path,emotion,speaker\na1.wav,happy,s1\n")
    recipe = put(
        tmp_path / "r.yaml", f"name: r\ncorpus: {{manifest: {manifest}, root: {root}, labels: two}}\noutput: out\n"
    )
    assert main(["check", str(recipe)]) == 1
    assert "needs at least 3 speakers" in capsys.readouterr().out


def test_what_is_kept_does_not_grow_with_the_rows(tmp_path, wav, check):
    """Ten times the rows, a little more memory: the marks of the ids, and nothing else of a row."""
    wav(tmp_path / "small/a.wav")
    wav(tmp_path / "large/a.wav")
    peaks = []
    for name, count in (("small", 500), ("large", 4000)):
        with open(tmp_path / name / "metadata.csv", "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(("id", "path", "emotion", "speaker", "text"))
            out.writerows((f"{n:06d}", "a.wav", "happy", f"s{n % 9}", "some words " * 20) for n in range(count))
        check("table", tmp_path / name)  # what is loaded on first use is not counted
        tracemalloc.start()
        assert check("table", tmp_path / name).rows == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 3500 < 200  # bytes a row
