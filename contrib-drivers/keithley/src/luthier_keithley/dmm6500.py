"""The Keithley DMM6500 multimeter, with the SCPI command set.

Commands, ranges and limits as known from PyMeasure 0.16, QCoDeS 0.58 and smaller projects; READ:DIGitize? as in the
Model DMM7510 Reference Manual, DMM7510-901-01 Rev. B, page 6-13, which has the same commands. Of the Model DMM6500
Reference Manual, DMM6500-901-01 Rev. A, April 2018, the command reference was not at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float, parse_string
from luthier.validators import Enum, Ints

from luthier_keithley.dmm6500_functions import (
    AcCurrent,
    AcVoltage,
    DcCurrent,
    DcVoltage,
    FourWireResistance,
    Resistance,
)

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["Dmm6500"]

FUNCTIONS = {
    "DC voltage": "VOLT:DC",
    "AC voltage": "VOLT:AC",
    "DC current": "CURR:DC",
    "AC current": "CURR:AC",
    "resistance": "RES",
    "four-wire resistance": "FRES",
    "frequency": "FREQ:VOLT",
    "period": "PER:VOLT",
    "temperature": "TEMP",
    "capacitance": "CAP",
    "diode": "DIOD",
    "continuity": "CONT",
    "none": "NONE",
}
BUFFER = '"defbuffer1"'


def _stored(buffer: Readings) -> int:
    return buffer.count()


def _indices(buffer: Readings) -> NDArray[np.int64]:
    return np.arange(buffer.count())


def _numbers(host: Channel, count: int, element: str) -> NDArray[np.float64]:
    query = f"TRAC:DATA? 1,{count},{BUFFER},{element}"
    reply = host.query(query) if count else ""
    numbers = np.array([parse_float(field) for field in reply.split(",") if field])
    if len(numbers) != count:
        raise ReplyError(
            f"{query} was answered by {len(numbers)} numbers; expected: {count}",
            command=query,
            reply=f"{len(numbers)} numbers",
            expected=f"{count} numbers",
        )
    return numbers


def _elements(name: str) -> Any:
    return lambda buffer: _numbers(buffer, buffer.count(), name)


class Readings(Channel):
    """The reading buffer that readings go to, ``defbuffer1``."""

    count = parameter(
        int, get_cmd=f"TRAC:ACT? {BUFFER}", snapshot=False, doc="How many readings are in the buffer (TRACe:ACTual?)."
    )
    size = parameter(
        int,
        get_cmd=f"TRAC:POIN? {BUFFER}",
        set_cmd=f"TRAC:POIN {{}},{BUFFER}",
        validator=Ints(10, None),
        depends_on=("count",),
        doc="For how many readings there is room; setting it empties the buffer (TRACe:POINts).",
    )
    index = parameter(
        np.ndarray, get_cmd=_indices, shape=("count",), snapshot=False, doc="Number of each reading, from 0; computed."
    )
    readings = parameter(
        np.ndarray,
        get_cmd=_elements("READ"),
        shape=(_stored,),
        axes=("index",),
        snapshot=False,
        doc="What was measured, in the unit of the function; an overflow is infinite (TRACe:DATA?).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_elements("REL"),
        unit="s",
        shape=(_stored,),
        axes=("index",),
        snapshot=False,
        doc="When they were taken, since the first one (TRACe:DATA?).",
    )

    def __init__(self, parent: Any, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("clear", f"TRAC:CLE {BUFFER}", doc="Empty the buffer (TRACe:CLEar).")


def _digitize(digitizer: Digitizer) -> NDArray[np.float64]:
    count = digitizer.count()
    digitizer.write(f"TRAC:CLE {BUFFER}")
    digitizer.query(f"READ:DIG? {BUFFER},READ")
    return _numbers(digitizer, count, "READ")


def _times(digitizer: Digitizer) -> NDArray[np.float64]:
    rate = digitizer.current_sample_rate if digitizer.function() == "current" else digitizer.voltage_sample_rate
    return np.arange(digitizer.count()) / rate()


def _sample_rate(header: str) -> Declaration[int]:
    return parameter(
        int,
        get_cmd=f"SENS:DIG:{header}:SRAT?",
        set_cmd=f"SENS:DIG:{header}:SRAT {{}}",
        unit="Hz",
        validator=Ints(1000, 1_000_000),
        depends_on=("times",),
        doc="Readings in a second (SENSe:DIGitize:<function>:SRATe).",
    )


def _digitizing_range(header: str, unit: str, *ranges: float) -> Declaration[float]:
    return parameter(
        float,
        get_cmd=f"SENS:DIG:{header}:RANG?",
        set_cmd=f"SENS:DIG:{header}:RANG {{}}",
        unit=unit,
        validator=Enum(*ranges),
        doc="Range; there is no automatic one (SENSe:DIGitize:<function>:RANGe).",
    )


def _waveform(function: str, unit: str) -> Declaration[NDArray[Any]]:
    return parameter(
        np.ndarray,
        get_cmd=_digitize,
        unit=unit,
        shape=("count",),
        axes=("times",),
        relevant_when={"function": function},
        snapshot=False,
        doc="Digitizes, into the emptied buffer. All of it has to come within the timeout (READ:DIGitize?).",
    )


class Digitizer(Channel):
    """Digitizing: fast readings with the time between them fixed.

    Choosing a ``function`` here makes the multimeter's function "none", and the other way round.
    """

    function = parameter(
        str,
        get_cmd="DIG:FUNC?",
        set_cmd='DIG:FUNC "{}"',
        mapping={"voltage": "VOLT", "current": "CURR", "none": "NONE"},
        get_parser=parse_string,
        depends_on=("times",),
        doc='What is digitized; "none" is only answered, while the multimeter measures (DIGitize:FUNCtion).',
    )
    count = parameter(
        int,
        get_cmd="SENS:DIG:COUN?",
        set_cmd="SENS:DIG:COUN {}",
        validator=Ints(1, 1_000_000),
        depends_on=("times",),
        doc="Readings of one go (SENSe:DIGitize:COUNt); this driver reads up to a million.",
    )
    voltage_range = _digitizing_range("VOLT", "V", 0.1, 1.0, 10.0, 100.0, 1000.0)
    voltage_sample_rate = _sample_rate("VOLT")
    current_range = _digitizing_range("CURR", "A", 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0)
    current_sample_rate = _sample_rate("CURR")
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("count",),
        snapshot=False,
        doc="When the readings are taken, since the first one; computed.",
    )
    voltages = _waveform("voltage", "V")
    currents = _waveform("current", "A")


def _reading(unit: str, functions: str | tuple[str, ...] | None, doc: str) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="READ?",
        unit=unit,
        relevant_when=None if functions is None else {"function": functions},
        snapshot=False,
        doc=f"{doc}; an overflow is infinite (READ?).",
    )


class Dmm6500(ScpiInstrument):
    """Keithley DMM6500: a multimeter of 6½ digits that digitizes up to a million readings in a second.

    Manual: Model DMM6500 Reference Manual, DMM6500-901-01 Rev. A, April 2018, whose commands were not at hand.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025), GPIB by an option; replies end with a line feed. The
    command set has to be SCPI, as it is from the factory; not TSP, and not that of the 2000 or 34401A.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Each function keeps its own settings: ``dmm.dc_voltage.range``,
    ``dmm.four_wire_resistance.nplc``. Readings go to ``dmm.buffer`` too. Cards with channels are left out. It sources
    nothing that could do harm, so there is nothing to make safe.

    >>> import luthier
    >>> with luthier.open("keithley.dmm6500", "sim://", name="dmm") as dmm:
    ...     round(dmm.voltage(), 2)
    ...     dmm.digitizer.function("voltage")
    ...     dmm.digitizer.count(4)
    ...     dmm.digitizer.voltages().round(2).tolist()
    1.0
    [1.0, 1.0, 1.0, 1.0]
    """

    simulator = "keithley.dmm6500"

    function = parameter(
        str,
        get_cmd="SENS:FUNC?",
        set_cmd='SENS:FUNC "{}"',
        mapping=FUNCTIONS,
        get_parser=parse_string,
        doc='What is measured; "none" is only answered, while the digitizer has a function; choosing one here ends '
        "that "
        "(SENSe:FUNCtion).",
    )
    sample_count = parameter(
        int,
        get_cmd="SENS:COUN?",
        set_cmd="SENS:COUN {}",
        validator=Ints(1, 1_000_000),
        doc="Readings of one request; the last one is answered, and all of them go to the buffer (SENSe:COUNt).",
    )
    terminals = parameter(
        str,
        get_cmd="ROUT:TERM?",
        mapping={"front": "FRON", "rear": "REAR"},
        get_parser=lambda reply: reply.strip().upper()[:4],
        snapshot=False,
        doc="On which terminals the switch is (ROUTe:TERMinals?).",
    )
    line_frequency = parameter(
        float, get_cmd="SYST:LFR?", unit="Hz", doc="Frequency of the mains (SYSTem:LFRequency?)."
    )
    reading = _reading("", None, "One reading, in the unit of the function")
    voltage = _reading("V", ("DC voltage", "AC voltage", "diode"), "One reading of the voltage")
    current = _reading("A", ("DC current", "AC current"), "One reading of the current")
    resistance = _reading("Ω", ("resistance", "four-wire resistance", "continuity"), "One reading of the resistance")
    frequency = _reading("Hz", "frequency", "One reading of the frequency")
    period = _reading("s", "period", "One reading of the period")
    capacitance = _reading("F", "capacitance", "One reading of the capacitance")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.dc_voltage = DcVoltage(self, "dc_voltage")
        self.ac_voltage = AcVoltage(self, "ac_voltage")
        self.dc_current = DcCurrent(self, "dc_current")
        self.ac_current = AcCurrent(self, "ac_current")
        self.two_wire_resistance = Resistance(self, "two_wire_resistance")
        self.four_wire_resistance = FourWireResistance(self, "four_wire_resistance")
        self.digitizer = Digitizer(self, "digitizer")
        self.buffer = Readings(self, "buffer")
        self.add_function("zero_once", "SENS:AZER:ONCE", doc="Measure zero and reference once (SENSe:AZERo:ONCE).")
