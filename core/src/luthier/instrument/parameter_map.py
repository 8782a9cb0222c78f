"""The parameters of an instrument or channel, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from luthier.parameter import Parameter

if TYPE_CHECKING:
    from luthier.instrument.host import ParameterHost

__all__ = ["ParameterMap"]


class ParameterMap(Mapping[str, Parameter[Any]]):
    """The parameters of an instrument or channel by name, in the order of their declaration."""

    def __init__(self, host: ParameterHost) -> None:
        self._host = host

    def __getitem__(self, name: str) -> Parameter[Any]:
        """Return the live parameter; :class:`~luthier.errors.UnknownNameError` where there is none."""
        return self._host.live(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        yield from self._host.declared_parameters
        yield from tuple(self._host.added_parameters)  # another thread may add one meanwhile

    def __len__(self) -> int:
        """How many there are."""
        return len(self._host.declared_parameters) + len(self._host.added_parameters)

    def __contains__(self, name: object) -> bool:
        """Whether there is one of that name."""
        return name in self._host.declared_parameters or name in self._host.added_parameters

    def __repr__(self) -> str:
        """Name them."""
        return f"<parameters of {self._host.full_name}: {', '.join(self)}>"
