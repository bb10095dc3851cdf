"""Sentence plans: a text with slots (``{she}``) and choices (``[suggests|points to]``), and what it stands for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

Slots = Mapping[str, Sequence[str]]
_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def fillable(plans: Sequence[str], slots: Slots) -> list[str]:
    """The plans all of whose slots have a text."""
    return [plan for plan in plans if all(slots.get(slot.lower()) for slot in _SLOT.findall(plan))]


def fill(plan: str, slots: Slots) -> list[str]:
    """All texts of a plan; a slot with a capital begins a sentence."""
    texts = []
    for choices in itertools.product(*(part.split("|") for part in _CHOICE.findall(plan))):
        text = _put(_CHOICE, plan, choices)
        names = _SLOT.findall(text)
        for values in itertools.product(*(slots[name.lower()] for name in names)):
            put = [value if name.islower() else capital(value) for name, value in zip(names, values, strict=True)]
            texts.append(_put(_SLOT, text, put))
    return texts


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def _put(what: re.Pattern[str], text: str, values: Sequence[str]) -> str:
    """The text with what is matched replaced by the values in turn; values are put as they are."""
    left = iter(values)
    return what.sub(lambda _: next(left), text)
