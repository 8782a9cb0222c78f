"""The program: its options, and what becomes of errors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import luthier

from luthier_cli.plugin_group import PluginGroup
from luthier_cli.streams import abandon_output, accept_any_character, reader_is_gone, warnings_as_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["luthier_command", "main"]

INTERRUPTED = 130
"""128 and the number of the signal, as shells report it."""


@click.group(
    "luthier",
    cls=PluginGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 failed, 2 wrongly called, 130 interrupted.",
)
@click.option(
    "--debug", is_flag=True, envvar="LUTHIER_DEBUG", help="Show where errors come from. Also: LUTHIER_DEBUG=1."
)
@click.version_option(luthier.__version__, message="%(prog)s %(version)s")
def luthier_command(*, debug: bool) -> None:
    """Laboratory instrument control."""
    del debug  # used where errors are caught


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line.

    Parameters
    ----------
    arguments
        What was typed after ``luthier``; ``None``: those of this process.

    Returns
    -------
    int
        The exit code: 0 done, 1 failed, 2 wrongly called, 130 interrupted.
    """
    accept_any_character()
    try:
        with warnings_as_sentences():
            code = luthier_command.main(arguments, prog_name="luthier", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except OSError as error:
        if not reader_is_gone(error):
            raise
        abandon_output()
        return 1
    return code if isinstance(code, int) else 0
