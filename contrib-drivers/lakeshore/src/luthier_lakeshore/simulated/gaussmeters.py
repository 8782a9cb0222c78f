"""Simulated Lake Shore 425 and 475, with a probe in a field.

Like the instruments: units, ranges and what is beyond them, relative readings, the largest and smallest field, alarm
and relay of the 425, which has no event status register; refused commands of the 475 as bits of that register.

Unlike the instruments: the field does not alternate, so that its peaks are the field and its frequency is 0; filters
and digits change nothing; zeroing takes no time.
"""

from __future__ import annotations

from math import pi
from typing import ClassVar, Final

from luthier_lakeshore.simulated.messages import LakeShoreDevice, within

__all__ = ["Simulated425", "Simulated475", "SimulatedGaussmeter"]

_TESLA: Final = {1: 1e-4, 2: 1.0, 3: 1e-4, 4: 4e-7 * pi}
_NO_PROBE: Final = 1
_OVERLOAD: Final = 2
_NEW: Final = 4
_ALARM: Final = 8
_LARGEST: Final = 35.0
_HALL: Final = 0.8  # ohm at 1 T


class SimulatedGaussmeter(LakeShoreDevice):
    """A gaussmeter whose probe is in a field of 50 mT.

    Attributes
    ----------
    true_field
        At the probe, in T.
    probe
        Number of its type; 0: there is none.
    """

    first_range: ClassVar[float]
    last_range: ClassVar[int]

    def switch_on(self) -> None:
        """Keep all settings, as the instrument does."""
        super().switch_on()
        if not hasattr(self, "true_field"):
            self.true_field = 0.05
            self.probe = 40
            self.unit = 1
            self.auto = 1
            self.range = self.last_range
            self.zero = 0.0
            self.relative = (0, 1)
            self.reference = 0.0
        self.largest = self.smallest = self.reading()

    def reading(self) -> float:
        """Return the field that is read, in T."""
        return self.true_field - self.zero

    def _limit(self, place: int) -> float:
        return self.first_range * 10.0 ** (place - 1)

    def _look(self) -> float:
        value = self.reading()
        if self.auto:
            fitting = [place for place in range(1, self.last_range + 1) if abs(value) <= self._limit(place)]
            self.range = fitting[0] if fitting else self.last_range
        self.largest, self.smallest = max(self.largest, value), min(self.smallest, value)
        return value

    def _shown(self, tesla: float) -> str:
        return f"{tesla / _TESLA[self.unit]:+.5E}"

    def _tesla(self, text: str) -> float:
        limit = _LARGEST / _TESLA[self.unit]
        return within(text, -limit, limit) * _TESLA[self.unit]

    def ask_rdgfield(self) -> str:
        """Answer the field."""
        value = self._look()
        beyond = abs(value) > self._limit(self.range) or not self.probe
        return self._shown(0.0 if beyond else value)

    def ask_rdgrel(self) -> str:
        """Answer the field without the setpoint."""
        return self._shown(self._look() - self.reference)

    def ask_opst(self) -> str:
        """Answer the state of probe, reading and alarm."""
        value = self._look()
        beyond = _OVERLOAD * (abs(value) > self._limit(self.range))
        return f"{_NEW + (beyond if self.probe else _NO_PROBE) + _ALARM * self.alarm_on(value):03d}"

    def alarm_on(self, value: float) -> bool:
        """Return whether there is an alarm at a field."""
        del value
        return False

    def ask_unit(self) -> str:
        """Answer the unit of fields."""
        return str(self.unit)

    def do_unit(self, unit: str) -> None:
        """Set it."""
        self.unit = int(within(unit, 1, 4))

    def ask_auto(self) -> str:
        """Answer whether the range is chosen."""
        return str(self.auto)

    def do_auto(self, on: str) -> None:
        """Set it."""
        self.auto = int(within(on, 0, 1))

    def ask_range(self) -> str:
        """Answer the range."""
        self._look()
        return str(self.range)

    def do_range(self, place: str) -> None:
        """Set it; it is not chosen any more."""
        self.range, self.auto = int(within(place, 1, self.last_range)), 0

    def ask_relsp(self) -> str:
        """Answer the setpoint of relative readings."""
        return self._shown(self.reference)

    def do_relsp(self, field: str) -> None:
        """Set it."""
        self.reference = self._tesla(field)

    def ask_type(self) -> str:
        """Answer the type of the probe."""
        return str(self.probe)

    def do_zprobe(self) -> None:
        """Take the present field for zero."""
        self.zero = self.true_field

    def do_zclear(self) -> None:
        """Forget the zero."""
        self.zero = 0.0


