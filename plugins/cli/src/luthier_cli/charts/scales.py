"""How far colours reach, whether an axis is logarithmic, and whether points lie along it in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["is_disordered", "is_logarithmic", "robust_limits"]

_TAIL = 2.0  # percent of the values at each end
_FEWEST = 20  # values, below which nobody can tell an outlier
_DECADES = 1.0
_EVEN = 0.02
_FEWEST_TURNS = 8
_TURNS = 0.25


def robust_limits(values: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the lowest and highest value that a colour scale should show.

    They are those of the values, unless a few lie so far outside that they would take the colours from all others: then
    those few get the colour of the end.

    Examples
    --------
    >>> robust_limits(np.arange(100.0))
    (0.0, 99.0)
    >>> low, high = robust_limits(np.append(np.arange(100.0), 1e6))
    >>> low, high < 200
    (0.0, True)
    >>> robust_limits(np.array([np.nan]))
    (0.0, 1.0)
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if finite.size < _FEWEST:
        return low, high
    # Values that there are, not some between an outlier and the rest.
    inner_low = float(np.percentile(finite, _TAIL, method="higher"))
    inner_high = float(np.percentile(finite, 100 - _TAIL, method="lower"))
    # Half of it, so that huge values do not overflow.
    room = inner_high / 2 - inner_low / 2
    if room == 0:
        return low, high
    far_low, far_high = low < inner_low - 2 * room, high > inner_high + 2 * room
    return (inner_low - room / 5 if far_low else low), (inner_high + room / 5 if far_high else high)


def is_logarithmic(values: npt.NDArray[Any]) -> bool:
    """Whether values are spaced by equal factors, over more than a decade.

    Examples
    --------
    >>> is_logarithmic(np.geomspace(1, 1e6, 13)), is_logarithmic(np.linspace(1, 1e6, 13))
    (True, False)
    """
    known = values[np.isfinite(values)]
    if len(known) < 3 or not (known > 0).all():  # noqa: PLR2004 - two values have no spacing
        return False
    logarithms = np.log10(known)
    if abs(float(logarithms[-1] - logarithms[0])) <= _DECADES:
        return False
    steps = np.diff(logarithms)
    mean = float(steps.mean())
    return bool((np.abs(steps - mean) <= _EVEN * abs(mean)).all())


def is_disordered(values: npt.NDArray[Any]) -> bool:
    """Whether values go up and down so often that a line should join them from left to right, not as they were taken.

    Examples
    --------
    >>> is_disordered(np.append(np.arange(20), np.arange(20)[::-1]))
    False
    >>> is_disordered(np.random.default_rng(1).random(40))
    True
    """
    directions = np.sign(np.diff(values))
    directions = directions[(directions == 1) | (directions == -1)]
    turns = int((directions[1:] != directions[:-1]).sum())
    return turns > max(_FEWEST_TURNS, _TURNS * len(values))
