"""Pushing, with the real client: what arrives, what an interruption costs, what is never said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from annotate.dataset.hub import push, retry
from annotate.errors import SemoError, UsageError
from hub.server import TOKEN, Fault, Hub

REPO = "ada/voices"


def names(hub: Hub, revision: str = "main") -> set[str]:
    return set(hub.repos[REPO].files(revision) or {})


def wanted(folder: Path) -> set[str]:
    data = {f"data/{path.name}" for path in (folder / "data").iterdir()}
    return data | {"README.md", "manifest.yaml", "recipe.yaml", "scale.json", "evidence.json", ".gitattributes"}


def test_all_of_it_arrives_and_a_second_push_does_nothing(finished: Path, hub: Hub, client: Any) -> None:
    done = push.push(finished, REPO, api=client)
    assert names(hub) == wanted(finished)
    assert list(hub.repos[REPO].branches) == ["main"]
    assert done.uploaded == done.files == len(names(hub)) - 1
    before = dict(hub.repos[REPO].commits)
    assert push.push(finished, REPO, api=client).uploaded == 0
    assert hub.repos[REPO].commits == before


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/commit/", 429, headers={"Retry-After": "0"}),
        Fault("POST", "/commit/", 500, times=2),
        Fault("POST", "/commit/main", 412),
        Fault("POST", "/commit/main", "lost"),
        Fault("POST", "/commit/push-", "lost"),
        Fault("POST", "/commit/", "cut", times=2),
        Fault("POST", "/preupload/", 503),
        Fault("POST", "/objects/batch", 429),
        Fault("PUT", "/lfs/", "cut", times=2, after=1),
        Fault("PUT", "/lfs/", 500, times=7),
        Fault("POST", "/repos/create", "lost"),
        Fault("POST", "/branch/", "lost"),
        Fault("DELETE", "/branch/", "lost"),
        Fault("GET", "/tree/", 502),
        Fault("POST", "/api/validate-yaml", "cut"),
    ],
    ids=lambda fault: f"{fault.method} {fault.path} {fault.kind} x{fault.times}",
)
def test_what_passes_is_waited_for(finished: Path, hub: Hub, client: Any, fault: Fault) -> None:
    hub.faults.append(fault)
    push.push(finished, REPO, api=client)
    assert fault.seen > fault.after, "the fault did not happen"
    assert names(hub) == wanted(finished)
    assert list(hub.repos[REPO].branches) == ["main"]
    assert len(hub.received) == len(set(hub.received))


def test_somebody_elses_commit_in_between_stays(finished: Path, hub: Hub, client: Any) -> None:
    def meanwhile() -> None:
        repo = hub.repos[REPO]
        repo.commit("main", {**(repo.files("main") or {}), "notes.txt": hub.store(b"theirs")}, "theirs")

    # the answer is lost on the way, so that the head has moved when it is tried again
    hub.faults.append(Fault("POST", "/commit/main", "cut", before=meanwhile))
    push.push(finished, REPO, api=client)
    assert names(hub) == wanted(finished) | {"notes.txt"}


def test_a_push_that_is_cut_twice_ends_complete_and_sends_nothing_twice(
    finished: Path, hub: Hub, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "BATCH_FILES", 1)
    first = Fault("PUT", "/lfs/", "cut", times=10**6, after=1)
    hub.faults.append(first)
    with pytest.raises(SemoError, match="run the same command again"):
        push.push(finished, REPO, api=client)
    assert names(hub) == {".gitattributes"}
    assert len(hub.received) == 1
    hub.faults[:] = [Fault("POST", "/commit/main", "cut", times=10**6)]
    with pytest.raises(SemoError, match="connection to the Hub was lost"):
        push.push(finished, REPO, api=client)
    assert names(hub) == {".gitattributes"}
    hub.faults.clear()
    push.push(finished, REPO, api=client)
    assert names(hub) == wanted(finished)
    assert len(hub.received) == len(set(hub.received)) == len(list((finished / "data").iterdir()))
    assert list(hub.repos[REPO].branches) == ["main"]


def test_until_all_is_there_the_earlier_data_set_loads(finished: Path, hub: Hub, client: Any, variant: Any) -> None:
    push.push(finished, REPO, api=client)
    before = hub.repos[REPO].files("main")
    hub.faults.append(Fault("POST", "/commit/main", 500, times=10**6))
    with pytest.raises(SemoError):
        push.push(variant(publish="features"), REPO, api=client)
    assert hub.repos[REPO].files("main") == before


def test_files_of_an_earlier_push_go_and_others_stay(finished: Path, hub: Hub, client: Any) -> None:
    client.create_repo(REPO, repo_type="dataset")
    repo = hub.repos[REPO]
    repo.commit("main", {"data/train-00000-of-00009.parquet": hub.store(b"old"), "mine.txt": hub.store(b"m")}, "old")
    push.push(finished, REPO, api=client)
    assert names(hub) == wanted(finished) - {".gitattributes"} | {"mine.txt"}


def test_a_revision_of_its_own(finished: Path, hub: Hub, client: Any) -> None:
    done = push.push(finished, REPO, revision="v2", api=client)
    assert done.url.endswith("/tree/v2")
    assert names(hub, "v2") == wanted(finished)
    assert names(hub) == {".gitattributes"}


def test_private_is_private_and_a_public_one_is_not_called_so(finished: Path, hub: Hub, client: Any) -> None:
    push.push(finished, REPO, private=True, api=client)
    assert hub.repos[REPO].private
    hub.repos[REPO].private = False
    with pytest.raises(SemoError, match="is public"):
        push.push(finished, REPO, private=True, api=client)


@pytest.mark.parametrize(
    ("repo", "kind", "said"),
    [
        ("voices", UsageError, "USER/NAME"),
        ("ada/voi ces", UsageError, "USER/NAME"),
        ("../../x", UsageError, "USER/NAME"),
        ("bob/voices", SemoError, "may not write"),
    ],
)
def test_a_wrong_name(finished: Path, client: Any, repo: str, kind: type[SemoError], said: str) -> None:
    with pytest.raises(kind, match=said):
        push.push(finished, repo, api=client)


def test_a_wrong_token_is_one_line(finished: Path, hub: Hub, client: Any) -> None:
    from huggingface_hub import HfApi

    with pytest.raises(SemoError, match="not logged in to the Hub") as told:
        push.push(finished, REPO, api=HfApi(endpoint=hub.url, token="hf_wrong"))
    assert "hf_wrong" not in str(told.value)


def test_offline_is_said_at_once(finished: Path, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    steps: list[str] = []
    with pytest.raises(SemoError, match="unset HF_HUB_OFFLINE"):
        push.push(finished, REPO, api=client, say=steps.append)
    assert len(steps) == 1


def test_no_finished_output(tmp_path: Path, client: Any) -> None:
    with pytest.raises(SemoError, match="finished run"):
        push.push(tmp_path, REPO, api=client)


def test_a_token_in_an_error_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)

    def call() -> None:
        raise ValueError(f"bad header: Bearer {TOKEN}")

    with pytest.raises(SemoError) as told:
        retry.retried(call, "ada/voices", lambda line: None)
    assert TOKEN not in str(told.value)
    assert "(token)" in str(told.value)


def test_from_the_command_line_and_back_with_datasets(finished: Path, hub: Hub, tmp_path: Path) -> None:
    environment = {
        **os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0", "HF_HUB_VERBOSITY": "debug",
    }  # fmt: skip
    line = [sys.executable, "-m", "annotate", "push", str(finished), "--repo", REPO]
    pushed = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert pushed.returncode == 0, pushed.stderr
    assert f"{hub.url}/datasets/{REPO}" in pushed.stdout
    assert TOKEN not in pushed.stdout + pushed.stderr
    compare = """
import json, sys
from datasets import load_dataset
here, there = load_dataset(sys.argv[1]), load_dataset(sys.argv[2])
assert list(here) == list(there)
for split in here:
    assert here[split].features == there[split].features
    assert here[split].data.table.equals(there[split].data.table)
print(json.dumps({split: len(there[split]) for split in there}))
"""
    line = [sys.executable, "-c", compare, str(finished), REPO]
    loaded = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr
    rows = json.loads(loaded.stdout.splitlines()[-1])
    assert sum(rows.values()) == json.loads((finished / "summary.json").read_text())["rows"]["kept"]
    written = [path for path in [*finished.rglob("*"), *(tmp_path / "home").rglob("*")] if path.is_file()]
    assert not [path for path in written if TOKEN.encode() in path.read_bytes()]
    assert not [blob for blob in hub.blobs.values() if TOKEN.encode() in blob]


def test_without_a_token_nothing_is_prepared_or_tried(
    finished: Path, hub: Hub, client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Five tries, and then the connection was blamed."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    client.token = None
    said: list[str] = []
    with pytest.raises(SemoError, match="no token for the Hub: run 'hf auth login'"):
        push.push(finished, REPO, api=client, say=said.append)
    assert not hub.requests
    assert not said
