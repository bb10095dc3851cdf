"""Outputs as a run leaves them, and a Hub on loopback to bring them to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotate import settings
from annotate.dataset.hub import push
from annotate.pipeline import Pipeline
from hub.server import TOKEN, Hub

REPO = "ada/voices"
OVERRIDES = ["dataset.shard_mb=1", "descriptors.smallest_group=2"]


@pytest.fixture(scope="session")
def finished(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished output of the small corpus, recordings embedded; not to be changed by tests."""
    output = tmp_path_factory.mktemp("finished") / "out"
    recipe = settings.load("ravdess", [f"corpus.root={tiny}", *OVERRIDES], output)
    Pipeline(recipe).run()
    return output


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


@pytest.fixture
def client(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The real client, speaking to the loopback server; it never pauses and does not use Xet."""
    from huggingface_hub import HfApi, constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # other tests keep the client at home
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    return HfApi(endpoint=hub.url, token=TOKEN)


@pytest.fixture
def variant(finished: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the finished output whose manifest is changed: another licence, for one."""
    import shutil

    import yaml

    def make(**licence: str) -> Path:
        folder = tmp_path / "variant"
        shutil.copytree(finished, folder, ignore=shutil.ignore_patterns("hub", "audio", "corpus"))
        path = folder / "manifest.yaml"
        content = yaml.safe_load(path.read_text())
        content["licence"] |= licence
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return folder

    return make


@pytest.fixture
def published(variant: Any, hub: Hub, client: Any, tmp_path: Path) -> Path:
    """The folder that somebody has who downloaded a data set with ids only."""
    push.push(variant(publish="features"), REPO, api=client)
    folder = tmp_path / "downloaded"
    for path, blob in (hub.repos[REPO].files("main") or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(hub.content(blob))
    return folder
