"""What a parameter needs of whatever it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.monitor import Monitor
    from luthier.parameter.live import Parameter
    from luthier.scpi import ArrayFormat

__all__ = ["Host"]


class Host(Protocol):
    """An instrument or a channel, as its parameters see it."""

    @property
    def full_name(self) -> str:
        """The name with those of all parents: ``psu.ch1``."""
        ...

    @property
    def closed(self) -> bool:
        """Whether the instrument was closed."""
        ...

    @property
    def monitor(self) -> Monitor:
        """Held while a parameter is read or set; one for an instrument with all its channels."""
        ...

    @property
    def confirm_set(self) -> Callable[[str], None] | None:
        """Called after each set with the command (empty after a callable); ``None``: nothing is.

        It finds out whether the instrument accepted what was sent, and raises where it did not.
        """
        ...

    def write(self, command: str) -> None:
        """Send a command."""
        ...

    def query(self, command: str) -> str:
        """Send a query and return the reply."""
        ...

    def write_array(self, command: str, array: Any, array_format: ArrayFormat) -> None:
        """Send a command that is followed by an array."""
        ...

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it."""
        ...

    def find(self, path: str) -> Parameter[Any]:
        """Return the parameter of that name, or at that path (``ch1.voltage``)."""
        ...

    def attribute(self, path: str) -> object:
        """Return the attribute that a message template names (``number``, ``parent.slot``)."""
        ...
