"""Which word goes with which emotion: counted over speakers, on the training split alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.descriptors import evidence
from annotate.descriptors.tally import Coded, tally

WORDS = {"volume": ["quiet", "normal", "loud"]}


def rows(
    shares: dict[str, tuple[float, float, float]], speakers: int = 8, each: int = 30, seed: int = 0
) -> list[dict[str, Any]]:
    """Clips of emotions whose words have these shares."""
    dice = np.random.default_rng(seed)
    return [
        {
            "id": f"{s}-{emotion}-{k}",
            "speaker": f"s{s}",
            "emotion": emotion,
            "volume": str(dice.choice(WORDS["volume"], p=p)),
        }
        for s in range(speakers)
        for emotion, p in shares.items()
        for k in range(each)
    ]


def told(found: list[dict[str, Any]]) -> evidence.Senses:
    return evidence.senses(evidence.weigh(tally(found, WORDS), {"corpus": "made"}))


MOSTLY_NOT_LOUD = {"anger": (0.45, 0.4, 0.15), "calm": (0.2, 0.3, 0.5), "neutral": (0.33, 0.34, 0.33)}


def test_in_a_corpus_whose_anger_is_mostly_not_loud_loud_does_not_suggest_anger() -> None:
    found = told(rows(MOSTLY_NOT_LOUD))
    assert found["anger"]["volume"]["loud"] == "against"
    assert found["anger"]["volume"]["quiet"] == "for"
    assert found["calm"]["volume"] == {"quiet": "against", "loud": "for"}
    assert found["neutral"]["volume"] == {}


def test_chance_is_no_reason() -> None:
    flat = dict.fromkeys(("anger", "calm", "fear", "joy"), (1 / 3, 1 / 3, 1 / 3))
    wrong = sum(len(told(rows(flat, seed=seed))[e]["volume"]) for seed in range(20) for e in flat)
    assert wrong <= 0.05 * 20 * 12


def test_what_holds_for_one_speaker_alone_is_no_reason() -> None:
    found = rows({"anger": (0.33, 0.34, 0.33), "calm": (0.33, 0.34, 0.33)})
    for row in found:
        if row["speaker"] == "s0":
            row["volume"] = "loud" if row["emotion"] == "anger" else "quiet"
    cell = evidence.weigh(tally(found, WORDS), {})["emotions"]["anger"]["volume"]["loud"]
    assert cell["difference"] > 0
    assert cell["interval"][0] < 0
    assert cell["sense"] == "silent"


def test_a_difference_too_small_to_matter_is_no_reason_however_many_clips() -> None:
    found = told(rows({"anger": (0.32, 0.32, 0.36), "calm": (1 / 3, 1 / 3, 1 / 3)}, speakers=40, each=400))
    assert found["anger"]["volume"] == {}


def test_too_few_speakers_tell_nothing() -> None:
    two = rows(MOSTLY_NOT_LOUD, speakers=2, each=200)
    assert told(two) == {emotion: {"volume": {}} for emotion in ("anger", "calm", "neutral")}
    # a corpus without speakers: each clip is one
    nobody = [{**row, "speaker": None} for row in rows(MOSTLY_NOT_LOUD, speakers=2, each=200)]
    assert told(nobody)["anger"]["volume"]["loud"] == "against"


def test_the_counts_and_shares_are_those_of_the_rows() -> None:
    found = rows(MOSTLY_NOT_LOUD)
    content = evidence.weigh(tally(found, WORDS), {"corpus": "made", "split": "train"})
    cell = content["emotions"]["anger"]["volume"]["loud"]
    mine = [row for row in found if row["emotion"] == "anger"]
    assert cell["clips"] == sum(row["volume"] == "loud" for row in mine)
    assert cell["of"] == len(mine)
    assert cell["share"] == pytest.approx(cell["clips"] / cell["of"], abs=1e-4)
    assert cell["overall"] == pytest.approx(np.mean([row["volume"] == "loud" for row in found]), abs=1e-4)
    assert cell["interval"][0] < cell["difference"] < cell["interval"][1]
    assert content["speakers"] == 8
    assert content["of"] == {"corpus": "made", "split": "train"}


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """200 corpora of one law: the true difference lies within about 95 % of the intervals."""
    truth = 0.5 - (0.5 + 0.2) / 2
    inside = 0
    for seed in range(200):
        found = rows({"a": (0.25, 0.25, 0.5), "b": (0.4, 0.4, 0.2)}, speakers=10, each=20, seed=seed)
        low, high = evidence.weigh(tally(found, WORDS), {})["emotions"]["a"]["volume"]["loud"]["interval"]
        inside += low <= truth <= high
    assert 0.88 <= inside / 200 <= 1.0


def test_rows_without_an_emotion_or_a_word_are_not_counted() -> None:
    found = rows(MOSTLY_NOT_LOUD)
    holes = [{**found[0], "emotion": None}, {**found[0], "volume": None}] * 50
    assert told([*found, *holes]) == told(found)
    assert told([]) == {}


def test_the_report_shows_the_table(tmp_path: Any) -> None:
    import json

    from conftest import tiny_ravdess

    from annotate import settings
    from annotate.pipeline import Pipeline

    tiny_ravdess(tmp_path / "corpus")
    lines = [f"corpus.root={tmp_path / 'corpus'}", "descriptors.smallest_group=5", "features.voice=none"]
    lines += ["descriptors.attributes=paper", "descriptors.against=group"]  # few words to test
    Pipeline(settings.load("ravdess", lines, tmp_path / "out")).run()
    content = json.loads((tmp_path / "out" / "evidence.json").read_text())
    assert content["of"] == {"corpus": "ravdess", "split": "train", "split_rule": "speaker", "fold": 1}
    assert content["emotions"]["anger"]["pitch"]["high"]["sense"] == "for"
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Training split only" in page
    assert "<small>suggests</small>" in page
    assert "<small>against</small>" in page


def test_the_test_split_has_no_say(tmp_path: Any) -> None:
    """The labels of the test split, exchanged, change no sense and no caption of the training split."""
    import json
    import shutil

    import pyarrow.parquet as pq
    from conftest import tiny_ravdess

    from annotate import settings
    from annotate.pipeline import Pipeline

    tiny_ravdess(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")

    def run(name: str) -> tuple[Any, dict[str, str], set[str]]:
        lines = [
            f"corpus.root={tmp_path / name}",
            "descriptors.smallest_group=5",
            "features.voice=none",
            "dataset.audio=none",
        ]
        Pipeline(settings.load("ravdess", lines, tmp_path / f"out-{name}")).run()
        found = [r for p in (tmp_path / f"out-{name}/data").glob("*.parquet") for r in pq.read_table(p).to_pylist()]
        kept = {r["id"]: r["caption"] for r in found if r["split"] == "train"}
        tested = {r["speaker"] for r in found if r["split"] == "test"}
        return json.loads((tmp_path / f"out-{name}" / "evidence.json").read_text()), kept, tested

    before, captions, tested = run("a")
    swapped = {"01": "05", "05": "04", "04": "01"}
    for actor in tested:
        folder = tmp_path / "b" / f"Actor_{actor}"
        paths = [(p, p.with_name(f"{p.name[:6]}{swapped[p.name[6:8]]}{p.name[8:]}")) for p in sorted(folder.iterdir())]
        for path, _ in paths:
            path.rename(path.with_suffix(".held"))
        for path, new in paths:
            path.with_suffix(".held").rename(new)
    after, same, _ = run("b")
    # how the reasons fare on other speakers, and how much words tell, is told with their labels, and decides nothing
    assert evidence.senses(after) == evidence.senses(before)
    assert after["rule"] == before["rule"]
    assert same == captions


@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([(0.0, 0.5, 0.5), (1.0, 0.0, 0.0), (0.3, 0.4, 0.3)]))
def test_no_interval_leaves_the_possible_or_shrinks_to_nothing(seed: int, each: int, shares: Any) -> None:
    found = rows({"anger": shares, "calm": (0.5, 0.3, 0.2)}, speakers=4, each=each, seed=seed)
    for columns in evidence.weigh(tally(found, WORDS), {})["emotions"].values():
        for cell in columns["volume"].values():
            if cell["interval"] is None:  # fewer than three speakers of whom anything can be told
                continue
            low, high = cell["interval"]
            assert -1 <= low <= cell["difference"] <= high <= 1
            assert high - low > 0.01


def test_a_cell_of_few_clips_is_silent() -> None:
    never_loud = {"anger": (0.5, 0.5, 0.0), "calm": (0.3, 0.3, 0.4), "fear": (0.3, 0.3, 0.4)}
    many = rows(never_loud, speakers=6, each=20)
    few = [row for row in many if row["emotion"] != "anger"] + [row for row in many if row["emotion"] == "anger"][:9]
    assert told(many)["anger"]["volume"]["loud"] == "against"
    assert told(few)["anger"]["volume"] == {}


def test_three_speakers_who_differ_are_no_evidence_and_three_alike_are() -> None:
    alike = rows({"anger": (0.05, 0.15, 0.8), "calm": (0.8, 0.15, 0.05)}, speakers=3, each=20)
    assert told(alike)["anger"]["volume"]["loud"] == "for"
    for row in alike:
        if row["speaker"] == "s2":  # the other way round
            row["volume"] = {"loud": "quiet", "quiet": "loud"}.get(row["volume"], row["volume"])
    assert told(alike)["anger"]["volume"] == {}


def test_reasons_are_tried_on_speakers_that_they_were_not_counted_on() -> None:
    counted = tally(rows(MOSTLY_NOT_LOUD), WORDS)
    other_way = {"anger": MOSTLY_NOT_LOUD["calm"], "calm": MOSTLY_NOT_LOUD["anger"], "neutral": (0.33, 0.34, 0.33)}
    same = evidence.weigh(counted, {}, tally(rows(MOSTLY_NOT_LOUD, seed=7), WORDS))
    other = evidence.weigh(counted, {}, tally(rows(other_way, seed=7), WORDS))
    assert same["unseen"]["hold"] == same["unseen"]["tried"] == same["unseen"]["reasons"] == 4
    assert other["unseen"]["tried"] == 4
    assert other["unseen"]["hold"] == 0
    assert other["emotions"]["anger"]["volume"]["loud"]["unseen"]["holds"] is False
    # they have no say in what is a reason
    assert evidence.senses(same) == evidence.senses(other)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(0).uniform(0, 1, 200) ** 3
    expected = false_discovery_control(p) <= 0.05
    assert 0 < expected.sum() < 200
    assert (evidence.discoveries(p, 0.05) == expected).all()


def test_tables_in_pieces_count_as_the_rows_do() -> None:
    import pyarrow as pa

    found = [{**row, "split": "train" if row["speaker"] < "s5" else "test"} for row in rows(MOSTLY_NOT_LOUD)]
    found[3] |= {"speaker": None}
    found[4] |= {"emotion": None}
    pieces = [pa.Table.from_pylist(found[at : at + 100], pa.schema([(n, pa.string()) for n in found[0]]))
              for at in range(0, len(found), 100)]  # fmt: skip
    coded = Coded.of(pieces, WORDS)
    counted = coded.tally(coded.training)
    expected = tally([row for row in found if row["split"] == "train"], WORDS)
    assert list(counted.speakers) == list(expected.speakers)
    assert (counted.counts["volume"] == expected.counts["volume"]).all()
    assert set(coded.tally(coded.unseen()).speakers) == {"s5", "s6", "s7"}
