"""A simulated Rohde & Schwarz SMW200A with two paths up to 12.75 GHz.

Like the instrument: two paths, each with its frequency, level, offsets and limit of the level; modulations that end
each other, and the switch for all of them; commands in all of their spellings.

Unlike the instrument: nothing takes time; options are always there; sweeps, lists, fading and the signals of the
baseband are not there, only what switches them.
"""

from __future__ import annotations

from typing import Any, Final

from luthier_sim import Boolean, Number, Refusal, ScpiDevice, channel_setting, command, query, setting

__all__ = ["SimulatedSmw200a"]

_SOURCE: Final = "[SOURce[1|2]:]"
_OUTPUT: Final = "OUTPut[1|2]"
_GAP: Final = 20e-9 * (1 - 1e-6)
_MODULATORS: Final = ("LF1", "LF2", "NOISe", "EXT1", "EXT2")
_FREQUENCIES: Final = (100e3, 12.75e9)
_POWERS: Final = (-145.0, 30.0)


def _lowest_frequency(generator: Any, path: int) -> float:
    return float(_FREQUENCIES[0] + generator.frequency_offset[path])


def _highest_frequency(generator: Any, path: int) -> float:
    return float(_FREQUENCIES[1] + generator.frequency_offset[path])


def _lowest_power(generator: Any, path: int) -> float:
    return float(_POWERS[0] + generator.power_offset[path])


def _highest_power(generator: Any, path: int) -> float:
    return float(_POWERS[1] + generator.power_offset[path])


