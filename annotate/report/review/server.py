"""``semo-annotate review``: the page's server, on loopback only, with waitress.

A few threads answer; connections that only wait cost none, are closed after some seconds, and give way to newer ones
where there are too many. So nobody on the machine can keep the page from its user by opening connections.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from annotate.errors import SemoError
from annotate.report.review.app import HOST, LONGEST_BODY, Application
from annotate.report.review.session import Session

THREADS = 4
IDLE_S = 10  # without a byte, a connection is closed
REQUEST_S = 20  # a request that comes byte by byte, too
MOST_CONNECTIONS = 300
LONGEST_HEADERS = 16_384


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows when its request began."""

    begun = 0.0

    def received(self, data: bytes) -> bool:
        """Take bytes in."""
        if self.request is None:
            self.begun = time.time()
        return bool(super().received(data))


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections, closes those that dawdle, and of too many those that have waited longest."""

    channel_class = _Channel

    def handle_accept(self) -> None:
        """Accept a connection; where there are too many, the one that was idle longest goes."""
        super().handle_accept()
        waiting = [
            channel for channel in self.active_channels.values() if not channel.requests and not channel.will_close
        ]
        if len(waiting) > MOST_CONNECTIONS:
            min(waiting, key=lambda channel: float(channel.last_activity)).will_close = True

    def maintenance(self, now: float) -> None:
        """Close what is idle, and what has been sending one request for too long."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.request is not None and now - channel.begun > REQUEST_S:
                channel.will_close = True


class Server:
    """Serves one session; ``url`` is the address to open."""

    def __init__(self, session: Session, port: int = 0) -> None:
        logging.getLogger("waitress").setLevel(logging.CRITICAL)  # the address holds the key
        self.session = session
        self._ending, self._serving = threading.Event(), threading.Lock()
        self.key = secrets.token_urlsafe(24)
        self.application = Application(session, self.key)
        self._listener = _Listener(
            self.application,
            adj=Adjustments(
                listen=f"{HOST}:{port}", threads=THREADS, channel_timeout=IDLE_S, cleanup_interval=1,
                connection_limit=10 * MOST_CONNECTIONS, backlog=1024, max_request_body_size=LONGEST_BODY,
                max_request_header_size=LONGEST_HEADERS, asyncore_use_poll=True, expose_tracebacks=False,
                ident=f"semo-annotate/{metadata.version('semo-annotate')}",
            ),
        )  # fmt: skip
        self.application.hosts = f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._listener.task_dispatcher.shutdown()
        # only here, where neither the loop nor a worker is left: a pipe that is closed under one of them may
        # already be another file's when it writes
        with self._serving:
            for dispatcher in list(self._listener._map.values()):
                with contextlib.suppress(OSError):
                    dispatcher.close()
            self._listener._map.clear()

    @property
    def server_port(self) -> int:
        """The port that was given, or found."""
        return int(self._listener.effective_port)

    @property
    def server_address(self) -> tuple[str, int]:
        """Host and port that are listened on."""
        return str(self._listener.effective_host), self.server_port

    @property
    def url(self) -> str:
        """The address with its key."""
        return f"http://{HOST}:{self.server_port}/{self.key}/"

    def serve_forever(self) -> None:
        """Answer until ``shutdown`` or Ctrl-C."""
        with self._serving:
            while not self._ending.is_set():
                wasyncore.loop(timeout=1, map=self._listener._map, use_poll=True, count=1)

    def shutdown(self) -> None:
        """End ``serve_forever``, which runs in another thread; leaving the ``with`` block waits for its end."""
        self._ending.set()
        self._listener.trigger.pull_trigger()


def serve(folder: Path, port: int, opened: Any) -> None:
    """Serve an output until Ctrl-C.

    Args:
        folder: the output folder.
        port: port on loopback; 0 for any that is free.
        opened: called with the address once it answers.
    """
    session = Session(folder)
    try:
        server = Server(session, port)
    except OSError as error:
        raise SemoError(f"--port {port}: {error.strerror}; leave it out for any port that is free") from None
    with server, contextlib.suppress(KeyboardInterrupt):
        opened(server.url)
        server.serve_forever()
