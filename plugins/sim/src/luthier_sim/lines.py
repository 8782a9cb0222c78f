"""Simulated instruments that speak lines of text other than SCPI: many temperature controllers, and older ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, overload

import attrs
from luthier.errors import DeclarationError

from luthier_sim.device import Device
from luthier_sim.scpi.replies import as_reply

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Held", "LineDevice", "answers", "held"]

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")

_FIELD: Final = re.compile(r"\{(\w*)(?::([dg]))?\}")
_FORMS: Final[dict[str | None, tuple[str, Callable[[str], Any]]]] = {
    None: (r"(.+?)", str),
    "d": (r"([+-]?\d{1,300})", int),
    "g": (r"([+-]?(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][+-]?\d{1,5})?)", float),
}
_ATTRIBUTE: Final = "_luthier_sim_answers"


@attrs.frozen(eq=False)
class _Answer:
    """A pattern, the conversions of what is in its braces, and what gives the reply."""

    pattern: str
    expression: str
    convert: tuple[Callable[[str], Any], ...]
    run: Callable[..., Any]


def _answer(pattern: str, run: Callable[..., Any], forms: dict[str, str] | None = None) -> _Answer:
    expression, place = "", 0
    convert: list[Callable[[str], Any]] = []
    for field in _FIELD.finditer(pattern):
        expression += _literal(pattern[place : field.start()])
        form, reader = _FORMS[field[2] or (forms or {}).get(field[1])]
        expression += form
        convert.append(reader)
        place = field.end()
    rest = pattern[place:]
    if "{" in rest or "}" in rest:
        raise DeclarationError(
            f"{pattern!r} is no pattern of a message", advice="In braces may stand {name}, {name:d} or {name:g}."
        )
    return _Answer(pattern, expression + _literal(rest), tuple(convert), run)


def _literal(text: str) -> str:
    return r"\s+".join(map(re.escape, text.split(" ")))


def answers(pattern: str) -> Callable[[F], F]:
    """Declare which message a method answers.

    Parameters
    ----------
    pattern
        The message. ``{name}`` stands for some text, ``{name:d}`` for a whole number, ``{name:g}`` for a number; the
        method is given them in order. A space stands for any number of spaces.

    The method returns the reply without its terminator: text, or a number; ``None``: there is none. It raises
    ``ValueError`` to refuse the message, as one that the device does not know.
    """

    def declare(function: F) -> F:
        name = function.__name__
        made = _answer(pattern, lambda device, *found: getattr(device, name)(*found))
        setattr(function, _ATTRIBUTE, (*getattr(function, _ATTRIBUTE, ()), made))
        return function

    return declare


class Held(Generic[T]):
    """One value that messages set and ask for; in the device it is an attribute. Made by :func:`held`."""

    def __init__(
        self,
        ask: str,
        change: str,
        initial: T,
        *,
        form: str,
        limits: tuple[float | None, float | None],
        reply: str | None,
    ) -> None:
        self.initial = initial
        self._form = form
        self._limits = limits
        self._reply = reply
        self.name = ""
        kind = "d" if isinstance(initial, int) else "g" if isinstance(initial, float) else ""
        made = [_answer(ask, self._ask)] if ask else []
        if change:
            if len(_FIELD.findall(change)) != 1:
                raise DeclarationError(f"{change!r} has to have one place for the value, {{}}")
            made.append(_answer(change, self._set, {"": kind} if kind else None))
        self.answers = tuple(made)

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name of the attribute."""
        self.name = name

    @overload
    def __get__(self, device: None, owner: type) -> Held[T]: ...
    @overload
    def __get__(self, device: object, owner: type) -> T: ...
    def __get__(self, device: object | None, owner: type) -> Held[T] | T:
        """Return the value."""
        if device is None:
            return self
        value: T = device.__dict__[self.name]
        return value

    def __set__(self, device: object, value: T) -> None:
        """Store a value, without any check."""
        device.__dict__[self.name] = value

    def _ask(self, device: Any) -> str:
        value = device.__dict__[self.name]
        return self._form.format(value) if self._form else as_reply(value)

    def _set(self, device: Any, value: Any) -> str | None:
        low, high = self._limits
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(value)
        device.__dict__[self.name] = bool(value) if isinstance(self.initial, bool) else value
        return self._reply


