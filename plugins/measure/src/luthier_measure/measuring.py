"""Measuring: a plan is carried out, and every point is stored."""

from __future__ import annotations

import time
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import luthier
from luthier import plugins
from luthier.parameter import Parameter
from luthier.plain import to_plain

from luthier_measure.errors import StorageError
from luthier_measure.interrupts import Interrupts, StopRequested
from luthier_measure.loading import open_storage
from luthier_measure.loop import Attention, LoopLevel, compile_loop
from luthier_measure.plan import Plan, plan
from luthier_measure.plan_layout import arrange
from luthier_measure.progress import shown_progress
from luthier_measure.readings import readable_name
from luthier_measure.run import Run
from luthier_measure.run_facts import PLUGINS, checked_facts
from luthier_measure.snapshots import take_snapshot
from luthier_measure.storage import RunEnd, RunHeader, new_run_id
from luthier_measure.surroundings import surroundings
from luthier_measure.viewing import plot_starter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from luthier_measure.plan import Item
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.run_facts import RunFacts
    from luthier_measure.storage import Layout, Outcome, RunWriter

__all__ = ["measure"]


@overload
def measure(
    *items: Item,
    name: str = "",
    sample: str = "",
    note: str = "",
    tags: str | Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    storage: str = "arrow",
    progress: bool | None = None,
    plot: bool = False,
    dry_run: Literal[False] = False,
) -> Run: ...


@overload
def measure(
    *items: Item,
    name: str = "",
    sample: str = "",
    note: str = "",
    tags: str | Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    storage: str = "arrow",
    progress: bool | None = None,
    plot: bool = False,
    dry_run: Literal[True],
) -> Plan: ...


def measure(
    *items: Item,
    name: str = "",
    sample: str = "",
    note: str = "",
    tags: str | Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    storage: str = "arrow",
    progress: bool | None = None,
    plot: bool = False,
    dry_run: bool = False,
) -> Run | Plan:
    """Carry out sweeps and readings, and store every point: ``measure(sweep(dac.ch1, 0, 1, num=101), dmm.voltage)``.

    The first sweep is the outermost loop, each further one lies inside it; what is read is taken at each step of the
    last sweep before it, in the order given. A parameter is set only when its own loop takes a step. Before anything is
    set, the whole plan is checked.

    Ctrl-C ends the run after the present point, and the run so far is returned; a second Ctrl-C stops at once and
    raises ``KeyboardInterrupt``. However a run ends, the points taken are stored: each is in the file 0.1 s after it
    was taken, also when this process is killed, and on the disk itself (against a loss of power) after 5 s.

    Parameters
    ----------
    items
        :func:`sweep`, :func:`linked`, ``p.sweep(…)`` and ``p[0:1:0.1]``; parameters, groups of parameters and functions
        without arguments; or one :func:`plan`.
    name
        What to find the run by; made from the names of what is read and varied when it is empty.
    sample
        What is measured on.
    note
        Free text.
    tags
        One or several words to find the run by.
    metadata
        Anything else to keep with the run; what JSON cannot say is kept as its ``repr``.
    folder
        The data folder; ``None``: the environment's ``LUTHIER_DATA``, else ``~/luthier``.
    storage
        Name of the storage plugin.
    progress
        Whether to show a progress bar; ``None``: in a terminal and in a notebook.
    plot
        Whether to show a live plot: in a notebook below the cell, else in the browser. It is drawn by another process,
        which shows the next run too. It needs the distribution ``luthier-plot``.
    dry_run
        Print what would be done, after checking it, and return the plan; nothing is set, measured or stored.

    Returns
    -------
    Run
        The stored run: ``run.dataset`` is an ``xarray.Dataset``.

    Raises
    ------
    ValidationError, NotSettableError, NotGettableError, IrrelevantParameterError, ClosedError, UsageError
        The plan cannot be carried out. Nothing was set.
    DataFolderError
        No run can be stored there. Nothing was set.
    UnknownPluginError
        ``plot`` is asked for, and ``luthier-plot`` is not installed. Nothing was set.
    StorageWriteError
        Points can no longer be stored (disk full). The run ended; those before are kept.
    UnstorableValueError
        A reading gave something that cannot be stored. The run ended; everything else is kept.
    Exception
        Whatever a driver or function raised. The run ended with the outcome ``failed``, its points are kept, and a note
        on the exception says where they are.
    """
    facts = checked_facts(name, sample, note, tags, metadata)
    made = plan(*items)
    made.check()
    if dry_run:
        print(made.describe())  # noqa: T201 - what was asked for
        return made
    start_plot = plot_starter(wanted=plot)
    place = open_storage(storage, folder)
    layout, levels = arrange(made)
    header = _header(made, layout, facts)
    run = Run(place, header.id)
    with Interrupts() as interrupts:
        writer = place.create(header)
        start_plot(storage, place.folder)
        try:
            bar = partial(shown_progress, header.name, made.points, lambda: writer.points, wanted=progress)
            _carry_out(made, levels, run, writer, interrupts=interrupts, bar=bar)
        finally:
            plugins.hooks.run_finished(run)
    return run


