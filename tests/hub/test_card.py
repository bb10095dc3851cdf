"""The card: what the Hub's client makes of its head, what it says of speakers, and that nothing in it runs."""

from __future__ import annotations

import json
import re
import types
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotate.dataset import card
from annotate.features import known_errors

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "[x](javascript:alert(3))",
    "a | b\n# c",
    "`x`",
]


@pytest.fixture
def facts(finished: Path) -> dict[str, Any]:
    return dict(json.loads((finished / card.FACTS).read_text()))


def test_the_head_is_what_the_client_reads(finished: Path) -> None:
    from huggingface_hub import DatasetCard

    read = DatasetCard.load(finished / "README.md")
    assert read.data.license == "cc-by-nc-sa-4.0"
    assert read.data.language == ["en"]
    assert read.data.size_categories == ["n<1K"]
    assert read.data.task_categories == ["audio-classification"]


def test_a_licence_without_a_name_on_the_hub(facts: dict[str, Any]) -> None:
    facts["corpus"]["licence"] |= {"name": "IEMOCAP licence (signed, for research)", "url": "https://x.org"}
    text = card.render(facts, "features", {}, published="features")
    assert "license: other\nlicense_name: iemocap-licence-signed-for-research\nlicense_link: https://x.org" in text
    assert "The recordings are not in it**, and neither is what was said" in text


@pytest.mark.parametrize(
    ("written", "head"),
    [
        ("Creative Commons Attribution-NonCommercial 4.0 International", "license: cc-by-nc-4.0\n"),
        ("MIT License", "license: mit\n"),
        ("cc-by-nc", "license: other\nlicense_name: cc-by-nc\n"),
        ("Ours: ask!", "license: other\nlicense_name: ours-ask\n"),
    ],
)
def test_a_licence_as_people_write_it(facts: dict[str, Any], written: str, head: str) -> None:
    facts["corpus"]["licence"] |= {"name": written, "url": None}
    text = card.render(facts, "features", {}, published="features")
    assert head in text
    assert text.count("license") == head.count("license")


@pytest.mark.parametrize(
    ("by_split", "shared", "unnamed", "said"),
    [
        ({"train": 3, "test": 1}, 0, 0, "no speaker is in two splits."),
        ({"train": 3, "test": 1}, 2, 0, "**not speaker-independent**, 2 speakers are in two splits"),
        ({"train": 3, "test": 1}, 0, 5, "but 5 clips name none, so it is **not known"),
        ({}, 0, 9, "no speaker is named, so it is **not known"),
    ],
)
def test_speakers_are_counted_not_guessed_from_the_rule(
    facts: dict[str, Any], by_split: dict[str, int], shared: int, unnamed: int, said: str
) -> None:
    facts["speakers"] = {"by_split": by_split, "shared": shared, "unnamed": unnamed}
    text = card.render(facts, "audio", {}, published=None)
    assert said in text
    assert ("a score at recognising speakers" in text) == (said != "no speaker is in two splits.")


def test_the_counts_of_speakers_are_those_of_the_rows(facts: dict[str, Any], finished: Path) -> None:
    import pyarrow.parquet as pq

    found: dict[str, set[str]] = {}
    for path in (finished / "data").iterdir():
        found.setdefault(path.name.split("-")[0], set()).update(pq.read_table(path)["speaker"].to_pylist())
    assert facts["speakers"]["by_split"] == {split: len(names) for split, names in found.items()}
    assert facts["speakers"]["shared"] == 0


def test_captions_are_told_by_writer(facts: dict[str, Any]) -> None:
    assert facts["captions"] == [{"writer": "template", "model": None, "tries": 0, "rows": 60}]
    facts["captions"].append({"writer": "llama", "model": "tiny", "tries": 2, "rows": 7})
    assert "| llama | tiny | 2 | 7 |" in card.render(facts, "audio", {}, published=None)


