"""The generators of an output of the QDAC-II: DC sweeps and lists, waveforms, and what triggers them.

What an output gives is the sum of its generators. Commands as known from the driver that the maker gave to QCoDeS and
from its simulated instrument; the manual was not at hand. Queries that neither of them has are not sent, so that what
was set up is not read back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from luthier import Channel, parameter
from luthier.errors import UsageError, ValidationError
from luthier.scpi import format_float, parse_float, parse_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["GeneratorOutput", "trigger_word"]

GENERATORS: Final = {"dc": "dc", "sine": "sine", "square": "squ", "triangle": "tri", "arbitrary": "awg"}
WAVEFORMS: Final = {"sine": "sine", "square": "squ", "triangle": "tri"}
DC_MARKERS: Final = {"start": "star", "end": "end", "step start": "sst", "step end": "send"}
WAVE_MARKERS: Final = {"start": "star", "end": "end", "period start": "pst", "period end": "pend"}
INTERNAL_TRIGGERS: Final = 14
EXTERNAL_INPUTS: Final = 4
_TRIGGERS: Final = (
    {"immediate": "imm", "bus": "bus", "hold": "hold"}
    | {f"internal {number}": f"int{number}" for number in range(1, INTERNAL_TRIGGERS + 1)}
    | {f"external {number}": f"ext{number}" for number in range(1, EXTERNAL_INPUTS + 1)}
)
_FOREVER: Final = -1


def trigger_word(trigger: str, who: str) -> str:
    """Return the word of a trigger for messages, such as ``int3`` for "internal 3"."""
    if trigger not in _TRIGGERS:
        raise UsageError(
            f"there is no trigger {trigger!r}: allowed are 'immediate', 'bus', 'hold', 'internal 1' to 'internal "
            f"{INTERNAL_TRIGGERS}' and 'external 1' to 'external {EXTERNAL_INPUTS}'",
            who=who,
            state="Nothing was sent.",
        )
    return _TRIGGERS[trigger]


def _sweep_voltages(output: GeneratorOutput) -> NDArray[np.float64]:
    with output.monitor:
        start, stop = (parse_float(output.query(f"sour{output.number}:swe:{end}?")) for end in ("star", "stop"))
        return np.linspace(start, stop, output.sweep_points.get())


class GeneratorOutput(Channel):
    """The generators of one output.

    Each is set up by a method, which makes nothing move, and waits for its trigger then, or for :meth:`start`. "bus" is
    :meth:`Qdac2.trigger`, "internal 1" to "internal 14" are :meth:`Qdac2.fire`, or markers of other generators;
    "external 1" to "external 4" are the inputs at the back.
    """

    number: int

    sweep_points = parameter(
        int,
        get_cmd="sour{number}:swe:poin?",
        unit="",
        snapshot=False,
        doc="Voltages of the sweep that is set up.",
    )
    sweep_voltages = parameter(
        np.ndarray,
        get_cmd=_sweep_voltages,
        unit="V",
        shape=("sweep_points",),
        snapshot=False,
        doc="Voltages of the sweep that is set up, in the order from its start; worked out from start and stop.",
    )
    sweep_time = parameter(
        float, get_cmd="sour{number}:swe:time?", unit="s", snapshot=False, doc="How long that sweep takes."
    )
    list_points = parameter(
        int, get_cmd="sour{number}:list:poin?", unit="", snapshot=False, doc="Voltages of the list that is set up."
    )
    list_voltages = parameter(
        np.ndarray,
        get_cmd="sour{number}:list:volt?",
        get_parser=lambda reply: np.array(parse_list(reply)),
        unit="V",
        shape=("list_points",),
        snapshot=False,
        doc="Voltages of the list that is set up.",
    )

    def largest_voltage(self) -> float:
        """Return the largest voltage of the present range, in V."""
        raise NotImplementedError

    def set_up_sweep(
        self,
        start: float,
        stop: float,
        points: int,
        *,
        dwell: float = 1e-3,
        delay: float = 0.0,
        repetitions: int | None = 1,
        backwards: bool = False,
        stepped: bool = True,
        trigger: str = "bus",
    ) -> None:
        """Set up a sweep of the DC voltage, which goes on from then on by its trigger.

        Parameters
        ----------
        start, stop
            First and last voltage, in V. When it begins, the output goes to the first one at ``slew_rate``.
        points
            How many voltages, 2 at least.
        dwell
            Seconds at each.
        delay
            Seconds between trigger and first voltage.
        repetitions
            How often; ``None``: for ever.
        backwards
            Whether it begins at `stop`.
        stepped
            Whether it goes in steps; otherwise along a straight line.
        trigger
            What starts it.

        Raises
        ------
        ValidationError
            A voltage is beyond the present range. Nothing was sent but a question.
        InstrumentReportedError
            The instrument refused something, a time say. The mode is "sweep" then, and nothing waits for a trigger.
        """
        word = trigger_word(trigger, self.full_name)
        _require(points >= 2, "points", points, "2 and more", self)  # noqa: PLR2004 - a start and a stop
        self._require_times(dwell=dwell, delay=delay)
        self._require_voltages((start, stop))
        self._set_up_dc(
            "swe",
            {
                "swe:star": format_float(start),
                "swe:stop": format_float(stop),
                "swe:poin": str(points),
                "swe:gen": "step" if stepped else "anal",
                "swe:dwel": format_float(dwell),
                "dc:del": format_float(delay),
                "swe:dir": "down" if backwards else "up",
                "swe:coun": self._count(repetitions),
            },
            word,
        )
        self.sweep_points.cache.invalidate()

    def set_up_list(
        self,
        voltages: Sequence[float] | NDArray[np.float64],
        *,
        dwell: float = 1e-3,
        delay: float = 0.0,
        repetitions: int | None = 1,
        backwards: bool = False,
        stepped: bool = False,
        trigger: str = "bus",
    ) -> None:
        """Set up a list of DC voltages, in V; as :meth:`set_up_sweep`, but `stepped` wants a trigger for each."""
        word = trigger_word(trigger, self.full_name)
        values = [float(voltage) for voltage in voltages]
        _require(bool(values), "voltages", voltages, "1 voltage and more", self)
        self._require_times(dwell=dwell, delay=delay)
        self._require_voltages(values)
        self._set_up_dc(
            "list",
            {
                "list:volt": ",".join(map(format_float, values)),
                "list:tmod": "step" if stepped else "auto",
                "list:dwel": format_float(dwell),
                "dc:del": format_float(delay),
                "list:dir": "down" if backwards else "up",
                "list:coun": self._count(repetitions),
            },
            word,
        )
        self.list_points.cache.invalidate()

    def set_up_waveform(
        self,
        waveform: str,
        *,
        frequency: float,
        amplitude: float,
        offset: float = 0.0,
        repetitions: int | None = None,
        duty_cycle: float | None = None,
        inverted: bool = False,
        slew_rate: float | None = None,
        delay: float = 0.0,
        trigger: str = "bus",
    ) -> None:
        """Set up a waveform, which is added to the DC voltage from when its trigger comes.

        Parameters
        ----------
        waveform
            "sine", "square" or "triangle".
        frequency
            In Hz; what it cannot do, the instrument refuses.
        amplitude, offset
            From peak to peak, and the mean, in V.
        repetitions
            Periods; ``None``: for ever.
        duty_cycle
            Of a square or triangle, in %; ``None``: 50.
        inverted
            Whether it is upside down.
        slew_rate
            In V/s; ``None``: as fast as it can.
        delay
            Seconds between trigger and first period.
        trigger
            What starts it.

        Raises
        ------
        ValidationError
            Its peaks are beyond the present range. What other generators add is not looked at.
        """
        word = trigger_word(trigger, self.full_name)
        _require(waveform in WAVEFORMS, "waveform", waveform, ", ".join(map(repr, WAVEFORMS)), self)
        _require(_is_number(frequency) and frequency > 0, "frequency", frequency, "more than 0 Hz", self)
        has_duty_cycle = waveform != "sine"
        _require(has_duty_cycle or duty_cycle is None, "duty_cycle", duty_cycle, "None for a sine", self)
        self._require_voltages((offset,))
        _require(_is_number(amplitude), "amplitude", amplitude, "a number, in V", self)
        self._require_voltages((offset - amplitude / 2, offset + amplitude / 2))
        settings = {
            "freq": format_float(frequency),
            "pol": "inv" if inverted else "norm",
            "span": format_float(amplitude),
            "offs": format_float(offset),
            "slew": "inf" if slew_rate is None else format_float(slew_rate),
            "del": format_float(delay),
            "coun": self._count(repetitions),
        }
        if has_duty_cycle:
            settings["dcyc"] = format_float(50.0 if duty_cycle is None else duty_cycle)
        if waveform == "square":
            settings["typ"] = "symm"
        self._set_up_wave(WAVEFORMS[waveform], settings, word)

    def set_up_arbitrary(
        self,
        trace: str,
        *,
        scale: float = 1.0,
        offset: float = 0.0,
        repetitions: int | None = 1,
        slew_rate: float | None = None,
        trigger: str = "bus",
    ) -> None:
        """Set up a trace as waveform, which is added to the DC voltage from when its trigger comes.

        Parameters
        ----------
        trace
            Name of what :meth:`Qdac2.store_trace` has stored.
        scale, offset
            What its values are multiplied with, and what is added, in V. Whether it stays within the range is not
            looked at: traces are not read back.
        repetitions, slew_rate, trigger
            As for :meth:`set_up_waveform`.
        """
        word = trigger_word(trigger, self.full_name)
        settings = {
            "def": f'"{trace}"',
            "scal": format_float(scale),
            "offs": format_float(offset),
            "slew": "inf" if slew_rate is None else format_float(slew_rate),
            "coun": self._count(repetitions),
        }
        _require('"' not in trace, "trace", trace, "a name without quotes", self)
        self._set_up_wave("awg", settings, word)

    def start(self, generator: str) -> None:
        """Start a generator that is set up: "dc", "sine", "square", "triangle" or "arbitrary", without a trigger."""
        word = self._generator(generator)
        with self.monitor:
            self._send([f"{word}:init:cont off", f"{word}:trig:sour imm", f"{word}:init"])

    def stop(self, generator: str) -> None:
        """Stop a generator; its DC voltage stays, a waveform ends. It waits for no trigger any more."""
        word = self._generator(generator)
        self._send([f"{word}:init:cont off", f"{word}:abor"])

    def mark(self, generator: str, event: str, number: int) -> None:
        """Let an event of a generator be an internal trigger.

        Parameters
        ----------
        generator
            As for :meth:`start`.
        event
            "start" or "end"; of "dc" also "step start" and "step end", of the others "period start" and "period end".
        number
            Of the internal trigger, 1 to 14; 0: none.
        """
        word = self._generator(generator)
        events: Mapping[str, str] = DC_MARKERS if word == "dc" else WAVE_MARKERS
        _require(event in events, "event", event, ", ".join(map(repr, events)), self)
        _require(number in range(INTERNAL_TRIGGERS + 1), "number", number, f"0 to {INTERNAL_TRIGGERS}", self)
        self._send([f"{word}:mark:{events[event]} {number}"])

    def cycles_left(self, generator: str) -> int:
        """Ask how often a generator goes on: 0 where it has ended. Of "dc" it is that of the sweep or list."""
        word = self._generator(generator)
        if word == "dc":
            mode = self.query(f"sour{self.number}:volt:mode?").strip().upper()
            word = "list" if mode.startswith("LIST") else "swe"
        return int(parse_float(self.query(f"sour{self.number}:{word}:ncl?")))

    def _generator(self, name: str) -> str:
        _require(name in GENERATORS, "generator", name, ", ".join(map(repr, GENERATORS)), self)
        return GENERATORS[name]

    def _count(self, repetitions: int | None) -> str:
        allowed = repetitions is None or repetitions >= 1
        _require(allowed, "repetitions", repetitions, "1 and more, or None for ever", self)
        return str(_FOREVER if repetitions is None else repetitions)

    def _set_up_dc(self, mode: str, settings: Mapping[str, str], trigger: str) -> None:
        first = ["dc:init:cont off", "dc:abor", "dc:trig:sour hold", f"volt:mode {mode}"]
        rest = [f"{key} {value}" for key, value in settings.items()]
        with self.monitor:
            self._send(first + rest)
            self._arm("dc", trigger)
            self["voltage_mode"].cache.invalidate()

    def _set_up_wave(self, word: str, settings: Mapping[str, str], trigger: str) -> None:
        first = [f"{word}:init:cont off", f"{word}:abor", f"{word}:trig:sour hold"]
        with self.monitor:
            self._send(first + [f"{word}:{key} {value}" for key, value in settings.items()])
            self._arm(word, trigger)

    def _arm(self, word: str, trigger: str) -> None:
        self._send([f"{word}:trig:sour {trigger}"])
        if trigger not in {"imm", "hold"}:
            self._send([f"{word}:init:cont on"])

    def _send(self, commands: Iterable[str]) -> None:
        root: Any = self.root
        with self.monitor:
            for command in commands:
                last = f"sour{self.number}:{command}"
                root.write(last)
            root.confirm_set(last)

    def _require_times(self, *, dwell: float, delay: float) -> None:
        _require(_is_number(dwell) and dwell > 0, "dwell", dwell, "more than 0 s", self)
        _require(_is_number(delay) and delay >= 0, "delay", delay, "0 s and more", self)

    def _require_voltages(self, voltages: Sequence[float]) -> None:
        largest = self.largest_voltage()
        for voltage in voltages:
            _require(
                _is_number(voltage) and abs(voltage) <= largest,
                "voltage",
                voltage,
                f"-{largest:g} V to {largest:g} V",
                self,
            )


def _is_number(value: object) -> bool:
    """Whether it is a finite real number; numpy's are, truth values are not."""
    array = np.asarray(value)
    return array.dtype.kind in "iuf" and array.ndim == 0 and bool(np.isfinite(array))


def _require(allowed: bool, what: str, value: object, words: str, output: Channel) -> None:
    if not allowed:
        raise ValidationError(
            f"cannot take the {what} {value!r}: allowed is {words}",
            who=output.full_name,
            state="Nothing was set up.",
            value=value,
            allowed=words,
        )
