"""``semo-eval``: a model, or a whole sweep, to the table; what it is held against beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from annotate.captions.replies import ATTRIBUTES
from annotate.errors import SemoError
from annotate.progress import Progress
from annotate.semollm import settings
from annotate.semollm.data import encoded_corpus, folds
from annotate.semollm.data.corpus import Corpus, CorpusClip, one_class
from annotate.semollm.evaluation import baselines, caption_metrics, metrics, plots, readout_alone, results_table
from annotate.semollm.evaluation.metrics import Figures
from annotate.semollm.inference import generation, predict, reply_model
from annotate.semollm.model import encoder, frozen_models
from annotate.semollm.training.plan import FINISHED
from annotate.store import files

OURS, OURS_ENROLLED = "ours", "ours, enrolled"
LETTERS = {name: letter for letter, name in ATTRIBUTES.items()}


@dataclass(frozen=True)
class Cell:
    """The answers of one model: a content in a fold, or a model by itself.

    Attributes:
        content: what its replies name; None where the model does not say.
        lora: whether it has adapters.
        fold: its number; None outside a sweep.
        rows: from ``figures.read``.
        enrolled: the same clips, each with its speaker's other clips at hand; None where no speaker was enrolled.
        readout: the model's read-out; None where it has none.
        alone: what it says by itself, from ``readouts.rows_by_enrolment``, where that is known.
    """

    content: str | None
    lora: bool
    fold: int | None
    rows: list[dict[str, Any]]
    enrolled: list[dict[str, Any]] | None = None
    readout: readout_alone.Stored | None = None
    alone: Mapping[str, list[dict[str, Any]]] | None = None


@dataclass
class Report:
    """All that was found.

    Attributes:
        lines: of the table.
        figures: name -> scores.
        notes: what a reader has to know.
    """

    lines: list[results_table.Line] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def is_sweep(folder: Path) -> bool:
    """Whether ``semo-train --sweep`` left this folder."""
    return any(folder.glob(f"fold*/*/{predict.ANSWERS}"))


def of_sweep(folder: Path, corpus: Corpus) -> tuple[list[Cell], list[str]]:
    """The answers of every finished cell of a sweep, and which folds a content lacks.

    Raises:
        SemoError: no cell is finished.
    """
    cells = []
    for path in sorted(folder.glob(f"fold*/*/{predict.ANSWERS}")):
        if not (path.parent / FINISHED).is_file():
            continue
        recipe = settings.load(str(path.parent / "recipe.yaml"))
        rows = metrics.read(predict.read(path), corpus.labels, corpus.attributes)
        enrolled = path.with_name(predict.ENROLLED)
        cells.append(
            Cell(
                recipe.stages.stage3.content,
                recipe.model.lora.rank > 0,
                int(path.parent.parent.name.removeprefix("fold")),
                rows,
                metrics.read(predict.read(enrolled), corpus.labels, corpus.attributes) if enrolled.is_file() else None,
                readout_alone.stored(path.parent / "model"),
            )
        )
    if not cells:
        raise SemoError(f"{folder}: no cell of the sweep is finished; run the command that started it again")
    folds_there = {cell.fold for cell in cells}
    notes = []
    for content in dict.fromkeys(cell.content for cell in cells):
        mine = {cell.fold for cell in cells if cell.content == content}
        if mine != folds_there:
            notes.append(f"{content}: {len(mine)} of {len(folds_there)} folds are finished; its row is of these alone")
    return cells, notes


def of_model(
    checkpoint: str,
    corpus: Corpus,
    split: str,
    decoding: generation.DecodingOptions,
    batch_size: int,
    names: Mapping[str, str | None],
    progress: Progress,
) -> tuple[Cell, list[str]]:
    """Ask a model about a split; ``names`` may name another ``encoder``, ``llm`` or ``device`` than its own.

    Clips whose emotion the model was never taught are not asked, and said.

    Raises:
        SemoError: nothing to ask.
    """
    speaker = reply_model.trained(checkpoint, names.get("device") or "auto", names.get("encoder"), names.get("llm"))
    model, config = speaker.model, speaker.model.config
    chosen = [clip for clip in corpus.clips if split in (clip.split, "all") and clip.emotion]
    clips = [clip for clip in chosen if clip.emotion in speaker.labels]
    notes = []
    if len(clips) < len(chosen):
        unknown = ", ".join(sorted({str(clip.emotion) for clip in chosen if clip.emotion not in speaker.labels}))
        notes.append(f"{len(chosen) - len(clips)} clips have emotions that the model was not trained on: {unknown}")
    notes += one_class(clips, "that was asked about")
    if not clips:
        raise SemoError(f"{corpus.folder}: no clip of the split '{split}' has an emotion that {checkpoint} knows")
    encoded = encoded_corpus.of_clips(
        corpus, clips, speaker.encoder, float(config.max_audio_s), bool(config.readout), progress
    )
    decoding = generation.DecodingOptions(**{**asdict(decoding), "longest": int(config.max_text)})
    answers = predict.Questioner(model, speaker.language, encoded, decoding, batch_size, progress).answer_both(clips)
    labels = sorted({*speaker.labels, *corpus.labels})
    plain = metrics.read(answers.plain, labels, corpus.attributes)
    enrolled = metrics.read(answers.enrolled, labels, corpus.attributes) if answers.enrolled else None
    readout = readout_alone.Stored(model.readout, config.calibration) if model.readout is not None else None
    alone = readout_alone.rows_by_enrolment(readout, clips, encoded) if readout is not None else None
    cell = Cell(config.content, bool(config.lora), None, plain, enrolled, readout, alone)
    return cell, [*notes, *answers.notes]


def line(who: str, content: str | None, lora: bool | None, cells: Sequence[Sequence[Mapping[str, Any]]],
         whole: Figures, content_of: str | None) -> results_table.Line:  # fmt: skip
    """A row of the table: means and deviations over cells, intervals from all their clips together."""
    each = [_columns(metrics.figures(rows, content_of, intervals=False)) for rows in cells]
    names = [name for name in each[0] if not any(math.isnan(columns[name]) for columns in each)]
    spread = {name: float(np.std([columns[name] for columns in each])) for name in names} if len(each) > 1 else {}
    intervals = {
        name: (100 * pair[0], 100 * pair[1])
        for name, pair in (("UA", whole.ua_interval), ("WA", whole.wa_interval))
        if pair
    }
    values = {name: float(np.mean([columns[name] for columns in each])) for name in names}
    values["unnamed"] = 100 * whole.unparsed / max(1, whole.clips)
    spread.pop("unnamed", None)
    return results_table.Line(who, content or "", lora, values, spread, intervals, whole.clips)


def _columns(figures: Figures) -> dict[str, float]:
    values = {"UA": figures.ua, "WA": figures.wa, "F1": figures.f1}
    values |= {LETTERS[name]: share for name, share in figures.attributes.items()}
    if figures.wer is not None:
        values["T"] = figures.wer
    if figures.calibration is not None:
        values["ECE"] = figures.calibration
    if figures.faithful is not None:
        values["faithful"] = figures.faithful
    return {name: 100 * value for name, value in values.items()}


def report(cells: Sequence[Cell], corpus: Corpus, contents: Sequence[str]) -> Report:
    """The scores of all cells, those of a content together, with the paper's of the same corpus."""
    scored = Report()
    groups: dict[tuple[str | None, bool], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.content, cell.lora), []).append(cell)
    place = {content: at for at, content in enumerate(contents)}
    for (content, lora), members in sorted(groups.items(), key=lambda group: place.get(str(group[0][0]), -1)):
        for who, each in (
            (OURS, [cell.rows for cell in members]),
            (OURS_ENROLLED, [cell.enrolled for cell in members if cell.enrolled]),
        ):
            rows = [row for cell_rows in each for row in cell_rows]
            if not rows:
                continue
            whole = metrics.figures(rows, content)
            whole.text.update(_captioning(rows))
            scored.figures[f"{content or 'model'}{' LoRA' if lora else ''}{who.removeprefix(OURS)}"] = whole
            scored.lines.append(line(who, content, lora, each, whole, content))
    add_alone(scored, [cell.alone for cell in cells if cell.alone])
    scored.lines += results_table.published(
        str(corpus.manifest.get("corpus", corpus.name)), [str(cell.content) for cell in cells]
    )
    return scored


