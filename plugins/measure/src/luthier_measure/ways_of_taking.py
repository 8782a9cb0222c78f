"""The ways in which the readings of a point can be taken without changing what they give."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from attrs import frozen
from luthier.parameter import Parameter

from luthier_measure.in_use import uses_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from luthier.server import Batched

    from luthier_measure.lanes import LanePool
    from luthier_measure.readings import Reading
    from luthier_measure.timings import Spent, Timings

__all__ = ["Way", "ways_of"]

Way: TypeAlias = Callable[[], tuple[Any, ...]]
"""Takes the readings of a point, gives their values in order, and notes how long each took."""


@frozen(eq=False)
class _Task:
    """A reading of the point.

    Attributes
    ----------
    number
        Its place among them.
    spent
        Where to note how long it took.
    uses
        The instruments that it uses; empty where that is not known.
    server
        Equal for readings that one round trip can bring; ``None`` where it has to be taken by itself.
    """

    number: int
    reading: Reading
    spent: Spent
    uses: frozenset[str]
    server: Hashable | None


_Batch: TypeAlias = tuple[_Task, ...]
_Lane: TypeAlias = tuple[_Batch, ...]
_Segment: TypeAlias = tuple[_Lane, ...]
"""Lanes that go at the same time; segments come one after the other."""
_Step: TypeAlias = Callable[[list[Any]], None]
"""Takes some readings, and puts what they give to their places."""


def ways_of(readings: Sequence[Reading], pool: LanePool, timings: Timings) -> list[Way]:
    """Return the ways that differ, the simple one (one reading after the other) first.

    Parameters
    ----------
    readings
        At least one.
    pool
        Takes readings of different instruments at the same time.
    timings
        Where to note how long each took.
    """
    tasks = [
        _Task(number, reading, timings.spent(reading.readable, "get"), _uses(reading), _server(reading))
        for number, reading in enumerate(readings)
    ]
    simple: tuple[_Segment, ...] = ((tuple((task,) for task in tasks),),)
    by_server = tuple(_segment(each, by_server=True) for each in _neighbours(tasks))
    by_instrument = tuple(_segment(each, by_server=False) for each in _neighbours(tasks))
    several = [len(reading.columns) > 1 for reading in readings]
    found: dict[object, Way] = {}
    for segments in (simple, by_server, by_instrument):
        found.setdefault(_shape(segments), _compiled(segments, several, pool))
    return list(found.values())


def _uses(reading: Reading) -> frozenset[str]:
    readable = reading.readable
    if not isinstance(readable, Parameter):
        return frozenset()
    parts = [readable, *reading.parameters]
    # Two parameters without an instrument may talk through one connection, which nothing here knows of.
    if any(part.instrument is None for part in parts):
        return frozenset()
    return frozenset(uses_of((*parts, *(axis for part in parts for axis in part.axes))))


def _server(reading: Reading) -> Hashable | None:
    readable = reading.readable
    # What is done beside the bare reading (copying, trying again) has to be done to each.
    if not isinstance(readable, Parameter) or reading.take != readable.get:
        return None
    key: Hashable | None = getattr(readable, "batch_key", None)
    return key


def _neighbours(tasks: Sequence[_Task]) -> list[list[_Task]]:
    """Split the readings where one stands of which is not known what it uses."""
    found: list[list[_Task]] = []
    for is_known, group in itertools.groupby(tasks, key=lambda task: bool(task.uses)):
        together = list(group)
        found += [together] if is_known else [[task] for task in together]
    return found


def _segment(tasks: Sequence[_Task], *, by_server: bool) -> _Segment:
    """Put readings into one lane where they share an instrument; where that is asked for, a server."""
    lanes: list[tuple[set[object], list[_Task]]] = []
    for task in tasks:
        keys: set[object] = {*task.uses}
        if by_server and task.server is not None:
            keys.add(("server", task.server))
        touching = [lane for lane in lanes if lane[0] & keys]
        lanes = [lane for lane in lanes if not lane[0] & keys]
        inside = sorted([*(each for _, its in touching for each in its), task], key=lambda each: each.number)
        lanes.append((keys.union(*(its for its, _ in touching)), inside))
    lanes.sort(key=lambda lane: lane[1][0].number)
    return tuple(tuple(_batches(lane)) for _, lane in lanes)


def _batches(tasks: Sequence[_Task]) -> list[_Batch]:
    """Join neighbours of one server."""
    found: list[_Batch] = []
    for server, group in itertools.groupby(tasks, key=lambda task: task.server):
        together = tuple(group)
        found += [(task,) for task in together] if server is None else [together]
    return found


def _shape(segments: Sequence[_Segment]) -> object:
    """Return something that is equal for ways that do the same."""
    return tuple(
        step
        for segment in segments
        for step in (
            # Lanes one after the other are what one lane is.
            [tuple(task.number for task in batch) for batch in segment[0]]
            if len(segment) == 1
            else [tuple(tuple(tuple(task.number for task in batch) for batch in lane) for lane in segment)]
        )
    )


def _compiled(segments: Sequence[_Segment], several: Sequence[bool], pool: LanePool) -> Way:
    made = [[[_step(batch) for batch in lane] for lane in segment] for segment in segments]

    def take() -> tuple[Any, ...]:
        places: list[Any] = [None] * len(several)
        for lanes in made:
            if len(lanes) == 1:
                _go(lanes[0], places)
            else:
                pool.do([partial(_go, lane, places) for lane in lanes])
        if any(several):
            return tuple(
                value for given, many in zip(places, several, strict=True) for value in (given if many else (given,))
            )
        return tuple(places)

    return take


def _go(steps: Sequence[_Step], places: list[Any]) -> None:
    for step in steps:
        step(places)


def _step(batch: _Batch) -> _Step:
    clock = time.perf_counter
    if len(batch) == 1:
        (task,) = batch
        number, take_one, spent = task.number, task.reading.take, task.spent

        def take(places: list[Any]) -> None:
            began = clock()
            places[number] = take_one()
            spent.note(clock() - began)

        return take
    parameters = [cast("Parameter[Any]", task.reading.readable) for task in batch]
    first = cast("Batched", parameters[0])

    def take_together(places: list[Any]) -> None:
        began = clock()
        values = first.get_batch(parameters)
        each = (clock() - began) / len(batch)
        for task, value in zip(batch, values, strict=True):
            places[task.number] = value
            task.spent.note(each)

    return take_together
