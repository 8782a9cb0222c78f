"""The root ``conftest.py`` fails a test that leaves something behind, and only that test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CULPRITS = """
import multiprocessing
import socket
import subprocess
import sys
import tempfile
import threading

import pytest

kept = []
finish = threading.Event()


def test_a_thread():
    kept.append(threading.Thread(target=finish.wait, name="forgotten", daemon=True))
    kept[-1].start()


def test_a_process():
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    kept.append(subprocess.Popen(command, stdin=subprocess.PIPE))


def test_a_socket():
    kept.append(socket.create_server(("127.0.0.1", 0)))


def test_a_file(tmp_path):
    kept.append((tmp_path / "forgotten.txt").open("w"))


@pytest.fixture
def forgetful():
    kept.append(socket.create_server(("127.0.0.1", 0)))


def test_a_fixture(forgetful):
    pass


@pytest.fixture(scope="module")
def shared():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_that_opens_a_shared_fixture(shared):
    pass


def test_nothing_after_culprits():
    pass


def test_everything_ended():
    thread = threading.Thread(target=finish.wait)
    thread.start()
    with subprocess.Popen([sys.executable, "-c", ""]), socket.socket(), tempfile.TemporaryFile():
        pass
    threading.Timer(0.1, finish.set).start()  # what was told to end may take a moment


@pytest.fixture(scope="module")
def shared_and_forgotten():
    kept.append(socket.create_server(("127.0.0.1", 0)))


def test_a_shared_fixture_for_the_last_time(shared_and_forgotten):
    pass
"""

LEFT = {
    "test_a_thread": "the thread 'forgotten'",
    "test_a_process": "the process ",
    "test_a_socket": "the socket ('127.0.0.1', ",
    "test_a_file": "forgotten.txt",
    "test_a_fixture": "the socket ('127.0.0.1', ",
    "test_a_shared_fixture_for_the_last_time": "the socket ('127.0.0.1', ",
}
SEEN_EVERYWHERE = {"test_a_thread", "test_a_process"}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what the conftest said about each of the culprits."""
    folder = tmp_path_factory.mktemp("culprits")
    patient = (ROOT / "conftest.py").read_text("utf-8")
    quick = patient.replace("GRACE = 3.0", "GRACE = 0.3")
    assert quick != patient
    (folder / "conftest.py").write_text(quick, "utf-8")
    (folder / "test_culprits.py").write_text(CULPRITS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", "-rE", "--tb=no", "."]
    wide = {**os.environ, "COLUMNS": "1000"}  # or the summary is cut off
    done = subprocess.run(command, cwd=folder, env=wide, capture_output=True, text=True, timeout=60, check=False)
    assert "9 passed" in done.stdout, done.stdout + done.stderr
    return dict(re.findall(r"^ERROR test_culprits\.py::(\w+) - (.*)$", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("culprit", LEFT)
def test_a_test_that_leaves_something_behind_fails_with_its_name(complaints: dict[str, str], culprit: str) -> None:
    if culprit not in SEEN_EVERYWHERE and not Path("/proc/self/fd").exists():
        pytest.skip("open files are listed on Linux only")
    assert LEFT[culprit] in complaints[culprit]


def test_only_the_culprits_fail(complaints: dict[str, str]) -> None:
    assert complaints.keys() <= LEFT.keys()
