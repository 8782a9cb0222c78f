"""Disks that are full, folders that are read-only or vanish, files that are damaged, foreign or newer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier_measure.arrow.reader import ArrowRunReader
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.errors import (
    DamagedRunError,
    DamagedRunWarning,
    DataFolderError,
    NewerFormatError,
    NotARunFileError,
    StorageError,
    UnknownTableError,
)
from luthier_measure.run import Run
from luthier_measure.storage import RunQuery, new_run_id
from luthier_measure.storage.folder import run_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.errors import LuthierError
    from luthier_measure.arrow.writer import ArrowRunWriter

PRELUDE = """
import json, os, sys, time
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.storage import *

layout = Layout((Column("x", "setpoint", "float64"),), (Table("main", (Dimension("x", None, ("x",)),), ("x",)),))
storage = ArrowStorage(sys.argv[1])

def begin():
    return storage.create(RunHeader(new_run_id(), "test", time.time(), layout))
"""


def run_script(script: str, folder: Path) -> Any:
    """Run a script in a process of its own; it prints its result as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(script), str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = begin()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
add = writer.appender("main")
number = 0
while not writer.failures:
    add((time.time(), number, float(number)))
    number += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_on_a_full_disk_everything_before_is_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    result = run_script(
        FULL_DISK
        + """
try:
    writer.finish(RunEnd("failed", time.time()))
except Exception as error:
    print(json.dumps([writer.id, number, type(error).__name__, str(error), error.unstored, str(writer.failures[0])]))
        """,
        tmp_path,
    )
    run_id, added, error_type, message, unstored, first = result
    assert error_type == "StorageWriteError"
    assert f"{unstored} points of run {run_id} could not be stored" in message
    assert "are kept and can be read" in message
    assert "Free some space" in message
    assert "cannot write" in first
    reader = ArrowStorage(tmp_path).open(run_id)
    assert (reader.outcome, reader.problems) == ("interrupted", ())
    assert reader.points("main") == added - unstored > 0
    assert reader.read("main").columns["x"].tolist() == [float(n) for n in range(added - unstored)]


