"""A downloaded data set that means harm: nothing of it names a path on this machine, nothing is believed unseen."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from annotate.cli.annotate import main
from annotate.dataset.hub import join, published_recipe
from annotate.errors import SemoError


def changed(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def joined(published: Path, tiny: Path, tmp_path: Path, *further: str) -> Path:
    out = tmp_path / "joined"
    join.join(str(published), [f"corpus.root={tiny}", *further], out)
    return out


def test_the_output_is_the_users_alone_to_name(published: Path, tiny: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    for place in (str(target), "../elsewhere", "~/elsewhere"):
        changed(published / "recipe.yaml", lambda recipe, place=place: recipe.update(output=place))
        with pytest.raises(SemoError, match="output must be given"):
            join.join(str(published), [f"corpus.root={tiny}"])
    joined(published, tiny, tmp_path)
    assert not target.exists()


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("descriptors", "scale", "../../dev/zero"),
        ("descriptors", "scale", "/dev/zero"),
        ("descriptors", "sureness", "/dev/zero"),
        ("captions", "prompt", "/etc/passwd"),
        ("captions", "model", "/etc/passwd"),
        ("captions", "url", "http://127.0.0.1:1/v1"),
        ("captions", "writer", "openai"),
        ("features", "whisper_model", "/etc"),
        ("hub", "repo", "mallory/voices"),
        ("corpus", "root", "/etc"),
    ],
)
def test_what_would_name_a_path_is_left_out(
    published: Path, tmp_path: Path, section: str, key: str, value: str
) -> None:
    changed(published / "recipe.yaml", lambda recipe: recipe.setdefault(section, {}).update({key: value}))
    recipe = published_recipe.load(published / "recipe.yaml", ["corpus.root=mine"], tmp_path / "out")
    assert value not in recipe.dump()
    assert (recipe.output, str(recipe.corpus.root), recipe.hub) == (tmp_path / "out", "mine", None)


@pytest.mark.parametrize(
    ("section", "key", "value", "said"),
    [
        ("corpus", "manifest", "../../evil.yaml", "corpus.manifest is '../../evil.yaml', which is not shipped"),
        ("corpus", "manifest", "/etc/passwd", "which is not shipped"),
        ("corpus", "manifest", "./ravdess", "which is not shipped"),
        ("corpus", "manifest", ["ravdess"], "which is not shipped"),
        ("replies", "template", "/etc/passwd", "replies.template is '/etc/passwd', which is not shipped"),
        ("captions", "template", "../x", "captions.template is '../x', which is not shipped"),
    ],
)
def test_names_are_those_of_shipped_files(
    published: Path, tiny: Path, tmp_path: Path, section: str, key: str, value: Any, said: str
) -> None:
    changed(published / "recipe.yaml", lambda recipe: recipe.setdefault(section, {}).update({key: value}))
    with pytest.raises(SemoError, match=said):
        joined(published, tiny, tmp_path)
    shipped = {"manifest": "ravdess", "template": "paper" if section == "replies" else "plain"}[key]
    joined(published, tiny, tmp_path, f"{section}.{key}={shipped}")  # the user's own word goes before it


@pytest.mark.parametrize("value", ["/etc/passwd", "../secret.csv", "a/../../b", "C:\\x", "secret.csv"])
def test_an_option_names_nothing_outside_the_corpus(
    published: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (tmp_path / "secret.csv").write_text("id,path\n")
    monkeypatch.chdir(tmp_path)
    changed(published / "recipe.yaml", lambda recipe: recipe["corpus"].update(options={"emobox": value}))
    with pytest.raises(SemoError, match="names the path"):
        joined(published, tiny, tmp_path)


@pytest.mark.parametrize("name", ["../../dev/zero", "/dev/zero", "work/../../x", "../scale.json", ".."])
def test_the_scale_lies_beside_the_manifest(published: Path, tiny: Path, tmp_path: Path, name: str) -> None:
    changed(published / "manifest.yaml", lambda manifest: manifest.update(scale=name))
    with pytest.raises(SemoError, match=r"scale|leads out"):
        joined(published, tiny, tmp_path)


@pytest.mark.parametrize("name", ["scale.json", "evidence.json", "README.md", "recipe.yaml", "manifest.yaml"])
@pytest.mark.parametrize("to", ["/dev/zero", "pipe", "private"])
def test_links_and_pipes_are_not_followed(published: Path, tiny: Path, tmp_path: Path, name: str, to: str) -> None:
    (tmp_path / "private").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    (published / name).unlink()
    (published / name).symlink_to(to if to.startswith("/") else tmp_path / to)
    with pytest.raises(SemoError):
        joined(published, tiny, tmp_path)


def respelt(published: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Rewrite a data file, and its digest in the manifest: as a stranger would."""
    path = next((published / "data").glob("train-*.parquet"))
    pq.write_table(change(pq.read_table(path)), path)
    name, digest = f"data/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest()
    changed(published / "manifest.yaml", lambda manifest: manifest["sha256"].update({name: digest}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop_columns(["duration"]), "has no column 'duration'"),
        (lambda table: table.drop_columns(["id"]), "has no column 'id'"),
        (lambda table: table.set_column(table.column_names.index("duration"), "duration",
                                        pa.array(["x"] * len(table))), "has no column 'duration' of the type"),
        (lambda table: table.set_column(table.column_names.index("emotion"),
                                        table.schema.field("emotion"), pa.array([99] * len(table))), "label 99"),
        (lambda table: table.slice(0, 1), "the manifest says"),
    ],
)  # fmt: skip
def test_columns_and_values_are_checked(
    published: Path, tiny: Path, tmp_path: Path, change: Callable[[pa.Table], pa.Table], said: str
) -> None:
    respelt(published, change)
    with pytest.raises(SemoError, match=said):
        joined(published, tiny, tmp_path)


def test_a_file_that_was_changed_on_the_way_is_refused(
    published: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next((published / "data").glob("train-*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert main(["join", str(published), f"corpus.root={tiny}", f"output={tmp_path / 'joined'}"]) == 1
    error = capsys.readouterr().err
    assert "has changed since the manifest was written" in error
    assert len(error.splitlines()) == 1
