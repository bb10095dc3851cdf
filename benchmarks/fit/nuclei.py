"""Learn the detector of vowels: ``python -m benchmarks.fit.nuclei DATA``.

Writes ``annotate/features/nuclei.json``. Flite (Debian's package ``flite``; its voices are free) speaks sentences
of MELD's label files at random speeds in four voices and prints where each phone ends. The speech is made longer or
shorter, echoing and noisy at random, and the detector learns a bump in the middle of each vowel. Needs torch.

The sizes were set once, before any score was seen, but for the 8 channels: 8, 16 and 32 were held against the
corpora, and 8 was kept as the smallest (``docs/measurements.md``).
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from annotate.audio.recording import RATE
from annotate.features import nuclei
from benchmarks.fit.files import write_json

TARGET = Path(nuclei.__file__).with_suffix(".json")
COMMAND = "python -m benchmarks.fit.nuclei DATA"
VOICES = ("awb", "rms", "slt", "kal16")
VOWELS = frozenset(
    ["aa", "ae", "ah", "ao", "aw", "ax", "axr", "ay", "eh", "er", "ey", "ih", "ix", "iy", "ow", "oy", "uh", "uw"]
)
SENTENCES, WORDS, STRETCH = 1200, (4, 14), (0.6, 1.3)
SECONDS = (1.0, 6.0)
CHANNELS, WIDTH = 8, 9
EPOCHS, BATCH, FRAMES, RATE_OF_LEARNING = 8, 32, 200, 4e-3
COUNT_WEIGHT = 0.002  # of the squared error in the number of vowels, beside that of the curve
DIGITS = 3
Floats = NDArray[np.float32]
Vowels = list[tuple[float, float]]


def texts(meld: Path) -> list[str]:
    """Sentences of four to fourteen words."""
    with open(meld / "train_sent_emo.csv", encoding="utf-8", errors="replace", newline="") as file:
        found = [row["Utterance"].replace("\x92", "'") for row in csv.DictReader(file)]
    plain = [re.sub(r"[^A-Za-z' ,.?!]", "", text) for text in found]
    return [text for text in plain if WORDS[0] <= len(text.split()) <= WORDS[1]]


def speak(text: str, voice: str, stretch: float) -> tuple[Floats, Vowels]:
    """What Flite says, and where its vowels begin and end."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={stretch:.2f}", "-t", text, "-o"]
        said = subprocess.run([*command, file.name], capture_output=True, text=True, check=True).stdout
        samples, rate = soundfile.read(file.name, dtype="float32")
    assert rate == RATE
    vowels, start = [], 0.0
    for phone, end in (part.rsplit(":", 1) for part in said.split() if ":" in part):
        if phone in VOWELS:
            vowels.append((start, float(end)))
        start = float(end)
    return samples, vowels


def disturb(samples: Floats, vowels: Vowels, dice: np.random.Generator) -> tuple[Floats, Vowels]:
    """The same in another length of vocal tract, in half of the cases another room, and in noise."""
    per_cent = int(dice.integers(85, 118))
    sound = np.asarray(resample_poly(samples, 100, per_cent), np.float64)
    if dice.random() < 0.5:
        length = int(RATE * dice.uniform(0.08, 0.4))
        room = dice.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
        room *= 10 ** (-dice.uniform(3, 15) / 20) / np.sqrt(np.square(room).sum())
        room[0] = 1.0
        sound = fftconvolve(sound, room)[: len(sound)]
    noise = np.sqrt(np.mean(np.square(sound))) * 10 ** (-dice.uniform(12, 50) / 20)
    sound = sound + noise * dice.standard_normal(len(sound))
    return sound.astype(np.float32), [(a * 100 / per_cent, b * 100 / per_cent) for a, b in vowels]


def bumps(vowels: Vowels, frames: int) -> Floats:
    """One bump of height 1 in the middle of each vowel: shape (frames,)."""
    centres = np.array([(a + b) / 2 / nuclei.HOP_S for a, b in vowels])
    away = (np.arange(frames)[:, None] - centres) / nuclei.VOWEL_FRAMES
    return np.exp(-0.5 * np.square(away)).sum(axis=1).astype(np.float32)


def examples(meld: Path) -> list[tuple[Floats, Floats]]:
    """Spectrogram and bumps of each sentence that is neither too short nor too long."""
    sentences, dice, made = texts(meld), np.random.default_rng(0), []
    for number in range(SENTENCES):
        text, stretch = random.Random(number).choice(sentences), random.Random(number + 7).uniform(*STRETCH)
        samples, vowels = speak(text, VOICES[number % len(VOICES)], stretch)
        if vowels and SECONDS[0] <= len(samples) / RATE <= SECONDS[1]:
            sound, moved = disturb(samples, vowels, dice)
            levels = nuclei.spectrogram(sound)
            made.append((levels, bumps(moved, len(levels))))
    return made


def learn(made: Sequence[tuple[Floats, Floats]]) -> list[dict[str, Any]]:
    """Weights and bias of each layer."""
    import torch

    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv1d(nuclei.BANDS, CHANNELS, WIDTH, padding=WIDTH // 2), torch.nn.ReLU(),
        torch.nn.Conv1d(CHANNELS, CHANNELS, WIDTH, padding=WIDTH // 2), torch.nn.ReLU(),
        torch.nn.Conv1d(CHANNELS, 1, 1),
    )  # fmt: skip
    steps = len(made) // BATCH
    optimiser = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE_OF_LEARNING, total_steps=EPOCHS * steps)
    for epoch in range(EPOCHS):
        dice = np.random.default_rng(epoch)
        order = dice.permutation(len(made))
        for step in range(steps):
            levels, wanted = _batch([made[k] for k in order[step * BATCH : (step + 1) * BATCH]], dice)
            curve, truth = net(torch.from_numpy(levels))[:, 0], torch.from_numpy(wanted)
            count = (curve.sum(1) - truth.sum(1)) / nuclei.VOWEL_AREA
            loss = (curve - truth).square().mean() + COUNT_WEIGHT * count.square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {EPOCHS}: {float(loss.detach()):.4f}")
    layers = [one for one in net if isinstance(one, torch.nn.Conv1d)]
    return [
        {"weights": _rounded(one.weight.detach().numpy()), "bias": _rounded(one.bias.detach().numpy())}
        for one in layers
    ]  # fmt: skip


def _batch(chosen: Sequence[tuple[Floats, Floats]], dice: np.random.Generator) -> tuple[Floats, Floats]:
    """A piece of each, padded to the same length with its last frame: shapes (n, bands, frames) and (n, frames)."""
    levels = np.zeros((len(chosen), nuclei.BANDS, FRAMES), np.float32)
    wanted = np.zeros((len(chosen), FRAMES), np.float32)
    for row, (one, truth) in enumerate(chosen):
        start = int(dice.integers(0, max(1, len(one) - FRAMES)))
        size = min(FRAMES, len(one) - start)
        levels[row, :, :size], wanted[row, :size] = one[start : start + size].T, truth[start : start + size]
        levels[row, :, size:] = levels[row, :, size - 1 : size]
    return levels, wanted


def _rounded(values: Any) -> Any:
    return np.round(values.astype(np.float64), DIGITS).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit.nuclei", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=TARGET)
    chosen = parser.parse_args()
    made = examples(chosen.data / "meld")
    about = f"{len(made)} sentences of MELD's labels, spoken by Flite's voices {', '.join(VOICES)}"
    write_json(chosen.output, {"command": COMMAND, "fitted_on": about, "layers": learn(made)})


if __name__ == "__main__":
    main()
