"""Going on with a run that was cut off or stopped."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import luthier

from luthier_measure.adapting import Adaptive
from luthier_measure.catching_up import Past
from luthier_measure.errors import PlanDiffersError, RunFinishedError, RunGoesOnError, StateDiffersError
from luthier_measure.loading import load, open_storage
from luthier_measure.measuring import carry_on
from luthier_measure.plan import plan
from luthier_measure.plan_layout import arrange
from luthier_measure.present_state import present_differences
from luthier_measure.rebuilding import rebuilt_options, rebuilt_plan
from luthier_measure.repetition import Repetition, Schedule
from luthier_measure.run import Run
from luthier_measure.snapshots import take_snapshot
from luthier_measure.steps import Guard
from luthier_measure.storage import Continuation
from luthier_measure.surroundings import surroundings

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from luthier_measure.failed_readings import Policies
    from luthier_measure.final_state import FinalWish
    from luthier_measure.in_use import WhenBusy
    from luthier_measure.plan import Item, Plan
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.storage import Column, Layout, RunReader, Storage
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
    off. Readings of the outer levels that are stored are not taken again. Where conditions look at what was measured,
    the last point is taken again, so that they can decide.

    Parameters
    ----------
    run
        The run, its id, or the beginning of it.
    items
        The same that were given to ``measure``. None: the plan is put together again from what is stored, with the
        instruments that are open now, and so are ``finally_`` and ``on_error``; that cannot be done with functions,
        conditions, actions and parameters that belong to no instrument.
    accept
        Whether to go on although instruments are not as they were when the run began. Settings are read for that; what
        the plan varies or reads does not count.
    folder, storage
        As for :func:`load`, where the run is given by its id.
    options
        ``progress``, ``finally_``, ``on_error``, ``suspenders``, ``background``, ``when_busy``, as for ``measure``.

    Returns
    -------
    Run
        The same run.

    Raises
    ------
    RunFinishedError, RunGoesOnError
        It was completed, or is being measured.
    PlanDiffersError
        The items are not those of the run; or the plan cannot be put together again; or it is one that cannot be gone
        on with: searches, repetitions under a condition, time series.
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
    header = reader.header
    made = plan(*items) if items else rebuilt_plan(header)
    if not items:
        options = {**_chosen(rebuilt_options(header), options), **options}
    made.check()
    layout, levels = arrange(made)
    _require_same(made, layout, reader)
    _require_followable(made, run_id)
    known = reader.continuations[-1].snapshot if reader.continuations else {}
    differences = present_differences(known or header.snapshot, made)
    if differences and not accept:
        raise _differs(run_id, differences)
    used = [parameter.instrument for parameter in made.parameters if parameter.instrument is not None]
    continuation = Continuation(
        time.time(),
        snapshot=take_snapshot(made.parameters),
        environment=surroundings((*luthier.instruments().values(), *used)),
    )
    past = _past(made, levels, reader)
    return carry_on(made, place, header, levels=levels, continuation=continuation, past=past, **options)


def _chosen(rebuilt: dict[str, Any], options: ContinueOptions) -> ContinueOptions:
    chosen: ContinueOptions = {"finally_": rebuilt["finally_"], "on_error": rebuilt["on_error"]}
    return {**chosen, **options}


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


def _require_followable(made: Plan, run_id: str) -> None:
    stops = any(isinstance(each, Guard) and each.verdict == "stop" for level in made.levels for each in level.actions)
    for level in made.levels:
        sweep, why = level.sweep, ""
        if isinstance(sweep, Adaptive):
            why = f"the values of {sweep.label} are chosen on the way"
        elif isinstance(sweep, Schedule):
            why = "a time series has its own clock"
        elif isinstance(sweep, Repetition) and sweep.size is None and (sweep.until or sweep.while_):
            why = "a condition decides how often it repeats"
        elif getattr(sweep, "turns_back", False) and stops:
            why = "where the way there was ended by stop_if() is not stored"
        if why:
            raise PlanDiffersError(
                f"this plan cannot be gone on with: {why}",
                who=f"run {run_id}",
                state="Nothing was set.",
                advice="Begin a new run for what is missing.",
            )


def _require_same(made: Plan, layout: Layout, reader: RunReader) -> None:
    found = list(_mismatches(made, layout, reader))
    if found:
        raise PlanDiffersError(
            f"the plan is not that of the run: {'; '.join(found)}",
            who=f"run {reader.header.id}",
            state="Nothing was set.",
            advice="Give the same sweeps and readings, in the same order, with which the run was begun.",
        )


def _mismatches(made: Plan, layout: Layout, reader: RunReader) -> Iterator[str]:
    stored, given = reader.header.plan.get("levels", ()), made.to_data()["levels"]
    if len(stored) != len(given):
        yield f"it had {len(stored)} levels, and has {len(given)}"
        return
    for before, now in zip(stored, given, strict=True):
        if before.get("readings") != now["readings"]:
            yield f"it read {_list(before.get('readings', ()))}, and reads {_list(now['readings'])}"
        first, second = before.get("sweep", {}), now.get("sweep", {})
        for key in ("kind", "parameters", "steps", "snake", "turns_back"):
            if first.get(key) != second.get(key):
                yield f"{key} was {first.get(key)}, and is {second.get(key)}"
        if before.get("depth") != now["depth"] or before.get("actions", []) != now.get("actions", []):
            yield "levels or actions are arranged otherwise"
    columns = {column.name: column for column in reader.layout.columns}
    if list(columns) != [column.name for column in layout.columns]:
        yield f"its columns were {_list(columns)}"
        return
    for column in layout.columns:
        yield from _column_mismatches(columns[column.name], column)


def _column_mismatches(before: Column, now: Column) -> Iterator[str]:
    if (before.role, before.parameter, before.unit) != (now.role, now.parameter, now.unit):
        yield f"{now.name} was {before.parameter or 'a function'} in {before.unit or '1'}"
    elif not _same_values(before.values, now.values):
        yield f"the values of {now.name} are others"


def _same_values(before: tuple[Any, ...] | None, now: tuple[Any, ...] | None) -> bool:
    if before is None or now is None or len(before) != len(now):
        return before is now
    scale = max((abs(value) for value in now if isinstance(value, (int, float))), default=0.0)
    return all(
        math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9 * scale)
        if isinstance(first, (int, float)) and isinstance(second, (int, float))
        else first == second or (first != first and second != second)  # noqa: PLR0124 - NaN differs from itself
        for first, second in zip(before, now, strict=True)
    )


def _differs(run_id: str, differences: tuple[Any, ...]) -> StateDiffersError:
    shown = "; ".join(f"{each.name} was {each.before} {each.unit}, is {each.after}" for each in differences[:_SHOWN])
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


def _past(made: Plan, levels: tuple[ArrangedLevel, ...], reader: RunReader) -> Past:
    data = {each.table: reader.read(each.table) for each in levels if each.table is not None}
    places = {
        table: tuple(dict.fromkeys(zip(*map(_listed, rows.indices), strict=True)))
        if rows.indices
        else ((),) * min(1, len(rows.times))
        for table, rows in data.items()
    }
    own = [each.table for each in levels]
    inside = [
        tuple(
            table
            for other, table in zip(levels, own, strict=True)
            if table is not None and (other is each or any(one is each.level for one in made.around(other.level)))
        )
        for each in levels
    ]
    latest = max(data, key=lambda table: data[table].times[-1] if len(data[table].times) else -math.inf)
    return Past(places, inside, own, latest if made.may_leave_out else None)


def _listed(indices: Any) -> list[int]:
    listed: list[int] = indices.tolist()
    return listed


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"
