"""What differs between two runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from luthier_measure.differences import Difference, differences, snapshot_differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from luthier_measure.storage import RunReader

__all__ = ["ColumnSummary", "Comparison", "compare", "summarise_data"]


@frozen
class ColumnSummary:
    """The values of one quantity in a few numbers; ``None`` where it has no numbers, or is complex.

    Attributes
    ----------
    count
        How many values there are, of all elements where they are arrays; NaN does not count.
    least, most, mean
        In the unit of the column.
    unit
        Its unit.
    """

    count: int
    least: float | None
    most: float | None
    mean: float | None
    unit: str = ""


@frozen
class Comparison:
    """What two runs do not have in common.

    Attributes
    ----------
    facts
        Name, sample, tags, note, outcome.
    plan
        What was to be done.
    snapshot
        The state of instruments and parameters before the first set.
    environment
        Software, computer, user, commit; of the script, whether its text differs.
    data
        For each quantity that differs, its summaries in the first and the second run; ``None`` where it is not there.
    """

    facts: tuple[Difference, ...]
    plan: tuple[Difference, ...]
    snapshot: tuple[Difference, ...]
    environment: tuple[Difference, ...]
    data: Mapping[str, tuple[ColumnSummary | None, ColumnSummary | None]]


def compare(first: RunReader, second: RunReader) -> Comparison:
    """Compare two stored runs; the data are read one table after the other."""
    summaries = summarise_data(first), summarise_data(second)
    names = dict.fromkeys((*summaries[0], *summaries[1]))
    pairs = {name: (summaries[0].get(name), summaries[1].get(name)) for name in names}
    return Comparison(
        facts=tuple(differences(_facts(first), _facts(second))),
        plan=tuple(differences(_plan(first), _plan(second))),
        snapshot=tuple(snapshot_differences(first.header.snapshot, second.header.snapshot)),
        environment=tuple(differences(_environment(first), _environment(second))),
        data={name: (one, other) for name, (one, other) in pairs.items() if one != other},
    )


def summarise_data(reader: RunReader) -> dict[str, ColumnSummary]:
    """Summarise every quantity of a run that was set or read, in the order of its columns."""
    found: dict[str, ColumnSummary] = {}
    for table in reader.layout.tables:
        columns = reader.read(table.name).columns
        for name in table.columns:
            column = reader.layout.column(name)
            if column.role != "axis":
                found.setdefault(name, _summary(columns[name], column.unit))
    order = [column.name for column in reader.layout.columns]
    return {name: found[name] for name in order if name in found}


def _summary(values: npt.NDArray[Any], unit: str) -> ColumnSummary:
    if values.dtype.kind == "O":
        present = [value for value in values if value is not None]
        if not present or not all(isinstance(value, np.ndarray) and value.dtype.kind in "biuf" for value in present):
            return ColumnSummary(len(present), None, None, None, unit)
        values = np.concatenate([value.ravel() for value in present])
    if values.dtype.kind not in "biuf":
        return ColumnSummary(int(np.count_nonzero(~np.isnan(values))), None, None, None, unit)
    numbers = values.astype(float, copy=False).ravel()
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return ColumnSummary(0, None, None, None, unit)
    with np.errstate(over="ignore", invalid="ignore"):  # of infinite readings the mean is infinite, or none
        mean = float(numbers.mean())
    return ColumnSummary(len(numbers), float(numbers.min()), float(numbers.max()), mean, unit)


def _facts(reader: RunReader) -> dict[str, Any]:
    header = reader.header
    return {
        "name": header.name,
        "sample": header.sample,
        "tags": list(header.tags),
        "note": header.note,
        "outcome": reader.outcome,
    }


def _plan(reader: RunReader) -> dict[str, Any]:
    """Return the plan with numbered levels, so that each is compared with its like, and with all that was to be set."""
    plan = dict(reader.header.plan)
    plan["levels"] = {str(number): level for number, level in enumerate(plan.get("levels", ()), start=1)}
    setpoints = [column.to_data() for column in reader.layout.columns if column.role == "setpoint"]
    plan["setpoints"] = {column["name"]: column["values"] for column in setpoints}
    return plan


def _environment(reader: RunReader) -> dict[str, Any]:
    environment = {**reader.header.environment, **({} if reader.end is None else reader.end.environment)}
    script = dict(environment.get("script", {}))
    caller = dict(script.get("caller", {}))
    for described in (script, caller):
        for bulky in ("text", "history", "cell"):
            described.pop(bulky, None)
    return {**environment, "script": {**script, **({"caller": caller} if caller else {})}}
