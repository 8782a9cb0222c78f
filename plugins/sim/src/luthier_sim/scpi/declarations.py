"""Declaring settings, in the body of a class of devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from luthier.errors import DeclarationError

from luthier_sim.scpi.data import Block, Boolean, Choice, Integer, Kind, Number, NumberList, Text
from luthier_sim.scpi.settings import ChannelSetting, Setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_sim.scpi.data import Bound

__all__ = ["channel_setting", "setting"]

T = TypeVar("T")


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