def held(
    ask: str,
    change: str,
    initial: T,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    form: str = "",
    reply: str | None = None,
) -> Held[T]:
    """Declare a value that messages set and ask for, in a class body.

    Parameters
    ----------
    ask
        The question, ``"SETP? 1"``; empty where there is none.
    change
        What sets it, with one place for the value, ``"SETP 1,{}"``; empty where nothing does.
    initial
        The value when switched on; its type says what messages may set.
    minimum, maximum
        Limits; a value beyond them is refused, as a message that the device does not know.
    form
        Of the reply to the question (``"{:+08.3f}"``); empty: with every digit.
    reply
        What setting is answered with; ``None``: nothing.
    """
    return Held(ask, change, initial, form=form, limits=(minimum, maximum), reply=reply)


class LineDevice(Device):
    r"""A simulated instrument that takes one line of text at a time, and answers some of them.

    A subclass declares values and answers in its body. See :class:`~luthier_sim.Device` for the constructor, clock,
    noise and latency.

    Examples
    --------
    >>> class Thermometer(LineDevice):
    ...     terminator = b"\r\n"
    ...     setpoint = held("SETP? 1", "SETP 1,{}", 300.0, minimum=0, form="{:+.2f}")
    ...
    ...     @answers("KRDG? {channel}")
    ...     def kelvin(self, channel: str) -> str:
    ...         return "+4.2" if channel == "A" else "+300.0"
    >>> thermometer = Thermometer()
    >>> thermometer.respond(b"KRDG? A")
    b'+4.2\r\n'
    >>> thermometer.respond(b"SETP 1,4.2"), thermometer.respond(b"SETP? 1")
    (None, b'+4.20\r\n')
    """

    ignores_case: ClassVar[bool] = True
    """Whether small and capital letters mean the same in messages."""

    _fixed: ClassVar[dict[str, _Answer]] = {}
    _patterns: ClassVar[tuple[tuple[re.Pattern[str], _Answer], ...]] = ()
    _held: ClassVar[tuple[Held[Any], ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Collect what the class declares."""
        super().__init_subclass__(**options)
        cls._held = ()
        found: list[_Answer] = []
        for name in dict.fromkeys(name for place in cls.__mro__ for name in vars(place)):
            thing = next(vars(place)[name] for place in cls.__mro__ if name in vars(place))
            if isinstance(thing, Held):
                cls._held += (thing,)
                found += thing.answers
            else:
                found += getattr(thing, _ATTRIBUTE, ())
        flags = re.IGNORECASE if cls.ignores_case else 0
        cls._fixed = {cls._key(made.pattern): made for made in found if not made.convert}
        cls._patterns = tuple((re.compile(made.expression, flags | re.ASCII), made) for made in found if made.convert)

    def switch_on(self) -> None:
        """Take the state of a device that has just been switched on."""
        for value in self._held:
            value.__set__(self, value.initial)
        self.reset()

    def reset(self) -> None:
        """Do what switching on does beyond giving the values their first ones."""

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one line, and return its reply with the terminator; ``None``: no reply."""
        reply = self.answer(message.decode("latin-1"))
        return None if reply is None else reply.encode("latin-1", "replace") + self.terminator

    def answer(self, line: str) -> str | None:
        """Carry out one line of text, without its terminator; overridden where lines carry addresses or checksums."""
        fixed = self._fixed.get(self._key(line))
        try:
            if fixed is not None:
                return self._as_text(fixed.run(self))
            for expression, made in self._patterns:
                if found := expression.fullmatch(line.strip()):
                    values = [convert(text) for convert, text in zip(made.convert, found.groups(), strict=True)]
                    return self._as_text(made.run(self, *values))
        except ValueError:
            pass
        return self.unknown(line)

    def unknown(self, line: str) -> str | None:
        """Return what a line is answered with that nothing was declared for, or that was refused; nothing."""
        del line
        return None

    @classmethod
    def _key(cls, line: str) -> str:
        key = " ".join(line.split())
        return key.upper() if cls.ignores_case else key

    @staticmethod
    def _as_text(value: object) -> str | None:
        return None if value is None else as_reply(value)
