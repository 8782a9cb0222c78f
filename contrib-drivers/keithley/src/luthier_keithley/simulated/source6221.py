"""A simulated Keithley 6221 with a resistor at its terminals and a 2182A at its RS-232 socket.

Pages: Model 6220/6221 Reference Manual, 5-15, 6-12, 13-7 and table 6-4; the rest as the drivers of other projects have
it.

Like the instrument, as far as that: every command of the driver in all of its spellings; ranges and limits; compliance;
delta mode, in which a constant voltage at the nanovoltmeter cancels; its buffer; waves and their duration; the error
queue.

Unlike the instrument: levels are exact; there are no sweeps, no pulse delta, no differential conductance, no math and
no trigger model. Assumed: that switching the output off ends a wave and delta mode, and what is refused while one is
armed.
"""

from __future__ import annotations

from math import copysign, floor, inf, pi, sin
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Integer, Number, NumberList, Refusal, ScpiDevice, Text, command, query, setting

from luthier_keithley.simulated.nanovoltmeter2182a import SimulatedNanovoltmeter2182A

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedSource6221"]

_FORM: Final = "{:+.6E}"
_RANGES: Final = (2e-9, 2e-8, 2e-7, 2e-6, 2e-5, 2e-4, 2e-3, 2e-2, 0.1)
_LARGEST: Final = 0.105
_OVER: Final = 1.05 * (1 + 1e-9)
_CONVERSION: Final = 0.02
_ROOM: Final = 65_536
_ELEMENTS: Final = Choice(
    *("READing", "TSTamp", "UNITs", "RNUMber", "SOURce", "COMPliance", "AVOLtage", "ALL", "DEFault"), optional=True
)


def _largest(source: Any) -> float:
    return _LARGEST if source.auto else float(source.source_range) * 1.05


class _UpTo(Number):
    """A number up to a limit, or INFinity."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the number; 9.9E37 for infinity."""
        if datum.form == "word" and datum.text in ("INF", "INFINITY"):
            return INFINITY
        return super().read(datum, device, suffixes)


def _up_to(lowest: float, largest: float) -> _UpTo:
    return _UpTo(lowest, largest, form=_FORM)


