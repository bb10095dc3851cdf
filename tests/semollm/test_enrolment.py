"""Enrolment: a clip against its speaker's other clips, by the properties that it has to have."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from annotate.errors import UsageError  # noqa: E402
from annotate.semollm.inference import recording_list  # noqa: E402
from annotate.semollm.model import enrolment  # noqa: E402
from annotate.semollm.model.bridge import over_time  # noqa: E402
from annotate.semollm.model.enrolled_readout import EnrolledReadout  # noqa: E402
from annotate.semollm.training import calibration  # noqa: E402

NUMBERS = 6


@st.composite
def clips(draw: st.DrawFn) -> tuple[np.ndarray, list[str | None]]:
    """Clips of some speakers, some numbers unmeasured, some speakers unknown."""
    speakers = draw(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=30))
    random = np.random.default_rng(draw(st.integers(0, 9999)))
    vectors = random.normal(size=(len(speakers), NUMBERS)) * 10 ** draw(st.integers(-2, 3))
    vectors[random.random(vectors.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    return vectors, speakers


def relative(vectors: np.ndarray, speakers: list[str | None], most: int | None = None) -> list[np.ndarray | None]:
    within = np.ones(NUMBERS)
    return [
        None if one is None else enrolment.relative(row, one, within)
        for row, one in zip(vectors, enrolment.of_others(vectors, speakers, most), strict=True)
    ]


def same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return (one is None and other is None) or (one is not None and np.allclose(one, other, atol=1e-6))


@given(clips(), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_clips_changes_nothing(made: tuple[np.ndarray, list[str | None]], random: object) -> None:
    vectors, speakers = made
    order = list(range(len(speakers)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = relative(vectors, speakers)
    moved = relative(vectors[order], [speakers[at] for at in order])
    assert all(same(moved[place], found[at]) for place, at in enumerate(order))


@given(clips())
@settings(max_examples=50, deadline=None)
def test_only_the_speaker_s_other_clips_count(made: tuple[np.ndarray, list[str | None]]) -> None:
    vectors, speakers = made
    usual = enrolment.of_others(vectors, speakers)
    for place, speaker in enumerate(speakers):
        others = [at for at, name in enumerate(speakers) if name == speaker and at != place]
        if speaker is None or len(others) + 1 < enrolment.MINIMUM:
            assert usual[place] is None
            continue
        rows = vectors[others]
        assert usual[place].clips == len(others)
        known = np.isfinite(rows).any(0)
        np.testing.assert_allclose(usual[place].mean[known], np.nanmean(rows[:, known], 0), atol=1e-9)
        np.testing.assert_allclose(usual[place].deviation[known], np.nanstd(rows[:, known], 0), atol=1e-9)
        assert np.isnan(usual[place].mean[~known]).all()


@given(clips(), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_what_is_constant_in_a_speaker_is_gone(made: tuple[np.ndarray, list[str | None]], seed: int) -> None:
    """A microphone or a voice that adds the same to all clips of a speaker is not heard any more."""
    vectors, speakers = made
    shift = {name: np.random.default_rng(seed + at).normal(size=NUMBERS) for at, name in enumerate("abc")}
    moved = np.stack(
        [row + shift.get(name or "", np.zeros(NUMBERS)) for row, name in zip(vectors, speakers, strict=True)]
    )
    for one, other in zip(relative(vectors, speakers), relative(moved, speakers), strict=True):
        assert same(one, other)
        assert one is None or np.isfinite(one).all()


def test_a_number_that_one_other_clip_alone_has_deviates_by_nothing() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 1)) * 1000
    vectors[2:] = np.nan
    found = enrolment.of_others(vectors, ["a"] * 6)
    assert [one.deviation[0] for one in found[:2]] == [0.0, 0.0]


def test_at_most_so_many_other_clips_are_drawn_and_always_the_same() -> None:
    random = np.random.default_rng(0)
    vectors, speakers = random.normal(size=(40, NUMBERS)), ["a"] * 25 + ["b"] * 15
    few = enrolment.of_others(vectors, speakers, most=20, seed=3)
    assert {one.clips for one in few[:25]} == {20}
    assert {one.clips for one in few[25:]} == {14}
    again = enrolment.of_others(vectors, speakers, most=20, seed=3)
    assert all(np.array_equal(one.mean, other.mean) for one, other in zip(few, again, strict=True))
    assert not np.array_equal(few[0].mean, enrolment.of_others(vectors, speakers, most=20, seed=4)[0].mean)


def test_fewer_than_five_clips_are_not_enrolled_and_said() -> None:
    speakers = ["a"] * 5 + ["b"] * 4 + [None]
    found = enrolment.of_others(np.ones((10, NUMBERS)), speakers)
    assert [one is not None for one in found] == [True] * 5 + [False] * 5
    assert enrolment.not_enrolled(speakers) == [
        "not enrolled, fewer than 5 clips: b (4)",
        "not enrolled, speaker unknown: 1 clips",
    ]
    assert enrolment.not_enrolled(["a"] * 5) == []
    many = [name for name in "abcdefgh" for _ in range(2)]
    assert enrolment.not_enrolled(many) == [
        "not enrolled, fewer than 5 clips: a (2), b (2), c (2), d (2), e (2) and 3 more"
    ]


def test_a_clip_s_numbers_are_those_that_the_plain_read_out_sees() -> None:
    torch.manual_seed(0)
    states, measures = torch.randn(3, 11, 4), np.array([1.0, np.nan])
    pooled = over_time(states[None], torch.ones(1, 11, dtype=torch.bool))[0].flatten().numpy()
    np.testing.assert_allclose(enrolment.clip_vector(states.numpy(), measures), [*pooled, 1.0, np.nan], rtol=1e-5)


def test_a_table_or_the_folders_say_who_speaks(tmp_path: Path) -> None:
    for name in ("ann/1.wav", "ann/2.wav", "ben/1.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = recording_list.sources([tmp_path], None, "folder")
    assert [(one.id, Path(one.speaker or "").name) for one in found] == [
        ("ann/1", "ann"), ("ann/2", "ann"), ("ben/1", "ben")
    ]  # fmt: skip
    assert {one.speaker for one in recording_list.sources([tmp_path], None)} == {None}
    listed = tmp_path / "clips.csv"
    listed.write_text("key,File_Name,SpkrID\none,ann/1.wav,A\ntwo,ben/1.wav,\n")
    found = recording_list.sources([], listed, "SpkrID")
    assert [(one.id, one.path, one.speaker) for one in found] == [
        ("one", tmp_path / "ann" / "1.wav", "A"), ("two", tmp_path / "ben" / "1.wav", None)
    ]  # fmt: skip


def test_a_mistake_about_who_speaks_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text("path,speaker\na.wav,A\n,B\n")
    (tmp_path / "bare.csv").write_text("name,speaker\na,A\n")
    (tmp_path / "clips.scp").write_text("one\ta.wav\n")
    (tmp_path / "empty.csv").write_text("path,speaker\na.wav,\n")
    for name, column, said in (
        ("clips.csv", "speakr", "column 'speakr' is unknown; did you mean 'speaker'"),
        ("clips.csv", "speaker", "line 3: no path in the column 'path'"),
        ("bare.csv", "speaker", "has no column of paths; its columns are name, speaker"),
        ("empty.csv", "speaker", "the column 'speaker' is empty, so no speaker can be enrolled"),
        ("clips.scp", "speaker", "--speaker-of speaker: expected --test-src TABLE with that column"),
    ):
        with pytest.raises(UsageError, match=re.escape(said)) as error:
            recording_list.sources([], tmp_path / name, column)
        assert len(str(error.value).splitlines()) == 1
    with pytest.raises(UsageError, match="expected --test-src TABLE"):
        recording_list.sources([tmp_path], None, "speaker")


def test_a_temperature_makes_probabilities_mean_what_they_say() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(size=(4000, 5)) * 2
    chances = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    truth = [int(random.choice(5, p=row)) for row in chances]
    for factor in (0.3, 1.0, 8.0):
        assert calibration.temperature(honest * factor, truth) == pytest.approx(factor, rel=0.1)
    assert calibration.temperature(honest[:5], truth[:5]) == 1.0  # too few to tell
    assert np.isfinite(calibration.temperature(np.zeros((40, 3)), [0] * 40))


def corpus(speakers: int, seed: int) -> tuple[np.ndarray, list[str], list[str]]:
    """The emotion moves each speaker by the same; the speakers lie much farther apart than the emotions."""
    random = np.random.default_rng(seed)
    emotion, who = np.tile([0, 1, 2], 8 * speakers), np.repeat(np.arange(speakers), 24)
    place, scale = random.normal(size=(speakers, NUMBERS)) * 30, random.uniform(0.5, 2, speakers)
    vectors = np.eye(3, NUMBERS)[emotion] * 3 + random.normal(size=(len(who), NUMBERS)) * 0.3
    words = ["neutral", "anger", "sadness"]
    return vectors * scale[who, None] + place[who], [f"s{seed}{at}" for at in who], [words[at] for at in emotion]


def test_strangers_are_recognised_by_their_own_usual() -> None:
    words = ["neutral", "anger", "sadness"]
    vectors, speakers, truth = corpus(6, 0)
    made = EnrolledReadout(NUMBERS - 2, 2, words)
    assert not made.fitted
    made.fit(vectors, speakers, truth)
    assert made.fitted
    other, strangers, wanted = corpus(4, 1)
    for most in (None, 10, 5):
        found = made.relative_to_speakers(other, strangers, most)
        logits = made.logits(torch.from_numpy(np.stack(found)))
        right = np.mean([words[at] == true for at, true in zip(logits.argmax(1), wanted, strict=True)])
        assert right > (0.95 if most is None else 0.8), most


def test_the_plain_read_out_keeps_a_share_that_falls_with_the_clips() -> None:
    words = ["neutral", "anger", "sadness"]
    vectors, speakers, truth = corpus(6, 0)
    made = EnrolledReadout(NUMBERS - 2, 2, words)
    made.fit(vectors, speakers, truth)
    plain = torch.randn(len(vectors), 3)
    for most, share in ((4, 0.5), (5, 0.5), (10, 0.25), (None, 2.5 / 23)):
        usual = enrolment.of_others(vectors, speakers, most)
        own = made.logits(torch.from_numpy(enrolment.relative(vectors[7], usual[7], made.within.double().numpy())))
        expected = ((1 - share) * own.log_softmax(0) + share * plain[7].log_softmax(0)).softmax(0)
        found = made.pooled(vectors, plain, speakers, most)[7]
        np.testing.assert_allclose(np.exp(found), expected.numpy(), rtol=1e-4)
    assert made.pooled(vectors[:4], plain[:4], speakers[:4]) == [None] * 4


def test_no_label_of_an_enrolled_speaker_is_seen() -> None:
    """A clip against its speaker is decided before any label; the labels of the fit change its weights alone."""
    words = ["neutral", "anger", "sadness"]
    vectors, speakers, truth = corpus(4, 2)
    one, other = EnrolledReadout(NUMBERS - 2, 2, words), EnrolledReadout(NUMBERS - 2, 2, words)
    one.fit(vectors, speakers, truth)
    other.fit(vectors, speakers, truth[::-1])
    for mine, theirs in zip(
        one.relative_to_speakers(vectors, speakers), other.relative_to_speakers(vectors, speakers), strict=True
    ):
        assert np.array_equal(mine, theirs)
    assert not torch.equal(one.weight, other.weight)


def test_speakers_with_too_few_clips_leave_it_unfitted() -> None:
    made = EnrolledReadout(NUMBERS - 2, 2, ["neutral", "anger"])
    made.fit(np.ones((8, NUMBERS)), ["a"] * 4 + ["b"] * 4, ["neutral", "anger"] * 4)
    assert not made.fitted
    made.fit(np.ones((8, NUMBERS)), [None] * 8, ["neutral", "anger"] * 4)
    assert not made.fitted
