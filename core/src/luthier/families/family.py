"""What a family states: names, types and units that its instruments have in common, as data."""

from __future__ import annotations

import attrs

__all__ = ["CommonFunction", "CommonParameter", "Family", "Place"]


@attrs.frozen
class CommonParameter:
    """A parameter that instruments of a family have in common.

    Attributes
    ----------
    name
        What every driver calls it.
    type
        The name of the type of its value: ``"float"``, ``"int"``, ``"bool"``, ``"str"``, ``"array"`` (of numpy);
        empty: any.
    unit
        Of the value, as in the drivers; ``None``: the driver says which.
    doc
        What it means, in every driver.
    settable
        Whether it has to be settable. Every common parameter has to be gettable.
    required
        Whether an instrument without it is not of the family.
    words
        What the common values of a text are called; a driver has those that the instrument can do, and at least one.
    axis
        Of an array: the name of the parameter that holds the setpoints of its one axis; empty: not stated.
    """

    name: str
    type: str
    unit: str | None
    doc: str
    settable: bool = False
    required: bool = True
    words: tuple[str, ...] = ()
    axis: str = ""


@attrs.frozen
class CommonFunction:
    """A method, or named action, without arguments that instruments of a family have in common."""

    name: str
    doc: str


@attrs.frozen
class Place:
    """Where common parameters are: on the instrument itself, on one channel of it, or on each channel of a list.

    Attributes
    ----------
    name
        Of the channel, or of the list of channels; empty: the instrument itself.
    parameters, functions
        What is there.
    one_of
        Names of parameters that are not required, of which there is at least one.
    many
        Whether it is a list of channels.
    required
        Whether an instrument without it is not of the family.
    or_itself
        Whether an instrument that has no such channels has the parameters itself.
    """

    name: str = ""
    parameters: tuple[CommonParameter, ...] = ()
    functions: tuple[CommonFunction, ...] = ()
    one_of: tuple[str, ...] = ()
    many: bool = False
    required: bool = True
    or_itself: bool = False

    @property
    def title(self) -> str:
        """Name the place in words."""
        if not self.name:
            return "the instrument"
        if self.or_itself:
            return f"the instrument, or each of its {self.name}"
        return f"each of {self.name}" if self.many else self.name


@attrs.frozen
class Family:
    """Instruments that one script can use, whoever made them.

    Attributes
    ----------
    id
        As manifests have it: ``"lock_in"``.
    title
        One instrument, in words: ``"lock-in amplifier"``.
    doc
        What they are, and what else holds for each of them, in sentences.
    places
        What they have in common, by where it is.
    """

    id: str
    title: str
    doc: str
    places: tuple[Place, ...]
