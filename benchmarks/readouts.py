"""The read-outs of SEmoLLM by themselves, in folds of speakers: without enrolment, and with 5, 10, 20, all other clips.

    python -m benchmarks.readouts out/ravdess/manifest.yaml --encoder FOLDER

No LLM is loaded and nothing is trained by gradient: this is what the model is told, and what enrolment is worth.
Everything is fitted on the speakers that train in the fold, temperatures too (read-outs fitted without the speaker).
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import torch

from annotate import console
from annotate.progress import Progress
from annotate.semollm import settings
from annotate.semollm.data import encoded_corpus, folds
from annotate.semollm.data.corpus import Corpus, CorpusClip, located
from annotate.semollm.data.encoded_corpus import EncodedCorpus
from annotate.semollm.evaluation import readout_alone, results_table, run
from annotate.semollm.model import encoder
from annotate.semollm.model.bridge import over_time
from annotate.semollm.model.readout import Clips, Readout, cross_fitted_emotion
from annotate.semollm.training import calibration
from annotate.semollm.training.calibration import temperature


def clips_of(clips: list[CorpusClip], encoded: EncodedCorpus, layers: list[int]) -> Clips:
    """What a read-out of the emotion is fitted on."""
    statistics = []
    for clip in clips:
        states = torch.from_numpy(np.array(encoded.load[clip.id]())).float()
        statistics.append(over_time(states[None], torch.ones(1, states.shape[1], dtype=torch.bool))[0, layers].numpy())
    return Clips(
        np.stack(statistics),
        np.stack([encoded.measures[clip.id] for clip in clips]),
        {"emotion": [clip.emotion for clip in clips]},
        [clip.speaker for clip in clips],
    )


def fitted(train: Clips, labels: list[str], layers: list[int]) -> readout_alone.Stored:
    """A read-out of the emotion and its temperatures, by these clips alone."""
    hidden = train.statistics.shape[2] // 2
    made = Readout({"emotion": labels}, layers, hidden, 1, enrolment=True)
    made.fit(train)
    plain, enrolled = cross_fitted_emotion(made, train, calibration.FOLDS)
    truth = [labels.index(str(word)) for word in train.words["emotion"]]
    found = {calibration.READOUT: temperature(plain, truth)}
    known = [(one, true) for one, true in zip(enrolled, truth, strict=True) if one is not None]
    if known:
        rows = np.stack([one for one, _ in known])
        found[calibration.READOUT_ENROLLED] = temperature(rows, [true for _, true in known])
    return readout_alone.Stored(made, found)


def report(corpus: Corpus, recipe: settings.TrainRecipe, cut: list[folds.Fold], progress: Progress) -> run.Report:
    """The table's lines."""
    speech = encoder.load(recipe.model.encoder, recipe.model.encoder_layers, pad_s=recipe.model.encoder_pad_s)
    layers = speech.layers if recipe.model.readout.layers == "all" else list(recipe.model.readout.layers)
    places = [speech.layers.index(layer) for layer in layers]
    clips = [clip for clip in corpus.clips if clip.emotion]
    encoded = encoded_corpus.of_clips(corpus, clips, speech, recipe.audio.max_s, True, progress, recipe.features)
    each = []
    progress.start("folds", len(cut))
    for fold in cut:
        train = clips_of([clip for clip in clips if clip.speaker not in fold.tested], encoded, places)
        tested = [clip for clip in clips if clip.speaker in fold.tested]
        each.append(readout_alone.rows_by_enrolment(fitted(train, corpus.labels, places), tested, encoded))
        progress.advance(1)
    found = run.Report()
    run.add_alone(found, each)
    run.note_calibration(found)
    return found


@click.command()
@click.argument("manifest")
@click.option("--encoder", "speech", required=True, help="The speech encoder, a folder or a Hub name.")
@click.option("--recipe", default="small", show_default=True, help="Whose read-outs.")
@click.option("--folds", "asked", default="speaker", show_default=True, help="speaker, or speaker:N.")
@click.option("--features", type=click.Path(path_type=Path), help="Folder of the cache of hidden states.")
@click.option("--table", "form", type=click.Choice(["md", "latex", "csv", "json"]), default="md", show_default=True)
def main(manifest: str, speech: str, recipe: str, asked: str, features: Path | None, form: results_table.Form) -> None:
    """Print the table of the read-outs of a finished data set."""
    torch.set_num_threads(1)
    given = [f"model.encoder={speech}", *([f"features.folder={features}"] if features else [])]
    resolved = settings.load(recipe, given, {"output": "out"})
    corpus = Corpus(str(located(manifest)))
    with Progress(False) as progress:
        found = report(corpus, resolved, folds.by_speaker(corpus, folds.asked(asked)), progress)
    console.show_lines(results_table.rendered(found.lines, form, found.notes))


if __name__ == "__main__":
    main()
