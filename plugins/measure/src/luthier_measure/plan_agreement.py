"""Whether a plan is the one with which a run was begun."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from luthier_measure.errors import PlanDiffersError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from luthier_measure.plan import Plan
    from luthier_measure.storage import Column, Layout, RunReader

__all__ = ["require_same"]


def require_same(made: Plan, layout: Layout, reader: RunReader) -> None:
    """Raise :class:`PlanDiffersError` where a plan, with its layout, is not that of a stored run."""
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
        yield from _sweep_mismatches(before.get("sweep", {}), now.get("sweep", {}))
        if before.get("depth") != now["depth"] or before.get("actions", []) != now.get("actions", []):
            yield "levels or actions are arranged otherwise"
    columns = {column.name: column for column in reader.layout.columns}
    if list(columns) != [column.name for column in layout.columns]:
        yield f"its columns were {_list(columns)}"
        return
    for column in layout.columns:
        yield from _column_mismatches(columns[column.name], column)


def _sweep_mismatches(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    asked = ["kind", "parameters", "steps", "snake", "turns_back"]
    # Runs of before have not all of these.
    asked += [key for key in ("interval", "count", "loss", "most") if key in before]
    for key in asked:
        if before.get(key) != now.get(key):
            yield f"{key} was {before.get(key)}, and is {now.get(key)}"


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


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"
