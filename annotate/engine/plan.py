"""What a stage still has to compute, shard by shard, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.engine.stage import Part, Stage
from annotate.store import fingerprint
from annotate.store.shards import Store


@dataclass(frozen=True)
class Job:
    """One shard of one stage: the parts to compute, and what each depends on."""

    shard: int
    depends: Mapping[str, Mapping[str, Any]]
    why: Mapping[str, str]


def jobs(stage: Stage, store: Store, owners: Mapping[str, str], shards: Sequence[int]) -> list[Job]:
    """The shards whose parts are absent, or were computed from something else than now."""
    candidates = (job(stage, store, owners, shard) for shard in shards)
    return [candidate for candidate in candidates if candidate.depends]


def job(stage: Stage, store: Store, owners: Mapping[str, str], shard: int) -> Job:
    """What one shard of a stage lacks; ``depends`` is empty where nothing is lacking."""
    inputs = _digests(stage.reads([part.name for part in stage.parts]), store, owners, shard)
    within: dict[str, str] = {}  # column of this stage -> fingerprint of the part that writes it
    lacking: dict[str, Mapping[str, Any]] = {}
    why: dict[str, str] = {}
    for part in stage.parts:
        depends = {
            "part": part.name,
            "version": part.version,
            "settings": dict(part.settings),
            "inputs": {name: within.get(name) or inputs[name] for name in part.reads},
        }
        mark, wanted = store.mark(part.name, shard), fingerprint.of(depends)
        if mark is None or mark.fingerprint != wanted:
            lacking[part.name] = depends
            why[part.name] = _absent(store, part, shard) if mark is None else _change(mark.depends, depends, part)
        within |= dict.fromkeys(part.writes, wanted)
    return Job(shard, lacking, why)


def _absent(store: Store, part: Part, shard: int) -> str:
    return "damaged on disk" if (part.name, shard) in store.damaged else "not computed yet"


def digest(columns: Sequence[str], store: Store, owners: Mapping[str, str], shards: Sequence[int]) -> str:
    """One digest of some columns' values over all rows."""
    return fingerprint.of([_digests(columns, store, owners, shard) for shard in shards])


def _digests(columns: Sequence[str], store: Store, owners: Mapping[str, str], shard: int) -> dict[str, str]:
    """The digests of columns of earlier stages; each part's mark is read once."""
    marks = {part: store.mark(part, shard) for part in {owners[name] for name in columns if name in owners}}
    digests = {}
    for name in columns:
        mark = marks[owners[name]] if name in owners else None
        digests[name] = mark.columns[name] if mark else "absent"
    return digests


def _change(old: Mapping[str, Any], new: Mapping[str, Any], part: Part) -> str:
    before, after = _mapping(old, "settings"), fingerprint.plain(new["settings"])
    changed = [key for key in after if before.get(key) != after[key]]
    if changed:  # first: another estimator is of another version too
        return "changed: " + ", ".join(changed)
    if old.get("version") != new["version"]:
        return f"version {old.get('version')} -> {new['version']}"
    inputs = _mapping(old, "inputs")
    return "its input changed: " + ", ".join(n for n in part.reads if inputs.get(n) != new["inputs"][n])


def _mapping(depends: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = depends.get(name)
    return value if isinstance(value, dict) else {}
