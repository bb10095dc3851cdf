"""What a run leaves for its users: the data set, the manifest, the scale, the card, the summary, the report."""

from __future__ import annotations

import platform
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from annotate import __version__, attributes, documents
from annotate.captions import captions, templates
from annotate.captions.evidence import Evidence
from annotate.corpora import held, locator, walk, warnings
from annotate.corpora import labels as label_sets
from annotate.corpora.labels import Labels
from annotate.corpora.manifest import Manifest
from annotate.corpora.read import Index
from annotate.corpora.select import Select
from annotate.corpora.splits import Plan
from annotate.corpora.warnings import CorpusWarning
from annotate.dataset import build, card, quality, verdicts
from annotate.dataset import manifest as trainer
from annotate.features import headline_errors, repeats
from annotate.settings import Recipe
from annotate.store import files, fingerprint
from annotate.store.schema import SHIPPED, Schema
from annotate.store.shards import Store

VERSION = "9"
LIBRARIES = ("numpy", "pyarrow", "praat-parselmouth", "pyloudnorm", "soundfile", "soxr", "datasets", "jinja2")


@dataclass
class Products:
    """Everything at the top of the output folder, made together from the finished shards."""

    recipe: Recipe
    corpus: Manifest
    labels: Labels
    store: Store
    owners: Mapping[str, str]
    index: Index
    scale: Mapping[str, Any]
    evidence: Mapping[str, Any]
    doubts: Sequence[str] = ()
    schema: Schema = SHIPPED
    repeats: Mapping[str, Any] = field(default_factory=dict)

    def depends(self) -> str:
        """Fingerprint of everything that the products are made from."""
        columns = sorted(name for name in self.owners if name in self.schema.columns)
        marks = [
            [self.store.mark(part, shard) for part in sorted(set(self.owners.values()))]
            for shard in range(self.index.shards)
        ]
        digests = [[mark.columns if mark else None for mark in shard] for shard in marks]
        kept = self.recipe.model_dump(
            mode="json", exclude={"output": True, "corpus": {"root"}, "run": True, "hub": True}
        )
        facts = self.corpus.model_dump(mode="json")
        said = verdicts.Review(verdicts.Journal(self.recipe.output).standing()).fingerprint()
        if said:  # a rejected caption gives way to the template's, which an edited template changes
            said += templates.source("captions", self.recipe.captions.template)
        return fingerprint.of([VERSION, __version__, columns, digests, kept, facts, self.scale, self.evidence, said])

    def review(self) -> verdicts.Review:
        """What reviewers said of the captions; a rejected one gives way to the template's."""
        chosen = self.recipe.captions
        told = Evidence.of(self.evidence)
        source = templates.source("captions", chosen.template)
        # without a writer
        template = captions.Captions(
            source, chosen.template, chosen.style, told, None, self.recipe.descriptors.table(), chosen.length,
            self.recipe.descriptors.against,
        )  # fmt: skip
        standing = verdicts.Journal(self.recipe.output).standing()
        return verdicts.Review(standing, told.senses, lambda row: template.one({**row, "drop_audio": None}))

    def known(self) -> dict[str, Any] | None:
        """The summary of an earlier run, if its products are still what this run would make."""
        output = self.recipe.output
        try:
            done = documents.read_json(self.store.folder / "products.done")
            if done["fingerprint"] != self.depends():
                return None
            if any((output / name).stat().st_size != size for name, size in done["files"].items()):
                return None
            return dict(documents.read_json(output / "summary.json"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def make(self, workers: int, seconds: dict[str, float]) -> dict[str, Any]:
        """Write everything, the done mark last; returns the summary."""
        output = self.recipe.output
        done = self.store.folder / "products.done"
        with files.told(done):
            done.unlink(missing_ok=True)
        wanted = self.depends()
        names = self.label_names()
        dataset = self.recipe.dataset
        review = self.review()
        began = time.perf_counter()
        built = build.build(
            self.store, self.owners, self.index.shards,
            root=self.recipe.corpus.root, folder=output, labels=names, audio=dataset.audio, rate=dataset.rate,
            shard_mb=dataset.shard_mb, workers=workers, revise=review, schema=self.schema,
        )  # fmt: skip
        build.require_rows(built, self.recipe.name)
        seconds["dataset"] = time.perf_counter() - began
        files.write_json(output / "scale.json", self.scale)
        files.write_json(output / "evidence.json", self.evidence)
        files.write_text(output / "recipe.yaml", self.recipe.dump())
        brought = self._attributes()
        manifest = self._manifest(built, names)
        files.write_text(output / "manifest.yaml", trainer.dump(manifest))
        began = time.perf_counter()
        summary = self._summary(built, seconds, review)
        self._card(built, manifest["sha256"])
        self._report(summary, names)
        seconds["report"] = time.perf_counter() - began
        summary["seconds"] = {name: round(spent, 2) for name, spent in seconds.items()}
        files.write_json(output / "summary.json", summary)
        made = [
            "scale.json",
            "evidence.json",
            "recipe.yaml",
            "manifest.yaml",
            "README.md",
            "summary.json",
            "report.html",
        ]
        made += [path.relative_to(output).as_posix() for path in brought]
        made += [path.relative_to(output).as_posix() for path in sorted((output / "data").iterdir())]
        sizes = {name: (output / name).stat().st_size for name in made}
        files.write_json(done, {"fingerprint": wanted, "files": sizes})
        return summary

    def _attributes(self) -> list[Path]:
        """The files of attributes that are not shipped, beside the data set: whoever has it can read its captions."""
        folder = self.recipe.output / attributes.BROUGHT
        shipped = {one.origin for one in attributes.table().values()}
        own = [one for one in self.schema.table.values() if one.origin not in shipped]
        with files.told(folder):
            shutil.rmtree(folder, ignore_errors=True)
            for one in own:
                files.write_text(folder / f"{one.name}.yaml", Path(one.origin).read_text("utf-8"))
        return [folder / f"{one.name}.yaml" for one in own]

    def label_names(self) -> list[str]:
        """The emotions in the order of the label set: all of the manifest's, else those that were found."""
        emotions = () if isinstance(self.labels, str) else self.labels.values()
        named = list(dict.fromkeys(name for name in emotions if name))
        chosen = self.recipe.corpus.labels
        if named and isinstance(chosen, str) and chosen in self.corpus.labels:
            return named
        found: set[str] = set()
        for shard in range(self.index.shards):
            column = self.store.read(shard, ["emotion"], self.owners)["emotion"]
            found |= {value for value in column.unique().to_pylist() if value}
        return [name for name in named if name in found] or sorted(found)

    def _manifest(self, built: build.Built, names: list[str]) -> dict[str, Any]:
        chosen, rule = self.recipe.corpus, self.corpus.split_rule(self.recipe.corpus.split)
        return trainer.content(
            self.corpus,
            name=self.recipe.name,
            folder=self.recipe.output,
            splits=built.splits,
            labels=names,
            contents=self.recipe.replies.chosen(),
            audio=self.recipe.dataset.audio,
            rate=self.recipe.dataset.rate,
            split_rule={"name": chosen.split, "fold": chosen.fold, "by": getattr(rule, "by", rule.rule)},
            table=self.schema.table,
        )

    def _card(self, built: build.Built, hashes: Mapping[str, str]) -> None:
        card.card(
            self.corpus,
            name=self.recipe.name,
            built=built,
            hashes=hashes,
            scale=self.scale,
            evidence=self.evidence,
            recipe=self.recipe.model_dump(mode="json", exclude={"hub"}),
            label_map=self._label_map(),
            reasons=_reasons(built, self.repeats),
            versions=versions(),
            folder=self.recipe.output,
        )

    def _label_map(self) -> dict[str, str | None]:
        """Original label -> emotion as the card shows it; of the common vocabulary only what the corpus has."""
        if isinstance(self.labels, str):
            return {}
        chosen = self.recipe.corpus.labels
        if isinstance(chosen, str) and chosen in self.corpus.labels:
            return dict(self.labels)
        column = ["emotion_original"]
        pieces = (self.store.read(shard, column, self.owners)[column[0]] for shard in range(self.index.shards))
        held_labels = sorted({value for piece in pieces for value in piece.unique().to_pylist() if value})
        select = Select(self.labels, label_sets.name_of(chosen), Plan("id", {}, 1, 1))
        return {label: select.emotion(label)[0] for label in held_labels}

    def _summary(self, built: build.Built, seconds: Mapping[str, float], review: verdicts.Review) -> dict[str, Any]:
        reasons = _reasons(built, self.repeats)
        return {
            "name": self.recipe.name,
            "corpus": self.corpus.name,
            "synthetic": self.corpus.synthetic,
            "rows": {"found": self.index.rows, "kept": sum(built.splits.values()), "dropped": len(built.dropped)},
            "splits": built.splits,
            "reasons": dict(reasons.most_common()),
            "dropped": [{"id": one.id, "path": one.path, "reason": one.reason} for one in built.dropped],
            "notes": dict(built.notes.most_common()),
            "words": {name: dict(counts.most_common()) for name, counts in built.words.items()},
            "captions": _captions(built),
            "rate_sources": dict(built.rate_sources.most_common()),
            "review": dict(review.counts.most_common()),
            "conflicts": [
                *(f"speaker {name}: the corpus gives two genders" for name in self.index.conflicts),
                *self.doubts,
            ],
            "warnings": [one.plain() for one in self._warnings(built.splits)],
            "differences": self._differences(),
            "unmeasured": built.unmeasured,
            "seconds": dict(seconds),
            "versions": versions(),
        }

    def _warnings(self, placed: Mapping[str, int]) -> list[CorpusWarning]:
        """What spoils the corpus, the gravest first; ``placed`` is how many clips each split has."""
        named: set[int] = set()
        languages: Counter[str] = Counter()
        counted = quality.Quality.of(self.schema.table)
        read = list(dict.fromkeys(["path", "audio_bytes", "language", "split", *counted.columns]))
        for shard in range(self.index.shards):
            for row in self.store.read(shard, read, self.owners).to_pylist():
                if row["audio_bytes"] is not None:
                    named.add(hash(locator.part(row["path"])[0]))
                if row["language"] and row["split"]:
                    languages[row["language"]] += 1
                counted.count(row)
        found = walk.survey(self.recipe.corpus.root)
        licence, chosen, words = self.corpus.licence, self.recipe.corpus, self.recipe.descriptors
        untrained = warnings.of_splits(placed, chosen.split, chosen.fold)
        return [
            *(untrained if words.fit == "train" and not words.scale else ()),
            *warnings.of_licence(licence.name, licence.url),
            *warnings.of_repeats(self.repeats),
            *counted.warnings(self.scale, self.recipe.features.rate == "transcript"),
            *warnings.of_languages(languages, words.by),
            *warnings.of_survey(found, len(named)),
        ]

    def _differences(self) -> list[str]:
        """Where the corpus at hand differs from what was published of it."""
        rows = (self.store.read(shard, held.COLUMNS, self.owners) for shard in range(self.index.shards))
        chosen = self.recipe.corpus
        return held.differences(self.corpus, chosen.options, label_sets.name_of(chosen.labels), self.labels, rows)

    def _report(self, summary: Mapping[str, Any], names: list[str]) -> None:
        from annotate.report import page

        page.write(
            self.recipe.output, summary, self.scale, names, evidence=self.evidence,
            pitch=self.recipe.features.pitch, licence=self.corpus.licence.name,
            errors=headline_errors.by_column(self.recipe.features.model_dump(), summary["rate_sources"]),
        )  # fmt: skip


def _reasons(built: build.Built, repeated: Mapping[str, Any]) -> Counter[str]:
    """Rows put aside by reason; copies, each of which names its own other row, under one."""
    copies = repeated.get("aside", {})
    return Counter(repeats.KIND if copies.get(one.id) == one.reason else one.reason for one in built.dropped)


def _captions(built: build.Built) -> dict[str, Any]:
    """Rows by who wrote their caption, those without one, and those that the writer of the recipe could not caption."""
    writers: Counter[str] = Counter()
    for (writer, _, _), count in built.captions.items():
        writers[writer] += count
    return {
        "written": dict(writers.most_common()),
        "none": sum(count for (_, has), count in built.unwritten.items() if not has),
        "left_to_template": sum(count for (_, has), count in built.unwritten.items() if has),
        "reasons": dict(Counter({fault: built.unwritten[fault, False] + built.unwritten[fault, True]
                                 for fault, _ in built.unwritten}).most_common()),
    }  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of what decides the values, for the summary and the card."""
    found = {"semo-annotate": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:  # an optional one
            continue
    return found
