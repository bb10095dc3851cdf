"""The accuracy bench: its truth is true, its lines say what they should, a missing corpus is no success."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARED, recording, voice

from annotate import attributes
from annotate.cli.annotate import main
from annotate.features import headline_errors, known_errors
from annotate.features.contour import Contour
from annotate.features.rate import signal
from annotate.features.syllables import english
from annotate.recipe_sections import FeatureSettings
from benchmarks import disturbed, table
from benchmarks.accuracy import __main__ as bench
from benchmarks.accuracy import gender, loudness, pitch, rate, textgrid, transcript_rate
from benchmarks.accuracy import stability as stability_bench
from benchmarks.accuracy.line import Line
from benchmarks.fit import english as fit_english
from benchmarks.fit import rate as fit_rate
from benchmarks.recordings import clips, whole


def test_what_is_not_there_is_not_measured_and_not_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["accuracy", str(tmp_path), "--only", "pitch", "--only", "gender", "--json", str(tmp_path / "table.json")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", argv)
        assert bench.main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 of 26 reaches hold"
    stored = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert {line["reached"] for line in stored} == {None}
    assert {line["held"] for line in stored if line["reach"]} == {False}


def test_pitch_errors_are_counted_against_the_reference() -> None:
    times = np.arange(0, 0.3, 0.005)
    found = Contour(times, np.where(times < 0.15, 100.0, 0.0))
    reference = np.where(pitch.REFERENCE_STEP_S * np.arange(20) < 0.15, 100.0, 0.0)
    assert pitch.errors([(found, reference)]) == (0.0, 0.0)  # type: ignore[list-item]
    half = np.where(np.arange(20) < 5, 2 * reference, reference)
    assert pitch.errors([(found, half)])[0] == pytest.approx(50.0)  # type: ignore[list-item]
    silent = np.zeros(20)
    assert pitch.errors([(found, np.where(np.arange(20) < 1, reference, silent))])[1] == pytest.approx(45.0)  # type: ignore[list-item]


def test_the_standards_filter_is_that_of_the_standard() -> None:
    # BS.1770-4 is built so that 997 Hz gains 0.691 dB; 100 Hz loses about 1.1 and 4 kHz gains about 4
    assert loudness.k_weight(997.0) == pytest.approx(0.691, abs=0.01)
    assert loudness.k_weight(100.0) == pytest.approx(-1.1, abs=0.1)
    assert loudness.k_weight(4000.0) == pytest.approx(4.0, abs=0.1)


def test_hand_labels_are_read_word_by_word() -> None:
    path = SHARED / "data" / "emur_ae" / "msajc010.TextGrid"
    if not path.is_file():
        pytest.skip("the hand-labelled sentences are not here (../shared/data/emur_ae)")
    label = textgrid.read(path)
    assert dict(label.words) == {
        "it": 1, "is": 1, "futile": 2, "to": 1, "offer": 2, "any": 2, "further": 2, "resistance": 3
    }  # fmt: skip
    assert label.syllables == 14
    assert label.spoken_s == pytest.approx(2.45, abs=0.01)


def test_a_cut_clip_is_not_taken_for_a_whole_one() -> None:
    found = clips(SHARED / "data", "emodb")
    if not found:
        pytest.skip("EmoDB is not here (../shared/data/emodb)")
    cut = [clip for clip in found if not whole(clip, clip.recording())]
    assert len(found) - len(cut) == 56
    assert {"a05", "b01", "b02", "b03", "b09", "b10"} <= {clip.sentence for clip in cut}


def test_counts_by_hand_are_of_the_sentences() -> None:
    import yaml

    from benchmarks.recordings import EMODB

    by_hand = yaml.safe_load(transcript_rate.TRUTH.read_text(encoding="utf-8"))["emodb"]
    for sentence, words in by_hand.items():
        said = [word.strip(".,?").lower() for word in EMODB[sentence].split()]
        assert list(words) == list(dict.fromkeys(said))


def test_patterns_are_learned_from_words_and_listed_words_are_those_they_miss() -> None:
    lexicon = fit_english.Lexicon(
        {word: frozenset({count}) for word, count in {"cat": 1, "bat": 1, "cake": 1, "bake": 1, "cafe": 2}.items()},
        {
            "cat": "c}k a}æ t}t", "bat": "b}b a}æ t}t", "cake": "c}k a}eɪ k}k e}_", "bake": "b}b a}eɪ k}k e}_",
            "cafe": "c}k a}æ f}f e}eɪ",
        },
    )  # fmt: skip
    patterns = fit_english.learn(lexicon.counts, lexicon)
    assert patterns[0, "a"] == 1
    shipped = english.tables
    try:
        fit_english.use(patterns, {})
        assert [english.syllables(word) for word in ("cat", "cake", "rake")] == [1, 1, 1]
        assert fit_english.exceptions(lexicon.counts, lexicon) == {"cafe": 2}
    finally:
        english.tables = shipped
        english.syllables.cache_clear()


def test_the_factors_of_the_rate_take_off_the_bias_of_each_count() -> None:
    dice = np.random.default_rng(0)
    rates = {"emodb": dice.normal(6, 1, 100), "fda": dice.normal(5, 1, 10)}
    rows = [
        (corpus, float(rate), np.array([0.8 * rate, (1.25 if corpus == "fda" else 0.8) * rate]))
        for corpus, found in rates.items()
        for rate in found
    ]
    # every corpus weighs the same, however many clips it has
    assert fit_rate.fit(rows) == {"peaks": pytest.approx(1.25), "vowels": pytest.approx(1.0)}


def test_settings_of_the_rate_are_chosen_without_the_corpus_scored() -> None:
    """On the corpus that is scored another candidate would be perfect: it must have no say."""
    dice = np.random.default_rng(1)
    made = {}
    for corpus in ("emodb", "ravdess", "fda"):
        truth = dice.uniform(3, 7, 40)
        peaks = np.stack([truth + dice.normal(0, 2, 40) for _ in rate.CANDIDATES], axis=1)
        peaks[:, 7 if corpus == "fda" else 5] = truth
        made[corpus] = (truth, np.abs(peaks), truth)
    _, nested, chosen = rate._counts(made, "fda")
    assert str(rate.CANDIDATES[5]) in chosen
    assert rate.correlation(nested, made["fda"][0]) < 0.99


def test_a_nested_figure_is_what_is_judged_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [Line("flattering", 99.0, 95.0, False, "%", nested=91.0), Line("plain", 99.0, 95.0, False, "%")]
    assert table.show(lines) == 1
    first, second = capsys.readouterr().out.splitlines()[1:3]
    assert "99 %" in first
    assert "91 %" in first
    assert "NO" in first
    assert "in-sample" in second
    assert "yes" in second
    assert bench.known(lines[0]).reached == "91 %"


def test_calibration_is_how_far_stated_and_right_lie_apart() -> None:
    odds = np.full(100, np.log(9.0))  # says 0.9
    assert gender.calibration(odds, np.arange(100) < 90) == pytest.approx(0.0, abs=1e-9)
    assert gender.calibration(odds, np.arange(100) < 60) == pytest.approx(0.3, abs=1e-9)


def test_known_errors_go_from_the_table_to_the_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line("pitch: off", 4.4567, 4.5, True, "%", "30 clips", ("pitch_median_hz",), "pitch: praat")
    monkeypatch.setattr(known_errors, "FILE", tmp_path / "known.json")
    known_errors.write([bench.known(line)])
    (told,) = known_errors.by_column({"pitch": "praat", "rate": "none"})["pitch_median_hz"]
    assert (told.reached, told.reach, told.held) == ("4.46 %", "at most 4.5", True)
    assert known_errors.by_column({"pitch": "dio"}) == {}
    known_errors.all_errors.cache_clear()


def test_the_shipped_figures_are_of_every_default_estimator() -> None:
    told = known_errors.by_column({"pitch": "praat", "energy": "lufs", "rate": "transcript", "gender": "encoder"})
    assert {"pitch_median_hz", "loudness_lufs", "rate_syllables_s", "gender"} <= set(told)
    assert {one.estimator for one in told["rate_syllables_s"]} == {"rate: transcript", "rate: signal"}


@pytest.mark.parametrize("name", attributes.names())
def test_describe_prints_each_attributes_errors_and_stability(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    measure, features = attributes.load(name).measure, FeatureSettings().model_dump()
    figures = known_errors.by_column(features)[measure]
    stability = [figure.what for figure in figures if name in figure.columns]
    for how in disturbed.ALL:
        left_out = how not in stability_bench.TOLD or how in disturbed.CHANGES_ITSELF.get(measure, ())
        assert (f"words that stay: {name}, {how}" in stability) == (not left_out)
    assert main(["describe", name]) == 0
    printed = capsys.readouterr().out
    assert all(known_errors.sentence(figure) in printed for figure in figures)
    # the card has the one that matters most, of the same file
    assert measure in headline_errors.by_column(features)


def test_no_count_of_the_rate_depends_on_the_gain() -> None:
    sound = voice(2.0, 150, syllables=4.0)
    loud, quiet = signal.counts(recording(sound)), signal.counts(recording((0.1 * sound).astype(np.float32)))
    assert loud is not None
    np.testing.assert_allclose(quiet, loud, rtol=0.02)
