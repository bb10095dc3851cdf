"""Mutants of all that is read beside recordings, tables and servers: read as it was, or refused in one line.

``mutants.hold`` judges; ``test_mutants_harness.py`` shows that it can fail. Each kind is a function that makes a good
file and says how it is read, and, where digests promise it, how what was read must not differ.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import mutants
import numpy as np
import pyarrow as pa
import pytest
import yaml
from descriptors import test_scale as scales
from mutants import Outcome

from annotate import assets, documents, settings
from annotate.captions import templates
from annotate.corpora import corpus_rows as corpus_read
from annotate.corpora import data_manifest as manifests
from annotate.dataset import manifest as data_set_manifest
from annotate.dataset import verdicts
from annotate.dataset.hub import published_recipe
from annotate.descriptors import evidence, scale_file, stability
from annotate.descriptors.tally import tally
from annotate.errors import SemoError
from annotate.semollm.data.corpus import Corpus
from annotate.semollm.inference import predict
from annotate.store import files, fingerprint
from annotate.store.journal import Journal
from annotate.store.shards import Store

yaml_of = functools.partial(
    mutants.json_of,
    dump=functools.partial(yaml.safe_dump, allow_unicode=True),
    load=lambda text: documents.parse_yaml(text, "whole"),
)


def recipe(count: int, folder: Path) -> Outcome:
    source = assets.find("recipes", "ravdess")
    return mutants.hold(
        "recipe", count, yaml_of(source), lambda path: settings.load(str(path), ["corpus.root=x"]), folder / "r.yaml"
    )


def corpus_manifest(count: int, folder: Path) -> Outcome:
    source = assets.find("data_manifests", "ravdess")
    return mutants.hold("corpus", count, yaml_of(source), lambda path: manifests.load(str(path)), folder / "m.yaml")


def strangers_recipe(count: int, folder: Path) -> Outcome:
    source = folder / "recipe.yaml"
    source.write_text(settings.load("ravdess", ["corpus.root=x"], folder / "out").dump())

    def read(path: Path) -> settings.Recipe:
        return published_recipe.load(path, ["corpus.root=mine"], folder / "joined")

    def differs(found: settings.Recipe) -> str | None:
        named = (str(found.corpus.root), str(found.output), found.descriptors.scale, found.captions.prompt, found.hub)
        return None if named == ("mine", str(folder / "joined"), None, None, None) else f"names {named}"

    return mutants.hold("stranger", count, yaml_of(source), read, folder / "mutant.yaml", differs=differs)


def data_set(count: int, folder: Path) -> Outcome:
    source = data_sets.write(folder)
    content = source.read_text()

    def read(path: Path) -> None:
        Corpus(str(path))

    outcome = mutants.hold("manifest", count, yaml_of(source), read, folder / "mutant.yaml")
    assert source.read_text() == content
    return outcome


def data_file(count: int, folder: Path) -> Outcome:
    """A stranger's Parquet file, its digest in the manifest made to fit."""
    manifest = data_sets.write(folder, {"train": data_sets.rows(2)})
    path = next((folder / "data").iterdir())
    content = yaml.safe_load(manifest.read_text())

    def read(path: Path) -> None:
        content["sha256"][f"data/{path.name}"] = data_set_manifest.digest(path)
        manifest.write_text(yaml.safe_dump(content))
        corpus = Corpus(str(manifest))
        for clip in corpus.clips:
            corpus.audio(clip)

    return mutants.hold("data file", count, mutants.bytes_of(path), read, path)


def scale(count: int, folder: Path) -> Outcome:
    fitted = scales.fitted([scales.row(100.0 + n) for n in range(60)])
    source = folder / "scale.json"
    files.write_json(source, fitted)
    scale_file.load(source)
    return mutants.hold("scale", count, mutants.json_of(source), scale_file.load, folder / "mutant.json")


def evidence_file(count: int, folder: Path) -> Outcome:
    words = {"pitch": ["low", "normal", "high"], "speed": ["slow", "normal", "fast"]}
    rows = [
        {"id": f"{n}", "speaker": f"s{n % 5}", "emotion": ("anger", "sadness")[n % 2], "pitch": words["pitch"][n % 3],
         "speed": words["speed"][(n % 2) * 2]}
        for n in range(120)
    ]  # fmt: skip
    source = folder / "evidence.json"
    files.write_json(source, evidence.weigh(tally(rows, words), {"corpus": "x"}))

    def read(path: Path) -> Any:
        return evidence.senses(evidence.load(path))

    return mutants.hold("evidence", count, mutants.json_of(source), read, folder / "mutant.json")


