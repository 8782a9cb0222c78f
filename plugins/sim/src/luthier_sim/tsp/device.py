"""A device that is spoken to in TSP."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier_sim.device import Device
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.scpi.status import ErrorQueue
from luthier_sim.tsp.declarations import TspAttribute, functions_of, paths_of, tsp_function
from luthier_sim.tsp.language import Assignment, Binary, Call, Expression, Literal, Path, Single, SyntaxFault, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TspDevice"]

_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "^": math.pow,
}
_MOST_VARIABLES: Final = 1000
_LONGEST_TEXT: Final = 65_536


class TspDevice(Device):
    r"""A simulated instrument that carries out lines of TSP, as Keithley's Series 2600 do.

    A subclass declares attributes and functions in its body. Variables, arithmetic and ``print`` are there, and the
    error queue; loops, conditions and functions of one's own are refused as -285. Errors and the error queue: Series
    2600B Reference Manual, 2600BS-901-01 Rev. C, August 2016, section 8 and appendix E.

    Examples
    --------
    >>> from luthier_sim import tsp_attribute
    >>> class Source(TspDevice):
    ...     level = tsp_attribute("smu[ab].source.levelv", 0.0, minimum=-20, maximum=20)
    ...
    ...     @tsp_function("smu[ab].measure.i")
    ...     def current(self, channel: str) -> float:
    ...         return self.level[channel] / 1e3
    >>> source = Source()
    >>> source.respond(b"smua.source.levelv = 2 * 0.75 print(smua.measure.i(), smub.source.levelv)")
    b'1.50000e-03\t0.00000e+00\n'
    >>> source.respond(b"smua.source.levelv = 21 print(errorqueue.count) print(errorqueue.next())")
    b'1.00000e+00\n-2.22000e+02\tParameter data out of range\t2.00000e+01\t1.00000e+00\n'
    """

    identity: ClassVar[str] = "LUTHIER, SIMULATED TSP DEVICE, 0, 0"
    error_queue_size: ClassVar[int] = 100
    digits: ClassVar[int] = 6
    """How many digits numbers are printed with."""
    constants: ClassVar[Mapping[str, float]] = {}
    """Names of numbers, ``"smua.OUTPUT_ON"``."""

    _attributes: ClassVar[dict[str, tuple[TspAttribute[Any], str]]] = {}
    _functions: ClassVar[dict[str, tuple[str, str]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """Collect what the class declares, and those that it derives from."""
        super().__init_subclass__(**options)
        cls._attributes, cls._functions = {}, {}
        for name in dict.fromkeys(name for place in cls.__mro__ for name in vars(place)):
            thing = next(vars(place)[name] for place in cls.__mro__ if name in vars(place))
            if isinstance(thing, TspAttribute):
                cls._attributes |= {path: (thing, letter) for path, letter in thing.paths.items()}
            for made in functions_of(thing):
                cls._functions |= {path: (made.method, letter) for path, letter in paths_of(made.pattern).items()}

    def switch_on(self) -> None:
        """Take the state of a device that has just been switched on."""
        self.errors = ErrorQueue(self.error_queue_size)
        self.variables: dict[str, Any] = {}
        self._printed: list[str] = []
        self._room = self.largest_reply
        self.restore()

    def restore(self) -> None:
        """Give all attributes their first values, and do what :meth:`reset` does."""
        for attribute in dict.fromkeys(attribute for attribute, _ in self._attributes.values()):
            attribute.restore(self)
        self.reset()

    def reset(self) -> None:
        """Do what resetting does beyond giving attributes their first values."""

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one line, and return what it printed; what is refused goes to the error queue."""
        line = message.decode("latin-1").strip()
        self._printed, self._room = [], self.largest_reply
        if line.startswith("*"):
            self._common(line.upper())
        else:
            try:
                for statement in parse(line):
                    self._carry_out(statement)
            except SyntaxFault as fault:
                self.errors.add(Refusal(-285, "TSP Syntax error", f"near `{fault}'"))
            except RecursionError:
                self.errors.add(_runtime("stack overflow"))
            except Refusal as refusal:
                self.errors.add(refusal)
        return "".join(f"{text}\n" for text in self._printed).encode("latin-1", "replace") or None

    # What every one of them has

    @tsp_function("print")
    def print_values(self, *values: Any) -> None:
        """Print values with tabs between."""
        text = "\t".join(_as_text(value, self.digits) for value in values)
        self._room -= len(text) + 1
        if self._room < 0:
            raise _runtime("not enough memory")
        self._printed.append(text)

    @tsp_function("reset")
    def reset_all(self, *_system: Any) -> None:
        """Reset everything but variables."""
        self.restore()

    @tsp_function("errorqueue.next")
    def next_error(self) -> tuple[float, str, float, float]:
        """Take the oldest error: its number, its text, its severity (20: recoverable) and its node."""
        error = self.errors.take()
        return float(error.code), error.text or "Queue Is Empty", 20.0 if error.code else 0.0, 1.0

    @tsp_function("errorqueue.clear")
    def clear_errors(self) -> None:
        """Forget all errors."""
        self.errors.clear()

    @tsp_function("delay")
    def wait(self, seconds: float) -> None:
        """Do nothing for some seconds."""
        self.spend(min(max(float(seconds), 0.0), 100_000.0))

    def overrun(self) -> None:
        """Note that a message was too long."""
        self.errors.add(Refusal(-363))

    def failed(self) -> None:
        """Note that the code of the device itself failed."""
        self.errors.add(Refusal(-310))

    # How

    def _common(self, line: str) -> None:
        if line == "*IDN?":
            self._printed.append(self.identity)
        elif line == "*OPC?":
            self._printed.append("1")
        elif line == "*RST":
            self.restore()
        elif line == "*CLS":
            self.errors.clear()
        elif line not in ("*OPC", "*WAI"):
            self.errors.add(Refusal(-113))

    def _carry_out(self, statement: Assignment | Call) -> None:
        if isinstance(statement, Call):
            self._called(statement)
            return
        values = self._all(statement.values)
        values += [None] * (len(statement.targets) - len(values))
        for target, value in zip(statement.targets, values, strict=False):
            self._assign(target.name, value)

    def _assign(self, name: str, value: Any) -> None:
        if name in self._attributes:
            attribute, letter = self._attributes[name]
            try:
                attribute.change(self, letter, value)
            except Refusal as refusal:
                if refusal.code == -286:  # noqa: PLR2004 - only that one ends the line
                    raise
                self.errors.add(refusal)
        elif "." in name or name in self._functions or name in self.constants:
            raise _runtime(f"attempt to assign to `{name}'")
        elif value is None:
            self.variables.pop(name, None)
        elif len(self.variables) < _MOST_VARIABLES or name in self.variables:
            self.variables[name] = value
        else:
            raise _runtime("not enough memory")

    def _all(self, expressions: tuple[Expression, ...]) -> list[Any]:
        """Return the values of expressions; a call that is the last one gives all that it returns."""
        found: list[Any] = []
        for place, expression in enumerate(expressions):
            if isinstance(expression, Call):
                several = self._called(expression)
                found += several if place == len(expressions) - 1 else (*several, None)[:1]
            else:
                found.append(self._value(expression))
        return found

    def _called(self, call: Call) -> tuple[Any, ...]:
        if call.path.name not in self._functions:
            raise _runtime(f"attempt to call `{call.path.name}' (a nil value)")
        method, letter = self._functions[call.path.name]
        arguments = self._all(call.arguments)
        try:
            result = getattr(self, method)(*((letter,) if letter else ()), *arguments)
        except (TypeError, ValueError) as error:
            raise _runtime(f"bad arguments to `{call.path.name}'") from error
        return result if isinstance(result, tuple) else () if result is None else (result,)

    def _value(self, expression: Expression) -> Any:
        match expression:
            case Literal(value):
                return value
            case Path(name):
                return self._named(name)
            case Call():
                return (*self._called(expression), None)[0]
            case Single(inner):
                return self._value(inner)
            case Binary():
                return self._computed(expression)

    def _named(self, name: str) -> Any:
        if name in self._attributes:
            attribute, letter = self._attributes[name]
            return attribute.ask(self, letter)
        if name == "errorqueue.count":
            return float(len(self.errors))
        found = self.constants.get(name, self.variables.get(name))
        if found is None and "." in name and not self._is_table(name.rpartition(".")[0]):
            raise _runtime(f"attempt to index global `{name.partition('.')[0]}' (a nil value)")
        return found

    def _is_table(self, name: str) -> bool:
        start = f"{name}."
        return any(path.startswith(start) for path in (*self._attributes, *self._functions, *self.constants))

    def _computed(self, expression: Binary) -> Any:
        left = self._value(expression.left)
        if expression.operator == "not":
            return left is None or left is False
        right = self._value(expression.right)
        if expression.operator in ("==", "~="):
            return (type(left) is type(right) and left == right) == (expression.operator == "==")
        if expression.operator == "..":
            return f"{_as_text(left, self.digits)}{_as_text(right, self.digits)}"[:_LONGEST_TEXT]
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (left, right)):
            raise _runtime("attempt to perform arithmetic on a value that is no number")
        try:
            return _ARITHMETIC[expression.operator](float(left), float(right))
        except ZeroDivisionError:
            return float("nan") if not left else float("inf") if left > 0 else -float("inf")
        except (OverflowError, ValueError):  # ValueError: a root of a negative number
            return float("inf") if left > 0 else float("nan")


def _runtime(what: str) -> Refusal:
    return Refusal(-286, "TSP Runtime error", what)


def _as_text(value: Any, digits: int) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.{digits - 1}e}" if isinstance(value, int | float) else str(value)
