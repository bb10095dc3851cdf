"""Split rules: which group of speakers or sessions trains, validates and tests.

Resolving a rule needs the whole corpus (who speaks in it); applying it needs one row.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from annotate.corpora import emobox_folds
from annotate.corpora.data_manifest import EmoBoxRule, GivenRule, GroupRule, ListsRule, Manifest, RandomRule
from annotate.errors import SemoError, UsageError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class SplitPlan:
    """A rule resolved for one corpus and one fold.

    Attributes:
        by: the row's field that decides.
        groups: value of the field -> split; by ``id`` and empty for ``random``, which hashes the id.
        folds: number of folds.
        fold: the fold tested, from 1.
    """

    by: Literal["speaker", "session", "split_given", "id"]
    groups: Mapping[str, Split]
    folds: int
    fold: int

    def split(self, value: str | None) -> Split | None:
        """The split of a row by its deciding field; None where the rule does not place it."""
        if value is None:
            return None
        if self.by != "id" or self.groups:
            return self.groups.get(value)
        bucket = int.from_bytes(hashlib.sha256(value.encode()).digest()[:8], "big") % self.folds
        return _role(bucket, self.fold, self.folds)


def resolve(
    manifest: Manifest,
    name: str,
    fold: int,
    speakers: Mapping[str, str | None],
    sessions: Mapping[str, Sequence[str]],
    options: Mapping[str, Any] | None = None,
) -> SplitPlan:
    """Resolve a split rule.

    Args:
        manifest: the corpus.
        name: name of the rule in it.
        fold: which fold to test, from 1.
        speakers: every speaker of the corpus at hand with their gender.
        sessions: every session of it with its speakers.
        options: the recipe's ``corpus.options``; EmoBox's folds are named there.

    Raises:
        SemoError: too few groups for the rule, or no such fold.
    """
    rule = manifest.split_rule(name)
    if isinstance(rule, GivenRule):
        return SplitPlan("split_given", dict(rule.names), 1, 1)
    if isinstance(rule, RandomRule):
        _check_fold(name, fold, rule.folds)
        return SplitPlan("id", {}, rule.folds, fold)
    if isinstance(rule, EmoBoxRule):
        return _of_emobox(name, fold, options or {})
    if isinstance(rule, GroupRule) and rule.validation == "speaker":
        return _session_out(name, fold, sessions)
    present = dict(speakers) if rule.by == "speaker" else dict.fromkeys(sessions)
    folds = _folds_of_lists(rule) if isinstance(rule, ListsRule) else _folds_of_groups(rule, name, present)
    _check_fold(name, fold, len(folds))
    groups = {group: _role(index, fold, len(folds)) for index, members in enumerate(folds) for group in members}
    return SplitPlan(rule.by, groups, len(folds), fold)


def _of_emobox(name: str, fold: int, options: Mapping[str, Any]) -> SplitPlan:
    folder = options.get("emobox")
    if not isinstance(folder, str):
        raise UsageError(
            f"corpus.split={name}: give the folder with EmoBox's fold_1, fold_2, ... of this corpus, as in "
            "corpus.options.emobox=EmoBox/data/CORPUS"
        )
    folds = emobox_folds.count(Path(folder))
    _check_fold(name, fold, folds)
    return SplitPlan("id", emobox_folds.split(Path(folder), fold, folds), folds, fold)


def _session_out(name: str, fold: int, sessions: Mapping[str, Sequence[str]]) -> SplitPlan:
    """Fold k tests the k-th session; one speaker of the next validates, alternating from fold to fold."""
    names = sorted(sessions)
    if len(names) < 2:
        raise SemoError(f"corpus.split={name}: needs at least 2 sessions, found {len(names)}")
    _check_fold(name, fold, len(names))
    places = Counter(speaker for speakers in sessions.values() for speaker in speakers)
    twice = next((speaker for speaker, count in places.items() if count > 1), None)
    if twice is not None:
        raise SemoError(f"corpus.split={name}: speaker {twice} is in two sessions; choose a split by speaker")
    groups: dict[str, Split] = {speaker: "train" for speakers in sessions.values() for speaker in speakers}
    tested, following = sessions[names[fold - 1]], sorted(sessions[names[fold % len(names)]])
    groups[following[(fold - 1) % len(following)]] = "validation"
    groups |= dict.fromkeys(tested, "test")
    return SplitPlan("speaker", groups, len(names), fold)


def _check_fold(name: str, fold: int, folds: int) -> None:
    if fold > folds:
        raise UsageError(f"corpus.fold={fold}: the split '{name}' has {folds} folds")


def _role(index: int, fold: int, folds: int) -> Split:
    """Fold k tests the k-th part and validates on the one after it, round the end."""
    return "test" if index == fold - 1 else "validation" if index == fold % folds else "train"


def _folds_of_lists(rule: ListsRule) -> list[tuple[str, ...]]:
    return list(rule.folds)


def _folds_of_groups(rule: GroupRule, name: str, present: Mapping[str, str | None]) -> list[list[str]]:
    count = len(present) if rule.folds == "each" else min(rule.folds, len(present))
    if count < 3:
        raise SemoError(
            f"corpus.split={name}: needs at least 3 {rule.by}s to train, validate and test on, found "
            f"{len(present)}; corpus.split=random splits by utterance and is not {rule.by}-independent"
        )
    # dealt out like cards, women first, then men, then those of unstated sex: each fold gets its share
    dealt = sorted(present, key=lambda group: ({"female": 0, "male": 1}.get(present[group] or "", 2), group))
    return [dealt[start::count] for start in range(count)]
