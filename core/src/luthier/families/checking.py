"""Whether an instrument has what its family states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import ValidationError
from luthier.families.catalogue import family as named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from luthier.families.family import CommonParameter, Family, Place

__all__ = ["Misfit", "check"]


@attrs.frozen
class Misfit:
    """One thing in which an instrument is not as its family.

    Attributes
    ----------
    where
        The parameter, function or channel, by its path; empty where it is the instrument as a whole.
    what
        What is wrong, in a sentence.
    """

    where: str
    what: str

    def __str__(self) -> str:
        """Place and sentence."""
        return f"{self.where}: {self.what}" if self.where else self.what


def check(instrument: Any, family: str | Family) -> tuple[Misfit, ...]:
    """Compare an instrument with a family; nothing is sent to it.

    Parameters
    ----------
    instrument
        An open instrument, here or on a server. Or the class of a driver: then only what its body declares is looked
        at. Channels are not, because they are made when it is opened, and what is added then counts as missing.
    family
        A family or its id.

    Returns
    -------
    tuple
        What is wrong; empty where nothing is.

    Raises
    ------
    UsageError
        There is no family of that id.

    Examples
    --------
    >>> from luthier import Instrument, parameter
    >>> class Locked(Instrument):
    ...     frequency = parameter(float, get_cmd="FREQ?", set_cmd="FREQ {}", unit="kHz")
    >>> for misfit in check(Locked, "signal_generator"):
    ...     print(misfit)
    frequency: its unit is 'kHz'; signal_generator has it in 'Hz'
    power: it is missing (float, in dBm)
    output: it is missing (bool)
    """
    stated = named(family) if isinstance(family, str) else family
    return tuple(misfit for place in stated.places for misfit in _at_place(instrument, place, stated.id))


@attrs.frozen
class _Found:
    """What is known of a parameter, be it live or only declared."""

    type: type[Any]
    unit: str
    gettable: bool
    settable: bool
    validator: Any
    axes: Callable[[], tuple[str, ...]]


def _at_place(instrument: Any, place: Place, family: str) -> Iterator[Misfit]:
    if not place.name:
        yield from _on_host(instrument, place, family, "")
    elif isinstance(instrument, type):
        return
    elif place.name not in instrument.channels:
        if place.or_itself:
            yield from _on_host(instrument, place, family, "")
        elif place.required:
            kind = "a ChannelList of that name" if place.many else "a channel of that name"
            yield Misfit(place.name, f"it is missing; {family} has {kind}")
    else:
        yield from _on_channels(instrument.channels[place.name], place, family)


def _on_channels(found: Any, place: Place, family: str) -> Iterator[Misfit]:
    if isinstance(found, Sequence) != place.many:
        wanted = "a ChannelList" if place.many else "one channel"
        yield Misfit(place.name, f"it is a {type(found).__name__}; {family} has {wanted} there")
        return
    if not place.many:
        yield from _on_host(found, place, family, f"{place.name}.")
        return
    if not found:
        yield Misfit(place.name, "it is empty")
    told: set[str] = set()
    for channel in found:  # what is wrong with all is told once
        for misfit in _on_host(channel, place, family, ""):
            if str(misfit) not in told:
                told.add(str(misfit))
                yield Misfit(f"{channel.name}.{misfit.where}", misfit.what)


def _on_host(host: Any, place: Place, family: str, path: str) -> Iterator[Misfit]:
    found = _parameters(host)
    for common in place.parameters:
        seen = found(common.name)
        if seen is not None:
            for what in _differences(seen, common, family):
                yield Misfit(f"{path}{common.name}", what)
        elif common.required:
            yield Misfit(f"{path}{common.name}", f"it is missing ({_described(common)})")
    if place.one_of and not any(found(name) for name in place.one_of):
        yield Misfit(path.rstrip("."), f"it has none of {', '.join(place.one_of)}")
    for function in place.functions:
        if not callable(getattr(host, function.name, None)) or found(function.name) is not None:
            yield Misfit(f"{path}{function.name}", f"it is missing ({family} has a method of that name)")


def _described(common: CommonParameter) -> str:
    unit = f", in {common.unit}" if common.unit else ""
    return f"{common.type or 'of any type'}{unit}"


def _differences(found: _Found, common: CommonParameter, family: str) -> Iterator[str]:
    if not _is_of_type(found.type, common.type):
        yield f"its type is {found.type.__name__}; {family} has {common.type}"
    if common.unit is not None and found.unit != common.unit:
        yield f"its unit is {found.unit!r}; {family} has it in {common.unit!r}"
    if not found.gettable:
        yield f"it cannot be read; in {family} it can"
    if common.settable and not found.settable:
        yield f"it cannot be set; in {family} it can"
    if common.words and not any(_accepts(found.validator, word) for word in common.words):
        yield f"it accepts none of the words of {family}: {', '.join(map(repr, common.words))}"
    if common.axis and found.axes() != (common.axis,):
        yield f"its axes are {', '.join(found.axes()) or 'none'}; {family} has the axis {common.axis}"


def _is_of_type(found: type[Any], stated: str) -> bool:
    if stated == "array":
        return found.__name__ == "ndarray"  # by name: numpy is not loaded for it
    kinds = (bool,) if found is bool else found.__mro__  # True is an int to Python, and to nobody else
    return not stated or stated in {kind.__name__ for kind in kinds}


def _accepts(validator: Any, word: str) -> bool:
    if validator is None:
        return True
    try:
        validator.check(word)
    except ValidationError:
        return False
    return True


def _parameters(host: Any) -> Callable[[str], _Found | None]:
    """Return what looks up a parameter by name."""
    if isinstance(host, type):
        declared: Mapping[str, Any] = getattr(host, "declared_parameters", {})
        return lambda name: _declared(declared, name) if name in declared else None
    return lambda name: _live(host.parameters[name]) if name in host.parameters else None


def _live(parameter: Any) -> _Found:
    return _Found(
        parameter.type,
        parameter.unit,
        parameter.gettable,
        parameter.settable,
        parameter.validator,
        lambda: tuple(axis.name for axis in parameter.axes),
    )


def _declared(declared: Mapping[str, Any], name: str) -> _Found:
    specification = declared[name].specification
    elsewhere = specification.group or specification.delegate
    other = declared[elsewhere].specification if elsewhere in declared else specification
    return _Found(
        specification.type,
        specification.unit,
        other.get_cmd is not False,
        other.set_cmd is not False,
        specification.validator,
        lambda: tuple(str(getattr(axis, "name", axis)).rpartition(".")[2] for axis in specification.axes),
    )
