"""What is published of an output folder: the data files, the card, the scale, the recipe and the manifest.

Where the licence keeps recordings back, the data files are written again without them and without what was
said; ``semo-annotate join`` puts both back for those who have the corpus. Nothing of this machine goes out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from annotate import documents
from annotate.attributes import BROUGHT
from annotate.dataset import card
from annotate.dataset import manifest as trainer
from annotate.dataset.hub.licence import Rule, decide
from annotate.dataset.quoting import quotes
from annotate.errors import SemoError
from annotate.recipe_sections import CONTENTS
from annotate.settings import GIVEN_LATER
from annotate.store import files, fingerprint
from annotate.store.columns import reply_column

STAGED = Path("work") / "hub"
WITH_TEXT = tuple(content for content in CONTENTS if "T" in content.split("+"))
BESIDE = ("scale.json", "evidence.json")  # what the words and the reasons rest on
WITHHELD = ("transcript", "transcript_original", *(reply_column(content) for content in WITH_TEXT))


@dataclass(frozen=True)
class PreparedFolder:
    """What to upload.

    Attributes:
        rule: what the licence lets out.
        files: path in the repository -> the file here, data files first.
        quoting: captions left out because they quote what was said.
    """

    rule: Rule
    files: Mapping[str, Path]
    quoting: int


def prepare(folder: Path, repo: str, despite: str | None = None) -> PreparedFolder:
    """Make what is published of a finished output; the output itself stays as it is.

    Raises:
        SemoError: the folder is no finished output, or the licence lets nothing out.
    """
    manifest = read_manifest(folder)
    rule = decide(manifest["corpus"], manifest["licence"], despite)
    recipe = documents.read_yaml(folder / "recipe.yaml")
    staged = folder / STAGED
    with files.user_errors(staged):
        staged.mkdir(parents=True, exist_ok=True)
    sources = sorted((folder / "data").glob("*.parquet"))
    quoting = 0
    if rule.publish == "audio" and manifest["audio"]["stored"] != "path":
        data = {f"data/{path.name}": path for path in sources}
    else:
        data, quoting = _stripped(sources, staged, manifest, texts=rule.publish == "audio")
    attribute_files = {f"{BROUGHT}/{path.name}": path for path in sorted((folder / BROUGHT).glob("*.yaml"))}
    public = _manifest(manifest, repo, rule, data, {"scale.json": folder / "scale.json", **attribute_files})
    files.write_text(staged / "manifest.yaml", trainer.dump(public))
    files.write_text(staged / "recipe.yaml", public_recipe(recipe))
    files.write_text(staged / "README.md", card.again(
        folder, public["sha256"], rule.publish, rule.sentence if rule.despite else None, repo))  # fmt: skip
    small = {name: staged / name for name in ("README.md", "manifest.yaml", "recipe.yaml")}
    beside = {name: folder / name for name in BESIDE if (folder / name).is_file()}
    return PreparedFolder(rule, {**data, **beside, **attribute_files, **small}, quoting)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The ``manifest.yaml`` of a data set.

    Raises:
        SemoError: there is none, or it is not one of ours.
    """
    path = folder / trainer.FILE
    if not path.is_file():
        raise SemoError(f"{path}: cannot be read; expected the output folder of a finished run")
    return trainer.load(path)


def public_recipe(recipe: Mapping[str, Any]) -> str:
    """The recipe as others can use it: where the corpus lies here, and where the output, is theirs to say."""
    shown = {name: value for name, value in recipe.items() if name != "hub"}
    corpus = dict(shown["corpus"])
    given = Path(corpus["manifest"])
    corpus["root"] = GIVEN_LATER
    corpus["manifest"] = given.name.removesuffix(".yaml")
    corpus["options"] = {name: _placeless(value) for name, value in (corpus.get("options") or {}).items()}
    descriptors = dict(shown["descriptors"])
    if descriptors.get("scale"):
        descriptors["scale"] = "scale.json"  # the edges are the file beside it
    templates = {
        name: {**shown[name], "template": Path(shown[name]["template"]).name}
        for name in ("replies", "captions")
        if os.sep in shown[name]["template"]
    }
    if "captions" in shown:
        named = {key: Path(value).name for key in ("model", "prompt") if (value := shown["captions"].get(key))}
        templates["captions"] = {**shown["captions"], **templates.get("captions", {}), **named, "url": None}
    shown |= {"corpus": corpus, "descriptors": descriptors, **templates, "output": f"out/{shown['name']}"}
    return str(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True))


def _placeless(value: Any) -> Any:
    return GIVEN_LATER if isinstance(value, str) and Path(value).is_absolute() else value


def _manifest(
    manifest: Mapping[str, Any], repo: str, rule: Rule, data: Mapping[str, Path], beside: Mapping[str, Path]
) -> dict[str, Any]:
    public = {**manifest, "dataset": {"folder": ".", "hub": repo}}
    if rule.publish == "features":
        kept = {content: column for content, column in manifest["contents"].items() if content not in WITH_TEXT}
        public |= {"contents": kept, "transcript": None}
    if rule.publish == "features" or manifest["audio"]["stored"] == "path":
        public["audio"] = {**manifest["audio"], "column": None, "stored": "none"}
    hashes = {name: trainer.digest(path) for name, path in [*data.items(), *beside.items()]}
    return {**public, "sha256": hashes}


def _stripped(
    sources: Sequence[Path], staged: Path, manifest: Mapping[str, Any], *, texts: bool
) -> tuple[dict[str, Path], int]:
    """The data files without recordings and, unless ``texts``, without what was said; kept for the next try."""
    mark = staged / "stripped.json"
    wanted = fingerprint.of([manifest["sha256"], manifest["label"], texts, "2"])
    data = {f"data/{path.name}": staged / "data" / path.name for path in sources}
    try:
        done = documents.read_json(mark)
        if done["fingerprint"] == wanted and all(path.is_file() for path in data.values()):
            return data, int(done["quoting"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    with files.user_errors(staged):
        shutil.rmtree(staged / "data", ignore_errors=True)
    quoting = 0
    for source, target in zip(sources, data.values(), strict=True):
        counts: list[int] = []
        files.write(target, lambda path, source=source, counts=counts: counts.append(  # type: ignore[misc]
            _strip(source, path, texts)))  # fmt: skip
        quoting += sum(counts)
    files.write_json(mark, {"fingerprint": wanted, "quoting": quoting})
    return data, quoting


def _strip(source: Path, target: Path, texts: bool) -> int:
    from datasets import Features

    quoting = 0
    # the columns are the file's own: those of further features and attributes too
    there = Features.from_arrow_schema(pq.read_schema(source))
    schema = Features({name: feature for name, feature in there.items() if name != "audio"}).arrow_schema
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, schema, compression="zstd") as written:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=schema.names).to_pylist()
            for row in rows if not texts else ():
                quoting += withhold_transcript(row)
            written.write_table(pa.Table.from_pylist(rows, schema))
    return quoting


def withhold_transcript(row: dict[str, Any]) -> bool:
    """Take what was said out of a row; whether its caption had to go because it quotes it."""
    quoting = quotes(row["caption"], row["transcript"])
    row |= dict.fromkeys(WITHHELD)
    if quoting:
        row |= {name: None for name in row if name.startswith("caption")}
    return quoting
