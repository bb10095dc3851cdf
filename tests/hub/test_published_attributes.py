"""A downloaded recipe may name attributes by name; files are the user's to name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from annotate.dataset.hub import published_recipe
from annotate.errors import UsageError


def written(folder: Path, **sections: object) -> Path:
    path = folder / "recipe.yaml"
    content = {"name": "x", "corpus": {"manifest": "ravdess", "root": "x"}, "output": "out", **sections}
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def test_names_of_attributes_are_taken_over(tmp_path: Path) -> None:
    path = written(tmp_path, descriptors={"attributes": ["pitch", "tension"], "levels": 5})
    found = published_recipe.load(path, [f"corpus.root={tmp_path}"], tmp_path / "out")
    assert found.descriptors.attributes == ("pitch", "tension")
    assert found.descriptors.levels == 5


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"features": {"voice": "./evil.py"}}, "features.voice"),
        ({"descriptors": {"attributes": ["all", "./creak.yaml"]}}, "descriptors.attributes"),
        ({"descriptors": {"attributes": ["..\\creak.yaml"]}}, "descriptors.attributes"),
    ],
)
def test_a_stranger_s_file_is_neither_executed_nor_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sections: dict[str, object], key: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("raise SystemExit('executed')", "utf-8")
    with pytest.raises(UsageError, match=key):
        published_recipe.load(written(tmp_path, **sections), [f"corpus.root={tmp_path}"], tmp_path / "out")
    # a slot that is no shipped one is not taken over at all
    other = written(tmp_path, features={"creak": "./evil.py"})
    found = published_recipe.load(other, [f"corpus.root={tmp_path}"], tmp_path / "o")
    assert "creak" not in found.features.model_dump()
