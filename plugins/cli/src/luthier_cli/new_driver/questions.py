"""Asking for what was not given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import attrs
import click

from luthier_cli.new_driver.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Questions"]

T = TypeVar("T")


@attrs.frozen
class Questions:
    """Takes answers from the command line, or asks the person at the terminal, again where one cannot be taken.

    Attributes
    ----------
    silent
        Whether nothing is asked.
    """

    silent: bool

    def ask(
        self,
        answer: str,
        given: str | None,
        check: Callable[[str], T],
        *,
        question: str,
        default: str = "",
        choices: Sequence[str] = (),
    ) -> T:
        """Return an answer as `check` makes it.

        Raises :class:`RefusedError`, which names the answer, where it was given and cannot be taken, or where it is
        missing and cannot be asked for.
        """
        if given is None and self.silent and not default:
            raise RefusedError(answer, f"it is missing. Give it with --{answer}, or leave out --no-input")
        if given is not None or self.silent:
            return check(default if given is None else given)
        kind = click.Choice(choices) if choices else None
        while True:
            try:
                typed = click.prompt(question, default=default or None, type=kind)
            except click.Abort as end:
                if sys.stdin.isatty():
                    raise  # Ctrl-C, which cannot be told from an end of input otherwise
                raise RefusedError(answer, f"it is missing, and nobody answers. Give it with --{answer}") from end
            try:
                return check(typed)
            except RefusedError as refused:
                click.echo(f"{refused.answer}: {refused}.", err=True)
