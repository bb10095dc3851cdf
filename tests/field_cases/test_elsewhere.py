"""Field cases with somebody else at the other end: 14 the Hub fails, 15 a server ignores or refuses the grammar."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from captions.server import answer, serving
from hub.conftest import OVERRIDES
from hub.server import Fault, Hub

from annotate import settings
from annotate.dataset.hub import push
from annotate.errors import SemoError
from annotate.pipeline import Pipeline

REPO = "ada/voices"


@pytest.fixture(scope="session")
def reworded(finished: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same data set with other captions: every shard has other bytes."""
    output = tmp_path_factory.mktemp("reworded") / "out"
    shutil.copytree(finished, output)
    lines = [f"corpus.root={tiny}", *OVERRIDES, "captions.style=description"]
    Pipeline(settings.load("ravdess", lines, output)).run()
    return output


@pytest.mark.parametrize("kind", ["cut", 500, 429])
def test_case_14_a_push_that_fails_at_shard_2_of_3_leaves_the_earlier_revision_and_goes_on(
    finished: Path,
    reworded: Path,
    hub: Hub,
    client: Any,
    kind: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    push.push(finished, REPO, api=client)
    before = hub.repos[REPO].files("main")
    assert len(list((reworded / "data").iterdir())) == 3
    sent = len(hub.received)
    monkeypatch.setattr(push, "BATCH_FILES", 1)
    hub.faults.append(Fault("PUT", "/lfs/", kind, times=10**6, after=1))
    with pytest.raises(SemoError, match="run the same command again"):
        push.push(reworded, REPO, api=client)
    assert hub.repos[REPO].files("main") == before
    assert len(hub.received) == sent + 1
    hub.faults.clear()
    push.push(reworded, REPO, api=client)
    after = hub.repos[REPO].files("main")
    assert after != before
    assert set(after or {}) == set(before or {})
    assert len(hub.received) == len(set(hub.received)) == sent + 3, "no shard twice"


def test_case_14_429_is_waited_out(finished: Path, hub: Hub, client: Any) -> None:
    hub.faults.append(Fault("POST", "/preupload/", 429, times=3, headers={"Retry-After": "1"}))
    push.push(finished, REPO, api=client)
    assert hub.faults[0].seen > 3
    assert len(hub.received) == len(set(hub.received)) == 3


FALSE = "A man whispers slowly in a very deep voice, which suggests boredom."


@pytest.mark.parametrize(
    "behaves", [lambda number, body: 400, lambda number, body: answer("")], ids=["refuses it", "answers nothing"]
)
def test_case_15_a_server_that_answers_no_question_ends_the_run_in_its_own_words(
    tiny: Path, tmp_path: Path, behaves: Any
) -> None:
    pytest.importorskip("openai", reason="needs the extra 'llm'")
    with serving(behaves) as server:
        lines = [
            f"corpus.root={tiny}", "features.voice=none", "dataset.audio=none", "captions.writer=openai",
            f"captions.url={server.url}", "captions.model=m", "captions.tries=2",
        ]  # fmt: skip
        with pytest.raises(SemoError, match="run the same command again"):
            Pipeline(settings.load("ravdess", lines, tmp_path / "out")).run()


@pytest.mark.parametrize("behaves", [lambda number, body: answer(FALSE)], ids=["ignores the grammar"])
def test_case_15_what_a_server_answers_is_read_back_and_proven_all_the_same(
    tiny: Path, tmp_path: Path, behaves: Any
) -> None:
    pytest.importorskip("openai", reason="needs the extra 'llm'")
    with serving(behaves) as server:
        lines = [
            f"corpus.root={tiny}", "corpus.labels=four-class", "features.voice=none", "descriptors.smallest_group=5",
            "dataset.audio=none", "captions.writer=openai", f"captions.url={server.url}", "captions.model=m",
            "captions.mode=steered", "captions.tries=2",
        ]  # fmt: skip
        Pipeline(settings.load("ravdess", lines, tmp_path / "out")).run()
        asked = len(server.asked)
        assert all(body.get("grammar") for body in server.asked), "the grammar was asked for"
    rows = [row for path in (tmp_path / "out/data").glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    assert asked >= 2 * len(rows)
    assert {row["caption_writer"] for row in rows} == {"template"}
    assert {row["caption_tries"] for row in rows} == {2}
    assert not [row for row in rows if "whispers" in row["caption"]]
    assert all(json.loads(row["caption_claims"]) for row in rows)
    # counted: the card says how many captions each writer wrote, after how many tries
    assert f"| template |  | 2 | {len(rows)} |" in (tmp_path / "out/README.md").read_text(encoding="utf-8")
