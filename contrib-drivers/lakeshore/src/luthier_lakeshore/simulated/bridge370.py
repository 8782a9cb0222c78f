"""A simulated Lake Shore 370.

Like the instrument: the commands of the driver and the common ones, several in a message; excitations and ranges by
their numbers; a scanner that goes from one enabled input to the next; closed and open loop and still; setpoints that
ramp and are cut off at the limit of the curve; a heater range that is not beyond its limit; outputs in watts where the
display is in power; refused commands as bits of the event status register.

Unlike the instrument: an ideal control takes the place of P, I and D; each input has a stage of its own, which the
heater heats that is controlled from it; inputs are read also where the scanner is not; excitations, ranges and filters
change no reading; a setpoint in Ω is held and controls nothing; there are no zones, alarms, relays and no display.

Assumed: a range of the heater beyond its limit is refused, and an analog output in the mode "channel" is linear between
its values.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar, Final

from luthier_lakeshore.simulated.bridge_sensors import BridgeReader
from luthier_lakeshore.simulated.cryostat import Drive, Stage
from luthier_lakeshore.simulated.messages import within

__all__ = ["Simulated370"]

_CLOSED: Final = (1, 2)
_OPEN: Final = 3
_KELVIN: Final = 1
_POWER_DISPLAY: Final = 2
_LAST_RANGE: Final = 8
_MINUTE: Final = 60.0
_CHANNEL: Final = 1
_MANUAL: Final = 2
_STILL: Final = 4


class Simulated370(BridgeReader):
    """A 370 whose sensors are at 10 mK.

    Attributes
    ----------
    stages
        By the number of the input: what is cooled and heated there.
    heater_error
        What HTRST? answers: 0 none, 1 open.
    """

    identity = "LSCI,MODEL370,370A5K,04102008"
    last_curve = 20
    first_user_curve = 1
    other_names: ClassVar[dict[str, str]] = dict.fromkeys(
        ("inname", "intype", "qrdg", "krdg", "srdg", "tlimit", "rdgpwr"), ""
    )

    def switch_on(self) -> None:
        """Switch on: settings are kept, the heater is off."""
        super().switch_on()
        if not hasattr(self, "stages"):
            del self.inputs["A"]
            self.stages = {name: Stage(0.01, 0.01, 10.0) for name in self.inputs}
            self.mode, self.polarity, self.guarded = 4, 0, 0
            self.setup: tuple[int, int, int, int, int, int, float] = (1, 0, _KELVIN, 25, 1, 8, 100.0)
            self.pid = (50.0, 20.0, 0.0)
            self.ramp = (0, 1.0)
            self.setpoint = self.target = self.manual = self.still = 0.0
            self.analogs = {1: (0, 0, 1, 1, 1.0, 0.0, 0.0), 2: (0, 0, 1, 1, 1.0, 0.0, 0.0)}
            self.heater_error = 0
            self._passed = self.clock.now()
        self.heater_range = 0

    def _key(self, name: str) -> str:
        return str(int(within(name, 1, 16)))

    def temperature_of(self, name: str) -> float:
        """Return the temperature of the stage at an input, in K."""
        return self.stages[name].temperature

    def pass_time(self) -> None:
        """Let the heater work until now, the setpoint move, and the scanner go on."""
        seconds, self._passed = self.now - self._passed, self.now
        if seconds <= 0:
            return
        self.scan_on(seconds)
        for name, stage in self.stages.items():
            stage.pass_time(seconds, self._drive(name))
        way, most = self.target - self.setpoint, self.ramp[1] / _MINUTE * seconds
        self.setpoint += max(-most, min(most, way)) if self.ramp[0] else way

    def _drive(self, name: str) -> Drive:
        if str(self.setup[0]) != name or not self.heater_range:
            return Drive(0.0)
        limit = 10.0 ** (self.heater_range - _LAST_RANGE)
        if self.mode in _CLOSED and self.setup[2] == _KELVIN:
            rate = self.ramp[1] / _MINUTE if self.ramp[0] else 0.0
            return Drive(limit, self.setpoint, 0.0, rate, self.target)
        return Drive(limit, None, self.manual / 100 if self.mode == _OPEN else 0.0)

    def _unit(self) -> float:
        """Return what 1 % is in the units of the display."""
        if self.setup[4] != _POWER_DISPLAY:
            return 1.0
        full = 0.1 * 10 ** ((self.heater_range - _LAST_RANGE) / 2) if self.heater_range else 0.0
        return self.setup[6] * full**2 / 100

    def ask_rdgrng(self, name: str) -> str:
        """Answer how a sensor is measured."""
        mode, place, auto, span, shunted, _ = self.input(name).setup
        return f"{mode},{place:02d},{span:02d},{auto},{shunted}"

    def do_rdgrng(  # noqa: PLR0917 - what the command brings
        self, name: str, mode: str, place: str, span: str, auto: str, shunted: str
    ) -> None:
        """Set it."""
        self.do_intype(name, mode, place, auto, span, shunted, "1")

    def ask_cmode(self) -> str:
        """Answer what the heater does."""
        return str(self.mode)

    def do_cmode(self, mode: str) -> None:
        """Set it."""
        self.pass_time()
        self.mode = int(within(mode, 1, 4))

    def ask_cpol(self) -> str:
        """Answer the polarity."""
        return str(self.polarity)

    def do_cpol(self, polarity: str) -> None:
        """Set it."""
        self.polarity = int(within(polarity, 0, 1))

    def ask_cset(self) -> str:
        """Answer what is controlled."""
        source, filtered, units, delay, display, limit, resistance = self.setup
        return f"{source:02d},{filtered},{units},{delay:03d},{display},{limit},{resistance:.3f}"

    def do_cset(  # noqa: PLR0917 - what the command brings
        self, source: str, filtered: str, units: str, delay: str, display: str, limit: str, resistance: str
    ) -> None:
        """Set it."""
        self.pass_time()
        place = int(within(source, 1, 16))
        flags = int(within(filtered, 0, 1)), int(within(units, 1, 2)), int(within(delay, 1, 255))
        largest = int(within(limit, 1, _LAST_RANGE))
        self.setup = (place, *flags, int(within(display, 1, 2)), largest, within(resistance, 1, 1e5))
        self.heater_range = min(self.heater_range, largest)

    def ask_pid(self) -> str:
        """Answer P, I and D."""
        return ",".join(f"{value:+.3f}" for value in self.pid)

    def do_pid(self, p: str, i: str, d: str) -> None:
        """Set them."""
        self.pid = within(p, 0.001, 1000), within(i, 0, 10000), within(d, 0, 2500)

    def ask_ramp(self) -> str:
        """Answer whether the setpoint ramps, and how fast."""
        return f"{self.ramp[0]},{self.ramp[1]:.3f}"

    def do_ramp(self, on: str, rate: str) -> None:
        """Set them."""
        self.pass_time()
        self.ramp = int(within(on, 0, 1)), within(rate, 0.001, 10)

    def ask_rampst(self) -> str:
        """Answer whether the setpoint is moving."""
        self.pass_time()
        return f"{bool(self.ramp[0]) and self.setpoint != self.target:d}"

    def ask_setp(self) -> str:
        """Answer the setpoint, on its way while it ramps."""
        self.pass_time()
        return f"{self.setpoint:+.5E}"

    def do_setp(self, value: str) -> None:
        """Set it, at most to the limit of the curve."""
        self.pass_time()
        curve = self.inputs[str(self.setup[0])].settings[3]
        limit = self.curve(str(curve)).limit if curve and self.setup[2] == _KELVIN else inf
        self.target = min(within(value, 0, 1e9), limit)
        if not self.ramp[0]:
            self.setpoint = self.target

    def ask_mout(self) -> str:
        """Answer the manual output, in percent or in watts."""
        return f"{self.manual * self._unit():+.6E}"

    def do_mout(self, value: str) -> None:
        """Set it."""
        self.pass_time()
        unit = self._unit()
        self.manual = within(value, 0, 100 * unit) / unit if unit else 0.0

    def ask_htr(self) -> str:
        """Answer what the heater gives, in percent or in watts."""
        self.pass_time()
        percent = 0.0
        if self.heater_range and self.mode in _CLOSED:
            percent = 100 * self.stages[str(self.setup[0])].power
        elif self.heater_range and self.mode == _OPEN:
            percent = self.manual
        return f"{percent * self._unit():+.6E}"

    def ask_htrrng(self) -> str:
        """Answer the range of the heater."""
        return str(self.heater_range)

    def do_htrrng(self, place: str) -> None:
        """Set it, not beyond its limit."""
        self.pass_time()
        self.heater_range = int(within(place, 0, self.setup[5]))

    def ask_htrst(self) -> str:
        """Answer what is wrong with the heater."""
        return str(self.heater_error)

    def ask_guard(self) -> str:
        """Answer whether the guards are driven."""
        return str(self.guarded)

    def do_guard(self, on: str) -> None:
        """Set it."""
        self.guarded = int(within(on, 0, 1))

    def ask_freq(self) -> str:  # type: ignore[override]  # the 370 has one frequency
        """Answer the number of the frequency."""
        return str(self.frequencies["0"])

    def do_freq(self, place: str) -> None:  # type: ignore[override]  # the 370 has one frequency
        """Set it."""
        self.frequencies["0"] = int(within(place, 1, 3))

    def ask_analog(self, number: str) -> str:
        """Answer what an analog output does."""
        polarity, mode, source, data, high, low, manual = self.analogs[int(within(number, 1, 2))]
        return f"{polarity},{mode},{source:02d},{data},{high:+.5E},{low:+.5E},{manual:+.3f}"

    def do_analog(  # noqa: PLR0917 - what the command brings
        self, number: str, polarity: str, mode: str, source: str, data: str, high: str, low: str, manual: str
    ) -> None:
        """Set it."""
        place = int(within(number, 1, 2))
        bipolar = int(within(polarity, 0, 1))
        self.analogs[place] = (
            bipolar,
            int(within(mode, 0, _STILL if place == 2 else 3)),  # noqa: PLR2004 - the output for a still
            int(within(source, 0, 16)),
            int(within(data, 0, 3)),
            within(high, -1e9, 1e9),
            within(low, -1e9, 1e9),
            within(manual, -100 if bipolar else 0, 100),
        )

    def ask_aout(self, number: str) -> str:
        """Answer what an analog output gives, in percent."""
        self.pass_time()
        place = int(within(number, 1, 2))
        _, mode, source, data, high, low, manual = self.analogs[place]
        given = {_MANUAL: manual, _STILL: self.still}.get(mode, 0.0)
        if mode == _CHANNEL and source and high != low:
            value = self.kelvin(str(source)) if data == _KELVIN else self.ohms(str(source))
            given = max(0.0, min(100.0, 100 * (value - low) / (high - low)))
        return f"{given:+.3f}"

    def ask_still(self) -> str:
        """Answer the output of the mode "still"."""
        return f"{self.still:+.2f}"

    def do_still(self, value: str) -> None:
        """Set it."""
        self.still = within(value, 0, 100)
