"""A server that speaks as much of OpenAI's chat API as a caption needs, and that can be told to misbehave.

As a module it runs in a thread; as a script (``python server.py``) in a process of its own, which can be killed.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

# what a request of the given number (from 1) and content is answered with
Behave = Callable[[int, dict[str, Any]], Any]


def answer(text: str | None, finish: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "1", "object": "chat.completion", "created": 0, "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
    }  # fmt: skip


@dataclass
class Dripping:
    """An answer of which a byte comes every so many seconds, without end."""

    every_s: float


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, behave: Behave) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave, self.lock = behave, Lock()
        self.asked: list[dict[str, Any]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print faults of this server's; not that a client has closed a connection that it kept open."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        length = self.headers["Content-Length"]
        content = self.rfile.read(int(length)) if length else b""
        if not length or len(content) < int(length):  # the client has gone while it was asking
            self.close_connection = True
            return
        body = json.loads(content)
        with self.server.lock:
            self.server.asked.append(body)
            number = len(self.server.asked)
        found = self.server.behave(number, body)
        if isinstance(found, int):
            self._send(found, b'{"error": {"message": "no"}}')
        elif isinstance(found, bytes):  # half of it: more is announced than comes
            self._send(200, found, announced=len(found) + 100)
        elif isinstance(found, tuple):  # a status of its own
            self._send(found[0], json.dumps(found[1]).encode())
        elif isinstance(found, Dripping):
            self._drip(found)
        elif isinstance(found, str):  # a whole reply that is no answer
            self._send(200, found.encode())
        else:
            self._send(200, json.dumps(found).encode())

    def _send(self, status: int, body: bytes, announced: int | None = None) -> None:
        with contextlib.suppress(OSError):  # the client has gone
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(announced or len(body)))
            if status == 429:
                self.send_header("Retry-After", "0.05")
            self.end_headers()
            self.wfile.write(body)
        self.close_connection = True

    def _drip(self, how: Dripping) -> None:
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while True:
                self.wfile.write(b" ")
                time.sleep(how.every_s)

    def log_message(self, *_: Any) -> None: ...


@contextlib.contextmanager
def serving(behave: Behave) -> Iterator[Server]:
    server = Server(behave)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def slowly(_: int, body: dict[str, Any]) -> dict[str, Any]:
    time.sleep(0.1)
    return answer(body["messages"][-1]["content"])


if __name__ == "__main__":
    made = Server(slowly)
    print(made.url, flush=True)
    made.serve_forever()
    sys.exit(0)
