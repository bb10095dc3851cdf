"""``annotate.evaluate``: a trained SEmoLLM, or a sweep, scored on a data set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from annotate.errors import unknown_name

if TYPE_CHECKING:
    from annotate.progress import Progress
    from annotate.semollm.data.corpus import Corpus
    from annotate.semollm.evaluation.metrics import Figures
    from annotate.semollm.evaluation.run import Report

MODEL_OPTIONS = ("device", "encoder", "llm", "decode")
FORMS = ("md", "latex", "csv", "json")


class Evaluation:
    """The scores of a model or a sweep.

    Attributes:
        figures: name -> scores, among them ``ua``, ``wa`` and ``f1`` as shares.
        notes: what a reader has to know.
    """

    def __init__(self, report: Report, labels: list[str]) -> None:
        self._report, self._labels = report, labels
        self.figures: dict[str, Figures] = report.figures
        self.notes: list[str] = report.notes

    def table(self, form: Literal["md", "latex", "csv", "json"] = "md") -> str:
        """The paper's table.

        Raises:
            UsageError: no such form.
        """
        from annotate.semollm.evaluation import results_table

        if form not in FORMS:
            raise unknown_name("form", str(form), FORMS)
        return results_table.rendered(self._report.lines, form, self._report.notes)

    def write(self, folder: str | os.PathLike[str]) -> Path:
        """Write ``figures.json`` and the drawings into a folder.

        Raises:
            SemoError: it cannot be written.
        """
        from annotate.semollm.evaluation import run

        run.write(self._report, Path(folder), self._labels)
        return Path(folder)


def evaluate(
    model: str | os.PathLike[str],
    dataset: str | os.PathLike[str],
    *,
    split: str = "test",
    baselines: bool = True,
    batch_size: int = 32,
    audio_root: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **options: str | None,
) -> Evaluation:
    """Score a trained model, or a whole sweep. Needs the extras ``train`` and ``eval``.

    Args:
        model: a folder that ``train`` or ``sweep`` left, or a model's name on the Hub.
        dataset: a finished output or its ``manifest.yaml``, or a data set's name on the Hub.
        split: which split is asked; ``all`` asks every clip.
        baselines: compare a sweep with simple methods.
        batch_size: clips that are answered at once.
        audio_root: where the recordings lie, if the data set names them by path.
        progress: show a bar.
        **options: ``device``, ``encoder`` and ``llm`` as for ``load_model``; ``decode``, ``greedy`` or ``scored``, in
            place of the model's own.

    Raises:
        SemoError: the model or the data set cannot be used.

    Example:
        >>> print(annotate.evaluate("out/semollm-small", "out/ravdess").table())  # doctest: +SKIP
    """
    from annotate.api.training_libraries import need_training_libraries

    for name in options:
        if name not in MODEL_OPTIONS:
            raise unknown_name("evaluate: option", name, MODEL_OPTIONS)
    need_training_libraries()
    from annotate.progress import Progress
    from annotate.semollm.data.corpus import Corpus, located
    from annotate.semollm.evaluation import run

    root = None if audio_root is None else Path(audio_root)
    corpus = Corpus(str(located(os.fspath(dataset))), root)
    with Progress(quiet=not progress) as shown:
        if run.is_sweep(Path(model)):
            return _of_sweep(Path(model), corpus, options.get("encoder"), baselines, shown)
        return _of_model(os.fspath(model), corpus, split, batch_size, options, shown)


def _of_sweep(folder: Path, corpus: Corpus, encoder: str | None, baselines: bool, progress: Progress) -> Evaluation:
    from annotate.recipe_sections import CONTENTS
    from annotate.semollm import settings
    from annotate.semollm.data import folds
    from annotate.semollm.evaluation import run

    cells, notes = run.of_sweep(folder, corpus)
    report = run.report(cells, corpus, CONTENTS)
    report.notes += notes
    recipe = settings.load(str(next(folder.glob("fold*/*/recipe.yaml"))))
    speech = encoder or recipe.model.encoder
    run.add_readouts(report, cells, corpus, recipe, speech, progress)
    if baselines:
        cut = folds.by_speaker(corpus, len(list(folder.glob("fold*"))))
        run.against(report, corpus, cut, speech, progress)
    run.note_calibration(report)
    return Evaluation(report, corpus.labels)


def _of_model(
    model: str, corpus: Corpus, split: str, batch_size: int, options: dict[str, Any], progress: Progress
) -> Evaluation:
    from annotate.recipe_sections import CONTENTS
    from annotate.semollm.evaluation import run
    from annotate.semollm.inference import generation

    decoding = generation.DecodingOptions(decode=options.get("decode"))
    cell, notes = run.of_model(model, corpus, split, decoding, batch_size, options, progress)
    report = run.report([cell], corpus, CONTENTS)
    report.notes += notes
    named = {row["predicted"]["emotion"] for row in cell.rows if row["predicted"]["emotion"]}
    return Evaluation(report, sorted({*corpus.labels, *named}))
