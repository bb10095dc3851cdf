"""Mutated requests to the review page: each is answered in HTTP, and none costs the page its user or a printed line.

A request is mutated as a whole (bytes cut, flipped, moved) or in one of its parts: method, path, query, headers, body.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutants
import pytest

from annotate.dataset.verdicts import VerdictJournal
from annotate.report.review.server import HOST, Server
from review.conftest import served
from review.test_server import below

FAST, SLOW = 100, 3_000
METHODS = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "CONNECT", "get", "", "G\0T", "X" * 5000, "GET GET"]
TARGETS = ["", "api/state", "api/clips", "api/clip/0", "audio/0", "curves/0", "review.js", "api/verdict", "api/undo",
           "api/check"]  # fmt: skip
QUERIES = [
    "",
    "reviewer=ann",
    "show=open&reviewer=ann",
    "show=doubtful&start=0",
    "text=03-01&emotion=anger",
    "start=-1",
    "start=1e999",
    "start=%FF%00",
    "show=%F0%9F",
    "&&==;;",
    "start=" + "9" * 5000,
    "a=1&" * 3000,
]
HEADERS = ["Range: bytes=0-9", "Range: bytes=9-0", "Range: bytes=-", "Range: bytes=0-" + "9" * 40, "Range: lines=1-2",
           "Origin: null", "Cookie: " + "x" * 20_000, "Sec-Fetch-Site: cross-site", "Transfer-Encoding: chunked",
           "Content-Length: -1", "Content-Length: 1e3", "Content-Length: 99999999999999999999", "Host: evil.example",
           "Expect: 100-continue",
           "Connection: upgrade", "Upgrade: h2c", ": nameless", "No colon", " folded", "X: \xff",
           "X: \x1b[31m", "Content-Type: text/plain", "Content-Encoding: gzip", "X-Forwarded-For: 1.2.3.4"]  # fmt: skip


def request(server: Server, chance: random.Random) -> tuple[bytes, str]:
    """A request as the page sends it, with one or two of its parts mutated."""
    clip = server.session.clips.all[0]
    body: Any = {"number": 0, "kind": "edit", "of": clip.of, "reviewer": "ann", "caption": clip.facts["caption"]}
    parts = {"method": chance.choice(["GET", "POST"]), "path": f"/{server.key}/{chance.choice(TARGETS)}"}
    parts["query"] = chance.choice(QUERIES[:5])
    headers = [f"Host: {HOST}:{server.server_port}", "Content-Type: application/json"]
    content, ways = json.dumps(body).encode(), []
    for way in chance.sample(["method", "path", "query", "header", "headers", "json", "body", "length", "all"], 2):
        ways.append(way)
        if way == "method":
            parts["method"] = chance.choice(METHODS)
        elif way == "path":
            parts["path"] = mutants.of_text(parts["path"], chance)[0]
        elif way == "query":
            parts["query"] = chance.choice(QUERIES)
        elif way == "header":
            headers.insert(chance.randrange(3), chance.choice(HEADERS))
        elif way == "headers":
            headers = mutants.of_text("\r\n".join(headers), chance)[0].split("\r\n")
        elif way == "json":
            content = json.dumps(mutants.of_json(body, chance)[0]).encode("utf-8", "surrogatepass")
        elif way == "body":
            content = mutants.of_bytes(content, chance)[0]
    length = len(content) + (chance.choice([-5, -1, 1, 50]) if "length" in ways else 0)
    line = f"{parts['method']} {parts['path']}?{parts['query']} HTTP/1.{chance.randrange(3)}"
    head = "\r\n".join([line, *headers, f"Content-Length: {length}"])
    whole = head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + content
    return mutants.of_bytes(whole, chance) if "all" in ways else (whole, " ".join(ways))


def answered(server: Server, path: Path) -> bytes:
    """What comes back until the server closes; what is still missing of the request is never sent."""
    with contextlib.closing(socket.create_connection((HOST, server.server_port), timeout=15)) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(path.read_bytes())
            connection.shutdown(socket.SHUT_WR)
        received = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                received += part
    return received


def wrong(answer: bytes) -> str | None:
    """What is wrong with an answer; nothing at all is one where the request was never whole."""
    if not answer:
        return None
    statuses = [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", answer, re.MULTILINE)]
    if not statuses:
        return f"no HTTP: {answer[:80]!r}"
    if 500 in statuses or b"unforeseen" in answer or b"Traceback" in answer:
        return f"{answer[-200:]!r}"
    return None


@pytest.fixture
def reviewed(output: Path, tmp_path: Path) -> Iterator[Server]:
    """A review of a copy: some of the mutants are good verdicts."""
    shutil.copytree(output, tmp_path / "out")
    yield from served(tmp_path / "out")


def held(server: Server, count: int, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    outcome = mutants.hold(
        "request", count, lambda chance: request(server, chance), lambda path: answered(server, path),
        folder / "request", differs=wrong,
    )  # fmt: skip
    outcome.require_none()
    assert below(server, "api/state")[0] == 200
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    for said in VerdictJournal(server.session.journal.path.parent).standing().values():
        assert all(one.reviewer.isprintable() and (one.caption or "x").isprintable() for one in said)


def test_mutants_of_requests(reviewed: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    held(reviewed, FAST, tmp_path, capfd)


@pytest.mark.slow
def test_many_mutants_of_requests(reviewed: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    held(reviewed, SLOW, tmp_path, capfd)


def test_a_request_as_it_is_is_answered_and_a_planted_fault_is_found(
    reviewed: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "request").write_bytes(
        f"GET /{reviewed.key}/api/state HTTP/1.1\r\nHost: {HOST}:{reviewed.server_port}\r\n\r\n".encode()
    )
    whole = answered(reviewed, tmp_path / "request")
    assert whole.startswith(b"HTTP/1.1 200 ")
    assert wrong(whole) is None

    def fail(*given: Any) -> Any:
        raise KeyError("planted")

    monkeypatch.setattr(reviewed.session, "state", fail)
    assert "unforeseen" in str(wrong(answered(reviewed, tmp_path / "request")))
