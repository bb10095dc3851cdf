"""What ``semo-annotate run`` prints at its end: first what was kept and whether it looks right, seconds last."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import annotate
from annotate import console

MOST_WARNINGS = 5  # lines of what spoils a corpus; summary.json has all
MOST_REASONS = 10
MOST_DIFFERENCES = 5
MOST_WORDS = 4  # of an emotion; the report has all
EXAMPLES = 3
BATCH_ROWS = 4096
WIDTH = 100
SEXES = ("female", "male")
ABSOLUTE = "absolute"  # the group of edges that no corpus decides


def show(finished: annotate.Output, quiet: bool) -> None:
    """Print the end of a run; ``quiet`` leaves out what the report has too."""
    summary, folder = finished.summary, finished.folder
    rows = summary["rows"]
    console.show(f"{summary['name']}: {rows['found']} rows found, {rows['kept']} kept, {rows['dropped']} left out")
    for reason, count in list(summary["reasons"].items())[:MOST_REASONS]:
        console.show(f"  {count} x {reason}")
    blocks = [list(trouble(summary))]
    if not quiet:
        blocks = [words(summary, finished.scale.content), reasons(finished), *blocks]
        blocks += [examples(finished)]
    for lines in blocks:
        if lines and not quiet:
            console.show()
        for line in lines:
            console.show(line)
    if not quiet:
        console.show()
    console.show("splits: " + ", ".join(f"{split} {count}" for split, count in summary["splits"].items()))
    if finished.computed:
        console.show("seconds: " + ", ".join(f"{name} {spent:.1f}" for name, spent in summary["seconds"].items()))
    else:
        console.show("nothing to do: everything was computed by an earlier run")
    console.show(f"data set: {folder}")
    console.show(f"report:   {folder / 'report.html'}")
    if finished.published:
        console.show(f"on the Hub: {finished.published}")


def words(summary: Mapping[str, Any], scale: Mapping[str, Any]) -> list[str]:
    """The share of each word, and between which values the edges lie: whether the words are plausible."""
    counted, kept = summary.get("words", {}), summary["rows"]["kept"]
    lines = []
    for name, descriptor in scale.get("descriptors", {}).items():
        counts = counted.get(name, {})
        total = sum(counts.values())
        if not total:
            lines.append(f"  {name:<12} no clip has a word")
            continue
        shares = ", ".join(f"{word} {100 * counts.get(word, 0) / total:.0f} %" for word in descriptor["words"])
        missing = f", no word in {kept - total} clips" if total < kept else ""
        lines.append(f"  {name:<12} {shares}{missing}; edges of {descriptor['measure']}: {_edges(descriptor)}")
    return ["words (share of clips), and the thresholds (edges) between them", *lines] if lines else []


def _edges(descriptor: Mapping[str, Any]) -> str:
    """The edges of each group, or of the corpus where there are none: ``female 192, 229; male 89, 112 Hz``."""
    groups = {name: group["edges"] for name, group in descriptor["groups"].items() if group["edges"]}
    by_sex = {name: edges for name, edges in groups.items() if name in SEXES}
    shown = by_sex or dict(list(groups.items())[:1])
    text = ", ".join(
        f"{'fixed at' if name == ABSOLUTE else name} {' and '.join(f'{edge:.3g}' for edge in edges)}"
        for name, edges in shown.items()
    )
    return f"{text} {descriptor.get('unit') or ''}".strip() if text else "none"


def reasons(finished: annotate.Output) -> list[str]:
    """Which words go with which emotion, and how well the words predict it."""
    by_emotion = finished.reasons
    if not by_emotion:
        return []
    lines = ["which words go with which emotion (difference from all training clips, in percentage points)"]
    for emotion, senses in by_emotion.items():
        parts = [
            lead + ", ".join(f"{reason.text} {100 * reason.difference:+.0f}" for reason in senses[sense][:MOST_WORDS])
            for sense, lead in (("for", ""), ("against", "but not with ")) if senses[sense]
        ]  # fmt: skip
        lines += [f"  {emotion:<12} {'; '.join(parts)}"] if parts else []
    untested = finished.untested
    silent = [emotion for emotion, senses in by_emotion.items() if not any(senses.values()) and emotion not in untested]
    lines += _wrapped(f"no word goes consistently with {' or '.join(silent)}") if silent else []
    few = ", ".join(f"{emotion} {count}" for emotion, count in untested.items())
    least = finished.evidence["rule"]["fewest_clips"] if untested else 0
    lines += _wrapped(f"too few training clips to give reasons ({least} needed for each emotion): {few}") if few else []
    return lines + (_wrapped(finished.sufficiency) if finished.sufficiency else [])


def trouble(summary: Mapping[str, Any]) -> Iterator[str]:
    """All that may be wrong, the gravest first."""
    if summary["synthetic"]:
        yield "This corpus is synthetic: a synthesiser made the speech, and the emotions are its settings."
    warnings = summary.get("warnings", [])
    shown = warnings if len(warnings) <= MOST_WARNINGS else warnings[: MOST_WARNINGS - 1]
    for warning in shown:
        yield f"warning: {warning['sentence']}"
    if len(shown) < len(warnings):
        yield f"... and {len(warnings) - len(shown)} further warnings, see summary.json"
    yield from summary["conflicts"]
    if summary["unmeasured"]:
        yield f"nothing could be measured in {len(summary['unmeasured'])} clips; they keep their label"
    yield from unwritten(summary["captions"]) if "captions" in summary else ()
    for difference in summary["differences"][:MOST_DIFFERENCES]:
        yield f"differs from what was published: {difference}"
    if len(summary["differences"]) > MOST_DIFFERENCES:
        yield f"... and in {len(summary['differences']) - MOST_DIFFERENCES} further counts, see summary.json"
    for what, count in summary["review"].items():
        yield f"review: {count} x {what}"


def unwritten(counts: Mapping[str, Any]) -> list[str]:
    """What became of the captions, where some row has none or not the writer's; nothing where all is well."""
    why = ", ".join(f"{reason} {count}" for reason, count in counts["reasons"].items())
    left, none = counts["left_to_template"], counts["none"]
    templates = f"captions: {left} are the template's, because the writer gave none that could be used ({why})"
    lines = [templates] if left else []
    return lines + ([f"captions: {none} rows have no caption ({why})"] if none else [])


