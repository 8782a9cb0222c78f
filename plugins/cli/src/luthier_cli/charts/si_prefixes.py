"""SI prefixes on axes: 0.0015 V is shown as 1.5 mV."""

from __future__ import annotations

import math
import re

__all__ = ["prefixed"]

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
_BOTH_WAYS = {"V", "A", "Ω", "Ohm", "ohm", "W", "Hz", "F", "H", "S", "T", "Pa", "J", "C", "N", "m", "eV", "bar"}
_DOWN_ONLY = {"s", "K", "rad", "g"}
"""Nobody writes kiloseconds or kilokelvins; and 1 kg is 1 kg."""
_HEAD = re.compile(r"([A-Za-zΩµ°]+)(?![\w^*])")


def prefixed(largest: float, unit: str) -> tuple[float, str]:
    """Choose the prefix that brings the largest of some values into the range from 1 to 1000.

    Parameters
    ----------
    largest
        The largest magnitude to be shown.
    unit
        The unit without prefix, as text; one that takes none (``°C``, ``dBm``, ``mV``, ``m²``) stays as it is.

    Returns
    -------
    factor, unit
        What to multiply values by, and the unit that they are in then.

    Examples
    --------
    >>> prefixed(0.0015, "V")
    (1000.0, 'mV')
    >>> prefixed(12e3, "V/√Hz")
    (0.001, 'kV/√Hz')
    >>> prefixed(300.0, "K"), prefixed(5e3, "s"), prefixed(0.0, "V")
    ((1.0, 'K'), (1.0, 's'), (1.0, 'V'))
    """
    head = _HEAD.match(unit)
    if head is None or not math.isfinite(largest) or largest == 0:
        return 1.0, unit
    exponent = _exponent(abs(largest))
    takes = head[1] in _BOTH_WAYS or (head[1] in _DOWN_ONLY and exponent < 0)
    return (10.0**-exponent, f"{_PREFIXES[exponent]}{unit}") if takes else (1.0, unit)


def _exponent(largest: float) -> int:
    # 999.9999999 is 1000 to everybody who reads it.
    exponent = 3 * math.floor(math.log10(largest * (1 + 1e-9)) / 3)
    return min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
