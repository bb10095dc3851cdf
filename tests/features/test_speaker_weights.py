"""The file of weights that is read without running what is in it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from annotate.errors import SemoError
from annotate.features.speaker.weights import read_state


def test_a_file_of_weights_runs_nothing(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "ran",))  # type: ignore[return-value]

    path = tmp_path / "weights.pt"
    for content in (pickle.dumps(Harm()), pickle.dumps(1), b"", b"not a pickle"):
        path.write_bytes(content)
        with pytest.raises(SemoError, match=r"weights\.pt"):
            read_state(path)
    assert not (tmp_path / "ran").exists()
