"""The Lake Shore 475 gaussmeter.

Commands: Model 475 Gaussmeter User's Manual, chapter 6 (pages 6-28 and 6-38 were at hand: RDGMNMX?, RDGOHM?,
RDGPEAK?, RDGREL?, RDGTEMP?, REL, which names RELSP); RDGMODE, RDGFRQ?, TUNIT and UNIT as known from InstrumentKit;
AUTO and RANGE (1 to 5) as in exopy_hqc_legacy and in a driver beside SpinCore_pp, ZPROBE and the words in place of
readings as in the latter, TYPE? and its numbers as in SpynWave. RELSP, ZCLEAR and the bits of OPST? are as those of the
425 and 455, and not confirmed. Its control of fields (CMODE, CSETP, CPARAM) is left out: its limits could not be seen,
and it drives a magnet.
"""

from __future__ import annotations

from typing import ClassVar, Final

from luthier import group, parameter
from luthier.scpi import parse_float, parse_int

from luthier_lakeshore.decimals import exact
from luthier_lakeshore.gaussmeters import Gaussmeter, fields

__all__ = ["Gaussmeter475"]

CELSIUS: Final = 273.15
"""0 °C in K."""


def _probe_temperature(meter: Gaussmeter475) -> float:
    value = parse_float(meter.query("RDGTEMP?"))
    celsius = parse_int(meter.query("TUNIT?")) == 1
    return exact(value + CELSIUS) if celsius else value


class Gaussmeter475(Gaussmeter):
    """Lake Shore 475: a gaussmeter for constant and alternating fields and pulses; see :class:`Gaussmeter`.

    Manual: Model 475 Gaussmeter User's Manual, chapter 6. The control of fields is left out.

    Interfaces: a serial line (9600 baud, 7 data bits, odd parity; these settings are used unless ``transport_options``
    says otherwise) and GPIB. What is sent and answered ends with a carriage return and a line feed.

    What the instrument refuses raises :class:`~luthier.errors.InstrumentReportedError` after each set.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.475", "sim://", name="meter") as meter:
    ...     meter.display_unit("T")
    ...     meter.mode("dc")
    ...     meter.field()
    0.05
    """

    simulator = "lakeshore.475"
    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 9600, "data_bits": 7, "parity": "odd"}
    model = "MODEL475"
    last_range = 5

    mode = parameter(
        str, group="measurement", mapping={"dc": 1, "rms": 2, "peak": 3}, doc="What is measured (RDGMODE)."
    )
    digits = parameter(
        int,
        group="measurement",
        mapping={3: 1, 4: 2, 5: 3},
        doc="Digits of constant fields; more take time (RDGMODE).",
    )
    band = parameter(
        str,
        group="measurement",
        mapping={"wide": 1, "narrow": 2, "low pass": 3},
        doc="Filter of alternating fields (RDGMODE).",
    )
    peak_mode = parameter(
        str, group="measurement", mapping={"periodic": 1, "pulse": 2}, doc="What peaks are taken of (RDGMODE)."
    )
    peak_display = parameter(
        str,
        group="measurement",
        mapping={"positive": 1, "negative": 2, "both": 3},
        doc="Which peaks the display shows (RDGMODE).",
    )
    measurement = group(
        "mode",
        "digits",
        "band",
        "peak_mode",
        "peak_display",
        get_cmd="RDGMODE?",
        set_cmd="RDGMODE {mode},{digits},{band},{peak_mode},{peak_display}",
        doc="What is measured, by one message (RDGMODE).",
    )
    relative = parameter(bool, group="relative_settings", doc="Whether the display shows the relative reading (REL).")
    relative_source = parameter(
        str,
        group="relative_settings",
        mapping={"setpoint": 1, "present field": 2},
        doc="Whether relative_setpoint is taken off, or the field when it is switched on (REL).",
    )
    relative_settings = group(
        "relative",
        "relative_source",
        get_cmd="REL?",
        set_cmd="REL {relative},{relative_source}",
        doc="The relative reading, by one message (REL).",
    )
    frequency = parameter(
        float, get_cmd="RDGFRQ?", unit="Hz", snapshot=False, doc="Frequency of an alternating field (RDGFRQ?)."
    )
    hall_resistance = parameter(
        float, get_cmd="RDGOHM?", unit="Ω", snapshot=False, doc="Hall resistance of the probe (RDGOHM?)."
    )
    probe_temperature = parameter(
        float, get_cmd=_probe_temperature, unit="K", snapshot=False, doc="Temperature of the probe (RDGTEMP?, TUNIT?)."
    )
    minimum_field = parameter(float, group="extremes", unit="T", snapshot=False, doc="Smallest reading (RDGMNMX?).")
    maximum_field = parameter(float, group="extremes", unit="T", snapshot=False, doc="Largest reading (RDGMNMX?).")
    extremes = group(
        "minimum_field",
        "maximum_field",
        get_cmd=fields("RDGMNMX?"),
        doc="Both, by one message (RDGMNMX?, UNIT?).",
    )
    negative_peak = parameter(float, group="peaks", unit="T", snapshot=False, doc="Negative peak (RDGPEAK?).")
    positive_peak = parameter(float, group="peaks", unit="T", snapshot=False, doc="Positive peak (RDGPEAK?).")
    peaks = group(
        "negative_peak", "positive_peak", get_cmd=fields("RDGPEAK?"), doc="Both, by one message (RDGPEAK?, UNIT?)."
    )