class SimulatedSmw200a(ScpiDevice):
    """An SMW200A with options B112 and B212."""

    identity = "Rohde&Schwarz,SMW200A,1412.0000K02/100001,5.00.166.24"

    reference_source = setting("[SOURce:]ROSCillator:SOURce", "INT", choices=("INTernal", "EXTernal"), keep=True)
    frequency_offset = channel_setting(f"{_SOURCE}FREQuency:OFFSet", 0.0, minimum=-67e9, maximum=67e9, unit="Hz")
    frequency = channel_setting(
        f"{_SOURCE}FREQuency[:CW]", 1e9, Number(_lowest_frequency, _highest_frequency, "Hz", default=1e9)
    )
    frequency_mode = channel_setting(f"{_SOURCE}FREQuency:MODE", "CW", choices=("CW", "FIXed", "SWEep", "LIST"))
    phase = channel_setting(f"{_SOURCE}PHASe", 0.0, minimum=-720, maximum=720, unit="DEG")
    power_offset = channel_setting(
        f"{_SOURCE}POWer[:LEVel][:IMMediate]:OFFSet", 0.0, minimum=-100, maximum=100, unit="dB"
    )
    power = channel_setting(
        f"{_SOURCE}POWer[:LEVel][:IMMediate][:AMPLitude]",
        -30.0,
        Number(_lowest_power, _highest_power, "dBm", default=-30.0),
    )
    power_limit = channel_setting(
        f"{_SOURCE}POWer:LIMit[:AMPLitude]", 30.0, minimum=_POWERS[0], maximum=_POWERS[1], unit="dBm", keep=True
    )
    behaviour = channel_setting(
        f"{_SOURCE}POWer:LBEHaviour", "AUTO", choices=("AUTO", "UNINterrupted", "MONotone", "CVSWr", "CPHase")
    )
    attenuator_mode = channel_setting(f"{_OUTPUT}:AMODe", "AUTO", choices=("AUTO", "FIXed", "MANual"))
    output = channel_setting(f"{_OUTPUT}[:STATe]", False)

    iq_source = channel_setting(f"{_SOURCE}IQ:SOURce", "BAS", choices=("BASeband", "ANALog", "DIFFerential"))
    wideband = channel_setting(f"{_SOURCE}IQ:WBSTate", False)
    crest_factor = channel_setting(f"{_SOURCE}IQ:CREStfactor", 0.0, minimum=0, maximum=35, unit="dB")
    impairments = channel_setting(f"{_SOURCE}IQ:IMPairment[:STATe]", False)
    leakage_i = channel_setting(f"{_SOURCE}IQ:IMPairment:LEAKage:I", 0.0, minimum=-10, maximum=10, unit="PCT")
    leakage_q = channel_setting(f"{_SOURCE}IQ:IMPairment:LEAKage:Q", 0.0, minimum=-10, maximum=10, unit="PCT")
    imbalance = channel_setting(f"{_SOURCE}IQ:IMPairment:IQRatio[:MAGNitude]", 0.0, minimum=-1, maximum=1, unit="dB")
    quadrature = channel_setting(f"{_SOURCE}IQ:IMPairment:QUADrature[:ANGLe]", 0.0, minimum=-10, maximum=10, unit="DEG")
    iq = channel_setting(f"{_SOURCE}IQ:STATe", False)
    waveform = channel_setting(f"{_SOURCE}BB:ARBitrary:WAVeform:SELect", "")
    arb = channel_setting(f"{_SOURCE}BB:ARBitrary:STATe", False)
    lf_frequency = channel_setting(f"{_SOURCE}LFOutput[1]:FREQuency", 1e3, minimum=0.1, maximum=10e6, unit="Hz")
    am_source = channel_setting(f"{_SOURCE}AM[1]:SOURce", "LF1", choices=_MODULATORS)
    am_depth = channel_setting(f"{_SOURCE}AM[1][:DEPTh]", 50.0, minimum=0, maximum=100, unit="PCT")
    am = channel_setting(f"{_SOURCE}AM[1]:STATe", False)
    fm_source = channel_setting(f"{_SOURCE}FM[1]:SOURce", "LF1", choices=_MODULATORS)
    fm_deviation = channel_setting(
        f"{_SOURCE}FM[1][:DEViation]",
        1e3,
        Number(0, lambda generator, path: min(40e6, generator.frequency[path] / 100), "Hz"),
    )
    fm = channel_setting(f"{_SOURCE}FM[1]:STATe", False)
    pm_source = channel_setting(f"{_SOURCE}PM[1]:SOURce", "LF1", choices=_MODULATORS)
    pm = channel_setting(f"{_SOURCE}PM[1]:STATe", False)
    pulse_source = channel_setting(f"{_SOURCE}PULM:SOURce", "INT", choices=("INTernal", "EXTernal"))
    pulse_period = channel_setting(f"{_SOURCE}PULM:PERiod", 10e-6, minimum=20e-9, maximum=100, unit="s")
    pulse_width = channel_setting(f"{_SOURCE}PULM:WIDTh", 2e-6, minimum=20e-9, maximum=100, unit="s")
    pulse = channel_setting(f"{_SOURCE}PULM:STATe", False)

    def reset(self) -> None:
        """Forget offsets, phases and what was ended."""
        self._offsets = {1: (0.0, 0.0), 2: (0.0, 0.0)}
        self._ended: dict[int, list[dict[int, bool]]] = {1: [], 2: []}

    def _modulations(self) -> list[dict[int, bool]]:
        return [self.iq, self.arb, self.am, self.fm, self.pm, self.pulse]

    def rf_power(self, path: int) -> float:
        """Return what is at an output, in dBm; minus infinity while it is off."""
        if not self.output[path]:
            return float("-inf")
        return float(min(self.power[path] - self.power_offset[path], self.power_limit[path]))

    def rf_frequency(self, path: int) -> float:
        """Return what is at an output, in Hz."""
        return float(self.frequency[path] - self.frequency_offset[path])

    @frequency_offset.on_set
    def _show_frequency(self, offset: float, path: int) -> None:
        self.frequency[path] += offset - self._offsets[path][0]
        self._offsets[path] = (offset, self._offsets[path][1])

    @power_offset.on_set
    def _show_power(self, offset: float, path: int) -> None:
        self.power[path] += offset - self._offsets[path][1]
        self._offsets[path] = (self._offsets[path][0], offset)

    @pulse_period.on_set
    @pulse_width.on_set
    def _check_pulse(self, _value: float, path: int) -> None:
        if self.pulse_period[path] - self.pulse_width[path] < _GAP:
            raise Refusal(-221)

    @iq.on_set
    def _end_am(self, on: bool, path: int) -> None:
        if on:
            self.am[path] = False

    @pm.on_set
    def _end_fm(self, on: bool, path: int) -> None:
        if on:
            self.fm[path] = False

    @fm.on_set
    def _end_pm(self, on: bool, path: int) -> None:
        if on:
            self.pm[path] = False

    @query(f"{_SOURCE}MODulation[:ALL][:STATe]?")
    def is_modulated(self, path: int) -> bool:
        """Answer whether there is any modulation."""
        return any(one[path] for one in self._modulations())

    @command(f"{_SOURCE}MODulation[:ALL][:STATe]", Boolean())
    def switch_modulations(self, path: int, on: bool) -> None:
        """End all of them, or bring back those that were ended."""
        if not on:
            self._ended[path] = [one for one in self._modulations() if one[path]] or self._ended[path]
        for one in self._ended[path]:
            one[path] = on

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer the options: two paths up to 12.75 GHz, with their basebands and all modulators."""
        return "SMW-B112,SMW-B212,SMW-B10,SMW-B13T,SMW-B22,SMW-K22,SMW-K23"

    @command(f"{_SOURCE}PHASe:REFerence")
    def take_phase(self, path: int) -> None:
        """Take the phase as 0."""
        self.phase[path] = 0.0

    @command("OUTPut:ALL[:STATe]", Boolean())
    def switch_all(self, on: bool) -> None:
        """Switch both outputs."""
        self.output = dict.fromkeys(self.output, on)