@pytest.mark.skipif(sys.platform == "win32", reason="files have no limit there")
def test_a_disk_that_is_full_already_begins_no_run_and_leaves_nothing_behind(tmp_path: Path) -> None:
    error_type, message = run_script(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        try:
            begin()
        except Exception as error:
            found = [type(error).__name__, str(error)]
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(json.dumps(found))
        """,
        tmp_path,
    )
    assert error_type == "DataFolderError"
    assert "File too large. No run was started." in message
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_when_space_is_made_before_the_end_nothing_is_lost(tmp_path: Path) -> None:
    run_id, added = run_script(
        FULL_DISK
        + """
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.finish(RunEnd("failed", time.time()))
print(json.dumps([writer.id, number]))
        """,
        tmp_path,
    )
    reader = ArrowStorage(tmp_path).open(run_id)
    assert (reader.outcome, reader.problems) == ("failed", ())
    assert reader.read("main").columns["x"].tolist() == [float(n) for n in range(added)]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that another user can reach, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.rglob("*"):
            path.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no permission bits there")
def test_in_a_read_only_folder_no_run_begins_and_stored_runs_are_listed(
    open_folder: Path, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    folder = open_folder / "data"
    storage = ArrowStorage(folder)
    writer = storage.create(make_header())
    run_id = writer.id
    add_points(writer, 3)
    writer.finish(completed_end())
    storage.find(RunQuery())
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    error_type, message, listed, points = run_script(
        """
        if os.getuid() == 0:
            os.setuid(65534)  # the superuser may write everywhere
        try:
            begin()
        except Exception as error:
            ids = [each.id for each in storage.find(RunQuery())]
            points = storage.open(ids[0]).points("main")
            print(json.dumps([type(error).__name__, str(error), ids, points]))
        """,
        folder,
    )
    assert error_type == "DataFolderError"
    assert "Permission denied" in message
    assert "No run was started." in message
    assert "LUTHIER_DATA" in message
    assert (listed, points) == ([run_id], 3)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no permission bits there")
def test_folders_that_cannot_be_read_are_told_of_and_the_others_are_listed(
    open_folder: Path, make_header: Any, completed_end: Any
) -> None:
    folder = open_folder / "data"
    writer = ArrowStorage(folder).create(make_header())
    writer.finish(completed_end())
    for name in ("1999/01/01", "1998/01", "1997"):
        shut = folder / "runs" / name
        shut.mkdir(parents=True)
        shut.chmod(0)
    listed, told = run_script(
        """
        import warnings
        if os.getuid() == 0:
            os.setuid(65534)  # the superuser may read everything
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ids = [each.id for each in storage.find(RunQuery())]
        print(json.dumps([ids, [str(each.message) for each in caught]]))
        """,
        folder,
    )
    assert listed == [writer.id]
    (message,) = told
    assert "3 files and folders among the runs could not be read" in message
    assert "Permission denied" in message


def test_where_a_file_stands_in_the_way_no_run_begins(tmp_path: Path, make_header: Any) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(DataFolderError, match="No run was started"):
        ArrowStorage(tmp_path / "data").create(make_header())
    assert threading.active_count() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be removed there")
def test_a_folder_that_is_removed_while_a_run_goes_on_is_made_again(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any, caplog: pytest.LogCaptureFixture
) -> None:
    writer = storage.create(make_header())
    add_points(writer, 10)
    writer.flush()
    shutil.rmtree(storage.folder)
    path = run_path(storage.folder, writer.id)
    deadline = time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        add_points(writer, 1, first=writer.points)
        writer.flush()
    assert storage.open(writer.id).outcome == "running"
    add_points(writer, 5, first=writer.points)
    writer.finish(completed_end())
    reader = storage.open(writer.id)
    assert reader.read("main").columns["x"].tolist() == [float(n) for n in range(writer.points)]
    assert [each.id for each in storage.find(RunQuery())] == [writer.id]
    assert "was removed or replaced while the run was going on" in caplog.text


@pytest.fixture
def unfinished(storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any) -> tuple[Path, bytes]:
    """Give the contents of a run's file with five batches of four points and no end, and a place to put them."""
    writer: ArrowRunWriter = storage.create(make_header())
    for batch in range(5):
        add_points(writer, 4, first=4 * batch)
        writer.flush()
    contents = run_path(storage.folder, writer.id).read_bytes()
    writer.finish(completed_end())
    return run_path(storage.folder, new_run_id()), contents


def test_a_file_cut_off_anywhere_is_read_up_to_its_last_whole_batch(unfinished: tuple[Path, bytes]) -> None:
    path, contents = unfinished
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = []
    for length in range(len(contents), 0, -8):
        path.write_bytes(contents[:length])
        try:
            reader = ArrowRunReader(path)
        except DamagedRunError:
            break
        assert (reader.outcome, reader.problems) == ("interrupted", ())
        counts.append(reader.points("main"))
        assert reader.read("main").columns["x"].tolist() == [float(n) for n in range(counts[-1])]
    assert sorted(set(counts)) == [0, 4, 8, 12, 16, 20]
    assert counts == sorted(counts, reverse=True)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_damaged_a_reader_gives_right_points_or_one_clear_error(
    data: st.DataObject, damage_target: tuple[Path, bytes]
) -> None:
    path, contents = damage_target
    damaged = bytearray(contents)
    start = data.draw(st.integers(0, len(contents) - 1))
    junk = data.draw(st.one_of(st.just(bytes(64)), st.binary(min_size=1, max_size=64)))
    damaged[start : start + len(junk)] = junk
    path.write_bytes(damaged)
    with suppress(StorageError):
        table = ArrowRunReader(path).read("main")
        assert len(table.times) in range(21)


def test_a_table_whose_name_was_hit_is_one_clear_error(damage_target: tuple[Path, bytes]) -> None:
    path, contents = damage_target
    path.write_bytes(contents.replace(b'"main"', b'"mai "'))
    with pytest.raises(UnknownTableError) as caught:
        ArrowRunReader(path).read("main")
    assert str(caught.value).startswith(f"{path}: no table 'main'; there is 'mai '. The description in the bytes 0 to ")
    assert "does not agree with its checksum" in str(caught.value)
    assert (caught.value.table, caught.value.tables) == ("main", ("mai ",))
    with pytest.raises(UnknownTableError, match="no table 'main'"):
        ArrowRunReader(path).points("main")


@pytest.fixture(scope="module")
def damage_target(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Give the same for tests that are too many for a run each."""
    folder = tmp_path_factory.mktemp("damaged")
    run_id = run_script(
        """
        writer = begin()
        for number in range(20):
            writer.appender("main")((time.time(), number, float(number)))
            writer.flush()
        print(json.dumps(writer.id))
        sys.stdout.flush()
        os._exit(0)
        """,
        folder,
    )
    path = run_path(folder, str(run_id))
    return path, path.read_bytes()


def test_zeros_that_a_loss_of_power_left_are_not_taken_for_points(unfinished: tuple[Path, bytes]) -> None:
    path, contents = unfinished
    path.parent.mkdir(parents=True, exist_ok=True)
    last_values = contents.rindex(np.arange(16.0, 20.0).tobytes())
    path.write_bytes(contents[:last_values] + bytes(len(contents) - last_values))
    reader = ArrowRunReader(path)
    assert reader.points("main") == 16
    assert "does not agree with its checksum" in reader.problems[0]
    path.write_bytes(contents + bytes(1000))
    reader = ArrowRunReader(path)
    assert reader.points("main") == 20
    assert "cannot be read" in reader.problems[0]


def test_damage_in_a_finished_run_is_found_before_a_point_of_it_is_read(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run(points=10)
    path = run_path(storage.folder, run_id)
    contents = path.read_bytes()
    values = contents.index(np.arange(10.0).tobytes())
    path.write_bytes(contents[: values + 8] + b"\x01" + contents[values + 9 :])
    problems = storage.open(run_id).problems
    assert "checksum" in problems[0]
    assert "Of the 10 points of the table 'main', 0 are there." in problems[1]
    reader = storage.open(run_id)
    assert len(reader.read("main").times) == 0
    assert reader.problems == problems
    with pytest.warns(DamagedRunWarning, match="checksum") as caught:
        assert len(Run(storage, run_id).dataset["x"]) == 0
    assert caught[0].filename == __file__


def test_something_added_to_a_finished_run_is_reported_and_the_run_is_read(
    storage: ArrowStorage, make_run: Any
) -> None:
    run_id = make_run(points=10)
    with run_path(storage.folder, run_id).open("ab") as file:
        file.write(b"oops")
    reader = storage.open(run_id)
    assert reader.points("main") == 10
    assert "something foreign was added" in reader.problems[0]


def other_metadata(path: Path, key: bytes, value: bytes) -> None:
    """Change one section of the metadata of a finished run."""
    with pa.ipc.open_stream(path) as stream:
        table = stream.read_all()
    with pa.ipc.new_stream(path, table.schema.with_metadata({**table.schema.metadata, key: value})) as stream:
        stream.write_table(table)


def test_a_newer_file_says_that_luthier_must_be_updated(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run()
    other_metadata(run_path(storage.folder, run_id), b"luthier.format", b"2.0")
    with pytest.raises(NewerFormatError, match="Update Luthier") as caught:
        storage.open(run_id)
    assert (caught.value.found, caught.value.known) == ("2.0", "1.0")


def test_a_file_of_a_later_minor_version_is_read(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run(points=4)
    other_metadata(run_path(storage.folder, run_id), b"luthier.format", b"1.7")
    assert storage.open(run_id).points("main") == 4


@pytest.mark.parametrize("section", [b"luthier.run", b"luthier.layout", b"luthier.plan", b"luthier.end"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"columns": 1, "outcome": 1}', b"\xff"])
def test_a_damaged_description_is_one_clear_error(
    storage: ArrowStorage, make_run: Any, section: bytes, content: bytes
) -> None:
    run_id = make_run()
    other_metadata(run_path(storage.folder, run_id), section, content)
    if (section, content) == (b"luthier.plan", b'{"columns": 1, "outcome": 1}'):
        # That is a plan as good as any.
        assert storage.open(run_id).outcome == "completed"
        return
    with pytest.raises(DamagedRunError, match="description"):
        storage.open(run_id)


@pytest.mark.parametrize(
    ("contents", "error", "words"),
    [
        (b"", DamagedRunError, "is empty"),
        (b"time,voltage\n0,1\n", NotARunFileError, "does not begin as an Arrow stream"),
        (b"\xff\xff\xff\xff" + b"\x10\x00\x00\x00" + b"x" * 40, DamagedRunError, "its beginning"),
        (b"\xff\xff\xff\xff", DamagedRunError, "its beginning"),
        (bytes(pa.schema([("a", pa.int8())]).serialize()), NotARunFileError, "no run of Luthier"),
    ],
)
def test_a_file_that_is_no_run_says_so(
    storage: ArrowStorage, contents: bytes, error: type[LuthierError], words: str
) -> None:
    run_id = new_run_id()
    path = run_path(storage.folder, run_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(contents)
    with pytest.raises(error, match=words) as caught:
        storage.open(run_id)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == contents


def test_a_folder_with_the_name_of_a_run_says_so(storage: ArrowStorage) -> None:
    run_id = new_run_id()
    run_path(storage.folder, run_id).mkdir(parents=True)
    with pytest.raises(DamagedRunError, match="cannot be read"):
        storage.open(run_id)
