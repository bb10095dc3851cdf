"""Put one's own recordings, and what was said, back into a data set that was published with ids only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotate import console, documents
from annotate.attributes import reply_attributes
from annotate.audio.decode import mono
from annotate.audio.refusal import Refused
from annotate.captions import replies, templates
from annotate.corpora import corpus_rows, warnings
from annotate.corpora import data_manifest as manifests
from annotate.dataset import build, card
from annotate.dataset import manifest as trainer
from annotate.dataset.embedded_audio import embedded
from annotate.dataset.hub import published_recipe, retry
from annotate.dataset.hub.licence import known_repo
from annotate.dataset.hub.prepare import BESIDE, WITH_TEXT, read_manifest
from annotate.descriptors import scale_file, words
from annotate.errors import SemoError
from annotate.features import measure
from annotate.settings import Recipe
from annotate.store import files
from annotate.store.columns import REAL, TEXT, Column, reply_column
from annotate.store.confined_root import Root
from annotate.store.schema import Schema

ABSENT = "the corpus has no recording with this id"
ANOTHER = "the recording with this id has a different length"
TOLERANCE_S = 0.05
FETCHED = ["manifest.yaml", "recipe.yaml", "README.md", "*.json", "data/*.parquet"]
MOST_CARD_BYTES = 8 << 20
NOTE = (
    "> Joined with recordings of one's own by `semo-annotate join`: what this card says of recordings and transcripts "
    "that are not in it holds for the published data set, not for this copy. The corpus's licence decides who may "
    "have it."
)


@dataclass
class Joined:
    """What came of it: rows with their recording again, and rows put aside, by reason."""

    folder: Path
    rows: int = 0
    lost: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Mine:
    path: str
    transcript: str | None


def join(dataset: str, overrides: Sequence[str], output: Path | None = None, revision: str | None = None) -> Joined:
    """Write the data set anew with recordings from one's own copy of the corpus.

    Args:
        dataset: a folder, or ``USER/NAME`` on the Hub.
        overrides: ``corpus.root=DIR`` and whatever else the published recipe leaves open.
        output: where the whole goes.
        revision: of the data set on the Hub.

    Raises:
        SemoError: the corpus has none of the ids, or something cannot be read.
    """
    folder = fetched(dataset, revision)
    manifest = read_manifest(folder)
    if manifest["audio"]["stored"] == "embed":
        raise SemoError(f"{dataset}: already has its recordings; there is nothing to join")
    root = Root(folder, str(folder))
    recipe = published_recipe.load(root.file("recipe.yaml"), overrides, output)
    target = recipe.output
    if (target / "data").exists():
        raise SemoError(f"{target}: already contains a data set; choose another folder with output=DIR")
    for warning in warnings.of_output(target):
        console.show(f"warning: {warning.sentence()}", error=True)
    sources = [path for paths in trainer.data_files(folder, manifest).values() for path in paths]
    mine = _corpus(recipe)
    table = recipe.descriptors.table()
    columns = measure.row_schema(recipe.features.model_dump(), table)
    columns = columns.with_columns(_of_stages(sources, columns))
    full = build.features(manifest["label"]["names"], "embed", manifest["audio"]["rate"], columns)
    template = templates.source("replies", recipe.replies.template)
    scale = scale_file.load(root.file(manifest["scale"]), table)
    restore = _Restore(recipe, mine, manifest, template, scale)
    joined = Joined(target)
    for source in sources:
        fill = partial(_file, source, full.arrow_schema, restore, joined)
        files.write(target / "data" / source.name, fill)
    if not joined.rows:
        with files.user_errors(target):
            shutil.rmtree(target / "data")
        reason, lost = next(iter(joined.lost.items()), (ABSENT, []))
        raise SemoError(f"corpus.root={recipe.corpus.root}: none of the {len(lost)} rows could be joined: {reason}")
    _beside(root, recipe, manifest)
    return joined


def _of_stages(sources: Sequence[Path], columns: Schema) -> list[Column]:
    """The columns that only stages of the publisher's can have made: what joins a data set has no such stage."""
    fields = pq.read_schema(sources[0]) if sources else ()
    return [
        Column(field.name, field.type, "")
        for field in fields
        if field.name not in (*columns.columns, "audio") and field.type in (REAL, TEXT)
    ]


def fetched(dataset: str, revision: str | None) -> Path:
    """The folder of a data set, brought from the Hub where it is not one here."""
    if Path(dataset).is_dir():
        return Path(dataset)
    from huggingface_hub import snapshot_download

    repo = known_repo(dataset)
    return Path(retry.retried(
        lambda: snapshot_download(repo, repo_type="dataset", revision=revision, allow_patterns=FETCHED), repo,
        lambda line: None
    ))  # fmt: skip


