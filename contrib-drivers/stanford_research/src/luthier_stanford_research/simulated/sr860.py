"""Simulated SR860, SR865 and SR865A, whose sine output is connected to their input.

Like the instruments: the commands of the driver, by number and by word; tables, limits, rounding; the event status
register; the capture buffer.

Unlike them: the output filter settles at once; there is no noise unless ``noise_level`` is set; expansion does not
change readings; there are no displays, no scans, no streaming and no stored settings.
"""

from __future__ import annotations

from cmath import exp, phase
from math import degrees, radians
from typing import ClassVar, Final

import numpy as np
from luthier_sim import Boolean, Integer, Number, Refusal, command, query, setting

from luthier_stanford_research.simulated.srs_device import SrsDevice, Token

__all__ = ["SimulatedSr860", "SimulatedSr865", "SimulatedSr865A"]

_SENSITIVITIES: Final = tuple(float(f"{step}e{power}") for power in range(-9, 1) for step in (1, 2, 5))[27::-1]
_TIME_CONSTANTS: Final = tuple(float(f"{step}e{power}") for power in range(-6, 5) for step in (1, 3))
_INPUT_RANGES: Final = (1.0, 0.3, 0.1, 0.03, 0.01)
_OVER: Final = 1.09
_QUANTITIES: Final = ((0,), (0, 1), (2, 3), (0, 1, 2, 3))
_KILOBYTE: Final = 1024
_LARGEST_PIECE: Final = 64
_CHANNEL: Final = Integer(0, 2)
_PORT: Final = Integer(0, 3)
_FASTEST: Final = 1.25e6  # samples per second
_INTERNAL_SOURCES: Final = (0, 2, 3)


def _highest_frequency(lockin: SimulatedSr860) -> float:
    return lockin.highest_frequency / lockin.harmonic


