"""One process has an address at a time, and frees it however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import pytest
from luthier import hardware
from luthier.errors import BusyError, ConfigurationError
from luthier.hardware import reserve, take_away_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOLDER = """
import sys
from luthier.hardware import reserve
give_back = reserve("GPIB0::24::INSTR", instrument="smu", address="gpib::24")
print("has it", flush=True)
sys.stdin.readline()
give_back()
print("gave it back", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "run"
    monkeypatch.setenv("LUTHIER_RUNTIME_DIR", str(place))
    monkeypatch.setattr(hardware, "_FREEING", 0.2)
    return place


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "has it\n"
    yield process
    process.kill()
    process.communicate()


def mine() -> Callable[[], None]:
    return reserve("GPIB0::24::INSTR", instrument="here", address="GPIB::24::INSTR")


def test_another_process_is_refused_with_the_holder_and_its_time(holder: subprocess.Popen[str]) -> None:
    with pytest.raises(
        BusyError,
        match=rf"the hardware at GPIB::24::INSTR is in use by smu in -c \(process {holder.pid}\) since 20\d\d-",
    ) as caught:
        mine()
    assert "Nothing was opened. Close it there, or open it with server_name=" in str(caught.value)
    assert 'transport_options={"shared": True}' in str(caught.value)
    reserve("GPIB0::25::INSTR", instrument="other", address="GPIB::25")()


def test_it_is_free_when_the_other_gave_it_back(holder: subprocess.Popen[str], folder: Path) -> None:
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "gave it back\n"
    give_back = mine()
    assert [path.suffix for path in folder.iterdir()] == [".held"]
    give_back()
    assert list(folder.iterdir()) == []


def test_it_is_free_when_the_other_was_killed(holder: subprocess.Popen[str], folder: Path) -> None:
    holder.kill()
    holder.wait()
    assert len(list(folder.iterdir())) == 1
    mine()()
    assert list(folder.iterdir()) == []


def test_what_the_killed_left_is_taken_away_and_what_lives_is_not(holder: subprocess.Popen[str], folder: Path) -> None:
    take_away_leftovers()
    assert len(list(folder.iterdir())) == 1
    with pytest.raises(BusyError):
        mine()
    holder.kill()
    holder.wait()
    take_away_leftovers()
    assert list(folder.iterdir()) == []


def test_one_process_may_have_it_twice_and_gives_it_back_with_the_last(folder: Path) -> None:
    first, second = mine(), mine()
    first()
    first()  # twice is fine
    assert len(list(folder.iterdir())) == 1
    second()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_process_frees_nothing_of_its_parents() -> None:
    give_back = mine()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        give_back()
        try:
            mine()
        except BusyError:
            os._exit(7)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    give_back()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_a_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    with pytest.raises(ConfigurationError, match="can be entered by others"):
        mine()
