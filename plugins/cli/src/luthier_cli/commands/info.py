"""``luthier info``: what is known of one driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from luthier import plugins
from luthier.errors import ManifestError

from luthier_cli.output import json_option, print_fields, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.parameter import Declaration, ParameterSpecification
    from luthier.plugins import PluginEntry

__all__ = ["info"]


@click.command
@click.argument("driver")
@click.option("--parameters", "with_parameters", is_flag=True, help="Import the driver and list its parameters.")
@json_option
def info(*, driver: str, with_parameters: bool, as_json: bool) -> None:
    """Say what is known of a DRIVER, such as keithley.2400.

    The driver is not imported unless its parameters are asked for. Those of channels, and what the driver adds when it
    is opened, are not among them.
    """
    entry = plugins.registry("drivers").find(driver)
    facts = _facts(entry)
    loaded = plugins.registry("drivers").load(entry.qualified_id) if with_parameters else None
    if as_json:
        print_json(facts if loaded is None else {**facts, "parameters": _parameters(loaded)})
        return
    if loaded is not None:
        click.echo(f"{_first_paragraph(loaded)}\n")
    print_fields({name: _shown(value) for name, value in facts.items() if value or name == "simulator"})
    if loaded is not None:
        click.echo()
        columns = ("name", "unit", "use", "allowed", "doc")
        rows = [[parameter[column] for column in columns] for parameter in _parameters(loaded)]
        print_table(("parameter", *columns[1:]), rows)
    elif entry.state in {"available", "shadowed"}:
        click.echo(f"\n{_how_to_open(entry, simulated=facts['simulator'])}")


def _facts(entry: PluginEntry) -> dict[str, Any]:
    described, remark = _described(entry)
    simulator = described.get("simulator") or entry.id
    return {
        "id": entry.id,
        "title": "",
        "distribution": entry.distribution,
        "version": entry.version,
        "vendor": None,
        "models": [],
        "state": entry.state,
        "reason": entry.reason,
        "class": entry.value,
        "api": list(entry.api),
        "location": entry.location,
        **described,
        "simulator": simulator in plugins.registry("simulators"),
        "manifest": remark,
    }


def _described(entry: PluginEntry) -> tuple[dict[str, Any], str]:
    """Return what the manifest says of the driver, and what is wrong with the manifest."""
    try:
        manifest = plugins.manifest(entry.distribution)
    except ManifestError as error:
        return {}, str(error)
    description = manifest.driver(entry.id) if manifest else None
    return (description.as_plain() if description else {}), ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_shown_rule(one) if isinstance(one, dict) else str(one) for one in value)
    return str(value)


def _shown_rule(rule: Mapping[str, str | int]) -> str:
    """Show a rule by which an instrument is recognised; numbers are those of USB, which are written in hexadecimal."""
    fields = (f"{name} {f'0x{one:04x}' if isinstance(one, int) else one}" for name, one in rule.items())
    return f"({', '.join(fields)})"


def _how_to_open(entry: PluginEntry, *, simulated: bool) -> str:
    name = entry.id if entry.state == "available" else entry.qualified_id
    calls = [f'luthier.open("{name}", "GPIB0::24::INSTR")  # or whatever its address is']
    if simulated:
        calls.append(f'luthier.open("{name}", "sim://")  # simulated')
    lines = ("To open it in Python:", *(f"  {call}" for call in calls))
    return "\n".join((*lines, f"For its parameters: luthier info {name} --parameters"))


def _parameters(driver: object) -> list[dict[str, str]]:
    declared: Mapping[str, Declaration[Any]] = getattr(driver, "declared_parameters", {})
    return [_parameter(name, declared) for name in declared]


def _parameter(name: str, declared: Mapping[str, Declaration[Any]]) -> dict[str, str]:
    specification = declared[name].specification
    uses = _uses(specification, declared)
    validator = specification.validator
    return {
        "name": name,
        "type": specification.type.__name__,
        "unit": specification.unit,
        "use": ", ".join(uses),
        "allowed": validator.describe(specification.unit) if validator is not None and "set" in uses else "",
        "doc": specification.doc,
    }


def _uses(specification: ParameterSpecification, declared: Mapping[str, Declaration[Any]]) -> list[str]:
    """Say what can be done; members of a group, and views of another parameter, can do what that one can."""
    other = specification.group or specification.delegate
    if isinstance(other, str) and other in declared:
        return _uses(declared[other].specification, declared)
    commands = {"get": specification.get_cmd, "set": specification.set_cmd}
    return [use for use, command in commands.items() if command is not False]


def _first_paragraph(loaded: object) -> str:
    from inspect import cleandoc  # noqa: PLC0415 - needed for this one text

    return " ".join(cleandoc(loaded.__doc__ or "").partition("\n\n")[0].split())
