"""The report of a small data set that the tests make: what it says, what it refuses to run, what it stands."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from PIL import Image

from annotate import assets
from annotate.attributes import reply_attributes
from annotate.descriptors import scale as scales
from annotate.descriptors import words
from annotate.report import (
    charts,
    evidence,
    example_selection,
    examples,
    numbers,
    overview,
    page,
    picture,
    shares,
    text,
)
from annotate.store.schema import ROW

LABELS = ("neutral", "anger", "sadness")
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
AUDIO = pa.field("audio", pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
VOID = {"meta", "link", "br", "input", "img", "hr"}


def tone(hz: float, seconds: float = 0.5) -> bytes:
    time = np.arange(int(16000 * seconds)) / 16000
    held = io.BytesIO()
    wave = sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 8))
    soundfile.write(held, (0.1 * wave).astype("float32"), 16000, format="FLAC", subtype="PCM_16")
    return held.getvalue()


def clips(count: int = 72) -> list[dict[str, Any]]:
    """Rows in which anger is high and loud, sadness low and quiet, and one angry clip is far out."""
    dice = np.random.default_rng(1)
    rows = []
    for place in range(count):
        emotion, sex, speaker = LABELS[place % 3], ("female", "male")[place // 3 % 2], place // 12
        shift = {"neutral": 0, "anger": 1, "sadness": -1}[emotion]
        base = 200 if sex == "female" else 110
        rows.append({
            "id": f"clip-{place:03d}", "corpus": "made", "duration": 0.5, "speaker": f"{speaker + 1}{sex[0]}",
            "gender": sex, "gender_source": "corpus", "split": ("train", "validation", "test")[speaker % 3],
            "language": "en", "transcript": "the words", "emotion": emotion, "emotion_original": emotion[:3],
            "pitch_median_hz": base * 2 ** (shift / 3) * dice.normal(1, 0.03), "pitch_sd_st": dice.normal(3, 0.3),
            "loudness_lufs": -30 + 6 * shift + dice.normal(0, 1), "rate_syllables_s": dice.normal(4, 0.3),
            "hnr_db": dice.normal(12, 1), "notes": [],
        })  # fmt: skip
    if count > 1:
        rows[1] |= {"pitch_median_hz": 590.0, "loudness_lufs": -2.0, "hnr_db": 40.0, "pitch_sd_st": 20.0}
    return rows


def finish(
    folder: Path, rows: list[dict[str, Any]], *, audio: bool = True, labels: Iterable[str] = LABELS
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Word the rows, write them as a run does, and return (summary, scale)."""
    scale = scales.fit(
        [{**dict.fromkeys(("speaker", "gender")), **dict.fromkeys(numbers.MEASURES), **row} for row in rows],
        scales.descriptors(reply_attributes()),
        scales.Method(smallest_group=5),
        {"corpus": "made", "split": "train"},
    )
    wording, code = words.Wording(scale), {label: place for place, label in enumerate(labels)}
    for row in rows:
        full = {**dict.fromkeys([column.name for column in ROW]), "drop_audio": None, **row}
        said = {name: value for name, value in wording.compute_row(full).items() if name != "notes_words"}
        claims = {name: said[name] for name in ("pitch", "speed", "volume") if said.get(name)}
        claims |= {"emotion": row["emotion"]} if row.get("emotion") else {}
        caption = f"In a {said.get('pitch')} voice, she speaks. It is {row.get('emotion')}."
        row |= said
        row.setdefault("caption", caption)
        row |= {"caption_writer": "template", "caption_claims": json.dumps(claims)}
    fields = [pa.field(column.name, column.type) for column in ROW]
    if code:
        place = [field.name for field in fields].index("emotion")
        fields[place] = pa.field("emotion", pa.int64())
    schema = pa.schema([*fields, *([AUDIO] if audio else [])])
    (folder / "data").mkdir(parents=True)
    splits = Counter(row["split"] for row in rows)
    for split in splits:
        mine = [
            {**row, "emotion": code.get(row["emotion"]) if code else row["emotion"]}
            for row in rows
            if row["split"] == split
        ]
        for row in mine if audio else ():
            row["audio"] = {"bytes": tone(row.get("pitch_median_hz") or 150), "path": "clip.flac"}
        with pq.ParquetWriter(folder / "data" / f"{split}-00000-of-00001.parquet", schema) as file:
            for start in range(0, len(mine), 10):
                file.write_table(pa.Table.from_pylist(mine[start : start + 10], schema))
    summary = {
        "name": "made", "corpus": "made", "synthetic": False, "splits": dict(splits),
        "rows": {"found": len(rows) + 2, "kept": len(rows), "dropped": 2}, "reasons": {"truncated": 2},
        "dropped": [{"id": "lost-1", "path": "a/lost-1.wav", "reason": "truncated"}] * 2, "notes": {"pitch": 3},
        "conflicts": [], "differences": [], "unmeasured": [], "review": {},
        "seconds": {"corpus": 1.0, "measure": 3.0}, "versions": {"semo-annotate": "9.9.9"},
    }  # fmt: skip
    return summary, scale


