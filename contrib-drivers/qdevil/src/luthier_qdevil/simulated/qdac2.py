"""A simulated QDAC-II with a resistor at each output.

Like the instrument: 24 outputs with ranges, filters, modes and slew rates, currents that are measured, the error queue.

Unlike it: no sweeps, lists, waveforms or triggers make a voltage; a range that does not hold the voltage refuses it,
which the sources at hand do not say; readings are exact.
"""

from __future__ import annotations

from math import copysign
from typing import Final

from luthier_sim import Refusal, ScpiDevice, channel_setting, command, query

__all__ = ["SimulatedQdac2"]

_CHANNELS: Final = range(1, 25)
_N: Final = "[" + "|".join(map(str, _CHANNELS)) + "]"
_LARGEST: Final = {"LOW": 2.0, "HIGH": 10.0}
_LARGEST_CURRENT: Final = {"LOW": 200e-9, "HIGH": 10e-3}


def _lowest(qdac: SimulatedQdac2, channel: int) -> float:
    return -_LARGEST[qdac.span[channel]]


def _highest(qdac: SimulatedQdac2, channel: int) -> float:
    return _LARGEST[qdac.span[channel]]


class SimulatedQdac2(ScpiDevice):
    """A QDAC-II with 1 MΩ at each output.

    Attributes
    ----------
    load
        What is at each output, in ohms.
    """

    identity = "QDevil, QDAC-II, A001234, 13-1.57"
    load = 1e6

    span = channel_setting(f"SOURce{_N}:RANGe", "HIGH", choices=("LOW", "HIGH"))
    filter = channel_setting(f"SOURce{_N}:FILTer", "HIGH", choices=("DC", "MEDium", "HIGH"))
    mode = channel_setting(f"SOURce{_N}:VOLTage:MODE", "FIX", choices=("FIXed", "SWEep", "LIST"))
    voltage = channel_setting(f"SOURce{_N}:VOLTage", 0.0, minimum=_lowest, maximum=_highest, unit="V")
    slew = channel_setting(f"SOURce{_N}:VOLTage:SLEW", 2e7, minimum=1e-2, maximum=2e7)
    current_range = channel_setting(f"SENSe{_N}:RANGe", "HIGH", choices=("LOW", "HIGH"))
    nplc = channel_setting(f"SENSe{_N}:NPLC", 1, minimum=1, maximum=1000)
    delay = channel_setting(f"SENSe{_N}:DELay", 0.0, minimum=0, maximum=3600, unit="s")

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.ways = dict.fromkeys(_CHANNELS, (self.now, 0.0, 0.0))
        self.aborted: list[int] = []

    def at_terminals(self, channel: int) -> float:
        """Return the voltage at an output, on its way to what was set."""
        began, start, end = self.ways[channel]
        way = min(abs(end - start), self.slew[channel] * max(0.0, self.now - began))
        return start + copysign(way, end - start)

    @voltage.on_set
    def _begin(self, voltage: float, channel: int) -> None:
        if self.mode[channel] == "FIX":
            self.ways[channel] = (self.now, self.at_terminals(channel), voltage)

    @mode.on_set
    def _go_on(self, mode: str, channel: int) -> None:
        if mode == "FIX":
            self.ways[channel] = (self.now, self.at_terminals(channel), self.voltage[channel])

    @span.on_set
    def _hold(self, name: str, channel: int) -> None:
        if abs(self.voltage[channel]) > _LARGEST[name]:
            raise Refusal(-221)

    @query(f"SOURce{_N}:VOLTage:LAST?")
    def last(self, channel: int) -> float:
        """Answer the voltage that was put out last."""
        return self.at_terminals(channel)

    @query(f"READ{_N}?")
    def read(self, channel: int) -> float:
        """Measure a current."""
        current = self.at_terminals(channel) / self.load
        largest = _LARGEST_CURRENT[self.current_range[channel]]
        return max(-largest, min(largest, current))

    @query("SYSTem:COMMunicate:LAN:MAC?")
    def mac(self) -> str:
        """Answer the address of the network interface."""
        return '"049162C01016"'

    @command(f"SOURce{_N}:ALL:ABORt")
    def abort_one(self, channel: int) -> None:
        """Stop the generators of an output."""
        self.aborted.append(channel)

    @command("ABORt")
    def abort_all(self) -> None:
        """Stop all generators."""
        self.aborted.extend(_CHANNELS)
