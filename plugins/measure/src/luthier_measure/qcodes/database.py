"""A QCoDeS database, read only.

The tables are those that QCoDeS 0.58 writes, and has written since its databases have versions: ``experiments``,
``runs``, and one table of results for each run, with a row for each value that does not depend on another, beside the
setpoints that it depends on. Numbers are SQLite's own; NaN, which SQLite has not, is the text ``nan``; arrays and
complex numbers are blobs in numpy's ``npy`` format.
"""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from attrs import frozen
from luthier.errors import UsageError

from luthier_measure.errors import StorageError
from luthier_measure.qcodes.description import Quantity, read_description

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

__all__ = ["QcodesDatabase", "QcodesRun", "value_of"]


@frozen
class QcodesRun:
    """What a database knows of a run beside its results."""

    number: int
    """The ``run_id`` in this database."""
    guid: str
    name: str
    experiment: str
    sample: str
    started: float
    """Seconds since 1970."""
    ended: float | None
    """The same; ``None`` where the run was never completed."""
    results: str
    """The name of the table of results."""
    quantities: tuple[Quantity, ...]
    snapshot: dict[str, Any]
    """As QCoDeS wrote it; empty where there is none."""
    metadata: dict[str, Any]
    """What users added to the run."""


class QcodesDatabase:
    """An open database. For one thread.

    Parameters
    ----------
    path
        The file. It is not changed.

    Raises
    ------
    UsageError
        There is no such file, or it is no database of QCoDeS.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise UsageError("there is no such file", who=str(path), state="Nothing was imported.")
        self._connection = _opened(path)
        try:
            tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise _no_database(path, str(error)) from error
        if not {"experiments", "runs"} <= tables:
            self._connection.close()
            raise _no_database(path, "it has no tables 'experiments' and 'runs'")

    def __enter__(self) -> Self:
        """Use it in a block, after which it is closed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self._connection.close()

    def numbers(self) -> list[int]:
        """Return the numbers of all runs, in order."""
        return [number for (number,) in self._connection.execute("SELECT run_id FROM runs ORDER BY run_id")]

    def run(self, number: int) -> QcodesRun:
        """Read what is known of a run.

        Raises
        ------
        StorageError
            What the database says of it cannot be understood.
        """
        with closing(self._connection.execute("SELECT * FROM runs WHERE run_id = ?", (number,))) as cursor:
            names = [column[0] for column in cursor.description]
            row = cursor.fetchone()
        if row is None:
            raise UsageError(f"there is no run {number}", who=str(self.path), state="Nothing was imported.")
        facts = dict(zip(names, row, strict=True))
        experiment = self._connection.execute(
            "SELECT name, sample_name FROM experiments WHERE exp_id = ?", (facts["exp_id"],)
        ).fetchone() or ("", "")
        try:
            quantities = read_description(
                facts.get("run_description"), self._layout(number, facts["result_table_name"])
            )
            snapshot = json.loads(facts.get("snapshot") or "{}")
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise StorageError(
                f"what the database says of run {number} cannot be understood: {error}",
                who=str(self.path),
                state="The run was not imported.",
                path=str(self.path),
            ) from error
        return QcodesRun(
            number=number,
            guid=str(facts.get("guid") or f"{self.path.name}-{number}"),
            name=facts["name"] or "",
            experiment=experiment[0] or "",
            sample=experiment[1] or "",
            started=float(facts["run_timestamp"] or 0.0),
            ended=float(facts["completed_timestamp"]) if facts.get("completed_timestamp") else None,
            results=facts["result_table_name"],
            quantities=quantities,
            snapshot=snapshot if isinstance(snapshot, dict) else {},
            metadata={
                name: value
                for name, value in facts.items()
                if name not in _OWN_COLUMNS and value is not None and not isinstance(value, bytes)
            },
        )

    def rows(self, run: QcodesRun, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Give the values of quantities, as they are stored, where the last of them has one, in order."""
        columns = ", ".join(map(_quoted, names))
        wanted = f"SELECT {columns} FROM {_quoted(run.results)} WHERE {_quoted(names[-1])} IS NOT NULL ORDER BY id"  # noqa: S608 - names of the database's own, quoted
        try:
            with closing(self._connection.execute(wanted)) as cursor:
                yield from cursor
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"the results of run {run.number} cannot be read: {error}",
                who=str(self.path),
                state="The run was not imported.",
                path=str(self.path),
            ) from error

    def _layout(self, number: int, results: str) -> list[Quantity]:
        """Return what the tables say that databases had before descriptions, and still have."""
        try:
            found = self._connection.execute(
                "SELECT layout_id, parameter, label, unit FROM layouts WHERE run_id = ?", (number,)
            ).fetchall()
            links = self._connection.execute(
                "SELECT dependent, independent FROM dependencies ORDER BY dependent, axis_num"
            ).fetchall()
        except sqlite3.DatabaseError:
            return []
        names = {key: name for key, name, _, _ in found}
        kinds = {row[1]: row[2] for row in self._connection.execute(f"PRAGMA table_info({_quoted(results)})")}
        return [
            Quantity(
                name,
                label or "",
                unit or "",
                kinds.get(name, "numeric"),
                tuple(names[on] for dependent, on in links if dependent == key and on in names),
            )
            for key, name, label, unit in found
        ]


_OWN_COLUMNS = frozenset(
    {
        "run_id",
        "exp_id",
        "name",
        "result_table_name",
        "result_counter",
        "run_timestamp",
        "completed_timestamp",
        "is_completed",
        "parameters",
        "guid",
        "run_description",
        "snapshot",
        "captured_run_id",
        "captured_counter",
    }
)
"""Columns of the table of runs; users' metadata are further ones."""


def value_of(stored: Any, paramtype: str) -> Any:
    """Return what a stored value stands for: a number, text, an array, or ``None``.

    Raises
    ------
    ValueError
        A blob is no array.
    """
    if isinstance(stored, bytes):
        array = np.load(io.BytesIO(stored), allow_pickle=False)
        return array.reshape(()).item() if paramtype == "complex" and array.size == 1 else array
    if paramtype == "text" or stored is None:
        return stored
    if isinstance(stored, int):
        return float(stored) if abs(stored) <= _EXACT else stored
    return float(stored)


_EXACT = 2**53
"""Up to here every whole number is a float; QCoDeS's column type made whole numbers of such floats."""


def _opened(path: Path) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    try:
        connection = sqlite3.connect(f"{uri}?mode=ro", uri=True)
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.OperationalError:
        # In a folder where nothing may be written, a database with a write-ahead log opens only as one that stays.
        return sqlite3.connect(f"{uri}?immutable=1", uri=True)
    except sqlite3.DatabaseError:
        return connection  # no database at all, which is told when it is asked
    return connection


def _no_database(path: Path, why: str) -> UsageError:
    return UsageError(
        f"is no database of QCoDeS: {why}",
        who=str(path),
        state="Nothing was imported.",
        advice="Give the .db file that QCoDeS's configuration calls db_location.",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