def sureness(count: int, folder: Path) -> Outcome:
    source = Path(stability.__file__).with_suffix(".json")
    return mutants.hold("sureness", count, mutants.json_of(source), stability.load, folder / "mutant.json")


TABLE = {"x": list(range(50)), "y": [f"text {n}" for n in range(50)], "z": [0.5, None] * 25}
OWNERS = dict.fromkeys(TABLE, "part")


def _same_table(found: Any) -> str | None:
    return None if found is None or found.to_pydict() == TABLE else "other values in silence"


def shard(count: int, folder: Path) -> Outcome:
    store = Store(folder)
    store.write("part", 0, pa.table(TABLE), {"settings": {"a": 1}}, 0.1)
    path = store.file("part", 0)
    return mutants.hold(
        "shard", count, mutants.bytes_of(path), lambda _: store.read(0, list(TABLE), OWNERS), path, differs=_same_table
    )


def done_mark(count: int, folder: Path) -> Outcome:
    store = Store(folder)
    store.write("part", 0, pa.table(TABLE), {"settings": {"a": 1}}, 0.1)
    path = store.file("part", 0).with_suffix(".done")

    def read(_: Path) -> Any:
        return None if store.mark("part", 0) is None else store.read(0, list(TABLE), OWNERS)

    return mutants.hold("mark", count, mutants.json_of(path), read, path, differs=_same_table)


def index(count: int, folder: Path) -> Outcome:
    store = Store(folder)
    store.write(corpus_read.PART, 0, pa.table(TABLE), {}, 0.1)
    whole = corpus_read.Index("wanted", 1, 50, {"a": "female"}, {"s": ["a"]}, ("a",), 50, {})
    path = folder / corpus_read.PART / "index.json"
    files.write_json(path, fingerprint.seal(whole.__dict__))
    plain = fingerprint.plain(whole.__dict__)
    assert corpus_read.known(store, "wanted") is not None

    def differs(found: Any) -> str | None:
        same = found is None or fingerprint.plain(found.__dict__) == plain
        return None if same else f"{found}, expected {whole}"

    return mutants.hold(
        "index", count, mutants.json_of(path), lambda _: corpus_read.known(store, "wanted"), path, differs=differs
    )


def kept(count: int, folder: Path) -> Outcome:
    content = {"scale": {"edges": [1.5, 2.5], "words": ["a", "b"]}}
    path = folder / "kept.json"
    files.kept(path, "wanted", lambda: content)
    return mutants.hold(
        "kept", count, mutants.json_of(path), lambda path: files.kept(path, "wanted", lambda: content, write=False),
        path, differs=lambda found: None if found == content else f"{found}",
    )  # fmt: skip


def journal(count: int, folder: Path) -> Outcome:
    answers = {f"key {n}": f"A loud voice, clip {n}.\u2028'quoted' \\ {n}" for n in range(8)}
    path = folder / "j.jsonl"
    for key, text in answers.items():
        Journal(path).put(key, text, tries=1)

    def read(path: Path) -> dict[str, str | None]:
        found = Journal(path)
        return {key: found.get(key) for key in answers}

    def differs(found: dict[str, str | None]) -> str | None:
        wrong = {key: text for key, text in found.items() if text not in (None, answers[key])}
        return f"{wrong}" if wrong else None

    return mutants.hold("journal", count, mutants.text_of(path), read, path, differs=differs)


def review_journal(count: int, folder: Path) -> Outcome:
    held = verdicts.VerdictJournal(folder)
    for n in range(6):
        kind = verdicts.KINDS[n % 4]
        held.add(verdicts.Verdict(f"id {n}", f"r{n % 2}", kind, "mark", "A loud voice." if kind == "edit" else None))
    held.undo("r0")
    given = {(one.id, one.reviewer, one.kind, one.caption)
             for said in verdicts.replayed(held.lines()).values() for _, one in said}  # fmt: skip
    given |= {("id 4", "r0", "accept", None)}  # which the undo took back

    def read(path: Path) -> Any:
        standing = verdicts.VerdictJournal(path.parent).standing()
        verdicts.agreement(standing)
        return {name: verdicts.decided(said) for name, said in standing.items()}, standing

    def differs(found: Any) -> str | None:
        said = {(one.id, one.reviewer, one.kind, one.caption) for said in found[1].values() for one in said}
        return None if said <= given else f"{said - given}"

    return mutants.hold("verdicts", count, mutants.text_of(held.path), read, held.path, differs=differs)


def answers(count: int, folder: Path) -> Outcome:
    rows = [{"id": f"{n}", "emotion": "anger", "reply": "x\u2028y", "found": "anger"} for n in range(5)]
    predict.write(folder / "test.jsonl", rows)
    assert predict.read(folder / "test.jsonl") == rows
    return mutants.hold("answers", count, mutants.text_of(folder / "test.jsonl"), predict.read, folder / "mutant.jsonl")