class Simulated425(SimulatedGaussmeter):
    """A 425 in a field of 50 mT."""

    identity = "LSCI,MODEL425,4250022,1.0"
    first_range = 3.5e-3
    last_range = 4
    other_names: ClassVar[dict[str, str]] = {
        f"common_{name}": "" for name in ("cls", "ese", "esr", "sre", "stb", "opc", "tst", "wai")
    }

    def switch_on(self) -> None:
        """Keep all settings, as the instrument does."""
        super().switch_on()
        if not hasattr(self, "measured"):
            self.measured = (1, 1, 2)
            self.hold = 0
            self.alarm_flags = (0, 1, 1, 0, 0)
            self.alarm_limits = (0.0, 0.1)
            self.relay = (0, 3)

    def alarm_on(self, value: float) -> bool:
        """Return whether the field is where the alarm is."""
        enabled, mode, side, _, _ = self.alarm_flags
        compared = abs(value) if mode == 1 else value
        inside = self.alarm_limits[0] <= compared <= self.alarm_limits[1]
        return bool(enabled) and inside == (side == 2)  # noqa: PLR2004 - the number of "inside"

    def ask_rdgmode(self) -> str:
        """Answer what is measured."""
        return ",".join(map(str, self.measured))

    def do_rdgmode(self, mode: str, filtered: str, band: str) -> None:
        """Set it."""
        self.measured = int(within(mode, 1, 2)), int(within(filtered, 0, 1)), int(within(band, 1, 2))

    def ask_rel(self) -> str:
        """Answer whether relative readings are shown."""
        return str(self.relative[0])

    def do_rel(self, on: str) -> None:
        """Set it, from the present field."""
        wanted = int(within(on, 0, 1))
        if wanted and not self.relative[0]:
            self.reference = self.reading()
        self.relative = (wanted, 1)

    def ask_mxhold(self) -> str:
        """Answer whether the largest field is kept."""
        return str(self.hold)

    def do_mxhold(self, on: str) -> None:
        """Set it."""
        self.hold = int(within(on, 0, 1))

    def ask_rdgmx(self) -> str:
        """Answer the largest field."""
        self._look()
        return self._shown(self.largest)

    def do_mxrst(self) -> None:
        """Begin anew with the present field."""
        self.largest = self.smallest = self.reading()

    def ask_alarm(self) -> str:
        """Answer the alarm."""
        on, mode, side, sort, audible = self.alarm_flags
        low, high = (self._shown(limit) for limit in self.alarm_limits)
        return f"{on},{mode},{low},{high},{side},{sort},{audible}"

    def do_alarm(  # noqa: PLR0917 - what the command brings
        self, on: str, mode: str, low: str, high: str, side: str, sort: str, audible: str
    ) -> None:
        """Set it."""
        limits = self._tesla(low), self._tesla(high)
        self.alarm_flags = (
            int(within(on, 0, 1)),
            int(within(mode, 1, 2)),
            int(within(side, 1, 2)),
            int(within(sort, 0, 1)),
            int(within(audible, 0, 1)),
        )
        self.alarm_limits = limits

    def ask_relay(self) -> str:
        """Answer what the relay does."""
        return ",".join(map(str, self.relay))

    def do_relay(self, mode: str, alarm: str) -> None:
        """Set it."""
        self.relay = int(within(mode, 0, 2)), int(within(alarm, 1, 3))

    def ask_relayst(self) -> str:
        """Answer whether the relay is on."""
        mode, which = self.relay
        value = self.reading()
        sides = {1: value < self.alarm_limits[0], 2: value > self.alarm_limits[1], 3: True}
        return f"{mode == 1 or (mode == 2 and self.alarm_on(value) and sides[which]):d}"  # noqa: PLR2004 - "alarm"


class Simulated475(SimulatedGaussmeter):
    """A 475 in a field of 50 mT."""

    identity = "LSCI,MODEL475,LSA1823,11272013"
    first_range = 3.5e-4
    last_range = 5
    other_names: ClassVar[dict[str, str]] = {"common_wai": ""}

    def switch_on(self) -> None:
        """Keep all settings, as the instrument does."""
        super().switch_on()
        if not hasattr(self, "measured"):
            self.measured = (1, 3, 1, 1, 1)
            self.temperature_unit = 1

    def ask_rdgmode(self) -> str:
        """Answer what is measured."""
        return ",".join(map(str, self.measured))

    def do_rdgmode(self, mode: str, digits: str, band: str, peak: str, display: str) -> None:
        """Set it."""
        first, second, third = (int(within(text, 1, 3)) for text in (mode, digits, band))
        self.measured = first, second, third, int(within(peak, 1, 2)), int(within(display, 1, 3))

    def ask_rel(self) -> str:
        """Answer whether relative readings are shown, and of what."""
        return ",".join(map(str, self.relative))

    def do_rel(self, on: str, source: str) -> None:
        """Set it."""
        self.relative = int(within(on, 0, 1)), int(within(source, 1, 2))
        if self.relative == (1, 2):
            self.reference = self.reading()

    def ask_rdgmnmx(self) -> str:
        """Answer the smallest and the largest field."""
        self._look()
        return f"{self._shown(self.smallest)},{self._shown(self.largest)}"

    def ask_rdgpeak(self) -> str:
        """Answer both peaks."""
        value = self._look()
        return f"{self._shown(min(0.0, value))},{self._shown(max(0.0, value))}"

    def ask_rdgfrq(self) -> str:
        """Answer the frequency."""
        return f"{0:+.5E}"

    def ask_rdgohm(self) -> str:
        """Answer the resistance of the probe."""
        return f"{_HALL * self.true_field:+.5E}"

    def ask_rdgtemp(self) -> str:
        """Answer the temperature of the probe."""
        return f"{25.0 if self.temperature_unit == 1 else 298.15:+.5E}"

    def ask_tunit(self) -> str:
        """Answer the unit of temperatures."""
        return str(self.temperature_unit)

    def do_tunit(self, unit: str) -> None:
        """Set it."""
        self.temperature_unit = int(within(unit, 1, 2))
