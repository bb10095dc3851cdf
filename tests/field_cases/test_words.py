"""Field cases of words: 2 NaN among rows, 3 saved edges, 11 labels, 12 one id for two voices; and their kin."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import hiss, silence, voice

from annotate.attributes import reply_attributes
from annotate.descriptors import scale as scales
from annotate.descriptors import scale_file, words
from annotate.errors import SemoError
from annotate.features import speaker_gender

from .conftest import clip

GENDERED = re.compile(r"\b(he|she|his|her|him|hers|man|woman|male|female|men|women)\b", re.IGNORECASE)


def test_case_2_a_row_without_a_rate_moves_no_edge_and_makes_no_claim(
    table: Callable[..., Path], run: Callable[..., Any], tmp_path: Path
) -> None:
    rows = [{"id": f"c{k}", "emotion": "happiness", "gender": "f", "samples": clip(k)} for k in range(9)]
    # a hiss has a level but no rate: what a NaN rate comes to here
    without = run("table", table(rows, tmp_path / "a"), output=tmp_path / "out-a")
    rows.append({"id": "hole", "emotion": "happiness", "gender": "f", "samples": hiss(1.0, 0.05)})
    found = run("table", table(rows, tmp_path / "b"), "descriptors.fit=all", output=tmp_path / "out-b")
    before = run("table", tmp_path / "a", "descriptors.fit=all", output=tmp_path / "out-c")
    assert without.rows.keys() == before.rows.keys()
    hole = found.rows["hole"]
    assert hole["rate_syllables_s"] is hole["speed"] is hole["speed_margin"] is hole["speed_own"] is None
    assert "speed: no word, rate_syllables_s was not measured" in hole["notes"]
    assert not re.search(r"slow|fast|pace|quick|hurried", hole["caption"])
    assert hole["reply_e_s"] is hole["reply_e_g_p_s_v"] is None
    edges = [
        json.loads((one.folder / "scale.json").read_text())["descriptors"]["speed"]["groups"] for one in (found, before)
    ]
    assert edges[0] == edges[1]


@pytest.mark.parametrize("odds", [float("nan"), None])
def test_case_2_a_nan_among_a_speaker_s_clips_is_no_voice(odds: float | None) -> None:
    """The kin: any mean over clips."""
    rows = [{"speaker": "a", "gender_given": None, "gender_log_odds": value} for value in (2.0, odds, 4.0)]
    assert speaker_gender.mean_log_odds(rows) == {"a": pytest.approx(3.0)}


def men(value: float, scale: dict[str, Any]) -> words.Word:
    row = {"speaker": "s", "gender": "male"}
    return words.word(value, "pitch", row, scale)


def saved(tmp_path: Path, **changed: Any) -> Path:
    rows = [
        {
            "speaker": "s",
            "gender": "male",
            "pitch_median_hz": 100.0 + k,
            "rate_syllables_s": 4.0,
            "loudness_lufs": -20.0,
        }
        for k in range(30)
    ]
    made = scales.descriptors(reply_attributes())
    scale = scales.fit(rows, made, scales.Method(smallest_group=10), {"corpus": "made", "split": "train"})
    scale["descriptors"]["pitch"]["groups"]["male"] |= changed
    path = tmp_path / "scale.json"
    path.write_text(json.dumps(scale), encoding="utf-8")
    return path


def test_case_3_saved_edges_men_far_outside(tmp_path: Path) -> None:
    scale = scale_file.load(saved(tmp_path))
    low, high = men(40.0, scale), men(600.0, scale)
    assert (low.word, high.word) == ("low", "high")
    assert "is below the range" in str(low.note)
    assert "is above the range" in str(high.note)
    assert (low.margin or 0) < 0 < (high.margin or 0)


@pytest.mark.parametrize("value", [1e-6, 1e9])
def test_case_3_however_far(tmp_path: Path, value: float) -> None:
    assert men(value, scale_file.load(saved(tmp_path))).word == ("low" if value < 1 else "high")


@pytest.mark.parametrize(
    "changed",
    [
        {"edges": [float("nan"), 120.0]}, {"edges": [130.0, 110.0]}, {"edges": [-5.0, 110.0]}, {"edges": [110.0]},
        {"range": None}, {"range": [100.0, float("inf")]}, {"edges": "110"},
    ],
)  # fmt: skip
def test_case_3_saved_edges_that_are_none_are_refused_not_wrapped(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(SemoError, match=r"descriptors\.scale="):
        scale_file.load(saved(tmp_path, **changed))


def test_case_3_the_report_draws_values_far_outside(table: Callable[..., Path], run: Callable[..., Any]) -> None:
    """The kin: whatever sorts values into bins or places them on an axis."""
    rows = [{"id": f"c{k}", "emotion": "a", "gender": "m", "samples": clip(k)} for k in range(9)]
    first = run("table", table(rows))
    rows += [{"id": f"far{f0}", "emotion": "a", "gender": "m", "samples": voice(1.0, f0)} for f0 in (62.0, 700.0)]
    found = run("table", table(rows), f"descriptors.scale={first.folder / 'scale.json'}", output=first.folder / "two")
    for name, word in (("far62.0", "low"), ("far700.0", "high")):
        assert found.rows[name]["pitch"] == word
        assert any("the range that the scale was fitted on" in note for note in found.rows[name]["notes"])
    assert (found.folder / "report.html").stat().st_size > 10_000


def test_case_11_labels_are_kept_their_map_is_named_and_the_unknown_is_seen(
    table: Callable[..., Path], run: Callable[..., Any], tmp_path: Path
) -> None:
    labels = ["exc", "hap", "Angray", "ang", "exc", "hap", "ang", "exc", "hap", "ang", "ang"]
    rows = [{"id": f"c{k}", "emotion": label, "gender": "f", "samples": clip(k)} for k, label in enumerate(labels)]
    manifest = tmp_path / "mine.yaml"
    manifest.write_text(
        "name: mine\ntitle: Mine\nreader: table\nobtain: mine\nlicence: {name: none, publish: nothing}\nlanguage: en\n"
        "labels:\n  three: {exc: happiness, hap: happiness, ang: anger}\n",
        encoding="utf-8",
    )
    found = run("table", table(rows), f"corpus.manifest={manifest}", "corpus.labels=three")
    assert {row["emotion_original"] for row in found.rows.values()} == {"exc", "hap", "ang"}
    assert found.aside() == {"c2": "unknown label 'Angray' (label set 'three')"}
    card = (found.folder / "README.md").read_text(encoding="utf-8")
    assert "| exc | happiness |" in card
    assert "| hap | happiness |" in card
    assert "Angray" in (found.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("recipe", "known", "odd"),
    [
        ("ravdess", "Actor_01/03-01-05-01-01-01-01.wav", "Actor_01/03-01-09-01-01-01-01.wav"),
        ("crema-d", "AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1001_DFA_ANGRY_XX.wav"),
        ("esd", "0001/Angry/0001_000351.wav", "0001/Angry/0001-000352.wav"),
        ("emodb", "wav/03a01Fa.wav", "wav/03a01Qa.wav"),
        ("libritts", "train-clean-100/103/1241/103_1241_000000_000001.wav", "train-clean-100/103/1241/103_1241.wav"),
        ("tess", "OAF_angry/OAF_back_angry.wav", "OAF_angry/OAF-back-angray.wav"),
        ("savee", "DC/a01.wav", "DC/q01.wav"),
    ],
)
def test_case_11_a_name_that_no_reader_knows_is_seen(tmp_path: Path, recipe: str, known: str, odd: str) -> None:
    """The kin: readers that take the label from the name passed over names of another form in silence."""
    import soundfile

    from annotate import settings
    from annotate.corpora import check

    for path in (known, odd):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / path, silence(0.2), 16000)
    found = check.check(settings.load(recipe, [f"corpus.root={tmp_path}", "corpus.split=random"]))
    assert [one for ids in found.shown.values() for one in ids if odd.rpartition("/")[2].removesuffix(".wav") in one]
    assert found.rows == 2


def test_case_11_an_iemocap_label_of_another_form_is_seen(tmp_path: Path) -> None:
    from annotate import settings
    from annotate.corpora import check

    folder = tmp_path / "Session1/dialog/EmoEvaluation"
    folder.mkdir(parents=True)
    lines = [f"[1.0 - 2.0]\tSes01F_impro01_F00{k}\t{label}\t[3, 3, 3]\n" for k, label in enumerate(["neu", "Angray"])]
    (folder / "Ses01F_impro01.txt").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "Session1/sentences/wav/Ses01F_impro01").mkdir(parents=True)
    for k in range(2):
        import soundfile

        soundfile.write(
            tmp_path / f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F00{k}.wav", silence(0.2), 16000
        )
    found = check.check(settings.load("iemocap", [f"corpus.root={tmp_path}", "corpus.split=random"]))
    assert found.aside["unknown label 'Angray' (label set 'four-class')"] == 1


def test_case_12_one_id_for_two_voices_is_flagged_and_nobody_s_gender_is_guessed(
    table: Callable[..., Path], run: Callable[..., Any]
) -> None:
    rows = [
        {"id": f"c{k}", "speaker": f"s{k % 3}", "emotion": "anger", "gender": "fm"[k % 2], "samples": clip(k)}
        for k in range(9)
    ]
    for name, f0, gender in (("x110", 110.0, ""), ("x220", 220.0, "")):
        rows.append({"id": name, "speaker": "x", "emotion": "anger", "gender": gender, "samples": voice(1.0, f0)})
    found = run("table", table(rows))
    told = "speaker x: clips around 110 Hz and around 220 Hz and none between"
    assert any(told in conflict for conflict in found.summary["conflicts"])
    assert told in (found.folder / "report.html").read_text(encoding="utf-8")
    for name in ("x110", "x220"):
        row = found.rows[name]
        assert row["gender"] is row["gender_probability"] is None
        assert row["pitch_scale"] == "corpus"
        assert "pitch: edges of the whole corpus, no gender is known" in row["notes"]
        assert not GENDERED.search(row["caption"])
        assert not GENDERED.search(row["reply_e_p_s_v"] if "reply_e_p_s_v" in row else row["reply_e_p"])
        assert row["reply_e_g"] is None


def test_case_12_two_given_genders_are_flagged(table: Callable[..., Path], run: Callable[..., Any]) -> None:
    rows = [
        {"id": f"c{k}", "speaker": "x", "emotion": "anger", "gender": "fm"[k % 2], "samples": clip(k)} for k in range(9)
    ]
    found = run("table", table(rows))
    assert "speaker x: the corpus gives two genders" in found.summary["conflicts"]


def test_case_12_clips_that_sound_like_two_people_give_no_gender() -> None:
    """The kin: what is made of all clips of a speaker."""
    rows = [{"speaker": "x", "gender_given": None, "gender_log_odds": odds} for odds in (5.0, 4.0, -4.5, -6.0)]
    heard = speaker_gender.mean_log_odds(rows)
    assert heard == {"x": None}
    for row in rows:
        made = speaker_gender.Genders(heard).compute_row(row)
        assert "gender" not in made
        assert "sound like two people" in made["notes_speakers"][0]
    # one odd clip is not two people
    assert (
        speaker_gender.mean_log_odds([{**rows[0], "gender_log_odds": odds} for odds in (5.0, 4.0, 4.5, -6.0)])["x"] > 0
    )
