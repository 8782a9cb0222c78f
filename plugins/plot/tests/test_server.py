"""The server, asked over real sockets while a run grows in another process."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from luthier import ManualParameter
from luthier_measure import sweep
from luthier_measure.storage.folder import run_path
from luthier_plot import server as server_module
from luthier_plot.asking import BadQuestionError, read_question
from luthier_plot.server import PlotServer, PortError
from luthier_plot.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Iterator

GROWING = Path(__file__).with_name("growing_run.py")


@pytest.fixture
def growing(lab: Any) -> Iterator[Any]:
    """Give a function that starts a run in another process, which waits for a line in its middle."""
    started: list[subprocess.Popen[str]] = []

    def start(points: int = 1000, pause: float = 0) -> subprocess.Popen[str]:
        arguments = [sys.executable, str(GROWING), str(lab.folder), str(points), str(pause)]
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _get(url: str, path: str = "", *, host: str | None = None) -> tuple[int, bytes, Any]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=10)
    try:
        connection.request(
            "GET", path if path.startswith("/") else parts.path + path, headers={"Host": host} if host else {}
        )
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def _post(url: str, body: bytes | None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=10)
    try:
        connection.request("POST", f"{parts.path}news", body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _completed(reader: Any) -> bool:
    return reader.run is not None and reader.run["outcome"] == "completed"


def test_several_readers_see_a_run_of_another_process_grow_to_its_last_point(
    server: PlotServer, growing: Any, new_reader: Any
) -> None:
    process = growing()
    readers = [new_reader() for _ in range(3)]
    for reader in readers:
        reader.follow(server.url, lambda reader: bool(reader.run and reader.run["points"] == 501))
        assert reader.run["outcome"] == "running"
        assert len(reader.panels["y"].points["x"]) == 501
    _go_on(process)
    for reader in readers:
        reader.follow(server.url, _completed)
        assert reader.panels["y"].points["y"] == [2.0 * point for point in range(1000)]
        assert reader.run["planned"] == 1000


def test_news_of_a_long_run_are_only_what_is_new(server: PlotServer, growing: Any, reader: Any) -> None:
    process = growing(40_000)
    reader.follow(server.url, lambda reader: bool(reader.run and reader.run["points"] == 20_001))
    known = reader.panels["y"].known[1]
    _go_on(process)
    status, content = _post(server.url, reader.question())
    assert (status, known) == (200, 20_001)
    assert len(content) < 20_500 * 16
    reader.apply(content)
    reader.follow(server.url, _completed)
    assert reader.panels["y"].points["x"] == [float(point) for point in range(40_000)]


def test_the_next_run_is_shown_when_it_begins(lab: Any, server: PlotServer, reader: Any) -> None:
    reader.follow(server.url, lambda reader: "There is no run" in reader.message)
    for name in ("first", "second"):
        run = lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name=name)
        reader.follow(server.url, lambda reader, run=run: bool(reader.run and reader.run["id"] == run.id))
        reader.follow(server.url, _completed)
        assert (reader.run["name"], reader.message) == (name, "")


def test_a_run_that_is_removed_meanwhile_is_told_and_the_next_one_shown(
    lab: Any, server: PlotServer, growing: Any, reader: Any
) -> None:
    process = growing()
    reader.follow(server.url, lambda reader: bool(reader.panels))
    process.kill()
    process.communicate()
    run_path(lab.folder, reader.run["id"]).unlink()
    reader.follow(server.url, lambda reader: "not there any more" in reader.message)
    assert reader.panels["y"].points["x"]
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="next")
    reader.follow(server.url, lambda reader: bool(reader.run and reader.run["name"] == "next"))


def test_a_run_whose_process_was_killed_is_told_so(server: PlotServer, growing: Any, reader: Any) -> None:
    process = growing()
    reader.follow(server.url, lambda reader: bool(reader.panels))
    process.kill()
    reader.follow(server.url, lambda reader: reader.run["outcome"] == "interrupted")
    assert len(reader.panels["y"].points["x"]) == 501


def test_readers_that_vanish_or_dawdle_harm_nobody(
    lab: Any, server: PlotServer, new_reader: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server_module._Handler, "timeout", 0.2)
    lab.measure(sweep(lab.y, 0, 1, num=300), sweep(lab.x, 0, 1, num=300), lab.current)
    parts = urlsplit(server.url)
    question = new_reader().question()
    head = f"POST {parts.path}news HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(question)}\r\n\r\n".encode()
    address = ("127.0.0.1", parts.port or 0)
    with socket.create_connection(address) as dawdling, socket.create_connection(address) as silent:
        # It asks for two megabytes and takes none of them; the other says half of what it wants.
        dawdling.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        dawdling.sendall(head + question)
        silent.sendall(head[:20])
        for _ in range(20):
            with socket.create_connection(address) as vanishing:
                vanishing.sendall(head + question)
        reader = new_reader()
        reader.follow(server.url, lambda reader: bool(reader.panels) and len(reader.panels["current"].grid) == 90_000)
        silent.settimeout(10)
        assert silent.recv(10) == b""
    assert "Traceback" not in "".join(capfd.readouterr())


def test_more_connections_than_people_need_are_refused(server: PlotServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_MOST_CONNECTIONS", 4)
    address = ("127.0.0.1", urlsplit(server.url).port or 0)
    kept = [socket.create_connection(address, timeout=10) for _ in range(5)]
    try:
        assert kept[-1].recv(10) == b""
        kept.pop(0).close()
        while True:
            try:
                assert _get(server.url, "status")[0] == 200
                break
            except OSError:
                continue  # until the server has seen that one is closed
    finally:
        for connection in kept:
            connection.close()


@pytest.mark.parametrize("path", ["/", "/wrong/", "/wrong/news", "/../../etc/passwd", "//", "/%2e%2e/", "*"])
def test_without_the_token_nothing_is_answered(server: PlotServer, path: str) -> None:
    status, content, _ = _get(server.url, path if path.startswith("/") else f"/{path}")
    assert (status, content) == (403, b"Use the whole address that 'luthier watch' printed.\n")


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:80", "127.0.0.1.attacker.example", "localhost.evil:1"]
)
def test_by_a_foreign_name_nothing_is_answered(server: PlotServer, host: str) -> None:
    assert _get(server.url, host=host)[0] == 403
    assert _get(server.url, host="localhost:8000")[0] == 200


@pytest.mark.parametrize(
    "path", ["../server.py", "page/../../server.py", "%2e%2e/server.py", "page.js/", "/etc/passwd", "."]
)
def test_no_other_file_is_given_away(server: PlotServer, path: str) -> None:
    assert _get(server.url, f"{urlsplit(server.url).path}{path}")[0] == 404


@pytest.mark.parametrize(
    ("name", "beginning", "kind"),
    [
        ("", b"<!doctype html>", "text/html; charset=utf-8"),
        ("page.js", b'"use strict"', "text/javascript; charset=utf-8"),
        ("page.css", b":root", "text/css; charset=utf-8"),
        ("plotly.js", b"/**", "text/javascript"),
    ],
)
def test_the_page_comes_from_here_alone(server: PlotServer, name: str, beginning: bytes, kind: str) -> None:
    status, content, headers = _get(server.url, name)
    assert (status, headers["Content-Type"]) == (200, kind)
    assert content.startswith(beginning)
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 50_000,
        b'{"run": 7}',
        b'{"version": "x"}',
        b'{"version": true}',
        b'{"panels": []}',
        b'{"panels": {"a": ["b"]}}',
        b'{"panels": {"a": ["b", 1.5]}}',
        b'{"panels": {"a": [null, 1]}}',
        json.dumps({"run": "x" * 1000}).encode(),
        json.dumps({"panels": {str(number): ["", 0] for number in range(1000)}}).encode(),
        b"\xff\xfe",
    ],
)
def test_a_bad_question_is_refused_in_words(server: PlotServer, question: bytes) -> None:
    with pytest.raises(BadQuestionError):
        read_question(question)
    status, content = _post(server.url, question)
    assert status == 400
    assert content.startswith(b"This question is not understood")


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "999999999999", ""])
def test_a_question_of_no_sensible_length_is_refused_unread(server: PlotServer, length: str) -> None:
    assert _post(server.url, None, {"Content-Length": length})[0] == 400


def test_numbers_that_no_page_can_have_seen_bring_everything_anew(lab: Any, server: PlotServer, reader: Any) -> None:
    run = lab.measure(sweep(lab.x, 0, 1, num=5), lab.current)
    for rows in (-7, 3, 10**30):
        question = {"run": run.id, "version": 1, "panels": {"current": ["another", rows]}}
        reader.apply(_post(server.url, json.dumps(question).encode())[1])
        assert reader.panels["current"].points["x"] == run.dataset["x"].values.tolist()
    question = {"run": run.id, "version": 1, "panels": {"current": ["line", -3]}}
    assert _post(server.url, json.dumps(question).encode())[0] == 200


def test_a_port_that_is_busy_is_told(lab: Any, server: PlotServer) -> None:
    port = urlsplit(server.url).port or 0
    with pytest.raises(PortError, match=f"cannot listen on port {port} of 127.0.0.1: Address already in use"):
        PlotServer(Watching(lab.storage), port)


def test_it_listens_on_this_computer_only(server: PlotServer) -> None:
    assert server._http.server_address[0] == "127.0.0.1"


def test_a_reader_that_waits_is_answered_when_the_server_ends(lab: Any, reader: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=3), ManualParameter("y", float, initial=1.0))
    server = PlotServer(Watching(lab.storage))
    reader.follow(server.url, _completed)
    answered: list[int] = []
    waiting = threading.Thread(target=lambda: answered.append(_post(server.url, reader.question())[0]))
    before = server.last_asked
    waiting.start()
    while server.last_asked == before:
        threading.Event().wait(0.01)
    server.close()
    server.close()
    waiting.join(5)
    assert answered == [200]
