"""Following a run while it grows: each look gives what has come since the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from attrs import frozen

from luthier_measure.storage.protocol import TableData

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.storage.description import Outcome, RunEnd, RunHeader
    from luthier_measure.storage.protocol import RunReader

__all__ = ["RunFollower", "RunNews", "follow"]


@frozen(eq=False)
class RunNews:
    """What a look at a run found.

    Attributes
    ----------
    header, end, outcome
        As of a :class:`luthier_measure.storage.RunReader`, at the moment of the look.
    tables
        The rows of each table that were not given before, in the order in which they were taken; maybe none.
    more
        Whether further rows are there already: one look reads a bounded amount. Look again at once.
    """

    header: RunHeader
    end: RunEnd | None
    outcome: Outcome
    tables: Mapping[str, TableData]
    more: bool = False


class RunFollower(Protocol):
    """Looks at one run again and again. For one thread at a time; it holds nothing open between two looks."""

    def look(self) -> RunNews:
        """Read what has come since the last look; everything at the first.

        Raises
        ------
        RunNotFoundError, NotARunFileError, NewerFormatError, DamagedRunError
            As their names say. A later look may succeed again, and misses nothing.
        """
        ...


class Opening(Protocol):
    """What is needed of a storage."""

    def open(self, run_id: str) -> RunReader:
        """Open the run."""
        ...


class Following(Opening, Protocol):
    """A storage that can tell what is new without reading the whole run again."""

    def follow(self, run_id: str) -> RunFollower:
        """Return a follower of the run."""
        ...


def follow(storage: Opening, run_id: str) -> RunFollower:
    """Return a follower of a run: the storage's own, or one that reads the run again at each look.

    Parameters
    ----------
    storage
        A :class:`luthier_measure.storage.Storage`. One that can do it better has a method ``follow(run_id)``.
    run_id
        The whole id. Whether there is such a run shows at the first look.
    """
    if hasattr(storage, "follow"):
        return cast("Following", storage).follow(run_id)
    return _RereadingFollower(storage, run_id)


class _RereadingFollower:
    """Follows a run of any storage."""

    def __init__(self, storage: Opening, run_id: str) -> None:
        self._storage = storage
        self._run_id = run_id
        self._given: dict[str, int] = {}

    def look(self) -> RunNews:
        reader = self._storage.open(self._run_id)
        tables = {}
        for table in reader.layout.tables:
            given = self._given.get(table.name, 0)
            if reader.points(table.name) > given:
                tables[table.name] = without_first(reader.read(table.name), given)
                self._given[table.name] = given + len(tables[table.name].times)
        return RunNews(reader.header, reader.end, reader.outcome, tables)


def without_first(data: TableData, rows: int) -> TableData:
    """Return the points of a table but the first ones."""
    return TableData(
        data.times[rows:],
        tuple(steps[rows:] for steps in data.indices),
        {name: values[rows:] for name, values in data.columns.items()},
    )
