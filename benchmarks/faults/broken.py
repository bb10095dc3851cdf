"""A corpus of every broken recording: each is one row with its reason, and the rest is as if they were not there."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from annotate.audio.recording import RATE
from benchmarks.faults import runs
from benchmarks.table import Line

GOOD = 24
Samples = NDArray[np.float32]


def voice(seconds: float, f0: float) -> Samples:
    """A voiced sound that swells four times a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * f0 * k * time) / k**2 for k in range(1, 12))
    return np.asarray(0.2 * sound * (0.6 - 0.4 * np.cos(2 * np.pi * 4 * time)), np.float32)


@dataclass(frozen=True)
class Case:
    """A broken recording.

    Attributes:
        name: of its file.
        make: writes it.
        said: pattern of the reason or note; None where it is odd but whole, and nothing is to be said.
        kept: whether its row stays in the data set.
    """

    name: str
    make: Callable[[Path], None]
    said: str | None
    kept: bool = False


def _written(sound: Samples, **how: str) -> Callable[[Path], None]:
    return lambda path: soundfile.write(path, sound, RATE, **how)


def _cut(path: Path) -> None:
    soundfile.write(path, SPEECH, RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flac_inside(path: Path) -> None:
    soundfile.write(path, SPEECH, RATE, format="FLAC")


def _three_hours(path: Path) -> None:
    """A sparse wav: the header tells of three hours, the disk holds next to nothing of them."""
    soundfile.write(path, np.zeros(16, np.int16), RATE)
    size = 3 * 3600 * RATE * 2
    with open(path, "rb+") as file:
        head = bytearray(file.read(44))
        head[4:8], head[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
        file.seek(0)
        file.write(head)
        file.truncate(44 + size)


def _endless(path: Path) -> None:
    """A FLAC as a recorder streams it: its header says neither how many samples there are nor their MD5 sum."""
    soundfile.write(path, SPEECH, RATE)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:42] = bytes(20)
    path.write_bytes(content)


def _bad_frames(path: Path) -> None:
    soundfile.write(path, voice(3.0, 150), RATE, format="MP3")
    content = bytearray(path.read_bytes())
    place = len(content) // 2
    content[place : place + 200] = np.random.default_rng(1).integers(0, 256, 200, dtype=np.uint8).tobytes()
    path.write_bytes(content)


def _unreadable(path: Path) -> None:
    soundfile.write(path, SPEECH, RATE)
    path.chmod(0)


SPEECH = voice(1.5, 150)
CASES = (
    Case("truncated.wav", _cut, "truncated"),
    Case("truncated-too.flac", _cut, "truncated|not audio"),
    Case("zero-bytes.wav", lambda path: path.write_bytes(b"") and None, "no bytes"),
    Case("wrong-extension.wav", _flac_inside, "the content is FLAC", kept=True),
    Case("text.wav", lambda path: path.write_text("no audio\n" * 500) and None, "not audio"),
    Case("one-sample.wav", _written(SPEECH[:1]), "too short: 1 sample"),
    Case("three-hours.wav", _three_hours, "too long: 180 min"),
    Case("unknown-length.flac", _endless, "does not state the recording's length", kept=True),
    Case("8-bit.wav", _written(SPEECH, subtype="PCM_U8"), None, kept=True),
    Case("24-bit.wav", _written(SPEECH, subtype="PCM_24"), None, kept=True),
    Case("float.wav", _written(SPEECH, subtype="FLOAT"), None, kept=True),
    Case("6-channels.wav", _written(np.stack([k * SPEECH / 6 for k in range(6)], 1)), "6 channels, channel 6", True),
    Case("nan.wav", _written(np.where(np.arange(len(SPEECH)) == 99, np.nan, SPEECH), subtype="FLOAT"), "not numbers"),
    Case("clipped.wav", _written(np.clip(20 * SPEECH, -1, 1)), "clipped", kept=True),
    Case("dc.wav", _written(np.full(RATE, 0.25, np.float32)), "constant level", kept=True),
    Case("silence.wav", _written(np.zeros(2 * RATE, np.float32)), "digital silence", kept=True),
    Case("bad-frames.mp3", _bad_frames, "damaged|truncated"),
    Case("unreadable.wav", _unreadable, "unreadable: Permission denied"),
    Case("vanished.wav", _written(SPEECH), "missing"),
    Case("vanished-late.wav", _written(SPEECH), "since it was measured: missing"),
)


def make(root: Path, broken: bool) -> None:
    """A table of good recordings, and of the broken ones among them."""
    root.mkdir(parents=True)
    names = []
    for number in range(GOOD):
        names.append(f"good-{number:02d}.wav")
        soundfile.write(root / names[-1], voice(0.8 + 0.02 * number, 100 + 3 * number), RATE)
    for number, case in enumerate(CASES if broken else ()):
        case.make(root / case.name)
        names.insert(2 * number, case.name)
    with open(root / "metadata.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "speaker", "gender", "emotion", "text", "split"))
        for name in names:
            # speakers of their own, since the kept ones count in what is usual for their speaker
            number = sum(name.encode()) % 4 + (0 if name.startswith("good") else 4)
            writer.writerow((name, f"s{number}", "fm"[number % 2], "happy", "The kettle is on.", "train"))


def lines(work: Path) -> Sequence[Line]:
    """The lines of the table for the broken recordings."""
    make(work / "clean", broken=False)
    make(work / "broken", broken=True)
    how = ["table", "corpus.split=given", "descriptors.smallest_group=5", "run.shard_rows=8"]
    clean = runs.run(work / "clean-out", *how, f"corpus.root={work / 'clean'}", workers=1)
    how += [f"corpus.root={work / 'broken'}", f"descriptors.scale={work / 'clean-out' / 'scale.json'}"]
    vanish = {"FAULTS_VANISH": work / "broken" / "vanished.wav"}
    vanish |= {"FAULTS_VANISH_LATE": work / "broken" / "vanished-late.wav"}
    done = runs.run(work / "broken-out", *how, environment=vanish, prefix=powerless(), workers=1)
    if clean.returncode or done.returncode:
        return [Line("broken recordings: the run ends well", 0, reach=1, note=done.stderr[-300:])]
    told = _told(work / "broken-out")
    wrong = [case.name for case in CASES if not _as_said(case, told.get(case.name))]
    want = {row["id"]: row for row in runs.rows(work / "clean-out")}
    have = {row["id"]: row for row in runs.rows(work / "broken-out")}
    changed = [name for name in want if have.get(name) != want[name]]
    tried = f"{len(CASES)} kinds, {GOOD} good recordings among them"
    missed = f"; not: {', '.join(wrong)}" if wrong else ""
    return [
        Line(
            "broken recordings: one row with its reason each", len(CASES) - len(wrong), len(CASES), note=tried + missed
        ),
        Line("broken recordings: other rows that changed", len(changed), 0, at_most=True, note=tried),
    ]


def powerless() -> list[str]:
    """What keeps root from reading files that it has no permission for; nothing is needed for others."""
    import os

    if os.geteuid() or not shutil.which("setpriv"):
        return []
    line = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    return line if subprocess.run([*line, "true"], capture_output=True, check=False).returncode == 0 else []


def _told(output: Path) -> dict[str, tuple[bool, str]]:
    """File name -> whether its row is kept, and its reason or notes on the audio."""
    summary = runs.summary(output)
    found = {one["path"]: (False, one["reason"]) for one in summary["dropped"]}
    for row in runs.rows(output):
        notes = [note for note in row["notes"] if note.startswith("audio:")]
        name = next((case.name for case in CASES if row["id"] == Path(case.name).stem), row["id"])
        found[name] = (True, "; ".join(notes))
    return found


def _as_said(case: Case, found: tuple[bool, str] | None) -> bool:
    if found is None or found[0] != case.kept:
        return False
    return not found[1] if case.said is None else re.search(case.said, found[1]) is not None
