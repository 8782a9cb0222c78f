"""A simulated QDAC-II with a resistor at each output.

Like the instrument: 24 outputs with ranges, filters, modes and slew rates; sweeps, lists, sines, squares, triangles and
traces that triggers start; markers of what starts; currents that are measured at once or by triggers; the error queue.

Unlike it: sweeps and lists step without a slew rate, and do not wait for a trigger at each step; only markers of the
start of something fire triggers; traces make no voltage; limits of times and frequencies are made up; a range that does
not hold the voltage refuses it, which the sources at hand do not say; readings are exact.
"""

from __future__ import annotations

from math import copysign
from struct import unpack
from typing import Any, Final

from luthier_sim import Block, Integer, NumberList, Refusal, ScpiDevice, Text, channel_setting, command, query

from luthier_qdevil.simulated.generators import CHANNELS, SUFFIX, TRIGGER_WORDS, WAVES, Stepping, Wave, settings_of

__all__ = ["SimulatedQdac2"]

_N: Final = SUFFIX
_OUTPUTS: Final = "[1|2|3|4|5]"
_LARGEST: Final = {"LOW": 2.0, "HIGH": 10.0}
_LARGEST_CURRENT: Final = {"LOW": 200e-9, "HIGH": 10e-3}
_MAINS: Final = 50.0


def _lowest(qdac: SimulatedQdac2, channel: int) -> float:
    return -_LARGEST[qdac.span[channel]]


def _highest(qdac: SimulatedQdac2, channel: int) -> float:
    return _LARGEST[qdac.span[channel]]


def _commands_of(name: str, word: str) -> dict[str, Any]:
    """Return what starts and stops a generator, and tells how long it goes on, for the class of the device."""

    def start(qdac: SimulatedQdac2, channel: int) -> None:
        qdac.start(channel, name)

    def stop(qdac: SimulatedQdac2, channel: int) -> None:
        qdac.stop(channel, name)

    def left(qdac: SimulatedQdac2, channel: int) -> int:
        wave = qdac.waves.get((channel, name))
        return wave.left(qdac.now) if wave else 0

    for method in (start, stop, left):
        method.__name__ = f"{method.__name__}_{name}"
    head = f"SOURce{_N}:{word}:"
    found: dict[str, Any] = {
        start.__name__: command(head + "INITiate")(start),
        stop.__name__: command(head + "ABORt")(stop),
    }
    return found if name == "dc" else found | {left.__name__: query(head + "NCLeft?")(left)}


