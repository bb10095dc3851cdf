"""``manifest.yaml``: all that a trainer needs to know of a data set, and nothing of this machine.

A manifest may be a stranger's, downloaded with its data set: what is read of it is typed and bounded, its files are
those beside it, and what it says of them (digests, rows) is held against them before anything is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from annotate import documents
from annotate.attributes import BROUGHT, AttributeTable, reply_attributes
from annotate.corpora.data_manifest import Manifest
from annotate.errors import SemoError
from annotate.store import fingerprint
from annotate.store.columns import reply_column
from annotate.store.confined_root import Root
from annotate.store.schema import reply_word_column
from annotate.validation import one_line

SCHEMA = 1
PROMPT = (
    "Please recognize the emotions contained in the speech based on the description of vocal features "
    "and the content within the audio."
)  # the published figure's prompt
FILE = "manifest.yaml"
GENDER, GENDERS = "gender", ("female", "male")
Split = Literal["train", "validation", "test"]
FileName = Annotated[str, StringConstraints(pattern=r"^[\w.-]+$", max_length=200)]
Column = Annotated[str, StringConstraints(pattern=r"^\w+$", max_length=100)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _ManifestPart(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


class _Audio(_ManifestPart):
    column: Column | None
    stored: Literal["embed", "path", "none"]
    rate: int = Field(ge=8000, le=48000)


class _Label(_ManifestPart):
    column: Column
    names: list[str] = Field(max_length=10_000)


class _ReplyWords(_ManifestPart):
    column: Column
    words: list[str] = Field(max_length=100)


class _Content(_ManifestPart):
    """What a manifest holds, as far as anything is read of it."""

    name: str = Field("data set", max_length=500)
    corpus: str = Field(max_length=500)
    dataset: dict[str, Any]
    splits: dict[Split, Annotated[int, Field(ge=0)]]
    split_rule: dict[str, Any] = {}
    audio: _Audio
    label: _Label
    contents: dict[str, Column]
    prompt: str = Field(max_length=10_000)
    transcript: Column | None = None
    attributes: dict[Column, list[str]] = {}
    reply_words: dict[Column, _ReplyWords] = {}
    scale: FileName = "scale.json"
    synthetic: bool = False
    licence: dict[str, Any] = {}
    sha256: dict[str, Digest]


def load(path: Path) -> dict[str, Any]:
    """The content of a manifest, its types and ranges checked.

    Raises:
        SemoError: not there, of another schema version, or something else than a manifest.
    """
    content = documents.read_yaml(path)
    version = content.get("schema")
    if version is None:
        raise SemoError(f"{path}: has no 'schema'; expected the manifest.yaml of a finished semo-annotate run")
    if version != SCHEMA:
        raise SemoError(f"{path}: schema version {version}; this version reads {SCHEMA}; run semo-annotate again")
    try:
        _Content.model_validate(content)
    except ValidationError as error:
        raise SemoError(one_line(error, str(path), _Content)) from None
    return content


def reply_words(content: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """What the replies of a data set name -> the column of its words, and the words.

    A manifest that does not say so is of an earlier version, in which both were the same.
    """
    given = content.get("reply_words")
    if given:
        return {name: (words["column"], list(words["words"])) for name, words in given.items()}
    return {name: (name, list(words)) for name, words in content.get("attributes", {}).items()}


def data_files(folder: Path, content: Mapping[str, Any]) -> dict[str, list[Path]]:
    """Split -> its Parquet files, in order, each as its digest and the split's rows in the manifest have it.

    Args:
        folder: the data set.
        content: of its manifest, as ``load`` gives it.

    Raises:
        SemoError: a file is missing, is too many, or was changed; or its rows are not as many as promised.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    root = Root(folder, str(folder))
    promised = {name for name in content["sha256"] if name.startswith("data/")}
    paths_by_split: dict[str, list[Path]] = {}
    for split, rows in content["splits"].items():
        files = sorted((folder / "data").glob(f"{split}-*.parquet"))
        if not files:
            raise SemoError(f"{folder / 'data'}: the manifest lists the split '{split}', but there is no file for it")
        for path in files:
            check(root, f"data/{path.name}", content)
        try:
            there = sum(pq.read_metadata(path).num_rows for path in files)
        except (pa.ArrowException, OSError) as error:
            raise SemoError(f"{files[0].parent}: cannot be read as Parquet: {_first_line(error)}") from None
        if there != rows:
            raise SemoError(f"{folder}: the split '{split}' has {there} rows, but the manifest says {rows}")
        paths_by_split[split] = files
    lacking = sorted(promised - {f"data/{path.name}" for paths in paths_by_split.values() for path in paths})
    if lacking:
        raise SemoError(f"{folder}: {lacking[0]} is in the manifest but missing")
    return paths_by_split


def check(root: Root, name: str, content: Mapping[str, Any]) -> Path:
    """A file of the data set, held against its digest in the manifest.

    Raises:
        SemoError: it is not there, the manifest does not know it, or it was changed.
    """
    path = root.file(name)
    known = content["sha256"].get(name)
    if known is None:
        raise SemoError(f"{path}: is not in the manifest; the data set was assembled by hand")
    if digest(path) != known:
        raise SemoError(
            f"{path}: has changed since the manifest was written (its SHA-256 differs); download it again, or run the "
            "recipe again"
        )
    return path


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def content(
    corpus: Manifest,
    *,
    name: str,
    folder: Path,
    splits: Mapping[str, int],
    labels: Sequence[str],
    contents: Sequence[str],
    audio: str,
    rate: int,
    split_rule: Mapping[str, Any],
    table: AttributeTable,
) -> dict[str, Any]:
    """The manifest of a finished data set in ``folder``, whose words are those of ``table``."""
    replies, whole = reply_attributes(), table.with_replies()
    words = {GENDER: list(GENDERS)} | {name: list(whole.words(name)) for name in whole}
    return {
        "schema": SCHEMA,
        "name": name,
        "corpus": corpus.name,
        "dataset": {"folder": ".", "hub": None},
        "splits": dict(splits),
        "split_rule": dict(split_rule),
        "audio": {"column": "audio" if audio != "none" else None, "stored": audio, "rate": rate},
        "label": {"column": "emotion", "names": list(labels)},
        "contents": {content_name: reply_column(content_name) for content_name in contents},
        "prompt": PROMPT,
        "captions": {"column": "caption", "claims": "caption_claims"},
        "transcript": "transcript",
        # column -> its words, from least to most
        "attributes": words,
        # what replies say of them: of three levels, in a column of its own where the data set has five
        "reply_words": {
            GENDER: {"column": GENDER, "words": words[GENDER]},
            **{
                name: {"column": reply_word_column(name, table), "words": list(replies.words(name))} for name in replies
            },
        },
        "scale": "scale.json",
        "synthetic": corpus.synthetic,
        "licence": corpus.licence.model_dump(),
        "sha256": {
            path.relative_to(folder).as_posix(): digest(path)
            for path in [
                *sorted((folder / "data").glob("*.parquet")),
                folder / "scale.json",
                *sorted((folder / BROUGHT).glob("*.yaml")),
            ]
        },
    }


def dump(content: Mapping[str, Any]) -> str:
    """The manifest as YAML."""
    return str(yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=100))


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return fingerprint.of_file(path)
