"""Settings: values that messages set and ask for, and that are attributes in the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from luthier.errors import DeclarationError

from luthier_sim.scpi.commands import Command, values_of
from luthier_sim.scpi.data import ChannelList, Number, limit_word
from luthier_sim.scpi.headers import parse_pattern
from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_sim.scpi.data import Kind
    from luthier_sim.scpi.messages import Datum

__all__ = ["ChannelSetting", "Setting"]

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")


class _Held(Generic[T]):
    """What settings of one value and of one for each channel have in common."""

    def __init__(self, pattern: str, initial: T, kind: Kind, *, keep: bool, settable: bool, doc: str) -> None:
        self.pattern = pattern
        self.nodes = parse_pattern(pattern)
        self.initial = initial
        self.kind = kind
        self.keep = keep
        self.settable = settable
        self.__doc__ = doc
        self.name = ""
        self._after: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name of the attribute."""
        self.name = name

    def on_set(self, function: F) -> F:
        """Call a method after a message has set the value, with the new value (and the channel).

        It may store another value, and change other settings. When it raises :class:`Refusal`, all settings are put
        back that were assigned meanwhile.
        """
        self._after = function.__name__
        return function

    def restore(self, device: Any) -> None:
        """Give the device the value that it has when switched on."""
        raise NotImplementedError

    @property
    def commands(self) -> tuple[Command, ...]:
        """What messages can do with it."""
        ask = Command(f"{self.pattern}?", self.nodes, True, self._ask)
        return (Command(self.pattern, self.nodes, False, self._set), ask) if self.settable else (ask,)

    def _ask(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> str:
        raise NotImplementedError

    def _set(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> None:
        raise NotImplementedError

    def _read(self, data: tuple[Datum, ...], device: Any, suffixes: tuple[int, ...]) -> Any:
        return values_of((self.kind,), data, device, suffixes)[0]

    def _limit(self, data: tuple[Datum, ...], device: Any, suffixes: tuple[int, ...]) -> str | None:
        """Return the answer to ``VOLTage? MAXimum``; ``None`` where nothing of that kind was asked."""
        if not data:
            return None
        word = limit_word(data[0].text) if data[0].form == "word" and isinstance(self.kind, Number) else ""
        if len(data) > 1 or not word or not isinstance(self.kind, Number):
            raise Refusal(-108)
        value = self.kind.limit(word, device, suffixes)
        if value is None:
            raise Refusal(-141)
        return self.kind.write(value)


class Setting(_Held[T]):
    """One value that messages set and ask for; in the device it is an attribute. Made by :func:`setting`."""

    @overload
    def __get__(self, device: None, owner: type) -> Setting[T]: ...
    @overload
    def __get__(self, device: object, owner: type) -> T: ...
    def __get__(self, device: object | None, owner: type) -> Setting[T] | T:
        """Return the value; without any check, and without a message."""
        if device is None:
            return self
        value: T = device.__dict__[self.name]
        return value

    def __set__(self, device: object, value: T) -> None:
        """Store a value; without any check, and without a message."""
        device.__dict__[self.name] = value

    def restore(self, device: Any) -> None:
        """Give the device the value that it has when switched on."""
        device.__dict__[self.name] = self.initial

    def _ask(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> str:
        return self._limit(data, device, suffixes) or self.kind.write(device.__dict__[self.name])

    def _set(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> None:
        value = self._read(data, device, suffixes)
        if not self._after:
            device.__dict__[self.name] = value
            return
        before = device.__dict__.copy()
        device.__dict__[self.name] = value
        try:
            getattr(device, self._after)(value)
        except Refusal:
            device.put_back(before)
            raise


class ChannelSetting(_Held[T]):
    """A value for each channel; in the device it is a dictionary by channel. Made by :func:`channel_setting`."""

    def __init__(self, channels: tuple[int, ...], **given: Any) -> None:
        super().__init__(**given)
        suffixed = [node.suffixes.numbers for node in self.nodes if node.suffixes]
        if len(suffixed) > 1 or bool(suffixed) == bool(channels):
            raise DeclarationError(
                f"{self.pattern!r} does not say which channels there are",
                advice="Write one suffix, such as OUTPut[1|2] or OUTPut[1..4]; or channels=(1, 2) for a list (@1,2).",
            )
        self._listed = bool(channels)
        self.channels = tuple(channels or suffixed[0])

    @overload
    def __get__(self, device: None, owner: type) -> ChannelSetting[T]: ...
    @overload
    def __get__(self, device: object, owner: type) -> dict[int, T]: ...
    def __get__(self, device: object | None, owner: type) -> ChannelSetting[T] | dict[int, T]:
        """Return the values by channel."""
        if device is None:
            return self
        values: dict[int, T] = device.__dict__[self.name]
        return values

    def restore(self, device: Any) -> None:
        """Give the device the values that it has when switched on."""
        initial = self.initial
        device.__dict__[self.name] = {
            number: initial[number] if isinstance(initial, dict) else initial for number in self.channels
        }

    def _chosen(
        self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]
    ) -> tuple[tuple[int, ...], tuple[Datum, ...]]:
        if not self._listed:
            return suffixes, data
        if data and data[-1].form == "expression":
            return ChannelList(self.channels).read(data[-1], device, ()), data[:-1]
        return device.selected_channels(), data

    def _ask(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> str:
        channels, rest = self._chosen(device, suffixes, data)
        values = device.__dict__[self.name]
        return ",".join(
            self._limit(rest, device, (channel,)) or self.kind.write(values[channel]) for channel in channels
        )

    def _set(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> None:
        channels, rest = self._chosen(device, suffixes, data)
        chosen = [(channel, self._read(rest, device, (channel,))) for channel in channels]
        before = device.__dict__.copy()
        device.__dict__[self.name] = {**device.__dict__[self.name], **dict(chosen)}
        if self._after:
            try:
                for channel, value in chosen:
                    getattr(device, self._after)(value, channel)
            except Refusal:
                device.put_back(before)
                raise
