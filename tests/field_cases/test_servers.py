"""Field cases with somebody else at the other end: 14 the Hub fails, 15 a server ignores or refuses the grammar."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from captions.server import Server, answer, serving
from captions.test_run_with_server import honest
from hub.conftest import OVERRIDES
from hub.server import Fault, Hub

from annotate import settings
from annotate.cli.annotate import main
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


Answers = Callable[[int, dict[str, Any]], Any]
FALSE = "A man whispers slowly in a very deep voice, which suggests boredom."


@dataclass
class Asked:
    """A run whose captions a server wrote: its exit code, what the terminal showed, what the server was asked."""

    folder: Path
    code: int
    out: str
    err: str
    bodies: list[dict[str, Any]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            row for path in sorted((self.folder / "data").glob("*.parquet")) for row in pq.read_table(path).to_pylist()
        ]

    @property
    def counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))["captions"]
        return counts


LINES = [
    "corpus.labels=four-class", "features.voice=none", "descriptors.smallest_group=5", "dataset.audio=none",
    "--workers=1", "--quiet",
]  # fmt: skip


@pytest.fixture(scope="module")
def measured(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the tiny corpus, whose measurements the runs below take up."""
    folder = tmp_path_factory.mktemp("measured") / "out"
    assert main(["run", "ravdess", f"corpus.root={tiny}", *LINES, "--output", str(folder)]) == 0
    return folder


@pytest.fixture
def write_by_server(
    measured: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[Asked, Server]]:
    """A run of the tiny corpus with captions by a server that behaves so, two tries a row."""
    pytest.importorskip("openai", reason="needs the extra 'llm'")

    def go(behaves: Answers, *overrides: str) -> tuple[Asked, Server]:
        folder = shutil.copytree(measured, tmp_path / "out")
        with serving(behaves) as server:
            code = main([
                "run", "ravdess", f"corpus.root={tiny}", *LINES, "captions.writer=openai", "captions.model=m",
                "captions.tries=2", f"captions.url={server.url}", "--output", str(folder), *overrides,
            ])  # fmt: skip
        shown = capsys.readouterr()
        return Asked(folder, code, shown.out, shown.err, list(server.asked)), server

    return go


STOPS = {
    "refuses": (lambda number, body: 400, "returns HTTP 400: no"),
    "answers nothing": (lambda number, body: answer(""), "the answer is empty"),
}


@pytest.mark.parametrize("mode", ["free", "steered"])
@pytest.mark.parametrize("name", STOPS)
def test_case_15_a_server_that_answers_no_question_ends_the_run_in_its_own_words(
    write_by_server: Callable[..., Any], name: str, mode: str
) -> None:
    behaves, words = STOPS[name]
    done, server = write_by_server(behaves, f"captions.mode={mode}")
    assert done.code == 1
    assert done.err == (
        f"error: captions.url={server.url}: answers none of the requests: {words}; the answers so far are kept: "
        "run the same command again to continue\n"
    )
    assert len(done.bodies) <= 30  # 16 under way at once, and the example


def test_case_15_rows_that_a_server_answers_with_nothing_get_the_template_and_are_counted(
    write_by_server: Callable[..., Any],
) -> None:
    """Single rows: the run goes on, and says how many in the terminal, in summary.json and in the report."""
    unanswerable = "Emotion: sadness."

    def some(number: int, body: dict[str, Any]) -> Any:
        return answer("") if unanswerable in body["messages"][-1]["content"] else honest(number, body)

    done, _ = write_by_server(
        some, "captions.mode=free", "captions.style=description", "captions.parallel=1",
        "descriptors.attributes=paper", "descriptors.against=group",  # what the honest model speaks of
    )  # fmt: skip
    assert done.code == 0
    left = [row for row in done.rows if row["emotion_original"] == "sad"]
    assert left
    assert {row["caption_writer"] for row in left} == {"template"}
    assert {row["caption_writer"] for row in done.rows if row not in left} == {"openai"}
    assert all(row["caption"] and row["caption_tries"] == 2 for row in left)
    note = "caption: none by openai in 2 tries, the last time: the answer is empty"
    assert all(note in row["notes"] for row in left)
    count = len(left)
    assert done.counts == {
        "written": {"openai": len(done.rows) - count, "template": count}, "none": 0, "left_to_template": count,
        "reasons": {"no answer": count},
    }  # fmt: skip
    line = f"captions: {count} are the template's, because the writer gave none that could be used (no answer {count})"
    assert line in done.out.splitlines()
    report = (done.folder / "report.html").read_text(encoding="utf-8")
    assert f"{count} clips have the template's caption because" in report


GRAMMARS = {
    "ignores the grammar": lambda number, body: answer(FALSE),
    "refuses it": lambda number, body: (400, {"error": "failed to parse"}) if body.get("grammar") else answer(FALSE),
}


@pytest.mark.parametrize("name", GRAMMARS)
def test_case_15_what_a_server_answers_is_read_back_and_proven_all_the_same(
    write_by_server: Callable[..., Any], name: str
) -> None:
    done, _ = write_by_server(GRAMMARS[name], "captions.mode=steered")
    assert done.code == 0
    rows = done.rows
    assert any(body.get("grammar") for body in done.bodies), "the grammar was asked for"
    assert len(done.bodies) >= 2 * len(rows)
    assert {row["caption_writer"] for row in rows} == {"template"}
    assert {row["caption_tries"] for row in rows} == {2}
    assert not [row for row in rows if "whispers" in row["caption"]]
    assert all(json.loads(row["caption_claims"]) for row in rows)
    # counted: the card says how many captions each writer wrote, after how many tries
    assert f"| template |  | 2 | {len(rows)} |" in (done.folder / "README.md").read_text(encoding="utf-8")
    assert done.counts["left_to_template"] == len(rows)
