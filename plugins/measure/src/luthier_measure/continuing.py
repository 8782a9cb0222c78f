"""Going on with a run that was cut off or stopped."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import luthier

from luthier_measure.adapting import Adaptive
from luthier_measure.control_files import live_state
from luthier_measure.errors import PlanDiffersError, RunFinishedError, RunGoesOnError, StateDiffersError
from luthier_measure.loading import load, open_storage
from luthier_measure.measuring import carry_on
from luthier_measure.past import Past, PastPass
from luthier_measure.plan import plan
from luthier_measure.plan_agreement import require_same
from luthier_measure.plan_layout import arrange
from luthier_measure.present_state import present_differences
from luthier_measure.rebuilding import rebuilt_options, rebuilt_plan
from luthier_measure.run import Run
from luthier_measure.schedule import Schedule
from luthier_measure.snapshots import take_snapshot
from luthier_measure.storage import Continuation
from luthier_measure.stored_rows import StoredRows
from luthier_measure.surroundings import surroundings

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from luthier_measure.failed_readings import Policies
    from luthier_measure.final_state import FinalWish
    from luthier_measure.in_use import WhenBusy
    from luthier_measure.plan import Item, Plan
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.storage import RunReader, Storage
    from luthier_measure.suspenders import Suspender

__all__ = ["ContinueOptions", "continue_run"]


class ContinueOptions(TypedDict, total=False):
    """The options of ``measure`` that count for what follows."""

    progress: bool | None
    finally_: FinalWish
    on_error: Policies
    suspenders: Suspender | Iterable[Suspender]
    background: bool
    when_busy: WhenBusy


def continue_run(
    run: Run | str,
    /,
    *items: Item,
    accept: bool = False,
    folder: str | os.PathLike[str] | None = None,
    storage: str = "arrow",
    **options: Unpack[ContinueOptions],
) -> Run:
    """Go on with a run that was interrupted, stopped or has failed, at its first missing point, in the same run.

    What is stored is passed over without setting anything. Then what lies around the first missing point is set, the
    outermost first (with ramps, delays, and what is done there), and the measurement goes on as if it had not been cut
    off. Readings of the outer levels that are stored are not taken again.

    What decided on the way is found in the stored points. Whoever chooses values (:func:`adaptive`) is given them one
    after the other, and then goes on; a function has to choose the same values again. Conditions are asked where the
    stored points end: for those that skip or stop, the last point is taken again; ``until=`` and ``while_=`` are asked
    alone. A time series (:func:`every`) around everything keeps its clock, and what fell due meanwhile is left out; one
    inside a sweep that was cut off begins anew. What a function of the script counts or keeps, only the script can
    bring back.

    Parameters
    ----------
    run
        The run, its id, or the beginning of it.
    items
        The same that were given to ``measure``. None: the plan is put together again from what is stored, with the
        instruments that are open now, and so are ``finally_``, ``on_error`` and ``suspenders``; that cannot be done
        with functions (as conditions, too), searches, and parameters that belong to no instrument.
    accept
        Whether to go on although instruments are not as they were when the run began. Settings are read for that; what
        the plan varies or reads does not count.
    folder, storage
        As for :func:`load`, where the run is given by its id.
    options
        ``progress``, ``finally_``, ``on_error``, ``suspenders``, ``background``, ``when_busy``, as for ``measure``.
        Where the run waits in the background for another one, nothing of it is touched until then; its state is
        ``waiting``, and what is refused then is raised by ``run.wait()``.

    Returns
    -------
    Run
        The same run.

    Raises
    ------
    RunFinishedError, RunGoesOnError
        It was completed, or the time of its series is over; or it is being measured.
    PlanDiffersError
        The items are not those of the run, or the plan cannot be put together again. Later, of the run that goes on:
        a function chooses other values than before.
    StateDiffersError
        Instruments are not as they were; ``differences`` says which settings.
    Exception
        Otherwise as ``measure``. Up to here, nothing was set.
    """
    if isinstance(run, Run):
        place, run_id = cast("Storage", run.storage), run.id
    else:
        place = open_storage(storage, folder)
        run_id = load(run, folder=folder, storage=storage).id
    reader = place.open(run_id)
    _require_unfinished(reader)
    _require_idle(place, run_id)
    header = reader.header
    made = plan(*items) if items else rebuilt_plan(header)
    if not items:
        rebuilt = rebuilt_options(header, made, {"finally_", "on_error", "suspenders"} - options.keys())
        options = cast("ContinueOptions", {**rebuilt, **options})
    made.check()
    layout, levels = arrange(made)
    require_same(made, layout, reader)

    def begin() -> tuple[Continuation, Past]:
        # Now that the instruments are its own. While it waited for them, the run may have become another one.
        return _begun(made, levels, place.open(run_id), accept=accept)

    return carry_on(made, place, header, levels=levels, begin=begin, **options)


def _begun(
    made: Plan, levels: tuple[ArrangedLevel, ...], reader: RunReader, *, accept: bool
) -> tuple[Continuation, Past]:
    """Compare the instruments with what they were, and return what is known when the run goes on."""
    _require_unfinished(reader)
    header = reader.header
    past = _past(made, levels, reader)
    _require_time_left(made, past, header.id)
    last = reader.continuations[-1] if reader.continuations else None
    known = {} if last is None else last.snapshot
    differences = present_differences(known or header.snapshot, made)
    if differences and not accept:
        raise _differs(header.id, differences)
    used = [parameter.instrument for parameter in made.parameters if parameter.instrument is not None]
    continuation = Continuation(
        time.time(),
        snapshot=take_snapshot(made.parameters),
        environment=surroundings((*luthier.instruments().values(), *used)),
        duration=_duration_before(reader, past),
        timings=reader.end.timings if reader.end is not None else {} if last is None else last.timings,
    )
    return continuation, past


def _require_idle(place: Storage, run_id: str) -> None:
    state = live_state(place.folder, run_id)
    if state is not None:
        raise RunGoesOnError(
            f"a living process is going on with it already; it is {state}",
            who=f"run {run_id}",
            state="Nothing was set.",
            advice="Wait until it has ended, or end it: 'luthier stop-run'.",
            run_id=run_id,
        )


def _require_unfinished(reader: RunReader) -> None:
    run_id = reader.header.id
    if reader.outcome == "completed":
        raise RunFinishedError(
            "nothing to go on with: the run was completed", who=f"run {run_id}", state="Nothing was set."
        )
    if reader.outcome == "running":
        raise RunGoesOnError(
            "a living process is measuring it",
            who=f"run {run_id}",
            state="Nothing was set; the run goes on.",
            advice="Wait until it has ended, or end it: 'luthier stop-run'.",
            run_id=run_id,
        )
    if reader.header.plan.get("free"):
        raise PlanDiffersError(
            "cannot go on: its points came from free code (new_run), of which no plan is stored",
            who=f"run {reader.header.id}",
            state="Nothing was set.",
            advice="Begin a new run for what is missing.",
        )
    if reader.problems:
        raise PlanDiffersError(
            f"cannot go on, because points inside it are damaged: {' '.join(reader.problems)}",
            who=f"run {run_id}",
            state="Nothing was set.",
            advice="Begin a new run; everything else of this one can be read.",
        )


def _past(made: Plan, levels: tuple[ArrangedLevel, ...], reader: RunReader) -> Past:
    wanted = {name for each in levels for name in _needed(each)}
    own = [each.table for each in levels]
    stored = {table: StoredRows(reader.read(table, wanted)) for table in own if table is not None}
    inside = [
        tuple(
            table
            for other, table in zip(levels, own, strict=True)
            if table is not None and (other is each or any(one is each.level for one in made.around(other.level)))
        )
        for each in levels
    ]
    setpoints = [tuple(column.name for column in each.setpoints) for each in levels]
    again = _taken_again(made, levels, stored) if made.may_leave_out else None
    return Past(stored, inside, own, setpoints, again, may_leave_out=made.may_leave_out)


def _needed(each: ArrangedLevel) -> Iterator[str]:
    """Give the columns whose values decide on how the loop follows; places alone do for everything else."""
    if isinstance(each.level.sweep, (Adaptive, Schedule)):
        yield from (column.name for column in each.setpoints)
    if isinstance(each.level.sweep, Adaptive):
        yield from (column.name for reading in each.readings for column in reading.columns)


def _taken_again(made: Plan, levels: tuple[ArrangedLevel, ...], stored: Mapping[str, StoredRows]) -> str | None:
    """Return the table of the last point; but a point of a series by the clock has had its time."""
    latest = max(levels, key=lambda each: -math.inf if each.table is None else stored[each.table].last_time)
    around = [each.sweep for each in (*made.around(latest.level), latest.level) if each.sweep is not None]
    return None if around and isinstance(around[-1], Schedule) else latest.table


def _require_time_left(made: Plan, past: Past, run_id: str) -> None:
    """Refuse a series by the clock around everything, of which nothing is due any more."""
    first, *others = made.levels
    if not isinstance(first.sweep, Schedule) or any(level.depth == first.depth for level in others):
        return
    size, taken = first.sweep.size, PastPass(past, 0, ())
    if size is None or not taken.places or taken.places[-1] + 1 == size:
        return
    ended = taken.began() + size * first.sweep.interval
    if time.time() >= ended:
        raise RunFinishedError(
            f"nothing to go on with: it takes points by the clock, and the last one was due at {_clock_time(ended)}",
            who=f"run {run_id}",
            state="Nothing was set; the run is as it was.",
            advice="Begin a new run.",
        )


def _clock_time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _differs(run_id: str, differences: tuple[Any, ...]) -> StateDiffersError:
    shown = "; ".join(
        f"{each.name} was {f'{each.before} {each.unit}'.rstrip()}, is {each.after}" for each in differences[:_SHOWN]
    )
    more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
    return StateDiffersError(
        f"instruments are not as they were when the run began: {shown}{more}",
        who=f"run {run_id}",
        state="Nothing was set.",
        advice="Set them as they were, or go on as they are: continue_run(…, accept=True), or --accept.",
        run_id=run_id,
        differences=differences,
    )


_SHOWN = 8


def _duration_before(reader: RunReader, past: Past) -> float | None:
    """Return how many seconds the run took so far; of a part that was killed, until its last stored point."""
    if reader.end is not None:
        return reader.end.duration
    last = reader.continuations[-1] if reader.continuations else None
    began, before = (reader.header.started, 0.0) if last is None else (last.started, last.duration)
    # Points have a clock of their own, which nobody sets while the run goes on.
    return None if before is None else before + max(0.0, past.last_time - began)
