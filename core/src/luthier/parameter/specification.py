"""What a parameter is declared to be: plain, frozen data, shared by all the live parameters made from it."""

from __future__ import annotations

from enum import Enum as PythonEnum
from enum import Flag as PythonFlag
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, TypedDict

from luthier.errors import DeclarationError
from luthier.parameter.template import check_template
from luthier.suggestions import nearest
from luthier.validators import Bool, Complex, Enum, Ints, Numbers, Strings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.parameter.live import Parameter
    from luthier.scpi import ArrayFormat
    from luthier.validators import Validator

__all__ = ["NOT_GIVEN", "Asked", "Bound", "Command", "ParameterOptions", "ParameterSpecification"]


class _NotGiven(PythonEnum):
    """A type of one value, so that type checkers can tell it from ``None``."""

    NOT_GIVEN = "not given"


NOT_GIVEN: Final = _NotGiven.NOT_GIVEN

Command: TypeAlias = "str | Callable[..., Any] | Literal[False] | None"
"""A message template, a callable, ``None`` (the parameter holds its value itself) or ``False`` (refused)."""


class Asked(NamedTuple):
    """A limit that the instrument is asked for.

    ``command`` is a query such as ``"SOUR:VOLT? MAX"``, answered with a number in the instrument's units (before
    ``scale`` and ``offset``). It is asked once, and again after a parameter named in ``depends_on`` has changed.
    """

    command: str


Bound: TypeAlias = "float | str | Asked | Callable[[Any], float | None] | None"
"""A limit: a number, the name of another parameter, a question to the instrument, or a function of the instrument.

A function may return ``None``: there is no limit now.
"""


class ParameterOptions(TypedDict, total=False):
    """The keyword arguments that every way of declaring a parameter takes; see :func:`luthier.parameter.parameter`."""

    get_cmd: Command
    set_cmd: Command
    unit: str
    label: str
    doc: str
    validator: Validator | None
    mapping: Mapping[Any, Any] | None
    scale: float | None
    offset: float | None
    get_parser: Callable[[Any], Any] | None
    set_parser: Callable[[Any], Any] | None
    resolution: float | None
    minimum: Bound
    maximum: Bound
    step: float | None
    rate: float | None
    settle: float
    relevant_when: Mapping[str, Any] | Callable[[Any], bool] | None
    depends_on: tuple[str, ...]
    max_age: float | None
    snapshot: bool
    initial: Any
    group: str
    delegate: str | Parameter[Any] | None
    array: ArrayFormat | None
    shape: tuple[int | str | Callable[[Any], int], ...]
    axes: tuple[str | Parameter[Any], ...]


