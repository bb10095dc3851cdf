"""The stages in order: what each reads, writes and depends on, and what is made of their rows at the end."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from annotate import console, documents, products, registry
from annotate.attributes import Attribute
from annotate.captions import captions, replies, templates
from annotate.captions.evidence import Evidence
from annotate.corpora import labels as label_sets
from annotate.corpora import manifest as manifests
from annotate.corpora import read, select, splits, warnings
from annotate.dataset.hub import licence
from annotate.descriptors import evidence, fitted, levels, sufficiency, sure, words
from annotate.descriptors import scale as scales
from annotate.descriptors.doubt import Doubt
from annotate.descriptors.tally import Coded
from annotate.engine import plan
from annotate.engine.job import Engine, Work
from annotate.engine.local import LocalEngine
from annotate.engine.ray import RayEngine
from annotate.engine.stage import Stage
from annotate.errors import SemoError
from annotate.features import measure, repeats, speakers
from annotate.progress import Progress
from annotate.settings import Recipe
from annotate.store import files, fingerprint
from annotate.store.shards import Store, cut

SECONDS = "seconds.json"
# what each round computes, for a dry run that cannot look beyond the one before
ROUNDS = ("measurements", "repeats", "speakers", "scale, words, replies", "captions")
ENGINES: dict[str, Callable[[int], Engine]] = {"local": LocalEngine, "ray": RayEngine}


@dataclass
class Outcome:
    """What a run did.

    Attributes:
        folder: the output folder.
        summary: the content of ``summary.json``.
        computed: rows computed per part in this run; empty where nothing had to be done.
        published: where the recipe's ``hub`` has brought it.
    """

    folder: Path
    summary: dict[str, Any]
    computed: dict[str, int] = field(default_factory=dict)
    published: str | None = None


@dataclass(frozen=True)
class Planned:
    """One line of a dry run: a part, how many of its shards would be computed, and why."""

    part: str
    shards: int
    of: int
    why: str


class Pipeline:
    """A recipe bound to its corpus and its output folder."""

    def __init__(self, recipe: Recipe, *, workers: int = 1, engine: str = "local", quiet: bool = True) -> None:
        self.recipe = recipe
        self.workers = workers
        self.engine: Engine = ENGINES[engine](workers)
        self.quiet = quiet
        self.corpus = manifests.load(recipe.corpus.manifest)
        self.labels = self.corpus.label_set(recipe.corpus.labels)
        self.corpus.split_rule(recipe.corpus.split)
        # templates and a given scale are read before anything runs: a misspelt name must not cost an hour
        templates.source("replies", recipe.replies.template)
        templates.source("captions", recipe.captions.template)
        if recipe.hub is not None:
            licence.known_repo(recipe.hub.repo)
            licence.decide(self.corpus.name, self.corpus.licence.model_dump(), recipe.hub.despite_licence)
        captions.require(recipe.captions.model_dump())
        self.scale: Mapping[str, Any] = {}
        self.evidence: Mapping[str, Any] = {}
        self.doubts: list[str] = []
        self.repeats: Mapping[str, Any] = {}
        self.table = recipe.descriptors.table()
        self.features = {
            slot: registry.load(slot, name)
            for slot, name in registry.slots(recipe.features.model_dump()).items()
            if name != "none"
        }
        self.schema = measure.row_schema(recipe.features.model_dump(), self.table)
        given = recipe.descriptors.scale
        self.given_scale = scales.load(given, self.table) if given else None
        self.changes = sure.load(recipe.descriptors.sureness) if recipe.descriptors.sureness else sure.shipped()
        self.store = Store(recipe.output / "work")
        self.owners: dict[str, str] = dict.fromkeys(read.COLUMNS, read.PART)
        self.computed: dict[str, int] = {}
        self.share: tuple[int, int] = (1, 1)
        self.writes = True
        self.seconds = _spent(self.store)

    def run(self) -> Outcome:
        """Compute what is lacking, in order, and make the data set and its companions from it."""
        if self.recipe.hub is not None:
            from annotate.dataset.hub import push

            push.require_token()
        for warning in warnings.of_output(self.recipe.output):
            console.show(f"warning: {warning.sentence()}", error=True)
        with _locked(self.recipe.output), Progress(self.quiet) as progress, self.engine as engine:
            index = self._read(progress)
            for resolve in self._rounds(index):
                for stage in resolve():
                    self._stage(stage, index, engine, progress)
            summary = self._products(index, progress)
            published = self._push(progress)
        return Outcome(self.recipe.output, summary, self.computed, published)

    def run_share(self, number: int, of: int) -> dict[str, int]:
        """Measure one share of the shards, for a job array; ``merge`` makes the data set of all shares.

        Args:
            number: which share, from 1.
            of: how many there are; share k has the shards k, k + of, k + 2 of, ...

        Returns:
            Rows computed per part in this run.
        """
        self.share = (number, of)
        with _locked(self.recipe.output), Progress(self.quiet) as progress, self.engine as engine:
            files.write_text(self.store.folder / "recipe.yaml", self.recipe.dump())
            index = self._read(progress)
            for stage in self._rounds(index)[0]():
                self._stage(stage, index, engine, progress)
        return self.computed

    def dry_run(self) -> list[Planned]:
        """What ``run`` would compute and why; nothing is written."""
        self.writes = False
        reader, request = self._request()
        wanted = fingerprint.of(read.depends(self.corpus, reader, request, self.recipe.run.shard_rows))
        index = read.known(self.store, wanted)
        if index is None:
            return [
                Planned(read.PART, 0, 0, "the corpus is not read yet, or has changed; all that follows is computed")
            ]
        lines: list[Planned] = []
        for number, resolve in enumerate(self._rounds(index)):
            if any(line.shards for line in lines):
                after = ", ".join((*ROUNDS[number:], "dataset"))
                return [*lines, Planned(after, index.shards, index.shards, "what they read may change")]
            for stage in resolve():
                lines += self._planned(stage, index, {line.part for line in lines if line.shards})
                self._own(stage)
        if any(line.shards for line in lines):
            return [*lines, Planned("dataset", index.shards, index.shards, "its rows may change")]
        made = self._made(index).known() is not None
        why = "done" if made else "not made yet, or from other settings"
        return [*lines, Planned("dataset", 0 if made else index.shards, index.shards, why)]

    def _planned(self, stage: Stage, index: read.Index, due: set[str]) -> Iterator[Planned]:
        jobs = plan.jobs(stage, self.store, self.owners, range(index.shards))
        for part in stage.parts:
            mine = [job for job in jobs if part.name in job.depends]
            why = "; ".join(dict.fromkeys(job.why[part.name] for job in mine))
            before = sorted({self.owners[name] for name in part.reads if name in self.owners} & due)
            if before and len(mine) < index.shards:
                yield Planned(part.name, index.shards, index.shards, f"may follow from: {', '.join(before)}")
            else:
                yield Planned(part.name, len(mine), index.shards, why or "done")

    def _request(self) -> Any:
        return read.request_of(self.corpus, self.recipe.corpus.root, self.recipe.corpus.options)

    def _read(self, progress: Progress) -> read.Index:
        reader, request = self._request()
        wanted = fingerprint.of(read.depends(self.corpus, reader, request, self.recipe.run.shard_rows))
        index = read.known(self.store, wanted)
        self._say_damaged()
        if index is not None:
            return index
        with self._timed("corpus"):
            progress.start("corpus", self.corpus.expected.rows or 0)
            index = read.read(self.store, self.corpus, reader, request, self.recipe.run.shard_rows, wanted)
        if not index.rows:
            raise SemoError(f"corpus.root={self.recipe.corpus.root}: the corpus has no rows")
        self.computed["corpus"] = index.rows
        return index

    def _rounds(self, index: read.Index) -> list[Callable[[], list[Stage]]]:
        """The stages in order, in rounds: each is resolved from what the rounds before it have computed."""
        return [
            lambda: self._measuring(index),
            lambda: [self._repeats(index)],
            lambda: [self._speakers(index)],
            lambda: self._wording(index),
            lambda: self._explaining(index),
        ]

    def _measuring(self, index: read.Index) -> list[Stage]:
        read.require_usable(index, self.recipe.name)
        chosen = self.recipe.corpus
        resolved = splits.resolve(
            self.corpus, chosen.split, chosen.fold, index.speakers, index.sessions, chosen.options
        )
        return [
            select.stage(self.labels, label_sets.name_of(chosen.labels), resolved),
            measure.stage(chosen.root.absolute(), self.recipe.features.model_dump()),
        ]

    def _repeats(self, index: read.Index) -> Stage:
        """Needs every recording decoded: which rows have the same one, and which of them are in two splits."""
        columns = ["split", "drop_decoded", *repeats.COLUMNS]

        def rows() -> Iterator[dict[str, Any]]:
            for shard in range(index.shards):
                for row in self.store.read(shard, columns, self.owners).to_pylist():
                    if row["split"] and not row["drop_decoded"]:
                        yield row

        digest = plan.digest(columns, self.store, self.owners, range(index.shards))
        path = self.store.folder / "repeats.json"
        wanted = fingerprint.of([repeats.VERSION, digest])
        self.repeats = files.kept(path, wanted, lambda: repeats.find(rows), write=self.writes)
        return repeats.stage(self.repeats)

    def _speakers(self, index: read.Index) -> Stage:
        """Needs every clip of a speaker, so it is resolved when all are measured."""
        columns = ["speaker", "gender_given", "gender_log_odds"]
        if self.recipe.features.gender in ("corpus", "none"):
            return speakers.stage({})
        heard = self._kept(
            "speakers", speakers.VERSION, index, columns, lambda: speakers.mean_log_odds(self._rows(index, columns))
        )
        return speakers.stage(heard)

    def _wording(self, index: read.Index) -> list[Stage]:
        chosen = self.recipe.descriptors
        measured = [column for one in self.features.values() for column in one.writes]
        learning = fitted.Learning(
            scales.descriptors(self.table, measured),
            scales.reply_descriptors(self.table, measured),
            scales.Method(chosen.method, chosen.by, chosen.threshold, chosen.smallest_group),
            {"corpus": self.corpus.name, "split": "train" if chosen.fit == "train" else None},
            self.given_scale,
        )
        learnt = self._kept(
            "scale", learning.settings(), index, learning.columns(),
            lambda: learning.learn(partial(self._tables, index)),
        )  # fmt: skip
        scale, usual, self.doubts = learnt["scale"], learnt["own"], learnt["doubts"]
        self.scale = {**scale, "own": usual}
        return [
            words.stage(scale, usual, self._doubt(), self.schema.worded),
            replies.stage(self.recipe.replies.template, self.recipe.replies.chosen()),
        ]

    def _explaining(self, index: read.Index) -> list[Stage]:
        """Needs every word of the training split, so it is resolved when all are made."""
        against, described = self.recipe.descriptors.against, self.scale["descriptors"]
        cues = self._reasons(index, self.table.cues(against))
        order = {column: described[one.name]["words"] for column, one in cues.items()}
        measures = {described[one.name]["measure"]: described[one.name]["log"] for one in cues.values()}
        columns = ["id", "speaker", "emotion", *order, *measures]
        of = {"corpus": self.corpus.name, "split": "train", "split_rule": self.recipe.corpus.split,
              "fold": self.recipe.corpus.fold}  # fmt: skip

        def weighed() -> dict[str, Any]:
            coded = Coded.of(self._tables(index, columns), order, list(measures))
            counted, unseen = coded.tally(coded.training), coded.tally(coded.unseen())
            logs = [name for name, log in measures.items() if log]
            return {**evidence.weigh(counted, of, unseen), "sufficiency": sufficiency.sufficiency(coded, logs)}

        self.evidence = self._kept("evidence", [evidence.SCHEMA, order, measures, of], index, columns, weighed)
        journal = self.store.folder / "journal" / "captions.jsonl"
        told = Evidence.of(self.evidence)
        return [captions.stage(self.recipe.captions.model_dump(), journal, told, self.table, against)]

    def _reasons(self, index: read.Index, cues: Mapping[str, Attribute]) -> dict[str, Attribute]:
        """Columns of words that may be reasons: none that is made of levels where levels hardly differ."""
        columns = [*levels.COLUMNS]
        found = self._kept(
            "levels", levels.NARROWEST, index, columns, lambda: levels.of_rows(self._rows(index, columns))
        )
        silent = columns if found["narrow"] else []
        described = self.scale["descriptors"]
        return {column: one for column, one in cues.items() if described[one.name]["measure"] not in silent}

    def _doubt(self) -> Doubt:
        chosen = self.recipe.descriptors
        names = registry.slots(self.recipe.features.model_dump())
        estimators = {column: names[slot] for slot, one in self.features.items() for column in one.writes}
        return Doubt(estimators, self.changes, chosen.doubtful, chosen.doubt_below)

    def _own(self, stage: Stage) -> None:
        self.owners |= {name: part.name for part in stage.parts for name in part.writes}

    def _stage(self, stage: Stage, index: read.Index, engine: Engine, progress: Progress) -> None:
        number, of = self.share
        mine = range(number - 1, index.shards, of)
        jobs = plan.jobs(stage, self.store, self.owners, mine)
        self._say_damaged()
        if jobs:
            sizes = cut(index.rows, self.recipe.run.shard_rows)
            with self._timed(stage.name, afresh=len(jobs) == len(mine)):
                progress.start(stage.name, sum(sizes[job.shard] for job in jobs))
                engine.run(Work(stage, self.store, self.owners, self.schema), jobs, progress.advance)
            for part in stage.parts:
                lacked = sum(sizes[job.shard] for job in jobs if part.name in job.depends)
                if lacked:
                    self.computed[part.name] = lacked
        self._own(stage)

    def _say_damaged(self) -> None:
        """Say which shards are not what was written; their marks are not believed, so they are computed again."""
        for line in self.store.damaged.values():
            console.show(line, error=True)
        self.store.damaged.clear()

    def _kept(
        self, name: str, settings: Any, index: read.Index, columns: Sequence[str], make: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """What is made from columns of all rows; made again only where their values or the settings changed."""
        digest = plan.digest(["split", "drop_audio", *columns], self.store, self.owners, range(index.shards))
        path = self.store.folder / f"{name}.json"
        return files.kept(path, fingerprint.of([settings, digest]), make, write=self.writes)

    def _tables(self, index: read.Index, columns: list[str]) -> Iterator[Any]:
        """Some columns of the rows that are not put aside, with their split: an Arrow table for each shard."""
        import pyarrow.compute as pc

        for shard in range(index.shards):
            table = self.store.read(shard, ["split", "drop_audio", *columns], self.owners)
            yield table.filter(pc.and_(pc.is_valid(table["split"]), pc.is_null(table["drop_audio"])))

    def _rows(self, index: read.Index, columns: list[str]) -> Iterator[dict[str, Any]]:
        """The same, row by row."""
        for table in self._tables(index, columns):
            yield from table.to_pylist()

    def _made(self, index: read.Index) -> products.Products:
        return products.Products(
            self.recipe, self.corpus, self.labels, self.store, self.owners, index,
            self.scale, self.evidence, self.doubts, self.schema, self.repeats,
        )  # fmt: skip

    def _products(self, index: read.Index, progress: Progress) -> dict[str, Any]:
        made = self._made(index)
        if (known := made.known()) is not None:
            return known
        progress.start("dataset", index.rows)
        self.computed["dataset"] = index.rows
        return made.make(self.workers, self.seconds)

    def _push(self, progress: Progress) -> str | None:
        hub = self.recipe.hub
        if hub is None:
            return None
        from annotate.dataset.hub import push

        progress.start("push", 0)
        done = push.push(
            self.recipe.output, hub.repo, private=hub.private, revision=hub.revision, despite=hub.despite_licence
        )
        return done.url

    @contextlib.contextmanager
    def _timed(self, name: str, afresh: bool = True) -> Iterator[None]:
        """Count the seconds of a stage; those of a run that was broken off are kept and added to."""
        began = time.perf_counter()
        before = 0.0 if afresh else self.seconds.get(name, 0.0)
        try:
            yield
        finally:
            self.seconds[name] = round(before + time.perf_counter() - began, 2)
            with contextlib.suppress(SemoError):  # a full disk is told by what failed, not by this
                files.write_json(self.store.folder / SECONDS, self.seconds)


def _spent(store: Store) -> dict[str, float]:
    try:
        return dict(documents.read_json(store.folder / SECONDS))
    except (OSError, ValueError, TypeError):
        return {}


@contextlib.contextmanager
def _locked(output: Path) -> Iterator[None]:
    """One run at a time on one output; the lock goes with the process, however it ends."""
    from filelock import FileLock, Timeout

    with files.told(output):
        (output / "work").mkdir(parents=True, exist_ok=True)
        if not os.access(output, os.W_OK):
            raise PermissionError(13, "Permission denied")
        lock = FileLock(output / "work" / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SemoError(
                f"{output}: another run is at work on this output; wait for it, or choose output=DIR"
            ) from None
    try:
        files.sweep(output)
        yield
    finally:
        lock.release()
