"""The tutorial's classes in a real notebook kernel, and in a plain script."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
WHOLE = (ROOT / "docs/tutorial/meta.py").read_text("utf-8")
CLASSES = WHOLE[: WHOLE.index("def seconds(")].replace("DELAY = 0.3", "DELAY = 0.01")

PLACES = {"one server": ("foo", "foo", "foo"), "three servers": ("s1", "s2", "s3")}

USE = """
base1 = MyInstrument("one", server_name={0!r})
base2 = MyInstrument("two", server_name={1!r})
meta = Meta("meta", instruments=[base1, base2], server_name={2!r})
meta.c0.set(25)
meta.setBothAsync(7)
meta.c1.set(8)
print(base1.x.get(), base2.x.get(), meta.c0.get(), meta.c1.get(), isinstance(base1, MyInstrument))
"""
CLOSE = """
servers = {one.server.name: one.server for one in (base1, base2, meta)}
for server in servers.values():
    server.stop()
"""
LATER = """
class Later(Instrument):
    def __init__(self, name, **kwargs):
        super().__init__(name, **kwargs)
        self._members = []

    def add_member(self, member):
        number = len(self._members)
        self._members.append(member)
        self.add_parameter(f"c{{number}}", get_cmd=partial(member.get, "x"), set_cmd=partial(member.set, "x"))

meta = Later("later", server_name={2!r})
base1 = MyInstrument("one", server_name={0!r})
base2 = MyInstrument("two", server_name={1!r})
meta.add_member(base1)
meta.add_member(base2)
meta.c1.set(25)
print(base1.x.get(), base2.x.get(), meta.c1.get())
"""

ELSEWHERE = """
import luthier, sys
one = luthier.connect({0!r}, "one")
print(one.x.cache.value, flush=True)
import threading
heard = threading.Event()
with one.x.subscribe(lambda change: heard.set() if change.value == 77 else None):
    print("listening", flush=True)
    assert heard.wait(20)
print(one.x.cache.value, one.x.get(), flush=True)
"""


class Notebook:
    """A kernel, and the cells that are sent to it."""

    def __init__(self, folder: Path) -> None:
        driver = Path(__file__).with_name("kernel.py")
        self._process = subprocess.Popen(
            [sys.executable, str(driver), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, cell: str) -> str:
        """Execute a cell, and return what it prints."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(cell) + "\n")
        self._process.stdin.flush()
        answer: dict[str, str] = json.loads(self._process.stdout.readline())
        assert answer["failed"] == ""
        return answer["printed"]

    def end(self) -> None:
        """Shut the kernel down in order."""
        try:
            self._process.communicate(timeout=30)
        finally:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path_factory.mktemp("r")
    place.chmod(0o700)
    monkeypatch.setenv("LUTHIER_RUNTIME_DIR", str(place))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    return place


@pytest.fixture
def notebook(folder: Path, tmp_path: Path) -> Iterator[Notebook]:
    del folder
    opened = Notebook(tmp_path)
    yield opened
    opened.end()


@pytest.mark.slow
def test_the_tutorial_works_in_a_notebook_on_one_server_and_on_several(notebook: Notebook, folder: Path) -> None:
    notebook.run(CLASSES)
    for servers in PLACES.values():
        assert notebook.run(USE.format(*servers)) == "7 8 7 8 True"
        assert notebook.run(USE.format(*servers)) == "7 8 7 8 True"  # a cell that is run again
        listener = subprocess.Popen(
            [sys.executable, "-c", ELSEWHERE.format(servers[0])], stdout=subprocess.PIPE, text=True
        )
        assert listener.stdout is not None
        assert listener.stdout.readline() == "7\n"
        assert listener.stdout.readline() == "listening\n"
        notebook.run("meta.c0.set(77)")
        out, _ = listener.communicate(timeout=30)
        assert out == "77 77\n"
        notebook.run(CLOSE)
        assert notebook.run(LATER.format(*servers)) == "0 25 25"
        notebook.run(CLOSE)
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_a_kernel_that_is_shut_down_takes_its_servers_with_it(folder: Path, tmp_path: Path) -> None:
    opened = Notebook(tmp_path)
    try:
        opened.run(CLASSES)
        opened.run(USE.format(*PLACES["three servers"]))
        assert len(list(folder.glob("*.lock"))) == 3
    finally:
        opened.end()
    deadline = time.monotonic() + 15
    while list(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("servers", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(("use", "printed"), [(USE, "7 8 7 8 True\n"), (LATER, "0 25 25\n")])
def test_the_tutorial_works_as_a_script(
    servers: tuple[str, str, str], use: str, printed: str, folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(CLASSES + use.format(*servers), "utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
    assert re.sub(r"\s", "", done.stderr) == ""
    assert list(folder.iterdir()) == []