class ParameterSpecification:
    """Everything that is fixed when a parameter is declared; the options are explained at :func:`parameter`.

    Not to be changed once made: all parameters of a class share it. Only what differs from the defaults, which are
    those of the class, takes room. (As an attrs class, its many fields took a tenth of the time of importing Luthier.)
    """

    get_cmd: Any = NOT_GIVEN
    set_cmd: Any = NOT_GIVEN
    unit: str = ""
    label: str = ""
    doc: str = ""
    validator: Validator | None = None
    mapping: Mapping[Any, Any] | None = None
    scale: float | None = None
    offset: float | None = None
    get_parser: Callable[[Any], Any] | None = None
    set_parser: Callable[[Any], Any] | None = None
    resolution: float | None = None
    minimum: Bound = None
    maximum: Bound = None
    step: float | None = None
    rate: float | None = None
    settle: float = 0.0
    relevant_when: Mapping[str, Any] | Callable[[Any], bool] | None = None
    depends_on: tuple[str, ...] = ()
    max_age: float | None = None
    snapshot: bool = True
    initial: Any = NOT_GIVEN
    group: str = ""
    delegate: str | Parameter[Any] | None = None
    array: ArrayFormat | None = None
    shape: tuple[int | str | Callable[[Any], int], ...] = ()
    axes: tuple[str | Parameter[Any], ...] = ()
    members: tuple[str, ...] = ()
    separator: str = ","
    bound: bool = False
    """Whether callables are given the instrument first, as methods are (declarations in a class body)."""

    def __init__(self, value_type: type[Any], /, **options: Any) -> None:
        unknown = options.keys() - _OPTIONS
        if unknown:
            raise unknown_option(min(unknown))
        self._given = options
        self.type = value_type
        vars(self).update(options)
        self._complete_commands()
        self._complete_validator()
        self._check_commands()
        self._check_conversion()
        self._check_motion()

    def states(self, option: str) -> bool:
        """Tell whether the declaration gives an option, be it its default."""
        return option in self._given

    def replaced(self, **options: Any) -> ParameterSpecification:
        """Return the specification that differs in ``options``."""
        given = {**self._given, **options}
        if "group" in options or "delegate" in options:
            given = {name: option for name, option in given.items() if name not in ("get_cmd", "set_cmd")}
        return ParameterSpecification(self.type, **given)

    def _complete_commands(self) -> None:
        elsewhere = bool(self.group) or self.delegate is not None
        get_given, set_given = self.get_cmd is not NOT_GIVEN, self.set_cmd is not NOT_GIVEN
        if elsewhere and (get_given or set_given):
            raise DeclarationError(
                "a parameter with group= or delegate= is read and set through that one; leave out get_cmd and set_cmd",
            )
        default = None if not get_given and not set_given else False
        if not get_given:
            self.get_cmd = default
        if not set_given:
            self.set_cmd = default

    def _complete_validator(self) -> None:
        if self.validator is None:
            self.validator = Enum(*self.mapping) if self.mapping is not None else _validator_for(self.type)

    def _check_commands(self) -> None:
        for option in ("get_cmd", "set_cmd"):
            command = getattr(self, option)
            if isinstance(command, str):
                check_template(command, option=option, members=self.members)
            elif not (command is None or command is False or callable(command)):
                raise DeclarationError(
                    f"{option}={command!r} is none of: a message template, a callable, None (the parameter holds its "
                    "value itself), False (refused)",
                )

    def _check_conversion(self) -> None:
        if self.mapping is not None and (self.scale is not None or self.offset is not None or self.resolution):
            raise DeclarationError("mapping= excludes scale=, offset= and resolution=: a mapped value is not a number")
        if self.scale == 0:
            raise DeclarationError("scale=0 would make every value the same")
        if self.resolution is not None and not self.resolution > 0:
            raise DeclarationError(f"resolution={self.resolution!r}: allowed is a number above 0")

    def _check_motion(self) -> None:
        for option in ("step", "rate", "max_age"):
            number = getattr(self, option)
            if number is not None and not number > 0:
                raise DeclarationError(f"{option}={number!r}: allowed is a number above 0, or None for no limit")
        if not self.settle >= 0:
            raise DeclarationError(f"settle={self.settle!r}: allowed are 0 s and more")


_OPTIONS = tuple(ParameterSpecification.__annotations__)


def unknown_option(name: str) -> DeclarationError:
    """Return the error for an option that parameters do not have."""
    near = nearest(name, _OPTIONS)
    advice = f"Did you mean {near[0]}=?" if near else f"There are: {', '.join(_OPTIONS)}."
    return DeclarationError(f"a parameter has no option {name}=", advice=advice)


def _validator_for(value_type: type[Any]) -> Validator | None:
    """Return what a parameter of that type accepts where its declaration does not say; ``None``: anything."""
    if issubclass(value_type, PythonFlag):
        return None  # any combination of its members
    if issubclass(value_type, PythonEnum):
        return Enum(*value_type)
    by_type: dict[type[Any], Callable[[], Validator]] = {
        float: Numbers,
        int: Ints,
        bool: Bool,
        str: Strings,
        complex: Complex,
    }
    make = by_type.get(value_type)
    return None if make is None else make()
