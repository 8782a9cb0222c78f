"""Declaring parameters in the body of an instrument class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Unpack, overload

from luthier.errors import DeclarationError
from luthier.parameter.group import GroupParameter
from luthier.parameter.live import Parameter
from luthier.parameter.specification import ParameterOptions, ParameterSpecification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.parameter.host import Host
    from luthier.parameter.specification import Command

__all__ = ["Declaration", "Declarator", "group", "live_parameter", "parameter"]

T = TypeVar("T")
V = TypeVar("V")

_TYPES_BY_NAME: dict[str, type] = {kind.__name__: kind for kind in (float, int, bool, str, complex)}


class _ParameterOwner(Protocol):
    def live(self, name: str) -> Parameter[Any]: ...


class Declaration(Generic[T]):
    """A parameter in a class body; on an instance of the class it is the live :class:`Parameter`."""

    def __init__(self, specification: ParameterSpecification) -> None:
        self.specification = specification
        self.name = ""
        self.__doc__ = specification.doc

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name of the attribute."""
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Declaration[T]: ...

    @overload
    def __get__(self, instance: _ParameterOwner, owner: type) -> Parameter[T]: ...

    def __get__(self, instance: _ParameterOwner | None, owner: type) -> Declaration[T] | Parameter[T]:
        """Return the live parameter; the instance keeps it, so that this is asked once."""
        if instance is None:
            return self
        return instance.live(self.name)

    def replace(self, **options: Unpack[ParameterOptions]) -> Declaration[T]:
        """Return a declaration that differs in ``options``, for a subclass of the instrument."""
        return Declaration(self.specification.replaced(**options))

    def __repr__(self) -> str:
        """Name and type."""
        return f"<declaration of the parameter {self.name}: {self.specification.type.__name__}>"


class Declarator:
    """What ``@parameter(unit=…)`` leaves until it is given the function that reads the value."""

    def __init__(self, options: ParameterOptions) -> None:
        self._options = options

    def __call__(self, function: Callable[[Any], V]) -> Declaration[V]:
        """Declare the parameter that ``function`` reads; its return annotation is the type."""
        options: dict[str, Any] = {"doc": (function.__doc__ or "").strip(), **self._options, "get_cmd": function}
        return Declaration(ParameterSpecification(_annotated_type(function), **options, bound=True))

    def __set_name__(self, owner: type, name: str) -> None:
        """Refuse to be left in a class as it is."""
        raise DeclarationError(
            f"the parameter {name!r} is declared without a type",
            who=owner.__name__,
            advice="Write parameter(float, …), with the type of its value first, or decorate the method that reads it.",
        )


def _annotated_type(function: Callable[..., Any]) -> type[Any]:
    annotation = function.__annotations__.get("return", object)
    if isinstance(annotation, str):
        return _TYPES_BY_NAME.get(annotation, object)
    return annotation if isinstance(annotation, type) else object


@overload
def parameter(type: type[T], /, **options: Unpack[ParameterOptions]) -> Declaration[T]: ...


@overload
def parameter(function: Callable[[Any], T], /) -> Declaration[T]: ...


@overload
def parameter(**options: Unpack[ParameterOptions]) -> Declarator: ...


