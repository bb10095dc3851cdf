"""What tells that a corpus has changed: every file's path, size and time; where the root lies is no part of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from annotate.corpora.corpus_rows import listing


def test_every_change_of_a_file_changes_it_and_a_move_does_not(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    for name in ("a/1.wav", "a/2.wav", "b/c/1.wav", "list.csv"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    found = [listing(root)]
    assert listing(Path(shutil.copytree(root, tmp_path / "copy"))) == found[0]
    os.utime(root / "a" / "1.wav", ns=(1, 1))
    found.append(listing(root))
    (root / "a" / "2.wav").write_text("longer than before")
    found.append(listing(root))
    (root / "b" / "c" / "1.wav").rename(root / "b" / "1.wav")
    found.append(listing(root))
    (root / "list.csv").unlink()
    found.append(listing(root))
    assert len(set(found)) == len(found)


def test_links_are_not_followed_and_a_dangling_one_is_no_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere")
    assert listing(tmp_path)
