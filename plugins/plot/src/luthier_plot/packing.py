"""News of a run as bytes: a JSON header, and behind it the numbers as they lie in memory.

``<header length: uint32><header><zeros up to a multiple of 8><float64, float64, …>``, little-endian. The header names
each array by its offset and its length, in numbers.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from luthier_cli.charts.scales import robust_limits
from luthier_cli.charts.si_prefixes import prefixed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from luthier_plot.coordinates import Axis
    from luthier_plot.views import Update, View

__all__ = ["pack", "unpack"]

_LENGTH = struct.Struct("<I")
_UNIT = 8
_ROUNDING = 1e-12


def pack(facts: Mapping[str, Any], panels: Iterable[tuple[View, Update | None]]) -> bytes:
    """Make a message of the facts about a run, and of all its panels with what is new in each."""
    numbers: list[npt.NDArray[np.float64]] = []
    described = [_describe(view, update, numbers) for view, update in panels]
    header = json.dumps({**facts, "panels": described}, separators=(",", ":")).encode()
    padding = -(_LENGTH.size + len(header)) % _UNIT
    return b"".join((_LENGTH.pack(len(header)), header, bytes(padding), *(each.tobytes() for each in numbers)))


def unpack(message: bytes) -> tuple[dict[str, Any], npt.NDArray[np.float64]]:
    """Take a message apart into its header and all its numbers.

    Examples
    --------
    >>> unpack(pack({"run": None}, []))
    ({'run': None, 'panels': []}, array([], dtype=float64))
    """
    (length,) = _LENGTH.unpack_from(message)
    begin = _LENGTH.size + length
    return json.loads(message[_LENGTH.size : begin]), np.frombuffer(message, "<f8", offset=begin + -begin % _UNIT)


def _describe(view: View, update: Update | None, numbers: list[npt.NDArray[np.float64]]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": view.name, "kind": view.kind, "join": view.join}
    if update is None:
        return described
    described |= {
        "revision": update.known.revision,
        "rows": update.known.rows,
        "fresh": update.fresh,
        "x": _axis(view, "x", view.x),
        "y": _axis(view, "y", view.y),
        "z": None if view.z is None else _axis(view, "z", view.z),
        "arrays": {},
    }
    offset = sum(map(len, numbers))
    for name, values in update.arrays.items():
        flat = np.ascontiguousarray(values, dtype="<f8").ravel()
        described["arrays"][name] = [offset, len(flat)]
        offset += len(flat)
        numbers.append(flat)
    if view.z is not None:
        described["limits"] = _spread(*robust_limits(view.extent("z")))
    else:
        described["ranges"] = {"x": _planned(view), "y": _flat(view.extent("y"))}
    return described


def _planned(view: View) -> tuple[float, float] | None:
    """Return how far a line will reach, where that is planned."""
    frame = view.frame
    return None if frame is None or not np.isfinite(frame).all() else (float(frame.min()), float(frame.max()))


def _flat(values: npt.NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the range of an axis whose values differ by rounding only, which else would fill it."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    ends = float(finite.min()), float(finite.max())
    spread = _spread(*ends)
    return None if spread == ends else spread


def _spread(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a scale; with room around them where they are the same but for rounding."""
    size = max(abs(low), abs(high))
    if high - low > _ROUNDING * size:
        return low, high
    room = size / 10 or 1.0
    return low - room, high + room


def _axis(view: View, name: Literal["x", "y", "z"], axis: Axis) -> dict[str, Any]:
    values = view.extent(name)
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    if name == "z" and finite.size:
        # One outlier must not choose the prefix either.
        largest = max(map(abs, robust_limits(values)))
    factor, unit = (1.0, axis.unit) if axis.logarithmic else prefixed(largest, axis.unit)
    return {
        "title": f"{axis.label} ({unit})" if unit else axis.label,
        "factor": factor,
        "logarithmic": axis.logarithmic,
    }
