"""``luthier plugins check``: whether a distribution is as it has to be."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from luthier import plugins
from luthier.plugins.naming import canonical

from luthier_cli.checking.folder import built_wheel, source_faults
from luthier_cli.checking.wheel import Wheel
from luthier_cli.checking.wheel_faults import wheel_faults
from luthier_cli.output import json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.plugins.static_checks import Fault

__all__ = ["check"]


@click.command
@click.argument("subject", metavar="SUBJECT")
@click.option("--drivers", is_flag=True, help="Import its drivers, and try each on its simulator.")
@json_option
@click.pass_context
def check(ctx: click.Context, *, subject: str, drivers: bool, as_json: bool) -> None:
    """Check a distribution without importing it: files, entry points, packages, manifest.

    SUBJECT is an installed distribution (luthier-acme), a wheel (dist/luthier_acme-0.1-py3-none-any.whl), or a folder
    with its source (./luthier-acme), whose wheel is built and compared with it. With --drivers each driver of an
    installed one goes through the conformance suite, which needs luthier-core[testing]. The exit code is 1 if anything
    is wrong.
    """
    path = _path(subject)
    if path is not None and drivers:
        raise click.ClickException(
            f"{subject} is not installed, and its drivers cannot be tried. Install it with pip install {subject}, then "
            "write the name of the distribution."
        )
    if drivers:
        ctx.exit(_check_drivers(plugins.distribution(subject).name, as_json=as_json))
    faults = _faults(subject, path)
    if as_json:
        print_json([fault._asdict() for fault in faults])
    for fault in () if as_json else faults:
        click.echo(f"{'wrong' if fault.serious else 'odd'}: {fault.what} {fault.advice}".rstrip())
    if not faults and not as_json:
        click.echo(f"{subject}: nothing is wrong, as far as can be told without importing it.")
    ctx.exit(1 if faults else 0)


def _path(subject: str) -> Path | None:
    """Return the file or folder that is meant; ``None``: the name of a distribution is."""
    path = Path(subject)
    if subject.endswith(".whl") or len(path.parts) != 1 or subject != path.name:
        if not path.exists():
            raise click.ClickException(f"there is no {path}. Nothing was looked at.")
        return path
    installed = canonical(subject) in {one.name for one in plugins.distributions()}
    if installed and path.is_dir():
        click.echo(f"Note: the installed {subject} is meant; the folder is ./{subject}", err=True)
    return path if path.is_dir() and not installed else None


def _faults(subject: str, path: Path | None) -> Sequence[Fault]:
    if path is None:
        return plugins.static_faults(plugins.distribution(subject).name)
    if path.is_dir():
        with built_wheel(path) as wheel:
            return [*wheel_faults(wheel), *source_faults(path, wheel)]
    with Wheel(path) as wheel:
        return wheel_faults(wheel)


def _check_drivers(distribution: str, *, as_json: bool) -> int:
    """Print the report of each driver; 1 where one is below silver."""
    if find_spec("hypothesis") is None:
        raise click.ClickException(
            "The checks of drivers need hypothesis, which is not installed. Write pip install 'luthier-core[testing]'."
        )
    # By name: what is for tests is imported by nothing at run time, but where it is asked for.
    conformance: Any = importlib.import_module("luthier.testing.conformance")
    entries = [entry for entry in plugins.registry("drivers").entries() if entry.distribution == distribution]
    reports: Sequence[Any] = [conformance.check_driver(entry.qualified_id) for entry in entries]
    if as_json:
        print_json([report.as_plain() for report in reports])
    for report in () if as_json else reports:
        click.echo(str(report))
    if not reports and not as_json:
        click.echo(f"{distribution} has no drivers.")
    return 0 if all(report.tier in {"silver", "gold"} for report in reports) else 1
