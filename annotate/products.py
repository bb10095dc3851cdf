"""What a run leaves for its users: the data set, the manifest, the scale, the card, the summary, the report."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate import attributes, documents
from annotate.run_context import RunContext, RunState
from annotate.store import files, fingerprint
from annotate.version import __version__

# what makes the products is imported where they are made: a run that has them only compares what they depend on
if TYPE_CHECKING:
    from annotate.dataset import build

VERSION = "9"
TOP = ("scale.json", "evidence.json", "recipe.yaml", "manifest.yaml", "README.md", "summary.json", "report.html")


@dataclass(frozen=True)
class Products:
    """Everything at the top of the output folder, made together from the finished shards.

    Attributes:
        context: what was asked of the run.
        state: what is known of all rows.
    """

    context: RunContext
    state: RunState

    def depends(self) -> str:
        """Fingerprint of everything that the products are made from."""
        context, state = self.context, self.state
        columns = sorted(name for name in state.owners if name in context.schema.columns)
        parts = sorted(set(state.owners.values()))
        marks = [[context.store.mark(part, shard) for part in parts] for shard in range(state.index.shards)]
        digests = [[mark.columns if mark else None for mark in shard] for shard in marks]
        excluded: Any = {"output": True, "corpus": {"root"}, "run": True, "hub": True}
        settings = context.recipe.model_dump(mode="json", exclude=excluded)
        facts = context.corpus.model_dump(mode="json")
        return fingerprint.of([VERSION, __version__, columns, digests, settings, facts, state.scale, state.evidence])

    def known(self) -> dict[str, Any] | None:
        """The summary of an earlier run, if its products are still what this run would make."""
        output = self.context.recipe.output
        try:
            done = documents.read_json(self.context.store.folder / "products.done")
            if done["fingerprint"] != self.depends():
                return None
            if any((output / name).stat().st_size != size for name, size in done["files"].items()):
                return None
            return dict(documents.read_json(output / "summary.json"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def make(self, workers: int, seconds: dict[str, float]) -> dict[str, Any]:
        """Write everything, the done mark last; returns the summary."""
        from annotate.dataset import manifest as trainer
        from annotate.summary import summary

        context, state = self.context, self.state
        output, done = context.recipe.output, context.store.folder / "products.done"
        with files.user_errors(done):
            done.unlink(missing_ok=True)
        wanted = self.depends()
        names = self.label_names()
        began = time.perf_counter()
        built = self._data(names, workers)
        seconds["dataset"] = time.perf_counter() - began
        files.write_json(output / "scale.json", state.scale)
        files.write_json(output / "evidence.json", state.evidence)
        files.write_text(output / "recipe.yaml", context.recipe.dump())
        brought = self._attributes()
        manifest = self._manifest(built, names)
        files.write_text(output / "manifest.yaml", trainer.dump(manifest))
        began = time.perf_counter()
        content = summary(context, state, built, seconds)
        self._card(built, manifest["sha256"])
        self._report(content, names)
        seconds["report"] = time.perf_counter() - began
        content["seconds"] = {name: round(spent, 2) for name, spent in seconds.items()}
        files.write_json(output / "summary.json", content)
        made = [output / name for name in TOP] + brought + sorted((output / "data").iterdir())
        sizes = {path.relative_to(output).as_posix(): path.stat().st_size for path in made}
        files.write_json(done, {"fingerprint": wanted, "files": sizes})
        return content

    def _data(self, names: list[str], workers: int) -> build.Built:
        from annotate.dataset import build

        context, state, chosen = self.context, self.state, self.context.recipe.dataset
        built = build.build(
            context.store, state.owners, state.index.shards,
            root=context.recipe.corpus.root, folder=context.recipe.output, labels=names, audio=chosen.audio,
            rate=chosen.rate, shard_mb=chosen.shard_mb, workers=workers, schema=context.schema,
        )  # fmt: skip
        build.require_rows(built, context.recipe.name)
        return built

    def _attributes(self) -> list[Path]:
        """The files of attributes that are not shipped, beside the data set: whoever has it can read its captions."""
        folder = self.context.recipe.output / attributes.BROUGHT
        shipped = {attribute.origin for attribute in attributes.table().values()}
        further = [attribute for attribute in self.context.schema.table.values() if attribute.origin not in shipped]
        with files.user_errors(folder):
            shutil.rmtree(folder, ignore_errors=True)
            for attribute in further:
                files.write_text(folder / f"{attribute.name}.yaml", Path(attribute.origin).read_text("utf-8"))
        return [folder / f"{attribute.name}.yaml" for attribute in further]

    def label_names(self) -> list[str]:
        """The emotions in the order of the label set: all of the manifest's, else those that rows have."""
        context, chosen = self.context, self.context.recipe.corpus.labels
        emotions = () if isinstance(context.labels, str) else context.labels.values()
        named = list(dict.fromkeys(name for name in emotions if name))
        if named and isinstance(chosen, str) and chosen in context.corpus.labels:
            return named
        present = set(self._values("emotion"))
        return [name for name in named if name in present] or sorted(present)

    def _values(self, column: str) -> list[str]:
        """The values of a column of text over all rows, each once, sorted."""
        context, state = self.context, self.state
        shards = (context.store.read(shard, [column], state.owners)[column] for shard in range(state.index.shards))
        return sorted({value for shard in shards for value in shard.unique().to_pylist() if value})

    def _manifest(self, built: build.Built, names: list[str]) -> dict[str, Any]:
        from annotate.dataset import manifest as trainer

        context, recipe = self.context, self.context.recipe
        chosen, rule = recipe.corpus, context.corpus.split_rule(recipe.corpus.split)
        return trainer.content(
            context.corpus,
            name=recipe.name,
            folder=recipe.output,
            splits=built.splits,
            labels=names,
            contents=recipe.replies.chosen(),
            audio=recipe.dataset.audio,
            rate=recipe.dataset.rate,
            split_rule={"name": chosen.split, "fold": chosen.fold, "by": getattr(rule, "by", rule.rule)},
            table=context.schema.table,
        )

    def _card(self, built: build.Built, hashes: Mapping[str, str]) -> None:
        from annotate.dataset import card
        from annotate.summary import drop_reasons, versions

        recipe, state = self.context.recipe, self.state
        card.card(
            self.context.corpus,
            name=recipe.name,
            built=built,
            hashes=hashes,
            scale=state.scale,
            evidence=state.evidence,
            recipe=recipe.model_dump(mode="json", exclude={"hub"}),
            label_map=self._label_map(),
            reasons=drop_reasons(built, state.repeats),
            versions=versions(),
            folder=recipe.output,
        )

    def _label_map(self) -> dict[str, str | None]:
        """Original label -> emotion as the card shows it; of the common vocabulary only what the corpus has."""
        from annotate.corpora import labels as label_sets
        from annotate.corpora.label_and_split import Select
        from annotate.corpora.splits import SplitPlan

        labels, chosen = self.context.labels, self.context.recipe.corpus.labels
        if isinstance(labels, str):
            return {}
        if isinstance(chosen, str) and chosen in self.context.corpus.labels:
            return dict(labels)
        select = Select(labels, label_sets.name_of(chosen), SplitPlan("id", {}, 1, 1))
        return {label: select.emotion(label)[0] for label in self._values("emotion_original")}

    def _report(self, content: Mapping[str, Any], names: list[str]) -> None:
        from annotate.features import headline_errors
        from annotate.report import page

        context, state, features = self.context, self.state, self.context.recipe.features
        page.write(
            context.recipe.output, content, state.scale, names, evidence=state.evidence,
            pitch=features.pitch, licence=context.corpus.licence.name,
            errors=headline_errors.by_column(features.model_dump(), content["rate_sources"]),
        )  # fmt: skip
