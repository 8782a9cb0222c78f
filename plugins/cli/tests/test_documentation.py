"""The page about the commands tells of all of them. It is in the repository, not in the distribution."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from luthier_cli.commands.demo import demo
from luthier_cli.commands.drivers import drivers
from luthier_cli.commands.export import export
from luthier_cli.commands.info import info
from luthier_cli.commands.new import new
from luthier_cli.commands.plot import plot
from luthier_cli.commands.runs import runs
from luthier_cli.commands.show import show
from luthier_cli.program import luthier_command

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "commands.md"
OURS = (demo, drivers, export, info, new, plot, runs, show)


def test_every_command_of_ours_can_be_typed() -> None:
    with click.Context(luthier_command) as context:
        assert {command.name for command in OURS} <= set(luthier_command.list_commands(context))
        assert all(luthier_command.get_command(context, str(command.name)) is command for command in OURS)


@pytest.mark.skipif(not PAGE.exists(), reason="only in the repository")
@pytest.mark.parametrize("command", OURS, ids=lambda command: command.name)
def test_the_page_has_a_section_with_every_option(command: click.Command) -> None:
    text = PAGE.read_text(encoding="utf-8")
    general, *sections = text.split("\n## ")
    everywhere = general + next(section for section in sections if section.startswith("What holds"))
    (own,) = [section for section in sections if section.startswith(f"`luthier {command.name}`")]
    options = [option for option in command.params if isinstance(option, click.Option)]
    missing = [option.opts for option in options if not any(opt in own + everywhere for opt in option.opts)]
    assert missing == []
