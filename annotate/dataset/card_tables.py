"""The tables of the data card: a sample row, the columns in groups, measurements, edges, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotate import registry
from annotate.descriptors import emotion_reasons
from annotate.features import headline_errors
from annotate.features.feature import SOURCE_COLUMNS
from annotate.store.columns import CAPTIONS, FURTHER, IDENTITY, MEASUREMENTS, NOTES

MOST_REASONS = 5  # of an emotion and a sense; evidence.json has all
MOST_GROUPS = 4  # whose edges the card shows; scale.json has all
WORD_GROUP = "about each word"
WORD_COLUMNS = ("_word", "_scale", "_margin", "_sure", "_own")  # endings of the columns that belong to a word
LABELS = ("emotion", "emotion_original", "intensity", "valence", "arousal", "dominance")
# what features fill beside numbers; the two are estimates where the recipe names an estimator
NO_MEASUREMENT = ("gender_log_odds", *(name for names in SOURCE_COLUMNS.values() for name in names))
ESTIMATES = {"transcript": "the words spoken", "gender": "female or male, where the corpus does not give it"}


def measurements(
    features: Mapping[str, str], measured_by: Mapping[str, str], rate_sources: Mapping[str, int] | None = None
) -> list[dict[str, str]]:
    """Every measurement: its column, what it is, its estimator, and the known error that matters most.

    Args:
        features: slot -> name of the estimator.
        measured_by: column -> slot and name of the estimator.
        rate_sources: rows by what their rate came from; without it the recipe's estimator is named.
    """
    errors = headline_errors.by_column(features, rate_sources)
    about = {column.name: column.about for column in (*MEASUREMENTS, *FURTHER)} | ESTIMATES
    about |= {name: f"a measurement of {by}" for name, by in measured_by.items() if name not in about}
    estimators = dict(measured_by)
    if rate_sources:
        estimators["rate_syllables_s"] = ", ".join(
            f"rate: {source} ({rows} rows)" for source, rows in rate_sources.items()
        )
    rows: list[dict[str, str]] = []
    shown: dict[str, str] = {}  # sentence -> the column that has it
    for name, what in about.items():
        if name not in measured_by or name in NO_MEASUREMENT or measured_by[name].endswith((": corpus", ": none")):
            continue
        sentences = errors.get(name, {})
        text = "; ".join(
            f"{by}: {text_of_one}" if len(sentences) > 1 else text_of_one for by, text_of_one in sentences.items()
        )
        first = shown.setdefault(text, name) if text else name
        error = text if first == name else f"as `{first}`"
        rows.append({"name": name, "about": what, "by": estimators[name], "error": error or "not measured"})
    return rows


def measured_by(features: Mapping[str, str]) -> dict[str, str]:
    """Column -> the slot and name of the estimator that fills it."""
    return {
        column: f"{slot}: {name}"
        for slot, name in registry.slots(features).items()
        if name != "none"
        for column in registry.load(slot, name).writes
    }


def column_groups(columns: Iterable[str], attributes: Sequence[str], measured: Iterable[str]) -> list[dict[str, Any]]:
    """The columns of the data set in groups, each column in the first that takes it.

    Args:
        columns: all columns, in order.
        attributes: the columns of words.
        measured: the columns of measurements.

    Returns:
        For each group its name, its columns, and what the card shows of them: forty columns about twelve words are
        four kinds of columns.
    """
    takes = {
        "clip and speaker": {column.name for column in IDENTITY if column.name not in LABELS}
        | {"audio", "gender_probability", "transcript_original"},
        "label": set(LABELS),
        "words": set(attributes),
        WORD_GROUP: {f"{name}{ending}" for name in attributes for ending in WORD_COLUMNS},
        "measurements": {*measured, "rate_source"},
        "caption": {column.name for column in CAPTIONS},
        "remarks": {column.name for column in NOTES},
    }
    groups: dict[str, list[str]] = {name: [] for name in (*takes, "replies", "further")}
    for column in columns:
        group = next((name for name, names in takes.items() if column in names), None)
        groups[group or ("replies" if column.startswith("reply_") else "further")].append(column)
    return [
        {
            "name": name,
            "columns": names,
            "shown": _kinds_of_word_columns(names, attributes)
            if name == WORD_GROUP
            else [f"`{column}`" for column in names],
        }
        for name, names in groups.items()
        if names
    ]


def _kinds_of_word_columns(columns: Sequence[str], attributes: Sequence[str]) -> list[str]:
    shown = []
    for ending in WORD_COLUMNS:
        having = [name for name in attributes if f"{name}{ending}" in columns]
        of = "" if len(having) == len(attributes) else f" (of {', '.join(having)})"
        shown += [f"`NAME{ending}`{of}"] if having else []
    return shown


def edges(scale: Mapping[str, Any]) -> dict[str, Any]:
    """The edges between words: the groups shown, a row for each attribute, and how many groups are left out."""
    names = list(dict.fromkeys(group for descriptor in scale["descriptors"].values() for group in descriptor["groups"]))
    shown = [name for name in names if name != "corpus"][: MOST_GROUPS - 1] + [
        name for name in names if name == "corpus"
    ]
    rows = [
        {
            "name": name,
            "words": descriptor["words"],
            "measure": f"{descriptor['measure']}, {descriptor['unit']}"
            if descriptor.get("unit")
            else descriptor["measure"],
            "groups": [_cell(descriptor["groups"].get(group)) for group in shown],
        }
        for name, descriptor in scale["descriptors"].items()
    ]
    return {"groups": shown, "rows": rows, "left_out": len(names) - len(shown)}


def _cell(group: Mapping[str, Any] | None) -> str:
    if not group or not group.get("edges"):
        return "as all clips" if group else ""
    return f"{', '.join(f'{edge:.4g}' for edge in group['edges'])} ({group['count']} clips)"


def reason_rows(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each emotion the words that suggest it and those that speak against it, the strongest first."""
    return emotion_reasons.rows(evidence, _strongest)


def _strongest(_: str, given: Sequence[emotion_reasons.Reason]) -> dict[str, Any]:
    words = [
        f"{reason.text} ({100 * reason.difference:+.0f})".replace("(-", "(\u2212") for reason in given[:MOST_REASONS]
    ]
    return {"words": words, "left_out": len(given) - len(words)}


def sample(row: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The card's sample row as pairs of column and value; nulls are left out."""
    return [
        {"name": name, "value": f"{value:.4g}" if isinstance(value, float) else str(value)}
        for name, value in (row or {}).items()
        if value is not None
    ]
