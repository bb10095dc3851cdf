"""A run as a value: what is asked of it (``RunContext``), and what is known of all rows so far (``RunState``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotate import registry
from annotate.captions import captions, templates
from annotate.corpora import corpus_rows
from annotate.corpora import data_manifest as manifests
from annotate.corpora.data_manifest import Manifest
from annotate.corpora.labels import Labels
from annotate.corpora.reader import Reader, Request
from annotate.dataset.hub import licence
from annotate.descriptors import scale_file, stability
from annotate.engine import plan, user_stages
from annotate.engine.stage import Stage
from annotate.features import measure
from annotate.features.feature import Feature
from annotate.settings import Recipe
from annotate.store import files, fingerprint
from annotate.store.schema import Schema
from annotate.store.shards import Store


@dataclass(frozen=True)
class RunState:
    """What the stages done so far have found out about the corpus as a whole.

    Attributes:
        index: shards, rows, speakers and sessions of the corpus.
        owners: column -> the part whose shards hold it.
        repeats: which rows have the same recording.
        scale: the edges of every word, with each speaker's usual under ``own``.
        doubts: what there is to say of doubtful speakers, a line each.
        evidence: which words go with which emotion.
    """

    index: corpus_rows.Index
    owners: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(corpus_rows.COLUMNS, corpus_rows.PART))
    repeats: Mapping[str, Any] = field(default_factory=dict)
    scale: Mapping[str, Any] = field(default_factory=dict)
    doubts: Sequence[str] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def after(self, stage: Stage) -> RunState:
        """The state once a stage has written its columns."""
        written = {name: part.name for part in stage.parts for name in part.writes}
        return replace(self, owners={**self.owners, **written})


@dataclass(frozen=True)
class RunContext:
    """A recipe with all that it names loaded and checked; it never changes.

    Attributes:
        recipe: the settings.
        corpus: the data manifest.
        labels: corpus label -> emotion.
        features: slot -> the feature that fills it.
        schema: the columns of the rows.
        given_scale: a scale fitted elsewhere, where the recipe names one.
        changes: how often words change when a clip is measured again.
        store: the work folder.
        writes: whether what is learnt of all rows is kept on the disk; not so in a dry run.
    """

    recipe: Recipe
    corpus: Manifest
    labels: Labels
    features: Mapping[str, Feature]
    schema: Schema
    given_scale: Mapping[str, Any] | None
    changes: Any
    store: Store
    writes: bool = True

    @classmethod
    def of(cls, recipe: Recipe) -> RunContext:
        """Load what a recipe names; a misspelt name must not cost an hour.

        Raises:
            SemoError: something that the recipe names is unknown, absent, or may not be published.
        """
        corpus = manifests.load(recipe.corpus.manifest)
        labels = corpus.label_set(recipe.corpus.labels)
        corpus.split_rule(recipe.corpus.split)
        templates.source("replies", recipe.replies.template)
        templates.source("captions", recipe.captions.template)
        if recipe.hub is not None:
            licence.known_repo(recipe.hub.repo)
            licence.decide(corpus.name, corpus.licence.model_dump(), recipe.hub.despite_licence)
        captions.require(recipe.captions.model_dump())
        chosen, descriptors = recipe.features.model_dump(), recipe.descriptors
        slots = registry.slots(chosen)
        table = descriptors.table()
        schema = measure.row_schema(chosen, table)
        return cls(
            recipe=recipe,
            corpus=corpus,
            labels=labels,
            features={slot: registry.load(slot, name) for slot, name in slots.items() if name != "none"},
            schema=schema.with_columns(user_stages.columns(recipe.stages)),
            given_scale=scale_file.load(descriptors.scale, table) if descriptors.scale else None,
            changes=stability.load(descriptors.sureness) if descriptors.sureness else stability.shipped(),
            store=Store(recipe.output / "work"),
        )

    def request(self) -> tuple[Reader, Request]:
        """The reader of the corpus, and what it is asked."""
        chosen = self.recipe.corpus
        return corpus_rows.request_of(self.corpus, chosen.root, chosen.options, prepare=self.writes)

    def corpus_fingerprint(self, reader: Reader, request: Request) -> str:
        """Of all that the corpus's rows depend on."""
        return fingerprint.of(corpus_rows.depends(self.corpus, reader, request, self.recipe.run.shard_rows))

    def kept(
        self, name: str, settings: Any, state: RunState, columns: Sequence[str], make: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """What is made from columns of all rows; made again only where their values or the settings changed."""
        digest = plan.digest(["split", "drop_audio", *columns], self.store, state.owners, range(state.index.shards))
        path = self.store.folder / f"{name}.json"
        return files.kept(path, fingerprint.of([settings, digest]), make, write=self.writes)

    def tables(self, state: RunState, columns: Sequence[str]) -> Iterator[Any]:
        """Some columns of the rows that are not put aside, with their split: an Arrow table for each shard."""
        import pyarrow.compute as pc

        for shard in range(state.index.shards):
            table = self.store.read(shard, ["split", "drop_audio", *columns], state.owners)
            yield table.filter(pc.and_(pc.is_valid(table["split"]), pc.is_null(table["drop_audio"])))

    def rows(self, state: RunState, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The same, row by row."""
        for table in self.tables(state, columns):
            yield from table.to_pylist()
