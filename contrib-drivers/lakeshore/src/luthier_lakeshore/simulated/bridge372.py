"""A simulated Lake Shore 372.

Like the instrument: the commands of the driver and the common ones, several in a message, also in the spellings RDGK?
and KRDG?, RDGR? and SRDG?; excitations and ranges by their numbers; a scanner that goes from one enabled input to the
next; curves that have to be there; closed and open loop, still and warm-up; setpoints that ramp and are cut off at
the limit of the curve; the temperature limit that switches all outputs off; outputs in watts where the display is in
power; refused commands as bits of the event status register.

Unlike the instrument: an ideal control takes the place of P, I and D; each input has a stage of its own, which an
output heats that is controlled from it; inputs are read also where the scanner is not; excitations, ranges and filters
change no reading; the phase is the same for all; there are no zones, no alarms, no relays and no display.
"""

from __future__ import annotations

from math import inf
from typing import Final

import attrs

from luthier_lakeshore.simulated.bridge_sensors import BridgeReader
from luthier_lakeshore.simulated.cryostat import Drive, Stage
from luthier_lakeshore.simulated.messages import within

__all__ = ["BridgeOutput", "Simulated372"]

_OPEN: Final = 2
_STILL: Final = 4
_CLOSED: Final = (3, 5)
_WARM_UP: Final = 6
_MODES: Final = ((0, 2, 3, 5), (0, 2, 3, 5, 6), (0, 1, 2, 4))
_LAST_RANGES: Final = (8, 1, 1)
_MINUTE: Final = 60.0
_POWER_DISPLAY: Final = 2


@attrs.define
class BridgeOutput:
    """One output."""

    mode: tuple[int, str, int, int, int, int] = (0, "1", 0, 0, 0, 1)
    setup: tuple[float, int, float, int] = (100.0, 0, 0.0, 1)
    pid: tuple[float, float, float] = (50.0, 20.0, 0.0)
    manual: float = 0.0
    ramp: tuple[int, float] = (0, 1.0)
    range: int = 0
    setpoint: float = 0.0
    target: float = 0.0


