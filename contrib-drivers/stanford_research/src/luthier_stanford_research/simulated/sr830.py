"""A simulated SR830, whose sine output is connected to its input.

Like the instrument: the commands of the driver in all of their spellings, tables, limits, rounding and what excludes
what; the event status register; offsets and expansion; the buffer.

Unlike the instrument: the output filter settles at once; there is no noise unless ``noise_level`` is set; expansion
does not change readings, as in the instrument's own; fast transfers, scans and saved set-ups are missing.
"""

from __future__ import annotations

from cmath import exp, phase, pi
from math import degrees, radians
from typing import Final

from luthier_sim import Integer, Number, Refusal, command, query, setting

from luthier_stanford_research.simulated.srs_device import SrsDevice

__all__ = ["SimulatedSr830"]

_SENSITIVITIES: Final = tuple(float(f"{step}e{power}") for power in range(-9, 1) for step in (1, 2, 5))[1:28]
_HIGHEST: Final = 102_000.0
_SLOW: Final = 200.0
_LONGEST_FAST: Final = 13  # 30 s
_MOST_SAMPLES: Final = 16_383
_ON_TRIGGER: Final = 14
_OVER: Final = 1.09
_CURRENT: Final = 2  # inputs from here on measure current
_NUMBER: Final = "{:.6g}"


def _highest_frequency(lockin: SimulatedSr830) -> float:
    return _HIGHEST / lockin.harmonic


def _five_digits(frequency: float) -> float:
    return round(float(f"{frequency:.4e}"), 4)


