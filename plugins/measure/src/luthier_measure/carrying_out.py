"""Carrying out a measurement that is ready to begin, and ending it in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from luthier_measure.loop import LoopLevel, compile_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_measure.catching_up import Past
    from luthier_measure.interrupts import Interrupts
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.run import Run
    from luthier_measure.run_life import RunLife

__all__ = ["Measurement"]


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
