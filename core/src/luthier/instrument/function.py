"""Named actions of an instrument that are neither set nor read: ``trigger``, ``reset``."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from luthier.errors import DeclarationError, LuthierError, UsageError, ValidationError
from luthier.parameter.conversion import text_of
from luthier.parameter.messages import specify
from luthier.parameter.template import check_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.instrument.host import ParameterHost
    from luthier.validators import Validator

__all__ = ["Function"]


class Function:
    """A callable action of an instrument or channel; made by ``add_function``.

    Thread-safe: it holds the instrument's monitor while it runs.
    """

    def __init__(
        self,
        host: ParameterHost,
        name: str,
        command: str | Callable[..., Any],
        arguments: tuple[Validator, ...],
        doc: str,
    ) -> None:
        self._host = host
        self.command = command
        self.name = name
        self.arguments = arguments
        self.__doc__ = doc
        self._check_command()

    @property
    def full_name(self) -> str:
        """The name with those of channel and instrument."""
        return f"{self._host.full_name}.{self.name}"

    def __call__(self, *values: object) -> Any:
        """Validate the arguments, then send the message (and return the reply to a query) or call the callable.

        Raises :class:`~luthier.errors.UsageError` for a wrong number of arguments,
        :class:`~luthier.errors.ValidationError` for a wrong one (nothing was sent then), and what the connection or the
        callable raises.
        """
        accepted = self._checked(values)
        with self._host.monitor:
            self._host.root.require_open()
            try:
                return self._run(accepted)
            except LuthierError as error:
                specify(error, self._host.root, self.full_name, "called")
                raise
            except Exception as error:
                error.add_note(f"raised while {self.full_name} was called")
                raise

    def _run(self, accepted: tuple[Any, ...]) -> Any:
        confirm = self._host.confirm_set
        if callable(self.command):
            result, message = self.command(*accepted), ""
        else:
            message = self._message(self.command, accepted)
            if message.rstrip().endswith("?"):
                return self._host.query(message)
            result = None
            self._host.write(message)
        if confirm is not None:
            confirm(message)
        return result

    def _message(self, template: str, accepted: tuple[Any, ...]) -> str:
        texts = iter(accepted)
        parts = []
        for text, field, _, _ in Formatter().parse(template):
            parts.append(text)
            if field is not None:
                parts.append(text_of(next(texts)) if not field else str(self._host.attribute(field)))
        return "".join(parts)

    def _checked(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        if callable(self.command) and not self.arguments:
            return values
        if len(values) != len(self.arguments):
            raise UsageError(
                f"takes {len(self.arguments)} arguments, got {len(values)}",
                who=self.full_name,
                state="Nothing was sent.",
            )
        accepted = []
        for position, (validator, value) in enumerate(zip(self.arguments, values, strict=True), start=1):
            try:
                accepted.append(validator.check(value))
            except ValidationError as error:
                error.rephrase(f"argument {position}: {error.what}; allowed: {validator.describe()}")
                error.complete(who=self.full_name, state="Nothing was sent.")
                raise
        return tuple(accepted)

    def _check_command(self) -> None:
        if callable(self.command):
            return
        if not isinstance(self.command, str):
            raise DeclarationError(
                f"the command is {self.command!r}: allowed are a message and a callable", who=self.full_name
            )
        try:
            check_template(self.command, option="command")
        except DeclarationError as error:
            error.complete(who=self.full_name)
            raise
        places = sum(field == "" for _, field, _, _ in Formatter().parse(self.command))
        if places != len(self.arguments):
            raise DeclarationError(
                f"{self.command!r} has {places} places for arguments, but there are {len(self.arguments)} validators",
                who=self.full_name,
                advice="Give arguments=(…) one validator for each {}.",
            )

    def __repr__(self) -> str:
        """Name and number of arguments."""
        return f"<Function {self.full_name} of {len(self.arguments)} arguments>"
