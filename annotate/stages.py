"""The stages of a run in order. ``ROUNDS`` is the list; each entry says what it needs to know of all rows first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from annotate import registry
from annotate.attributes import Attribute
from annotate.captions import captions, replies
from annotate.captions.supported_reasons import Evidence
from annotate.corpora import corpus_rows, label_and_split, splits
from annotate.corpora import labels as label_sets
from annotate.dataset import review
from annotate.descriptors import corpus_fit, evidence, level_range, sufficiency, words
from annotate.descriptors import scale as scales
from annotate.descriptors.tally import Coded
from annotate.descriptors.uncertainty import UncertaintyPolicy
from annotate.engine import plan, user_stages
from annotate.engine.stage import Stage
from annotate.features import measure, repeats, speaker_gender
from annotate.run_context import RunContext, RunState
from annotate.store import files, fingerprint


@dataclass(frozen=True)
class Round:
    """Stages that can start together: all of them are declared from what earlier rounds have computed.

    Attributes:
        name: what it makes, as a dry run names it where it cannot look further.
        declare: learns what it needs of all rows, and declares its stages.
        asked_for: whether a run has it at all.
    """

    name: str
    declare: Callable[[RunContext, RunState], tuple[RunState, list[Stage]]]
    asked_for: Callable[[RunContext], bool] = lambda context: True


def measuring(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """Emotion and split of every row, then what is measured of its recording."""
    corpus_rows.require_usable(state.index, context.recipe.name)
    chosen = context.recipe.corpus
    resolved = splits.resolve(
        context.corpus, chosen.split, chosen.fold, state.index.speakers, state.index.sessions, chosen.options
    )
    return state, [
        label_and_split.stage(context.labels, label_sets.name_of(chosen.labels), resolved),
        measure.stage(chosen.root.absolute(), context.recipe.features.model_dump()),
    ]


def finding_repeats(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """Needs every recording decoded: which rows have the same one, and which of them are in two splits."""
    columns = ["split", "drop_decoded", *repeats.COLUMNS]

    def rows() -> Iterator[dict[str, Any]]:
        for shard in range(state.index.shards):
            for row in context.store.read(shard, columns, state.owners).to_pylist():
                if row["split"] and not row["drop_decoded"]:
                    yield row

    digest = plan.digest(columns, context.store, state.owners, range(state.index.shards))
    path, wanted = context.store.folder / "repeats.json", fingerprint.of([repeats.VERSION, digest])
    repeated = files.kept(path, wanted, lambda: repeats.find(rows), write=context.writes)
    return replace(state, repeats=repeated), [repeats.stage(repeated)]


def resolving_genders(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """Needs every clip of a speaker measured."""
    columns = ["speaker", "gender_given", "gender_log_odds"]
    if context.recipe.features.gender in ("corpus", "none"):
        return state, [speaker_gender.stage({})]
    log_odds = context.kept(
        "speakers",
        speaker_gender.VERSION,
        state,
        columns,
        lambda: speaker_gender.mean_log_odds(context.rows(state, columns)),
    )
    return state, [speaker_gender.stage(log_odds)]


def wording(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """Needs the training split measured: the scale is fitted on it."""
    chosen, table = context.recipe.descriptors, context.recipe.descriptors.table()
    measured = [column for feature in context.features.values() for column in feature.writes]
    learning = corpus_fit.CorpusFit(
        scales.descriptors(table, measured),
        scales.reply_descriptors(table, measured),
        scales.Method(chosen.method, chosen.by, chosen.threshold, chosen.smallest_group),
        {"corpus": context.corpus.name, "split": "train" if chosen.fit == "train" else None},
        context.given_scale,
    )
    learnt = context.kept(
        "scale", learning.settings(), state, learning.columns(),
        lambda: learning.learn(partial(context.tables, state)),
    )  # fmt: skip
    scale, usual = learnt["scale"], learnt["own"]
    return replace(state, scale={**scale, "own": usual}, doubts=learnt["doubts"]), [
        words.stage(scale, usual, _uncertainty_policy(context), context.schema.worded),
        replies.stage(context.recipe.replies.template, context.recipe.replies.chosen()),
    ]


def _uncertainty_policy(context: RunContext) -> UncertaintyPolicy:
    chosen, names = context.recipe.descriptors, registry.slots(context.recipe.features.model_dump())
    estimators = {column: names[slot] for slot, feature in context.features.items() for column in feature.writes}
    return UncertaintyPolicy(estimators, context.changes, chosen.doubtful, chosen.doubt_below)


def captioning(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """Needs every word of the training split: which of them go with which emotion."""
    against, described = context.recipe.descriptors.against, state.scale["descriptors"]
    table = context.recipe.descriptors.table()
    cues = _reasons(context, state, table.cues(against))
    order = {column: described[attribute.name]["words"] for column, attribute in cues.items()}
    measures = {described[attribute.name]["measure"]: described[attribute.name]["log"] for attribute in cues.values()}
    columns = ["id", "speaker", "emotion", *order, *measures]
    of = {"corpus": context.corpus.name, "split": "train", "split_rule": context.recipe.corpus.split,
          "fold": context.recipe.corpus.fold}  # fmt: skip

    def weighed() -> dict[str, Any]:
        coded = Coded.of(context.tables(state, columns), order, list(measures))
        counted, unseen = coded.tally(coded.training), coded.tally(coded.unseen())
        logs = [name for name, log in measures.items() if log]
        return {**evidence.weigh(counted, of, unseen), "sufficiency": sufficiency.sufficiency(coded, logs)}

    weights = context.kept("evidence", [evidence.SCHEMA, order, measures, of], state, columns, weighed)
    journal = context.store.folder / "journal" / "captions.jsonl"
    stage = captions.stage(context.recipe.captions.model_dump(), journal, Evidence.of(weights), table, against)
    return replace(state, evidence=weights), [stage]


def _reasons(context: RunContext, state: RunState, cues: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Columns of words that may be reasons: none that is made of levels where levels hardly differ."""
    columns = [*level_range.COLUMNS]
    spread = context.kept(
        "levels", level_range.NARROWEST, state, columns, lambda: level_range.of_rows(context.rows(state, columns))
    )
    silent = columns if spread["narrow"] else []
    described = state.scale["descriptors"]
    return {
        column: attribute for column, attribute in cues.items() if described[attribute.name]["measure"] not in silent
    }


def reviewing(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """What reviewers said of the captions."""
    chosen, descriptors = context.recipe.captions, context.recipe.descriptors
    template = captions.of_template(
        chosen.model_dump(), Evidence.of(state.evidence), descriptors.table(), descriptors.against
    )
    return state, [review.stage(review.standing(context.recipe.output), template, context.schema)]


def adding_user_stages(context: RunContext, state: RunState) -> tuple[RunState, list[Stage]]:
    """The stages that the recipe names: Python files of the user's, or plug-ins of other packages."""
    return state, user_stages.stages(context.recipe.stages, context.schema, state.owners)


ROUNDS = (
    Round("measurements", measuring),
    Round("repeats", finding_repeats),
    Round("speakers", resolving_genders),
    Round("scale, words, replies", wording),
    Round("captions", captioning),
    Round("review", reviewing, lambda context: bool(review.standing(context.recipe.output))),
    Round("stages of the recipe", adding_user_stages, lambda context: bool(context.recipe.stages)),
)


def rounds(context: RunContext) -> list[Round]:
    """The rounds of one run."""
    return [candidate for candidate in ROUNDS if candidate.asked_for(context)]
