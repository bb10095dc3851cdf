"""The review page's answers: which requests are refused, and what the others get.

Whatever is served is one of a few texts that we wrote, or a row of the data set by its number: no path that a
request names is ever opened. A request must name this very host and port, must not come from another site's
page, and must know the key in the address that the command prints, so that other people on the machine, and
pages in the same browser, get nothing.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

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
HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
}  # fmt: skip
Environment = Mapping[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]


class RefusedRequest(Exception):
    """A request that is not answered, and with which status."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class HttpAnswer:
    """What is sent: bytes, or anything that JSON can say."""

    content: Any
    kind: str = "application/json"
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


class Application:
    """The WSGI application of one session.

    Args:
        session: the output under review.
        key: what the address of a request must begin with.
    """

    def __init__(self, session: Session, key: str) -> None:
        self.session, self.key = session, key
        self.hosts: tuple[str, ...] = ()  # what a request may call us; known when the port is
        home = assets.home("templates")
        self.texts = {name: ((home / file).read_bytes(), kind) for name, (file, kind) in FILES.items()}

    def __call__(self, environment: Environment, start: Start) -> Iterable[bytes]:
        """Answer a request, whatever it is; nothing that goes wrong is told with its traceback."""
        try:
            answer = self._answered(environment)
        except RefusedRequest as error:
            answer = HttpAnswer({"error": str(error)}, status=error.status)
        except (SemoError, OSError, pa.ArrowException):
            why = "the data set cannot be read as it was; start the review again"
            answer = HttpAnswer({"error": why}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
        except Exception as error:
            why = f"unforeseen ({type(error).__name__}); please report it"
            answer = HttpAnswer({"error": why}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
        body = answer.content if isinstance(answer.content, bytes) else _json(answer.content)
        headers = {"Content-Type": answer.kind, "Content-Length": str(len(body)), **HEADERS, **answer.headers}
        start(f"{answer.status.value} {answer.status.phrase}", list(headers.items()))
        return [body]

    def _answered(self, environment: Environment) -> HttpAnswer:
        method = environment["REQUEST_METHOD"]
        if method not in ("GET", "POST"):
            raise RefusedRequest(HTTPStatus.NOT_IMPLEMENTED, "expected GET or POST")
        path = self._guarded(environment)
        if method == "POST":
            return self._post(path, environment)
        query = {name: values[0] for name, values in parse_qs(environment.get("QUERY_STRING", "")).items()}
        return self._get(path, query, environment)

    def _guarded(self, environment: Environment) -> str:
        """The path below the key; refuses what is not from this page."""
        if environment.get("HTTP_HOST") not in self.hosts:  # of several, the library makes one that is none of ours
            raise RefusedRequest(HTTPStatus.MISDIRECTED_REQUEST, "unknown host")
        origin = environment.get("HTTP_ORIGIN")
        if origin is not None and origin not in [f"http://{host}" for host in self.hosts]:
            raise RefusedRequest(HTTPStatus.FORBIDDEN, "another origin")
        document = environment.get("HTTP_SEC_FETCH_DEST") == "document"
        followed = environment["REQUEST_METHOD"] == "GET" and document
        if environment.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin") and not followed:
            raise RefusedRequest(HTTPStatus.FORBIDDEN, "another site")
        path = environment.get("PATH_INFO", "")
        _, key, below = [*path.split("/", 2), "", ""][:3]
        known = secrets.compare_digest(key.encode("utf-8", "replace"), self.key.encode())
        if path.count("/") < 2 or not known:
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "not found; open the address that the command has printed")
        return str(below)

    def _get(self, path: str, query: Mapping[str, str], environment: Environment) -> HttpAnswer:
        session = self.session
        if path in self.texts:
            return HttpAnswer(*self.texts[path])
        if path == "api/state":
            return HttpAnswer(session.state())
        if path == "api/clips":
            return HttpAnswer(session.clips_json(query))
        if (match := re.fullmatch(r"api/clip/(\d{1,9})", path, re.ASCII)) is not None:
            return HttpAnswer(session.clip(self._number(match[1]), query.get("reviewer", "")))
        if (match := re.fullmatch(r"audio/(\d{1,9})", path, re.ASCII)) is not None:
            return self._audio(self._number(match[1]), environment.get("HTTP_RANGE", ""))
        if (match := re.fullmatch(r"curves/(\d{1,9})", path, re.ASCII)) is not None:
            drawn = session.clips.curves(self._number(match[1]))
            return HttpAnswer((drawn or "").encode(), "image/svg+xml")
        raise RefusedRequest(HTTPStatus.NOT_FOUND, "not found")

    def _post(self, path: str, environment: Environment) -> HttpAnswer:
        kind = environment.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise RefusedRequest(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected JSON")
        try:
            given = documents.parse_json(environment["wsgi.input"].read(LONGEST_BODY))
        except ValueError:
            raise RefusedRequest(HTTPStatus.BAD_REQUEST, "not valid JSON") from None
        session = self.session
        actions = {"api/verdict": session.verdict, "api/undo": session.undo, "api/check": session.check}
        if path not in actions or not isinstance(given, dict):
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "not found")
        try:
            return HttpAnswer(actions[path](given))
        except ValueError as error:
            raise RefusedRequest(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    def _number(self, text: str) -> int:
        if int(text) >= len(self.session.clips.all):
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such clip")
        return int(text)

    def _audio(self, number: int, asked: str) -> HttpAnswer:
        """The recording, whole or the range asked for: players seek by ranges."""
        recording = self.session.clips.recording(number)
        if recording is None:
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "this data set contains no recordings")
        kind, held = recording
        span = re.fullmatch(r"bytes=(\d{1,12})-(\d{0,12})", asked, re.ASCII)
        headers = {"Accept-Ranges": "bytes"}
        if span is None:
            return HttpAnswer(held, kind, headers=headers)
        first, last = int(span[1]), min(int(span[2] or len(held) - 1), len(held) - 1)
        if first > last:
            headers["Content-Range"] = f"bytes */{len(held)}"
            return HttpAnswer(b"", kind, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(held)}"
        return HttpAnswer(held[first : last + 1], kind, HTTPStatus.PARTIAL_CONTENT, headers)


def _json(content: Any) -> bytes:
    return json.dumps(content, allow_nan=False).encode()
