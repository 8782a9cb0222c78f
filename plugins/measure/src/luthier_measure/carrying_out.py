"""Carrying out a measurement that is ready to begin, and ending it in order."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import attrs
from luthier import plugins

from luthier_measure import background as in_background
from luthier_measure.control import StopRequested
from luthier_measure.control_channel import ControlChannel
from luthier_measure.errors import InstrumentsInUseError
from luthier_measure.in_use import Claim, Holder, claim
from luthier_measure.interrupts import Interrupts
from luthier_measure.live_runs import register, unregister
from luthier_measure.loop import LoopLevel, compile_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.control import RunControl
    from luthier_measure.in_use import Uses, WhenBusy
    from luthier_measure.live_runs import LiveRun
    from luthier_measure.past import Past
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.run import Run
    from luthier_measure.run_life import RunLife
    from luthier_measure.storage import Storage

__all__ = ["Measurement", "carried_out"]


@attrs.frozen(eq=False)
class Measurement:
    """A run with all that it takes to measure it, once.

    Attributes
    ----------
    levels
        What is to be done.
    life
        Announces the run, and ends it in order.
    past
        What is stored already, of a run that goes on.
    """

    levels: tuple[ArrangedLevel, ...]
    life: RunLife
    past: Past | None = None

    @property
    def run(self) -> Run:
        """Where it is stored."""
        return self.life.run

    def carry_out(self, interrupts: Interrupts | None) -> None:
        """Measure, and end the run in order whatever happens; raise what ended it, if that was an error.

        Parameters
        ----------
        interrupts
            What takes Ctrl-C; ``None`` where it does not arrive.
        """
        with self.life.in_order(interrupts):
            loop = self._loop()
            self.life.control.begin()
            loop()

    def _loop(self) -> Callable[[], None]:
        def loop_level(arranged: ArrangedLevel) -> LoopLevel:
            add = None if arranged.table is None else self.life.writer.appender(arranged.table)
            return LoopLevel(arranged, add)

        return compile_loop(tuple(map(loop_level, self.levels)), self.life.control, self.life.timings, self.past)


def carried_out(
    ready: Callable[[], Measurement],
    uses: Uses,
    place: Storage,
    live: LiveRun,
    *,
    when_busy: WhenBusy,
    background: bool,
    waits_behind: bool = False,
    waits_as: Run | None = None,
) -> Run:
    """Begin the run in the storage, and measure, here or in the background.

    Parameters
    ----------
    ready
        Begins it in the storage.
    uses
        What it uses, which no other run may have.
    place, live
        Where it is stored, and what is known of it while it goes on.
    when_busy, background
        As for ``measure``.
    waits_behind
        Where another run uses some of it, wait in the background too, when the run is stored already.
    waits_as
        The same for a run that goes on, which is stored already, and is not touched before.
    """
    look = in_background.when_program_ends(live) if background else lambda: None
    if background:
        in_background.hear_interrupts_at_the_end()
    with ExitStack() as ending:
        channel = ControlChannel(place.folder, live.id, live.control, look)
        ending.enter_context(channel)
        claiming = partial(claim, uses, Holder(live.id, live.name))
        claimed: Claim | None = None
        busy = ""
        try:
            claimed = claiming("refuse" if waits_behind or waits_as else when_busy, place.folder)
            ending.callback(claimed.release)
        except InstrumentsInUseError as error:
            if not (waits_behind or waits_as):
                raise
            busy = error.what
        with Interrupts(live.control.stop) as interrupts:
            measurement: Measurement | Callable[[], Measurement] = ready
            if claimed is None and waits_as is not None:
                run = waits_as
            else:
                measurement = ready()
                run = measurement.run
            channel.warn_if_deaf()
            register(live)
            ending.callback(unregister, live)
            waited = partial(_wait_for, claiming, place.folder, live.control, busy)
            work = partial(_measure, measurement, claimed or waited, ending.pop_all())
            if background:
                in_background.start(live, partial(work, None))
                return run.following(live)
            try:
                work(interrupts)
            finally:
                live.control.ended()
    return run


def _wait_for(claiming: Callable[..., Claim], data_folder: Path, control: RunControl, busy: str) -> Claim:
    with control.waiting(busy) as stopped:
        return claiming("wait", data_folder, stopped)


def _measure(
    measurement: Measurement | Callable[[], Measurement],
    claimed: Claim | Callable[[], Claim],
    ending: ExitStack,
    interrupts: Interrupts | None,
) -> None:
    """Carry it out in this thread, and free everything."""
    with ending:
        if not isinstance(claimed, Claim):
            try:
                claimed = claimed()
            except StopRequested:
                # A run that is not begun yet stays as it was.
                if isinstance(measurement, Measurement):
                    measurement.life.give_up()
                return
            ending.callback(claimed.release)
            if isinstance(measurement, Measurement):
                measurement.life.begin_late()
        if not isinstance(measurement, Measurement):
            measurement = measurement()
        claimed.measured_here()
        try:
            measurement.carry_out(interrupts)
        finally:
            plugins.hooks.run_finished(measurement.run)
