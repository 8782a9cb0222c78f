"""How a live parameter approaches the values that it is set to, and how it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from luthier.parameter.description import DescribedParameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.monitor import Monitor
    from luthier.parameter.motion import Motion

__all__ = ["MovingParameter"]

T = TypeVar("T")


class MovingParameter(DescribedParameter[T]):
    """The part of :class:`luthier.parameter.Parameter` that is about ramps."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def monitor(self) -> Monitor: ...  # noqa: D102 - Parameter's own

        def recompile(self) -> None: ...  # noqa: D102 - the same

    @property
    def motion(self) -> Motion | None:
        """How a set approaches its value; ``None``: at once."""
        extras = self._extras or {}
        if "motion" not in extras:
            specification = self.specification
            if specification.step is None and specification.rate is None:
                return None
            self.limit_motion(step=specification.step, rate=specification.rate)
        return self._extras_dict()["motion"]  # type: ignore[no-any-return]  # stored by limit_motion

    @property
    def step(self) -> float | None:
        """The largest step that a set takes at once, in :attr:`unit`; ``None``: it goes at once."""
        return self.bounds_of_motion[0]

    @property
    def rate(self) -> float | None:
        """The largest speed of a set, in :attr:`unit` per s; ``None``: unbounded."""
        return self.bounds_of_motion[1]

    @property
    def bounds_of_motion(self) -> tuple[float | None, float | None]:
        """:attr:`step` and :attr:`rate`; never waits for the instrument."""
        motion = (self._extras or {}).get("motion")
        if motion is not None:
            return motion.step, motion.rate
        step, rate = self.specification.step, self.specification.rate
        if step is None and rate is not None:
            from luthier.parameter.motion import step_for  # noqa: PLC0415 - most parameters move at once

            step = step_for(rate)
        return step, rate

    def limit_motion(self, *, step: float | None = None, rate: float | None = None) -> None:
        """Approach every later set in steps of at most ``step`` (in :attr:`unit`), at most ``rate`` (unit per s) fast.

        ``None`` takes the driver's own; a driver's bound can be tightened, not widened
        (:class:`~luthier.errors.UsageError`).
        """
        from luthier.parameter.motion import Motion  # noqa: PLC0415 - most parameters move at once

        motion = Motion.bounded(self, step, rate)  # type: ignore[arg-type]  # the whole parameter, which this is a part of
        with self.monitor:
            self._extras_dict()["motion"] = motion
            self.recompile()

    def stop(self) -> None:
        """Stop a ramp that another thread is driving: it raises RampInterruptedError there, at the last value sent."""
        motion = self.motion
        if motion is not None:
            motion.stop()
        for stop in (self._extras or {}).get("stopped_with", ()):
            stop()

    def stop_with(self, stop: Callable[[], object]) -> Callable[[], None]:
        """Have :meth:`stop` call ``stop`` too, and return what ends that; for ramps that move several parameters."""
        extras = self._extras_dict()
        with self.monitor:
            extras["stopped_with"] = (*extras.get("stopped_with", ()), stop)

        def end() -> None:
            with self.monitor:
                extras["stopped_with"] = tuple(other for other in extras["stopped_with"] if other is not stop)

        return end
