"""Places where runs cannot be kept, or no longer: each gives one clear error, and what was stored stays."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier_measure import load, measure, runs, sweep
from luthier_measure.errors import DataFolderError

from .children import Child, run
from .messages import read_aloud, told

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENING = """
import os, sys
import luthier
from luthier import ManualParameter
from luthier.errors import LuthierError
from luthier_measure import measure, runs, sweep

def tell(what):
    try:
        return what()
    except LuthierError as error:
        print(type(error).__name__, flush=True)
        print(error, flush=True)
        return error
"""


@pytest.fixture
def psu() -> Iterator[Any]:
    with luthier.open("keysight.e36312a", "sim://", name="psu") as opened:
        opened.ch1.voltage(0.5)
        opened.ch1.output(True)
        yield opened


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that other users can reach, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.rglob("*"):
            path.chmod(0o755)


@pytest.mark.parametrize("inside", ["", "deeper/still"])
def test_a_file_where_the_folder_should_be(psu: Any, tmp_path: Path, inside: str) -> None:
    (tmp_path / "data").write_text("not a folder")
    folder = tmp_path / "data" / inside
    told(
        DataFolderError,
        lambda: measure(sweep(psu.ch1.voltage, 1, 2, num=3), psu.ch1.measured_voltage, folder=folder),
        str(tmp_path / "data"),
        "cannot make the run's file",
        "No run was started.",
        "Choose a folder that you may write to",
        "LUTHIER_DATA",
    )
    assert psu.ch1.voltage() == 0.5
    assert (tmp_path / "data").read_text() == "not a folder"


def test_listing_a_file_says_that_it_is_none_of_runs(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    told(DataFolderError, lambda: runs(folder=tmp_path / "data"), str(tmp_path / "data"), "no folder", "LUTHIER_DATA")
    assert runs(folder=tmp_path / "nowhere") == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no permission bits there")
def test_a_folder_that_may_only_be_read(place: Path) -> None:
    folder = place / "data"
    made = run(
        f"{OPENING}\nx = ManualParameter('x', float)\nprint(measure(sweep(x, 0, 1, num=11), x).id)\n", folder
    ).lines[0]
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = run(
        f"""{OPENING}
x = ManualParameter("x", float)
print(len(measure(sweep(x, 0, 1, num=11), x, folder=sys.argv[1]).dataset.x))  # imports what is needed
if os.getuid() == 0:
    os.setuid(65534)  # the superuser may write everywhere
with luthier.open("keysight.e36312a", "sim://", name="psu") as psu:
    psu.ch1.voltage(0.5)
    psu.ch1.output(True)
    tell(lambda: measure(sweep(psu.ch1.voltage, 1, 2, num=3), psu.ch1.measured_voltage))
    print(psu.ch1.voltage(), [(run.id, run.outcome, len(run.dataset.x)) for run in runs()])
""",
        folder,
        place / "elsewhere",
        strict=True,
    )
    assert (done.code, done.err) == (0, "")
    points, kind, message, state = done.lines
    assert (points, kind) == ("11", "DataFolderError")
    read_aloud(message, str(folder), "Permission denied", "No run was started.", "Choose a folder", "LUTHIER_DATA")
    assert state == f"0.5 [('{made}', 'completed', 11)]"


MEASURING_UNTIL_FULL = f"""{OPENING}
with luthier.open("keysight.e36312a", "sim://", name="psu") as psu:
    psu.ch1.output(True)
    number = 0

    def padding():
        global number
        number += 1
        if number == 1 and sys.argv[1] == "limit":
            import resource, signal

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        return [float(number)] * 1000

    voltage = psu.ch1.voltage
    error = tell(
        lambda: measure(
            sweep(voltage, 0, 6, num=601, delay=0.01), psu.ch1.measured_voltage, padding, name="too much"
        )
    )
    print(number, error.unstored, voltage() == voltage.cache.value, psu.idn.model)
