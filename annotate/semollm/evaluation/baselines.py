"""What a model has to beat, on the same folds: the most frequent emotion, eGeMAPS with an SVM, linear probes.

Everything is fitted on the speakers that train in the fold, standardisation included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.audio.recording import RATE
from annotate.errors import SemoError
from annotate.progress import Progress
from annotate.semollm.data.corpus import Corpus, CorpusClip
from annotate.semollm.data.encoded_corpus import EncodedCorpus
from annotate.semollm.data.folds import Fold
from annotate.store import files

Vectors = NDArray[np.float32]
LAYER = 4  # of the encoder's hidden states; the best of Whisper-base's on RAVDESS's folds
C_PROBE = 0.01


def majority(train: Sequence[str], _: Vectors, tested: Vectors) -> list[str]:
    """The training clips' most frequent emotion, whatever is heard."""
    return [Counter(train).most_common(1)[0][0]] * len(tested)


def svm(train: Sequence[str], seen: Vectors, tested: Vectors) -> list[str]:
    """A support vector machine with an RBF kernel (C 1, scikit-learn's scale), standardised."""
    from sklearn.svm import SVC

    return _fitted(SVC(), train, seen, tested)


def probe(train: Sequence[str], seen: Vectors, tested: Vectors) -> list[str]:
    """Logistic regression (C 0.01), standardised."""
    from sklearn.linear_model import LogisticRegression

    return _fitted(LogisticRegression(C=C_PROBE, max_iter=2000), train, seen, tested)


def _fitted(model: Any, train: Sequence[str], seen: Vectors, tested: Vectors) -> list[str]:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    predicted: list[str] = make_pipeline(StandardScaler(), model).fit(seen, list(train)).predict(tested).tolist()
    return predicted


def egemaps(corpus: Corpus, clips: Sequence[CorpusClip], folder: Path, progress: Progress) -> Vectors:
    """eGeMAPSv02 functionals by openSMILE, (n, 88), kept on disk.

    Raises:
        SemoError: the package opensmile is not installed.
    """
    try:
        import opensmile
    except ImportError:
        raise SemoError("eGeMAPS needs the package 'opensmile': pip install opensmile") from None
    smile = opensmile.Smile(feature_set=opensmile.FeatureSet.eGeMAPSv02)
    progress.start("eGeMAPS", len(clips))
    functionals = []
    for clip in clips:
        digest, samples = corpus.audio(clip)
        path = folder / f"egemaps-v02-{opensmile.__version__}" / digest[:2] / f"{digest[:32]}.npy"
        if not path.is_file():
            values = smile.process_signal(samples, RATE).to_numpy(np.float32)[0]
            files.write(path, lambda temporary, values=values: _put(temporary, values))  # type: ignore[misc]
        functionals.append(np.load(path))
        progress.advance(1)
    return np.asarray(np.nan_to_num(np.stack(functionals)), np.float32)


def _put(path: Path, values: Vectors) -> None:
    with open(path, "wb") as file:
        np.save(file, values)


def pooled(encoded: EncodedCorpus, clips: Sequence[CorpusClip], layer: int) -> Vectors:
    """Mean and deviation over time of a hidden state, by its place, (n, 2H)."""
    vectors = []
    for clip in clips:
        frames = np.asarray(encoded.load[clip.id]()[layer], np.float32)
        vectors.append(np.concatenate([frames.mean(0), frames.std(0)]))
    return np.stack(vectors)


def run(
    clips: Sequence[CorpusClip], vectors: Vectors, folds: Sequence[Fold], predict: Callable[..., list[str]]
) -> list[dict[str, Any]]:
    """Rows as ``figures.figures`` takes them: every clip, named by what was fitted without its speaker."""
    emotions = np.array([str(clip.emotion) for clip in clips])
    rows: list[dict[str, Any]] = []
    for fold in folds:
        tested = np.array([clip.speaker in fold.tested for clip in clips])
        named = predict(emotions[~tested].tolist(), vectors[~tested], vectors[tested])
        asked = [clip for clip in clips if clip.speaker in fold.tested]
        for clip, word in zip(asked, named, strict=True):
            predicted = {"emotion": word}
            rows.append(
                {
                    "id": clip.id,
                    "speaker": clip.speaker,
                    "emotion": clip.emotion,
                    "predicted": predicted,
                    "fold": fold.number,
                }
            )
    return rows


def all_of(
    corpus: Corpus,
    encoded: EncodedCorpus | None,
    layers: Sequence[int],
    folds: Sequence[Fold],
    cache: Path,
    progress: Progress,
) -> tuple[Mapping[str, list[dict[str, Any]]], list[str]]:
    """Name -> rows of every baseline that can be had here, and why others cannot."""
    clips = [clip for clip in corpus.clips if clip.emotion]
    nothing = np.zeros((len(clips), 1), np.float32)
    rows_of = {"majority": run(clips, nothing, folds, majority)}
    notes = []
    try:
        rows_of["eGeMAPS + SVM"] = run(clips, egemaps(corpus, clips, cache, progress), folds, svm)
    except SemoError as error:
        notes.append(f"no eGeMAPS baseline: {error}")
    if encoded is None:
        return rows_of, [*notes, "no encoder baseline: the encoder is not available"]
    layer = min(LAYER, max(layers))
    both = pooled(encoded, clips, list(layers).index(layer))
    half = both.shape[1] // 2
    rows_of[f"encoder, mean of layer {layer} + logistic regression"] = run(clips, both[:, :half], folds, probe)
    rows_of[f"encoder, mean and deviation of layer {layer} + logistic regression"] = run(clips, both, folds, probe)
    return rows_of, notes
