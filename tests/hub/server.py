"""A Hub on loopback for the tests: data set repositories, branches, LFS, commits, and faults on demand.

It speaks as much of the Hub's protocol as ``huggingface_hub`` and ``datasets`` use for data sets. Whatever the
tests want to go wrong is a ``Fault``: a status, a connection that is cut before the request is carried out, or
one that is cut after it, so that only the answer is lost.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

TOKEN = "hf_not_a_token_" + "x" * 20
LICENCES = {"other", "cc-by-nc-sa-4.0", "cc-by-4.0", "cc0-1.0", "cc-by-nc-nd-4.0", "gpl-3.0"}
SIZES = {"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M"}
TASKS = {"audio-classification", "automatic-speech-recognition", "text-generation"}


def git_name(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Fault:
    """Something that goes wrong ``times`` times, from the ``after``-th request on that fits.

    Attributes:
        method, path: which requests; ``path`` is searched as a pattern.
        kind: an HTTP status; ``cut`` (nothing is done), ``lost`` (done, not answered).
        before: called first, for a commit of somebody else in between.
    """

    method: str
    path: str
    kind: int | str
    times: int = 1
    after: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None
    seen: int = 0

    def now(self, method: str, path: str) -> bool:
        if method != self.method or not re.search(self.path, path):
            return False
        self.seen += 1
        return self.after < self.seen <= self.after + self.times


@dataclass
class Repo:
    private: bool
    # commit -> path -> git name; branch -> commit
    commits: dict[str, dict[str, str]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def commit(self, branch: str, files: dict[str, str], message: str) -> str:
        name = hashlib.sha1(f"{len(self.commits)}{message}{sorted(files.items())}".encode()).hexdigest()
        self.commits[name] = files
        self.branches[branch] = name
        self.log.append(message)
        return name

    def files(self, revision: str) -> dict[str, str] | None:
        return self.commits.get(self.branches.get(revision, revision))


class Hub(ThreadingHTTPServer):
    """The server; use it as a context."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repos: dict[str, Repo] = {}
        self.blobs: dict[str, bytes] = {}  # git name -> content, of an LFS file its pointer
        self.large: dict[str, bytes] = {}  # sha256 -> content
        self.pointers: dict[str, str] = {}  # git name of a pointer -> sha256
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.received: list[str] = []  # sha256 of every large file that came in whole
        self.lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is part of the tests."""

    def store(self, content: bytes) -> str:
        name = git_name(content)
        self.blobs[name] = content
        return name

    def store_large(self, sha256: str) -> str:
        size = len(self.large[sha256])
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
        name = self.store(pointer)
        self.pointers[name] = sha256
        return name

    def content(self, name: str) -> bytes:
        return self.large[self.pointers[name]] if name in self.pointers else self.blobs[name]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._serve(self.command)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _serve(self, method: str) -> None:
        place = urlsplit(self.path)
        path, self.query = unquote(place.path), parse_qs(place.query)
        self.answered = False
        with self.server.lock:
            self.server.requests.append((method, path))
            fault = next((one for one in self.server.faults if one.now(method, path)), None)
        if fault is not None and fault.before:
            fault.before()
        if fault is not None and fault.kind == "cut":
            self.rfile.read(min(1000, int(self.headers.get("Content-Length") or 0)))
            self._hang_up()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) if method != "HEAD" else b""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = self._chunks()
        if fault is not None and isinstance(fault.kind, int):
            self._answer({"error": "made to fail"}, fault.kind, fault.headers)
            return
        self.mute = fault is not None and fault.kind == "lost"
        with self.server.lock:
            for pattern, verb, action in ROUTES:
                if verb == ("GET" if method == "HEAD" else method) and (match := re.fullmatch(pattern, path)):
                    action(self, body, **match.groupdict())
                    break
            else:
                self._answer({"error": f"no route {method} {path}"}, 404)
        if self.mute:
            self._hang_up()

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        if getattr(self, "mute", False):
            return
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _repo(self, repo: str) -> Repo | None:
        found = self.server.repos.get(repo)
        if found is None or (found.private and not self._known()):
            self._answer({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
            return None
        return found

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _writer(self, repo: str) -> Repo | None:
        if not self._known():
            self._answer({"error": "Invalid username or password."}, 401)
            return None
        return self._repo(repo)

    def create(self, body: bytes) -> None:
        if not self._known():
            return self._answer({"error": "Invalid username or password."}, 401)
        asked = json.loads(body)
        owner = asked.get("organization") or "ada"
        name = f"{owner}/{asked['name']}"
        if owner != "ada":
            return self._answer({"error": "You don't have the rights"}, 403)
        url = {"url": f"{self.server.url}/datasets/{name}"}
        if name in self.server.repos:
            return self._answer({**url, "error": "You already created this repo"}, 409)
        repo = self.server.repos[name] = Repo(asked.get("private") or asked.get("visibility") == "private")
        repo.commit("main", {".gitattributes": self.server.store(b"*.parquet filter=lfs\n")}, "initial commit")
        return self._answer(url)

    def info(self, body: bytes, repo: str, revision: str = "main") -> None:
        if (found := self._repo(repo)) is None:
            return None
        if (files := found.files(revision)) is None:
            return self._answer({"error": "no revision"}, 404, {"X-Error-Code": "RevisionNotFound"})
        siblings = [{"rfilename": path} for path in sorted(files)]
        return self._answer({
            "id": repo, "private": found.private, "sha": found.branches.get(revision, revision), "tags": [],
            "downloads": 0, "likes": 0, "disabled": False, "gated": False, "siblings": siblings,
        })  # fmt: skip

    def _entry(self, path: str, name: str) -> dict[str, Any]:
        entry = {"type": "file", "path": path, "oid": name, "size": len(self.server.content(name))}
        if sha256 := self.server.pointers.get(name):
            entry["lfs"] = {"oid": sha256, "size": entry["size"], "pointerSize": len(self.server.blobs[name])}
        return entry

    def tree(self, body: bytes, repo: str, revision: str, below: str | None = None) -> None:
        if (found := self._repo(repo)) is None:
            return None
        if (files := found.files(revision)) is None:
            return self._answer({"error": "no revision"}, 404, {"X-Error-Code": "RevisionNotFound"})
        below = (below or "").strip("/")
        start = f"{below}/" if below else ""
        inside = {path: name for path, name in sorted(files.items()) if path.startswith(start)}
        if start and not inside:
            return self._answer({"error": "no entry"}, 404, {"X-Error-Code": "EntryNotFound"})
        deep = self.query.get("recursive", ["false"])[0].lower() == "true"
        entries, folders = [], set()
        for path, name in inside.items():
            parts = path.removeprefix(start).split("/")
            for depth in range(1, len(parts) if deep else min(len(parts), 2)):
                folders.add(start + "/".join(parts[:depth]))
            if deep or len(parts) == 1:
                entries.append(self._entry(path, name))
        shown = [{"type": "directory", "path": folder, "oid": "0" * 40, "size": 0} for folder in sorted(folders)]
        return self._answer(shown + entries)

    def paths(self, body: bytes, repo: str, revision: str) -> None:
        if (found := self._repo(repo)) is None:
            return None
        if (files := found.files(revision)) is None:
            return self._answer({"error": "no revision"}, 404, {"X-Error-Code": "RevisionNotFound"})
        text = body.decode()
        wanted = json.loads(text)["paths"] if text.startswith("{") else parse_qs(text).get("paths", [])
        shown = [self._entry(path, files[path]) for path in wanted if path in files]
        for path in wanted:
            if path not in files and any(one.startswith(f"{path}/") for one in files):
                shown.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
        return self._answer(shown)

    def refs(self, body: bytes, repo: str) -> None:
        if (found := self._repo(repo)) is None:
            return None
        branches = [
            {"name": name, "ref": f"refs/heads/{name}", "targetCommit": commit}
            for name, commit in found.branches.items()
        ]
        return self._answer({"branches": branches, "converts": [], "tags": []})

    def branch(self, body: bytes, repo: str, branch: str) -> None:
        if (found := self._writer(repo)) is None:
            return None
        if branch in found.branches:
            return self._answer({"error": "Reference already exists"}, 409)
        start = json.loads(body or b"{}").get("startingPoint", "main")
        found.branches[branch] = found.branches.get(start, start)
        return self._answer({})

    def unbranch(self, body: bytes, repo: str, branch: str) -> None:
        if (found := self._writer(repo)) is None:
            return None
        if found.branches.pop(branch, None) is None:
            return self._answer({"error": "no branch"}, 404, {"X-Error-Code": "RevisionNotFound"})
        return self._answer({})

    def preupload(self, body: bytes, repo: str, revision: str) -> None:
        if (found := self._writer(repo)) is None:
            return None
        there = found.files(revision) or {}
        files = []
        for one in json.loads(body)["files"]:
            name = there.get(one["path"])
            mode = "lfs" if one["path"].endswith(".parquet") or one["size"] > 10_000_000 else "regular"
            oid = self.server.pointers.get(name, name) if name else None
            files.append({"path": one["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return self._answer({"files": files})

    def batch(self, body: bytes, repo: str) -> None:
        if self._writer(repo) is None:
            return None
        objects = []
        for one in json.loads(body)["objects"]:
            entry = {"oid": one["oid"], "size": one["size"]}
            if one["oid"] not in self.server.large:
                entry["actions"] = {
                    "upload": {"href": f"{self.server.url}/lfs/{one['oid']}"},
                    "verify": {"href": f"{self.server.url}/lfs/{one['oid']}/verify"},
                }
            objects.append(entry)
        return self._answer({"transfer": "basic", "objects": objects})

    def upload(self, body: bytes, oid: str) -> None:
        if hashlib.sha256(body).hexdigest() != oid:
            return self._answer({"error": "another content"}, 400)
        self.server.large[oid] = body
        self.server.received.append(oid)
        return self._answer({}, 200, {"ETag": oid})

    def verify(self, body: bytes, oid: str) -> None:
        there = self.server.large.get(oid)
        asked = json.loads(body)
        self._answer({}, 200 if there is not None and len(there) == asked["size"] else 404)

    def commit(self, body: bytes, repo: str, revision: str) -> None:
        if (found := self._writer(repo)) is None:
            return None
        lines = [json.loads(line) for line in body.splitlines() if line]
        header = next(line["value"] for line in lines if line["key"] == "header")
        if revision not in found.branches:
            return self._answer({"error": "no revision"}, 404, {"X-Error-Code": "RevisionNotFound"})
        if header.get("parentCommit") not in (None, found.branches[revision]):
            return self._answer({"error": "A commit has happened since. Please refresh and try again."}, 412)
        files = dict(found.files(revision) or {})
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = self.server.store(base64.b64decode(value["content"]))
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.server.large:
                    return self._answer({"error": "LFS object does not exist"}, 400)
                files[value["path"]] = self.server.store_large(value["oid"])
            elif line["key"] == "deletedFile" and files.pop(value["path"], None) is None:
                return self._answer({"error": "A file with this name doesn't exist"}, 404)
        name = found.commit(revision, files, header["summary"])
        url = f"{self.server.url}/datasets/{repo}/commit/{name}"
        return self._answer({"success": True, "commitOid": name, "commitUrl": url, "pullRequestUrl": None})

    def validate(self, body: bytes) -> None:
        """The metadata rules that the Hub states for data cards, as far as ours use them."""
        content = json.loads(body)["content"]
        match = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        head = yaml.safe_load(match[1]) if match else {}
        wrong = []
        if head.get("license") not in LICENCES:
            wrong.append(f"license must be one of {sorted(LICENCES)}")
        if head.get("license") == "other" and not re.fullmatch(r"[a-z0-9.-]+", head.get("license_name", "")):
            wrong.append("license_name must be lowercase words")
        if not set(head.get("size_categories", [])) <= SIZES:
            wrong.append("size_categories")
        if not set(head.get("task_categories", [])) <= TASKS:
            wrong.append("task_categories")
        if not all(re.fullmatch("[a-z]{2,3}", one) for one in head.get("language", [])):
            wrong.append("language must be a list of ISO 639 codes")
        self._answer({"errors": [{"message": one} for one in wrong], "warnings": []}, 400 if wrong else 200)

    def resolve(self, body: bytes, repo: str, revision: str, path: str) -> None:
        if (found := self._repo(repo)) is None:
            return None
        if (files := found.files(revision)) is None:
            return self._answer({"error": "no revision"}, 404, {"X-Error-Code": "RevisionNotFound"})
        if path not in files:
            return self._answer({"error": "no entry"}, 404, {"X-Error-Code": "EntryNotFound"})
        name = files[path]
        content = self.server.content(name)
        etag = self.server.pointers.get(name, name)
        headers = {
            "ETag": f'"{etag}"', "X-Repo-Commit": found.branches.get(revision, revision),
            "X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(content)), "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }  # fmt: skip
        status = 200
        if (span := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))) is not None:
            first, last = int(span[1]), min(int(span[2] or len(content) - 1), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            content, status = content[first : last + 1], 206
        return self._answer(content, status, headers)

    def who(self, body: bytes) -> None:
        if not self._known():
            return self._answer({"error": "Invalid username or password."}, 401)
        return self._answer({"type": "user", "name": "ada", "orgs": [], "auth": {"accessToken": {"role": "write"}}})


API, REV = r"/api/datasets/(?P<repo>[^/]+/[^/]+)", r"(?P<revision>[^/]+)"
ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    (r"/api/repos/create", "POST", Handler.create),
    (r"/api/validate-yaml", "POST", Handler.validate),
    (r"/api/whoami-v2", "GET", Handler.who),
    (API, "GET", Handler.info),
    (rf"{API}/revision/{REV}", "GET", Handler.info),
    (rf"{API}/tree/{REV}(?P<below>/.*)?", "GET", Handler.tree),
    (rf"{API}/paths-info/{REV}", "POST", Handler.paths),
    (rf"{API}/refs", "GET", Handler.refs),
    (rf"{API}/branch/(?P<branch>[^/]+)", "POST", Handler.branch),
    (rf"{API}/branch/(?P<branch>[^/]+)", "DELETE", Handler.unbranch),
    (rf"{API}/preupload/{REV}", "POST", Handler.preupload),
    (rf"{API}/commit/{REV}", "POST", Handler.commit),
    (r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch", "POST", Handler.batch),
    (r"/lfs/(?P<oid>[0-9a-f]{64})", "PUT", Handler.upload),
    (r"/lfs/(?P<oid>[0-9a-f]{64})/verify", "POST", Handler.verify),
    (rf"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/{REV}/(?P<path>.+)", "GET", Handler.resolve),
]  # fmt: skip
