"""Wires of a bench, from where a value comes to where it is looked at."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any
from zlib import crc32

import attrs
import numpy as np
from luthier.errors import UsageError, WrongTypeError

if TYPE_CHECKING:
    from luthier_sim.benches.under_test import Value

__all__ = ["NoisyWire", "Wire", "as_wire"]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _finite(_wire: Wire, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not _is_number(value):
        raise WrongTypeError(
            f"{attribute.name} of a wire has to be a finite number, not {value!r}",
            state="Nothing was connected.",
            value=value,
            allowed="finite numbers",
        )
    if attribute.name == "noise" and value < 0:
        raise UsageError(f"noise of a wire has to be 0 or more, not {value!r}", state="Nothing was connected.")


@attrs.frozen
class Wire:
    """How a value gets to an end: ``value * gain + offset``, with noise.

    Attributes
    ----------
    source
        Where it comes from, ``"dac.out1"``; or a number, which is always there.
    gain
        Of an amplifier or a divider on the way; ``None``: there is none, and both ends have the same unit.
    offset
        In the unit of the end.
    noise
        Standard deviation of what is seen at the end, in its unit; drawn anew at each look.
    """

    source: str | float
    gain: float | None = attrs.field(default=None, validator=attrs.validators.optional(_finite))
    offset: float = attrs.field(default=0.0, validator=_finite)
    noise: float = attrs.field(default=0.0, validator=_finite)


class NoisyWire:
    """A wire at work, with the noise of its own seed.

    Parameters
    ----------
    wire
        What was declared.
    end
        Where it ends, ``"smu.current"``.
    seed
        Of the bench; together with `end` it says what noise there is.
    """

    def __init__(self, wire: Wire, end: str, seed: int) -> None:
        self._gain = 1.0 if wire.gain is None else wire.gain
        self._offset = wire.offset
        self._noise = wire.noise
        self._straight = (self._gain, self._offset, self._noise) == (1.0, 0.0, 0.0)
        self._random = np.random.default_rng([seed, crc32(end.encode())])

    def carried(self, value: Value) -> Value:
        """Return what arrives of a value."""
        if self._straight:
            return value
        there = value * self._gain + self._offset
        if not self._noise:
            return there
        shape = np.shape(there)
        if np.iscomplexobj(there):
            real, imaginary = self._random.normal(0.0, self._noise, (2, *shape))
            return there + (real + 1j * imaginary)
        return there + self._random.normal(0.0, self._noise, shape or None)


def as_wire(given: str | float | Wire) -> Wire:
    """Return a wire that was given in a short form."""
    if isinstance(given, Wire):
        return given
    if isinstance(given, str) or _is_number(given):
        return Wire(given)
    raise WrongTypeError(
        f"a wire comes from an output, such as 'dac.out1', or from a finite number, not {given!r}",
        state="Nothing was connected.",
        value=given,
        allowed="text, a finite number, or a Wire",
    )
