"""Speaking rate from the transcript: the syllables of words, and the rate over the time spoken.

Syllables, against counts by hand (EmoDB's ten sentences, RAVDESS's two, the labels of ``emur_ae``) and against the half
of an English lexicon that the patterns are not learned from, over the running words of MELD. Rate, against the
hand-labelled syllables and times of ``emur_ae``, and against speech of eSpeak NG whose times are known. EmoDB's hand
labels of time and ``read_speech`` were not to be had: these stand in for them.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from annotate import espeak_ng
from annotate.audio import disturb
from annotate.audio.recording import Recording
from annotate.features.rate import transcript
from annotate.features.syllables import english
from annotate.features.syllables.count import count_words, nuclei
from annotate.features.syllables.spoken_words import spoken_words
from benchmarks.accuracy import spoken, textgrid
from benchmarks.accuracy.line import Line
from benchmarks.fit import english as fitting
from benchmarks.recordings import clips

WORDS_RIGHT, RATE_OFF = 97.0, 5.0  # per cent
TRUTH = Path(__file__).with_name("syllables.yaml")
RATE_TOLD = (("rate_syllables_s",), "rate: transcript")
MELD = ("train_sent_emo.csv", "dev_sent_emo.csv", "test_sent_emo.csv")


def lines(data: Path, workers: int) -> list[Line]:
    """Words right, then the rate."""
    by_hand = yaml.safe_load(TRUTH.read_text(encoding="utf-8"))
    labels = [(clip, textgrid.read(clip.path.with_suffix(".TextGrid"))) for clip in clips(data, "emur_ae")]
    german = [pair for sentence in by_hand["emodb"].values() for pair in sentence.items()]
    ravdess = [pair for sentence in by_hand["ravdess"].values() for pair in sentence.items()]
    labelled = [pair for _, label in labels for pair in label.words]
    return [
        _words("German, EmoDB's ten sentences", german, "de", "counted by hand; rules written looking at them"),
        _phonemizer(german),
        _words("English, emur_ae and RAVDESS", labelled + ravdess, "en", "labelled or counted by hand"),
        _unseen(data / "meld"),
        *_labelled_rate(labels),
        *_spoken_rate(),
    ]


def _words(what: str, words: list[tuple[str, int]], language: str, note: str) -> Line:
    right = [sum(count for _, count in count_words(word, language) or ()) == truth for word, truth in words]
    share = 100 * float(np.mean(right)) if right else None
    return Line(f"syllables right: {what}", share, WORDS_RIGHT, False, "%", f"{len(right)} words, {note}", *RATE_TOLD)


def _phonemizer(words: list[tuple[str, int]]) -> Line:
    """The way that languages without rules of ours take, on German."""
    what = "syllables right: German by eSpeak NG's phonemizer"
    if not espeak_ng.available():
        return Line(what, None, WORDS_RIGHT, False, "%", "the extra espeak is not installed")
    right = [nuclei(espeak_ng.phones(word, "de") or ()) == truth for word, truth in words]
    note = f"{len(right)} words of EmoDB's ten sentences, counted by hand"
    return Line(what, 100 * float(np.mean(right)), WORDS_RIGHT, False, "%", note, *RATE_TOLD)


def _unseen(meld: Path) -> Line:
    """Running words of MELD that are in the half of the lexicon which was not learned from."""
    what = "syllables right: English, words not learned from"
    lexicon = fitting.read()
    texts = [path for path in (meld / name for name in MELD) if path.is_file()]
    if lexicon is None or not texts:
        why = "no meld in DATA" if lexicon else "the package gruut-lang-en is not installed"
        return Line(what, None, WORDS_RIGHT, False, "%", why)
    shipped = english.tables
    learned = [word for word in lexicon.counts if not fitting.other_half(word)]
    try:
        fitting.use(fitting.learn(learned, lexicon), {})
        fitting.use(english.tables()[1], fitting.exceptions(learned, lexicon))
        running = Counter(word for word in _meld(texts) if word in lexicon.counts and fitting.other_half(word))
        right = {word for word in running if english.syllables(word) in lexicon.counts[word]}
    finally:
        english.tables = shipped
        english.syllables.cache_clear()
    share = 100 * sum(running[word] for word in right) / running.total()
    said = (
        f"{running.total()} running words of MELD in the other half of the lexicon; "
        f"of its {len(running)} distinct ones {100 * len(right) / len(running):.1f} %"
    )
    return Line(what, share, WORDS_RIGHT, False, "%", said, *RATE_TOLD)


def _meld(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                yield from spoken_words(re.sub("[\x91\x92]", "'", row["Utterance"]), "en")


def _labelled_rate(labels: list[Any]) -> list[Line]:
    off = [_off(clip.recording(), clip.text, clip.language, label.syllables / label.spoken_s) for clip, label in labels]
    mean = 100 * float(np.mean(np.abs(off))) if off else None
    said = f"{len(off)} sentences of one speaker, syllables and times labelled by hand" if off else "no emur_ae in DATA"
    return [Line("rate from the transcript: mean error, emur_ae", mean, RATE_OFF, True, "%", said, *RATE_TOLD)]


def _spoken_rate() -> list[Line]:
    if not espeak_ng.available():
        why = "the extra espeak is not installed"
        return [Line("rate from the transcript: mean error, eSpeak NG", None, RATE_OFF, True, "%", why)]
    made = list(spoken.recordings())
    found = []
    for name, reach in (("", RATE_OFF), ("MP3 64 kbit/s", None), ("noise 20 dB", None)):
        heard = [disturb.disturbed(one.recording, name) if name else one.recording for one in made]
        off = [
            _off(recording, one.text, one.language, one.syllables / one.spoken_s)
            for recording, one in zip(heard, made, strict=True)
        ]
        what = "rate from the transcript: mean error, eSpeak NG" + (f", {name}" if name else "")
        said = f"{len(made)} recordings, English and German, pauses and times known"
        found.append(Line(what, 100 * float(np.mean(np.abs(off))), reach, True, "%", said, *RATE_TOLD))
    return found


def _off(recording: Recording, text: str, language: str, truth: float) -> float:
    row = {"transcript": text, "language": language}
    return float(transcript.measure(recording, row).values["rate_syllables_s"]) / truth - 1
