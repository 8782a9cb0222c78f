"""What a device that is spoken to in TSP declares: attributes and functions, by path."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

import attrs
from luthier.errors import DeclarationError

from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TspAttribute", "TspFunction", "functions_of", "tsp_attribute", "tsp_function"]

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")

_LETTERS: Final = re.compile(r"\[(\w+)\]")
_FUNCTIONS: Final = "_luthier_sim_tsp"


def paths_of(pattern: str) -> dict[str, str]:
    """Return the paths that a pattern stands for, each with the letter that its brackets were; empty without any.

    >>> paths_of("smu[ab].reset")
    {'smua.reset': 'a', 'smub.reset': 'b'}
    """
    found = _LETTERS.findall(pattern)
    if len(found) > 1:
        raise DeclarationError(
            f"{pattern!r} has more than one place for a channel", advice="Write smu[ab].source.levelv."
        )
    return {_LETTERS.sub(letter, pattern): letter for letter in found[0]} if found else {pattern: ""}


@attrs.frozen(eq=False)
class TspFunction:
    """A function by its pattern, and the name of the method that carries it out."""

    pattern: str
    method: str


class TspAttribute(Generic[T]):
    """A value that statements set and ask for. Made by :func:`tsp_attribute`."""

    def __init__(
        self, pattern: str, initial: T, *, limits: tuple[Any, Any], choices: tuple[T, ...], fixed: bool
    ) -> None:
        self.paths = paths_of(pattern)
        self.initial = initial
        self._limits = limits
        self._choices = choices
        self._fixed = fixed
        self._after = ""
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name of the attribute."""
        self.name = name

    @overload
    def __get__(self, device: None, owner: type) -> TspAttribute[T]: ...
    @overload
    def __get__(self, device: object, owner: type) -> Any: ...
    def __get__(self, device: object | None, owner: type) -> Any:
        """Return the value; by channel, where there are several."""
        return self if device is None else device.__dict__[self.name]

    def __set__(self, device: object, value: Any) -> None:
        """Store a value, without any check."""
        device.__dict__[self.name] = value

    def on_set(self, function: F) -> F:
        """Call a method after a statement has set the value, with it (and the channel); `Refusal` puts it back."""
        self._after = function.__name__
        return function

    def restore(self, device: Any) -> None:
        """Give the device the value that it has when switched on."""
        letters = [letter for letter in self.paths.values() if letter]
        device.__dict__[self.name] = dict.fromkeys(letters, self.initial) if letters else self.initial

    def ask(self, device: Any, letter: str) -> Any:
        """Return the value, of a channel where there are several."""
        value = device.__dict__[self.name]
        return value[letter] if letter else value

    def change(self, device: Any, letter: str, value: Any) -> None:
        """Set the value as a statement does.

        Raises
        ------
        Refusal
            It cannot be set to that; it is as it was.
        """
        if self._fixed:
            raise Refusal(-286, "TSP Runtime error", "attribute is read only")
        checked = self._checked(device, value)
        before = device.__dict__[self.name]
        device.__dict__[self.name] = {**before, letter: checked} if letter else checked
        if self._after:
            try:
                getattr(device, self._after)(*((checked, letter) if letter else (checked,)))
            except Refusal:
                device.__dict__[self.name] = before
                raise

    def _checked(self, device: Any, value: Any) -> Any:
        if isinstance(self.initial, str) != isinstance(value, str) or value is None:
            raise Refusal(-286, "TSP Runtime error", "parameter type mismatch")
        if isinstance(value, str):
            return value
        number = float(value)
        low, high = (limit(device) if callable(limit) else limit for limit in self._limits)
        beyond = (low is not None and number < low) or (high is not None and number > high) or not isfinite(number)
        if beyond or (self._choices and number not in self._choices):
            raise Refusal(-222, "Parameter data out of range")
        return type(self.initial)(number) if isinstance(self.initial, int | float) else number


def tsp_attribute(
    pattern: str,
    initial: T,
    *,
    minimum: Any = None,
    maximum: Any = None,
    choices: tuple[T, ...] = (),
    read_only: bool = False,
) -> TspAttribute[T]:
    """Declare a value that statements set and ask for, in a class body.

    Parameters
    ----------
    pattern
        Its path, ``"display.screen"``. In brackets stand the letters of channels: ``"smu[ab].source.levelv"``; the
        value is then a dictionary by letter.
    initial
        When switched on, and after ``*RST``; a number or text.
    minimum, maximum
        Limits: numbers, or functions of the device.
    choices
        The only values, where there are some.
    read_only
        Statements can only ask for it.
    """
    return TspAttribute(pattern, initial, limits=(minimum, maximum), choices=choices, fixed=read_only)


def tsp_function(pattern: str) -> Callable[[F], F]:
    """Declare that a method carries out a function; it is given the channel's letter first, where there are several.

    It returns a number, text, a truth value, ``None``, or a tuple of several.
    """

    def declare(function: F) -> F:
        made = TspFunction(pattern, function.__name__)
        setattr(function, _FUNCTIONS, (*getattr(function, _FUNCTIONS, ()), made))
        return function

    return declare


def functions_of(thing: object) -> tuple[TspFunction, ...]:
    """Return what a method was declared to carry out."""
    found: tuple[TspFunction, ...] = getattr(thing, _FUNCTIONS, ())
    return found
