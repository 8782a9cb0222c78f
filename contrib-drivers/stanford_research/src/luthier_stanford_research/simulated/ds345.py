"""A simulated DS345.

Like the instrument: the commands of the driver; limits that depend on the form and on each other; units of the
amplitude (peak to peak and rms of sine, square and triangle); the event status register.

Unlike it: amplitude and rate keep every digit; nothing is swept, modulated or loaded; the sample rate is kept as set.
"""

from __future__ import annotations

import re
from typing import Final

from luthier_sim import Number, Refusal, command, query, setting

from luthier_stanford_research.simulated.srs_device import SrsDevice

__all__ = ["SimulatedDs345"]

_LARGEST: Final = 5.0
_OVER: Final = 1 + 1e-9
_SMALLEST: Final = 0.01
_HIGHEST: Final = (30.2e6, 30.2e6, 100e3, 100e3)
_RMS: Final = (2 * 2**0.5, 2.0, 2 * 3**0.5, 2 * 3**0.5)  # peak to peak, over rms
_AMPLITUDE: Final = re.compile(r"\s*AMPL\s*([0-9.]+(?:E[+-]?\d+)?)\s*(VP|VR)\s*", re.IGNORECASE)
_SINGLE: Final = 0


def _highest(generator: SimulatedDs345) -> float:
    return _HIGHEST[generator.form] if generator.form < len(_HIGHEST) else 0.0


class SimulatedDs345(SrsDevice):
    """A DS345 with 50 Ω at its output."""

    identity = "StanfordResearchSystems,DS345,26999,1.05"
    missing = ("*WAI", "*OPC", "*OPC?")

    form = setting("FUNC", 0, minimum=0, maximum=5)
    frequency = setting("FREQ", 1000.0, Number(1e-6, _highest, resolution=1e-6, form="{:.6f}"))
    sample_rate = setting("FSMP", 40e6, minimum=0.001, maximum=40e6)
    offset = setting("OFFS", 0.0, minimum=-_LARGEST, maximum=_LARGEST, form="{:.6g}")
    angle = setting("PHSE", 0.0, minimum=0, maximum=7199.999, resolution=0.001, form="{:.3f}")
    inverted = setting("INVT", False)
    modulation_type = setting("MTYP", 0, minimum=0, maximum=5)
    rate = setting("RATE", 100.0, minimum=0.001, maximum=10e3)
    depth = setting("DPTH", 50, minimum=-100, maximum=100)
    start = setting("STFR", 1.0, minimum=1e-6, maximum=30.2e6, resolution=1e-6, form="{:.6f}")
    stop = setting("SPFR", 1e5, minimum=1e-6, maximum=30.2e6, resolution=1e-6, form="{:.6f}")
    modulation_form = setting("MDWF", 1, minimum=0, maximum=6)
    trigger_rate = setting("TRAT", 1000.0, minimum=0.001, maximum=10e3)
    bursts = setting("BCNT", 1, minimum=1, maximum=30_000)
    source = setting("TSRC", 1, minimum=0, maximum=4)
    modulated = setting("MENA", False)

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.amplitude = 0.1
        self.unit = "VP"
        self.triggers = 0

    def largest_voltage(self) -> float:
        """Return the largest voltage at the output, in volts."""
        return abs(self.offset) + self.amplitude / 2

    def trigger(self) -> None:
        """Start a sweep or burst."""
        if self.source != _SINGLE:
            raise Refusal(-221)
        self.triggers += 1

    def _carry_out_unit(self, unit: str) -> bytes | None:
        if found := _AMPLITUDE.fullmatch(unit):
            self._set_amplitude(float(found[1]), found[2].upper())
            return None
        return super()._carry_out_unit(unit)

    def _set_amplitude(self, value: float, unit: str) -> None:
        factor = 1.0 if unit == "VP" else _RMS[self.form] if self.form < len(_RMS) else 0.0
        amplitude = value * factor
        if amplitude < _SMALLEST / _OVER or amplitude / 2 + abs(self.offset) > _LARGEST * _OVER:
            self.report(Refusal(-222))
            return
        self.amplitude, self.unit = amplitude, unit

    @query("AMPL?")
    def ask_amplitude(self) -> str:
        """Answer the amplitude, in the unit in which it was set last."""
        value = self.amplitude if self.unit == "VP" else self.amplitude / _RMS[min(self.form, len(_RMS) - 1)]
        return f"{value:.12g}{self.unit}"

    @command("PCLR")
    def zero_phase(self) -> None:
        """Call the present phase zero."""
        self.angle = 0.0

    @offset.on_set
    def _fits(self, offset: float) -> None:
        del offset
        if self.largest_voltage() > _LARGEST * _OVER:
            raise Refusal(-222)

    @form.on_set
    def _slower(self, form: int) -> None:
        if form < len(_HIGHEST):
            self.frequency = min(self.frequency, _HIGHEST[form])
