"""Writing what a QCoDeS database holds as runs of Luthier."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen
from luthier.errors import LuthierError
from luthier.plain import to_plain

from luthier_measure.errors import RunNotFoundError, StorageError
from luthier_measure.loading import open_storage
from luthier_measure.qcodes.arranging import arrange
from luthier_measure.qcodes.database import QcodesDatabase
from luthier_measure.storage import RunEnd, RunHeader
from luthier_measure.storage.folder import run_path
from luthier_measure.storage.ownership import lock_path

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from luthier_measure.qcodes.arranging import Series
    from luthier_measure.qcodes.database import QcodesRun
    from luthier_measure.storage import RunWriter, Storage

__all__ = ["ImportedRun", "import_qcodes"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""The letters of run ids."""


@frozen
class ImportedRun:
    """What became of one run of a database."""

    number: int
    """The ``run_id`` in the database."""
    name: str
    run_id: str
    """The id in Luthier; empty where the run could not be imported."""
    points: int = 0
    already: bool = False
    """Whether an earlier import had brought it; it was left as it is."""
    problem: str = ""
    """Why it could not be imported, or what of it could not be."""


def import_qcodes(
    path: str | os.PathLike[str],
    *,
    numbers: Iterable[int] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Iterator[ImportedRun]:
    """Import runs of a QCoDeS database, one by one; the database is only read.

    A run keeps its name, sample, times, quantities with units and labels, all values and arrays, and its snapshot.
    What else QCoDeS knew of it (experiment, GUID, number, users' metadata, the snapshot as it was) is under ``qcodes``
    in the run's metadata. Runs that were never completed are ``interrupted``. A run that was imported before has the
    same id, and is passed over.

    Parameters
    ----------
    path
        The database.
    numbers
        Which runs, by QCoDeS's ``run_id``; ``None``: all.
    folder
        The data folder to write into; ``None``: ``LUTHIER_DATA``, else ``~/luthier``.

    Yields
    ------
    ImportedRun
        Each as soon as it is done. One that cannot be imported costs only itself.

    Raises
    ------
    UsageError
        There is no such file or run, or it is no database of QCoDeS.
    DataFolderError, StorageWriteError
        Nothing can be written. The runs imported before are whole; the one begun is ``interrupted``, and begins anew
        with the next import.
    """
    storage = open_storage("arrow", folder)
    with QcodesDatabase(Path(path).expanduser()) as database:
        for number in database.numbers() if numbers is None else numbers:
            yield _import_run(database, number, storage)


def _import_run(database: QcodesDatabase, number: int, storage: Storage) -> ImportedRun:
    try:
        run = database.run(number)
    except StorageError as error:
        return ImportedRun(number, "", "", problem=str(error))
    run_id = _id_of(run)
    if _is_there(storage, run_id):
        return ImportedRun(number, run.name, run_id, already=True)
    try:
        layout, series = arrange(database, run)
    except (StorageError, ValueError) as error:
        return ImportedRun(number, run.name, "", problem=f"its results cannot be understood: {error}")
    if not series:
        return ImportedRun(number, run.name, "", problem="it holds no results")
    header = RunHeader(
        id=run_id,
        name=run.name or f"QCoDeS run {number}",
        started=run.started,
        layout=layout,
        utc_offset=time.localtime(run.started).tm_gmtoff,
        sample=run.sample,
        tags=("qcodes",),
        snapshot=_snapshot(run.snapshot),
        metadata={"qcodes": to_plain(_facts(database, run))},
    )
    writer = storage.create(header)
    problem = _write(database, run, series, writer, storage)
    return ImportedRun(number, run.name, run_id, writer.points, problem=problem)


def _write(
    database: QcodesDatabase, run: QcodesRun, series: Iterable[Series], writer: RunWriter, storage: Storage
) -> str:
    """Write all rows; return what of them could not be stored, in words. After Ctrl-C nothing of the run is left."""
    outcome = RunEnd("interrupted" if run.ended is None else "completed", run.ended or run.started)
    try:
        for each in series:
            add = writer.appender(each.table.name)
            for row in each.rows(database, run):
                add(row)
                if writer.failures:
                    break
    except (LuthierError, ValueError) as error:
        writer.finish(RunEnd("failed", run.ended or run.started, f"The import ended early: {error}"))
        return f"only a part could be imported: {error}"
    except BaseException:
        writer.finish(outcome)
        run_path(storage.folder, writer.id).unlink(missing_ok=True)
        raise
    writer.finish(outcome)
    return " ".join(map(str, writer.failures))


def _is_there(storage: Storage, run_id: str) -> bool:
    """Whether a whole run of that id exists; the beginning of one, from an import that was cut off, is removed."""
    try:
        reader = storage.open(run_id)
    except RunNotFoundError:
        return False
    if reader.end is not None or reader.outcome == "running":
        return True
    path = run_path(storage.folder, run_id)
    path.unlink()
    lock_path(path).unlink(missing_ok=True)
    return False


def _id_of(run: QcodesRun) -> str:
    """Return the id that the run always gets: its time, and letters made of its GUID."""
    milliseconds = int(run.started * 1000)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(milliseconds // 1000))
    number = int.from_bytes(hashlib.blake2b(run.guid.encode(), digest_size=8).digest(), "big")
    letters = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(6))
    return f"{stamp}-{milliseconds % 1000:03d}-{letters}"


def _facts(database: QcodesDatabase, run: QcodesRun) -> dict[str, Any]:
    return {
        "database": database.path.name,
        "run_id": run.number,
        "guid": run.guid,
        "experiment": run.experiment,
        "metadata": run.metadata,
        "snapshot": run.snapshot,
    }


def _snapshot(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of the instruments as Luthier writes it down."""
    station = snapshot.get("station") or {}
    instruments = {name: _host(data) for name, data in _mappings(station.get("instruments"))}
    alone = {name: _parameter(data) for name, data in _mappings(snapshot.get("parameters"))}
    plain: dict[str, Any] = to_plain({"instruments": instruments, "parameters": alone})
    return plain


def _host(data: Mapping[str, Any]) -> dict[str, Any]:
    channels = {name: _host(channel) for name, channel in _mappings(data.get("submodules"))}
    return {
        "name": data.get("name", ""),
        "class": data.get("__class__", ""),
        "address": data.get("address"),
        "parameters": {name: _parameter(each) for name, each in _mappings(data.get("parameters"))},
        **({"channels": channels} if channels else {}),
    }


def _parameter(data: Mapping[str, Any]) -> dict[str, Any]:
    known = data.get("value") is not None
    return {"value": data.get("value"), "unit": data.get("unit", ""), "origin": "read" if known else None}


def _mappings(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, each in data.items() if isinstance(data, dict) else ():
        if isinstance(each, dict):
            yield str(name), each
