"""Values as plain data that can travel, and back.

``None``, booleans, integers of 64 bits, floats (NaN and the infinities too), text, bytes, lists, and dictionaries with
text for keys are what they are. Everything else is a map of one marked key:

==============  ===================================================================================================
``$tuple``      a list of the items
``$complex``    real and imaginary part
``$int``        an integer beyond 64 bits, as decimal text
``$enum``       name of the class, name of the member (``None`` for a combination of flags), value
``$array``      dtype as numpy writes it (``"<f8"``), shape, position of the raw bytes in the payload, their number
``$ref``        the reference to an instrument, as text
``$part``       the reference to the instrument, and the path of one of its channels or parameters
``$datetime``   ISO 8601; likewise ``$date`` and ``$time``
``$timedelta``  days, seconds, microseconds
``$dict``       pairs of key and value, for other keys than text, or such as start with ``$``
==============  ===================================================================================================

Arrays are not copied into the data: their bytes follow in the payload, each at a multiple of 64 bytes. What is none of
these is refused where it is sent. Nothing is imported or evaluated that the data name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from math import prod
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError, WrongTypeError
from luthier.server.reference import InstrumentRef

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Payload", "ValueReader", "part_at", "to_wire"]

_PLAIN = frozenset({float, str, bool, type(None), bytes})
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_DEEPEST = 100
"""How deeply values may be nested."""
_ALIGNMENT = 64
_DTYPE = re.compile(r"[<>|=]?[biufcSUmM]\d+(\[\w+\])?")
_LONGEST_INT = 10_000
"""Digits of the longest integer that is taken."""


class Payload:
    """The raw bytes that follow a message: those of its arrays, one after another."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.size = 0

    def add(self, raw: memoryview) -> int:
        """Append bytes, and return their position."""
        gap = -self.size % _ALIGNMENT
        if gap:
            self.parts.append(bytes(gap))
        start = self.size + gap
        self.parts.append(raw)
        self.size = start + raw.nbytes
        return start


def to_wire(value: Any, payload: Payload) -> Any:
    """Return ``value`` as data that can travel; the bytes of arrays are added to ``payload``.

    An instrument is anything with a ``wire_reference`` (:class:`~luthier.server.InstrumentRef`). Raises
    :class:`~luthier.errors.WrongTypeError` for what cannot travel; numpy's scalars become Python's numbers.
    """
    if type(value) in _PLAIN:
        return value
    return _to_wire(value, payload, 0)


def _to_wire(value: Any, payload: Payload, depth: int) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case per kind of value
    kind = type(value)
    if kind in _PLAIN:
        return value
    if depth > _DEEPEST:
        raise _unsendable(value, f"it is nested more than {_DEEPEST} deep")
    if isinstance(value, Enum):
        name = value.name if value.name in kind.__members__ else None  # a combination of flags has none of its own
        return {"$enum": [kind.__qualname__, name, _to_wire(value.value, payload, depth + 1)]}
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        number = int(value)
        return number if _LOWEST <= number <= _HIGHEST else {"$int": str(number)}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, complex):
        return {"$complex": [value.real, value.imag]}
    if isinstance(value, list):
        return [_to_wire(item, payload, depth + 1) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [_to_wire(item, payload, depth + 1) for item in value]}
    if isinstance(value, Mapping):
        return _dict_to_wire(value, payload, depth)
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, time):
        return {"$time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$timedelta": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, InstrumentRef):
        return {"$ref": value.uri}
    reference = _reference_of(value)
    if reference is not None:
        return {"$ref": reference.uri}
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return _array_to_wire(value, payload, depth)
    part = _part_of(value)
    if part is not None:
        return {"$part": part}
    raise _unsendable(value, f"a {kind.__name__} cannot travel")


def _reference_of(value: Any) -> InstrumentRef | None:
    try:
        reference = object.__getattribute__(value, "wire_reference")
    except AttributeError:
        return None
    return reference if isinstance(reference, InstrumentRef) else None


def _part_of(value: Any) -> list[str] | None:
    """Return reference and path of a channel or parameter of an instrument that has a reference."""
    whole: Any = getattr(value, "root", None) or getattr(value, "instrument", None)
    reference = _reference_of(whole)
    if reference is None:
        return None
    return [reference.uri, value.full_name.removeprefix(f"{whole.full_name}.")]


def part_at(instrument: Any, path: str) -> Any:
    """Return the channel or parameter at ``path`` of an instrument; it is looked up in tables only."""
    *channels, last = path.split(".")
    host = instrument
    for name in channels:
        host = host.channels[name]
    return host.channels[last] if last in host.channels else host.live(last)


