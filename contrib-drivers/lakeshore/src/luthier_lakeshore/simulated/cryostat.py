"""The cold stage that a simulated controller reads and heats."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["Drive", "Stage"]

_LARGEST_STEP: Final = 0.5  # s
_STEPS: Final = 1000


@attrs.frozen
class Drive:
    """How one heater works on a stage.

    Attributes
    ----------
    limit
        The largest power now, as part of that of the highest range.
    setpoint
        In K; ``None``: the power is ``power`` whatever the temperature.
    power
        As part of the limit; what is given in open loop, and added in closed loop.
    rate
        How fast the setpoint moves towards ``target``, in K/s; 0: not at all.
    """

    limit: float
    setpoint: float | None = None
    power: float = 0.0
    rate: float = 0.0
    target: float = 0.0


@attrs.define
class Stage:
    """A mass that a cooler pulls to a base temperature, and a heater warms.

    Attributes
    ----------
    temperature, base
        In K.
    span
        How far above the base the highest power brings it, in K.
    cooling_time, control_time
        Time constants, in s: of the stage by itself, and of the ideal control.
    power
        What the heater gives at present, as part of the limit.
    """

    temperature: float = 4.0
    base: float = 4.0
    span: float = 400.0
    cooling_time: float = 60.0
    control_time: float = 10.0
    power: float = 0.0

    def pass_time(self, seconds: float, drive: Drive) -> None:
        """Let time go by, in steps that are small against what moves."""
        steps = min(_STEPS, int(seconds / _LARGEST_STEP) + 1)
        step = seconds / steps
        setpoint = drive.setpoint
        for _ in range(steps):
            if setpoint is not None and drive.rate:
                way = drive.target - setpoint
                setpoint += max(-drive.rate * step, min(drive.rate * step, way))
            self.power = self._wanted(setpoint, drive)
            rest = self.base + self.span * self.power * drive.limit
            self.temperature += (rest - self.temperature) * min(1.0, step / self.cooling_time)

    def _wanted(self, setpoint: float | None, drive: Drive) -> float:
        if not drive.limit:
            return 0.0
        if setpoint is None:
            return drive.power
        pull = (setpoint - self.temperature) * self.cooling_time / self.control_time
        wanted = (self.temperature + pull - self.base) / self.span / drive.limit
        return max(0.0, min(1.0, wanted + drive.power))
