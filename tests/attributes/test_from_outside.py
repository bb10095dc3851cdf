"""A measurement and an attribute from outside the package, in two files, find their way into the columns."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from annotate import registry, settings
from annotate.errors import SemoError, UsageError
from annotate.features import measure

FEATURE = '''
"""How much of the clip is above the middle of the scale: nothing that anybody would want."""
from annotate.features.feature import Feature, Measured

plugin = Feature(
    version="1", writes=("creak_fraction",), about={"creak_fraction": "creaky frames over voiced ones, 0 to 1"},
    measure=lambda recording, row: Measured({"creak_fraction": float((recording.samples > 0).mean())}),
)
'''
ATTRIBUTE = {"name": "creak", "about": "how creaky the voice is", "measure": "creak_fraction",
             "levels": {3: ["modal", "normal", "creaky"]}}  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    feature, attribute = tmp_path / "creak.py", tmp_path / "creak.yaml"
    feature.write_text(FEATURE, "utf-8")
    attribute.write_text(yaml.safe_dump(ATTRIBUTE), "utf-8")
    return feature, attribute


def recipe(tmp_path: Path, *lines: str) -> settings.Recipe:
    return settings.load("ravdess", [f"corpus.root={tmp_path}", *lines], tmp_path / "out")


def test_two_files_make_the_columns(tmp_path: Path, files: tuple[Path, Path]) -> None:
    feature, attribute = files
    made = recipe(tmp_path, f"features.creak={feature}", f"descriptors.attributes=[paper, {attribute}]")
    columns = measure.row_schema(made.features.model_dump(), made.descriptors.table())
    names = [column.name for column in columns.row]
    wanted = ["creak_fraction", "creak", "creak_scale", "creak_margin", "creak_sure", "creak_own"]
    assert names[-len(wanted) :] == wanted
    assert columns.columns["creak_fraction"].about == "creaky frames over voiced ones, 0 to 1"
    assert "notes_creak" in columns.note_parts
    stage = measure.stage(tmp_path, made.features.model_dump())
    part = next(part for part in stage.parts if part.name == "creak")
    assert part.writes == ("creak_fraction", "notes_creak")
    assert part.settings["file"] == registry.digest(str(feature))


def test_an_attribute_whose_measurement_nobody_makes_is_one_line(tmp_path: Path, files: tuple[Path, Path]) -> None:
    made = recipe(tmp_path, f"descriptors.attributes=[{files[1]}]")
    with pytest.raises(UsageError, match="'creak_fraction' is unknown"):
        measure.row_schema(made.features.model_dump(), made.descriptors.table())


def test_a_slot_that_nobody_brings_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'features\.pich' is unknown; did you mean 'pitch'"):
        recipe(tmp_path, "features.pich=praat")
    with pytest.raises(UsageError, match="there is no file"):
        recipe(tmp_path, f"features.creak={tmp_path / 'none.py'}")
    (tmp_path / "broken.py").write_text("plugin = 1 / 0", "utf-8")
    with pytest.raises(SemoError, match="ZeroDivisionError"):
        recipe(tmp_path, f"features.creak={tmp_path / 'broken.py'}")