class SimulatedSr830(SrsDevice):
    """An SR830 whose sine output is at input A.

    Attributes
    ----------
    external_frequency
        Of the signal at the reference input, in hertz; 0: there is none, so that it does not lock.
    noise_level
        Standard deviation of X and Y, relative to the sensitivity.
    """

    identity = "Stanford_Research_Systems,SR830,s/n00111,ver1.000"
    missing = ("*WAI", "*OPC", "*OPC?", "*TST?", "*TRG")
    external_frequency = 137.0
    noise_level = 0.0

    internal = setting("FMOD", 1, minimum=0, maximum=1)
    slope = setting("RSLP", 0, minimum=0, maximum=2)
    harmonic = setting("HARM", 1, minimum=1, maximum=19_999)
    turned = setting("PHAS", 0.0, minimum=-360.0, maximum=729.99, resolution=0.01, form="{:.2f}")
    amplitude = setting("SLVL", 1.0, minimum=0.004, maximum=5.0, resolution=0.002, form="{:.3f}")
    source = setting("ISRC", 0, minimum=0, maximum=3)
    shield = setting("IGND", 0, minimum=0, maximum=1)
    coupling = setting("ICPL", 0, minimum=0, maximum=1)
    notches = setting("ILIN", 0, minimum=0, maximum=3)
    sensitivity = setting("SENS", 26, minimum=0, maximum=26)
    reserve = setting("RMOD", 1, minimum=0, maximum=2)
    time_constant = setting("OFLT", 8, minimum=0, maximum=19)
    filter_slope = setting("OFSL", 1, minimum=0, maximum=3)
    synchronous = setting("SYNC", 0, minimum=0, maximum=1)
    rate = setting("SRAT", 4, minimum=0, maximum=14)
    loops = setting("SEND", 1, minimum=0, maximum=1)
    trigger_starts = setting("TSTR", 0, minimum=0, maximum=1)

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.frequency = 1000.0
        self.offsets = {1: 0.0, 2: 0.0, 3: 0.0}
        self.expansions = {1: 0, 2: 0, 3: 0}
        self.displays = {1: (0, 0), 2: (0, 0)}
        self.outputs = dict.fromkeys(range(1, 5), 0.0)
        self._samples: list[tuple[float, float]] = []
        self._running = False
        self._sampled_until = 0.0

    # The signal

    def signal(self, frequency: float) -> complex:
        """Return the phasor at the input, in volts (or amperes); the sine output, at the first harmonic only."""
        del frequency
        return complex(self.amplitude if self.harmonic == 1 else 0.0)

    def input_voltage(self, number: int) -> float:
        """Return what is at an auxiliary input, in volts: the output of the same number is connected to it."""
        return self.outputs[number]

    def full_scale(self) -> float:
        """Return the sensitivity in volts, or amperes."""
        return _SENSITIVITIES[self.sensitivity] * (1e-6 if self.source >= _CURRENT else 1.0)

    def reference(self) -> float:
        """Return the frequency of the reference, in hertz."""
        return self.frequency if self.internal else self.external_frequency

    def readings(self) -> dict[int, float]:
        """Return X, Y, R and θ by number, with offsets."""
        limit = self.full_scale() * _OVER
        seen = self._seen()
        noise = self.noise_level * self.full_scale()
        parts = (seen.real + self.noise(noise), seen.imag + self.noise(noise))
        x, y = (max(-limit, min(limit, part)) for part in parts)
        r, angle = abs(complex(x, y)), degrees(phase(complex(x, y)))
        scale = self.full_scale() / 100
        return {
            1: x - self.offsets[1] * scale,
            2: y - self.offsets[2] * scale,
            3: r - self.offsets[3] * scale,
            4: angle,
        }

    def _seen(self) -> complex:
        return self.signal(self.reference() * self.harmonic) * exp(-1j * radians(self.turned))

    # Reference

    @command("FREQ", Number(0.001, _highest_frequency, "HZ"))
    def set_frequency(self, frequency: float) -> None:
        """Set the internal reference."""
        if not self.internal:
            raise Refusal(-221)
        self.frequency = _five_digits(frequency)
        self._shorten_time_constant()

    @query("FREQ?")
    def ask_frequency(self) -> str:
        """Answer the reference frequency."""
        return f"{self.reference():.10g}"

    @turned.on_set
    def _wrap(self, angle: float) -> None:
        while angle > degrees(pi):
            angle -= 360.0
        while angle < -degrees(pi):
            angle += 360.0
        self.turned = angle

    @harmonic.on_set
    def _fit_harmonic(self, harmonic: int) -> None:
        self.harmonic = max(1, min(harmonic, int(_HIGHEST / self.reference())))
        self._shorten_time_constant()

    def _shorten_time_constant(self) -> None:
        """Take a time constant down to 30 s where the frequency that is detected is above 200 Hz."""
        if self.reference() * self.harmonic > _SLOW:
            self.time_constant = min(self.time_constant, _LONGEST_FAST)

    @time_constant.on_set
    def _fit_time_constant(self, number: int) -> None:
        if number > _LONGEST_FAST and self.reference() * self.harmonic > _SLOW:
            raise Refusal(-222)

    # Outputs

    @command("OEXP", Integer(1, 3), Number(-105, 105, resolution=0.01), Integer(0, 2))
    def set_offset(self, output: int, offset: float, expansion: int) -> None:
        """Set offset and expansion."""
        self.offsets[output], self.expansions[output] = offset, expansion

    @query("OEXP?", Integer(1, 3))
    def ask_offset(self, output: int) -> str:
        """Answer offset and expansion."""
        return f"{self.offsets[output]:.2f},{self.expansions[output]}"

    @command("AOFF", Integer(1, 3))
    def auto_offset(self, output: int) -> None:
        """Offset an output to zero."""
        self.offsets[output] = 0.0
        offset = 100 * self.readings()[output] / self.full_scale()
        if abs(offset) <= 105:  # noqa: PLR2004 - percent, as of OEXP
            self.offsets[output] = round(offset, 2)

    @command("DDEF", Integer(1, 2), Integer(0, 4), Integer(0, 2))
    def set_display(self, display: int, quantity: int, ratio: int) -> None:
        """Set what a display shows."""
        self.displays[display] = quantity, ratio

    @query("DDEF?", Integer(1, 2))
    def ask_display(self, display: int) -> str:
        """Answer what a display shows."""
        return "{},{}".format(*self.displays[display])

    @command("AUXV", Integer(1, 4), Number(-10.5, 10.5, "V", resolution=0.001))
    def set_output(self, number: int, voltage: float) -> None:
        """Set an auxiliary output."""
        self.outputs[number] = voltage

    @query("AUXV?", Integer(1, 4))
    def ask_output(self, number: int) -> str:
        """Answer what an auxiliary output is set to."""
        return f"{self.outputs[number]:.3f}"

    @query("OAUX?", Integer(1, 4))
    def ask_input(self, number: int) -> str:
        """Answer the voltage at an auxiliary input."""
        return f"{round(self.input_voltage(number) * 3000) / 3000:.5g}"

    # Auto functions

    @command("AGAN")
    def auto_gain(self) -> None:
        """Choose the sensitivity."""
        if self.time_constant > 10:  # noqa: PLR2004 - 1 s
            return
        self.spend(1.0)
        size = abs(self.signal(self.reference() * self.harmonic))
        self.sensitivity = next((place for place, scale in enumerate(_SENSITIVITIES) if size <= scale), 26)

    @command("ARSV")
    def auto_reserve(self) -> None:
        """Choose the reserve."""
        self.reserve = 2

    @command("APHS")
    def auto_phase(self) -> None:
        """Turn the phase until Y is zero."""
        self._wrap(round(self.turned + self.readings()[4], 2))

    # Readings

    @query("OUTP?", Integer(1, 4))
    def ask_reading(self, number: int) -> str:
        """Answer one reading."""
        return _NUMBER.format(self.readings()[number])

    @query("OUTR?", Integer(1, 2))
    def ask_shown(self, display: int) -> str:
        """Answer what a display shows."""
        return _NUMBER.format(self._shown(display))

    @query("SNAP?", Integer(1, 11), Integer(1, 11), *[Integer(1, 11, optional=True)] * 4)
    def ask_several(self, *numbers: int | None) -> str:
        """Answer two to six readings at one time."""
        values = {
            **self.readings(),
            **{4 + number: self.input_voltage(number) for number in range(1, 5)},
            9: self.reference(),
            10: self._shown(1),
            11: self._shown(2),
        }
        return ",".join(_NUMBER.format(values[number]) for number in numbers if number is not None)

    def _shown(self, display: int) -> float:
        quantity, ratio = self.displays[display]
        first = 1 if display == 1 else 3
        readings = self.readings()
        values = [
            readings[1 if display == 1 else 2],
            readings[3 if display == 1 else 4],
            self.noise_level * self.full_scale(),
            self.input_voltage(first),
            self.input_voltage(first + 1),
        ]
        divisor = self.input_voltage(first + ratio - 1) if ratio else 1.0
        return values[quantity] / divisor if divisor else 0.0

    # The buffer

    @command("STRT")
    def start(self) -> None:
        """Start sampling."""
        self._sample()
        if not self._running:
            self._running, self._sampled_until = True, self.now

    @command("PAUS")
    def pause(self) -> None:
        """Pause sampling."""
        self._sample()
        self._running = False

    @command("REST")
    def empty(self) -> None:
        """Stop sampling and empty the buffer."""
        self._running = False
        self._samples.clear()

    @command("TRIG")
    def trigger(self) -> None:
        """Do what a trigger does."""
        if self.trigger_starts:
            self.start()
        if self._running and self.rate == _ON_TRIGGER:
            self._keep(1)

    @rate.on_set
    def _end_sampling(self, rate: int) -> None:
        del rate
        self.empty()

    @query("SPTS?")
    def count(self) -> int:
        """Answer the number of samples."""
        self._sample()
        return len(self._samples)

    @query("TRCA?", Integer(1, 2), Integer(0), Integer(1))
    def ask_samples(self, display: int, first: int, count: int) -> str:
        """Answer samples, each with a comma after it."""
        self._sample()
        if first + count > len(self._samples):
            raise Refusal(-222)
        return "".join(f"{sample[display - 1]:.6e}," for sample in self._samples[first : first + count])

    def _sample(self) -> None:
        """Take the samples that were due since the last time."""
        if not self._running or self.rate == _ON_TRIGGER:
            return
        period = 2.0 ** (4 - self.rate)
        due = int((self.now - self._sampled_until) / period)
        self._sampled_until += due * period
        self._keep(due)

    def _keep(self, count: int) -> None:
        self._samples += [(self._shown(1), self._shown(2))] * min(count, _MOST_SAMPLES)
        if self.loops:
            del self._samples[:-_MOST_SAMPLES]
        elif len(self._samples) >= _MOST_SAMPLES:
            del self._samples[_MOST_SAMPLES:]
            self._running = False

    # Status

    @query("LIAS?")
    def ask_status(self) -> int:
        """Answer the lock-in's status byte."""
        seen = self._seen()
        overloaded = max(abs(seen.real), abs(seen.imag)) > self.full_scale() * _OVER
        return (4 if overloaded else 0) | (0 if self.internal or self.external_frequency else 8)

    @query("ERRS?")
    def ask_faults(self) -> int:
        """Answer the error status byte: no fault."""
        return 0
