"""The review page's server: whom it answers, what it serves, what a verdict needs."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotate.dataset.verdicts import VerdictJournal
from annotate.report.review.server import HOST, Server
from annotate.report.review.session import Session
from review.conftest import served

HEADERS = {"Content-Type": "application/json"}


def ask(
    server: Server, path: str, *, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """A request below the key, with whatever headers a browser or an attacker would send."""
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=60)
    content = json.dumps(body).encode() if body is not None else None
    connection.request(method, path, content, {**(HEADERS if body is not None else {}), **(headers or {})})
    answer = connection.getresponse()
    found = answer.read()
    connection.close()
    return answer.status, found, {name.lower(): value for name, value in answer.getheaders()}


def below(server: Server, path: str, **how: Any) -> tuple[int, bytes, dict[str, str]]:
    return ask(server, f"/{server.key}/{path}", **how)


def said(server: Server, path: str, **how: Any) -> Any:
    return json.loads(below(server, path, **how)[1])


@pytest.fixture
def own(output: Path, tmp_path: Path) -> Iterator[Server]:
    """A review of a copy, to give verdicts in."""
    shutil.copytree(output, tmp_path / "out")
    yield from served(tmp_path / "out")


def test_it_listens_on_loopback_only(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    for address in {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}:
        if not str(address).startswith("127."):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((address, server.server_port), timeout=2)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "0.0.0.0:{port}"])
def test_foreign_hosts_are_refused(server: Server, host: str) -> None:
    status, body, _ = below(server, "api/state", headers={"Host": host.format(port=server.server_port)})
    assert status == 421
    assert b"clips" not in body


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_foreign_origins_are_refused(own: Server, origin: str, method: str) -> None:
    headers = {"Origin": origin.format(port=own.server_port)}
    clip = own.session.clips.all[0]
    body = {"number": 0, "kind": "accept", "of": clip.of, "reviewer": "eve"} if method == "POST" else None
    path = "api/verdict" if method == "POST" else "api/clips"
    assert below(own, path, method=method, body=body, headers=headers)[0] == 403
    assert not own.session.journal.path.exists()


def test_requests_that_a_browser_calls_cross_site_are_refused(server: Server) -> None:
    assert below(server, "api/state", headers={"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert below(server, "api/state", headers={"Sec-Fetch-Site": "same-origin"})[0] == 200
    # a link in a terminal that is itself a web page: the address, with its key, is followed to the page
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert below(server, "", headers=followed)[0] == 200
    assert ask(server, "/", headers=followed)[0] == 404


def test_a_form_of_another_page_cannot_post(own: Server) -> None:
    headers = {"Content-Type": "text/plain"}
    assert below(own, "api/verdict", method="POST", body={"number": 0}, headers=headers)[0] == 415


@pytest.mark.parametrize("path", ["/", "/api/state", "/wrong-key/api/state", "/wrong-key/", "//", "*"])
def test_without_the_key_there_is_nothing(server: Server, path: str) -> None:
    assert ask(server, path)[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "../recipe.yaml", "..%2frecipe.yaml", "%2e%2e/%2e%2e/etc/passwd", "recipe.yaml", "README.md", "data/",
        "audio/../../recipe.yaml", "audio/-1", "audio/999999", "audio/0/../../x", "curves/..", "api/clip/1e3",
        "review.html", "work/lock",
        "audio//etc/passwd", "/etc/passwd", "file:///etc/passwd", "review.js/../review.css", "report.html.jinja2",
    ],
)  # fmt: skip
def test_no_file_is_served_by_its_name(server: Server, path: str) -> None:
    status, body, _ = below(server, path)
    assert status == 404, body[:200]


def test_what_is_served_says_how_it_may_be_used(server: Server) -> None:
    for path in ("", "review.js", "review.css", "api/state", "audio/0", "curves/0"):
        status, _, headers = below(server, path)
        assert status == 200, path
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


def test_other_methods_and_long_bodies_are_refused(server: Server) -> None:
    assert below(server, "api/state", method="PUT")[0] == 501
    assert below(server, "api/check", method="POST", body={"caption": "x" * 30_000})[0] == 413
    for length in ("-1", "abc"):
        assert below(server, "api/check", method="POST", headers={"Content-Length": length})[0] in (400, 413)


def test_players_can_seek(server: Server) -> None:
    _, whole, headers = below(server, "audio/3")
    assert headers["content-type"] == "audio/wav"
    status, part, headers = below(server, "audio/3", headers={"Range": "bytes=10-19"})
    assert (status, part) == (206, whole[10:20])
    assert headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert below(server, "audio/3", headers={"Range": f"bytes={len(whole)}-"})[0] == 416


def test_a_verdict_is_saved_at_once_and_undone(own: Server) -> None:
    first = said(own, "api/clips?show=all")["clips"][0]
    clip = said(own, f"api/clip/{first['number']}?reviewer=ann")
    given = {"number": clip["number"], "of": clip["of"], "reviewer": " ann  lee "}
    assert said(own, "api/verdict", method="POST", body={**given, "kind": "reject"})["saved"]
    folder = own.session.journal.path.parent
    assert [one.kind for one in VerdictJournal(folder).standing()[clip["id"]]] == ["reject"]
    assert said(own, f"api/clip/{first['number']}?reviewer=ann lee".replace(" ", "%20"))["mine"]["kind"] == "reject"
    assert said(own, "api/state")["judged"] == 1
    undone = said(own, "api/undo", method="POST", body={"reviewer": "ann lee"})
    assert undone == {"undone": True, "number": first["number"], "kind": "reject"}
    assert not VerdictJournal(folder).standing()
    assert not said(own, "api/undo", method="POST", body={"reviewer": "ann lee"})["undone"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "delete"}, {"reviewer": ""}, {"reviewer": "x" * 81}, {"reviewer": None}, {"number": -1},
        {"number": 60},
        {"number": True}, {"number": "0"}, {"of": "another"}, {"kind": "edit", "caption": ""}, {"kind": "edit"},
        {"kind": "edit", "caption": "She is a man with a loud, quiet, angry and cheerful voice."},
        {"kind": "edit", "caption": "x" * 2001},
    ],
)  # fmt: skip
def test_what_is_no_verdict_is_refused_with_a_reason(own: Server, wrong: dict[str, Any]) -> None:
    good = {"number": 0, "of": own.session.clips.all[0].of, "reviewer": "ann", "kind": "accept"}
    status, body, _ = below(own, "api/verdict", method="POST", body=good | wrong)
    assert status == 422
    assert json.loads(body)["error"]
    assert not own.session.journal.path.exists()


def test_a_wording_is_checked_as_it_is_typed(server: Server) -> None:
    clips = server.session.clips
    number = next(number for number in range(len(clips.all)) if clips.row(number)["volume"] == "loud")
    true = said(server, "api/check", method="POST", body={"number": number, "caption": "It is a loud voice."})
    assert not true["refused"]
    loud = next(one for one in true["claims"] if one["claim"] == "volume")
    assert loud["holds"]
    assert "LUFS" in loud["because"]
    assert "".join(span["text"] for span in true["spans"]) == "It is a loud voice."
    false = said(server, "api/check", method="POST", body={"number": number, "caption": "It is a quiet voice."})
    assert false["refused"]
    assert false["verdict"] == "contradiction"
    assert "volume is loud" in " ".join(false["faults"])


def test_filters(own: Server) -> None:
    session = own.session
    for number, kind, reviewer in [
        (3, "accept", "ann"),
        (3, "reject", "bob"),
        (7, "flag", "ann"),
        (9, "accept", "ann"),
    ]:
        of = session.clips.all[number].of
        session.verdict({"number": number, "kind": kind, "of": of, "reviewer": reviewer})

    def numbers(query: str) -> list[int]:
        return [clip["number"] for clip in said(own, f"api/clips?{query}")["clips"]]

    assert numbers("show=disagreed") == [3]
    assert numbers("show=flagged") == [7]
    assert numbers("show=judged") == [3, 7, 9]
    assert len(said(own, "api/clips?show=open&reviewer=ann")["order"]) == 57
    doubtful = said(own, "api/clips?show=doubtful")["order"]
    assert doubtful[:2] == [3, 7]
    assert doubtful[-1] == 9
    near = [session.clips.all[number].near for number in doubtful[2:-1] if session.clips.all[number].facts["caption"]]
    assert near == sorted(near)
    angry = said(own, "api/clips?show=all&emotion=anger")
    assert {clip["emotion"] for clip in angry["clips"]} == {"anger"}
    assert numbers("show=all&text=03-01-05-01-01-01-01")
    assert said(own, "api/state")["agreement"] == {"captions": 1, "same": 0, "alpha": 0.0}
    assert said(own, "api/clips?show=nonsense&start=x")["total"] == 60


def test_the_data_under_it_may_vanish(own: Server) -> None:
    shutil.rmtree(own.session.journal.path.parent / "data")
    status, body, _ = below(own, "api/clip/5")
    assert status == 500
    assert "start the review again" in json.loads(body)["error"]
    assert below(own, "api/state")[0] == 200


def test_what_is_no_output(tmp_path: Path) -> None:
    from annotate.cli.annotate import main

    assert main(["review", str(tmp_path)]) == 1


def test_its_pipe_stays_open_until_loop_and_workers_have_ended(output: Path) -> None:
    with Server(Session(output)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        assert below(server, "api/state")[0] == 200
        server.shutdown()
        thread.join()
        server.shutdown()  # wakes nobody, and writes into no file that has the pipe's number now
    with pytest.raises(ConnectionRefusedError):
        ask(server, "/")