def _carry_out(
    made: Plan,
    levels: tuple[ArrangedLevel, ...],
    run: Run,
    writer: RunWriter,
    *,
    interrupts: Interrupts,
    bar: Callable[[], AbstractContextManager[object]],
) -> None:
    """Measure, and end the run in order whatever happens; raise what ended it, if that was an error."""
    outcome: Outcome = "completed"
    ended_by: BaseException | None = None
    error_text = ""
    try:
        with interrupts.at_once():
            _announce(run, writer)
            with bar():
                _loop(levels, writer, Attention(interrupts.requests, writer.failures))()
    except StopRequested:
        outcome = "stopped"
    except KeyboardInterrupt as error:
        outcome, ended_by = "stopped", error
        error.add_note(_where(made, run, "was stopped"))
    except BaseException as error:  # noqa: BLE001 - raised again when the run has ended in order
        outcome, ended_by, error_text = "failed", error, traceback.format_exc()
        if not isinstance(error, StorageError):
            error.add_note(_where(made, run, "failed"))
    try:
        writer.finish(RunEnd(outcome, time.time(), error_text))
    except StorageError as error:
        if ended_by is None or isinstance(ended_by, StorageError):
            raise
        ended_by.add_note(str(error))
    if ended_by is None and outcome == "completed" and writer.failures:
        ended_by = writer.failures[0]
    if ended_by is not None:
        raise ended_by


def _loop(levels: tuple[ArrangedLevel, ...], writer: RunWriter, attention: Attention) -> Callable[[], None]:
    def loop_level(arranged: ArrangedLevel) -> LoopLevel:
        add = None if arranged.table is None else writer.appender(arranged.table)
        return LoopLevel(arranged.level.sweep, arranged.readings, add)

    return compile_loop(tuple(map(loop_level, levels)), attention)


def _announce(run: Run, writer: RunWriter) -> None:
    """Tell plugins of the run, and keep what they have to say about it."""
    plugins.hooks.run_started(run)
    contributed = plugins.hooks.run_metadata(run)
    if contributed:
        writer.annotate({**run.stored_metadata, PLUGINS: to_plain(contributed)})


def _header(made: Plan, layout: Layout, facts: RunFacts) -> RunHeader:
    readings = [reading for reading in made.readings if isinstance(reading, Parameter)]
    swept = [setpoints.parameter for setpoints in made.setpoints]
    used = [parameter.instrument for parameter in (*swept, *readings) if parameter.instrument is not None]
    started = time.time()
    return RunHeader(
        id=new_run_id(),
        name=facts.name or _default_name(made),
        started=started,
        layout=layout,
        utc_offset=time.localtime(started).tm_gmtoff,
        sample=facts.sample,
        note=facts.note,
        tags=facts.tags,
        plan=made.to_data(),
        snapshot=take_snapshot((*swept, *readings)),
        environment=surroundings((*luthier.instruments().values(), *used)),
        metadata=facts.metadata,
    )


def _default_name(made: Plan) -> str:
    read = ", ".join(map(readable_name, made.readings))
    swept = ", ".join(setpoints.parameter.full_name for setpoints in made.setpoints)
    return f"{read} against {swept}" if swept else read


def _where(made: Plan, run: Run, ended: str) -> str:
    """Say how far the run came, for the error that ended it."""
    swept = [setpoints.parameter for setpoints in made.setpoints]
    reached = ", ".join(_reached(parameter) for parameter in swept if parameter.cache.origin is not None)
    at = f" at {reached}" if reached else ""
    return f"Run {run.id} {ended}{at}; the points taken before are stored: luthier_measure.load({run.id!r})."


def _reached(parameter: Parameter[Any]) -> str:
    value = f"{parameter.cache.value} {parameter.unit}".rstrip() if parameter.cache.valid else "not known"
    return f"{parameter.full_name} = {value}"