def _highest_harmonic(lockin: SimulatedSr860) -> float:
    return min(99.0, lockin.highest_frequency // lockin.reference())


class SimulatedSr860(SrsDevice):
    """An SR860 whose sine output is at input A.

    Attributes
    ----------
    external_frequency
        Of the signal at the reference input, in hertz.
    noise_level
        Standard deviation of X and Y, relative to the sensitivity.
    """

    identity: ClassVar[str] = "Stanford_Research_Systems,SR860,000111,v1.47"
    answers_together = True
    highest_frequency: ClassVar[float] = 500e3
    external_frequency = 137.0
    noise_level = 0.0

    timebase = setting("TBMODE", 0, Token("AUTO", "INternal"))
    turned = setting("PHAS", 0.0, minimum=-360_000, maximum=360_000, unit="DEG", form="{:.9g}")
    harmonic = setting("HARM", 1, Integer(1, _highest_harmonic))
    amplitude = setting("SLVL", 0.0, Number(0.0, 2.0, "V", form="{:.3e}"))
    offset = setting("SOFF", 0.0, minimum=-5.0, maximum=5.0, unit="V", resolution=1e-4, form="{:.4f}")
    offset_mode = setting("REFM", 0, Token("COMmon", "DIFference"))
    source = setting("RSRC", 0, Token("INTernal", "EXTernal", "DUAL", "CHOP"))
    edge = setting("RTRG", 0, Token("SIN", "POSttl", "NEGttl"))
    impedance = setting("REFZ", 1, Token("50", "1M"))
    mode = setting("IVMD", 0, Token("VOLTage", "CURRent"))
    differential = setting("ISRC", 0, Token("A", "A-B"))
    coupling = setting("ICPL", 0, Token("AC", "DC"))
    shield = setting("IGND", 0, Token("FLOat", "GROund"))
    input_range = setting("IRNG", 0, minimum=0, maximum=4)
    gain = setting("ICUR", 0, Token("1MEG", "100MEG"))
    sensitivity = setting("SCAL", 0, minimum=0, maximum=27)
    time_constant = setting("OFLT", 10, minimum=0, maximum=21)
    slope = setting("OFSL", 0, minimum=0, maximum=3)
    synchronous = setting("SYNC", False)
    advanced = setting("ADVFILT", True)
    length = setting("CAPTURELEN", 256, minimum=1, maximum=4096)
    quantities = setting("CAPTURECFG", 0, Token("X", "XY", "RT", "XYRT"))

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.frequency = 100e3
        self.offsets = {0: 0.0, 1: 0.0, 2: 0.0}
        self.offsets_on = {0: False, 1: False, 2: False}
        self.expansions = {0: 0, 1: 0, 2: 0}
        self.outputs = dict.fromkeys(range(4), 0.0)
        self._halvings = 0
        self._captured = b""
        self._started: float | None = None

    def _carry_out_unit(self, unit: str) -> bytes | None:
        if " " in unit.strip().partition("?")[0] and "?" in unit:
            self.report(Refusal(-113))
            return None
        # the only mnemonic that is longer than IEEE 488.2 allows
        return super()._carry_out_unit(unit.upper().replace("CAPTURERATEMAX", "CAPTUREMAX"))

    # The signal

    def signal(self, frequency: float) -> complex:
        """Return the phasor at the input, in volts (or amperes); the sine output, at the first harmonic only."""
        del frequency
        return complex(self.amplitude if self.harmonic == 1 else 0.0)

    def full_scale(self) -> float:
        """Return the sensitivity in volts, or amperes."""
        return _SENSITIVITIES[self.sensitivity] * (1e-6 if self.mode else 1.0)

    def reference(self) -> float:
        """Return the frequency of the reference, in hertz."""
        return self.frequency if self.source in _INTERNAL_SOURCES else self.external_frequency

    def readings(self) -> tuple[float, float, float, float]:
        """Return X, Y, R and θ, with offsets."""
        scale = self.full_scale()
        seen = self.signal(self.reference() * self.harmonic) * exp(-1j * radians(self.turned))
        noise = self.noise_level * scale
        x, y = (max(-_OVER * scale, min(_OVER * scale, part + self.noise(noise))) for part in (seen.real, seen.imag))
        r, angle = abs(complex(x, y)), degrees(phase(complex(x, y)))
        away = [self.offsets[number] * scale / 100 * self.offsets_on[number] for number in range(3)]
        return x - away[0], y - away[1], r - away[2], angle

    @turned.on_set
    def _wrap(self, angle: float) -> None:
        self.turned = angle if abs(angle) <= 180 else (angle + 180) % 360 - 180  # noqa: PLR2004 - half a turn

    @amplitude.on_set
    def _three_digits(self, amplitude: float) -> None:
        self.amplitude = round(float(f"{amplitude:.2e}"), 9)

    @length.on_set
    def _even(self, length: int) -> None:
        self.length = min(4096, length + length % 2)
        self._captured, self._started = b"", None

    @quantities.on_set
    def _empty(self, quantities: int) -> None:
        del quantities
        self._captured, self._started = b"", None

    @command("FREQ", Number(0.001, _highest_frequency, "HZ"))
    def set_frequency(self, frequency: float) -> None:
        """Set the internal frequency, to six digits."""
        self.frequency = round(float(f"{frequency:.5e}"), 4)

    @command("FREQINT", Number(0.001, _highest_frequency, "HZ"))
    def set_internal_frequency(self, frequency: float) -> None:
        """Set the internal frequency, as FREQ does."""
        self.set_frequency(frequency)

    @query("FREQINT?")
    def ask_internal_frequency(self) -> str:
        """Answer the internal frequency."""
        return f"{self.frequency:.10g}"

    @query("FREQEXT?")
    def ask_external_frequency(self) -> str:
        """Answer the external frequency."""
        return f"{self.external_frequency:.10g}"

    @query("FREQ?")
    def ask_frequency(self) -> str:
        """Answer the reference frequency."""
        return f"{self.reference():.10g}"

    @query("FREQDET?")
    def ask_detected(self) -> str:
        """Answer the frequency of detection."""
        return f"{self.reference() * self.harmonic:.10g}"

    @query("ENBW?")
    def ask_bandwidth(self) -> float:
        """Answer the equivalent noise bandwidth of RC filters."""
        return (0.25, 0.125, 0.09375, 0.078125)[self.slope] / _TIME_CONSTANTS[self.time_constant]

    @query("ILVL?")
    def ask_strength(self) -> int:
        """Answer how much of the input range is used."""
        used = abs(self.signal(self.reference())) * 2**0.5 / _INPUT_RANGES[self.input_range]
        return sum(used > step for step in (0.1, 0.25, 0.5, 1.0))

    # Outputs and ports

    @command("COFP", _CHANNEL, Number(-999.99, 999.99, resolution=0.01))
    def set_offset(self, channel: int, offset: float) -> None:
        """Set an offset, in percent."""
        self.offsets[channel] = offset

    @query("COFP?", _CHANNEL)
    def ask_offset(self, channel: int) -> str:
        """Answer an offset."""
        return f"{self.offsets[channel]:.2f}"

    @command("COFA", _CHANNEL, Boolean())
    def enable_offset(self, channel: int, on: bool) -> None:
        """Use an offset, or not."""
        self.offsets_on[channel] = on

    @query("COFA?", _CHANNEL)
    def ask_offset_enabled(self, channel: int) -> bool:
        """Answer whether an offset is used."""
        return self.offsets_on[channel]

    @command("CEXP", _CHANNEL, Token("OFF", "X10", "X100"))
    def set_expansion(self, channel: int, expansion: int) -> None:
        """Set an expansion."""
        self.expansions[channel] = expansion

    @query("CEXP?", _CHANNEL)
    def ask_expansion(self, channel: int) -> int:
        """Answer an expansion."""
        return self.expansions[channel]

    @command("AUXV", _PORT, Number(-10.5, 10.5, "V", resolution=0.001))
    def set_output(self, port: int, voltage: float) -> None:
        """Set an auxiliary output."""
        self.outputs[port] = voltage

    @query("AUXV?", _PORT)
    def ask_output(self, port: int) -> str:
        """Answer what an auxiliary output is set to."""
        return f"{self.outputs[port]:.3f}"

    @query("OAUX?", _PORT)
    def ask_input(self, port: int) -> str:
        """Answer the voltage at an auxiliary input, to which the output of the same number is connected."""
        return f"{self.outputs[port]:.6e}"

    # Auto functions

    @command("ASCL")
    def auto_sensitivity(self) -> None:
        """Choose the sensitivity."""
        size = abs(self.signal(self.reference())) * (1e6 if self.mode else 1.0)
        self.sensitivity = max(number for number, scale in enumerate(_SENSITIVITIES) if scale >= min(size, 1.0))

    @command("ARNG")
    def auto_range(self) -> None:
        """Choose the input range."""
        size = min(abs(self.signal(self.reference())) * 2**0.5, 1.0)
        self.input_range = max(number for number, scale in enumerate(_INPUT_RANGES) if scale >= size)

    @command("APHS")
    def auto_phase(self) -> None:
        """Turn the phase until Y is zero."""
        self._wrap(self.turned + self.readings()[3])

    # Readings

    @query("OUTP?", Integer(0, 3))
    def ask_reading(self, number: int) -> str:
        """Answer one reading."""
        return f"{self.readings()[number]:.10e}"

    @query("SNAP?", Integer(0, 3), Integer(0, 3), Integer(0, 3, optional=True))
    def ask_several(self, *numbers: int | None) -> str:
        """Answer two or three readings at one time."""
        readings = self.readings()
        return ",".join(f"{readings[number]:.10e}" for number in numbers if number is not None)

    # The capture buffer

    @query("CAPTUREMAX?")
    def largest_rate(self) -> float:
        """Answer the most samples per second."""
        return min(_FASTEST, _FASTEST * 1e-6 / _TIME_CONSTANTS[self.time_constant] * 2)

    @command("CAPTURERATE", Integer(0, 20))
    def set_rate(self, halvings: int) -> None:
        """Set the sample rate."""
        self._halvings = halvings

    @query("CAPTURERATE?")
    def rate(self) -> float:
        """Answer the samples per second."""
        return self.largest_rate() / float(2**self._halvings)

    @command("CAPTURESTART", Token("ONEshot", "CONTinuous"), Token("IMMediate", "TRIGstart", "SAMPpertrig"))
    def start(self, mode: int, trigger: int) -> None:
        """Start sampling; there is never a trigger."""
        del mode
        self._captured = b""
        self._started = self.now if trigger == 0 else None

    @command("CAPTURESTOP")
    def stop(self) -> None:
        """Stop sampling."""
        self._capture()
        self._started = None

    @query("CAPTUREBYTES?")
    def count_bytes(self) -> int:
        """Answer how many bytes were captured."""
        self._capture()
        return len(self._captured)

    @query("CAPTUREVAL?", Integer(0))
    def ask_sample(self, number: int) -> str:
        """Answer one sample."""
        self._capture()
        width = len(_QUANTITIES[self.quantities])
        numbers = np.frombuffer(self._captured, "<f4")[number * width : (number + 1) * width]
        if not len(numbers):
            raise Refusal(-222)
        return ",".join(f"{value:.6e}" for value in numbers)

    @query("CAPTUREGET?", Integer(0), Integer(1, _LARGEST_PIECE))
    def ask_block(self, offset: int, length: int) -> bytes:
        """Answer a part of the buffer, in kilobytes."""
        self._capture()
        if (offset + length) > self.length:
            raise Refusal(-222)
        whole = self._captured.ljust(self.length * _KILOBYTE, b"\0")
        return whole[offset * _KILOBYTE : (offset + length) * _KILOBYTE]

    def _capture(self) -> None:
        """Take the samples that were due since the start."""
        if self._started is None:
            return
        quantities = _QUANTITIES[self.quantities]
        room = self.length * _KILOBYTE // (4 * len(quantities))
        due = min(room, int((self.now - self._started) * self.rate()) + 1)
        readings = self.readings()
        sample = np.array([readings[number] for number in quantities], "<f4").tobytes()
        self._captured += sample * (due - len(self._captured) // len(sample))


class SimulatedSr865(SimulatedSr860):
    """An SR865, to 2.5 MHz."""

    identity = "Stanford_Research_Systems,SR865,000112,v1.26"
    highest_frequency = 2.5e6


class SimulatedSr865A(SimulatedSr860):
    """An SR865A, to 4 MHz."""

    identity = "Stanford_Research_Systems,SR865A,000113,v2.07"
    highest_frequency = 4e6