def examples(finished: annotate.Output) -> list[str]:
    """Captions of clips that differ in emotion, from the first file of the training split.

    Of the attributes that replies do not name, those stand above it whose word is out of the ordinary.
    """
    import pyarrow.parquet as pq

    path = sorted((finished.folder / "data").glob("*.parquet"))[0]
    orders = {name: order for name, order in finished.manifest["attributes"].items() if name != "gender"}
    columns, labels = ["emotion", *orders, "caption"], finished.manifest["label"]["names"]
    lines_by_label: dict[str, list[str]] = {}
    with pq.ParquetFile(path) as file:  # not read_table, which imports pandas
        rows = [row for group in file.iter_batches(BATCH_ROWS, columns=columns) for row in group.to_pylist()]
    for row in rows:
        label, caption = "unknown" if row["emotion"] is None else labels[row["emotion"]], row["caption"]
        if caption and label not in lines_by_label:
            facts = [
                f"{name} {row[name]}" for name, order in orders.items()
                if row[name] and (name in finished.manifest["reply_words"] or row[name] != order[len(order) // 2])
            ]  # fmt: skip
            head = ", ".join(facts)
            lines_by_label[label] = [f"  {label}; {head}" if head else f"  {label}", *_wrapped(caption, "      ")]
        if len(lines_by_label) == EXAMPLES:
            break
    return ["captions", *(line for lines in lines_by_label.values() for line in lines)] if lines_by_label else []


def _wrapped(text: str, before: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=before, subsequent_indent=before)
