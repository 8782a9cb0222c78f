"""A simulated CTC100 with a stage at each input that is cooled to 4 K.

Like the instrument: names of channels with and without spaces, commands with a space or an equals sign before the
value, questions alone answered or commands too (System.COM.Verbose), feedback with ramps, limits of the outputs, analog
ports, and errors that are kept until they are asked for.

Unlike the instrument: an ideal control takes the place of P, I and D; tuning, alarms, macros, relays, virtual channels
and names of one's own are not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
from luthier_sim import Device

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SimulatedCtc100"]

_COMMAND: Final = re.compile(r'\s*(?:\((?P<group>[^)]*)\)|"(?P<quoted>[^"]*)"|(?P<plain>[^\s=]+))\s*=?\s*(?P<value>.*)')
_NAMES: Final = ("In 1", "In 2", "In 3", "In 4", "Out 1", "Out 2", "AIO 1", "AIO 2", "AIO 3", "AIO 4")
_DESCRIPTION: Final = "CTC100 Cryogenic Temperature Controller, version 3.304, S/N 92980"
_COOLING_TIME: Final = 60.0
_CONTROL_TIME: Final = 5.0
_BASE: Final = 4.0
_SPAN: Final = 8.0  # K for each W
_LONGEST_STEP: Final = 0.5
_MOST_STEPS: Final = 2000


@attrs.define
class HeaterOutput:
    """One output with its feedback."""

    source: str
    mode: str = "Off"
    setpoint: float = 0.0
    on_the_way: float = 0.0
    ramp: float = 0.0
    p: float = 1.0
    i: float = 0.1
    d: float = 0.0
    high: float = 50.0
    low: float = 0.0
    value: float = 0.0


class SimulatedCtc100(Device):
    r"""A CTC100.

    Attributes
    ----------
    temperatures
        Of each input, in K; ``None``: there is no sensor.
    unit
        Of temperatures on the display: ``"K"`` or ``"\xb0C"``.
    verbose
        ``"Low"``, ``"Medium"`` or ``"High"``.
    """

    def switch_on(self) -> None:
        """Switch on: settings are kept, outputs are off."""
        if not hasattr(self, "temperatures"):
            self.temperatures: dict[str, float | None] = dict.fromkeys(("In1", "In2", "In3", "In4"), _BASE)
            self.outputs = {"Out1": HeaterOutput("In1"), "Out2": HeaterOutput("In2")}
            self.ports: dict[str, tuple[str, float]] = {f"AIO{number}": ("Input", 0.0) for number in range(1, 5)}
            self.unit = "K"
            self.verbose = "Low"
            self.errors: list[tuple[int, str]] = []
        self.enabled = False
        self._passed = self.clock.now()

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take a line that ends in a line feed; a carriage return before it does not count."""
        message = super().take_message(buffer, ended=ended)
        return None if message is None else message.rstrip(b"\r")

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one command, or answer one question."""
        text = message.decode("latin-1").strip()
        if not text:
            return None
        if text.endswith("?") or text.lower() == "description":
            name = re.sub(r'[\s"()?]', "", text)
            answer, told = self._ask(name.lower()), name
        else:
            talkative = self.verbose != "Low"
            found = _COMMAND.fullmatch(text)
            name = (found["group"] or found["quoted"] or found["plain"] or "").replace(" ", "") if found else ""
            value = found["value"].strip().strip('"()') if found else ""
            answer, told = self._order(name.lower(), value), f"{name} = "
            if not talkative:
                return None
            return f"{told}{answer}\r\n".encode("latin-1") if answer is not None else b"Error\r\n"
        if answer is None:
            return b"Error\r\n" if self.verbose != "Low" else None
        plain = self.verbose == "Low" or name.startswith("*") or name.lower() == "description"
        return f"{answer if plain else f'{told} = {answer}'}\r\n".encode("latin-1")

    def pass_time(self) -> None:
        """Let cooler and heaters work until now."""
        seconds, self._passed = self.now - self._passed, self.now
        steps = min(_MOST_STEPS, int(max(0.0, seconds) / _LONGEST_STEP) + 1)
        for _ in range(steps):
            self._step(max(0.0, seconds) / steps)

    def _step(self, seconds: float) -> None:
        powers = dict.fromkeys(self.temperatures, 0.0)
        for output in self.outputs.values():
            way, most = output.setpoint - output.on_the_way, output.ramp * seconds
            output.on_the_way += max(-most, min(most, way)) if output.ramp else way
            now = self.temperatures.get(output.source)
            if output.mode != "Off" and now is not None:
                pull = (output.on_the_way - now) * _COOLING_TIME / _CONTROL_TIME
                output.value = max(output.low, min(output.high, (now + pull - _BASE) / _SPAN))
            if self.enabled and output.source in powers:
                powers[output.source] += output.value
        for name, kelvin in self.temperatures.items():
            if kelvin is not None:
                rest = _BASE + _SPAN * powers[name]
                self.temperatures[name] = kelvin + (rest - kelvin) * min(1.0, seconds / _COOLING_TIME)

    def _refuse(self, text: str) -> None:
        self.errors.append((1, text))

    def _value(self, name: str) -> str:
        if name in self.temperatures:
            kelvin = self.temperatures[name]
            return "nan" if kelvin is None else f"{self._shown(kelvin):.4f}"
        if name in self.outputs:
            return f"{self.outputs[name].value if self.enabled else 0.0:.4f}"
        return f"{self.ports[name][1]:.4f}"

    def _shown(self, kelvin: float) -> float:
        return kelvin if self.unit == "K" else kelvin - 273.15

    def _ask(self, name: str) -> str | None:
        self.pass_time()
        whole = {
            "*idn": lambda: (
                "Stanford Research Systems, CTC100 Cryogenic Temperature Controller, version 3.304, S/N 92980"
            ),
            "description": lambda: "CTC100 Cryogenic Temperature Controller, version 3.304, S/N 92980",
            "getoutput.names": lambda: ", ".join(_NAMES),
            "getoutput.units": lambda: ", ".join([self.unit] * 4 + ["W"] * 2 + ["V"] * 4),
            "getoutput": lambda: ", ".join(self._value(one.replace(" ", "")) for one in _NAMES),
            "outputenable": lambda: "On" if self.enabled else "Off",
            "system.com.verbose": lambda: self.verbose,
            "geterror": lambda: "{},{}".format(*(self.errors.pop(0) if self.errors else (0, "No error"))),
        }
        answer: Callable[[], str] | None = whole.get(name)
        if answer is not None:
            return answer()
        channel, _, attribute = name.partition(".")
        found = self._ask_channel(self._named(channel), attribute or "value")
        if found is None:
            self._refuse(f"unknown instruction {name}")
        return found

    def _named(self, channel: str) -> str:
        return next((one for one in (*self.temperatures, *self.outputs, *self.ports) if one.lower() == channel), "")

    def _ask_channel(self, channel: str, attribute: str) -> str | None:
        if channel and attribute == "value":
            return self._value(channel)
        if channel in self.temperatures:
            return {"sensor": "Diode", "units": self.unit}.get(attribute)
        if channel in self.ports:
            return {"iotype": self.ports[channel][0]}.get(attribute)
        if channel in self.outputs:
            output = self.outputs[channel]
            numbers = {
                "pid.setpoint": self._shown(output.setpoint),
                "pid.rampt": self._shown(output.on_the_way),
                "pid.ramp": output.ramp,
                "pid.p": output.p,
                "pid.i": output.i,
                "pid.d": output.d,
                "hilmt": output.high,
                "lowlmt": output.low,
            }
            words = {"pid.mode": output.mode, "pid.input": output.source.replace("In", "In "), "units": "W"}
            return f"{numbers[attribute]:.15g}" if attribute in numbers else words.get(attribute)
        return None

    def _order(self, name: str, value: str) -> str | None:
        self.pass_time()
        channel, _, attribute = name.partition(".")
        try:
            done = self._set_whole(name, value) or self._set_channel(self._named(channel), attribute or "value", value)
        except ValueError:
            done = False
        if not done:
            self._refuse(f"{name} {value} cannot be carried out")
        return value if done else None

    def _set_whole(self, name: str, value: str) -> bool:
        if name == "outputenable" and value.lower() in {"on", "off"}:
            self.enabled = value.lower() == "on"
        elif name == "clearerrors":
            self.errors.clear()
        elif name == "system.com.verbose" and value.capitalize() in {"Low", "Medium", "High"}:
            self.verbose = value.capitalize()
        else:
            return False
        return True

    def _set_channel(self, channel: str, attribute: str, value: str) -> bool:
        if channel in self.ports:
            kind, volts = self.ports[channel]
            if attribute == "iotype" and value.capitalize() in {"Input", "Set out", "Meas out"}:
                self.ports[channel] = (value.capitalize(), volts)
                return True
            if attribute == "value" and kind != "Input" and abs(float(value)) <= 10:  # noqa: PLR2004 - volts
                self.ports[channel] = (kind, float(value))
                return True
            return False
        return channel in self.outputs and self._set_output(self.outputs[channel], attribute, value)

    def _set_output(self, output: HeaterOutput, attribute: str, value: str) -> bool:
        if attribute == "off":
            output.mode, output.value = "Off", output.low
        elif attribute == "pid.mode" and value.capitalize() in {"On", "Off", "Follow"}:
            output.mode = value.capitalize()
        elif attribute == "pid.input" and self._named(value.replace(" ", "").lower()):
            output.source = self._named(value.replace(" ", "").lower())
        elif attribute == "pid.setpoint":
            output.setpoint = float(value) + (0.0 if self.unit == "K" else 273.15)
        elif attribute == "value" and output.low <= float(value) <= output.high:
            output.value = float(value)
        elif attribute in {"pid.p", "pid.i", "pid.d"}:
            setattr(output, attribute[-1], float(value))
        elif attribute in {"hilmt", "lowlmt", "pid.ramp"} and float(value) >= 0:
            setattr(output, {"hilmt": "high", "lowlmt": "low", "pid.ramp": "ramp"}[attribute], float(value))
        else:
            return False
        return True
