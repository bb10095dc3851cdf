"""The two large corpora: a table of rows with their measurements, and real clips repeated under new ids."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import soundfile

SPEAKERS = 500
EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "surprised")
MEASURED = (
    "duration", "pitch_median_hz", "pitch_mean_hz", "pitch_sd_st", "pitch_range_st", "pitch_slope_st_s",
    "voiced_fraction", "loudness_lufs", "level_rms_dbfs", "rate_syllables_s", "rate_phones_s", "spoken_s", "pause_s",
    "snr_db", "jitter", "shimmer", "hnr_db", "tilt_db",
)  # fmt: skip
# mean and spread of each, about those of acted speech
ABOUT = np.array([
    (3.6, 0.8), (190, 60), (195, 62), (2.8, 1.0), (8.5, 3.0), (-1.0, 2.0), (0.45, 0.1), (-32, 6), (-35, 6), (4.2, 0.9),
    (11, 2.4), (1.6, 0.3), (0.3, 0.2), (35, 8), (0.02, 0.006), (0.1, 0.03), (14, 4), (-8, 5),
])  # fmt: skip
HEAD = ("id", "path", "speaker", "gender", "emotion", "text", "split")


def table(root: Path, rows: int) -> list[str]:
    """A table of rows with all their measurements; the recipe and overrides of a run on it."""
    root.mkdir(parents=True)
    soundfile.write(root / "none.wav", np.zeros(1600, np.int16), 16000)
    dice = np.random.default_rng(0)
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*HEAD, *MEASURED))
        for begin in range(0, rows, 10_000):
            drawn = ABOUT[:, 0] + ABOUT[:, 1] * dice.standard_normal((min(10_000, rows - begin), len(MEASURED)))
            drawn[:, :3] = np.abs(drawn[:, :3]) + np.array([0.1, 50, 50])
            for number, values in enumerate(drawn.round(4).tolist(), start=begin):
                writer.writerow((*_about(number), *values))
    given = [f"features.{slot}=given" for slot in ("pitch", "energy", "rate", "voice")]
    return ["table", f"corpus.root={root}", "dataset.audio=path", "corpus.split=given", *given]


def _about(number: int) -> tuple[str, ...]:
    speaker, emotion = number % SPEAKERS, EMOTIONS[number * 7 % len(EMOTIONS)]
    split = ("train", "validation", "test")[max(0, speaker % 10 - 7)]
    text = f"This is sentence {number * 31 % 9973} of a long list of them."
    return f"row-{number:08d}", "none.wav", f"s{speaker:04d}", "fm"[speaker % 2], emotion, text, split


def clips(root: Path, ravdess: Path, count: int) -> tuple[list[str], float]:
    """RAVDESS's clips under as many ids as are wanted; the recipe and overrides, and the hours of speech."""
    root.mkdir(parents=True)
    found = sorted(path for path in ravdess.rglob("*.*") if path.suffix in (".wav", ".flac"))
    if not found:
        raise SystemExit(f"{ravdess}: no .flac or .wav below it")
    seconds = []
    for path in found:
        shutil.copyfile(path, root / path.name)
        seconds.append(soundfile.info(path).duration)
    # one clip after the other in an order without runs of one actor, the same in each round
    order = np.random.default_rng(0).permutation(len(found))
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for number in range(count):
            name = found[order[number % len(found)]].name
            parts = name.split(".")[0].split("-")
            text = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}[parts[4]]
            gender = "male" if int(parts[6]) % 2 else "female"
            split = ("train", "validation", "test")[max(0, int(parts[6]) % 10 - 7)]
            writer.writerow((f"clip-{number:07d}", name, parts[6], gender, parts[2], text, split))
    hours = sum(seconds[order[number % len(found)]] for number in range(count)) / 3600
    return ["table", f"corpus.root={root}", "dataset.audio=path", "corpus.split=given"], hours
