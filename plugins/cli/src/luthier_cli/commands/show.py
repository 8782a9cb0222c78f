"""``luthier show``: everything about one run but its data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import click

from luthier_cli.output import json_option, print_fields, print_json, print_table
from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from luthier_measure.storage import Column, RunReader, Storage

__all__ = ["show"]


@click.command(cls=RunCommand)
@run_argument
@data_option
@json_option
def show(*, reference: str, data: str | None, as_json: bool) -> None:
    """Show what a RUN was: plan, parameters, outcome, instruments, file.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. With --json the snapshot of
    all instruments is included.
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
    for problem in reader.problems:
        click.echo(f"Damaged: {problem}", err=True)


def _facts(storage: Storage, reader: RunReader) -> dict[str, str]:
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import

    header, end = reader.header, reader.end
    versions = header.environment.get("versions", {})
    return {
        "run": header.id,
        "outcome": _outcome(storage, reader),
        "error": "" if end is None else _without_frames(end.error),
        **_course(header.metadata.get("control", {})),
        "started": f"{_time(header.started, header.utc_offset):%Y-%m-%d %H:%M:%S %z}",
        "took": "" if end is None else duration_text(end.ended - header.started),
        "points": _points_text(reader),
        "sample": header.sample,
        "tags": ", ".join(header.tags),
        "note": header.note,
        "file": _file(storage, reader),
        "by": " on ".join(filter(None, (header.environment.get("user"), header.environment.get("host")))),
        "with": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }


def _state(storage: Storage, reader: RunReader) -> str | None:
    """Return what a run that goes on is doing."""
    from luthier_measure.control_files import live_state  # noqa: PLC0415 - slow to import

    found = live_state(storage.folder, reader.header.id) if reader.outcome == "running" else None
    return None if found is None else str(found)


def _outcome(storage: Storage, reader: RunReader) -> str:
    state = _state(storage, reader)
    return reader.outcome if state in {None, "running"} else f"{reader.outcome} ({state})"


def _course(control: Mapping[str, Any]) -> dict[str, str]:
    """Say what was remarkable on the way: pauses, failed readings, instruments that were not left as asked."""
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import

    pauses = [
        f"{pause['kind']}{' for ' + duration_text(pause['ended'] - pause['began']) if pause['ended'] else ''}"
        f"{' because ' + pause['reason'] if pause.get('reason') else ''}"
        for pause in control.get("pauses", ())
    ]
    failed = [
        f"{name}: {count['missing']} missing, {count['retried']} tried again, the last: {count['last']}"
        for name, count in control.get("failed_readings", {}).items()
    ]
    return {
        "pauses": "; ".join(pauses),
        "failed readings": "; ".join(failed),
        "not left as asked": "; ".join(control.get("final_state", ())),
    }


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
    depth = 0
    for level in plan.get("levels", ()):
        sweep = level.get("sweep")
        if sweep:
            manner = [f"{sweep['steps']} steps"]
            if sweep.get("delay"):
                manner.append(f"{sweep['delay']:g} s after each")
            if sweep.get("snake"):
                manner.append("there and back in turn")
            yield f"{'  ' * depth}sweep {' and '.join(sweep['parameters'])}: {', '.join(manner)}"
            depth += 1
        if level.get("readings"):
            yield f"{'  ' * depth}read {', '.join(level['readings'])}"


_ROLES = {"setpoint": "set", "reading": "read", "axis": "axis of arrays"}


def _column_row(column: Column) -> tuple[str, ...]:
    return column.name, _ROLES[column.role], column.unit, column.parameter, _values_text(column)


def _values_text(column: Column) -> str:
    if column.values:
        first, last = column.values[0], column.values[-1]
        return f"{first} to {last}, {len(column.values)} values"
    kind = column.dtype or ""
    if column.shape:
        return f"{kind} {' x '.join('?' if length is None else str(length) for length in column.shape)}".strip()
    return kind


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
    header, end = reader.header, reader.end
    return {
        "id": header.id,
        "name": header.name,
        "sample": header.sample,
        "note": header.note,
        "tags": header.tags,
        "outcome": reader.outcome,
        "state": _state(storage, reader),
        "error": "" if end is None else end.error,
        "started": _time(header.started, header.utc_offset).isoformat(),
        "ended": None if end is None else _time(end.ended, header.utc_offset).isoformat(),
        "points": _points(reader),
        "problems": reader.problems,
        "file": _file(storage, reader),
        "plan": header.plan,
        "columns": [column.to_data() for column in reader.layout.columns],
        "tables": reader.layout.to_data()["tables"],
        "snapshot": header.snapshot,
        "environment": header.environment,
        "metadata": header.metadata,
    }


def _file(storage: Storage, reader: RunReader) -> str:
    from luthier_measure.storage.folder import run_path  # noqa: PLC0415 - slow to import

    return str(run_path(storage.folder, reader.header.id))


def _time(seconds: float, utc_offset: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=utc_offset)))
