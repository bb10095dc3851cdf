"""The card: what the Hub's client makes of its head, what it says of speakers, and that nothing in it runs."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotate.corpora import licences
from annotate.dataset import card
from annotate.dataset import card_tables as tables
from annotate.dataset.build import Built
from annotate.features import headline_errors, known_errors
from annotate.store.schema import ROW

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
    assert "The recordings are not included**, and neither are the transcripts" in text


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
        ({"train": 3, "test": 1}, 0, 0, "No speaker is in two splits."),
        ({"train": 3, "test": 1}, 2, 0, "**Not speaker-independent**: 2 speakers are in two splits"),
        ({"train": 3, "test": 1}, 0, 5, "but 5 clips name none, so it is **not known"),
        ({}, 0, 9, "No speaker is named, so it is **not known"),
    ],
)
def test_speakers_are_counted_not_guessed_from_the_rule(
    facts: dict[str, Any], by_split: dict[str, int], shared: int, unnamed: int, said: str
) -> None:
    facts["speakers"] = {"by_split": by_split, "shared": shared, "unnamed": unnamed}
    text = card.render(facts, "audio", {}, published=None)
    assert said in text
    assert ("how well it recognises speakers" in text) == (said != "No speaker is in two splits.")


def test_the_counts_of_speakers_are_those_of_the_rows(facts: dict[str, Any], finished: Path) -> None:
    import pyarrow.parquet as pq

    found: dict[str, set[str]] = {}
    for path in (finished / "data").iterdir():
        found.setdefault(path.name.split("-")[0], set()).update(pq.read_table(path)["speaker"].to_pylist())
    assert facts["speakers"]["by_split"] == {split: len(names) for split, names in found.items()}
    assert facts["speakers"]["shared"] == 0


@pytest.mark.parametrize(
    ("published", "shared", "said"),
    [
        ({"rows": 99, "speakers": 7}, 0, ", out of 99 in the published corpus (4 of its 7 speakers)."),
        ({"rows": 99, "speakers": 7}, 2, ", out of 99 in the published corpus."),
        ({"rows": 60, "speakers": 4}, 0, ". "),
        ({"rows": None, "speakers": None}, 0, ". "),
    ],
)
def test_a_part_of_a_corpus_is_not_passed_off_as_the_whole(
    facts: dict[str, Any], published: dict[str, int | None], shared: int, said: str
) -> None:
    facts["speakers"] = {"by_split": {"train": 3, "test": 1}, "shared": shared, "unnamed": 0}
    facts["corpus"]["expected"] |= published
    assert sum(facts["splits"].values()) == 60
    assert f"60 clips of emotional speech{said}" in card.render(facts, "audio", {}, published=None)


def test_captions_are_told_by_writer(facts: dict[str, Any]) -> None:
    assert facts["captions"] == [{"writer": "template", "model": None, "tries": 0, "rows": 60}]
    facts["captions"].append({"writer": "llama", "model": "tiny", "tries": 2, "rows": 7})
    assert "| llama | tiny | 2 | 7 |" in card.render(facts, "audio", {}, published=None)


def test_one_known_error_for_each_measurement(facts: dict[str, Any]) -> None:
    lines = card.render(facts, "audio", {}, published=None).splitlines()
    cells = {line.split("`")[1]: line.split(" | ")[-1].removesuffix(" |") for line in lines if line.startswith("| `")}
    everything = known_errors.by_column({"pitch": "praat", "energy": "lufs", "rate": "transcript"})
    gross = [error.reached for error in everything["pitch_median_hz"] if "gross" in error.what]
    assert cells["pitch_median_hz"].startswith(max(gross, key=lambda reached: float(reached.split()[0])))
    assert cells["pitch_mean_hz"] == "as `pitch_median_hz`"
    # the error of the frames is not that of a slope through them
    assert cells["pitch_slope_st_s"].startswith("as `pitch_range_st`")
    assert cells["pitch_rise_st"].startswith("no reference to compare with; ")
    assert cells["tilt_db"].startswith("no reference to compare with; ")
    assert cells["tilt_db"].endswith("% of the tension words are unchanged under the harshest of six distortions")
    sentences = [cell for cell in cells.values() if "%" in cell]
    assert len(sentences) == len(set(sentences)), "a sentence is said twice"
    assert "<br>" not in "\n".join(lines)


def test_every_headline_names_figures_of_the_bench() -> None:
    stored = {(error.estimator, error.what) for error in known_errors.all_errors()}
    for choice in headline_errors.choices():
        for what in choice["figures"]:
            assert (choice["estimator"], what) in stored


def test_no_error_of_an_estimator_that_made_no_row(facts: dict[str, Any]) -> None:
    facts["rate_sources"] = {"transcript": 60}
    assert "worst of EmoDB, RAVDESS and FDA" not in card.render(facts, "audio", {}, published=None)
    facts["rate_sources"] = {"transcript": 40, "signal": 20}
    text = card.render(facts, "audio", {}, published=None)
    line = next(line for line in text.splitlines() if line.startswith("| `rate_syllables_s` | syllables"))
    assert "rate: transcript (40 rows), rate: signal (20 rows)" in line
    assert "rate: transcript: " in line
    assert "rate: signal: " in line


def test_the_head_has_the_languages_of_the_rows(facts: dict[str, Any]) -> None:
    assert facts["languages"] == ["en"]
    facts["languages"] = ["de", "en"]
    assert "language:\n- de\n- en\n" in card.render(facts, "audio", {}, published=None)


def test_the_head_passes_the_hubs_own_checks(finished: Path) -> None:
    from huggingface_hub import DatasetCard, DatasetCardData

    head = DatasetCard.load(finished / "README.md").data
    known = DatasetCardData(**head.to_dict())
    assert known.to_dict() == head.to_dict()
    assert all(re.fullmatch("[a-z]{2,3}", code) for code in known.language)
    assert licences.identifier(known.license) == known.license


def test_a_sample_row_that_the_data_has(facts: dict[str, Any], finished: Path) -> None:
    import pyarrow.parquet as pq

    sample = facts["sample"]
    tables = [pq.read_table(path, columns=["id", "caption", "pitch"]) for path in (finished / "data").iterdir()]
    (row,) = [row for table in tables for row in table.to_pylist() if row["id"] == sample["id"]]
    assert {name: sample[name] for name in row} == row
    assert "transcript" not in sample
    text = card.render(facts, "features", {}, published="features", repo="ada/voices")
    assert f"| `caption` | {row['caption']} |" in text
    assert 'load_dataset("ada/voices")' in text


def test_a_caption_that_quotes_is_no_sample() -> None:
    row: dict[str, Any] = dict.fromkeys([column.name for column in ROW])
    row |= {"notes": [], "caption_fault": None, "split": "train", "id": "a", "transcript": "Go away now."}
    built = Built()
    built.count({**row, "caption": "She says 'go away now' angrily.", "caption_writer": "llama", "caption_tries": 1})
    assert built.sample is None
    built.count({**row, "id": "b", "caption": "She is angry.", "caption_writer": "llama", "caption_tries": 1})
    assert built.sample is not None
    assert built.sample["id"] == "b"


def test_every_column_is_in_one_group(facts: dict[str, Any]) -> None:
    groups = tables.column_groups(facts["columns"], facts["attributes"], facts["measured_by"])
    held = [name for group in groups for name in group["columns"]]
    assert sorted(held) == sorted(facts["columns"])
    by_name = {group["name"]: group["columns"] for group in groups}
    assert "pitch_own" in by_name["about each word"]
    assert by_name["remarks"] == ["notes"]
    shown = {group["name"]: group["shown"] for group in groups}
    assert shown["remarks"] == ["`notes`"]
    *of_all, relative = shown["about each word"]
    assert of_all == ["`NAME_scale`", "`NAME_margin`", "`NAME_sure`"]
    having = [name for name in facts["attributes"] if f"{name}_own" in facts["columns"]]
    assert relative == f"`NAME_own` (of {', '.join(having)})"  # words with edges of their own have none


def test_reasons_are_those_of_the_evidence(facts: dict[str, Any]) -> None:
    cell = {"difference": 0.414, "sense": "for"}
    against = {"difference": -0.3, "sense": "against"}
    silent = {"difference": 0.9, "sense": "silent"}
    evidence = {"emotions": {"anger": {"pitch": {"high": cell, "low": against}, "speed": {"slow": silent}}}}
    facts |= {"reasons": tables.reason_rows(evidence), "evidence_of": {"corpus": "emodb", "split": "train"}}
    text = card.render(facts, "audio", {}, published=None)
    assert "| anger | pitch high (+41) | pitch low (\u221230) |" in text
    facts["reasons"] = tables.reason_rows({"emotions": {"anger": {"speed": {"slow": silent}}}})
    assert "so the captions give none" in card.render(facts, "audio", {}, published=None)


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
    line = next(line for line in lines if line.startswith("| `rate_syllables_s` | syllables"))
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
    assert "| `snr_db` | level of the speech relative to that of the pauses, dB | `rate: transcript` |" in card_text
    said = "integrated loudness (ITU-R BS.1770-4, gate relative to the clip), LUFS"
    assert f"| `loudness_lufs` | {said} | `energy: lufs` |" in card_text


def filled(facts: dict[str, Any], text: str) -> dict[str, Any]:
    """Facts with a text wherever a corpus has a say."""
    facts["corpus"] |= {"title": text, "citation": text}
    facts["corpus"]["licence"] |= {"name": text, "note": text}
    facts["dropped"], facts["lost"] = [[text, 2]], 2
    facts["label_map"] = {text: text}
    facts["sample"] = {"id": text, "caption": text, "emotion": text}
    facts["captions"] = [{"writer": text, "model": text, "tries": 0, "rows": 1}]
    group = next(iter(facts["scale"]["descriptors"]["pitch"]["groups"].values()))
    facts["scale"]["descriptors"]["pitch"]["groups"][text] = group
    return facts


def columns_of_tables(body: str) -> list[list[int]]:
    """Of each table, how many columns each of its lines marks off."""
    found = [block.splitlines() for block in re.split(r"^(?!\|).*\n?", body, flags=re.MULTILINE) if block]
    return [[line.count("|") for line in block] for block in found]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_corpora_say_is_inert(facts: dict[str, Any], hostile: str) -> None:
    harmless = filled(copy.deepcopy(facts), "harmless")
    facts = filled(facts, hostile)
    body = card.render(facts, "audio", {}, published=None).split("\n---\n", 1)[1]
    plain = re.sub(r"\\.", "", body)
    assert not re.search(r"<(script|img)|\]\(javascript", plain)
    expected = card.render(harmless, "audio", {}, published=None).split("\n---\n", 1)[1]
    assert all(len(set(columns)) == 1 for columns in columns_of_tables(expected))
    assert columns_of_tables(plain) == columns_of_tables(expected)  # no table has a line or a column more
    assert plain.count("\n# ") == body.count("\n# ") <= 1
