"""Files among the runs that are foreign, damaged or newer: each gives one clear error, and the others are listed."""

from __future__ import annotations

import random
import struct
import warnings
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from luthier import ManualParameter
from luthier.errors import LuthierError
from luthier_measure import Run, load, measure, runs, sweep
from luthier_measure.errors import (
    CatalogueWarning,
    DamagedRunError,
    DamagedRunWarning,
    NewerFormatError,
    NotARunFileError,
    RunNotFoundError,
)
from luthier_measure.storage import new_run_id

from .messages import read_aloud, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VALUES = [0.1, 0.2, 0.4, 0.8, 1.6]


def file_of(folder: Path, run: Run) -> Path:
    (path,) = folder.rglob(f"{run.id}.arrows")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Run:
    x = ManualParameter("x", float, unit="V")
    return measure(sweep(x, VALUES), x, name="good", folder=tmp_path)


def arrow_stream(path: Path) -> None:
    table = pa.table({"time": [1.0, 2.0]})
    with pa.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table)


def arrow_file(path: Path) -> None:
    table = pa.table({"time": [1.0, 2.0]})
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table)


FOREIGN: dict[str, tuple[Callable[[Path], object], type[LuthierError], tuple[str, ...]]] = {
    "empty": (lambda path: path.write_bytes(b""), DamagedRunError, ("the file is empty", "backup")),
    "text": (lambda path: path.write_text("time,voltage\n0,1\n"), NotARunFileError, ("no run of Luthier", "Move it")),
    "zeros": (lambda path: path.write_bytes(bytes(10_000)), NotARunFileError, ("no run of Luthier", "Move it")),
    "HDF5": (lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500)), NotARunFileError, ("no run", "Move it")),
    "Arrow stream": (arrow_stream, NotARunFileError, ("an Arrow stream, but no run", "open_stream reads it")),
    "Arrow file": (arrow_file, NotARunFileError, ("no run of Luthier", "Move it")),
    "folder": (lambda path: path.mkdir(), DamagedRunError, ("cannot be read", "See that it is a file")),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_one_clear_error(tmp_path: Path, good: Run, kind: str) -> None:
    write, error_type, words = FOREIGN[kind]
    path = file_of(tmp_path, good).with_name(f"{new_run_id()}.arrows")
    write(path)
    before = path.read_bytes() if path.is_file() else None
    told(error_type, lambda: load(path.stem, folder=tmp_path), str(path), "The file was not changed", *words)
    with pytest.warns(CatalogueWarning) as caught:
        assert [run.id for run in runs(folder=tmp_path)] == [good.id]
    read_aloud(str(caught[0].message), "1 file or folder among the runs could not be read", str(path))
    assert load(good.id, folder=tmp_path).dataset["x_2"].values.tolist() == VALUES
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_newer_file_says_what_to_install(tmp_path: Path, good: Run) -> None:
    path = file_of(tmp_path, good)
    with pa.ipc.open_stream(path) as stream:
        table = stream.read_all()
    metadata = {**table.schema.metadata, b"luthier.format": b"2.0"}
    with pa.ipc.new_stream(str(path), table.schema.with_metadata(metadata)) as stream:
        stream.write_table(table)
    told(
        NewerFormatError,
        lambda: load(good.id, folder=tmp_path),
        str(path),
        "format 2.0",
        "up to 1.0",
        "pip install --upgrade luthier-measure",
    )


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7])
def test_a_file_whose_beginning_only_is_there(tmp_path: Path, good: Run, share: float) -> None:
    path = file_of(tmp_path, good)
    contents = path.read_bytes()
    path.write_bytes(contents[: int(len(contents) * share)])
    told(DamagedRunError, lambda: load(good.id, folder=tmp_path), str(path), "cannot be read", "Take the file from a")


def test_a_file_whose_end_is_missing_gives_what_is_there_and_says_so(tmp_path: Path, good: Run) -> None:
    path = file_of(tmp_path, good)
    path.write_bytes(path.read_bytes()[:-50])
    run = load(good.id, folder=tmp_path)
    assert (run.outcome, run.name) == ("completed", "good")
    for problem in run.problems:
        read_aloud(problem)
    with pytest.warns(DamagedRunWarning) as caught:
        assert run.dataset["x_2"].isnull().all()
    read_aloud(str(caught[0].message), good.id, "is damaged", "Of the 5 points of the table 'main', 0 are there")


def test_a_number_that_changed_on_the_disk_is_not_shown(tmp_path: Path, good: Run) -> None:
    path = file_of(tmp_path, good)
    contents = bytearray(path.read_bytes())
    place = contents.rindex(struct.pack("<d", 0.4))
    contents[place + 6] ^= 0x10
    path.write_bytes(contents)
    run = load(good.id, folder=tmp_path)
    with pytest.warns(DamagedRunWarning) as caught:
        assert len(run.table().times) == 0
    read_aloud(str(caught[0].message), good.id, "does not agree with its checksum")


@pytest.mark.parametrize("seed", range(100))
def test_wherever_a_bit_is_flipped_there_are_true_numbers_or_one_clear_word(
    tmp_path: Path, good: Run, seed: int
) -> None:
    path = file_of(tmp_path, good)
    contents = bytearray(path.read_bytes())
    dice = random.Random(seed)  # noqa: S311 - places, not secrets
    contents[dice.randrange(len(contents))] ^= 1 << dice.randrange(8)
    path.write_bytes(contents)
    (tmp_path / "catalogue.db").unlink()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len(runs(folder=tmp_path)) <= 1
        try:
            values = load(good.id, folder=tmp_path).table().columns
        except LuthierError as error:
            read_aloud(str(error), good.id)
        else:
            true = {"x": VALUES, "x_2": VALUES}
            assert {name: column.tolist() for name, column in values.items()} == true or caught
    for each in caught:
        read_aloud(str(each.message), good.id)


def test_an_id_that_is_not_there(tmp_path: Path, good: Run) -> None:
    told(
        RunNotFoundError,
        lambda: load("20010101-000000-000-000000", folder=tmp_path),
        str(tmp_path),
        "there is no such run",
        "runs() lists",
    )
    told(RunNotFoundError, lambda: load("resistor", folder=tmp_path), str(tmp_path), "'resistor'", "runs() lists")
    assert load(good.id[:20], folder=tmp_path).id == good.id
