"""The same recording under several names: which rows stay, and what is said of them."""

from __future__ import annotations

from typing import Any

from annotate.corpora import warnings
from annotate.features import repeats


def row(name: str, split: str, digest: str, **other: Any) -> dict[str, Any]:
    none = dict.fromkeys(repeats.COLUMNS)
    return {**none, "id": name, "split": split, "audio_digest": digest, "emotion_original": "happy", **other}


def found(*rows: dict[str, Any]) -> dict[str, Any]:
    return repeats.find(lambda: iter(rows))


def test_of_copies_in_two_splits_the_test_split_keeps_its_own() -> None:
    one = found(row("a", "train", "x"), row("b", "test", "x"), row("c", "train", "y"), row("d", "validation", "z"))
    assert one["aside"] == {"a": "the same recording as 'b', which is in the split test"}
    assert set(one["notes"]) == {"a", "b"}
    assert one["counts"]["recordings"] == 1


def test_copies_in_one_split_stay_and_two_labels_are_flagged() -> None:
    one = found(row("a", "train", "x"), row("b", "train", "x", emotion_original="sad"))
    assert one["aside"] == {}
    assert one["notes"]["a"] == "recording: the same as that of 'b', which is labelled 'sad'"
    assert one["counts"]["labels"] == 1


def test_rows_with_different_texts_or_languages_stay() -> None:
    one = found(
        row("a", "train", "x", transcript_given="Hello."),
        row("b", "test", "x", transcript_given="Goodbye."),
        row("c", "test", "x", transcript_given="Hello.", language_given="de"),
    )
    assert one["aside"] == {}
    assert one["counts"]["texts"] == 1


def test_the_training_split_is_never_emptied() -> None:
    one = found(row("a", "train", "x"), row("b", "validation", "x"), row("c", "test", "y"))
    assert set(one["aside"]) == {"b"}


def test_what_is_not_decoded_is_no_copy_and_nothing_is_said_without_copies() -> None:
    one = found(row("a", "train", ""), row("b", "test", ""), row("c", "train", "x"))
    assert (one["aside"], one["notes"]) == ({}, {})
    assert list(warnings.of_repeats(one)) == []


def test_silent_recordings_are_no_copies_of_each_other() -> None:
    one = found(row("a", "train", "x", audio_flaw="silent"), row("b", "test", "x", audio_flaw="silent"))
    assert (one["aside"], one["notes"]) == ({}, {})
    clipped = found(row("a", "train", "x", audio_flaw="clipped"), row("b", "test", "x", audio_flaw="clipped"))
    assert len(clipped["notes"]) == 2


def test_one_person_under_two_names_is_warned_of() -> None:
    rows = [row(f"{name}{k}", "train", f"x{k}", speaker=name) for name in ("ana", "ana2") for k in range(3)]
    told = [warning.sentence() for warning in warnings.of_repeats(found(*rows))]
    assert "speakers 'ana' and 'ana2' have 3 recordings in common: one person under two names?" in told


def test_the_stage_puts_aside_and_notes_only_what_is_decoded() -> None:
    one = found(row("a", "train", "x"), row("b", "test", "x"), row("c", "train", "y"))
    compute = repeats.Repeats(one["aside"], one["notes"]).compute_row
    aside = compute({"id": "a", "split": "train", "drop_decoded": None})
    assert aside["drop_audio"].startswith("the same recording as")
    assert compute({"id": "a", "split": "train", "drop_decoded": "cut"}) == {"drop_audio": "cut", "notes_repeats": []}
    assert compute({"id": "b", "split": "test", "drop_decoded": None})["drop_audio"] is None