def test_known_errors_stand_beside_what_they_are_the_error_of(
    facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = types.SimpleNamespace(what="gross error, set X", reached="0.5 %", data="30 clips")
    monkeypatch.setattr(known_errors, "by_column", lambda features, sources: {"pitch_median_hz": (told,)})
    lines = card.render(facts, "audio", {}, published=None).splitlines()
    pitch = next(line for line in lines if line.startswith("| `pitch_median_hz` | median"))
    assert pitch.endswith("| `pitch: praat` | gross error, set X: 0.5 % (30 clips) |")
    assert next(line for line in lines if line.startswith("| `hnr_db`")).endswith("| not measured |")


def test_rates_are_counted_by_what_they_came_from(facts: dict[str, Any], finished: Path) -> None:
    import pyarrow.parquet as pq

    tables = [
        pq.read_table(path, columns=["rate_source", "rate_syllables_s"]) for path in (finished / "data").iterdir()
    ]
    held = [row for table in tables for row in table.to_pylist()]
    counted = Counter(row["rate_source"] for row in held if row["rate_source"])
    assert facts["rate_sources"] == dict(counted)
    assert all((row["rate_source"] is None) == (row["rate_syllables_s"] is None) for row in held)


def test_a_rate_is_of_what_the_rows_say_and_not_of_what_the_recipe_names(facts: dict[str, Any]) -> None:
    facts["rate_sources"] = {"signal": 60}
    lines = card.render(facts, "audio", {}, published=None).splitlines()
    line = next(line for line in lines if line.startswith("| `rate_syllables_s`"))
    assert "`rate: signal (60 rows)`" in line
    assert known_errors.by_column({"rate": "transcript"}, ["signal"]) == known_errors.by_column({"rate": "signal"})


def test_a_data_set_made_anew_is_not_loaded_as_it_was(tmp_path: Path, tiny: Path, variant: Any) -> None:
    """``datasets`` looks at the folder's name and the head of the card, not at the data."""
    from datasets import load_dataset

    from annotate import settings
    from annotate.pipeline import Pipeline

    held = []
    for place, style in (("a", "explanation"), ("b", "description")):
        overrides = [f"corpus.root={tiny}", f"captions.style={style}", "dataset.audio=none"]
        Pipeline(settings.load("ravdess", overrides, tmp_path / place / "same-name")).run()
        held.append(load_dataset(str(tmp_path / place / "same-name"), split="train")["caption"])
    assert held[0] != held[1]


def test_each_column_names_the_estimator_that_fills_it(finished: Path) -> None:
    card_text = (finished / "README.md").read_text()
    assert "| `snr_db` | level of the speech over that of the pauses, dB | `rate: transcript` |" in card_text
    said = "integrated loudness (ITU-R BS.1770-4, gate relative to the clip), LUFS"
    assert f"| `loudness_lufs` | {said} | `energy: lufs` |" in card_text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_corpora_say_is_inert(facts: dict[str, Any], hostile: str) -> None:
    facts["corpus"] |= {"title": hostile, "citation": hostile}
    facts["corpus"]["licence"] |= {"name": hostile, "note": hostile}
    facts["dropped"], facts["lost"] = [[hostile, 2]], 2
    facts["label_map"] = {hostile: hostile}
    facts["captions"] = [{"writer": hostile, "model": hostile, "tries": 0, "rows": 1}]
    group = next(iter(facts["scale"]["descriptors"]["pitch"]["groups"].values()))
    facts["scale"]["descriptors"]["pitch"]["groups"][hostile] = group
    body = card.render(facts, "audio", {}, published=None).split("\n---\n", 1)[1]
    plain = re.sub(r"\\.", "", body)
    assert not re.search(r"<(script|img)|\]\(javascript", plain)
    for line in plain.splitlines():
        if line.startswith("|"):
            assert line.count("|") in (3, 4, 5, 6, 7), line
    assert plain.count("\n# ") == body.count("\n# ") <= 1