def template(count: int, folder: Path) -> Outcome:
    given: dict[str, Any] = {
        "emotion": "anger", "intensity": None, "gender": "female", "pitch": "high", "speed": "fast", "volume": "loud",
        "transcript": "Kids are talking", "style": "explanation", "pick": templates.picker("a"), "hedged": ["pitch"],
        "supporting": ["pitch"], "opposing": ["speed"], "content": "E",
    }  # fmt: skip

    def read(path: Path) -> str:
        return templates.render(templates.source("captions", str(path)), "mutant", **given)

    source = assets.find("templates", "captions/plain")
    return mutants.hold("template", count, mutants.text_of(source), read, folder / "mutant.jinja2")


def checkpoint(count: int, folder: Path) -> Outcome:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra train)")
    from annotate.semollm.model import published_checkpoint as checkpoints

    whole = {"a": torch.arange(60.0), "b": torch.ones(4, 5)}
    torch.save(whole, folder / "43.pth")

    def differs(found: Any) -> str | None:
        same = all(name in found and torch.equal(found[name], value) for name, value in whole.items())
        return None if same else "other weights in silence"

    mutate = mutants.bytes_of(folder / "43.pth")
    return mutants.hold("checkpoint", count, mutate, checkpoints.read, folder / "mutant.pth", differs=differs)


def weights(count: int, folder: Path) -> Outcome:
    pytest.importorskip("torch", reason="torch is not installed (extra train)")
    pytest.importorskip("transformers", reason="transformers is not installed (extra train)")
    import torch
    from semollm import tiny_models

    from annotate.semollm.model import pretrained
    from annotate.semollm.model.causal_lm import SEmoForCausalLM

    model = SEmoForCausalLM(tiny_models.config(stage=3))
    model.save_pretrained(folder / "model")
    whole = {name: value.clone() for name, value in model.trained_state().items()}

    def differs(found: Any) -> str | None:
        same = all(torch.equal(found.trained_state()[name], value) for name, value in whole.items())
        return None if same else "other weights in silence"

    def read(path: Path) -> Any:
        return SEmoForCausalLM.from_pretrained(path.parent)

    path = folder / "model" / pretrained.WEIGHTS
    outcome = mutants.hold("weights", count // 2, mutants.bytes_of(path), read, path, differs=differs)
    model.save_pretrained(folder / "model")
    path = folder / "model" / "config.json"
    settled = mutants.hold("config", count - count // 2, mutants.json_of(path), read, path)
    return Outcome(outcome.read + settled.read, outcome.refused + settled.refused, outcome.faults + settled.faults)


def features(count: int, folder: Path) -> Outcome:
    pytest.importorskip("transformers", reason="transformers is not installed (extra train)")
    from annotate.semollm.data import feature_cache

    path = folder / "a.npy"
    np.save(path, np.ones((3, 5, 4), np.float16))

    def read(path: Path) -> Any:
        return None if feature_cache.read(path) is None else feature_cache.Shelf(10**6).load(path)

    return mutants.hold("features", count, mutants.bytes_of(path), read, path)


# how many of a thousand (fast) or of 20,000 (slow) mutants each kind gets; recordings, tables and servers have theirs
# in the tests beside their readers
KINDS: dict[Callable[[int, Path], Outcome], int] = {
    recipe: 60, corpus_manifest: 60, strangers_recipe: 40, data_set: 30, data_file: 20, scale: 40, evidence_file: 30,
    sureness: 20, shard: 60, done_mark: 60, index: 30, kept: 30, journal: 60, review_journal: 40, answers: 20,
    template: 60, checkpoint: 20, weights: 20, features: 30,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_mutants_are_read_as_they_were_or_refused_in_one_line(
    kind: Callable[[int, Path], Outcome], tmp_path: Path
) -> None:
    kind(KINDS[kind], tmp_path).require_none()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_many_mutants(kind: Callable[[int, Path], Outcome], tmp_path: Path) -> None:
    kind(20 * KINDS[kind], tmp_path).require_none()


def test_a_file_as_it_is_is_read(tmp_path: Path) -> None:
    """Where the unchanged file were refused, every mutant would be, and nothing were tested."""
    for kind in (recipe, corpus_manifest, scale, evidence_file, template, data_set):
        folder = tmp_path / kind.__name__
        folder.mkdir()
        assert kind(KINDS[kind], folder).read > 0, kind.__name__
    assert math.isfinite(documents.MOST_NODES)
    with pytest.raises(SemoError):
        evidence.load(tmp_path)
    json.dumps(list(map(str, KINDS)))
