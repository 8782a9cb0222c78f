"""Named actions of an instrument that are neither set nor read: ``trigger``, ``reset``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError, ValidationError
from luthier.parameter.conversion import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.instrument.host import ParameterHost
    from luthier.validators import Validator

__all__ = ["Function"]


class Function:
    """A callable action of an instrument or channel; made by ``add_function``."""

    def __init__(
        self,
        host: ParameterHost,
        name: str,
        command: str | Callable[..., Any],
        arguments: tuple[Validator, ...],
        doc: str,
    ) -> None:
        self._host = host
        self._command = command
        self.name = name
        self.arguments = arguments
        self.__doc__ = doc

    @property
    def full_name(self) -> str:
        """The name with those of channel and instrument."""
        return f"{self._host.full_name}.{self.name}"

    def __call__(self, *values: object) -> Any:
        """Validate the arguments, then send the message (and return the reply to a query) or call the callable."""
        if len(values) != len(self.arguments) and not (callable(self._command) and not self.arguments):
            raise UsageError(
                f"takes {len(self.arguments)} arguments, got {len(values)}",
                who=self.full_name,
                state="Nothing was sent.",
            )
        accepted = self._checked(values)
        with self._host.monitor:
            if callable(self._command):
                return self._command(*accepted)
            message = self._command.format(*map(text_of, accepted))
            if message.rstrip().endswith("?"):
                return self._host.query(message)
            self._host.write(message)
            if self._host.confirm_set is not None:
                self._host.confirm_set(message)
            return None

    def _checked(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        if not self.arguments:
            return values
        accepted = []
        for position, (validator, value) in enumerate(zip(self.arguments, values, strict=True), start=1):
            try:
                accepted.append(validator.check(value))
            except ValidationError as error:
                error.rephrase(f"argument {position}: {error.what}; allowed: {validator.describe()}")
                error.complete(who=self.full_name, state="Nothing was sent.")
                raise
        return tuple(accepted)

    def __repr__(self) -> str:
        """Name and number of arguments."""
        return f"<Function {self.full_name} of {len(self.arguments)} arguments>"
