"""What ``semo-annotate`` prints: results to standard output, as a person would read them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from annotate import console

if TYPE_CHECKING:
    from annotate.dataset.hub.join import Joined
    from annotate.dataset.hub.push import Pushed
    from annotate.pipeline import Planned

WARNINGS = 5  # lines of what spoils a corpus; summary.json has all


class Finished(Protocol):
    """What a run has left, and what it did."""

    folder: Path
    computed: Mapping[str, int]
    published: str | None

    @property
    def summary(self) -> Mapping[str, Any]:
        """The content of ``summary.json``."""


def plan(lines: Sequence[Planned]) -> None:
    """Print a dry run."""
    for line in lines:
        state = f"{line.shards} of {line.of} shards" if line.of else "all"
        console.show(f"{line.part:<12} {'nothing' if line.of and not line.shards else state:<18} {line.why}")


def outcome(outcome: Finished, quiet: bool) -> None:
    """Print the summary of a run: a table, three captions, the report."""
    summary = outcome.summary
    rows = summary["rows"]
    console.show(f"{summary['name']}: {rows['found']} rows found, {rows['kept']} kept, {rows['dropped']} put aside")
    if summary["synthetic"]:
        console.show("This corpus is synthetic: a machine spoke it, its emotions are settings of the synthesiser.")
    for reason, count in list(summary["reasons"].items())[:10]:
        console.show(f"  {count} x {reason}")
    for conflict in summary["conflicts"]:
        console.show(f"  {conflict}")
    warnings = summary.get("warnings", [])
    shown = warnings if len(warnings) <= WARNINGS else warnings[: WARNINGS - 1]
    for warning in shown:
        console.show(f"  warning: {warning['sentence']}")
    if len(shown) < len(warnings):
        console.show(f"  ... and {len(warnings) - len(shown)} further warnings, see summary.json")
    for what, count in summary["review"].items():
        console.show(f"review: {count} x {what}")
    for difference in summary["differences"][:5]:
        console.show(f"  differs from what was published: {difference}")
    if len(summary["differences"]) > 5:
        console.show(f"  ... and in {len(summary['differences']) - 5} further counts, see summary.json")
    if summary["unmeasured"]:
        console.show(f"  {len(summary['unmeasured'])} kept with their label, of which nothing could be measured")
    for line in captions(summary["captions"]) if "captions" in summary else ():
        console.show(line)
    console.show("splits: " + ", ".join(f"{split} {count}" for split, count in summary["splits"].items()))
    if not outcome.computed:
        console.show("nothing to do: everything was computed by an earlier run")
    else:
        console.show("seconds: " + ", ".join(f"{name} {spent:.1f}" for name, spent in summary["seconds"].items()))
    if not quiet:
        console.show()
        for emotion, pitch, speed, volume, caption in _examples(outcome.folder):
            console.show(f"{emotion}; pitch {pitch}, speed {speed}, volume {volume}")
            console.show_lines(textwrap.fill(caption, 100, initial_indent="    ", subsequent_indent="    "))
        console.show()
    console.show(f"data set: {outcome.folder}")
    console.show(f"report:   {outcome.folder / 'report.html'}")
    if outcome.published:
        console.show(f"on the Hub: {outcome.published}")


def captions(counts: Mapping[str, Any]) -> list[str]:
    """What became of the captions, where some row has none or not the writer's; nothing where all is well."""
    why = ", ".join(f"{reason} {count}" for reason, count in counts["reasons"].items())
    left, none = counts["left_to_template"], counts["none"]
    lines = [f"captions: {left} are the template's, since the writer gave none ({why})"] if left else []
    return lines + ([f"captions: {none} rows have none ({why})"] if none else [])


def share(folder: Path, computed: Mapping[str, int]) -> None:
    """Print what a share of a job array did."""
    rows = computed.get("audio", 0)
    console.show(f"{folder}: {rows} rows measured" if rows else f"{folder}: nothing to do, this share is done")


def pushed(done: Pushed) -> None:
    """Print what a push did."""
    console.show(f"{done.repo}, {done.revision}: {done.uploaded} of {done.files} files sent")
    if done.prepared.quoting:
        console.show(
            f"{done.prepared.quoting} captions were left out: they quote what was said, which the licence keeps back"
        )
    console.show(done.url)


def joined(done: Joined) -> None:
    """Print what a join did."""
    console.show(f"{done.folder}: {done.rows} rows with their recordings")
    for reason, ids in done.lost.items():
        console.show(f"  {len(ids)} x {reason} ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})")


def _examples(folder: Path, count: int = 3) -> list[tuple[str, ...]]:
    """Captions of clips that differ in emotion, from the first file of the training split."""
    import pyarrow.parquet as pq

    path = sorted((folder / "data").glob("*.parquet"))[0]
    columns = ["emotion_original", "pitch", "speed", "volume", "caption"]
    found: dict[str, tuple[str, ...]] = {}
    for row in pq.read_table(path, columns=columns).to_pylist():
        if row["caption"] and row["emotion_original"] not in found:
            found[row["emotion_original"]] = tuple(str(row[name] or "unknown") for name in columns)
        if len(found) == count:
            break
    return list(found.values())


def listing(names: Mapping[str, Sequence[str]]) -> None:
    """Print what there is, by kind."""
    for kind, entries in names.items():
        console.show(f"{kind}:")
        for entry in entries:
            console.show(f"  {entry}")


def copied(copy: Path, further: Sequence[str]) -> None:
    """Print where a copy is, and what else has its name."""
    console.show(copy)
    for name in further:  # of several, the recipe was copied: what one runs
        kind = name.partition("/")[0].replace("_", " ").rstrip("s")
        console.show(f"the recipe; its {kind} is copied by: semo-annotate copy {name}", error=True)