def _corpus(recipe: Recipe) -> dict[str, _Mine]:
    corpus = manifests.load(recipe.corpus.manifest)
    reader, request = corpus_rows.request_of(corpus, recipe.corpus.root, recipe.corpus.options)
    rows = corpus_rows.checked(corpus, reader, request)
    return {row["id"]: _Mine(row["path"], row["transcript_given"]) for row in rows if not row["drop_corpus"]}


@dataclass(frozen=True)
class _Restore:
    """Gives a row back what was held back."""

    recipe: Recipe
    mine: Mapping[str, _Mine]
    manifest: Mapping[str, Any]
    template: str
    scale: Mapping[str, Any]

    def __call__(self, row: dict[str, Any]) -> str | None:
        """Fill the row in place; or the reason why it cannot be."""
        mine = self.mine.get(row["id"])
        if mine is None:
            return ABSENT
        root = self.recipe.corpus.root
        if row["duration"] is None or not _same_length(root, mine.path, row["duration"]):
            return ANOTHER
        try:
            row["audio"] = embedded(root, mine.path, self.manifest["audio"]["rate"])
        except Refused as reason:
            return str(reason)
        if self.manifest["transcript"] is None and self.recipe.features.transcript == "corpus":
            self._put_transcript(row, mine.transcript)
        return None

    def _put_transcript(self, row: dict[str, Any], transcript: str | None) -> None:
        row["transcript"] = (transcript or "").strip() or None
        names = self.manifest["label"]["names"]
        code = row["emotion"]
        if names and code is not None and not 0 <= code < len(names):
            raise SemoError(f"clip {row['id']}: label {code}, but the manifest names {len(names)}")
        named = {**row, "emotion": names[code] if names and code is not None else code}
        few = {**self.scale["descriptors"], **self.scale.get("replies", {})}
        for name in reply_attributes():
            # a word that was left blank for its doubt is said in the paper's replies all the same
            named[name] = words.worded([row], name, few[name], self.scale["by"]).words[0]
        for content in set(WITH_TEXT) & set(self.recipe.replies.chosen()):
            row[reply_column(content)] = replies.reply(named, content, self.template, self.recipe.replies.template)


def _same_length(root: Path, path: str, duration: float) -> bool:
    try:
        sound = mono(root / path)
    except Refused:
        return False
    return abs(len(sound.samples) / sound.rate - duration) <= TOLERANCE_S


def _file(source: Path, schema: pa.Schema, restore: _Restore, joined: Joined, target: Path) -> None:
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, schema, compression="zstd") as written:
        _check_columns(source, file.schema_arrow, schema)
        for group in range(file.num_row_groups):
            try:
                rows = file.read_row_group(group).to_pylist()
            except (pa.ArrowException, UnicodeDecodeError) as error:
                raise SemoError(f"{source}: cannot be read: {str(error).splitlines()[0]}") from None
            with ThreadPoolExecutor() as threads:
                reasons = list(threads.map(restore, rows))
            for row, reason in zip(rows, reasons, strict=True):
                if reason is not None:
                    joined.lost.setdefault(reason, []).append(row["id"])
            kept = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
            joined.rows += len(kept)
            if kept:
                written.write_table(pa.Table.from_pylist(kept, schema))


def _check_columns(source: Path, there: pa.Schema, wanted: pa.Schema) -> None:
    """Refuse a file whose columns are not those of a data set: what is filled in must fit what is there."""
    for column in wanted:
        if column.name != "audio" and (column.name not in there.names or there.field(column.name).type != column.type):
            raise SemoError(f"{source}: has no column '{column.name}' of the type {column.type}")


def _beside(root: Root, recipe: Recipe, manifest: Mapping[str, Any]) -> None:
    """The card, the scale, the recipe, and the manifest of what is there now."""
    target = recipe.output
    for name in BESIDE:
        if os.path.lexists(root.folder / name):
            files.write(target / name, partial(shutil.copyfile, root.file(name)))
    files.write_text(target / "recipe.yaml", recipe.dump())
    data = sorted((target / "data").glob("*.parquet"))
    splits: dict[str, int] = dict.fromkeys(manifest["splits"], 0)
    for path in data:
        split = path.name.split("-")[0]
        splits[split] = splits.get(split, 0) + pq.read_metadata(path).num_rows
    whole = {
        **manifest,
        "dataset": {"folder": ".", "hub": None},
        "splits": {split: rows for split, rows in splits.items() if rows},
        "audio": {"column": "audio", "stored": "embed", "rate": manifest["audio"]["rate"]},
        "contents": {content: reply_column(content) for content in recipe.replies.chosen()},
        "transcript": "transcript",
        "sha256": {
            path.relative_to(target).as_posix(): trainer.digest(path) for path in [*data, target / "scale.json"]
        },
    }
    files.write_text(target / "manifest.yaml", trainer.dump(whole))
    head, fence, body = documents.read_text(root.file("README.md"), MOST_CARD_BYTES).partition("\n---\n\n")
    files.write_text(target / "README.md", card.restamped(f"{head}{fence}{NOTE}\n\n{body}", whole["sha256"]))
