"""A plan in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier_measure.readings import readable_name

if TYPE_CHECKING:
    from luthier.parameter import ParameterSweep

    from luthier_measure.plan import Plan
    from luthier_measure.sweeps import Sweep

__all__ = ["describe", "duration_text"]

_MINUTE = 60
_HOUR = 3600


def describe(plan: Plan) -> str:
    """Return the text of :meth:`luthier_measure.plan.Plan.describe`."""
    lines = [_total(plan)]
    depth = 0
    for level in plan.levels:
        if level.sweep is not None:
            lines += [f"{'  ' * depth}{line}" for line in _sweep_lines(level.sweep)]
            depth += 1
        if level.readings:
            lines.append(f"{'  ' * depth}read {', '.join(map(readable_name, level.readings))}")
    return "\n".join(lines)


def duration_text(seconds: float) -> str:
    """Write a duration as people do.

    Examples
    --------
    >>> duration_text(0.25), duration_text(119.7), duration_text(8000)
    ('0.25 s', '2 min 0 s', '2 h 13 min')
    """
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    seconds = round(seconds)
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"


def _total(plan: Plan) -> str:
    points = f"{plan.points} point{'s'[: plan.points != 1]}"
    total = f"{' x '.join(map(str, plan.shape))} steps, {points}" if plan.shape else points
    return f"{total}; the delays alone take {duration_text(plan.least_duration)}" if plan.least_duration else total


def _sweep_lines(sweep: Sweep) -> list[str]:
    manner = f", wait {duration_text(sweep.delay)} after each" if sweep.delay else ""
    manner += ", there and back in turn" if sweep.snake else ""
    first, *others = [_range(setpoints) for setpoints in sweep.setpoints]
    return [f"{first}{manner}", *(f"together with {other}" for other in others)]


def _range(setpoints: ParameterSweep[Any]) -> str:
    parameter, values = setpoints.parameter, setpoints.values
    unit = f" {parameter.unit}" if parameter.unit else ""
    count = f"{len(values)} value{'s'[: len(values) != 1]}"
    return f"{parameter.full_name}: {values[0]}{unit} to {values[-1]}{unit}, {count}"