def _captioning(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    known = [row for row in rows if row.get("wanted")]
    return caption_metrics.scores([row["reply"] for row in known], [row["wanted"] for row in known]) if known else {}


def add_readouts(
    report: Report, cells: Sequence[Cell], corpus: Corpus, recipe: settings.TrainRecipe, name: str, progress: Progress
) -> None:
    """Add what the read-outs of a sweep say by themselves, with 0, 5, 10, 20 and all other clips of the speaker.

    Read-outs of one fold are the same for every content: those of the first content are taken. ``name`` is the
    encoder's, in place of the recipe's; where it cannot be loaded, they are left out and the notes say so.
    """
    first = [cell for cell in cells if cell.content == cells[0].content and cell.readout is not None]
    if not first:
        return
    try:
        speech = encoder.load(name, recipe.model.encoder_layers, pad_s=recipe.model.encoder_pad_s)
    except SemoError as error:
        report.notes.append(str(error))
        return
    asked = {row["id"] for cell in first for row in cell.rows}
    clips = [clip for clip in corpus.clips if clip.id in asked]
    encoded = encoded_corpus.of_clips(corpus, clips, speech, recipe.audio.max_s, True, progress, recipe.features)
    each = []
    for cell in first:
        tested = {row["id"] for row in cell.rows}
        mine = [clip for clip in clips if clip.id in tested]
        each.append(readout_alone.rows_by_enrolment(cell.readout, mine, encoded))  # type: ignore[arg-type]
    add_alone(report, each)


def add_alone(report: Report, folds: Sequence[Mapping[str, list[dict[str, Any]]]]) -> None:
    """Add lines of read-outs by themselves, from ``readouts.rows_by_enrolment`` of each fold."""
    for name, each in readout_alone.merged(folds).items():
        whole = metrics.figures([row for rows in each for row in rows], "E")
        report.figures[name] = whole
        report.lines.append(line(name, None, None, each, whole, "E"))


def against(report: Report, corpus: Corpus, cut: Sequence[folds.Fold], name: str | None, progress: Progress) -> None:
    """Add the baselines on the same folds, and say so where the model loses to one.

    ``name`` is the encoder's; where it cannot be loaded, its baselines are left out and the notes say so.
    """
    encoded, layers = None, [0]
    clips: list[CorpusClip] = [clip for clip in corpus.clips if clip.emotion]
    if name is not None:
        try:
            speech = encoder.load(name)
            encoded, layers = encoded_corpus.of_clips(corpus, clips, speech, 6.0, False, progress), speech.layers
        except SemoError as error:
            report.notes.append(str(error))
    cache = frozen_models.cache_folder() / "features"
    made, notes = baselines.all_of(corpus, encoded, layers, cut, cache, progress)
    report.notes += notes
    for baseline, rows in made.items():
        each = [[row for row in rows if row["fold"] == fold.number] for fold in cut]
        whole = metrics.figures(rows, "E")
        report.figures[baseline] = whole
        report.lines.append(line(baseline, None, None, each, whole, "E"))
    _losses(report)


def note_calibration(report: Report) -> None:
    """Say the calibration error over the clips of all folds together: over those of one fold chance makes it larger."""
    errors = [
        (name, figures.calibration) for name, figures in report.figures.items() if figures.calibration is not None
    ]
    if errors:
        listed = "; ".join(f"{name} {100 * error:.1f}" for name, error in errors)
        report.notes.append(f"ECE over the clips of all folds together: {listed}")


def _losses(report: Report) -> None:
    """A model that recognises worse than a baseline must say so."""
    ours = [line for line in report.lines if line.who == OURS]
    # what has the speaker's other clips at hand is no like for what has not
    apart = {OURS, OURS_ENROLLED, "paper", *readout_alone.ENROLLED}
    others = [line for line in report.lines if line.who not in apart]
    for mine in ours:
        for other in others:
            if mine.values["UA"] < other.values["UA"]:
                report.notes.append(
                    f"{mine.content or 'the model'} scores lower than '{other.who}': UA {mine.values['UA']:.1f} "
                    f"against {other.values['UA']:.1f}"
                )


def write(report: Report, folder: Path, labels: Sequence[str]) -> None:
    """``figures.json``, and a drawn confusion matrix and reliability per name."""
    plain = {name: asdict(figures) for name, figures in report.figures.items()}
    files.write_json(folder / "figures.json", plain)
    for name, figures in report.figures.items():
        short = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
        plots.confusion(figures, labels, name, folder / f"confusion-{short}.png")
        if figures.reliability:
            plots.reliability(figures, name, folder / f"reliability-{short}.png")
