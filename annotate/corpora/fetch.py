"""Stream a Hugging Face data set into Parquet files: what is fetched is whole, and fetched once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from annotate import documents
from annotate.corpora.reader import Request
from annotate.errors import SemoError, UsageError
from annotate.store import files

ROWS = 500  # rows of a file: about a minute of transfer is lost where one breaks
DONE = "source.json"


def fetch(request: Request) -> None:
    """Fetch what ``corpus.options`` names into ``corpus.root``; goes on after the last whole file.

    Raises:
        SemoError: the data set cannot be had, or the folder holds another one.
    """
    options = request.options
    wanted = {name: options.get(name) for name in ("repo", "config", "revision", "splits", "limit")}
    known = _known(request.root)
    if known.get("wanted") not in (None, wanted):
        raise SemoError(f"corpus.root={request.root}: holds {known['wanted']}; choose another folder for {wanted}")
    if known.get("done"):
        return
    revision = known.get("revision") or _revision(str(wanted["repo"]), wanted["revision"])
    note = {"wanted": wanted, "revision": revision}
    files.write_json(request.root / DONE, note)
    limit = options.get("limit")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise UsageError(f"corpus.options.limit: expected a number of rows, found {limit!r}")
    try:
        for split, stream in _streams(request, revision).items():
            _store(request.root, str(wanted["repo"]), split, stream, limit)
    except SemoError:
        raise
    except Exception as error:  # whatever the Hub, the network or the data set's builder raises
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        raise SemoError(
            f"corpus.options.repo={wanted['repo']}: cannot be downloaded ({what}); run the same command again to resume"
        ) from error
    files.write_json(request.root / DONE, {**note, "done": True})


def _known(root: Path) -> dict[str, Any]:
    try:
        content = documents.read_json(root / DONE)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _revision(repo: str, wanted: Any) -> str | None:
    """The commit that is fetched, so that a transfer that goes on later fetches the same; None for a folder."""
    if Path(repo).exists():
        return None
    from huggingface_hub import HfApi

    try:
        commit: str | None = HfApi().dataset_info(repo, revision=wanted).sha
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        raise SemoError(f"corpus.options.repo={repo}: the request to the Hub failed ({what})") from None
    return commit


def _streams(request: Request, revision: str | None) -> dict[str, Any]:
    """Split -> streaming data set with its recordings as bytes."""
    from datasets import load_dataset

    # no loading script is run, and nobody is asked whether one may be
    splits = load_dataset(
        str(request.options["repo"]), request.options.get("config"), revision=revision, streaming=True,
        trust_remote_code=False,
    )  # fmt: skip
    chosen = request.text("splits")
    names = [name.strip() for name in chosen.split(",")] if chosen else list(splits)
    unknown = [name for name in names if name not in splits]
    if unknown:
        raise UsageError(f"corpus.options.splits: '{unknown[0]}' is not one of {', '.join(splits)}")
    return {name: splits[name] for name in names}


def _store(root: Path, source: str, split: str, stream: Any, limit: int | None) -> None:
    """Write a split as files of ``ROWS`` rows, beginning after those that are there."""
    from datasets import Audio, Features

    features = stream.features
    if features is None:
        features = stream._resolve_features().features
    audio = [name for name, kind in features.items() if isinstance(kind, Audio)]
    if not audio:
        raise SemoError(f"split '{split}': found no column of recordings; it has {', '.join(features)}")
    for name in audio:
        stream = stream.cast_column(name, Audio(decode=False))
    shard = sum(1 for _ in root.glob(f"{split}-[0-9]*.parquet"))
    begun = shard * ROWS
    rows: Iterator[dict[str, Any]] = iter(stream.skip(begun) if begun else stream)
    if limit is not None:
        rows = islice(rows, max(0, limit - begun))
    while batch := list(islice(rows, ROWS)):
        for row in batch:
            for name in audio:
                row[name] = _whole(row[name], source)
        write_shard(root / f"{split}-{shard:05d}.parquet", batch, Features(features))
        shard += 1


def write_shard(path: Path, batch: list[dict[str, Any]], features: Any) -> None:
    """Write some rows of a stream as one Parquet file, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    encoded = pa.Table.from_pylist([features.encode_example(row) for row in batch], schema=features.arrow_schema)
    files.write(path, lambda temporary: pq.write_table(encoded, temporary, row_group_size=100))


def _whole(sound: Any, source: str) -> Any:
    """A recording with its bytes: where the stream gives a path alone, what lies there is read.

    The path is the data set's word. Only what belongs to the data set is read: files at the Hub, or below the
    folder that the user named; another path is left, and its row has no recording.
    """
    if not isinstance(sound, dict) or sound.get("bytes") is not None or not sound.get("path"):
        return sound
    import fsspec

    path = str(sound["path"])
    if not _of_source(path, source):
        return {"bytes": None, "path": path}
    with fsspec.open(path, "rb") as file:
        return {"bytes": file.read(), "path": Path(path).name}


def _of_source(path: str, source: str) -> bool:
    archive = path.rpartition("::")[2]  # "zip://a.wav::hf://datasets/..." is a file in an archive
    if "://" in archive:
        return archive.startswith(("hf://datasets/", "https://huggingface.co/datasets/"))
    return Path(source).exists() and Path(archive).resolve().is_relative_to(Path(source).resolve())