class SimulatedSource6221(ScpiDevice):
    """A 6221 with a resistor of 1 kΩ at its terminals, or what a bench connects.

    On a bench it drives ``current`` and sees ``voltage``, in delta mode with the nanovoltmeter.

    Attributes
    ----------
    load
        What is at the terminals where no bench connects them, in ohms.
    thermal_voltage
        In V; what the nanovoltmeter sees beside, and delta mode removes.
    nanovoltmeter
        What is at the RS-232 socket; ``None`` for nothing.
    """

    identity = "KEITHLEY INSTRUMENTS INC.,MODEL 6221,1234567,D04  /700x"
    drives: ClassVar[Mapping[str, str]] = {"current": "A"}
    senses: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    load = 1000.0
    thermal_voltage = 2e-6
    noise_level = 1e-9

    compliance = setting("[SOURce[1]:]CURRent:COMPliance", 10.0, minimum=0.1, maximum=105, unit="V", form=_FORM)
    source_range = setting("[SOURce[1]:]CURRent:RANGe", 0.1, minimum=-_LARGEST, maximum=_LARGEST, unit="A", form=_FORM)
    auto = setting("[SOURce[1]:]CURRent:RANGe:AUTO", False)
    filter = setting("[SOURce[1]:]CURRent:FILTer[:STATe]", False)
    current = setting(
        "[SOURce[1]:]CURRent[:AMPLitude]",
        0.0,
        minimum=lambda source: -_largest(source),
        maximum=_largest,
        unit="A",
        form=_FORM,
    )
    output = setting("OUTPut[:STATe]", False)
    response = setting("OUTPut:RESPonse", "FAST", choices=("FAST", "SLOW"))
    inner_shield = setting("OUTPut:ISHield", "OLOW", choices=("OLOW", "GUARd"))
    low_to_earth = setting("OUTPut:LTEarth", False)

    high = setting("[SOURce[1]:]DELTa:HIGH", 10e-6, minimum=0, maximum=_LARGEST, unit="A", form=_FORM)
    low = setting("[SOURce[1]:]DELTa:LOW", -10e-6, minimum=-_LARGEST, maximum=0, unit="A", form=_FORM)
    delay = setting("[SOURce[1]:]DELTa:DELay", 2e-3, minimum=1e-3, maximum=9999.999, unit="s", form=_FORM)
    count = setting("[SOURce[1]:]DELTa:COUNt", INFINITY, _up_to(1, 65_536))
    compliance_abort = setting("[SOURce[1]:]DELTa:CABort", False)
    cold_switching = setting("[SOURce[1]:]DELTa:CSWitch", False)
    unit = setting("UNIT[:VOLTage][:DC]", "V", choices=("V", "OHMS", "W", "SIEMens"))
    points = setting("TRACe:POINts", 1024, minimum=1, maximum=_ROOM, keep=True)

    shape = setting(
        "[SOURce[1]:]WAVE:FUNCtion",
        "SIN",
        choices=("SINusoid", "SQUare", "RAMP", "ARBitrary0", "ARBitrary1", "ARBitrary2", "ARBitrary3", "ARBitrary4"),
    )
    amplitude = setting("[SOURce[1]:]WAVE:AMPLitude", 1e-3, minimum=2e-12, maximum=_LARGEST, unit="A", form=_FORM)
    frequency = setting("[SOURce[1]:]WAVE:FREQuency", 1e3, minimum=1e-3, maximum=1e5, unit="Hz", form=_FORM)
    offset = setting("[SOURce[1]:]WAVE:OFFSet", 0.0, minimum=-_LARGEST, maximum=_LARGEST, unit="A", form=_FORM)
    duty_cycle = setting("[SOURce[1]:]WAVE:DCYCle", 50.0, minimum=0, maximum=100, form=_FORM)
    ranging = setting("[SOURce[1]:]WAVE:RANGing", "BEST", choices=("BEST", "FIXed"))
    duration = setting("[SOURce[1]:]WAVE:DURation:TIME", INFINITY, _up_to(1e-7, 999_999.999))
    cycles = setting("[SOURce[1]:]WAVE:DURation:CYCLes", INFINITY, _up_to(1e-3, 99_999_999_900))
    marker_phase = setting("[SOURce[1]:]WAVE:PMARk[:LEVel]", 180.0, minimum=0, maximum=360, form=_FORM)
    marker_line = setting("[SOURce[1]:]WAVE:PMARk:OLINe", 3, minimum=1, maximum=6)
    marker = setting("[SOURce[1]:]WAVE:PMARk:STATe", False)

    def switch_on(self) -> None:
        """Empty the buffer and the waves."""
        self.waves: dict[int, tuple[float, ...]] = {}
        self.nanovoltmeter: SimulatedNanovoltmeter2182A | None = SimulatedNanovoltmeter2182A(clock=self.clock)
        self._reply = b""
        super().switch_on()

    def reset(self) -> None:
        """End everything."""
        self._armed = ""
        self._began: float | None = None
        self._taken: list[tuple[float, float]] = []

    # The source

    @source_range.on_set
    def _choose_range(self, value: float) -> None:
        chosen = next(one for one in _RANGES if abs(value) <= one * _OVER)
        if abs(self.current) > chosen * _OVER:
            raise Refusal(-221)
        self.source_range, self.auto = chosen, False

    @current.on_set
    @auto.on_set
    def _follow(self, _value: object) -> None:
        if self.auto:
            self.source_range = next(one for one in _RANGES if abs(self.current) <= one * _OVER)

    @output.on_set
    def _switch(self, on: bool) -> None:
        if not on:
            self._end()

    def _end(self) -> None:
        self._taken = self._readings()
        self._armed, self._began = "", None

    def voltage_at(self, current: float) -> float:
        """Return the voltage in V at which a current flows, held back by the compliance."""
        seen = self.sense("voltage", {"current": current})
        voltage = current * self.load if seen is None else float(seen)
        return copysign(min(abs(voltage), self.compliance), voltage)

    def driven(self, output: str) -> Any:
        """Return the current that flows now, in A."""
        del output
        if not self.output:
            return 0.0
        if self._armed == "WAVE":
            return self._wave_now()
        if self._armed == "DELT":
            return self.high if self._began is not None else 0.0
        return self.current

    @query("OUTPut:INTerlock:TRIPped?")
    def interlock(self) -> bool:
        """Answer whether the interlock is closed."""
        return True

    @command("[SOURce[1]:]CLEar[:IMMediate]")
    def clear_source(self) -> None:
        """Go to zero, and switch off."""
        self.current, self.output = 0.0, False
        self._end()

    @command("FORMat:ELEMents", *(_ELEMENTS,) * 7)
    def choose_elements(self, *words: str | None) -> None:
        """Choose what is sent with a reading; only the reading and its time are simulated."""
        if [word for word in words if word] not in (["READ", "TST"], ["DEF"]):
            raise Refusal(-221)

    @query("FORMat:ELEMents?")
    def elements(self) -> str:
        """Answer what is sent with a reading."""
        return "READ,TST"

    # Delta mode

    @high.on_set
    def _mirror(self, value: float) -> None:
        self.low = -value

    @query("[SOURce[1]:]DELTa:NVPResent?")
    def nanovoltmeter_present(self) -> bool:
        """Answer whether there is a nanovoltmeter."""
        return self.nanovoltmeter is not None

    @command("[SOURce[1]:]DELTa:ARM")
    def arm_delta(self) -> None:
        """Prepare, which switches the output on."""
        if self.nanovoltmeter is None:
            raise Refusal(-221, detail="no nanovoltmeter")
        self._end()
        self._armed, self.output, self._taken = "DELT", True, []
        self.points = _ROOM if self.count == INFINITY else int(self.count)

    @query("[SOURce[1]:]DELTa:ARM?")
    def delta_is_armed(self) -> bool:
        """Answer whether delta mode is armed."""
        return self._armed == "DELT"

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Start what is armed."""
        if self._armed != "DELT":
            raise Refusal(-221, detail="nothing armed")
        self._began, self._taken = self.now, []

    @command("[SOURce[1]:]SWEep:ABORt")
    def abort_delta(self) -> None:
        """Stop, which switches the output off."""
        self._end()
        self.output = False

    def _reading(self) -> float:
        """Return half of the difference of what the nanovoltmeter sees at both currents, in the unit."""
        upper = self.voltage_at(self.high) + self.thermal_voltage
        lower = self.voltage_at(self.low) + self.thermal_voltage
        voltage, current = (upper - lower) / 2 + self.noise(self.noise_level), (self.high - self.low) / 2
        if self.unit == "V":
            return voltage
        if self.unit == "W":
            return voltage * current
        quotient = (voltage, current) if self.unit == "OHMS" else (current, voltage)
        return quotient[0] / quotient[1] if quotient[1] else INFINITY

    def _readings(self) -> list[tuple[float, float]]:
        """Return what has been taken until now, with the times."""
        if self._began is not None and self._armed == "DELT":
            interval = self.delay + _CONVERSION
            passed = floor((self.now - self._began) / interval)
            for number in range(len(self._taken), int(min(passed, self.points, self.count))):
                self._taken.append((self._reading(), number * interval))
        return self._taken

    @query("[SENSe[1]:]DATA[:LATest]?")
    def latest(self) -> str:
        """Answer the last reading and its time."""
        return self._formatted(self._readings()[-1:])

    @query("TRACe:DATA[:VALue]?")
    def ask_buffer(self) -> str:
        """Answer what is stored."""
        return self._formatted(self._readings())

    def _formatted(self, readings: list[tuple[float, float]]) -> str:
        if not readings:
            raise Refusal(-230)
        return ",".join(_FORM.format(number) for reading in readings for number in reading)

    @query("TRACe:POINts:ACTual?")
    def stored(self) -> int:
        """Answer how many readings are stored."""
        return len(self._readings())

    @command("TRACe:CLEar")
    def clear_buffer(self) -> None:
        """Empty the buffer."""
        self._taken = []

    # The nanovoltmeter

    @command("SYSTem:COMMunicate:SERial:SEND", Text())
    def relay(self, message: str) -> None:
        """Pass a message on."""
        answer = self.nanovoltmeter.respond(message.encode()) if self.nanovoltmeter else None
        self._reply = (answer or b"").strip()

    @query("SYSTem:COMMunicate:SERial:ENTer?")
    def relayed(self) -> str:
        """Answer what has come back."""
        reply, self._reply = self._reply, b""
        return reply.decode()

    # Waves

    @duration.on_set
    def _follow_time(self, seconds: float) -> None:
        self.cycles = INFINITY if seconds == INFINITY else seconds * self.frequency

    @cycles.on_set
    def _follow_cycles(self, cycles: float) -> None:
        self.duration = INFINITY if cycles == INFINITY else cycles / self.frequency

    @command("[SOURce[1]:]WAVE:ARM")
    def arm_wave(self) -> None:
        """Load the wave, which switches the output on."""
        if self.amplitude + abs(self.offset) > _LARGEST:
            raise Refusal(-221)
        if self.shape.startswith("ARB") and int(self.shape[-1]) not in self.waves:
            raise Refusal(-221, detail="no wave there")
        self._end()
        self._armed, self.output = "WAVE", True

    @command("[SOURce[1]:]WAVE:INITiate")
    def start_wave(self) -> None:
        """Start the wave."""
        if self._armed != "WAVE":
            raise Refusal(-221, detail="nothing armed")
        self._began = self.now

    @command("[SOURce[1]:]WAVE:ABORt")
    def abort_wave(self) -> None:
        """Unload the wave, and switch off."""
        self._end()
        self.output = False

    @command("[SOURce[1]:]WAVE:ARBitrary:DATA", NumberList(Number(-1, 1)))
    def take(self, *points: float) -> None:
        """Take the first points."""
        self.waves[0] = points[:100]

    @command("[SOURce[1]:]WAVE:ARBitrary:APPend", NumberList(Number(-1, 1)))
    def append(self, *points: float) -> None:
        """Take more points."""
        self.waves[0] = self.waves.get(0, ()) + points[:100]

    @command("[SOURce[1]:]WAVE:ARBitrary:COPY", Integer(1, 4))
    def copy(self, location: int) -> None:
        """Keep the points."""
        self.waves[location] = self.waves.get(0, ())

    @query("[SOURce[1]:]WAVE:ARBitrary:POINts?")
    def count_points(self) -> int:
        """Answer how many points there are."""
        return len(self.waves.get(0, ()))

    def _wave_now(self) -> float:
        """Return the current of the wave at present, in A."""
        passed = -inf if self._began is None else self.now - self._began
        if not 0 <= passed < self.duration:
            return self.offset
        phase = passed * self.frequency % 1
        return self.offset + self.amplitude * self._form_at(phase)

    def _form_at(self, phase: float) -> float:
        rising = self.duty_cycle / 100
        if self.shape == "SIN":
            return sin(2 * pi * phase)
        if self.shape == "SQU":
            return 1.0 if phase < rising else -1.0
        if self.shape == "RAMP":
            return 2 * phase / rising - 1 if phase < rising else 1 - 2 * (phase - rising) / (1 - rising)
        points = self.waves[int(self.shape[-1])]
        return points[int(phase * len(points))]
