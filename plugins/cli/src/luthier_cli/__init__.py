"""The luthier command.

Commands are plugins: a distribution adds one by an entry point of the group ``luthier.commands`` that refers to a
:class:`click.Command`. It is imported when it is typed, not before.
"""

from __future__ import annotations

from luthier_cli.program import main

__all__ = ["main"]
