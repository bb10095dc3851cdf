"""The scores by their definitions, on answers made by hand; the table's four forms."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest

from annotate.semollm.data.folds import Fold
from annotate.semollm.evaluation import baselines, caption_metrics, metrics, published_results, results_table
from annotate.semollm.inference import parse_replies

LABELS = ["neutral", "anger", "sadness"]
WORDS = {
    "gender": ["female", "male"],
    "pitch": ["low", "normal", "high"],
    "speed": ["slow", "normal", "fast"],
    "volume": ["quiet", "normal", "loud"],
}


def row(speaker: str, emotion: str, reply: str, **further: Any) -> dict[str, Any]:
    facts = {"gender": "female", "pitch": "low", "speed": "normal", "volume": "loud", "transcript": None}
    return {"id": reply, "speaker": speaker, "emotion": emotion, "reply": reply, **facts, **further}


def test_a_reply_is_read_into_what_it_names() -> None:
    text = "'a female, in sadness, with high pitch'"
    reply = f"The Emotion may be Anger. The male is saying {text} with low pitch, normal speed and loud volume."
    assert parse_replies.parse_reply(reply, LABELS, WORDS) == {
        "emotion": "anger", "gender": "male", "pitch": "low", "speed": "normal", "volume": "loud",
        "transcript": "a female, in sadness, with high pitch",
    }  # fmt: skip
    assert set(parse_replies.parse_reply("I cannot tell.", LABELS, WORDS).values()) == {None}
    assert parse_replies.parse_reply("The female is normal.", LABELS, WORDS)["gender"] == "female"
    assert parse_replies.parse_reply("with normal volume", LABELS, WORDS)["pitch"] is None


def answers() -> list[dict[str, Any]]:
    made = [
        row("a", "neutral", "It is neutral."), row("a", "neutral", "It is neutral."), row("b", "neutral", "anger!"),
        row("b", "neutral", "It is neutral."), row("a", "anger", "No idea."), row("b", "anger", "anger"),
    ]  # fmt: skip
    return metrics.read(made, LABELS, WORDS)


def test_ua_wa_and_f1_are_those_of_the_field() -> None:
    found = metrics.figures(answers(), "E")
    assert (found.clips, found.speakers, found.unparsed) == (6, 2, 1)
    assert found.ua == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert found.wa == pytest.approx(4 / 6)
    # neutral: 3 of 3 named, 3 of 4 found; anger: 1 of 2 named, 1 of 2 found
    assert found.f1 == pytest.approx((4 * (6 / 7) + 2 * 0.5) / 6)
    assert found.confusion == {"anger": {"none named": 1, "anger": 1}, "neutral": {"neutral": 3, "anger": 1}}
    assert found.attributes == {}
    assert found.faithful is None


def test_attributes_count_where_their_truth_is_known() -> None:
    made = [
        row("a", "anger", "anger. The female is speaking with low pitch."),
        row("a", "anger", "anger. The male is speaking with high pitch."),
        row("b", "anger", "anger. The female is speaking with low pitch.", pitch=None),
        row("b", "anger", "anger."),
    ]
    found = metrics.figures(metrics.read(made, LABELS, WORDS), "E+G+P")
    assert found.attributes == {"gender": pytest.approx(2 / 4), "pitch": pytest.approx(1 / 3)}
    assert set(metrics.figures(metrics.read(made, LABELS, WORDS), None).attributes) == {"gender", "pitch"}


def test_an_explanation_is_faithful_where_all_that_it_says_is_true_of_the_clip() -> None:
    said = ("low pitch and loud volume", "low pitch and quiet volume", "low pitch")
    made = [row("a", "anger", f"The Emotion may be sadness. The female is speaking with {one}.") for one in said]
    made.append(row("a", "anger", "The Emotion may be anger."))  # explains nothing
    assert metrics.faithful(made) == pytest.approx(2 / 3)


def test_word_errors_are_jiwer_s_and_a_reply_without_a_text_lacks_all_words() -> None:
    pytest.importorskip("jiwer")
    texts = ["Kids are talking by the door", "Dogs are sitting by the door"]
    replies = ["anger. The male is saying 'kids are walking by the door.'", "anger."]
    made = [row("a", "anger", reply, transcript=text) for reply, text in zip(replies, texts, strict=True)]
    found = metrics.figures(metrics.read(made, LABELS, WORDS), "E+T")
    assert found.wer == pytest.approx(7 / 12)


def test_calibration_is_the_gap_between_chance_and_share_right() -> None:
    chances = {"neutral": 0.85, "anger": 0.1, "sadness": 0.05}
    made = [row("a", emotion, "x", chances=chances) for emotion in ("neutral", "neutral", "anger", "neutral")]
    error, bins = metrics.calibration(made)
    assert error == pytest.approx(0.85 - 0.75)
    assert bins == [(pytest.approx(0.85), 0.75, 4)]
    assert metrics.calibration(answers()) == (None, [])


def test_the_interval_resamples_speakers_and_not_clips() -> None:
    # one speaker all right, one all wrong: resampled, the share is 0, 1/2 or 1, however many clips they have
    made = [row("a", "anger", "anger")] * 200 + [row("b", "anger", "neutral")] * 200
    assert metrics.interval(metrics.read(made, LABELS, WORDS), metrics.wa) == (0.0, 1.0)
    assert metrics.interval(metrics.read(made[:200], LABELS, WORDS), metrics.wa) is None
    assert metrics.interval(answers(), metrics.ua) == metrics.interval(answers(), metrics.ua)


def test_captioning_scores_are_high_for_the_right_sentence_with_the_wrong_emotion() -> None:
    for name in ("sacrebleu", "rouge_score", "nltk"):
        pytest.importorskip(name)
    wanted = "The Emotion may be anger. The female is speaking with low pitch, normal speed and loud volume."
    same, other = (
        caption_metrics.scores([wanted], [wanted]),
        caption_metrics.scores([wanted.replace("anger", "fear")], [wanted]),
    )
    assert same["BLEU"] == pytest.approx(1.0)
    assert same["ROUGE-L"] == pytest.approx(1.0)
    assert same["METEOR"] > 0.99
    assert all(0.7 < other[name] < same[name] for name in same)
    # 1 match of 2 words each: F = 10 P R / (R + 9 P) = 0.5, one chunk of one match takes half of it off
    assert caption_metrics.meteor("angry cat", "angry dog") == pytest.approx(0.25)


def test_a_baseline_never_sees_the_speakers_that_it_names() -> None:
    class Clip:
        def __init__(self, speaker: str, emotion: str) -> None:
            self.id, self.speaker, self.emotion = f"{speaker}{emotion}", speaker, emotion

    clips: Any = [Clip(speaker, emotion) for speaker in "abcd" for emotion in LABELS * 8]
    random = np.random.default_rng(0)
    vectors = np.array([[9 * LABELS.index(clip.emotion) ** 2, random.normal() / 9] for clip in clips], np.float32)
    cut = [Fold(1, 2, ("a", "b")), Fold(2, 2, ("c", "d"))]
    rows = baselines.run(clips, vectors, cut, baselines.probe)
    assert sorted(one["id"] for one in rows) == sorted(clip.id for clip in clips)
    assert metrics.ua(rows) > 0.6
    seen = []
    baselines.run(clips, vectors, cut, lambda train, x, y: seen.append((len(train), len(x), len(y))) or ["anger"] * 48)
    assert seen == [(48, 48, 48), (48, 48, 48)]
    assert metrics.ua(baselines.run(clips, vectors, cut, baselines.svm)) > 0.6
    assert metrics.ua(baselines.run(clips, vectors, cut, baselines.majority)) == pytest.approx(1 / 3)


LINES = [
    results_table.Line(
        "ours", "E+V", True, {"UA": 71.234, "V": 95.0, "unnamed": 0.0}, {"UA": 2.5}, {"UA": (60.0, 80.0)}, 960
    ),
    *results_table.published("ravdess", ["E+V"]),
]


def test_the_table_in_four_forms() -> None:
    markdown = results_table.rendered(LINES, "md", ["A note."])
    assert "| ours | E+V | yes | 71.2 ± 2.5 (60.0-80.0) |" in markdown
    assert "| paper | E+V | no | 64.16 | 63.11 |  |  |  | 93.05 |" in markdown
    assert "| T |" not in markdown  # a column that no row has
    assert markdown.endswith("A note.")
    rows = list(csv.DictReader(io.StringIO(results_table.rendered(LINES, "csv"))))
    assert [one["UA"] for one in rows] == ["71.23", "64.16", "63.67", "63.20", "62.23"]
    latex = results_table.rendered(LINES, "latex")
    assert r"71.2 $\pm$ 2.5 (60.0-80.0)" in latex
    assert latex.count(r"\\") == len(LINES) + 1
    plain = json.loads(results_table.rendered(LINES, "json"))
    assert plain["rows"][0]["intervals"] == {"UA": [60.0, 80.0]}


def test_the_paper_s_rows_have_a_cell_a_column() -> None:
    for rows in published_results.TABLE_II.values():
        for content, sides in rows.items():
            for cells in sides:
                assert len(cells) == len(published_results.COLUMNS)
                if content != "average":
                    named = {
                        letter for letter, cell in zip(published_results.COLUMNS[2:], cells[2:], strict=True) if cell
                    }
                    assert named == set(content.split("+")[1:])


@pytest.mark.parametrize(
    ("reply", "emotion"),
    [
        ("The person is saying 'That was such a surprise'. The Emotion may be anger.", "anger"),
        ("The person is saying 'I'm full of anger, isn't it?'.", None),
        ("I'd say it's fear, isn't it", "fear"),
    ],
)
def test_the_words_spoken_are_not_the_replys_own(reply: str, emotion: str | None) -> None:
    assert parse_replies.emotion_of(reply, ["anger", "fear", "surprise"]) == emotion
