"""Methods and functions of instruments elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import ValidationError
from luthier.validators import from_data

if TYPE_CHECKING:
    from inspect import Signature

    from luthier_servers.remote_host import RemoteHost

__all__ = ["RemoteFunction", "RemoteMethod"]


class RemoteMethod:
    """A method of an instrument elsewhere; it has the signature and the docstring of the original."""

    def __init__(self, host: RemoteHost, facts: dict[str, Any], signature: Signature | None) -> None:
        self._host = host
        self._facts = facts
        self._known = signature
        self.__name__: str = facts["name"]
        self.__doc__ = facts["doc"]

    @property
    def full_name(self) -> str:
        """The name with those of channel and instrument."""
        return f"{self._host.full_name}.{self.__name__}"

    @property
    def __signature__(self) -> Signature:
        """The arguments; a default that is not known here is shown as the original shows it."""
        if self._known is not None:
            return self._known
        from inspect import Parameter as Argument  # noqa: PLC0415 - slow to import
        from inspect import Signature  # noqa: PLC0415 - the same

        return Signature(
            [
                Argument(
                    argument["name"],
                    _argument_kind(argument["kind"]),
                    default=Argument.empty if argument["default"] is None else _Shown(argument["default"]),
                )
                for argument in self._facts["arguments"]
            ]
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it there."""
        return self._host.wire_call(f"{self._host._prefix}{self.__name__}", args, kwargs)  # noqa: SLF001 - its own host

    def __repr__(self) -> str:
        """Name."""
        return f"<{type(self).__name__} {self.full_name}>"


def _argument_kind(name: str) -> Any:
    from inspect import Parameter as Argument  # noqa: PLC0415 - slow to import

    kinds = (Argument.POSITIONAL_ONLY, Argument.POSITIONAL_OR_KEYWORD, Argument.VAR_POSITIONAL, Argument.KEYWORD_ONLY)
    return {kind.name: kind for kind in kinds}.get(name, Argument.VAR_KEYWORD)


class _Shown:
    """A default value that is only known by how it prints."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class RemoteFunction(RemoteMethod):
    """An action that was added with ``add_function``; its arguments are checked here first."""

    def __init__(self, host: RemoteHost, facts: dict[str, Any]) -> None:
        super().__init__(host, facts, None)
        self.name = self.__name__
        self.arguments = tuple(map(from_data, facts["arguments"]))

    def __call__(self, *values: Any) -> Any:
        """Check the arguments and carry it out there."""
        if self.arguments and len(values) == len(self.arguments):
            checked = []
            for position, (validator, value) in enumerate(zip(self.arguments, values, strict=True), start=1):
                try:
                    checked.append(validator.check(value))
                except ValidationError as error:
                    error.rephrase(f"argument {position}: {error.what}; allowed: {validator.describe()}")
                    error.complete(who=self.full_name, state="Nothing was sent.")
                    raise
            return super().__call__(*checked)
        return super().__call__(*values)
