"""``luthier show``: everything about one run but its data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import click

from luthier_cli.difference_tables import difference_records, print_differences
from luthier_cli.output import json_option, print_fields, print_json, print_table
from luthier_cli.run_course import course, outcome_text, state_now
from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from luthier_measure.differences import Difference
    from luthier_measure.storage import Column, RunReader, Storage

__all__ = ["show"]


@click.command(cls=RunCommand)
@run_argument
@data_option
@json_option
def show(*, reference: str, data: str | None, as_json: bool) -> None:
    """Show what a RUN was: plan, parameters, outcome, instruments and how they changed, file.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. With --json the snapshot of
    all instruments is included, before and after, and the text of the script.
    """
    storage = open_data_folder(data)
    reader = storage.open(find_run(storage, reference))
    if as_json:
        print_json(_record(storage, reader))
        return
    click.echo(f"{reader.header.name}\n")
    print_fields({name: text for name, text in _facts(storage, reader).items() if text})
    click.echo("\nplan")
    for line in _plan_lines(reader.header.plan):
        click.echo(f"  {line}")
    click.echo()
    columns = reader.layout.columns
    print_table(("data", "what", "unit", "parameter", "values"), [_column_row(column) for column in columns])
    instruments = reader.header.snapshot.get("instruments", {})
    if instruments:
        click.echo()
        print_table(
            ("instrument", "class", "address", "known parameters"),
            [_instrument_row(name, snapshot) for name, snapshot in instruments.items()],
        )
    if reader.end is not None and reader.end.timings:
        click.echo()
        print_table(("instrument", "time for", "calls", "each", "together"), list(_timing_rows(reader.end.timings)))
    changes = _changes(reader)
    if changes:
        click.echo()
        print_differences("changed meanwhile", ("before", "after"), changes)
    for problem in reader.problems:
        click.echo(f"Damaged: {problem}", err=True)


def _facts(storage: Storage, reader: RunReader) -> dict[str, str]:
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import
    from luthier_measure.run import Run  # noqa: PLC0415 - the same

    header, end = reader.header, reader.end
    versions = header.environment.get("versions", {})
    return {
        "run": header.id,
        "outcome": outcome_text(storage, header.id, reader.outcome),
        "error": "" if end is None else _without_frames(end.error),
        **course(header.metadata.get("control", {})),
        "started": f"{_time(header.started, header.utc_offset):%Y-%m-%d %H:%M:%S %z}",
        "took": "" if (took := Run(storage, header.id).duration) is None else duration_text(took),
        "left": _left_text(storage, reader),
        "points": _points_text(reader),
        "measured inside": header.plan.get("inside", ""),
        "sample": header.sample,
        "tags": ", ".join(header.tags),
        "note": header.note,
        "file": _file(storage, reader),
        "by": " on ".join(filter(None, (header.environment.get("user"), header.environment.get("host")))),
        "with": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "script": _script_text(header.environment.get("script", {})),
        "commit": _commit_text(_environment(reader).get("git", {})),
        "went on": "; ".join(
            f"{_time(each.started, header.utc_offset):%Y-%m-%d %H:%M:%S} after {each.points} points ({each.outcome})"
            for each in reader.continuations
        ),
    }


def _left_text(storage: Storage, reader: RunReader) -> str:
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import
    from luthier_measure.run import Run  # noqa: PLC0415 - the same

    left = Run(storage, reader.header.id).time_left if reader.outcome == "running" else None
    return "" if left is None else f"about {duration_text(left)}"


def _timing_rows(timings: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import

    for name, kinds in timings.items():
        for kind, spent in kinds.items():
            calls, seconds = spent["calls"], spent["seconds"]
            yield name, kind, f"{calls}", f"{1e3 * seconds / max(calls, 1):.3g} ms", duration_text(seconds)


def _environment(reader: RunReader) -> dict[str, Any]:
    return {**reader.header.environment, **({} if reader.end is None else reader.end.environment)}


def _script_text(script: Mapping[str, Any]) -> str:
    caller = script.get("caller", {})
    path = script.get("path", "")
    called = f"{caller['path']}, line {caller['line']}" if caller else ""
    if caller and caller["path"] == path:
        return called
    return ", called from ".join(filter(None, (path, called)))


def _commit_text(git: Mapping[str, Any]) -> str:
    if not git.get("commit"):
        return ""
    branch = f" on {git['branch']}" if git.get("branch") else ""
    if "changed" not in git:
        return f"{git['commit']}{branch}"
    changed = git["changed"]
    state = f"{len(changed)} file{'s'[: len(changed) != 1]} changed or new" if changed else "nothing changed"
    return f"{git['commit']}{branch}, {state}"


def _changes(reader: RunReader) -> list[Difference]:
    from luthier_measure.differences import snapshot_differences  # noqa: PLC0415 - slow to import

    if reader.end is None or not reader.end.snapshot:
        return []
    return snapshot_differences(reader.header.snapshot, reader.end.snapshot)


def _without_frames(traceback: str) -> str:
    """Return the error itself: what follows the last of the indented lines."""
    lines = traceback.strip().splitlines()
    frames = [number for number, line in enumerate(lines, start=1) if line.startswith("  ")]
    return " ".join(lines[max(frames, default=0) :])


def _points(reader: RunReader) -> dict[str, int]:
    return {table.name: reader.points(table.name) for table in reader.layout.tables}


def _points_text(reader: RunReader) -> str:
    points = _points(reader)
    planned = reader.header.plan.get("points")
    total = sum(points.values())
    text = f"{total}" if planned in (None, total) else f"{total} of {planned}"
    tables = ", ".join(f"{name}: {count}" for name, count in points.items())
    return f"{text} ({tables})" if len(points) > 1 else text


def _plan_lines(plan: Mapping[str, Any]) -> Iterator[str]:
    if plan.get("free"):
        yield "free code, which added its points by new_run()"
    levels = plan.get("levels", ())
    # What is read before everything is on no step of a sweep.
    outside = 1 if levels and not levels[0].get("sweep") else 0
    for number, level in enumerate(levels):
        # Runs that were stored before there were blocks have one level inside the other.
        indent = "  " * max(level.get("depth", number) - outside, 0)
        sweep = level.get("sweep")
        if sweep:
            yield f"{indent}{_sweep_text(sweep)}"
            indent += "  "
        for action in level.get("actions", ()):
            yield f"{indent}{action}"
        if level.get("readings"):
            yield f"{indent}read {', '.join(level['readings'])}"


def _sweep_text(sweep: Mapping[str, Any]) -> str:
    steps = sweep.get("steps")
    manner = ["as many steps as it takes" if steps is None else f"{steps} step{'s'[: steps != 1]}"]
    if sweep.get("interval"):
        manner.append(f"every {sweep['interval']:g} s")
    if sweep.get("until"):
        manner.append(f"until {sweep['until']}")
    if sweep.get("while"):
        manner.append(f"while {sweep['while']}")
    if sweep.get("delay"):
        manner.append(f"{sweep['delay']:g} s after each")
    if sweep.get("snake"):
        manner.append("there and back in turn")
    subject = f"sweep {' and '.join(sweep['parameters'])}" if sweep.get("parameters") else "repeat"
    return f"{subject}: {', '.join(manner)}"


_ROLES = {"setpoint": "set", "reading": "read", "axis": "axis of arrays"}


def _column_row(column: Column) -> tuple[str, ...]:
    return column.name, _ROLES[column.role], column.unit, column.parameter, _values_text(column)


def _values_text(column: Column) -> str:
    if column.values:
        first, last = column.values[0], column.values[-1]
        return f"{_number_text(first)} to {_number_text(last)}, {len(column.values)} values"
    kind = column.dtype or ""
    if column.shape:
        return f"{kind} {' x '.join('?' if length is None else str(length) for length in column.shape)}".strip()
    return kind


def _number_text(value: object) -> str:
    """Write a setpoint without the last bits that a product with the step has left in it."""
    return str(float(f"{value:.12g}")) if isinstance(value, float) else str(value)


def _instrument_row(name: str, snapshot: Mapping[str, Any]) -> tuple[str, ...]:
    known, total = _count_known(snapshot)
    return name, str(snapshot.get("class", "")), str(snapshot.get("address") or ""), f"{known} of {total}"


def _count_known(snapshot: Mapping[str, Any]) -> tuple[int, int]:
    """Count the parameters whose values were known, and all of them, with those of channels."""
    parameters = snapshot.get("parameters", {}).values()
    counts = [(sum(parameter.get("origin") is not None for parameter in parameters), len(parameters))]
    counts += [_count_known(channel) for channel in snapshot.get("channels", {}).values()]
    return sum(known for known, _ in counts), sum(total for _, total in counts)


def _record(storage: Storage, reader: RunReader) -> dict[str, Any]:
    from luthier_measure.run import Run  # noqa: PLC0415 - slow to import

    header, end = reader.header, reader.end
    return {
        "id": header.id,
        "name": header.name,
        "sample": header.sample,
        "note": header.note,
        "tags": header.tags,
        "outcome": reader.outcome,
        "state": state_now(storage, header.id, reader.outcome),
        "error": "" if end is None else end.error,
        "started": _time(header.started, header.utc_offset).isoformat(),
        "ended": None if end is None else _time(end.ended, header.utc_offset).isoformat(),
        "duration": Run(storage, header.id).duration,
        "points": _points(reader),
        "problems": reader.problems,
        "file": _file(storage, reader),
        "plan": header.plan,
        "columns": [column.to_data() for column in reader.layout.columns],
        "tables": reader.layout.to_data()["tables"],
        "snapshot": header.snapshot,
        "snapshot_after": {} if end is None else end.snapshot,
        "changes": difference_records(_changes(reader)),
        "timings": {} if end is None else end.timings,
        "environment": _environment(reader),
        "continuations": [
            {
                "started": _time(each.started, header.utc_offset).isoformat(),
                "points": each.points,
                "outcome": each.outcome,
            }
            for each in reader.continuations
        ],
        "metadata": header.metadata,
    }


def _file(storage: Storage, reader: RunReader) -> str:
    return str(storage.place_of(reader.header.id))


def _time(seconds: float, utc_offset: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=utc_offset)))