def parameter(what: Any = None, /, **options: Unpack[ParameterOptions]) -> Any:
    """Declare a parameter in the body of an :class:`~luthier.Instrument` or :class:`~luthier.Channel` class.

    ``parameter(float, …)`` declares one that is read and set by messages or callables; ``@parameter`` or
    ``@parameter(unit=…)`` in front of a method declares one that the method reads; with ``set_cmd=`` it can be set too.

    The way of a value when it is set: validate (in the user's units) → ``resolution`` → ``mapping``, or ``scale`` and
    ``offset`` → ``set_parser`` → text → send → ``settle`` → cache → subscribers. When it is read: reply →
    ``get_parser``, or the type's own reading → ``mapping``, or ``scale`` and ``offset`` → cache → subscribers.

    Parameters
    ----------
    type
        The type of the value: ``float``, ``int``, ``bool``, ``str``, ``complex``, an ``Enum`` class, ``numpy.ndarray``,
        or ``object`` for anything.
    get_cmd, set_cmd
        A message template: ``"SOUR:VOLT?"``, ``"SOUR:VOLT {}"``; ``{number}`` and ``{parent.slot}`` are attributes of
        the instrument or channel, looked up when the parameter is first used. Or a callable, which is given the
        instrument first (in ``add_parameter`` and :class:`Parameter`, the value alone). ``None``: the parameter holds
        its value itself. ``False``: refused. With neither given the parameter holds its value itself; with one, the
        other is refused.
    unit
        The SI unit (``"V"``, ``"Ω"``); empty: none.
    label
        For axes of plots; by default made from the name.
    doc
        What it means, and where the manual describes it.
    validator
        What is accepted, in the user's units; by default anything of ``type``.
    mapping
        From the user's values to what is sent; ``{"volts": "VOLT"}``. Its keys are what is accepted.
    scale, offset
        The instrument's number is ``value * scale + offset``; computed in decimal, so that no digit changes.
    get_parser, set_parser
        From the reply to the number (or mapped value) in it; from the number to what is sent.
    resolution
        The smallest step that the instrument takes, in ``unit``: values are rounded to it before they are sent, and the
        cache holds the rounded value. Without it every digit is sent.
    minimum, maximum
        Limits beside the validator's: a number, the name of another parameter, a function of the instrument, or
        :class:`Asked` for a question to the instrument.
    step, rate
        A set moves in steps of at most ``step`` (``unit``) and at most ``rate`` (``unit`` per s) fast, from a fresh
        reading.
    settle
        Seconds to wait after each set, before anything else uses the instrument.
    relevant_when
        ``{"function": "voltage"}`` or ``{"function": ("voltage", "current")}``: other parameters and the values at
        which this one means something; or a function of the instrument, whose docstring completes "has a meaning only
        while …".
    depends_on
        Names of parameters whose change makes what is known of this one (value, asked limits) no longer valid.
    max_age
        Seconds for which the cache is trusted; ``None``: until invalidated.
    snapshot
        Whether snapshots include it.
    initial
        The value of a parameter that holds its value itself, before it is set.
    group
        The name of the group (see :func:`group`) that reads and sets this parameter.
    delegate
        Another parameter (or its name or path) that this one is a view of, with unit, scale, limits of its own.
    array
        How an array travels (:class:`luthier.scpi.ArrayFormat`); for templates.
    shape, axes
        Of an array: the lengths (numbers, names of parameters, or functions of the instrument), and the array
        parameters that hold the setpoints of each axis.

    Raises
    ------
    DeclarationError
        Where the options contradict each other; the class is then not made.
    """
    if what is None:
        return Declarator(options)
    if isinstance(what, type):
        return Declaration(ParameterSpecification(what, **options, bound=True))
    if callable(what):
        return Declarator(options)(what)
    raise DeclarationError(f"parameter({what!r}, …): the first argument is the type of the value, such as float")


def group(
    *members: str,
    get_cmd: Command = False,
    set_cmd: Command = False,
    separator: str = ",",
    get_parser: Callable[[Any], Any] | None = None,
    relevant_when: Mapping[str, Any] | Callable[[Any], bool] | None = None,
    doc: str = "",
    snapshot: bool = False,
) -> Declaration[dict[str, Any]]:
    """Declare that several parameters are read, or set, by one message.

    Parameters
    ----------
    members
        Names of parameters of the same class, each declared with ``group=`` and the name of this one, or with commands
        of its own.
    get_cmd
        A query whose reply holds all members, or a callable that returns them as a sequence or dictionary.
    set_cmd
        A template that names each member, ``"APPL {voltage},{current}"``, or a callable that is given the instrument
        and a dictionary.
    separator
        What stands between the parts of a reply.
    get_parser
        From the whole reply to its parts, where a separator is not enough.
    """
    if len(set(members)) != len(members) or not members:
        raise DeclarationError(f"group{members!r}: allowed are one or more different names of parameters")
    return Declaration(
        ParameterSpecification(
            dict,
            get_cmd=get_cmd,
            set_cmd=set_cmd,
            get_parser=get_parser,
            relevant_when=relevant_when,
            doc=doc,
            snapshot=snapshot,
            members=members,
            separator=separator,
            bound=True,
        ),
    )


def live_parameter(name: str, specification: ParameterSpecification, host: Host) -> Parameter[Any]:
    """Return the live parameter of ``host`` for a specification."""
    kind = GroupParameter if specification.members else Parameter
    return kind.of(name, specification, host)
