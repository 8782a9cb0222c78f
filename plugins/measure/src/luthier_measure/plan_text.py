"""A plan in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier_measure.plan_words import counted, duration_text
from luthier_measure.readings import readable_name

if TYPE_CHECKING:
    from luthier_measure.plan import Plan

__all__ = ["describe", "duration_text"]


def describe(plan: Plan) -> str:
    """Return the text of :meth:`luthier_measure.plan.Plan.describe`."""
    lines = [_total(plan)]
    for level in plan.levels:
        inside = sum(each.sweep is not None for each in plan.around(level))
        indented: list[str] = []
        if level.sweep is not None:
            lines += [f"{'  ' * inside}{line}" for line in level.sweep.lines()]
            inside += 1
        indented += [step.describe() for step in level.actions]
        if level.readings:
            indented.append(f"read {', '.join(map(readable_name, level.readings))}")
        lines += [f"{'  ' * inside}{line}" for line in indented]
    return "\n".join(lines)


def _total(plan: Plan) -> str:
    known = plan.points
    points = "as many points as it takes" if known is None else counted(known, "point")
    if known is not None and plan.may_leave_out:
        points = f"at most {points}"
    shape = plan.shape
    total = f"{' x '.join('?' if size is None else str(size) for size in shape)} steps, {points}" if shape else points
    least = plan.least_duration
    return f"{total}; the delays alone take {duration_text(least)}" if least else total
