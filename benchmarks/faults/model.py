"""A language model's stand-in: a server that speaks OpenAI's chat API, and remembers every question.

Its answers depend on the question's seed alone: the true caption of the row (the template's) at the first try for
most rows, at the second for some, never for a few, so that answers are accepted, refused and asked for again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from annotate.captions.llm_captions import seed

ANSWER_S = 0.03
PARALLEL = 8
FALSE = "The quiet man shouts slowly in a low and very loud whisper."


class Model(ThreadingHTTPServer):
    """The server.

    Attributes:
        true: seed of a question -> the row's caption.
        kept: seeds whose answers were in the journal when a run was killed.
        asked: how many questions came.
        kept_asked: how many of them had an answer in the journal already.
    """

    daemon_threads = True

    def __init__(self, captions: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.true: dict[int, str] = {}
        for number, (row, caption) in enumerate(sorted(captions.items())):
            if number % 10 < 9:
                self.true[seed(row, 0 if number % 10 < 6 else 1)] = caption
        self.kept: set[int] = set()
        self.asked = self.kept_asked = 0

    def settings(self) -> list[str]:
        """The overrides of a run that asks it."""
        return [
            "captions.writer=openai", f"captions.url=http://127.0.0.1:{self.server_port}/v1", "captions.model=stand-in",
            "captions.mode=free", f"captions.parallel={PARALLEL}", "captions.tries=3",
        ]  # fmt: skip

    def note(self, output: Path) -> None:
        """Take down which answers a killed run has kept; a torn last line is none."""
        self.kept = set()
        for path in (output / "work" / "journal").glob("*.jsonl"):
            for line in path.read_bytes().splitlines():
                with suppress(ValueError, KeyError):
                    held = json.loads(line)
                    self.kept.add(seed(held["id"], held["attempt"] - 1))

    def answer(self, number: int) -> str:
        """The answer to the question of a seed."""
        with self.lock:
            self.asked += 1
            self.kept_asked += number in self.kept
        time.sleep(ANSWER_S)
        return self.true.get(number, FALSE)


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        """Answer one question."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = {"role": "assistant", "content": self.server.answer(int(body["seed"]))}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        head = {"id": "1", "object": "chat.completion", "created": 0, "model": "stand-in"}
        content = json.dumps({**head, "choices": [choice]}).encode()
        with suppress(OSError):  # whoever asked has been killed
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(captions: Mapping[str, str]) -> Iterator[Model]:
    """The server in a thread of its own."""
    made = Model(captions)
    Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
