"""What ``semo-annotate`` prints: results to standard output, as a person would read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annotate import console

if TYPE_CHECKING:
    from annotate.dataset.hub.join import Joined
    from annotate.dataset.hub.push import Pushed
    from annotate.dry_run import Planned


def plan(lines: Sequence[Planned]) -> None:
    """Print a dry run."""
    for line in lines:
        state = f"{line.shards} of {line.of} shards" if line.of else "all"
        console.show(f"{line.part:<12} {'nothing' if line.of and not line.shards else state:<18} {line.why}")


def share(folder: Path, computed: Mapping[str, int]) -> None:
    """Print what a share of a job array did."""
    rows = computed.get("audio", 0)
    console.show(f"{folder}: {rows} rows measured" if rows else f"{folder}: nothing to do, this share is finished")


def pushed(done: Pushed) -> None:
    """Print what a push did."""
    console.show(f"{done.repo}, {done.revision}: {done.uploaded} of {done.files} files sent")
    if done.prepared.quoting:
        console.show(
            f"{done.prepared.quoting} captions were left out: they quote the transcript, which the licence forbids"
        )
    console.show(done.url)


def joined(done: Joined) -> None:
    """Print what a join did."""
    console.show(f"{done.folder}: {done.rows} rows with their recordings")
    for reason, ids in done.lost.items():
        console.show(f"  {len(ids)} x {reason} ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})")


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
