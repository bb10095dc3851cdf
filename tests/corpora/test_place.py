import os

import pytest

from annotate.corpora.recording_path import LFS, OUTSIDE, RecordingPaths


@pytest.fixture
def root(tmp_path, wav):
    wav(tmp_path / "outside.wav")
    wav(tmp_path / "root/in/a.wav")
    return tmp_path / "root"


def test_a_recording_is_found_with_what_identifies_it(root):
    place = RecordingPaths(root).find("in/a.wav")
    stat = os.stat(root / "in/a.wav")
    assert (place.path, place.size, place.changed_ns, place.refused) == (
        "in/a.wav",
        stat.st_size,
        stat.st_mtime_ns,
        None,
    )


def test_other_audio_endings_are_tried(root):
    places = RecordingPaths(root)
    assert places.find("in/a.flac").path == "in/a.wav"
    assert places.find("in/a").path == "in/a.wav"
    assert places.find("in/a.mp4").refused == "missing: there is no such file"


def test_an_absolute_path_within_the_root_becomes_relative(root):
    assert RecordingPaths(root).find(str(root / "in/a.wav")).path == "in/a.wav"


@pytest.mark.parametrize("path", ["../outside.wav", "in/../../outside.wav", "/etc/hostname", "..", "in/..", ".", "in/"])
def test_paths_that_leave_the_root(root, path):
    assert RecordingPaths(root).find(path).refused == OUTSIDE


def test_paths_within_by_a_detour_are_fine(root):
    assert RecordingPaths(root).find("in/../in/a.wav").refused is None


def test_links(root, tmp_path):
    (root / "good.wav").symlink_to("in/a.wav")
    (root / "bad.wav").symlink_to(tmp_path / "outside.wav")
    (root / "dangling.wav").symlink_to("in/none.wav")
    (root / "loop.wav").symlink_to("loop.wav")
    (root / "up").symlink_to(tmp_path)
    places = RecordingPaths(root)
    assert places.find("good.wav").refused is None
    assert places.find("bad.wav").refused == "link that leads out of the corpus root"
    assert places.find("dangling.wav").refused == "link to a missing file"
    assert places.find("loop.wav").refused
    assert places.find("up/outside.wav").refused == OUTSIDE


def test_the_root_itself_may_be_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert RecordingPaths(tmp_path / "link").find("in/a.wav").refused is None


def test_a_root_whose_name_begins_like_another(tmp_path, wav):
    wav(tmp_path / "corpus-private/a.wav")
    (tmp_path / "corpus").mkdir()
    assert RecordingPaths(tmp_path / "corpus").find("../corpus-private/a.wav").refused == OUTSIDE


def test_what_is_no_recording(root, put):
    put(root / "lfs.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n")
    put(root / "empty.wav", "")
    os.mkfifo(root / "pipe.wav")
    places = RecordingPaths(root)
    assert places.find("lfs.wav").refused == LFS
    assert places.find("empty.wav").refused == "empty: the file has no bytes"
    assert places.find("pipe.wav").refused == "not a file"
    assert places.find("in").refused == "not a file"
    assert places.find("a\0b").refused == "path that cannot be read"
    assert places.find("x" * 5000).refused.startswith("unreadable: File name too long")


def test_a_recording_inside_a_file_has_that_files_identity(root, put, tmp_path):
    put(root / "x.parquet", "not looked into here")
    place = RecordingPaths(root).find("x.parquet#audio#3")
    assert (place.path, place.size) == ("x.parquet#audio#3", 20)
    put(tmp_path / "y.parquet", "outside")
    assert RecordingPaths(root).find("../y.parquet#audio#3").refused == OUTSIDE
