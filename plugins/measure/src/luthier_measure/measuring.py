"""Measuring: a plan is carried out, and every point is stored."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

import attrs
import luthier

from luthier_measure import background as in_background
from luthier_measure.carrying_out import Measurement, carried_out
from luthier_measure.control import RunControl
from luthier_measure.failed_readings import FailedReadings, checked_policies
from luthier_measure.final_state import final_steps
from luthier_measure.in_use import require_choice, uses_of
from luthier_measure.live_runs import LiveRun, inside_data
from luthier_measure.loading import open_storage
from luthier_measure.plan import Plan, plan
from luthier_measure.plan_layout import arrange
from luthier_measure.progress import ProgressFacts, shown_progress
from luthier_measure.readings import readable_name
from luthier_measure.run import Run
from luthier_measure.run_facts import checked_facts
from luthier_measure.run_life import RunLife
from luthier_measure.snapshots import take_snapshot
from luthier_measure.storage import RunHeader, new_run_id
from luthier_measure.surroundings import surroundings
from luthier_measure.suspenders import checked_suspenders
from luthier_measure.timings import Timings
from luthier_measure.viewing import plot_starter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from luthier_measure.failed_readings import ErrorPolicy, Policies
    from luthier_measure.final_state import FinalStep, FinalWish
    from luthier_measure.in_use import WhenBusy
    from luthier_measure.past import Past
    from luthier_measure.plan import Item
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.run_facts import RunFacts
    from luthier_measure.storage import Continuation, Layout, RunWriter, Storage
    from luthier_measure.suspenders import Suspender

__all__ = ["MeasureOptions", "carry_on", "measure"]


class MeasureOptions(TypedDict, total=False):
    """The options of :func:`measure`, but ``dry_run``."""

    name: str
    sample: str
    note: str
    tags: str | Iterable[str]
    metadata: Mapping[str, Any] | None
    folder: str | os.PathLike[str] | None
    storage: str
    progress: bool | None
    plot: bool
    finally_: FinalWish
    on_error: Policies
    suspenders: Suspender | Iterable[Suspender]
    background: bool
    when_busy: WhenBusy


@overload
def measure(*items: Item, dry_run: Literal[False] = False, **options: Unpack[MeasureOptions]) -> Run: ...


@overload
def measure(*items: Item, dry_run: Literal[True], **options: Unpack[MeasureOptions]) -> Plan: ...


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
    finally_: FinalWish = None,
    on_error: Policies = "stop",
    suspenders: Suspender | Iterable[Suspender] = (),
    background: bool = False,
    when_busy: WhenBusy = "refuse",
    dry_run: bool = False,
) -> Run | Plan:
    """Carry out sweeps and readings, and store every point: ``measure(sweep(dac.ch1, 0, 1, num=101), dmm.voltage)``.

    The first sweep is the outermost loop, each further one lies inside it; what is read is taken at each step of the
    last sweep before it, in the order given. A parameter is set only when its own loop takes a step. Before anything is
    set, the whole plan is checked.

    Ctrl-C ends the run after the present point, and the run so far is returned; a second Ctrl-C stops at once and
    raises ``KeyboardInterrupt``. A run that waits before a reading, or stands still, ends at the first one. However a
    run ends, the points taken are stored: each is in the file 0.1 s after it was taken, also when this process is
    killed, and on the disk itself (against a loss of power) after 5 s.

    Parameters
    ----------
    items
        What is varied, read and done, as in :func:`plan`; or one such plan.
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
        Whether to show a progress bar; ``None``: in a terminal and in a notebook, but not for a run in the background
        of a prompt.
    plot
        Whether to show a live plot: in a notebook below the cell, else in the browser. It is drawn by another process,
        which shows the next run too. It needs the distribution ``luthier-plot``.
    finally_
        The state in which to leave the instruments, however the run ends: ``{parameter: value}``, functions without
        arguments, instruments (which are made safe), or a list of these, in order. Checked before anything is set.
    on_error
        What becomes of a reading that fails: ``"stop"``, the run ends with the error; :func:`retry`; ``"nan"``, NaN is
        stored (``None`` for text). Or a mapping of readings to these; those that it leaves out stop. What is set, and
        a closed instrument, always stops.
    suspenders
        Conditions under which the run stands still: see :func:`pause_while`.
    background
        Return at once, and measure in a thread of its own. The program ends when the run has.
    when_busy
        Where another run uses one of the instruments: ``"refuse"`` raises, ``"wait"`` waits, before anything is done;
        with ``background``, the call returns at once and the run is ``waiting``.
        Instruments on servers are looked for in the runs of other processes in the same data folder too. What a
        function uses is not known.
    dry_run
        Print what would be done, after checking it, and return the plan; nothing is set, measured or stored.

    Returns
    -------
    Run
        The stored run: ``run.dataset`` is an ``xarray.Dataset``. In the background, it is one that goes on.

    Raises
    ------
    ValidationError, NotSettableError, NotGettableError, IrrelevantParameterError, ClosedError, UsageError
        The plan cannot be carried out. Nothing was set.
    InstrumentsInUseError
        Another run uses some of the instruments. Nothing was set.
    DataFolderError
        No run can be stored there. Nothing was set.
    UnknownPluginError
        ``plot`` is asked for, and ``luthier-plot`` is not installed. Nothing was set.
    StorageWriteError
        Points can no longer be stored (disk full). The run ended; those before are kept.
    UnstorableValueError
        A reading gave something that cannot be stored. The run ended; everything else is kept.
    FinalStateError
        The run ended, and something of ``finally_`` could not be done; everything else of it was. Where the run ended
        with an error, this is a note on it.
    Exception
        Whatever a driver or function raised. The run ended with the outcome ``failed``, its points are kept, and a note
        on the exception says where they are.

    Of a run in the background, what happens later is raised by ``run.wait()``, and logged.
    """
    facts = checked_facts(name, sample, note, tags, metadata)
    made = plan(*items)
    made.check()
    steps = final_steps(finally_)
    policies = checked_policies(on_error, made.readings)
    control = RunControl(checked_suspenders(suspenders))
    require_choice(when_busy)
    if dry_run:
        print(made.describe())  # noqa: T201 - what was asked for
        return made
    start_plot = plot_starter(wanted=plot)
    place = open_storage(storage, folder)
    live = LiveRun(new_run_id(), facts.name or _default_name(made), control)

    def ready() -> Measurement:
        layout, levels = arrange(made)
        header = _header(made, layout, facts, live, _options_data(steps, policies, suspenders))
        measurement = _ready(
            made,
            place,
            live,
            header,
            levels=levels,
            writer=place.create(header),
            policies=policies,
            steps=steps,
            bar_wanted=_bar_wanted(progress, background),
        )
        start_plot(storage, place.folder)
        return measurement

    uses = _uses(made, steps)
    behind = background and when_busy == "wait"
    return carried_out(ready, uses, place, live, when_busy=when_busy, background=background, waits_behind=behind)


def carry_on(
    made: Plan,
    place: Storage,
    header: RunHeader,
    *,
    levels: tuple[ArrangedLevel, ...],
    begin: Callable[[], tuple[Continuation, Past]],
    progress: bool | None = None,
    finally_: FinalWish = None,
    on_error: Policies = "stop",
    suspenders: Suspender | Iterable[Suspender] = (),
    background: bool = False,
    when_busy: WhenBusy = "refuse",
) -> Run:
    """Measure what is missing of a run; the plan was checked and compared with it, the options are those of measure.

    ``begin`` is called when the instruments are there; it may refuse.
    """
    steps = final_steps(finally_)
    policies = checked_policies(on_error, made.readings)
    control = RunControl(checked_suspenders(suspenders))
    require_choice(when_busy)
    live = LiveRun(header.id, header.name, control)
    # What the surroundings were when it began stays as it is.
    known = attrs.evolve(header, environment={})

    def ready() -> Measurement:
        continuation, past = begin()
        return _ready(
            made,
            place,
            live,
            known,
            levels=levels,
            writer=place.resume(header.id, continuation),
            policies=policies,
            steps=steps,
            bar_wanted=_bar_wanted(progress, background),
            past=past,
            before=continuation,
        )

    behind = Run(place, header.id) if background and when_busy == "wait" else None
    uses = _uses(made, steps)
    return carried_out(ready, uses, place, live, when_busy=when_busy, background=background, waits_as=behind)


def _ready(
    made: Plan,
    place: Storage,
    live: LiveRun,
    header: RunHeader,
    *,
    levels: tuple[ArrangedLevel, ...],
    writer: RunWriter,
    policies: tuple[ErrorPolicy, ...],
    steps: tuple[FinalStep, ...],
    bar_wanted: bool | None,
    past: Past | None = None,
    before: Continuation | None = None,
) -> Measurement:
    failed, timings = FailedReadings(live.control.sleep), Timings(None if before is None else before.timings)
    shown = ProgressFacts(header.name, made.points, lambda: writer.points, lambda: live.control.state)
    life = RunLife(
        Run(place, header.id),
        writer,
        live.control,
        steps,
        header,
        bar=partial(shown_progress, shown, wanted=bar_wanted),
        parameters=lambda: made.parameters,
        swept=lambda: [setpoints.parameter for setpoints in made.setpoints],
        facts=lambda: {"failed_readings": failed.counts},
        timings=timings,
        duration_before=0.0 if before is None else before.duration,
    )
    return Measurement(failed.guarded(levels, policies), life, past)


def _uses(made: Plan, steps: tuple[FinalStep, ...]) -> dict[str, str]:
    left = [step.subject for step in steps if step.subject is not None]
    return uses_of((*made.parameters, *left))


def _bar_wanted(progress: bool | None, background: bool) -> bool | None:
    return False if progress is None and background and in_background.is_at_a_prompt() else progress


def _options_data(steps: tuple[FinalStep, ...], policies: tuple[ErrorPolicy, ...], suspenders: Any) -> dict[str, Any]:
    """Describe what counts for a run that goes on, in JSON's terms; what is as usual has no entry."""
    on_error = [policy if isinstance(policy, str) else policy.to_data() for policy in policies]
    data = {
        "finally": [step.to_data() for step in steps],
        "on_error": on_error if any(each != "stop" for each in on_error) else [],
        "suspenders": [each.to_data() for each in checked_suspenders(suspenders)],
    }
    return {key: value for key, value in data.items() if value}


def _header(made: Plan, layout: Layout, facts: RunFacts, live: LiveRun, options: dict[str, Any]) -> RunHeader:
    used = [parameter.instrument for parameter in made.parameters if parameter.instrument is not None]
    started = time.time()
    return RunHeader(
        id=live.id,
        name=live.name,
        started=started,
        layout=layout,
        utc_offset=time.localtime(started).tm_gmtoff,
        sample=facts.sample,
        note=facts.note,
        tags=facts.tags,
        plan={**made.to_data(), **({"options": options} if options else {}), **inside_data()},
        snapshot=take_snapshot(made.parameters),
        environment=surroundings((*luthier.instruments().values(), *used)),
        metadata=facts.metadata,
    )


def _default_name(made: Plan) -> str:
    read = ", ".join(map(readable_name, made.readings))
    swept = ", ".join(setpoints.parameter.full_name for setpoints in made.setpoints)
    return f"{read} against {swept}" if swept else read
