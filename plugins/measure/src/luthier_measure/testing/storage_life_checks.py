"""What every storage must do while others read, write and die; as functions that need no test runner."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from luthier_measure.errors import DataFolderError, RunNotFoundError
from luthier_measure.storage import RunEdit, RunQuery, new_run_id
from luthier_measure.testing.requiring import require_error
from luthier_measure.testing.sample_runs import add_line, completed, header, require_line, store_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.storage import Storage

    Factory = Callable[[Path], Storage]

__all__ = ["check_dying", "check_reading_while_writing", "check_writing_at_once", "check_wrong_calls"]


def check_reading_while_writing(make: Factory, folder: Path) -> None:
    """Check that whoever reads sees whole points in order, sooner or later each of them, and never a problem."""
    storage, another = make(folder), make(folder)
    writer = storage.create(header())
    seen: list[int] = []
    errors: list[BaseException] = []

    def read() -> None:
        try:
            outcome = "running"
            while outcome == "running":
                reader = another.open(writer.id)
                outcome = reader.outcome
                assert reader.problems == ()
                seen.append(require_line(reader, seen[-1] if seen else 0))
        except BaseException as error:  # noqa: BLE001 - shown by the thread that waits
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for first in range(0, 500, 25):
            add_line(writer, 25, first=first)
            writer.flush()
            assert another.open(writer.id).points("main") >= first + 25
    finally:
        writer.finish(completed())
        thread.join()
    assert errors == []
    assert seen[-1] == 500  # noqa: PLR2004 - all of them


def check_writing_at_once(make: Factory, folder: Path) -> None:
    """Check that several runs are written into one folder at once, by threads and storages of their own."""
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for _ in range(3):
                store_line(make(folder), 50, name=f"run {number}")
        except BaseException as error:  # noqa: BLE001 - shown by the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = make(folder).find(RunQuery())
    assert sorted(each.name for each in found) == sorted(f"run {number}" for number in range(4) for _ in range(3))
    assert {each.outcome for each in found} == {"completed"}


_CHILD = """
import importlib, itertools, sys
from pathlib import Path
from luthier_measure.testing.sample_runs import add_line, header
module, name = sys.argv[1].split(":")
storage = getattr(importlib.import_module(module), name)(Path(sys.argv[2]))
writer = storage.create(header()) if sys.argv[3] == "new" else storage.resume(sys.argv[3])
print(writer.id, flush=True)
for first in itertools.count(writer.points, 20):
    add_line(writer, 20, first=first)
    writer.flush()
    print(first + 20, flush=True)
"""


def check_dying(make: Factory, factory: str, folder: Path) -> None:
    """Check that what was flushed survives the death of the process; the run is interrupted, and can be gone on with.

    Parameters
    ----------
    make, factory
        What makes the storage of a folder, and its name (``module:name``) for another process.
    folder
        An empty folder.
    """
    storage = make(folder)
    run_id, least = "new", 0
    for lines in (4, 1):
        command = [sys.executable, "-c", _CHILD, factory, str(folder), run_id]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own
            assert child.stdout is not None
            run_id = child.stdout.readline().strip()
            printed = [child.stdout.readline() for _ in range(lines)]
            child.kill()
            least = max([least, *map(int, printed), *(int(line) for line in child.stdout if line.endswith("\n"))])
        reader = storage.open(run_id)
        assert (reader.outcome, reader.end, reader.problems) == ("interrupted", None, ())
        least = require_line(reader, least)
        assert [(each.outcome, each.points) for each in storage.find(RunQuery())] == [("interrupted", least)]
    writer = storage.resume(run_id)
    add_line(writer, 1, first=least)
    writer.finish(completed())
    reader = storage.open(run_id)
    assert (reader.outcome, require_line(reader, least + 1, least + 1), len(reader.continuations)) == (
        "completed",
        least + 1,
        2,
    )


def check_wrong_calls(make: Factory, folder: Path) -> None:
    """Check that what cannot be is refused by the error that the protocol names, and an empty folder stays empty."""
    storage = make(folder / "none")
    assert (storage.find(RunQuery()), storage.ids(), storage.rebuild()) == ([], [], 0)
    assert not (folder / "none").exists()
    asks: tuple[Callable[[str], object], ...] = (
        storage.open,
        storage.resume,
        lambda run_id: storage.edit(run_id, RunEdit(note="x")),
    )
    for ask in asks:
        error = require_error(RunNotFoundError, partial(ask, new_run_id()))
        assert error.run_id
    (folder / "file").write_bytes(b"")
    blocked = make(folder / "file" / "data")
    require_error(DataFolderError, lambda: blocked.create(header()))