"""


def check_full(folder: Path, done: Any, why: str) -> None:
    assert (done.code, done.err) == (0, "")
    kind, message, state = done.lines
    (found,) = runs(folder=folder)
    assert kind == "StorageWriteError"
    read_aloud(
        message, found.id, str(folder), f"cannot write: {why}", "could not be stored", "are kept", "Free some space"
    )
    number, unstored, *rest = state.split()
    assert rest == ["True", "E36312A"]
    stored = load(found.id, folder=folder)
    assert 0 < stored.points == int(number) - int(unstored)
    assert f"; {unstored} point" in message
    assert (stored.name, stored.outcome, stored.problems) == ("too much", "interrupted", ())
    table = stored.table()
    assert table.columns["padding"][:, 0].tolist() == [float(n) for n in range(1, stored.points + 1)]
    assert table.columns["psu_ch1_voltage"] == pytest.approx(table.columns["psu_ch1_measured_voltage"])


@pytest.mark.skipif(sys.platform == "win32", reason="files have no limit there")
def test_a_file_that_may_not_grow_any_more(tmp_path: Path) -> None:
    check_full(tmp_path, run(MEASURING_UNTIL_FULL, tmp_path, "limit", strict=True), "File too large")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of a megabyte, where this process may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(b"none", os.fsencode(disk), b"tmpfs", 0, b"size=1m"):
        pytest.skip(f"a disk can be mounted by the superuser only: {os.strerror(ctypes.get_errno())}")
    yield disk
    library.umount2(os.fsencode(disk), 2)


@pytest.mark.skipif(sys.platform != "linux", reason="disks are mounted in another way there")
def test_a_disk_that_becomes_full(small_disk: Path) -> None:
    folder = small_disk / "data"
    done = run(MEASURING_UNTIL_FULL, folder, "disk", strict=True)
    check_full(folder, done, "No space left on device")
    (small_disk / "rest").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    done = run(MEASURING_UNTIL_FULL.partition("    print(number")[0], folder, "disk", strict=True)
    assert (done.code, done.err) == (0, "")
    kind, message = done.lines
    assert kind == "DataFolderError"
    read_aloud(message, str(folder), "No space left on device", "No run was started.")
    assert len(runs(folder=folder)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be removed there")
def test_a_folder_that_is_removed_while_a_run_goes_on(tmp_path: Path) -> None:
    script = f"""{OPENING}
x = ManualParameter("x", float)

def number():
    if x() == 10:
        print("measuring", flush=True)
        sys.stdin.readline()
    return x()

run = measure(sweep(x, 0, 400, num=401, delay=0.005), number)
print(run.id, run.outcome, run.points, len(run.dataset.x), flush=True)
"""
    folder = tmp_path / "data"
    with Child(script, folder) as child:
        assert child.line() == "measuring"
        shutil.rmtree(folder)
        child.say("go on")
        done = child.end()
    assert done.code == 0
    run_id, *facts = done.lines[0].split()
    assert facts == ["completed", "401", "401"]
    assert [each.id for each in runs(folder=folder)] == [run_id]
    assert load(run_id, folder=folder).table().columns["number"].tolist() == [float(n) for n in range(401)]
    read_aloud(done.err.strip(), run_id, "was removed or replaced while the run was going on", "nothing is lost")


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be removed there")
def test_a_folder_that_is_removed_and_cannot_be_made_again(tmp_path: Path) -> None:
    script = f"""{OPENING}
x = ManualParameter("x", float)

def number():
    if x() == 10:
        print("measuring", flush=True)
        sys.stdin.readline()
    return x()

error = tell(lambda: measure(sweep(x, 0, 10_000, num=10_001, delay=0.005), number))
print(x() < 10_000, flush=True)
"""
    folder = tmp_path / "data"
    with Child(script, folder) as child:
        assert child.line() == "measuring"
        shutil.rmtree(folder)
        folder.write_text("in the way")
        child.say("go on")
        done = child.end()
    assert (done.code, done.err) == (0, "")
    kind, message, state = done.lines
    assert (kind, state) == ("StorageWriteError", "True")
    read_aloud(message, str(folder), "cannot write", "choose another folder")
