"""How a simulated SCPI device declares its commands: settings, questions, and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar, overload

import attrs
from luthier.errors import DeclarationError

from luthier_sim.scpi.data import (
    Block,
    Boolean,
    ChannelList,
    Choice,
    Integer,
    Kind,
    Number,
    NumberList,
    Text,
    limit_word,
)
from luthier_sim.scpi.headers import parse_pattern
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.scpi.replies import as_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier_sim.scpi.data import Bound
    from luthier_sim.scpi.headers import Node
    from luthier_sim.scpi.messages import Datum

__all__ = ["ChannelSetting", "Command", "Setting", "channel_setting", "command", "query", "setting"]

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")


class Run(Protocol):
    """What a command does: given the device, the suffixes of its header, and its data."""

    def __call__(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...], /) -> str | None:
        """Carry it out; return the text of the reply, one character for each byte, or ``None``."""
        ...


@attrs.frozen(eq=False)
class Command:
    """A header, and what it does."""

    pattern: str
    nodes: tuple[Node, ...]
    is_query: bool
    run: Run


_DECLARED = "_luthier_sim_commands"


def command(pattern: str, *kinds: Kind) -> Callable[[F], F]:
    """Declare a command that a method carries out.

    Parameters
    ----------
    pattern
        The header as manuals write it: ``"OUTPut[1|2]:PROTection:CLEar"``.
    kinds
        Of the data that it takes, in order.

    The method is given the suffixes of the header, as far as the pattern has any, and then the data. It raises
    :class:`Refusal` to refuse.
    """
    return _declaring(pattern, kinds, is_query=False, form="")


def query(pattern: str, *kinds: Kind, form: str = "") -> Callable[[F], F]:
    """Declare a question that a method answers.

    Parameters
    ----------
    pattern
        The header with its question mark: ``"MEASure:CURRent?"``.
    kinds
        Of the data that it takes, in order.
    form
        Of numbers in the reply (``"{:+.6E}"``); empty: with every digit.

    The method is given what that of a :func:`command` is given. It returns text, which is answered as it is; a number,
    a truth value, bytes (answered as a block), or a list or array of these.
    """
    if not pattern.endswith("?"):
        raise DeclarationError(f"the question {pattern!r} has no question mark")
    return _declaring(pattern[:-1], kinds, is_query=True, form=form)


def declared_by(function: object) -> tuple[Command, ...]:
    """Return the commands that a method was declared to carry out."""
    found: tuple[Command, ...] = getattr(function, _DECLARED, ())
    return found


def _declaring(pattern: str, kinds: tuple[Kind, ...], *, is_query: bool, form: str) -> Callable[[F], F]:
    nodes = parse_pattern(pattern)

    def declare(function: F) -> F:
        name = function.__name__

        def run(device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> str | None:
            # By name, so that a subclass can override the method without declaring its command again.
            value = getattr(device, name)(*suffixes, *values_of(kinds, data, device, suffixes))
            return as_reply(value, form) if is_query else None

        made = Command(f"{pattern}{'?' * is_query}", nodes, is_query, run)
        setattr(function, _DECLARED, (*declared_by(function), made))
        return function

    return declare


def values_of(kinds: Sequence[Kind], data: tuple[Datum, ...], device: Any, suffixes: tuple[int, ...]) -> list[Any]:
    """Read the data of a command.

    Raises
    ------
    Refusal
        -109 where one is missing, -108 where there is one too many, and what the kinds say.
    """
    values: list[Any] = []
    for place, kind in enumerate(kinds):
        if kind.rest:
            longest = getattr(kind, "longest", len(data))
            if len(data) - place > longest:
                raise Refusal(-223)
            if len(data) <= place and not kind.optional:
                raise Refusal(-109)
            return [*values, [kind.read(datum, device, suffixes) for datum in data[place:]]]
        if place < len(data):
            values.append(kind.read(data[place], device, suffixes))
        elif kind.optional:
            values.append(None)
        else:
            raise Refusal(-109)
    if len(data) > len(kinds):
        raise Refusal(-108)
    return values


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

        When it raises :class:`Refusal`, the old value is put back. It may store another value.
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
        before = device.__dict__[self.name]
        device.__dict__[self.name] = value
        if self._after:
            try:
                getattr(device, self._after)(value)
            except Refusal:
                device.__dict__[self.name] = before
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
        values = device.__dict__[self.name]
        before = dict(values)
        values.update(chosen)
        if self._after:
            try:
                for channel, value in chosen:
                    getattr(device, self._after)(value, channel)
            except Refusal:
                values.update(before)
                raise


def setting(
    pattern: str,
    initial: T,
    kind: Kind | None = None,
    *,
    choices: Sequence[str] = (),
    minimum: Bound = None,
    maximum: Bound = None,
    unit: str = "",
    resolution: float | None = None,
    form: str = "",
    keep: bool = False,
    settable: bool = True,
    doc: str = "",
) -> Setting[T]:
    """Declare a value that messages set and ask for, in a class body.

    Parameters
    ----------
    pattern
        The header as manuals write it: ``"SOURce:VOLTage[:LEVel]"``.
    initial
        The value when switched on, and after ``*RST``. Without `kind` its type says what messages may set: ``float``
        and ``int`` numbers, ``bool`` ``ON`` and ``OFF``, ``str`` one of `choices` or else a string in quotes,
        ``bytes`` a block, a tuple or list of numbers as many numbers as are given.
    kind
        What messages may set, where the type of `initial` does not say it.
    choices
        Words as manuals write them: ``("VOLTage", "CURRent")``; the value is the short form, ``"VOLT"``.
    minimum, maximum, unit, resolution, form
        See :class:`Number`.
    keep
        Whether ``*RST`` leaves the value as it is.
    settable
        Whether messages can set it.
    doc
        What it means.
    """
    chosen = kind or _kind_for(initial, choices, (minimum, maximum, unit, resolution, form))
    return Setting(pattern, initial, chosen, keep=keep, settable=settable, doc=doc)


@overload
def channel_setting(
    pattern: str,
    initial: dict[int, T],
    kind: Kind | None = ...,
    *,
    channels: Sequence[int] = ...,
    choices: Sequence[str] = ...,
    minimum: Bound = ...,
    maximum: Bound = ...,
    unit: str = ...,
    resolution: float | None = ...,
    form: str = ...,
    keep: bool = ...,
    settable: bool = ...,
    doc: str = ...,
) -> ChannelSetting[T]: ...
@overload
def channel_setting(
    pattern: str,
    initial: T,
    kind: Kind | None = ...,
    *,
    channels: Sequence[int] = ...,
    choices: Sequence[str] = ...,
    minimum: Bound = ...,
    maximum: Bound = ...,
    unit: str = ...,
    resolution: float | None = ...,
    form: str = ...,
    keep: bool = ...,
    settable: bool = ...,
    doc: str = ...,
) -> ChannelSetting[T]: ...
def channel_setting(
    pattern: str,
    initial: Any,
    kind: Kind | None = None,
    *,
    channels: Sequence[int] = (),
    choices: Sequence[str] = (),
    minimum: Bound = None,
    maximum: Bound = None,
    unit: str = "",
    resolution: float | None = None,
    form: str = "",
    keep: bool = False,
    settable: bool = True,
    doc: str = "",
) -> ChannelSetting[Any]:
    """Declare a value for each channel, in a class body.

    Parameters
    ----------
    pattern
        The header; its suffix says which channels there are: ``"SOURce[1|2]:VOLTage"``, ``"CH<1..4>:SCAle"``.
    initial
        The value of each channel when switched on, or a dictionary of them by channel.
    channels
        Where the channels are not in the header but in a list at the end of the data (``VOLT 5,(@1,2)``): those that
        there are. Without a list the device's ``selected_channels()`` are meant.
    kind, choices, minimum, maximum, unit, resolution, form, keep, settable, doc
        As for :func:`setting`. Functions for limits are given the channel too; an attribute may be a dictionary.
    """
    sample = next(iter(initial.values())) if isinstance(initial, dict) else initial
    chosen = kind or _kind_for(sample, choices, (minimum, maximum, unit, resolution, form))
    return ChannelSetting(
        tuple(channels), pattern=pattern, initial=initial, kind=chosen, keep=keep, settable=settable, doc=doc
    )


_NumberOptions: TypeAlias = "tuple[Bound, Bound, str, float | None, str]"


def _kind_for(initial: object, choices: Sequence[str], number: _NumberOptions) -> Kind:
    minimum, maximum, unit, resolution, form = number
    if isinstance(initial, bool):
        return Boolean()
    if isinstance(initial, (int, float)):
        make = Integer if isinstance(initial, int) else Number
        return make(minimum, maximum, unit, default=initial, resolution=resolution, form=form)
    if isinstance(initial, str):
        return _choice(initial, choices) if choices else Text()
    if isinstance(initial, bytes):
        return Block()
    if isinstance(initial, (list, tuple)):
        return NumberList(Number(minimum, maximum, unit, resolution=resolution, form=form))
    raise DeclarationError(f"a setting cannot start as {initial!r}: say what it may be by kind=")


def _choice(initial: str, choices: Sequence[str]) -> Choice:
    made = Choice(*choices)
    if initial not in made.values:
        raise DeclarationError(
            f"a setting cannot start as {initial!r}: its values are {', '.join(map(repr, made.values))}",
            advice="Values are short forms.",
        )
    return made
