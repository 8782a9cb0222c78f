"""A simulated Keithley 3706A with two multiplexer cards, spoken to in TSP.

Commands: see :mod:`luthier_keithley.switch3706a`; of the manual only parts were at hand.

Like the instrument, as far as that: lists of channels with ranges, patterns and slots; closing, exclusively too; what
is forbidden, paired, counted, and given backplane relays; patterns, which go where a channel is forbidden or its poles
change; settings of each function of the multimeter; configurations, and connecting channels by them.

Not confirmed: the texts of the errors of number 1115 beyond "no valid channels in channel list"; that a forbidden
channel which is closed stays so; which backplane relays the multimeter closes for channels 31 to 60; that an overflow
is answered as 9.9E37.

Unlike the instrument: relays and readings take no time, connection rules change nothing; the multimeter sees a channel
that is closed together with the first backplane relay of its bank, and otherwise what is at the connector of the
backplane; filters do not change readings; there are no scans, buffers, labels and digital lines.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from luthier_sim import Refusal, TspDevice, tsp_attribute, tsp_function

from luthier_keithley.simulated.switch3706a_relays import BANK, CARD, Relays, parameter_error

__all__ = ["SimulatedSwitch3706A"]

_SLOTS: Final = (1, 2)
_VOLTS: Final = ((0.1, 1.0, 10.0, 100.0, 300.0), 303.0)
_OHMS: Final = (tuple(10.0**power for power in range(9)), 120e6)
_AMPERES: Final = (1e-3, 1e-2, 0.1, 1.0, 3.0)
_RANGES: Final = {
    "dcvolts": _VOLTS,
    "acvolts": _VOLTS,
    "dccurrent": ((1e-5, 1e-4, *_AMPERES), 3.1),
    "accurrent": (_AMPERES, 3.1),
    "twowireohms": (_OHMS[0][1:], _OHMS[1]),
    "fourwireohms": _OHMS,
    "commonsideohms": _OHMS,
}
_FOUR_WIRE: Final = ("fourwireohms", "commonsideohms")
_SIGNALS: Final = {
    "dcvolts": 1.0,
    "acvolts": 0.7,
    "dccurrent": 1e-3,
    "accurrent": 0.7e-3,
    "twowireohms": 1e3,
    "fourwireohms": 999.9,
    "commonsideohms": 999.9,
    "temperature": 23.0,
    "frequency": 50.0,
    "period": 0.02,
    "continuity": 1.0,
}
_FUNCTIONS: Final = (*_SIGNALS, "nofunction")
_INTEGRATING: Final = (*_RANGES, "temperature")
_WITH: Final = {
    "nominal": tuple(_RANGES),
    "auto_range": tuple(_RANGES),
    "nplc": _INTEGRATING,
    "averaging_count": _INTEGRATING,
    "averaging": _INTEGRATING,
    "auto_delay": tuple(_SIGNALS),
}
"""The functions that have a setting."""
_OVER: Final = 1.2 * (1 + 1e-9)
_OVERFLOW: Final = 9.9e37
_FIFTY: Final = 50


def _factory(function: str) -> dict[str, float]:
    ranged = {"nominal": _RANGES[function][0][-1]} if function in _RANGES else {}
    return {"auto_range": 1, "nplc": 1.0, "averaging_count": 1, "averaging": 0, "auto_delay": 2, **ranged}


class SimulatedSwitch3706A(TspDevice):
    """A 3706A with a 3720 in slots 1 and 2, each a dual multiplexer of 30 channels.

    Attributes
    ----------
    relays
        What is closed, forbidden, and so on.
    signals
        What the multimeter measures, by its function, where nothing else is said.
    channel_signals
        What is at channels, by channel and function: ``{("1003", "dcvolts"): 0.5}``.
    noise_level
        Standard deviation of readings, relative to the signal.
    """

    identity = "KEITHLEY INSTRUMENTS INC.,MODEL 3706A,04349716,01.55a"
    digits = 10
    senses: ClassVar = {
        "voltage": "V",
        **{f"channel{slot}{one:03d}": "V" for slot in _SLOTS for one in range(1, 2 * BANK + 1)},
    }
    constants: ClassVar = {
        "channel.OFF": 0,
        "channel.ON": 1,
        "channel.BREAK_BEFORE_MAKE": 1,
        "channel.MAKE_BEFORE_BREAK": 2,
        "channel.POLES_ONE": 1,
        "channel.POLES_TWO": 2,
        "channel.POLES_FOUR": 4,
        "dmm.OFF": 0,
        "dmm.ON": 1,
        "dmm.AUTODELAY_ONCE": 2,
    }
    noise_level = 0.0

    card = tsp_attribute("slot[[123456]].idn", "Empty Slot", read_only=True)
    connect_rule = tsp_attribute("channel.connectrule", 1, choices=(0, 1, 2))
    sequential = tsp_attribute("channel.connectsequential", 0, choices=(0, 1))
    function = tsp_attribute("dmm.func", "dcvolts")
    model = tsp_attribute("localnode.model", "3706A", read_only=True)
    mains = tsp_attribute("localnode.linefreq", 50.0, read_only=True)
    nominal = tsp_attribute("dmm.range", 300.0, minimum=0, maximum=lambda mux: mux.largest())
    auto_range = tsp_attribute("dmm.autorange", 1, choices=(0, 1))
    nplc = tsp_attribute("dmm.nplc", 1.0, minimum=0.0005, maximum=lambda mux: 12.0 if mux.mains == _FIFTY else 15.0)
    averaging_count = tsp_attribute("dmm.filter.count", 1, minimum=1, maximum=100)
    averaging = tsp_attribute("dmm.filter.enable", 0, choices=(0, 1))
    auto_delay = tsp_attribute("dmm.autodelay", 2, choices=(0, 1, 2))

    def switch_on(self) -> None:
        """Put the cards in, and signals at the meter."""
        self.signals = dict(_SIGNALS)
        self.channel_signals: dict[tuple[str, str], float] = {}
        super().switch_on()

    def restore(self) -> None:
        """Give everything its settings from the factory."""
        self._present = "dcvolts"
        super().restore()

    def reset(self) -> None:
        """Open all relays, and forget what was said of channels and functions."""
        self.relays = Relays(_SLOTS)
        self.card = {slot: CARD if int(slot) in _SLOTS else "Empty Slot" for slot in self.card}
        self._held = {function: _factory(function) for function in _FUNCTIONS}
        self._configurations: dict[str, tuple[str, dict[str, Any]]] = {}
        self._measured_by: dict[str, str] = {}
        self._take("dcvolts")

    # The multimeter

    def largest(self) -> float:
        """Return what can be asked for as a range at most."""
        return _RANGES[self._present][1] if self._present in _RANGES else 0.0

    def _take(self, function: str) -> None:
        """Make a function the present one; what it does not have is nil."""
        self.function = self._present = function
        for name, functions in _WITH.items():
            setattr(self, name, self._held[function][name] if function in functions else None)

    def _keep(self, **changes: float) -> None:
        for name, value in changes.items():
            if self._present not in _WITH[name]:
                raise Refusal(-221, "Settings conflict")
            self._held[self._present][name] = value
            setattr(self, name, value)

    @function.on_set
    def _choose(self, function: str) -> None:
        if function not in _FUNCTIONS:
            raise Refusal(-224, "Illegal parameter value")
        self._take(function)

    @nominal.on_set
    def _choose_range(self, value: float) -> None:
        if self._present not in _RANGES:
            raise Refusal(-221, "Settings conflict")
        ranges = _RANGES[self._present][0]
        chosen = next((one for one in ranges if value <= one * (1 + 1e-9)), ranges[-1])
        self._keep(nominal=chosen, auto_range=0)

    @auto_range.on_set
    def _choose_auto_range(self, on: int) -> None:
        self._keep(auto_range=on)

    @nplc.on_set
    def _choose_nplc(self, cycles: float) -> None:
        self._keep(nplc=cycles)

    @averaging_count.on_set
    def _choose_averaging_count(self, count: int) -> None:
        self._keep(averaging_count=count)

    @averaging.on_set
    def _choose_averaging(self, on: int) -> None:
        self._keep(averaging=on)

    @auto_delay.on_set
    def _choose_auto_delay(self, mode: int) -> None:
        self._keep(auto_delay=mode)

    def at_meter(self) -> float:
        """Return what the multimeter sees, in the unit of its function."""
        routed = [one for one in sorted(self.relays.closed) if not self.relays.is_line(one)]
        seen = next((one for one in routed if _line_of(one) in self.relays.closed), "")
        otherwise = self.channel_signals.get((seen, self._present), self.signals[self._present])
        if self._present != "dcvolts":
            return otherwise
        return float(self.sense(f"channel{seen}" if seen else "voltage", otherwise=otherwise))

    @tsp_function("dmm.measure")
    def measure(self) -> float | None:
        """Take one reading."""
        if self._present == "nofunction":
            raise Refusal(-221, "Settings conflict")
        signal = self.at_meter()
        if self._present in _RANGES:
            ranges, farthest = _RANGES[self._present]
            held = self._held[self._present]
            widest = held["auto_range"] or held["nominal"] == ranges[-1]
            if abs(signal) > (farthest if widest else held["nominal"] * _OVER):
                return _OVERFLOW
        return signal + self.noise(self.noise_level * abs(signal))

    @tsp_function("dmm.configure.set")
    def store_configuration(self, name: str) -> None:
        """Keep the present function and its settings."""
        if name in _FUNCTIONS:
            raise parameter_error("name of a factory configuration")
        self._configurations[name] = (self._present, dict(self._held[self._present]))

    @tsp_function("dmm.setconfig")
    def configure_channels(self, channels: str, name: str) -> None:
        """Say by which configuration channels are measured."""
        if name not in self._configurations and name not in _FUNCTIONS:
            raise parameter_error("configuration does not exist")
        named = [one for part in channels.split(",") if (one := part.strip()) in self.relays.patterns]
        for one in named or self.relays.listed(channels):
            self._measured_by[one] = name

    @tsp_function("dmm.getconfig")
    def ask_configuration(self, channels: str) -> str:
        """Answer by which configuration channels are measured."""
        return ",".join(self._measured_by.get(one, "nofunction") for one in self.relays.listed(channels))

    @tsp_function("dmm.close")
    def connect_channel(self, channel: str) -> None:
        """Close one channel or pattern for the multimeter, and take its configuration."""
        name = channel.strip()
        wanted = self.relays.to_close(name)
        if name not in self.relays.patterns and len(self.relays.listed(name)) != 1:
            raise parameter_error("more than one channel in channel list")
        configuration = self._measured_by.get(name, "nofunction")
        if configuration == "nofunction":
            raise parameter_error("no function configured for channel")
        function, held = self._configurations.get(configuration, (configuration, _factory(configuration)))
        if name not in self.relays.patterns:
            wanted = [name, _line_of(name), *([f"{name[0]}922"] if function in _FOUR_WIRE else [])]
        self.relays.closed -= {f"{slot}{line}" for slot in _SLOTS for line in (911, 912, 921, 922)}
        self.relays.close_only(wanted, "".join({one[0] for one in wanted}))
        self._held[function] = dict(held)
        self._take(function)

    @tsp_function("dmm.open")
    def disconnect_channel(self, channel: str) -> None:
        """Open a channel or pattern, and the backplane relays of the multimeter."""
        names = self.relays.listed(channel, slots=False)
        self.relays.closed -= {*names, *(f"{one[0]}{line}" for one in names for line in (911, 912, 921, 922))}

    # The relays

    @tsp_function("channel.close")
    def close_channels(self, channels: str) -> None:
        """Close channels."""
        self.relays.close(self.relays.to_close(channels))

    @tsp_function("channel.open")
    def open_channels(self, channels: str) -> None:
        """Open channels."""
        named = self.relays.image(self.relays.listed(channels))
        if not named:
            raise parameter_error("no valid channels in channel list")
        self.relays.closed -= set(named)

    @tsp_function("channel.exclusiveclose")
    def close_exclusively(self, channels: str) -> None:
        """Close channels, and open all others; an empty list opens all."""
        empty = not self.relays.listed(channels, slots=False)
        self.relays.close_only([] if empty else self.relays.to_close(channels), "123456")

    @tsp_function("channel.exclusiveslotclose")
    def close_exclusively_in_slots(self, channels: str) -> None:
        """Close channels, and open all others of their slots."""
        wanted = self.relays.to_close(channels)
        self.relays.close_only(wanted, "".join({one[0] for one in wanted}))

    @tsp_function("channel.getclose")
    def ask_closed(self, channels: str) -> str | None:
        """Answer which of some channels are closed."""
        return self.relays.shown(self._some(channels) & self.relays.closed)

    @tsp_function("channel.getstate")
    def ask_states(self, channels: str) -> str:
        """Answer of each channel whether it is closed."""
        return ",".join(f"{int(one in self.relays.closed)}" for one in self.relays.listed(channels))

    @tsp_function("channel.getcount")
    def ask_counts(self, channels: str) -> str:
        """Answer how often channels were closed."""
        return ",".join(f"{self.relays.counts[one]}" for one in self.relays.listed(channels))

    @tsp_function("channel.setforbidden")
    def forbid(self, channels: str) -> None:
        """Let channels close no more."""
        names = self._some(channels)
        self.relays.forbidden |= names
        self.relays.forget_patterns(names)

    @tsp_function("channel.clearforbidden")
    def allow(self, channels: str) -> None:
        """Let channels close again."""
        self.relays.forbidden -= self._some(channels)

    @tsp_function("channel.getforbidden")
    def ask_forbidden(self, channels: str) -> str | None:
        """Answer which of some channels must not close."""
        return ",".join(sorted(self._some(channels) & self.relays.forbidden)) or None

    @tsp_function("channel.setpole")
    def set_poles(self, channels: str, poles: float) -> None:
        """Set how many wires channels switch."""
        if poles not in (1, 2, 4):
            raise parameter_error("invalid poles")
        self.relays.set_poles(self.relays.listed(channels), int(poles))

    @tsp_function("channel.getpole")
    def ask_poles(self, channels: str) -> str:
        """Answer how many wires channels switch."""
        return ",".join(f"{self.relays.poles[one]}" for one in self.relays.listed(channels))

    @tsp_function("channel.setbackplane")
    def set_backplane(self, channels: str, lines: str) -> None:
        """Say which backplane relays go with channels."""
        relays = self.relays.listed(lines, slots=False)
        if not all(self.relays.is_line(one) for one in relays):
            raise parameter_error("invalid channel type in channel list")
        for one in self.relays.listed(channels):
            if not self.relays.is_line(one):
                self.relays.backplane[one] = relays

    @tsp_function("channel.pattern.setimage")
    def define_pattern(self, channels: str, name: str) -> None:
        """Name channels."""
        wanted = self.relays.listed(channels, slots=False)
        if self.relays.forbidden & set(wanted):
            raise parameter_error("channel is forbidden to close")
        self.relays.name_pattern(name, wanted)

    @tsp_function("channel.pattern.snapshot")
    def store_pattern(self, name: str) -> None:
        """Name what is closed."""
        self.relays.name_pattern(name, sorted(self.relays.closed))

    @tsp_function("channel.pattern.getimage")
    def ask_pattern(self, name: str) -> str | None:
        """Answer the channels of a pattern."""
        held = self.relays.patterns.get(name)
        return None if held is None else ",".join(held)

    @tsp_function("channel.pattern.delete")
    def delete_pattern(self, name: str) -> None:
        """Forget a pattern."""
        if self.relays.patterns.pop(name, None) is None:
            raise parameter_error("pattern does not exist")

    def _some(self, channels: str) -> set[str]:
        names = self.relays.listed(channels)
        if not names:
            raise parameter_error("no valid channels in channel list")
        return set(names)


def _line_of(channel: str) -> str:
    """Return the first backplane relay of the bank of a channel."""
    return f"{channel[0]}{911 if int(channel[1:]) <= BANK else 921}"
