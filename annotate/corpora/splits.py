"""Split rules: which group of speakers or sessions trains, validates and tests.

Resolving a rule needs the whole corpus (who speaks in it); applying it needs one row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from annotate.corpora.manifest import GivenRule, GroupRule, ListsRule, Manifest, RandomRule
from annotate.errors import SemoError, UsageError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Plan:
    """A rule resolved for one corpus and one fold.

    Attributes:
        by: the row's field that decides.
        groups: value of the field -> split. Empty for ``random``.
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
        if self.by != "id":
            return self.groups.get(value)
        bucket = int.from_bytes(hashlib.sha256(value.encode()).digest()[:8], "big") % self.folds
        return _role(bucket, self.fold, self.folds)


def resolve(
    manifest: Manifest, name: str, fold: int, speakers: Mapping[str, str | None], sessions: Mapping[str, None]
) -> Plan:
    """Resolve a split rule.

    Args:
        manifest: the corpus.
        name: name of the rule in it.
        fold: which fold to test, from 1.
        speakers: every speaker of the corpus at hand with their gender.
        sessions: every session of it.

    Raises:
        SemoError: too few groups for the rule, or no such fold.
    """
    rule = manifest.split_rule(name)
    if isinstance(rule, GivenRule):
        return Plan("split_given", dict(rule.names), 1, 1)
    if isinstance(rule, RandomRule):
        _check_fold(name, fold, rule.folds)
        return Plan("id", {}, rule.folds, fold)
    present = dict(speakers) if rule.by == "speaker" else dict.fromkeys(sessions)
    folds = _folds_of_lists(rule) if isinstance(rule, ListsRule) else _folds_of_groups(rule, name, present)
    _check_fold(name, fold, len(folds))
    groups = {group: _role(index, fold, len(folds)) for index, members in enumerate(folds) for group in members}
    return Plan(rule.by, groups, len(folds), fold)


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
