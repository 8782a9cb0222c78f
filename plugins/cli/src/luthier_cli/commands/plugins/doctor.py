"""``luthier plugins doctor``: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from luthier_cli.diagnosis.findings import examine
from luthier_cli.disabled_list import change_disabled
from luthier_cli.output import json_option, print_json

if TYPE_CHECKING:
    from luthier_cli.diagnosis.findings import Finding

__all__ = ["doctor"]

_MARKS = {"good": "ok    ", "doubtful": "odd   ", "bad": "WRONG "}


@click.command
@click.option(
    "--timeout", type=click.FloatRange(0.1, 600), default=20.0, show_default=True, help="Seconds for each plugin."
)
@click.option("--fix", is_flag=True, help="Switch off what hangs or ends Python, and tidy the list of what is off.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, timeout: float, fix: bool, as_json: bool) -> None:
    """Examine the installation: read it, import every plugin, run the checks that plugins bring.

    Each plugin is imported in another process, with a time limit; whatever it does, the others are examined. The exit
    code is 1 if anything is wrong that was not fixed.
    """
    found: list[Finding] = []
    for finding in examine(limit=timeout):
        found.append(finding)
        if not as_json:
            _print(finding)
    fixed = _fixed(found) if fix else ()
    wrong = [one for one in found if one.verdict == "bad" and one not in fixed]
    if as_json:
        print_json([{**one.as_plain(), "fixed": one in fixed} for one in found])
    else:
        _conclude(found, wrong, fixed)
    ctx.exit(1 if wrong else 0)


def _print(finding: Finding) -> None:
    click.echo(f"{_MARKS[finding.verdict]}{finding.subject}: {finding.detail}")
    if finding.advice:
        click.echo(f"      {finding.advice}")


def _fixed(found: list[Finding]) -> tuple[Finding, ...]:
    can_be = [one for one in found if one.disable or one.enable]
    if can_be:
        change_disabled(
            add=[one.disable for one in can_be if one.disable], remove=[one.enable for one in can_be if one.enable]
        )
    return tuple(can_be)


def _conclude(found: list[Finding], wrong: list[Finding], fixed: tuple[Finding, ...]) -> None:
    odd = sum(one.verdict == "doubtful" for one in found)
    for one in fixed:
        click.echo(f"Fixed: {one.disable or one.enable} is {'switched off' if one.disable else 'off the list'}.")
    left = [one for one in found if (one.disable or one.enable) and one not in fixed]
    if left:
        click.echo(f"luthier plugins doctor --fix would mend {len(left)} of these.")
    if wrong:
        click.echo(f"{len(wrong)} wrong, {odd} odd.")
    else:
        click.echo(f"Nothing is wrong{f'; {odd} odd' if odd else ''}.")
