"""What a plugin of the group ``luthier.servers`` offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier.instrument import Instrument

__all__ = ["Batched", "ServerPlugin"]


@runtime_checkable
class ServerPlugin(Protocol):
    """What an entry point of the group ``luthier.servers`` refers to."""

    def __call__(
        self,
        kind: type[Instrument],
        server_name: str,
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Any:
        """Build ``kind(*args, **options)`` on the server of that name, starting it where it does not run.

        Returns the proxy of the instrument.
        """
        ...

    def connect(self, server_name: str, instrument: str | None = None) -> Any:
        """Return the proxy of a server that runs, or of one of its instruments; nothing is started."""
        ...


@runtime_checkable
class Batched(Protocol):
    """A parameter elsewhere, several of which can be read in one round trip."""

    @property
    def batch_key(self) -> object:
        """Equal for the parameters that one batch can hold; hashable."""
        ...

    def get_batch(self, parameters: Sequence[Any]) -> tuple[Any, ...]:
        """Read parameters of the same :attr:`batch_key`, in order."""
        ...
