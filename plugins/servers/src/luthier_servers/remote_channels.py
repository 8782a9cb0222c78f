"""Lists of channels elsewhere."""

from __future__ import annotations

from typing import Any

from luthier import ChannelList
from luthier.errors import UsageError
from luthier.instrument import ChannelVector

__all__ = ["RemoteChannelList"]


class RemoteChannelList(ChannelList[Any]):
    """Channels elsewhere; as a vector they are read, or set, in one round trip."""

    def __getitem__(self, key: Any) -> Any:
        """Return one channel, or a list of those in a slice."""
        if isinstance(key, slice):
            return RemoteChannelList(self._parent, self.name, self._channels[key], register=False)
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> ChannelVector:
        """Return the parameter of that name of all channels, as a vector."""
        return RemoteChannelVector(self, name, super().__getattr__(name).parameters)


class RemoteChannelVector(ChannelVector):
    """One parameter of several channels elsewhere."""

    def get(self) -> tuple[Any, ...]:
        """Read all in one round trip."""
        first: Any = self.parameters[0] if self.parameters else None
        return () if first is None else first.get_batch(self.parameters)

    def set(self, value: Any) -> None:
        """Set all to one value, or each to its own, in one round trip; every value is checked before."""
        several = isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0
        values = list(value) if several else [value] * len(self.parameters)
        if len(values) != len(self.parameters):
            raise UsageError(
                f"got {len(values)} values for {len(self.parameters)} channels",
                who=self.full_name,
                state="Nothing was sent.",
            )
        if self.parameters:
            first: Any = self.parameters[0]
            first.set_batch(self.parameters, values)
