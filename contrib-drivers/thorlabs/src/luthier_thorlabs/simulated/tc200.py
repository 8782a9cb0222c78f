"""A simulated TC200."""

from __future__ import annotations

from luthier_sim import LineDevice, answers, held

__all__ = ["SimulatedTc200"]

_ROOM = 25.0


class SimulatedTc200(LineDevice):
    """A TC200 whose sensor is at the setpoint at once, or at 25 °C while the heater is off.

    Attributes
    ----------
    output, alarm
        Whether the heater is on, and whether something is wrong with the sensor.
    letter
        Of the unit in which the display shows the temperature of the sensor: C, F or K.
    """

    terminator = b"\r"
    ignores_case = False

    largest = held("tmax?", "tmax={}", 200.0, minimum=20, maximum=205, form="{:.1f}", reply="")
    power = held("pmax?", "pmax={}", 18.0, minimum=0.1, maximum=18, form="{:.1f}", reply="")

    def reset(self) -> None:
        """Take the state after switching on."""
        self.setpoint = 30.0
        self.gains = [125, 0, 0]
        self.output = False
        self.alarm = False
        self.letter = "C"

    def respond(self, message: bytes) -> bytes:
        """Repeat the line, answer, and prompt."""
        line = message.decode("latin-1")
        answer = self.answer(line)
        if line == "stat?":
            return f"{line}\r{answer} > ".encode("latin-1")
        return (f"{line}\r{answer}\r> " if answer else f"{line}\r> ").encode("latin-1")

    def unknown(self, line: str) -> str:
        """Name the error: a number beyond its limits, or another command."""
        known = line.partition("=")[0] in ("tset", "tmax", "pmax", "pgain", "igain", "dgain")
        return "Command error CMD_ARG_RANGE_ERR\n" if known else "Command error CMD_NOT_DEFINED\n"

    @answers("id?")
    def identify(self) -> str:
        """Answer who it is."""
        return "THORLABS TC200 VERSION 2.0"

    @answers("stat?")
    def status(self) -> str:
        """Answer the status in hexadecimal digits."""
        return f"{0x10 | 0x40 * self.alarm | self.output:x}"

    @answers("tact?")
    def temperature(self) -> str:
        """Answer the temperature of the sensor."""
        celsius = self.setpoint if self.output else _ROOM
        shown = {"C": celsius, "K": celsius + 273.15, "F": celsius * 9 / 5 + 32}[self.letter]
        return f"{shown:.2f} {self.letter}" if self.letter == "K" else f"{shown:.1f} {self.letter}"

    @answers("tset?")
    def ask_setpoint(self) -> str:
        """Answer the setpoint."""
        return f"{self.setpoint:.1f} Celsius"

    @answers("tset={value:g}")
    def set_temperature(self, value: float) -> str:
        """Take a setpoint."""
        if not 20 <= value <= min(self.largest, 200):  # noqa: PLR2004 - as known from QMI
            raise ValueError(value)
        self.setpoint = value
        return ""

    @answers("pid?")
    def ask_gains(self) -> str:
        """Answer three gains."""
        return " ".join(map(str, self.gains))

    @answers("pgain={value:d}")
    def set_p(self, value: int) -> str:
        """Take the proportional gain."""
        return self._set_gain(0, value, 1)

    @answers("igain={value:d}")
    def set_i(self, value: int) -> str:
        """Take the integral gain."""
        return self._set_gain(1, value, 0)

    @answers("dgain={value:d}")
    def set_d(self, value: int) -> str:
        """Take the differential gain."""
        return self._set_gain(2, value, 0)

    def _set_gain(self, place: int, value: int, smallest: int) -> str:
        if not smallest <= value <= 250:  # noqa: PLR2004 - as known from QMI
            raise ValueError(value)
        self.gains[place] = value
        return ""

    @answers("ens")
    def toggle(self) -> str:
        """Switch the heater on or off; it stays off with an alarm."""
        self.output = not self.output and not self.alarm
        return ""