class Tags(HTMLParser):
    """What a browser would make of a page: its tags with attributes, its text, and whether it is well nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> ends what is not open"

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def made(folder: Path, rows: list[dict[str, Any]], change: Mapping[str, Any] | None = None, **options: Any) -> Tags:
    labels, weighed = options.get("labels", LABELS), options.pop("evidence", None)
    summary, scale = finish(folder, rows, **options)
    errors = {"pitch_median_hz": {"pitch: praat": f"off by a fifth, {SCRIPT}: 0.5 %"}}
    page.write(
        folder, summary | dict(change or {}), scale, list(labels),
        evidence=weighed, pitch="praat", licence="a licence", errors=errors,
    )  # fmt: skip
    html = (folder / "report.html").read_text(encoding="utf-8")
    read = Tags(html)
    assert not read.open
    return read


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Tags:
    return made(tmp_path_factory.mktemp("plain"), clips())


def test_it_needs_no_network_and_runs_no_script(plain: Tags) -> None:
    assert not plain.named("script")
    for tag, attributes in plain.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "xlink:href", "action", "data", "srcset"):
            target = attributes.get(name)
            assert target is None or target.startswith(("#", "data:")), f"{tag} {name}={target}"
    policy = next(meta for meta in plain.named("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in str(policy["content"])


def test_counts_reasons_and_stages_stand_in_it(plain: Tags) -> None:
    for said in ("truncated", "lost-1", "a/lost-1.wav", "measure", "3.00", "9.9.9", "a licence"):
        assert said in plain.text
    facts = re.sub(r"\s+", "", plain.text)
    assert "clipskept72of74leftout2speakers12emotions3" in facts
    assert "synthetic" not in plain.text


def test_known_errors_stand_in_one_place(plain: Tags) -> None:
    assert plain.text.count(f"off by a fifth, {SCRIPT}: 0.5 %") == 1
    measured = ("loudness_lufs", "rate_syllables_s", "pitch_sd_st", "hnr_db")
    assert "Not measured: " + ", ".join(sorted(measured, key=plain.text.index)) in re.sub(r"\s+", " ", plain.text)


def test_errors_are_told_once_for_all_that_share_them() -> None:
    errors = {name: {"pitch: praat": "0.4 %"} for name in ("a", "b")} | {"unmeasured": {"x": "1 %"}}
    assert overview.known_errors(errors, ["a", "b", "c"]) == ([(["a", "b"], "0.4 %")], ["c"])


def test_a_column_of_zeros_is_told_and_not_drawn(tmp_path: Path) -> None:
    rows = [row | {"pause_s": 0.0 if place else 0.4} for place, row in enumerate(clips(24))]
    read = made(tmp_path, rows, audio=False)
    assert "0.000 s in 23 of 24 clips, so there is nothing to draw." in re.sub(r"\s+", " ", read.text)
    assert not [chart for chart in read.named("svg") if "pause_s" in str(chart["aria-labelledby"])]


def weighed() -> dict[str, Any]:
    """Evidence in which anger is high, and nothing else is known."""
    cell = {"clips": 9, "of": 12, "share": 0.75, "overall": 0.33, "difference": 0.42, "interval": [0.2, 0.5]}
    silent = cell | {"clips": 1, "share": 0.1, "difference": -0.23, "sense": "silent"}
    of_anger = {"low": silent | {"sense": "against"}, "normal": silent, "high": cell | {"sense": "for"}}
    quiet = dict.fromkeys(("low", "normal", "high"), silent)
    emotions = {"neutral": {"pitch": quiet}, "anger": {"pitch": of_anger}}
    found = {"words": {"ua": 0.21}, "numbers": {"ua": 0.39}, "chance": 0.14}
    return {"emotions": emotions, "speakers": 3, "unseen": {"tried": 3, "hold": 2, "speakers": 2}, "sufficiency": found}


def test_the_first_screen_says_what_goes_with_what(tmp_path: Path) -> None:
    read = made(tmp_path, clips(12), audio=False, evidence=weighed())
    first = re.sub(r"\s+", " ", read.text.split("Clips and splits")[-2])
    for said in (
        "pitch high +42", "pitch low \u221223", "No word goes consistently with neutral.",
        "Of 3 reasons that could be tested on the 2 speakers outside the training split, 2 also hold there.",
        "from the words21 %", "from the measurements39 %", "by chance14 %",
    ):  # fmt: skip
        assert said.replace(" ", "") in first.replace(" ", ""), said


def test_the_matrix_has_the_strongest_reason_of_each_attribute() -> None:
    def cell(difference: float, sense: str) -> dict[str, Any]:
        return {"difference": difference, "sense": sense, "of": 20}

    evidence = {"emotions": {
        "anger": {
            "pitch": {"low": cell(-0.6, "against"), "high": cell(0.2, "for")},
            "pitch_own": {"low": cell(-0.1, "silent"), "high": cell(0.3, "for")},
            "speed": {"slow": cell(-0.25, "against"), "fast": cell(0.2, "silent")},
            "volume": {"quiet": cell(0.5, "silent"), "loud": cell(0.1, "silent")},
        },
        "fear": {name: {"high": cell(0.4, "silent")} for name in ("pitch", "pitch_own", "speed", "volume")},
    }}  # fmt: skip
    matrix = overview.reason_matrix(evidence)
    assert matrix.attributes == ("pitch", "speed")
    [(emotion, (pitch, speed))] = matrix.rows
    assert emotion == "anger"
    assert (pitch.word, pitch.difference, pitch.sense, pitch.relative) == ("high", 0.3, "for", True)
    assert (speed.word, speed.difference, speed.sense, speed.relative) == ("slow", -0.25, "against", False)
    assert pitch.shade > speed.shade
    assert overview.reason_matrix({"emotions": {}}).rows == ()


def test_words_are_counted_in_one_table_only(tmp_path: Path) -> None:
    """Shares of all clips beside differences of the training split contradicted each other."""
    with_evidence = made(tmp_path / "a", clips(24), audio=False, evidence=weighed())
    assert "Training split only, 3 speakers" in with_evidence.text
    assert with_evidence.text.count("Pitch") - with_evidence.text.count("Pitch is") == 1
    without = made(tmp_path / "b", clips(24), audio=False)
    assert "Nothing here was tested, so no word is given as a reason." in without.text


@pytest.mark.parametrize("count", range(0, 17))
def test_tables_are_cut_into_parts_that_fit(count: int) -> None:
    names = [f"e{place}" for place in range(count)]
    parts = overview.chunks(names, 5)
    assert [name for part in parts for name in part] == names
    assert all(1 <= len(part) <= 5 for part in parts)
    assert len(parts) == -(-count // 5)


def test_what_reviewers_said_stands_in_it(tmp_path: Path) -> None:
    said = made(tmp_path, clips(12), {"review": {"edited: published": 7}}, audio=False).text
    assert "edited: published: 7" in said


def test_synthetic_data_is_called_so(tmp_path: Path) -> None:
    assert "This data is synthetic" in made(tmp_path, clips(12), {"synthetic": True}, audio=False).text


def test_what_a_screen_reader_needs(plain: Tags) -> None:
    levels = [int(tag[1]) for tag, _ in plain.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in plain.tags}
    assert all(head.get("scope") in ("row", "col") for head in plain.named("th"))
    assert len(plain.named("caption")) == len(plain.named("table"))
    ids = [attributes["id"] for _, attributes in plain.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    charts_there = plain.named("svg")
    assert len(charts_there) > 10
    for chart in charts_there:
        assert chart["role"] == "img"
        assert {chart["aria-labelledby"], chart["aria-describedby"]} <= set(ids)
    for attributes in (attributes for _, attributes in plain.tags):
        for name in ("aria-labelledby", "aria-describedby"):
            assert name not in attributes or attributes[name] in ids
    assert all(player.get("aria-label") for player in plain.named("audio"))


def test_charts_take_the_colours_of_the_page(plain: Tags) -> None:
    styles = " ".join(attributes.get("style") or "" for _, attributes in plain.tags)
    assert "var(--female)" in styles
    assert "var(--male)" in styles
    assert "var(--ink)" in styles
    assert not re.search(r"#0[1-7]0[1-7]0[1-7]", styles)


def test_at_least_ten_players_that_hold_the_recordings_themselves(plain: Tags) -> None:
    players = plain.named("audio")
    assert len(players) >= 10
    for player in players:
        kind, _, held = str(player["src"]).partition(";base64,")
        assert kind == "data:audio/flac"
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(held)))
        assert (len(samples), rate) == (8000, 16000)


def test_without_recordings_there_is_no_player_and_it_says_so(tmp_path: Path) -> None:
    read = made(tmp_path, clips(24), audio=False)
    assert not read.named("audio")
    assert "carries no recordings" in read.text


SAID = ("transcript", "speaker", "id", "caption", "emotion_original", "intensity", "reply_e")


@pytest.mark.parametrize("hostile", [SCRIPT, IMAGE, "$x$ \x00\u202e</svg><style>*{}", "../../x"])
def test_what_the_data_says_stays_text(tmp_path: Path, hostile: str) -> None:
    rows = clips(12)
    for row in rows:
        row |= {name: f"{name} {hostile}" for name in SAID} | {"language": hostile}
        row["caption"] = f"{row['emotion']}. {row['caption']}"  # a claim, so that its origin is told too
    read = made(tmp_path, rows, audio=False)
    assert not read.named("script")
    assert not read.named("img")
    assert len(read.named("style")) == 1
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    assert not {"\x00", "\u202e"} & set(read.text)
    for name in SAID:
        assert text.visible(f"{name} {hostile}") in read.text
    assert {element["lang"] for _, element in read.tags if "lang" in element} == {"en"}


def test_what_the_summary_says_stays_text(tmp_path: Path) -> None:
    change = {
        "name": SCRIPT, "corpus": IMAGE, "reasons": {f"unknown label '{SCRIPT}'": 2}, "notes": {IMAGE: 1},
        "conflicts": [SCRIPT], "dropped": [{"id": IMAGE, "path": SCRIPT, "reason": IMAGE}],
    }  # fmt: skip
    read = made(tmp_path, clips(12), change, audio=False)
    assert not read.named("script")
    assert not read.named("img")
    assert SCRIPT in read.text
    assert IMAGE in read.text


def test_an_emotion_named_by_the_corpus_stays_text(tmp_path: Path) -> None:
    rows = clips(12)
    for row in rows[::2]:
        row["emotion"] = IMAGE
    read = made(tmp_path, rows, audio=False, labels=())
    assert not read.named("img")
    assert IMAGE in read.text


def test_no_emotion_no_sex_no_speaker_no_measurement(tmp_path: Path) -> None:
    rows = [{"id": f"{n}", "corpus": "made", "duration": 1.0, "split": "train", "emotion": None} for n in range(3)]
    read = made(tmp_path, rows, audio=False, labels=())
    assert "Nothing was measured" in read.text
    assert "No clip has a word" in read.text


def test_one_clip_is_enough(tmp_path: Path) -> None:
    read = made(tmp_path, clips(1))
    assert "clip-000" in read.text
    assert len(read.named("audio")) == 1


def test_the_odd_clip_is_the_one_that_lies_far_out(tmp_path: Path) -> None:
    _, scale = finish(tmp_path, clips(), audio=False)
    source = numbers.NumberSource.of(tmp_path, LABELS)
    chosen = example_selection.choose(source, numbers.scan(source, scale))
    assert len({(one.path, one.index) for one in chosen}) == len(chosen) >= example_selection.FEWEST_EXAMPLES
    assert [one.emotion for one in chosen] == sorted((one.emotion for one in chosen), key=LABELS.index)
    odd = next(one for one in chosen if one.emotion == "anger" and one.kind == "odd")
    assert source.row(odd.path, odd.index)["id"] == "clip-001"
    assert set(dict(odd.farthest)) <= {"pitch_median_hz", "loudness_lufs", "hnr_db", "pitch_sd_st"}
    typical = [one.distance for one in chosen if one.kind == "typical"]
    assert max(typical) < min(one.distance for one in chosen if one.kind == "odd")


def test_pieces_and_the_whole_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, scale = finish(tmp_path, clips(), audio=False)
    source = numbers.NumberSource.of(tmp_path, LABELS)
    whole = numbers.scan(source, scale)
    monkeypatch.setattr(numbers, "BATCH_ROWS", 7)
    cut = numbers.scan(source, scale)
    assert cut.clips == whole.clips
    assert cut.words == whole.words
    assert example_selection.choose(source, cut) == example_selection.choose(source, whole)
    assert cut.sample.measures == whole.sample.measures
    assert np.array_equal(cut.sample.values, whole.sample.values, equal_nan=True)
    for group in numbers.GROUPS:
        assert cut.sample.places(group).keys() == whole.sample.places(group).keys()
        for name, places in whole.sample.places(group).items():
            assert cut.sample.places(group)[name].tolist() == places.tolist()


def test_counts_are_of_all_rows_even_where_measurements_are_sampled(tmp_path: Path) -> None:
    rows = clips()
    _, scale = finish(tmp_path, rows, audio=False)
    found = numbers.scan(numbers.NumberSource.of(tmp_path, LABELS), scale, sample_rows=30)
    assert found.rows == 72
    assert 10 < len(found.sample) < 60
    assert found.by("emotion") == Counter((row["emotion"],) for row in rows)
    assert found.words["pitch"] == Counter((row["emotion"], row["pitch"]) for row in rows)
    assert sum(found.seconds.values()) == pytest.approx(36.0)


def test_word_shares_against_the_overall_share() -> None:
    counts = Counter({("a", "low"): 40, ("a", "high"): 10, ("b", "low"): 10, ("b", "high"): 40, ("c", "low"): 1})
    table = shares.words(counts, "pitch", ("low", "high"), ("a", "b", "c"))
    (_, total, (low, high)), _, (_, _, (few, _)) = table.rows
    assert total == 50
    assert low.count == 40
    assert low.share == 0.8
    assert low.more == pytest.approx(0.8 - 51 / 101)
    assert low.shade > 0 > high.shade
    assert few.share == 1.0
    assert few.shade == 0.0
    assert [cell.count for cell in table.overall] == [51, 50]


def test_shifts_are_within_each_sex(tmp_path: Path) -> None:
    _, scale = finish(tmp_path, clips(), audio=False)
    found = shares.shifts(numbers.scan(numbers.NumberSource.of(tmp_path, LABELS), scale), ["pitch_median_hz", "jitter"])
    row = found["pitch_median_hz"]
    assert row["anger"] > 0.5
    assert row["sadness"] < -0.5
    assert abs(row["neutral"]) < 0.3
    assert np.isnan(list(found["jitter"].values())).all()


def test_edges_are_drawn_where_words_are_made_and_only_there(tmp_path: Path) -> None:
    _, scale = finish(tmp_path, clips(), audio=False)
    sample = numbers.scan(numbers.NumberSource.of(tmp_path, LABELS), scale).sample
    pitch, voice = charts.axis("pitch_median_hz", sample, scale), charts.axis("hnr_db", sample, scale)
    assert pitch is not None
    assert voice is not None
    low, high = scale["descriptors"]["pitch"]["groups"]["female"]["edges"]
    assert pitch.edges_for("female") == (low, high)
    assert pitch.low < low < high < pitch.high
    assert {group for group, *_ in pitch.drawn(("female", "male"))} == {"female", "male"}
    assert voice.edges_for("female") is None
    assert charts.axis("jitter", sample, scale) is None


def test_claims_are_marked_with_the_number_behind_them() -> None:
    scale = {"descriptors": {"pitch": {"measure": "pitch_median_hz", "groups": {"female": {"edges": [180.0, 220.0]}}}}}
    row = {
        "caption": "In a high-pitched voice, she speaks highly of it. Her high pitch suggests anger.",
        "gender": "female", "pitch": "high", "emotion": "anger",
        "pitch_median_hz": 250.4, "pitch_scale": "female", "emotion_original": "ang",
    }  # fmt: skip
    spans, claims = evidence.marked(row, scale)
    assert "".join(span.text for span in spans) == row["caption"]
    assert [(span.text, span.number) for span in spans if span.number] == [
        ("high-pitched", 1), ("she", 3), ("Her", 3), ("high", 1), ("anger", 2),
    ]  # fmt: skip
    assert [(claim.claim, claim.word, claim.holds) for claim in claims] == [
        ("pitch", "high", True), ("emotion", "anger", True), ("gender", "female", True),
    ]  # fmt: skip
    assert claims[0].because == "250 Hz, above 220 (pitch_median_hz, edges of female)"
    assert "ang" in claims[1].because


def test_a_caption_of_others_shows_what_is_not_borne_out() -> None:
    row = {
        "caption": "An old man says 'go away', not quietly.",
        "gender": "female",
        "volume": "loud",
        "transcript": "Stay",
    }
    spans, claims = evidence.marked(row, {"descriptors": {}})
    assert "".join(span.text for span in spans) == row["caption"]
    assert {(claim.claim, claim.holds) for claim in claims} == {
        ("volume", True), ("gender", False), ("words", False), ("unmeasured", False),
    }  # fmt: skip


def test_claims_that_the_row_has_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from annotate.captions import publishable
    from annotate.captions.reading import judge

    row: dict[str, Any] = {
        "caption": "She speaks loudly and at a slower pace than usual; her pitch is not low.", "gender": "female",
        "volume": "loud", "speed": "normal", "speed_own": "slow", "pitch": "high", "loudness_lufs": -20.0,
    }  # fmt: skip
    scale = {"descriptors": {"volume": {"measure": "loudness_lufs", "groups": {}}}}
    anew = evidence.marked(row, scale)
    judgement = publishable.publishable(row["caption"], row, None, strict=False)
    row["caption_claims"] = publishable.claims_json(judgement)
    monkeypatch.setattr(judge, "check", None)
    assert evidence.marked(row, scale, evidence.stored(row)) == anew
    assert [claim.claim for claim in anew[1]] == ["pitch", "speed", "volume", "gender"]


@pytest.mark.parametrize(
    "stored",
    [
        None, "", "[]", "{", '{"read": 1}', '{"pitch": "high"}', '{"read": [{"about": "pitch"}]}',
        # of another caption
        '{"read": [{"about": "pitch", "says": ["high"], "words": "high", "at": 3, "against": "high", "holds": true}]}',
        '{"read": [{"about": "pitch", "says": [], "words": "", "at": 0, "against": "high", "holds": true}]}',
        '{"read": [{"about": "pitch", "says": ["high"], "words": "high", "at": -4, "against": null, "holds": 7}]}',
    ],
)  # fmt: skip
def test_claims_that_are_not_those_of_the_caption_are_not_taken(stored: str | None) -> None:
    assert evidence.stored({"caption": "Her pitch is high", "caption_claims": stored}) is None


def test_only_what_may_be_measured_wrongly_has_its_pitch_tracked(tmp_path: Path) -> None:
    read = made(tmp_path, clips(24))
    kinds = re.findall("most typical|oddest", read.text.split("draws it for every clip.")[1])
    pictures = re.findall(r"(Spectrogram(?: and pitch contour)?)(?=\d+\.\d seconds)", read.text)
    assert len(pictures) == len(kinds) >= 10
    for kind, drawn in zip(kinds, pictures, strict=True):
        assert drawn == ("Spectrogram" if kind == "most typical" else "Spectrogram and pitch contour")


@pytest.mark.parametrize("caption", [None, "", "Nothing."])
def test_a_caption_without_claims_has_none(caption: str | None) -> None:
    spans, claims = evidence.marked({"caption": caption, "caption_claims": "{"}, {"descriptors": {}})
    assert "".join(span.text for span in spans) == (caption or "")
    assert not claims


def test_every_caption_of_the_plain_template_shows_its_claims() -> None:
    from annotate.captions.captions import Captions
    from annotate.captions.supported_reasons import literature
    from annotate.captions.templates import source

    make = Captions(source("captions", "plain"), "plain", "explanation", literature())
    for place in range(300):
        row: dict[str, Any] = {
            "id": f"r{place}", "split": "train", "drop_audio": None, "intensity": None,
            "transcript": None, "hedged": [],
            "emotion": ("anger", "sadness", "neutral", "fear", "calm")[place % 5],
            "gender": ("female", "male")[place % 2],
            "pitch": ("low", "normal", "high")[place % 3], "speed": ("slow", "normal", "fast")[place // 3 % 3],
            "volume": ("quiet", "normal", "loud")[place // 9 % 3],
        }  # fmt: skip
        row |= make.compute_row(row)
        _, claims = evidence.marked(row, {"descriptors": {}})
        assert [claim.claim for claim in claims if not claim.holds] == [], row["caption"]
        assert {claim.claim for claim in claims} >= {"pitch", "speed", "volume", "emotion", "gender"}, row["caption"]


def test_the_spectrogram_shows_a_tone_where_it_is() -> None:
    samples = np.sin(2 * np.pi * 2500 * np.arange(16000) / 16000).astype("float32")
    shown = picture.spectrogram(samples)
    assert shown.shape[0] == picture.ROWS
    assert shown.max() == 0.0
    assert shown.min() >= -picture.RANGE_DB
    loudest = shown.mean(axis=1).argmax() / picture.ROWS * picture.HIGHEST_HZ
    assert loudest == pytest.approx(2500, abs=40)
    assert np.isfinite(picture.spectrogram(np.zeros(1600, "float32"))).all()


def test_a_louder_point_is_always_lighter() -> None:
    steps = np.arange(-picture.RANGE_DB, 1.0, picture.STEP_DB)
    held = picture.shaded(np.tile(steps, (2, 1)))
    shades = np.asarray(Image.open(io.BytesIO(held)).convert("RGB"))[0].astype(float)
    lightness = shades @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) > 0).all()
    assert lightness[0] == 0


@pytest.mark.parametrize(
    ("pitch", "sound", "said"),
    [
        ("praat", tone(150), "median 150 Hz"),
        ("none", tone(150), "not tracked"),
        ("praat", tone(0), "No pitch was found"),
    ],
)
def test_the_picture_says_what_it_shows(pitch: str, sound: bytes, said: str) -> None:
    scale: dict[str, Any] = {"descriptors": {}}
    drawn = examples.picture_of(sound, {}, scale, pitch, "clip")
    assert drawn is not None
    assert said in drawn
    assert examples.picture_of(b"no audio at all", {}, scale, pitch, "clip") is None


def luminance(colour: str) -> float:
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(hue: str, part: float, under: str) -> str:
    pairs = [(int(hue[p : p + 2], 16), int(under[p : p + 2], 16)) for p in (1, 3, 5)]
    return "#" + "".join(f"{round(part * over + (1 - part) * below):02x}" for over, below in pairs)


def test_every_colour_can_be_read_in_light_dark_and_print() -> None:
    css = (assets.home("templates") / page.STYLE).read_text(encoding="utf-8")
    themes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    ]
    assert len(themes) == 3
    for theme in themes:
        for under in ("surface", "card"):
            for name in ("ink", "muted", "link"):
                assert contrast(theme[name], theme[under]) >= 4.5, (name, under, theme)
            for name in ("female", "male", "unknown"):
                assert contrast(theme[name], theme[under]) >= 3, (name, under, theme)
        assert contrast(theme["ink"], theme["warn"]) >= 4.5
        for hue in ("more", "less"):
            assert contrast(theme["ink"], mixed(theme[hue], 0.42, theme["surface"])) >= 4.5


@pytest.mark.parametrize(
    ("value", "said"), [(1234.5, "1234"), (123.4, "123"), (12.34, "12.3"), (-1.234, "\u22121.23"), (0.01234, "0.012")]
)
def test_figures(value: float, said: str) -> None:
    assert text.figure(value) == said


def test_signs_and_shares() -> None:
    assert text.signed(-0.04) == "0.0"
    assert text.signed(0.06) == "+0.1"
    assert text.signed(-3, 0) == "\u22123"
    assert text.percent(0.001) == "<1 %"
    assert text.percent(0) == "0 %"
    assert text.percent(0.5) == "50 %"
    assert [text.unit(name) for name in ("pitch_slope_st_s", "pitch_sd_st", "jitter")] == [
        "semitones/s",
        "semitones",
        "",
    ]
    assert sorted(["s10", "s9", "a"], key=text.natural) == ["a", "s9", "s10"]


def test_the_level_curve_is_that_of_the_samples() -> None:
    half = np.concatenate([np.zeros(8000), 0.1 * np.sin(2 * np.pi * 200 * np.arange(8000) / 16000)]).astype("float32")
    times, level = picture.level_db(half)
    assert len(times) == 100
    assert np.isnan(level[:45]).all()
    assert np.allclose(level[55:95], 20 * np.log10(0.1 / np.sqrt(2)), atol=0.2)
