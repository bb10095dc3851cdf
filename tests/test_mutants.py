"""Mutated recipes and manifests: loaded or refused in one line, never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from annotate import assets, settings
from annotate.corpora import manifest
from annotate.errors import SemoError

PIECES = [
    "{", "}", "[", "]", ":", ": ", "- ", "&a ", "*a", "!!python/object:os.system ", "???", "null", "1e999",
    "\t", "\x00", "\ud7ff", "'", '"', "#", "|", ">", "<<: ", "yes", "-1", "0x", "\u2028", "%", "@", "~", "\n", "  ",
]  # fmt: skip


def mutant(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + chance.randint(1, 12) :]
        elif kind == 2:
            lines = text.splitlines(keepends=True)
            chance.shuffle(lines)
            text = "".join(lines)
        elif kind == 3:
            text = text[:at] + text[max(0, at - chance.randint(1, 40)) :]
        else:
            text = text.replace(chance.choice([": ", "_", "e", "1"]), chance.choice(PIECES), 1)
    return text


def hold(count: int, folder: Path) -> None:
    chance = random.Random(7)
    recipes = [assets.find("recipes", name).read_text() for name in assets.names("recipes")]
    manifests = [assets.find("data_manifests", name).read_text() for name in assets.names("data_manifests")]
    path = folder / "mutant.yaml"
    for number in range(count):
        kind = number % 2
        path.write_text(mutant(chance.choice((recipes, manifests)[kind]), chance), encoding="utf-8", errors="replace")
        try:
            if kind:
                manifest.load(str(path))
            else:
                settings.load(str(path), ["corpus.root=x"])
        except SemoError as refused:
            lines = str(refused).strip().splitlines()
        else:
            lines = []
        assert len(lines) <= 1, path.read_text()


def test_mutants_are_loaded_or_refused_in_one_line(tmp_path: Path) -> None:
    hold(600, tmp_path)


@pytest.mark.slow
def test_ten_thousand_mutants(tmp_path: Path) -> None:
    hold(10_000, tmp_path)
