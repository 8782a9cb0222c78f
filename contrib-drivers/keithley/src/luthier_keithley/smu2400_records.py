"""What a 2400 measures in one go: staircase sweeps, and the buffer.

Pages: Model 2400 Series SourceMeter User's Manual, 2400S-900-01 Rev. K, September 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ScpiInstrument, group, parameter
from luthier.errors import ReplyError
from luthier.scpi import ArrayFormat
from luthier.validators import Ints, Numbers

from luthier_keithley.smu2400_source import require_output

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["SmuBuffer", "SmuSweep"]

COLUMNS = ("voltages", "currents", "resistances", "times", "status_words")
TEXT = ArrayFormat()


def _column(what: str, axis: str, length: str, *, unit: str = "") -> Declaration[NDArray[Any]]:
    return parameter(
        np.ndarray,
        group="record",
        unit=unit,
        shape=(length,),
        axes=(axis,),
        snapshot=False,
        doc=f"{what} of each reading.",
    )


def _record(channel: Channel, query: str, count: int, advice: str) -> dict[str, NDArray[np.float64]]:
    numbers = channel.query_array(query, TEXT)
    if len(numbers) != count * len(COLUMNS):
        raise ReplyError(
            f"{query} was answered by {len(numbers)} numbers; expected: {count} readings of {len(COLUMNS)} numbers",
            command=query,
            reply=f"{len(numbers)} numbers",
            expected=f"{count} times {len(COLUMNS)} numbers",
            advice=advice,
        )
    return dict(zip(COLUMNS, numbers.reshape(count, len(COLUMNS)).T, strict=True))


def _read_sweep(sweep: SmuSweep) -> dict[str, NDArray[np.float64]]:
    require_output(sweep.root)
    advice = "Set trigger_count to sweep.points, arm_count to 1, and elements to all five."
    return _record(sweep, "READ?", sweep.level.shape[0], advice)


def _read_buffer(buffer: SmuBuffer) -> dict[str, NDArray[np.float64]]:
    return _record(buffer, "TRAC:DATA?", buffer.count(), "Set elements to all five before the buffer is filled.")


def _sweep_levels(sweep: SmuSweep) -> NDArray[np.float64]:
    function = sweep.root["source_function"].get()
    start, stop = sweep[f"{function}_start"].get(), sweep[f"{function}_stop"].get()
    space = np.linspace if sweep.spacing() == "linear" else np.geomspace
    levels = space(start, stop, sweep.points())
    return levels if sweep.direction() == "up" else levels[::-1]


def _indices(buffer: SmuBuffer) -> NDArray[np.int64]:
    return np.arange(buffer.count())


class SmuSweep(Channel):
    """Staircase sweeps that the instrument makes by itself (section 10; section 18, pages 18-83 to 18-90).

    To sweep, set ``voltage_mode`` (or ``current_mode``) to "sweep", the ends and the number of points here, and the
    instrument's ``trigger_count`` to the same number; switch the output on and read ``record``. The connection's
    timeout has to be longer than the sweep takes.
    """

    voltage_mode = parameter(
        str,
        get_cmd="SOUR:VOLT:MODE?",
        set_cmd="SOUR:VOLT:MODE {}",
        mapping={"fixed": "FIX", "sweep": "SWE", "list": "LIST"},
        doc="How the voltage source gets its levels (page 18-73).",
    )
    current_mode = parameter(
        str,
        get_cmd="SOUR:CURR:MODE?",
        set_cmd="SOUR:CURR:MODE {}",
        mapping={"fixed": "FIX", "sweep": "SWE", "list": "LIST"},
        doc="How the current source gets its levels (page 18-73).",
    )
    voltage_start = parameter(
        float,
        get_cmd="SOUR:VOLT:STAR?",
        set_cmd="SOUR:VOLT:STAR {}",
        unit="V",
        validator=Numbers(-210, 210),
        doc="First level of a voltage sweep (page 18-84).",
    )
    voltage_stop = parameter(
        float,
        get_cmd="SOUR:VOLT:STOP?",
        set_cmd="SOUR:VOLT:STOP {}",
        unit="V",
        validator=Numbers(-210, 210),
        doc="Last level of a voltage sweep (page 18-84).",
    )
    current_start = parameter(
        float,
        get_cmd="SOUR:CURR:STAR?",
        set_cmd="SOUR:CURR:STAR {}",
        unit="A",
        validator=Numbers(-1.05, 1.05),
        doc="First level of a current sweep (page 18-84).",
    )
    current_stop = parameter(
        float,
        get_cmd="SOUR:CURR:STOP?",
        set_cmd="SOUR:CURR:STOP {}",
        unit="A",
        validator=Numbers(-1.05, 1.05),
        doc="Last level of a current sweep (page 18-84).",
    )
    points = parameter(
        int,
        get_cmd="SOUR:SWE:POIN?",
        set_cmd="SOUR:SWE:POIN {}",
        validator=Ints(2, 2500),
        doc="Number of levels (table 18-7).",
    )
    spacing = parameter(
        str,
        get_cmd="SOUR:SWE:SPAC?",
        set_cmd="SOUR:SWE:SPAC {}",
        mapping={"linear": "LIN", "logarithmic": "LOG"},
        doc="How the levels are spaced (page 18-83).",
    )
    direction = parameter(
        str,
        get_cmd="SOUR:SWE:DIR?",
        set_cmd="SOUR:SWE:DIR {}",
        mapping={"up": "UP", "down": "DOWN"},
        doc='"up" goes from start to stop, "down" from stop to start (table 18-7).',
    )
    ranging = parameter(
        str,
        get_cmd="SOUR:SWE:RANG?",
        set_cmd="SOUR:SWE:RANG {}",
        mapping={"best": "BEST", "auto": "AUTO", "fixed": "FIX"},
        doc='Source range: "best": one that holds all levels; "auto": the best for each level; "fixed": as it is, '
        "and levels "
        "beyond it are cut off by the instrument (page 18-83).",
    )
    level = parameter(
        np.ndarray,
        get_cmd=_sweep_levels,
        shape=("points",),
        depends_on=("voltage_start", "voltage_stop", "current_start", "current_stop", "spacing", "direction"),
        snapshot=False,
        doc="The levels of the sweep, in volts or amperes as the source function says; computed from the settings.",
    )
    voltages = _column("Voltage", "level", "points", unit="V")
    currents = _column("Current", "level", "points", unit="A")
    resistances = _column("Resistance", "level", "points", unit="Ω")
    times = _column("Time stamp", "level", "points", unit="s")
    status_words = _column("Status word (see SmuStatus)", "level", "points")
    record = group(
        *COLUMNS,
        get_cmd=_read_sweep,
        doc="Runs the sweep and reads all of it; what was neither sourced nor measured is NaN, overflow infinite "
        "(page 17-4).",
    )


class SmuBuffer(Channel):
    """The buffer for up to 2500 readings, which survives switching off (section 9; pages 18-114 to 18-116).

    To fill it, ``clear()`` it, set ``points`` and the instrument's ``trigger_count``, set ``control`` to "next", switch
    the output on and call the instrument's ``start()``. ``*RST`` does not change its settings.
    """

    points = parameter(
        int,
        get_cmd="TRAC:POIN?",
        set_cmd="TRAC:POIN {}",
        validator=Ints(1, 2500),
        doc="How many readings fill the buffer (page 18-115).",
    )
    count = parameter(
        int, get_cmd="TRAC:POIN:ACT?", snapshot=False, doc="How many readings are in the buffer (page 18-115)."
    )
    source = parameter(
        str,
        get_cmd="TRAC:FEED?",
        set_cmd="TRAC:FEED {}",
        mapping={"readings": "SENS1", "calculation 1": "CALC1", "calculation 2": "CALC2"},
        doc="What is stored; cannot be changed while storing (page 18-115).",
    )
    control = parameter(
        str,
        get_cmd="TRAC:FEED:CONT?",
        set_cmd="TRAC:FEED:CONT {}",
        mapping={"next": "NEXT", "never": "NEV"},
        doc='"next" stores the coming readings until the buffer is full, "never" stores nothing (page 18-115).',
    )
    index = parameter(
        np.ndarray, get_cmd=_indices, shape=("count",), snapshot=False, doc="Number of each reading, from 0; computed."
    )
    voltages = _column("Voltage", "index", "count", unit="V")
    currents = _column("Current", "index", "count", unit="A")
    resistances = _column("Resistance", "index", "count", unit="Ω")
    times = _column("Time stamp", "index", "count", unit="s")
    status_words = _column("Status word (see SmuStatus)", "index", "count")
    record = group(
        *COLUMNS,
        get_cmd=_read_buffer,
        doc="Reads all that is stored; what was neither sourced nor measured is NaN, overflow infinite (page 18-114).",
    )

    def __init__(self, parent: ScpiInstrument, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("clear", "TRAC:CLE", doc="Empty the buffer (page 18-114).")
