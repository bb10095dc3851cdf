"""Verdicts on captions: kept at once, taken back, counted together, and used by the next run."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from annotate import settings
from annotate.dataset import verdicts
from annotate.dataset.verdicts import Verdict, VerdictJournal, mark
from annotate.pipeline import Outcome, Pipeline


def said(name: str, reviewer: str, kind: str, caption: str = "c", new: str | None = None) -> Verdict:
    return Verdict(name, reviewer, kind, mark(caption), new)  # type: ignore[arg-type]


def kinds(journal: VerdictJournal) -> dict[tuple[str, str], str]:
    return {(name, one.reviewer): one.kind for name, by in journal.standing().items() for one in by}


def test_the_latest_counts_and_undo_goes_back_one_by_one(tmp_path: Path) -> None:
    journal = VerdictJournal(tmp_path)
    journal.add(said("a", "ann", "accept"))
    journal.add(said("a", "ann", "reject"))
    journal.add(said("b", "bob", "flag"))
    assert kinds(journal) == {("a", "ann"): "reject", ("b", "bob"): "flag"}
    assert journal.undo("ann") is not None
    assert kinds(VerdictJournal(tmp_path)) == {("a", "ann"): "accept", ("b", "bob"): "flag"}
    assert journal.undo("ann") is not None
    assert journal.undo("ann") is None
    assert kinds(journal) == {("b", "bob"): "flag"}


def test_a_torn_line_costs_nothing_but_itself(tmp_path: Path) -> None:
    journal = VerdictJournal(tmp_path)
    journal.add(said("a", "ann", "accept"))
    with open(journal.path, "ab") as file:
        file.write(b'{"id": "b", "revi')
    journal.add(said("c", "ann", "reject"))
    journal.path.write_bytes(journal.path.read_bytes() + b'[1]\n{"reviewer": "x"}\n\xff\xfe\n')
    assert kinds(journal) == {("a", "ann"): "accept", ("c", "ann"): "reject"}


def test_many_at_once(tmp_path: Path) -> None:
    journal = VerdictJournal(tmp_path)

    def work(name: str) -> None:
        for place in range(40):
            journal.add(said(f"{place}", name, "accept"))

    threads = [threading.Thread(target=work, args=(f"r{k}",)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kinds(journal)) == 160


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([], "keep"),
        (["flag"], "keep"),
        (["accept"], "keep"),
        (["reject"], "reject"),
        (["accept", "reject"], "reject"),
        (["accept", "accept", "reject"], "keep"),
        (["edit", "reject"], "edit"),
        (["edit", "reject", "reject"], "reject"),
        (["edit", "accept", "reject", "reject"], "edit"),
    ],
)
def test_what_several_say_together(given: list[str], what: str) -> None:
    votes = [said("a", f"r{place}", kind, new="new" if kind == "edit" else None) for place, kind in enumerate(given)]
    assert verdicts.decided(votes)[0] == what


def test_agreement_is_krippendorffs_alpha() -> None:
    """The worked example of Krippendorff (2011), nominal data of two observers: alpha = 0.095."""
    one = ["0", "1", "0", "0", "0", "0", "0", "0", "1", "0"]
    two = ["1", "1", "1", "0", "0", "1", "0", "0", "0", "0"]
    names = {"0": "accept", "1": "reject"}
    standing = {
        str(unit): [said(str(unit), "A", names[a]), said(str(unit), "B", names[b])]
        for unit, (a, b) in enumerate(zip(one, two, strict=True))
    }
    found = verdicts.agreement(standing)
    assert found.rows == 10
    assert found.same == 6
    assert found.alpha is not None
    assert np.isclose(found.alpha, 0.095, atol=0.0005)
    assert verdicts.agreement({"x": [said("x", "A", "accept")]}).alpha is None
    assert verdicts.agreement({}).rows == 0


@pytest.fixture(scope="module")
def base(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[settings.Recipe, dict[str, Any]]:
    output = tmp_path_factory.mktemp("reviewed") / "out"
    recipe = settings.load("ravdess", [f"corpus.root={tiny}", "dataset.audio=none"], output)
    Pipeline(recipe).run()
    return recipe, rows(output)


def rows(output: Path) -> dict[str, Any]:
    return {row["id"]: row for path in (output / "data").iterdir() for row in pq.read_table(path).to_pylist()}


def test_the_next_run_uses_them_and_says_so(base: tuple[settings.Recipe, dict[str, Any]]) -> None:
    recipe, before = base
    journal = VerdictJournal(recipe.output)
    assert not Pipeline(recipe).run().computed
    names = sorted(name for name, row in before.items() if row["pitch"] and row["volume"])[:6]
    good, bad, changed, wrong, old, flagged = names

    def say(name: str, kind: str, new: str | None = None, of: str | None = None) -> None:
        journal.add(said(name, "ann", kind, of or before[name]["caption"], new))

    row = before[changed]
    wording = f"Here is a {row['pitch']}-pitched voice with a {row['volume']} volume."
    other = {"quiet": "loud", "loud": "quiet", "normal": "loud"}[before[wrong]["volume"]]
    say(good, "accept")
    say(bad, "reject")
    say(changed, "edit", wording)
    say(wrong, "edit", f"A {other} voice.")
    say(old, "reject", of="what the caption was last year")
    say(flagged, "flag")
    outcome: Outcome = Pipeline(recipe).run()
    assert set(outcome.computed) == {"review", "dataset"}  # the review is a stage of its own
    after = rows(recipe.output)
    assert after[changed]["caption"] == wording
    assert after[changed]["caption_writer"] == "review"
    assert json.loads(after[changed]["caption_claims"])["volume"] == row["volume"]
    assert after[bad]["caption"] is None
    assert after[bad]["caption_claims"] is None
    for name in before:
        if name not in (changed, bad):
            assert after[name] == before[name]
    assert outcome.summary["review"] == {
        "accepted": 1,
        "rejected: left without a caption": 1,
        "edited: the reviewer's wording is published": 1,
        "edited, but the claim check refuses the wording: not used": 1,
        "on a caption that has changed since: not used": 1,
        "flagged": 1,
    }
    card = (recipe.output / "README.md").read_text()
    assert "| review |  | 0 | 1 |" in card
    # the edited caption is now what people see; what they say of it counts, and their edit stays
    journal.add(said(changed, "ann", "accept", wording))
    assert not [row for row in [rows(Pipeline(recipe).run().folder)[changed]] if row["caption"] != wording]
    journal.add(said(changed, "bob", "reject", wording))
    Pipeline(recipe).run()
    assert rows(recipe.output)[changed]["caption"] == before[changed]["caption"]


def test_a_rejected_caption_of_a_writer_gives_way_to_the_templates() -> None:
    row = {"id": "a", "caption": "From a model.", "caption_model": "m", "caption_writer": "llm"}
    instead = {"caption": "From the template.", "caption_writer": "template", "caption_claims": "{}"}
    review = verdicts.Review({"a": [said("a", "ann", "reject", "From a model.")]}, instead=lambda row: instead)
    review(row)
    assert row["caption"] == "From the template."
    assert dict(review.counts) == {"rejected: replaced by the template's caption": 1}


@pytest.mark.parametrize("clock", [("2026-05-01T00:00:00Z", "2020-01-01T00:00:00Z"), ("", ""), ("z", "a")])
def test_the_latest_edit_is_that_of_the_last_line_whatever_the_clock(tmp_path: Path, clock: tuple[str, str]) -> None:
    """A clock set back, of another machine, in another zone: the order of the lines is the order of what was said."""
    lines = [
        {"id": "a", "reviewer": name, "kind": "edit", "of": mark("c"), "caption": text, "when": when}
        for name, text, when in (("zoe", "first", clock[0]), ("ann", "second", clock[1]))
    ]
    (tmp_path / verdicts.FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    standing = VerdictJournal(tmp_path).standing()["a"]
    assert verdicts.decided(standing) == ("edit", "second")
    again = {**lines[0], "caption": "third", "when": "1970-01-01T00:00:00Z"}
    with open(tmp_path / verdicts.FILE, "a") as file:
        file.write(json.dumps(again) + "\n")
    assert verdicts.decided(VerdictJournal(tmp_path).standing()["a"]) == ("edit", "third")


def test_a_verdict_whose_line_is_damaged_is_not_used(tmp_path: Path) -> None:
    journal = VerdictJournal(tmp_path)
    journal.add(said("a", "ann", "edit", new="A loud voice."))
    journal.add(said("b", "ann", "accept"))
    journal.path.write_text(journal.path.read_text().replace("loud", "lout"))
    assert kinds(VerdictJournal(tmp_path)) == {("b", "ann"): "accept"}
