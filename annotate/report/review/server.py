"""``semo-annotate review``: the page's server, on loopback only.

Whatever is served is one of a few texts that we wrote, or a row of the data set by its number: no path that a
request names is ever opened. A request must name this very host and port, must not come from another site's
page, and must know the key in the address that the command prints, so that other people on the machine, and
pages in the same browser, get nothing.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from annotate import assets, documents
from annotate.errors import SemoError
from annotate.report.review.session import Session

HOST = "127.0.0.1"
FILES = {
    "": ("review.html", "text/html; charset=utf-8"),
    "review.js": ("review.js", "text/javascript; charset=utf-8"),
    "review.css": ("review.css", "text/css; charset=utf-8"),
    "report.css": ("report.css", "text/css; charset=utf-8"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LONGEST_BODY = 20_000


class Refused(Exception):
    """A request that is not answered, and with which status."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Server(ThreadingHTTPServer):
    """Serves one session; ``url`` is the address to open."""

    daemon_threads = True

    def __init__(self, session: Session, port: int = 0) -> None:
        super().__init__((HOST, port), Handler)
        self.session = session
        self.key = secrets.token_urlsafe(24)
        home = assets.home("templates")
        self.texts = {name: ((home / file).read_bytes(), kind) for name, (file, kind) in FILES.items()}

    @property
    def url(self) -> str:
        """The address with its key."""
        return f"http://{HOST}:{self.server_port}/{self.key}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may call us."""
        return f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = f"semo-annotate/{metadata.version('semo-annotate')}"
    sys_version = ""
    server: Server

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answered(self._get)

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answered(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the address holds the key."""

    def _answered(self, answer: Any) -> None:
        try:
            body, place = self._body(), urlsplit(self.path)
            answer(self._guarded(place.path), parse_qs(place.query), body)
        except Refused as error:
            self._send({"error": str(error)}, status=error.status)
        except (SemoError, OSError, pa.ArrowException) as error:
            if isinstance(error, (BrokenPipeError, ConnectionResetError)):
                self.close_connection = True
                return
            why = "the data set cannot be read as it was; start the review again"
            self._send({"error": why}, status=HTTPStatus.INTERNAL_SERVER_ERROR)

    def _body(self) -> bytes:
        """The request's body, read before anything is answered, so that the connection stays usable."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too long")
        return self.rfile.read(int(length))

    def _guarded(self, path: str) -> str:
        """The path below the key; refuses what is not from this page."""
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or hosts[0] not in self.server.hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "unknown host")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in [f"http://{host}" for host in self.server.hosts]:
            raise Refused(HTTPStatus.FORBIDDEN, "another origin")
        followed = self.command == "GET" and self.headers.get("Sec-Fetch-Dest") == "document"
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") and not followed:
            raise Refused(HTTPStatus.FORBIDDEN, "another site")
        _, key, below = [*path.split("/", 2), "", ""][:3]
        if path.count("/") < 2 or not secrets.compare_digest(key.encode(), self.server.key.encode()):
            raise Refused(HTTPStatus.NOT_FOUND, "not found; open the address that the command has printed")
        return below

    def _get(self, path: str, query: Mapping[str, list[str]], body: bytes) -> None:
        session = self.server.session
        if path in self.server.texts:
            content, kind = self.server.texts[path]
            return self._send(content, kind)
        if path == "api/state":
            return self._send(session.state())
        if path == "api/clips":
            return self._send(session.clips_json({name: values[0] for name, values in query.items()}))
        if (match := re.fullmatch(r"api/clip/(\d{1,9})", path)) is not None:
            return self._send(session.clip(self._number(match[1]), query.get("reviewer", [""])[0]))
        if (match := re.fullmatch(r"audio/(\d{1,9})", path)) is not None:
            return self._audio(self._number(match[1]))
        if (match := re.fullmatch(r"curves/(\d{1,9})", path)) is not None:
            drawn = session.clips.curves(self._number(match[1]))
            return self._send((drawn or "").encode(), "image/svg+xml")
        raise Refused(HTTPStatus.NOT_FOUND, "not found")

    def _post(self, path: str, query: Mapping[str, list[str]], body: bytes) -> None:
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected JSON")
        try:
            given = documents.parse_json(body)
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST, "not valid JSON") from None
        session = self.server.session
        actions = {"api/verdict": session.verdict, "api/undo": session.undo, "api/check": session.check}
        if path not in actions or not isinstance(given, dict):
            raise Refused(HTTPStatus.NOT_FOUND, "not found")
        try:
            self._send(actions[path](given))
        except ValueError as error:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    def _number(self, text: str) -> int:
        if int(text) >= len(self.server.session.clips.all):
            raise Refused(HTTPStatus.NOT_FOUND, "no such clip")
        return int(text)

    def _audio(self, number: int) -> None:
        """The recording, whole or the range asked for: players seek by ranges."""
        found = self.server.session.clips.recording(number)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, "this data set carries no recordings")
        kind, held = found
        span = re.fullmatch(r"bytes=(\d{1,12})-(\d{0,12})", self.headers.get("Range", ""))
        headers = {"Accept-Ranges": "bytes"}
        if span is None:
            return self._send(held, kind, headers=headers)
        first, last = int(span[1]), min(int(span[2] or len(held) - 1), len(held) - 1)
        if first > last:
            headers["Content-Range"] = f"bytes */{len(held)}"
            return self._send(b"", kind, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(held)}"
        return self._send(held[first : last + 1], kind, HTTPStatus.PARTIAL_CONTENT, headers)

    def _send(
        self,
        content: Any,
        kind: str = "application/json",
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content, allow_nan=False).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", **(headers or {}),
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


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
