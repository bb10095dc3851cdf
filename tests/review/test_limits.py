"""Connections that mean harm: many, idle, dripping, broken off. None costs a thread or keeps the page from its user."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annotate.report.review import server as serving
from annotate.report.review.server import Server
from annotate.report.review.session import Session
from review.test_server import ask, below

WAIT_S = 30  # far longer than any of it takes


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Server]:
    with Server(Session(folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(WAIT_S)
        assert not thread.is_alive()


@pytest.fixture
def hasty(output: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that closes idle and slow connections after a second."""
    monkeypatch.setattr(serving, "IDLE_S", 1)
    monkeypatch.setattr(serving, "REQUEST_S", 1)
    with served(output) as server:
        yield server


def connect(server: Server) -> socket.socket:
    return socket.create_connection((serving.HOST, server.server_port), timeout=WAIT_S)


def test_800_connections_without_the_key_hold_no_thread(server: Server) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    before = threading.active_count()
    with contextlib.ExitStack() as stack:
        for _ in range(800):
            stack.enter_context(contextlib.closing(connect(server)))
        assert threading.active_count() <= before
        assert below(server, "api/state")[0] == 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_of_too_many_the_oldest_gives_way(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 10)
    with served(output) as server, contextlib.ExitStack() as stack:
        held = [stack.enter_context(contextlib.closing(connect(server))) for _ in range(40)]
        assert below(server, "api/state")[0] == 200
        assert held[0].recv(1) == b""


def dripped(connection: socket.socket, content: bytes) -> bool:
    """Whether the server closes a connection while the content goes out byte by byte."""
    connection.settimeout(0.1)
    end = time.monotonic() + WAIT_S
    for byte in content * 1000:
        assert time.monotonic() < end, "the server takes it for ever"
        try:
            connection.send(bytes([byte]))
            if connection.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET / HTTP/1.1\r\nX: ",
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 19999\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1",
    ],
    ids=["headers from the first byte", "one endless header", "a body", "a chunk"],
)
def test_a_request_that_drips_is_closed(hasty: Server, begin: bytes) -> None:
    with contextlib.closing(connect(hasty)) as connection:
        connection.send(begin)
        assert dripped(connection, b"0")
    assert below(hasty, "api/state")[0] == 200


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost:", b"POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"])
def test_a_connection_that_only_waits_is_closed(hasty: Server, begin: bytes) -> None:
    with contextlib.closing(connect(hasty)) as connection:
        if begin:
            connection.send(begin)
        assert connection.recv(1) == b""


def broken_off(server: Server) -> None:
    with contextlib.closing(connect(server)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closed with a reset
        host = f"{serving.HOST}:{server.server_port}"
        connection.send(f"GET /{server.key}/audio/0 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() * 3)


def half_a_request(server: Server) -> None:
    with contextlib.closing(connect(server)) as connection:
        connection.send(b"POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")


def garbage(server: Server) -> None:
    with contextlib.closing(connect(server)) as connection:
        connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50 + b"\r\n\r\n")
        connection.recv(1000)


def nested(server: Server) -> None:
    for body in (b"[" * 5000, b'{"a":' * 3000, b"[" * 5000 + b"]" * 5000, b"", b"\xff", b"NaN", b"null"):
        with contextlib.closing(connect(server)) as connection:
            host = f"{serving.HOST}:{server.server_port}"
            head = f"POST /{server.key}/api/check HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            connection.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert connection.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 404")


@pytest.mark.parametrize("act", [broken_off, half_a_request, garbage, nested])
def test_nothing_is_printed_and_the_page_goes_on(
    server: Server, capfd: pytest.CaptureFixture[str], act: Callable[[Server], None]
) -> None:
    for _ in range(5):
        act(server)
    assert below(server, "api/state")[0] == 200
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_two_hosts_and_long_headers_are_refused(server: Server) -> None:
    with contextlib.closing(connect(server)) as connection:
        host = f"{serving.HOST}:{server.server_port}"
        connection.send(f"GET /{server.key}/api/state HTTP/1.1\r\nHost: {host}\r\nHost: evil\r\n\r\n".encode())
        assert connection.recv(12) in (b"HTTP/1.1 421", b"HTTP/1.1 400")
    assert ask(server, f"/{server.key}/", headers={"X": "x" * 20_000})[0] == 431


def test_what_nobody_has_foreseen_is_one_line_without_a_traceback(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise KeyError("secret")

    monkeypatch.setattr(server.session, "state", fail)
    status, body, _ = below(server, "api/state")
    assert (status, json.loads(body)) == (500, {"error": "unforeseen (KeyError); please report it"})
    assert capfd.readouterr().err == ""
