"""Runs whose points come from free code, inside a ``with`` block."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import luthier
from luthier import plugins
from luthier.errors import UsageError
from luthier.parameter import Parameter

from luthier_measure.control import RunControl
from luthier_measure.control_channel import ControlChannel
from luthier_measure.failed_readings import is_whole, policy_for_parameters
from luthier_measure.final_state import final_steps
from luthier_measure.in_use import Holder, claim, require_choice, uses_of
from luthier_measure.interrupts import Interrupts
from luthier_measure.live_runs import LiveRun, inside_data, register, unregister
from luthier_measure.loading import open_storage
from luthier_measure.progress import ProgressFacts, shown_progress
from luthier_measure.recorder import MAIN, Facts, Recorder, checked_setpoints
from luthier_measure.recording import RunTable
from luthier_measure.run import Run
from luthier_measure.run_facts import checked_facts
from luthier_measure.run_life import RunLife
from luthier_measure.snapshots import take_snapshot
from luthier_measure.storage import Layout, RunHeader, Table, new_run_id
from luthier_measure.surroundings import surroundings
from luthier_measure.suspenders import checked_suspenders
from luthier_measure.viewing import plot_starter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

    from luthier import Instrument

    from luthier_measure.failed_readings import ErrorPolicy, Policies
    from luthier_measure.final_state import FinalStep, FinalWish
    from luthier_measure.in_use import WhenBusy
    from luthier_measure.recorder import Quantity, Setpoints
    from luthier_measure.run_facts import RunFacts
    from luthier_measure.storage import Storage
    from luthier_measure.suspenders import Suspender

__all__ = ["FreeRun", "NewRun", "new_run"]


class FreeRun(Run):
    """A run to which a ``with new_run(…)`` block adds points; after the block, a run like any other.

    Made by :func:`new_run`.
    """

    def __init__(self, storage: Storage, run_id: str, recorder: Recorder, main: RunTable) -> None:
        super().__init__(storage, run_id)
        self._recorder = recorder
        self._main = main
        self._tables = {MAIN: main}

    def add(self, *items: Any, **values: Any) -> None:
        """Store a point in the table ``main``: see :meth:`RunTable.add`."""
        self._main.add(*items, **values)

    @property
    def was_suspended(self) -> bool:
        """Whether a suspender found something bad at the last point: it is stored, and can be added once more.

        Since then the run stood still, inside ``add``, until all was good.
        """
        return self._recorder.was_suspended

    def new_table(self, name: str, *, setpoints: Setpoints = ()) -> RunTable:
        """Begin a table of its own for points that have other dimensions than those of ``main``.

        A quantity that another table has already is stored as ``<name>_<quantity>``; only setpoints are shared, because
        they mean the same in all tables.

        Parameters
        ----------
        name
            What to find it by: ``run.table(name)``, ``run.to_pandas(name)``, ``luthier export --table``.
        setpoints
            As for :func:`new_run`.

        Returns
        -------
        RunTable
            The table, with ``add``. Where the run has one of that name with the same setpoints, that one.

        Raises
        ------
        UsageError
            The name is no text, or that of a table with other setpoints; or the run has ended.
        """
        wanted = checked_setpoints(setpoints)
        if not str(name).isidentifier():
            raise UsageError(f"{name!r} cannot name a table: allowed are identifiers, such as 'fine'")
        recorder = self._recorder
        with recorder.lock:
            _ = recorder.writer
            known = self._tables.get(name)
            if known is None:
                known = self._tables[name] = RunTable(recorder, name, wanted)
            elif known.setpoints != wanted:
                raise UsageError(
                    f"there is a table {name!r} already, with other setpoints",
                    state="Nothing was changed; the run goes on.",
                    advice="Choose another name.",
                )
            return known

    def describe(
        self, quantity: Quantity, *, unit: str | None = None, label: str | None = None, along: Setpoints = ()
    ) -> None:
        """Say what the values of a quantity are, before the first of them comes; parameters bring this along.

        Parameters
        ----------
        quantity
            The name under which it is going to be added; or a parameter.
        unit, label
            Of SI, such as ``"A"``; and for the axes of plots.
        along
            For arrays: the quantities that are their axes, one for each dimension. They are added as arrays too, with
            the first point and where they change.

        Raises
        ------
        UsageError
            It has a value already, or is no name. Nothing was changed.
        """
        (checked,) = checked_setpoints((quantity,))
        self._recorder.describe(checked, Facts(unit, label, checked_setpoints(along)))


class NewRun:
    """What :func:`new_run` gives: a run that begins with the ``with`` block."""

    def __init__(self, make: Callable[[], AbstractContextManager[FreeRun]]) -> None:
        self._make = make
        self._entered: AbstractContextManager[FreeRun] | None = None

    def __enter__(self) -> FreeRun:
        """Begin the run."""
        if self._entered is not None:
            raise UsageError("this run was begun before: call new_run() for another one", state="Nothing was changed.")
        self._entered = self._make()
        return self._entered.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """End the run in order; a stop that was asked for ends the block in silence."""
        assert self._entered is not None
        return bool(self._entered.__exit__(kind, error, traceback))

    def __getattr__(self, name: str) -> NoReturn:
        """Say what is missing."""
        message = f"{name!r}: the run has not begun. Write: with new_run(…) as run: run.{name}"
        raise AttributeError(message)


def new_run(
    name: str,
    *,
    setpoints: Setpoints = (),
    instruments: Instrument | Parameter[Any] | Iterable[Instrument | Parameter[Any]] = (),
    sample: str = "",
    note: str = "",
    tags: str | Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    storage: str = "arrow",
    points: int | None = None,
    progress: bool | None = False,
    plot: bool = False,
    finally_: FinalWish = None,
    on_error: Policies = "stop",
    suspenders: Suspender | Iterable[Suspender] = (),
    when_busy: WhenBusy = "refuse",
) -> NewRun:
    """Store points that free code takes: ``with new_run("relaxation") as run: run.add(x=0.1, y=3.2)``.

    The run has everything that one of :func:`measure` has: snapshots, the script, commit and versions, an outcome. An
    error in the block ends it as ``failed``, with its traceback, and is raised. Ctrl-C ends it with the next point
    that is added, and what stands behind the block goes on; a second Ctrl-C stops at once and raises
    ``KeyboardInterrupt``. ``run.stop()`` and ``pause()`` of other threads and processes work with the next point too.
    Every point that was added is stored, as for ``measure``.

    Parameters
    ----------
    name
        What to find the run by.
    setpoints
        What the points are arranged along, names or parameters: each new value is a new step, so that
        ``setpoints=("x", "y")`` gives a grid of x and y, and each point has to have both. Without, points are counted.
        For values that are never met twice (both of them read, or on no grid) leave it out: a grid has a place for each
        combination.
    instruments
        Those that the run uses, or parameters of them: no other run may use them meanwhile. Others are not known.
    sample, note, tags, metadata, folder, storage, plot, finally_
        As for :func:`measure`.
    points
        How many there will be, for the progress bar and ``run.time_left``.
    progress
        Whether to show one; ``None``: in a terminal and in a notebook.
    on_error
        As for :func:`measure`, for parameters that ``run.add(parameter)`` reads. What the code reads itself is its own.
    suspenders
        As for :func:`measure`: they are looked at when the block begins, and when a point was added. Where something is
        bad, ``add`` waits; ``while run.was_suspended: run.add(…)`` behind it takes the point again.
    when_busy
        As for :func:`measure`, of ``instruments``.

    The block is carried out by the thread that it stands in, so that there is no ``background=``: a thread of your own
    that has the ``with`` block does the same.

    Returns
    -------
    NewRun
        For a ``with`` block, which gets a :class:`FreeRun`: ``add``, ``new_table`` and ``describe``, and all that a
        :class:`Run` has.

    Raises
    ------
    UsageError
        One of the arguments is not allowed. Nothing was stored.
    InstrumentsInUseError, DataFolderError, UnknownPluginError
        As for :func:`measure`, when the block begins; it is not entered.
    """
    facts = checked_facts(name, sample, note, tags, metadata)
    if not facts.name.strip():
        raise UsageError("a run of free code needs a name", advice="Write new_run('what it is').")
    require_choice(when_busy)
    if points is not None and not (is_whole(points) and points >= 0):
        raise UsageError(f"points={points!r}: allowed are whole numbers from 0 on, and None")
    return NewRun(
        partial(
            _begun,
            facts,
            checked_setpoints(setpoints),
            _listed(instruments),
            partial(open_storage, storage, folder),
            final_steps(finally_),
            policy=policy_for_parameters(on_error),
            suspenders=checked_suspenders(suspenders),
            start_plot=partial(_start, plot_starter(wanted=plot), storage),
            bar=(points, progress),
            when_busy=when_busy,
        )
    )


@contextmanager
def _begun(
    facts: RunFacts,
    setpoints: tuple[Quantity, ...],
    instruments: tuple[Any, ...],
    opened: Callable[[], Storage],
    steps: tuple[FinalStep, ...],
    *,
    policy: Callable[[Parameter[Any]], ErrorPolicy],
    suspenders: tuple[Suspender, ...],
    start_plot: Callable[[Storage], None],
    bar: tuple[int | None, bool | None],
    when_busy: WhenBusy,
) -> Iterator[FreeRun]:
    place, control = opened(), RunControl(suspenders)
    live = LiveRun(new_run_id(), facts.name, control)
    uses = uses_of((*instruments, *(step.subject for step in steps if step.subject is not None)))
    with ExitStack() as ending:
        ending.callback(control.ended)
        channel = ControlChannel(place.folder, live.id, control, lambda: None)
        ending.enter_context(channel)
        claimed = claim(uses, Holder(live.id, live.name), when_busy, place.folder)
        ending.callback(claimed.release)
        interrupts = ending.enter_context(Interrupts(control.stop))
        recorder = Recorder(control, policy)
        main = RunTable(recorder, MAIN, setpoints)
        total, wanted = bar
        header = _header(facts, live, main, instruments, total)
        writer = place.create(header)
        recorder.begin(writer)
        start_plot(place)
        channel.warn_if_deaf()
        claimed.measured_here()
        control.thread = threading.get_ident()
        register(live)
        ending.callback(unregister, live)
        run = FreeRun(place, live.id, recorder, main)
        ending.callback(plugins.hooks.run_finished, run)
        shown = ProgressFacts(live.name, total, lambda: writer.points, lambda: control.state)
        life = RunLife(
            run,
            writer,
            control,
            steps,
            header,
            bar=partial(shown_progress, shown, wanted=wanted) if wanted is not False else nullcontext,
            parameters=lambda: (*_parameters(instruments), *recorder.parameters),
            swept=lambda: [each for each in main.setpoints if isinstance(each, Parameter)],
            facts=lambda: {"failed_readings": recorder.failed.counts},
            timings=recorder.timings,
        )
        with life.in_order(interrupts):
            try:
                recorder.begin_measuring()
                yield run
            finally:
                recorder.is_over = True


def _header(
    facts: RunFacts, live: LiveRun, main: RunTable, instruments: tuple[Any, ...], points: int | None
) -> RunHeader:
    table = Table(main.name, main.dimensions, ())
    started = time.time()
    parameters = _parameters(instruments)
    owners = [each.instrument for each in parameters if each.instrument is not None]
    used = [each for each in instruments if not isinstance(each, Parameter)]
    return RunHeader(
        id=live.id,
        name=live.name,
        started=started,
        layout=Layout((), (table,)),
        utc_offset=time.localtime(started).tm_gmtoff,
        sample=facts.sample,
        note=facts.note,
        tags=facts.tags,
        plan={"levels": [], "points": points, "free": True, **inside_data()},
        snapshot=take_snapshot(parameters),
        environment=surroundings((*luthier.instruments().values(), *used, *owners)),
        metadata=facts.metadata,
    )


def _parameters(instruments: tuple[Any, ...]) -> tuple[Parameter[Any], ...]:
    return tuple(each for each in instruments if isinstance(each, Parameter))


def _listed(instruments: Any) -> tuple[Any, ...]:
    if isinstance(instruments, Parameter) or hasattr(instruments, "snapshot"):
        return (instruments,)
    listed = tuple(instruments)
    for each in listed:
        if not isinstance(each, Parameter) and not hasattr(each, "snapshot"):
            raise UsageError(
                f"instruments= got {each!r} ({type(each).__name__}): allowed are instruments and parameters"
            )
    return listed


def _start(start: Callable[[str, Any], None], storage: str, place: Storage) -> None:
    start(storage, place.folder)
