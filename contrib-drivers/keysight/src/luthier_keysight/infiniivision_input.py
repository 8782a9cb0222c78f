"""An input of an InfiniiVision oscilloscope: its settings, its trace, and what is measured of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, group, parameter
from luthier.errors import InstrumentFaultError, ReplyError
from luthier.scpi import ArrayFormat, format_float, parse_float
from luthier.validators import Numbers

if TYPE_CHECKING:
    from luthier import ScpiInstrument
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["DIVISIONS", "InfiniiVisionInput"]

CODES = ArrayFormat("u2", "little")
HOLE = 0
"""The code of a time at which there is no datum (page 633)."""
PEAK_DETECT = 1
"""The type of a waveform in which there is the lowest and the highest for each time (page 644)."""
PREAMBLE_FIELDS = 10
DIVISIONS = 6.0
"""From the middle of the screen to where a trigger can be: 0.75 of the eight divisions."""


def _smallest_scale(channel: InfiniiVisionInput) -> float:
    return 1e-3 * float(channel.probe.known_or_read())


def _largest_scale(channel: InfiniiVisionInput) -> float:
    return (5.0 if channel.impedance.known_or_read() == "1 MOhm" else 1.0) * float(channel.probe.known_or_read())


def _set_offset(channel: InfiniiVisionInput, offset: float) -> None:
    """Set it and look, because the instrument takes the nearest that is possible, without an error."""
    command = f"CHAN{channel.number}:OFFS {format_float(offset)}"
    channel.write(command)
    taken = parse_float(channel.query(f"CHAN{channel.number}:OFFS?"))
    if abs(taken - offset) > channel.scale.known_or_read() / 10:
        raise InstrumentFaultError(
            f"{channel.full_name}.offset: {offset:g} V is not possible with this scale; it took {taken:g} V",
            state=f"The offset is {taken:g} V.",
            advice="Choose a larger scale for a larger offset.",
        )


def _read_preamble(channel: InfiniiVisionInput) -> dict[str, float]:
    """Choose what is sent, and ask how codes become times and voltages."""
    for command in (f"WAV:SOUR CHAN{channel.number}", "WAV:FORM WORD", "WAV:BYT LSBF", "WAV:UNS 1"):
        channel.write(command)
    reply = channel.query("WAV:PRE?")
    numbers = [parse_float(field) for field in reply.split(",")]
    if len(numbers) != PREAMBLE_FIELDS:
        raise ReplyError(
            f"'WAV:PRE?' was answered by {len(numbers)} numbers; expected: {PREAMBLE_FIELDS}",
            command="WAV:PRE?",
            reply=reply,
            expected=f"{PREAMBLE_FIELDS} numbers",
        )
    _, kind, points, _, x_increment, x_origin, _, y_increment, y_origin, y_reference = numbers
    return {
        "points": int(points),
        "peaks": int(kind) == PEAK_DETECT,
        "time_step": x_increment,
        "first_time": x_origin,
        "code_step": y_increment,
        "code_zero": y_reference - y_origin / y_increment if y_increment else y_reference,
    }


def _times(channel: InfiniiVisionInput) -> NDArray[np.float64]:
    channel.waveform.get()
    steps = np.arange(channel.points.known_or_read())
    if channel.peaks.known_or_read():
        steps = 2 * (steps // 2)
    return np.asarray(channel.first_time.known_or_read() + steps * channel.time_step.known_or_read(), dtype=np.float64)


def _trace(channel: InfiniiVisionInput) -> NDArray[np.float64]:
    channel.waveform.get()
    codes = channel.query_array("WAV:DATA?", CODES)
    volts = (codes.astype(np.float64) - channel.code_zero.known_or_read()) * channel.code_step.known_or_read()
    return np.where(codes == HOLE, np.nan, volts)


def _measured(header: str, unit: str, doc: str) -> Declaration[float]:
    return parameter(
        float,
        get_cmd=f"MEAS:{header}? CHAN{{number}}",
        unit=unit,
        relevant_when={"enabled": True},
        snapshot=False,
        doc=f"{doc}; infinite where what is on the screen does not tell (:MEASure).",
    )


def _of_waveform(kind: type[Any], unit: str, doc: str) -> Declaration[Any]:
    return parameter(kind, group="waveform", unit=unit, relevant_when={"enabled": True}, snapshot=False, doc=doc)


class InfiniiVisionInput(Channel):
    """One input."""

    probe = parameter(
        float,
        get_cmd="CHAN{number}:PROB?",
        set_cmd="CHAN{number}:PROB {}",
        unit="",
        validator=Numbers(0.1, 10_000),
        doc="By what the probe divides; scale, offset and trace are what is at its tip (:CHANnel:PROBe).",
    )
    impedance = parameter(
        str,
        get_cmd="CHAN{number}:IMP?",
        set_cmd="CHAN{number}:IMP {}",
        mapping={"1 MOhm": "ONEM", "50 Ohm": "FIFT"},
        doc="Of the input; the 2000 X-Series has 1 MΩ alone. 50 Ω are destroyed by more than 5 V (:CHANnel:IMPedance).",
    )
    coupling = parameter(
        str,
        get_cmd="CHAN{number}:COUP?",
        set_cmd="CHAN{number}:COUP {}",
        mapping={"dc": "DC", "ac": "AC"},
        doc="Coupling of the input (:CHANnel:COUPling).",
    )
    bandwidth_limit = parameter(
        bool,
        get_cmd="CHAN{number}:BWL?",
        set_cmd="CHAN{number}:BWL {}",
        doc="Whether a filter of about 20 MHz is on (:CHANnel:BWLimit).",
    )
    inverted = parameter(
        bool,
        get_cmd="CHAN{number}:INV?",
        set_cmd="CHAN{number}:INV {}",
        doc="Whether the voltages have the other sign (:CHANnel:INVert).",
    )
    scale = parameter(
        float,
        get_cmd="CHAN{number}:SCAL?",
        set_cmd="CHAN{number}:SCAL {}",
        unit="V",
        minimum=_smallest_scale,
        maximum=_largest_scale,
        depends_on=("probe", "impedance"),
        doc="Voltage of one of the 8 divisions: 1 mV to 5 V times the probe, and to 1 V with 50 Ω (:CHANnel:SCALe).",
    )
    offset = parameter(
        float,
        get_cmd="CHAN{number}:OFFS?",
        set_cmd=_set_offset,
        unit="V",
        depends_on=("probe", "scale"),
        doc="Voltage at the middle of the screen. What is possible depends on the scale; beyond it the instrument "
        "takes the nearest without an error, so that it is read after it was set, and another than wanted raises "
        "InstrumentFaultError (:CHANnel:OFFSet).",
    )
    enabled = parameter(
        bool,
        get_cmd="CHAN{number}:DISP?",
        set_cmd="CHAN{number}:DISP {}",
        doc="Whether the channel is acquired and shown (:CHANnel:DISPlay).",
    )
    points = _of_waveform(int, "", "Number of points of the trace.")
    peaks = _of_waveform(bool, "", "Whether there is the lowest and the highest for each time, one after the other.")
    time_step = _of_waveform(float, "s", "Time between two points.")
    first_time = _of_waveform(float, "s", "Time of the first point, from the trigger.")
    code_step = _of_waveform(float, "V", "Voltage between two codes.")
    code_zero = _of_waveform(float, "", "Code of 0 V, which may lie beyond those that there are.")
    waveform = group(
        "points",
        "peaks",
        "time_step",
        "first_time",
        "code_step",
        "code_zero",
        get_cmd=_read_preamble,
        relevant_when={"enabled": True},
        doc="How what was acquired last is sent (:WAVeform:PREamble?, page 644).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("points",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Times of the trace, from the trigger; computed from the preamble (pages 632 and 644).",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_trace,
        unit="V",
        shape=("points",),
        axes=("times",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="What was acquired last, as codes of 16 bits; not a number where there is no datum (:WAVeform:DATA?, pages "
        "632 and 633).",
    )
    peak_to_peak = _measured("VPP", "V", "Highest less lowest voltage")
    highest = _measured("VMAX", "V", "Highest voltage")
    lowest = _measured("VMIN", "V", "Lowest voltage")
    mean = _measured("VAV", "V", "Mean voltage of what is on the screen")
    amplitude = _measured("VAMP", "V", "Voltage of the top less that of the base")
    frequency = _measured("FREQ", "Hz", "Frequency")
    period = _measured("PER", "s", "Period")
    rise_time = _measured("RIS", "s", "Time of the first rising edge, from 10 % to 90 %")
    fall_time = _measured("FALL", "s", "Time of the first falling edge, from 90 % to 10 %")
    duty_cycle = _measured("DUTY", "%", "Part of the period that the signal is high")

    def __init__(self, parent: ScpiInstrument, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
