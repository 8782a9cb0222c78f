"""A marker of an X-Series signal analyser.

Pages: X-Series Signal Analyzers, Spectrum Analyzer Mode User's & Programmer's Reference (322), and the N9030A manual
(671).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import Channel, parameter

if TYPE_CHECKING:
    from luthier import ScpiInstrument

__all__ = ["Marker"]


class Marker(Channel):
    """One marker, on the trace that the instrument has it on."""

    mode = parameter(
        str,
        get_cmd="CALC:MARK{number}:MODE?",
        set_cmd="CALC:MARK{number}:MODE {}",
        mapping={"off": "OFF", "normal": "POS", "delta": "DELT", "fixed": "FIX"},
        doc="Whether it shows the trace, the difference to its reference, or a place that is fixed "
        "(:CALCulate:MARKer:MODE, page 671).",
    )
    frequency = parameter(
        float,
        get_cmd="CALC:MARK{number}:X?",
        set_cmd="CALC:MARK{number}:X {}",
        unit="Hz",
        relevant_when={"mode": ("normal", "delta", "fixed")},
        snapshot=False,
        doc="Where it is; in the mode delta from its reference (:CALCulate:MARKer:X, page 671).",
    )
    level = parameter(
        float,
        get_cmd="CALC:MARK{number}:Y?",
        unit="dBm",
        relevant_when={"mode": ("normal", "fixed")},
        snapshot=False,
        doc="Level there, in the level unit of the instrument; not a number beside the screen "
        "(:CALCulate:MARKer:Y?, page 671).",
    )

    def __init__(self, parent: ScpiInstrument, number: int) -> None:
        super().__init__(parent, f"marker{number}")
        self.number = number
        self._analyzer = parent

    def to_peak(self) -> None:
        """Switch it on where it is off, and put it on the highest peak (:CALCulate:MARKer:MAXimum, page 322)."""
        self._move("MAX")

    def to_next_peak(self) -> None:
        """Put it on the next lower peak; where there is none, the instrument reports that."""
        self._move("MAX:NEXT")

    def to_peak_right(self) -> None:
        """Put it on the nearest peak to the right; where there is none, the instrument reports that."""
        self._move("MAX:RIGH")

    def to_peak_left(self) -> None:
        """Put it on the nearest peak to the left; where there is none, the instrument reports that."""
        self._move("MAX:LEFT")

    def _move(self, command: str) -> None:
        with self.monitor:
            self.mode.cache.invalidate()  # the instrument switches on a marker that is off
            message = f"CALC:MARK{self.number}:{command}"
            self.write(message)
            if self._analyzer.error_policy != "never":
                self._analyzer.check_errors(message)