class Simulated372(BridgeReader):
    """A 372 whose sensors are at 10 mK.

    Attributes
    ----------
    stages
        By the number or letter of the input: what is cooled and heated there.
    heater_error
        What HTRST? answers, and clears: 0 none, 1 open, 2 short.
    """

    identity = "LSCI,MODEL372,LSA1234,1.3"

    def switch_on(self) -> None:
        """Switch on: settings and curves are kept, outputs are off unless they come back by themselves."""
        super().switch_on()
        if not hasattr(self, "outputs"):
            self.stages = {name: Stage(0.01, 0.01, 10.0) for name in self.inputs}
            self.outputs = [BridgeOutput(), BridgeOutput(setup=(1, 1, 0.0, 1)), BridgeOutput()]
            self.still = 0.0
            self.warm_up = (0, 0.0)
            self.heater_error = 0
            self.emulating = 0
            self._passed = self.clock.now()
        for output in self.outputs:
            output.range = output.range if output.mode[2] else 0

    def temperature_of(self, name: str) -> float:
        """Return the temperature of the stage at an input, in K."""
        return self.stages[name].temperature

    def pass_time(self) -> None:
        """Let heaters work until now, setpoints move, and the scanner go on."""
        seconds, self._passed = self.now - self._passed, self.now
        if seconds <= 0:
            return
        self.scan_on(seconds)
        for name, stage in self.stages.items():
            stage.pass_time(seconds, self._drive(name))
        for output in self.outputs:
            way, most = output.target - output.setpoint, output.ramp[1] / _MINUTE * seconds
            output.setpoint += max(-most, min(most, way)) if output.ramp[0] and output.ramp[1] else way
        if any(one.limit and self.kelvin(name) > one.limit for name, one in self.inputs.items()):
            for output in self.outputs:
                output.range = 0

    def _drive(self, name: str) -> Drive:
        for number, output in enumerate(self.outputs):
            if output.mode[1] != name or not output.range:
                continue
            limit = 10.0 ** (output.range - _LAST_RANGES[number])
            if output.mode[0] in _CLOSED:
                rate = output.ramp[1] / _MINUTE if output.ramp[0] else 0.0
                return Drive(limit, output.setpoint, output.manual / 100, rate, output.target)
            return Drive(limit, None, self._given(number) / 100)
        return Drive(0.0)

    def _given(self, number: int) -> float:
        """Return what an output gives without control, in percent."""
        given = {_OPEN: self.outputs[number].manual, _STILL: self.still, _WARM_UP: self.warm_up[1]}
        return given.get(self.outputs[number].mode[0], 0.0)

    def _percent(self, number: int) -> float:
        output = self.outputs[number]
        if not output.range:
            return 0.0
        if output.mode[0] in _CLOSED:
            return 100 * self.stages[output.mode[1]].power if output.mode[1] in self.stages else 0.0
        return self._given(number)

    def output(self, number: str, last: int = 2) -> BridgeOutput:
        """Return an output by its number, after what has happened until now."""
        place = int(within(number, 0, last))
        self.pass_time()
        return self.outputs[place]

    def ask_outmode(self, number: str) -> str:
        """Answer what an output does."""
        mode, source, kept, polarity, filtered, delay = self.output(number).mode
        return f"{mode},{source},{kept},{polarity},{filtered},{delay:03d}"

    def do_outmode(  # noqa: PLR0917 - what the command brings
        self, number: str, mode: str, source: str, kept: str, polarity: str, filtered: str, delay: str
    ) -> None:
        """Set it."""
        output = self.output(number)
        wanted = int(within(mode, 0, 6))
        if wanted not in _MODES[int(number)]:
            raise ValueError(mode)
        name = "A" if source.upper() == "A" else str(int(within(source, 0, 16)))
        flags = [int(within(flag, 0, 1)) for flag in (kept, polarity, filtered)]
        output.mode = (wanted, name, flags[0], flags[1], flags[2], int(within(delay, 1, 255)))

    def ask_pid(self, number: str) -> str:
        """Answer P, I and D."""
        return ",".join(f"{value:+.3f}" for value in self.output(number, 1).pid)

    def do_pid(self, number: str, p: str, i: str, d: str) -> None:
        """Set them."""
        self.output(number, 1).pid = within(p, 0, 1000), within(i, 0, 10000), within(d, 0, 2500)

    def ask_mout(self, number: str) -> str:
        """Answer the manual output: in watts where the sample heater is displayed so."""
        output = self.output(number)
        return f"{output.manual * self._unit(number):+.6E}"

    def do_mout(self, number: str, value: str) -> None:
        """Set it."""
        output = self.output(number)
        unit = self._unit(number)
        output.manual = within(value, 0, 100 * unit) / unit if unit else 0.0

    def _unit(self, number: str) -> float:
        """Return what 1 % is in the units of the display."""
        output = self.outputs[int(number)]
        if int(number) or output.setup[3] != _POWER_DISPLAY:
            return 1.0
        return output.setup[0] * (0.1 * 10 ** ((output.range - 8) / 2)) ** 2 / 100 if output.range else 0.0

    def ask_ramp(self, number: str = "0") -> str:
        """Answer whether the setpoint ramps, and how fast."""
        on, rate = self.output(number, 1).ramp
        return f"{on},{rate:+.3f}"

    def do_ramp(self, number: str, on: str, rate: str) -> None:
        """Set them."""
        self.output(number, 1).ramp = int(within(on, 0, 1)), within(rate, 0, 100)

    def ask_rampst(self, number: str = "0") -> str:
        """Answer whether the setpoint is moving."""
        output = self.output(number, 1)
        return f"{bool(output.ramp[0]) and output.setpoint != output.target:d}"

    def ask_setp(self, number: str = "0") -> str:
        """Answer the setpoint, on its way while it ramps."""
        return f"{self.output(number, 1).setpoint:+.5E}"

    def do_setp(self, number: str, value: str) -> None:
        """Set it, at most to the limit of the curve."""
        output = self.output(number, 1)
        one = self.inputs.get(output.mode[1])
        limited = one is not None and one.settings[3] and one.setup[5] == 1
        limit = self.curve(str(one.settings[3])).limit if one is not None and limited else inf
        output.target = min(within(value, 0, 1e9), limit)
        if not (output.ramp[0] and output.ramp[1]):
            output.setpoint = output.target

    def ask_range(self, number: str) -> str:
        """Answer the range."""
        return str(self.output(number).range)

    def do_range(self, number: str, place: str) -> None:
        """Set it."""
        output = self.output(number)
        output.range = int(within(place, 0, _LAST_RANGES[int(number)]))

    def ask_htr(self) -> str:
        """Answer what the sample heater gives, in percent or in watts."""
        self.pass_time()
        return f"{self._percent(0) * self._unit('0'):+.6E}"

    def ask_aout(self, number: str) -> str:
        """Answer what another output gives, in percent."""
        place = int(within(number, 1, 2))
        self.pass_time()
        return f"{self._percent(place):+.3f}"

    def ask_htrset(self, number: str) -> str:
        """Answer what is set for a heater."""
        resistance, limit, user, display = self.output(number, 1).setup
        first = f"{resistance:.0f}" if int(number) else f"{resistance:+.3f}"
        return f"{first},{limit},{user:+.3f},{display}"

    def do_htrset(self, number: str, resistance: str, limit: str, user: str, display: str) -> None:
        """Set it."""
        output = self.output(number, 1)
        warm_up = bool(int(number))
        load = within(resistance, 1, 2) if warm_up else within(resistance, 1, 2000)
        largest = int(within(limit, 0, 2)) if warm_up else 0
        output.setup = (load, largest, within(user, 0, 0.63), int(within(display, 1, 2)))

    def ask_htrst(self, number: str) -> str:
        """Answer what was wrong with a heater, and clear it."""
        self.output(number, 1)
        error, self.heater_error = self.heater_error, 0
        return str(error)

    def ask_still(self) -> str:
        """Answer the output of the mode "still"."""
        return f"{self.still:+.2f}"

    def do_still(self, value: str) -> None:
        """Set it."""
        self.pass_time()
        self.still = within(value, 0, 100)

    def ask_warmup(self) -> str:
        """Answer what is given in the mode "warm-up"."""
        return f"{self.warm_up[0]},{self.warm_up[1]:+.2f}"

    def do_warmup(self, control: str, value: str) -> None:
        """Set it."""
        self.pass_time()
        self.warm_up = int(within(control, 0, 1)), within(value, 0, 100)

    def do_emul(self, on: str) -> None:
        """Take it, and go on as a 372."""
        self.emulating = int(within(on, 0, 1))
