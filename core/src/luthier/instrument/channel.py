"""Parts of an instrument that have parameters of their own, one by one and as vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from luthier.errors import NotSettableError, UsageError
from luthier.instrument.host import ParameterHost
from luthier.parameter.messages import unknown_name

if TYPE_CHECKING:
    from luthier.instrument.instrument import Instrument
    from luthier.parameter import Parameter

__all__ = ["Channel", "ChannelList", "ChannelVector"]


class Channel(ParameterHost):
    """A part of an instrument: an output, a heater, a trace.

    It uses the connection and the monitor of its instrument. Constructing one registers it with its parent under its
    name:

    >>> from luthier import Instrument
    >>> class Supply(Instrument):
    ...     def __init__(self, name):
    ...         super().__init__(name)
    ...         self.ch1 = Channel(self, "ch1")
    >>> with Supply("psu") as psu:
    ...     psu.ch1.full_name
    'psu.ch1'
    """

    def __init__(self, parent: ParameterHost, name: str) -> None:
        self._name = name
        self._parent = parent
        parent.adopt(self)

    @property
    def parent(self) -> ParameterHost:
        """The instrument or channel that this is a part of."""
        return self._parent

    @property
    def root(self) -> Instrument:
        """The instrument that this belongs to."""
        return self._parent.root

    @property
    def full_name(self) -> str:
        """The name with those of all parents: ``psu.ch1``."""
        return f"{self._parent.full_name}.{self._name}"

    def __repr__(self) -> str:
        """Name and class."""
        return f"<{type(self).__name__} {self.full_name}>"


C = TypeVar("C", bound=Channel)


class ChannelList(Sequence[C], Generic[C]):
    """Channels of one kind, by position, slice or name, and as a vector.

    ``outputs[0]``, ``outputs["ch1"]``, ``outputs[1:]``, ``outputs.voltage.get()`` (a tuple),
    ``outputs.voltage.set(0.0)``, ``outputs.voltage.set([0.0, 0.1, 0.2])``.
    """

    def __init__(self, parent: ParameterHost, name: str, channels: Iterable[C], *, register: bool = True) -> None:
        self._parent = parent
        self._channels = tuple(channels)
        self.name = name
        if register:
            parent.adopt(self)

    @overload
    def __getitem__(self, key: int | str) -> C: ...

    @overload
    def __getitem__(self, key: slice) -> ChannelList[C]: ...

    def __getitem__(self, key: int | str | slice) -> C | ChannelList[C]:
        """Return one channel, or a list of those in a slice.

        Raises :class:`~luthier.errors.UnknownNameError` for a name, ``IndexError`` for a position that does not exist.
        """
        if isinstance(key, slice):
            return ChannelList(self._parent, self.name, self._channels[key], register=False)
        if not isinstance(key, str):
            return self._at(key)
        for channel in self._channels:
            if channel.name == key:
                return channel
        raise unknown_name("channel", key, [channel.name for channel in self._channels], who=self.full_name)

    def _at(self, position: int) -> C:
        try:
            return self._channels[position]
        except IndexError:
            count = len(self._channels)
            there = f"from 0 to {count - 1}" if count else "none"
            raise IndexError(f"{self.full_name}[{position}]: there are {count} channels, {there}") from None

    def __len__(self) -> int:
        """How many channels."""
        return len(self._channels)

    def __iter__(self) -> Iterator[C]:
        """Yield the channels."""
        return iter(self._channels)

    @property
    def full_name(self) -> str:
        """The name with those of all parents: ``psu.outputs``."""
        return f"{self._parent.full_name}.{self.name}"

    def __getattr__(self, name: str) -> ChannelVector:
        """Return the parameter of that name of all channels, as a vector."""
        # An empty list has any parameter, but is no channel: who looks for "parameters" has to find it out.
        if name.startswith("_") or (not self._channels and hasattr(Channel, name)):
            raise AttributeError(name)
        return ChannelVector(self, name, tuple(channel.live(name) for channel in self._channels))

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse ``psu.outputs.voltage = 1``, which would set nothing."""
        if any(name in channel.parameters for channel in self.__dict__.get("_channels", ())):
            raise UsageError(
                f"cannot replace the parameter {name!r} by {value!r}",
                who=self.full_name,
                state="Nothing was sent.",
                advice=f"To set it, call it: {self.full_name}.{name}({value!r}).",
            )
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """Offer the parameters of the channels for completion."""
        names = list(self._channels[0].parameters) if self._channels else []
        return [*super().__dir__(), *names]

    def __repr__(self) -> str:
        """Names."""
        return f"<ChannelList {self.full_name}: {', '.join(channel.name for channel in self._channels)}>"


class ChannelVector:
    """One parameter of several channels.

    Thread-safe: the instrument's monitor is held from the first channel to the last.
    """

    def __init__(self, channels: ChannelList[Any], name: str, parameters: tuple[Parameter[Any], ...]) -> None:
        self._channels = channels
        self.name = name
        self.parameters = parameters

    @property
    def full_name(self) -> str:
        """The name with those of all parents: ``psu.outputs.voltage``."""
        return f"{self._channels.full_name}.{self.name}"

    def get(self) -> tuple[Any, ...]:
        """Read all, in order."""
        if not self.parameters:
            return ()
        with self.parameters[0].monitor:
            return tuple(parameter.get() for parameter in self.parameters)

    def set(self, value: Any) -> None:
        """Set all to one value, or each to its own; every value is checked before the first is sent.

        Each has its own where ``value`` is a list, a tuple or an array. Where a set fails, its error has a note of what
        was set before it.

        Raises :class:`~luthier.errors.UsageError` where the number of values is not that of the channels,
        :class:`~luthier.errors.NotSettableError`, and :class:`~luthier.errors.ValidationError`; nothing was sent then.
        """
        several = isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0
        values = list(value) if several else [value] * len(self.parameters)
        if len(values) != len(self.parameters):
            raise UsageError(
                f"got {len(values)} values for {len(self.parameters)} channels",
                who=self.full_name,
                state="Nothing was sent.",
            )
        if not self.parameters:
            return
        with self.parameters[0].monitor:
            self._set_each(values)

    def _set_each(self, values: list[Any]) -> None:
        for parameter in self.parameters:
            if not parameter.settable:
                raise NotSettableError("cannot be set", who=parameter.full_name, state="Nothing was sent.")
        checked = [parameter.check(item) for parameter, item in zip(self.parameters, values, strict=True)]
        done: list[str] = []
        for parameter, item in zip(self.parameters, checked, strict=True):
            try:
                parameter.set(item)
            except Exception as error:
                error.add_note(f"set before: {', '.join(done) or 'nothing'}; nothing after {parameter.full_name}")
                raise
            done.append(parameter.full_name)

    def __call__(self, *value: Any) -> tuple[Any, ...] | None:
        """``v()`` is ``v.get()`` and ``v(1.0)`` is ``v.set(1.0)``."""
        if not value:
            return self.get()
        self.set(*value)
        return None

    def __repr__(self) -> str:
        """Name, and how many."""
        return f"<ChannelVector {self.full_name} of {len(self.parameters)}>"
