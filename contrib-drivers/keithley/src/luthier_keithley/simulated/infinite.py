"""Numbers that may be infinite, as counts and durations of Keithley's instruments."""

from __future__ import annotations

from typing import Any

from luthier.scpi import INFINITY
from luthier_sim import Number

__all__ = ["UpTo"]


class UpTo(Number):
    """A number up to a limit, or INFinity, which is answered as 9.9E37."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the number; 9.9E37 for infinity."""
        if datum.form == "word" and datum.text in ("INF", "INFINITY"):
            return INFINITY
        return super().read(datum, device, suffixes)