def _dict_to_wire(value: Mapping[Any, Any], payload: Payload, depth: int) -> dict[str, Any]:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: _to_wire(item, payload, depth + 1) for key, item in value.items()}
    pairs = [[_to_wire(key, payload, depth + 1), _to_wire(item, payload, depth + 1)] for key, item in value.items()]
    return {"$dict": pairs}


def _array_to_wire(array: Any, payload: Payload, depth: int) -> Any:
    import numpy as np  # noqa: PLC0415 - only where there is an array

    if isinstance(array, np.generic):
        item = array.item()
        if isinstance(item, np.generic):
            raise _unsendable(array, f"numpy's {array.dtype} cannot travel")
        return _to_wire(item, payload, depth + 1)
    if not isinstance(array, np.ndarray) or not _DTYPE.fullmatch(array.dtype.str):
        raise _unsendable(array, f"an array of {array.dtype} cannot travel")
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    start = payload.add(flat.data) if flat.size else 0
    return {"$array": [array.dtype.str, list(array.shape), start, flat.nbytes]}


def _unsendable(value: object, why: str) -> WrongTypeError:
    return WrongTypeError(
        f"a value cannot be sent to another process: {why}",
        state="Nothing was sent.",
        advice="Numbers, text, bytes, dates, enum members, arrays, instruments, and lists, tuples and dictionaries of "
        "these can.",
        value=f"<{type(value).__name__}>",
        allowed="what can travel",
    )


class ValueReader:
    """Turns data that arrived into values.

    Parameters
    ----------
    enums
        The enum classes that members may be of, by qualified name; a member of another class becomes its value.
    resolve
        What turns a reference into an instrument; ``None``: references stay references.
    """

    def __init__(
        self,
        enums: Mapping[str, type[Enum]] | None = None,
        resolve: Callable[[InstrumentRef], Any] | None = None,
    ) -> None:
        self._enums = {} if enums is None else enums
        self._resolve = resolve

    def read(self, data: Any, payload: Any = b"") -> Any:
        """Return the value; ``payload`` is what followed the message.

        Raises :class:`~luthier.errors.UsageError` where the data stand for no value.
        """
        if type(data) in _PLAIN or type(data) is int:
            return data
        try:
            return self._read(data, payload)
        except (ArithmeticError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"what arrived stands for no value: {type(error).__name__}: {error}") from error

    def _read(self, data: Any, payload: Any) -> Any:
        if isinstance(data, list):
            return [self._read(item, payload) for item in data]
        if not isinstance(data, dict):
            return data
        if len(data) == 1:
            ((mark, content),) = data.items()
            if isinstance(mark, str) and mark.startswith("$"):
                return self._marked(mark, content, payload)
        return {key: self._read(item, payload) for key, item in data.items()}

    def _marked(self, mark: str, content: Any, payload: Any) -> Any:
        match mark:
            case "$tuple":
                return tuple(self._read(item, payload) for item in content)
            case "$dict":
                return {self._read(key, payload): self._read(item, payload) for key, item in content}
            case "$enum":
                return self._member(*content, payload=payload)
            case "$array":
                return _array(*content, payload=payload)
            case "$ref":
                reference = InstrumentRef.from_uri(content)
                return reference if self._resolve is None else self._resolve(reference)
            case "$part":
                uri, path = content
                reference = InstrumentRef.from_uri(uri)
                return f"{uri}/{path}" if self._resolve is None else part_at(self._resolve(reference), path)
            case _:
                return _SIMPLE[mark](content)

    def _member(self, kind: str, name: str | None, value: Any, *, payload: Any) -> Any:
        found = self._enums.get(kind)
        if found is None:
            return self._read(value, payload)
        return found(self._read(value, payload)) if name is None else found[name]


def _complex(real: float, imaginary: float) -> complex:
    return complex(real, imaginary)


def _big_integer(text: str) -> int:
    if len(text) > _LONGEST_INT:
        raise ValueError(f"an integer of {len(text)} digits")
    return int(text)


_SIMPLE: dict[str, Callable[[Any], Any]] = {
    "$complex": lambda parts: _complex(*parts),
    "$int": _big_integer,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$timedelta": lambda parts: timedelta(*parts),
}


def _array(dtype: str, shape: list[int], start: int, size: int, *, payload: Any) -> Any:
    if not _DTYPE.fullmatch(dtype):
        raise ValueError(f"an array of {dtype!r}")
    import numpy as np  # noqa: PLC0415 - only where there is an array

    kind = np.dtype(dtype)
    fits = min(shape, default=0) >= 0 and prod(shape) * kind.itemsize == size
    if not fits or start < 0 or start + size > len(payload):
        raise ValueError(f"an array of {size} bytes at {start}, shape {shape}, in a payload of {len(payload)} bytes")
    if not size:
        return np.empty(shape, kind)
    return np.frombuffer(payload, kind, count=prod(shape), offset=start).reshape(shape)