class SimulatedQdac2(ScpiDevice):
    """A QDAC-II with 1 MΩ at each output.

    Attributes
    ----------
    load
        What is at each output, in ohms.
    pulses
        How often each trigger output gave a pulse.
    traces
        Voltages by name.
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
    samples = channel_setting(f"SENSe{_N}:COUNt", 1, minimum=1, maximum=1000000)
    sense_trigger = channel_setting(f"SENSe{_N}:TRIGger:SOURce", "IMM", choices=TRIGGER_WORDS)
    sense_continuous = channel_setting(f"SENSe{_N}:INITiate:CONTinuous", False)
    sweep_start = channel_setting(f"SOURce{_N}:SWEep:STARt", 0.0, minimum=_lowest, maximum=_highest, unit="V")
    sweep_stop = channel_setting(f"SOURce{_N}:SWEep:STOP", 0.0, minimum=_lowest, maximum=_highest, unit="V")
    sweep_points = channel_setting(f"SOURce{_N}:SWEep:POINts", 2, minimum=2, maximum=1000000)
    sweep_dwell = channel_setting(f"SOURce{_N}:SWEep:DWELl", 1e-3, minimum=1e-6, maximum=3600, unit="s")
    sweep_generation = channel_setting(f"SOURce{_N}:SWEep:GENeration", "STEP", choices=("STEP", "ANALog"))
    sweep_direction = channel_setting(f"SOURce{_N}:SWEep:DIRection", "UP", choices=("UP", "DOWN"))
    sweep_count = channel_setting(f"SOURce{_N}:SWEep:COUNt", 1, minimum=-1)
    list_dwell = channel_setting(f"SOURce{_N}:LIST:DWELl", 1e-3, minimum=1e-6, maximum=3600, unit="s")
    list_mode = channel_setting(f"SOURce{_N}:LIST:TMODe", "AUTO", choices=("AUTO", "STEP"))
    list_direction = channel_setting(f"SOURce{_N}:LIST:DIRection", "UP", choices=("UP", "DOWN"))
    list_count = channel_setting(f"SOURce{_N}:LIST:COUNt", 1, minimum=-1)
    scale = channel_setting(f"SOURce{_N}:AWG:SCALe", 1.0)
    width = channel_setting(f"OUTPut:TRIGger{_OUTPUTS}:WIDTh", 10e-6, minimum=1e-6, maximum=3600, unit="s")
    polarity = channel_setting(f"OUTPut:TRIGger{_OUTPUTS}:POLarity", "NORM", choices=("NORMal", "INVerted"))
    output_delay = channel_setting(f"OUTPut:TRIGger{_OUTPUTS}:DELay", 0.0, minimum=0, maximum=3600, unit="s")
    routed = channel_setting(f"OUTPut:TRIGger{_OUTPUTS}:SOURce", "HOLD", choices=TRIGGER_WORDS[1:])
    vars().update(settings_of("dc", "DC"))
    vars().update(_commands_of("dc", "DC"))
    for _name, _word in WAVES.items():
        vars().update(settings_of(_name, _word))
        vars().update(_commands_of(_name, _word))

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.ways = dict.fromkeys(CHANNELS, (self.now, 0.0, 0.0))
        self.lists: dict[int, list[float]] = {channel: [0.0] for channel in CHANNELS}
        self.stepping: dict[int, Stepping] = {}
        self.waves: dict[tuple[int, str], Wave] = {}
        self.currents: dict[int, list[tuple[float, float]]] = {channel: [] for channel in CHANNELS}
        self.traces: dict[str, tuple[float, ...]] = {}
        self.pulses = dict.fromkeys(range(1, 6), 0)
        self.trace_of: dict[int, str] = {}
        self.aborted: list[int] = []
        self.armed: set[int] = set()

    def _of(self, name: str, what: str, channel: int) -> Any:
        return getattr(self, f"{name}_{what}")[channel]

    def dc_at(self, channel: int) -> float:
        """Return the DC voltage of an output, on its way to what was set."""
        if channel in self.stepping:
            return self.stepping[channel].at(self.now)
        began, start, end = self.ways[channel]
        way = min(abs(end - start), self.slew[channel] * max(0.0, self.now - began))
        return start + copysign(way, end - start)

    def at_terminals(self, channel: int) -> float:
        """Return the voltage at an output."""
        waves = sum(wave.at(self.now) for (place, _), wave in self.waves.items() if place == channel)
        return self.dc_at(channel) + waves

    @voltage.on_set
    def _begin(self, voltage: float, channel: int) -> None:
        if self.mode[channel] == "FIX":
            self.ways[channel] = (self.now, self.dc_at(channel), voltage)

    @mode.on_set
    def _go_on(self, mode: str, channel: int) -> None:
        here = self.dc_at(channel)
        self.stepping.pop(channel, None)
        self.ways[channel] = (self.now, here, self.voltage[channel] if mode == "FIX" else here)

    @span.on_set
    def _hold(self, name: str, channel: int) -> None:
        if abs(self.voltage[channel]) > _LARGEST[name]:
            raise Refusal(-221)

    @query(f"SOURce{_N}:VOLTage:LAST?")
    def last(self, channel: int) -> float:
        """Answer the DC voltage that was put out last."""
        return self.dc_at(channel)

    @query(f"SOURce{_N}:SWEep:TIME?")
    def sweep_time(self, channel: int) -> float:
        """Answer how long a sweep takes."""
        return self.sweep_points[channel] * self.sweep_dwell[channel]

    @query(f"SOURce{_N}:SWEep:NCLeft?")
    def sweep_left(self, channel: int) -> int:
        """Answer the cycles of a sweep that are left."""
        return self.stepping[channel].left(self.now) if channel in self.stepping else 0

    @query(f"SOURce{_N}:LIST:NCLeft?")
    def list_left(self, channel: int) -> int:
        """Answer the cycles of a list that are left."""
        return self.sweep_left(channel)

    @command(f"SOURce{_N}:LIST:VOLTage", NumberList())
    def set_list(self, channel: int, voltages: tuple[float, ...]) -> None:
        """Take a list."""
        if not all(abs(voltage) <= _LARGEST[self.span[channel]] for voltage in voltages):
            raise Refusal(-222)
        self.lists[channel] = list(voltages)

    @query(f"SOURce{_N}:LIST:VOLTage?")
    def get_list(self, channel: int) -> list[float]:
        """Answer a list."""
        return self.lists[channel]

    @query(f"SOURce{_N}:LIST:POINts?")
    def list_points(self, channel: int) -> int:
        """Answer how long a list is."""
        return len(self.lists[channel])

    def _dc(self, channel: int) -> Stepping:
        began = self.now + self._of("dc", "delay", channel)
        if self.mode[channel] == "LIST":
            voltages, word = list(self.lists[channel]), self.list_direction[channel]
            dwell, count = self.list_dwell[channel], self.list_count[channel]
        else:
            first, final, points = self.sweep_start[channel], self.sweep_stop[channel], self.sweep_points[channel]
            voltages = [first + (final - first) * place / (points - 1) for place in range(points)]
            dwell, count, word = self.sweep_dwell[channel], self.sweep_count[channel], self.sweep_direction[channel]
        return Stepping(began, voltages[:: 1 if word == "UP" else -1], dwell, count)

    def start(self, channel: int, name: str) -> None:
        """Start a generator, and fire what its start marks."""
        if name == "dc":
            if self.mode[channel] == "FIX":
                return
            self.stepping[channel] = self._dc(channel)
        elif name != "awg":
            sign = 1 if self._of(name, "polarity", channel) == "NORM" else -1
            self.waves[channel, name] = Wave(
                kind=name,
                began=self.now + self._of(name, "delay", channel),
                frequency=self._of(name, "frequency", channel),
                span=sign * self._of(name, "span", channel),
                offset=self._of(name, "offset", channel),
                duty=self._of(name, "duty", channel) / 100 if name != "sine" else 0.5,
                repetitions=self._of(name, "count", channel),
            )
        elif channel not in self.trace_of:
            raise Refusal(-221, detail="no trace")
        marker = self._of(name, "start", channel)
        if marker:
            self.fire(marker)

    def on_trigger(self, word: str) -> None:
        """Start what waits for a trigger, and pulse."""
        for output, source in self.routed.items():
            self.pulses[output] += source == word
        for channel in CHANNELS:
            if self.sense_trigger[channel] == word and (self.sense_continuous[channel] or channel in self.armed):
                self.armed.discard(channel)
                self._measure(channel)
            for name in ("dc", *WAVES):
                waits = self._of(name, "continuous", channel)
                if waits and self._of(name, "trigger", channel) == word:
                    self.start(channel, name)

    @command("*TRG")
    def bus_trigger(self) -> None:
        """Trigger by the bus."""
        self.on_trigger("BUS")

    @command("TINTernal", Integer(minimum=1, maximum=14))
    def fire(self, number: int) -> None:
        """Fire an internal trigger."""
        self.on_trigger(f"INT{number}")

    @command(f"OUTPut:TRIGger{_OUTPUTS}:SIGNal")
    def pulse(self, output: int) -> None:
        """Give a pulse."""
        self.pulses[output] += 1

    def current(self, channel: int) -> float:
        """Return the current at an output, within the range of the meter."""
        largest = _LARGEST_CURRENT[self.current_range[channel]]
        return max(-largest, min(largest, self.at_terminals(channel) / self.load))

    def _measure(self, channel: int) -> None:
        each = self.nplc[channel] / _MAINS
        current = self.current(channel)
        began = self.now + self.delay[channel]
        self.currents[channel] += [(began + place * each, current) for place in range(1, self.samples[channel] + 1)]

    def _taken(self, channel: int) -> list[float]:
        return [current for time, current in self.currents[channel] if time <= self.now + 1e-9]

    @query(f"READ{_N}?")
    def read(self, channel: int) -> float:
        """Measure a current."""
        return self.current(channel)

    @query(f"FETCh{_N}?")
    def fetch(self, channel: int) -> list[float]:
        """Answer what was measured."""
        return self._taken(channel)

    @query(f"SENSe{_N}:DATA:POINts?")
    def data_points(self, channel: int) -> int:
        """Answer how much was measured."""
        return len(self._taken(channel))

    @query(f"SENSe{_N}:DATA:REMove?")
    def data_remove(self, channel: int) -> list[float]:
        """Answer what was measured, and forget it."""
        taken = self._taken(channel)
        del self.currents[channel][: len(taken)]
        return taken

    @query(f"SENSe{_N}:NCLeft?")
    def sense_left(self, channel: int) -> int:
        """Answer how much is not measured yet."""
        return len(self.currents[channel]) - len(self._taken(channel))

    @command(f"SENSe{_N}:INITiate")
    def sense_start(self, channel: int) -> None:
        """Measure at once, or wait for a trigger."""
        if self.sense_trigger[channel] == "IMM":
            self._measure(channel)
        else:
            self.armed.add(channel)

    @command(f"SENSe{_N}:ABORt")
    def sense_abort(self, channel: int) -> None:
        """Stop measuring."""
        self.armed.discard(channel)
        self.currents[channel] = [one for one in self.currents[channel] if one[0] <= self.now]

    @command("TRACe:DEFine", Text(), Integer(minimum=1))
    def define_trace(self, name: str, size: int) -> None:
        """Make room for a trace."""
        if len(self.traces.get(name, ())) not in {0, size}:
            raise Refusal(-221, detail="another size")
        self.traces[name] = (0.0,) * size

    @command("TRACe:DATA", Text(), Block())
    def store_trace(self, name: str, data: bytes) -> None:
        """Fill a trace."""
        if len(data) != 4 * len(self.traces.get(name, ())):
            raise Refusal(-221, detail="another size")
        self.traces[name] = unpack(f"<{len(data) // 4}f", data)

    @query("TRACe:CATalog?")
    def catalog(self) -> str:
        """Answer the names of traces."""
        return ",".join(f'"{name}"' for name in self.traces)

    @command("TRACe:REMove:ALL")
    def remove_traces(self) -> None:
        """Forget all traces."""
        self.traces.clear()

    @command(f"SOURce{_N}:AWG:DEFine", Text())
    def define_awg(self, channel: int, name: str) -> None:
        """Choose a trace."""
        if name not in self.traces:
            raise Refusal(-221, detail="no such trace")
        self.trace_of[channel] = name

    @query("SYSTem:COMMunicate:LAN:MAC?")
    def mac(self) -> str:
        """Answer the address of the network interface."""
        return '"049162C01016"'

    @command(f"SOURce{_N}:ALL:ABORt")
    def abort_one(self, channel: int) -> None:
        """Stop the generators of an output."""
        self.aborted.append(channel)
        for name in ("dc", *WAVES):
            self.stop(channel, name)

    def stop(self, channel: int, name: str) -> None:
        """Stop a generator; the DC voltage stays where it is."""
        if name == "dc":
            here = self.dc_at(channel)
            if self.stepping.pop(channel, None) is not None:
                self.ways[channel] = (self.now, here, here)
        self.waves.pop((channel, name), None)

    @command("ABORt")
    def abort_all(self) -> None:
        """Stop all generators."""
        for channel in CHANNELS:
            self.abort_one(channel)
