"""The voltage source of 24 outputs QDAC-II.

Commands as known from the driver that its maker gave to QCoDeS, and from the simulated instrument that belongs to it;
the manual was not at hand. Limits that neither names are left to the instrument, which reports what it refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from luthier import ChannelList, ScpiInstrument, parameter
from luthier.errors import IrrelevantParameterError, UsageError, ValidationError
from luthier.scpi import ArrayFormat, parse_float, parse_list
from luthier.validators import Ints, Numbers

from luthier_qdevil.generators import INTERNAL_TRIGGERS, GeneratorOutput, trigger_word
from luthier_qdevil.measuring import take_currents, taken_at_once, waiting_currents
from luthier_qdevil.trigger_outputs import TRIGGER_OUTPUTS, TriggerOutput
from luthier_qdevil.words import word_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Qdac2", "QdacOutput"]

CHANNELS: Final = 24
RANGES: Final = {2.0: "LOW", 10.0: "HIGH"}
CURRENT_RANGES: Final = {200e-9: "LOW", 10e-3: "HIGH"}
FILTERS: Final = {"dc": "DC", "medium": "MED", "high": "HIGH"}
TRACE_FORMAT: Final = ArrayFormat("f4", "little")
MODES: Final = {"fixed": "FIX", "sweep": "SWE", "list": "LIST"}
SERIAL_SETTINGS: Final[dict[str, object]] = {"baud_rate": 921600}


def _last(reply: str) -> float:
    return parse_list(reply)[-1]


def _set_range(output: QdacOutput, word: str) -> None:
    # Both: it may be on its way, or something else than the fixed value may make it.
    present = output.last_voltage.get() or parse_float(output.query(f"sour{output.number}:volt?"))
    if present:
        raise IrrelevantParameterError(
            f"cannot change the range: the output is at {present:g} V, and might jump",
            who=output.full_name,
            state="Nothing was sent.",
            advice=f"Bring {output.full_name}.voltage to 0 first.",
            condition="voltage is 0 V",
        )
    output.root.write(f"sour{output.number}:rang {word}")


def _largest(output: QdacOutput) -> float:
    return output.source_voltage_range.known_or_read()


class QdacOutput(GeneratorOutput):
    """One output, which can also measure its current.

    ``voltage`` is the fixed DC voltage; sweeps, lists and waveforms are those of :class:`GeneratorOutput`.
    """

    source_voltage_range = parameter(
        float,
        get_cmd="sour{number}:rang?",
        set_cmd=_set_range,
        get_parser=word_of(RANGES),
        unit="V",
        mapping=RANGES,
        doc="Range of the voltage: 2 V (low) or 10 V (high), by nominal value. It can be changed only while the "
        "voltage is 0 V.",
    )
    voltage_mode = parameter(
        str,
        get_cmd="sour{number}:volt:mode?",
        set_cmd="sour{number}:volt:mode {}",
        get_parser=word_of(MODES),
        mapping=MODES,
        doc="What makes the DC voltage: a fixed value, a sweep or a list. The output goes to 'voltage' when it "
        "becomes fixed.",
    )
    voltage = parameter(
        float,
        get_cmd="sour{number}:volt?",
        set_cmd="sour{number}:volt {}",
        unit="V",
        validator=Numbers(-10.0, 10.0),
        minimum=lambda output: -_largest(output),
        maximum=_largest,
        depends_on=("source_voltage_range", "voltage_mode"),
        relevant_when={"voltage_mode": "fixed"},
        doc="Fixed DC voltage, to which the output goes at slew_rate.",
    )
    last_voltage = parameter(
        float,
        get_cmd="sour{number}:volt:last?",
        unit="V",
        snapshot=False,
        doc="DC voltage that was put out last, whatever made it.",
    )
    slew_rate = parameter(
        float,
        get_cmd="sour{number}:volt:slew?",
        set_cmd="sour{number}:volt:slew {}",
        unit="V/s",
        validator=Numbers(1e-2, 2e7),
        doc="How fast the voltage moves. The limits are the driver's own; where the instrument's are narrower, it "
        "reports an error.",
    )
    low_pass_filter = parameter(
        str,
        get_cmd="sour{number}:filt?",
        set_cmd="sour{number}:filt {}",
        get_parser=word_of(FILTERS),
        mapping=FILTERS,
        doc="Filter of the output: dc (10 Hz), medium (10 kHz) or high (300 kHz).",
    )
    current_range = parameter(
        float,
        get_cmd="sens{number}:rang?",
        set_cmd="sens{number}:rang {}",
        get_parser=word_of(CURRENT_RANGES),
        unit="A",
        mapping=CURRENT_RANGES,
        doc="Range of the current that is measured: 200 nA (low) or 10 mA (high), by nominal value.",
    )
    nplc = parameter(
        int,
        get_cmd="sens{number}:nplc?",
        set_cmd="sens{number}:nplc {}",
        unit="",
        validator=Ints(1, 1000),
        doc="Integration time of the current in periods of the mains. The upper limit is the driver's own.",
    )
    measurement_delay = parameter(
        float,
        get_cmd="sens{number}:del?",
        set_cmd="sens{number}:del {}",
        unit="s",
        validator=Numbers(0, 3600),
        doc="Time between trigger and measuring. The upper limit is the driver's own.",
    )
    sample_count = parameter(
        int,
        get_cmd="sens{number}:coun?",
        set_cmd="sens{number}:coun {}",
        unit="",
        validator=Ints(1, 1000000),
        doc="Readings of one start. The upper limit is the driver's own.",
    )
    samples_available = parameter(
        int,
        get_cmd="sens{number}:data:poin?",
        unit="",
        snapshot=False,
        doc="Currents that were measured and not taken yet.",
    )
    sample = parameter(
        np.ndarray,
        get_cmd=lambda output: np.arange(output.samples_available.get(), dtype=np.float64),
        unit="",
        shape=("samples_available",),
        snapshot=False,
        doc="Number of each of them, from 0; computed.",
    )
    currents = parameter(
        np.ndarray,
        get_cmd=waiting_currents,
        unit="A",
        shape=("samples_available",),
        axes=("sample",),
        snapshot=False,
        doc="Currents that were measured and not taken yet; they stay. measure_currents() and arm_measurement() "
        "measure.",
    )
    measured_current = parameter(
        float,
        get_cmd="read{number}?",
        get_parser=_last,
        unit="A",
        snapshot=False,
        doc="Current of one measurement, begun at once; the last, where the instrument takes several.",
    )

    def __init__(self, parent: Qdac2, name: str, number: int) -> None:
        self.number = number
        super().__init__(parent, name)

    def largest_voltage(self) -> float:
        """Return the largest voltage of the present range, in V."""
        return _largest(self)

    def arm_measurement(self, trigger: str) -> None:
        """Let a trigger start ``sample_count`` readings, each time that it comes; "bus" once.

        `trigger` as for :meth:`set_up_sweep`; a step of a sweep, say, by ``mark("dc", "step start", 1)`` and
        "internal 1". The readings are taken by :meth:`take_currents`.
        """
        word = trigger_word(trigger, self.full_name)
        with self.monitor:
            self.root.write(f"sens{self.number}:trig:sour {word}")
            self.root.write(f"sens{self.number}:{'init' if word == 'bus' else 'init:cont on'}")

    def measure_currents(self) -> NDArray[np.float64]:
        """Measure ``sample_count`` currents, one after the other, begun at once, and return them, in A.

        What was measured before and not taken is thrown away. ``currents`` is empty afterwards.

        Raises
        ------
        ResponseTimeoutError
            It takes more than twice as long as ``nplc`` and ``measurement_delay`` say. The measurement is stopped.
        """
        return taken_at_once(self)

    def take_currents(self) -> NDArray[np.float64]:
        """Take off the instrument all currents that it has measured, in A; an empty array: none yet."""
        return take_currents(self)

    def abort_measurement(self) -> None:
        """Stop measuring; no trigger starts it any more."""
        with self.monitor:
            self.root.write(f"sens{self.number}:init:cont off")
            self.root.write(f"sens{self.number}:abor")

    def abort(self) -> None:
        """Stop all generators of this output: DC sweeps and lists, and waveforms."""
        self.root.write(f"sour{self.number}:all:abor")

    def make_safe(self) -> None:
        """Stop the generators of this output, and bring it to 0 V, at :attr:`slew_rate`."""
        self.abort()
        # First the value, then the mode: the other way round it would go to the old value.
        self.root.write(f"sour{self.number}:volt 0")
        self.voltage_mode("fixed")
        self.voltage.cache.invalidate()


class Qdac2(ScpiInstrument):
    """QDevil QDAC-II: 24 voltage sources of ±10 V, each with a current meter.

    Interfaces: LAN (a socket on port 5025) and USB, which is a serial line (921600 baud, used unless
    ``transport_options`` says otherwise).

    The manual was not at hand; commands are as known from the driver that its maker gave to QCoDeS. Verified with the
    simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Sweeps, lists and waveforms are set up on an output, and begin by a trigger. An output
    goes to a new voltage at its ``slew_rate``; its range can be changed only
    while it is at 0 V. :meth:`make_safe` stops all generators and brings every output to 0 V.

    >>> import luthier
    >>> with luthier.open("qdevil.qdac2", "sim://", name="qdac") as qdac:
    ...     qdac.ch1.source_voltage_range(2.0)
    ...     qdac.ch1.slew_rate(100.0)
    ...     qdac.ch1.voltage(0.5)
    ...     print(qdac.ch1.voltage())
    ...     qdac.ch2.set_up_sweep(0, 1, 11, dwell=0.01)
    ...     qdac.ch3.set_up_waveform("sine", frequency=50, amplitude=0.1)
    ...     qdac.trigger()
    0.5
    """

    simulator = "qdevil.qdac2"

    mac_address = parameter(
        str,
        get_cmd="syst:comm:lan:mac?",
        get_parser=lambda reply: reply.strip().strip('"'),
        doc="Address of its network interface, twelve digits.",
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(address, str) and address.upper().startswith("ASRL"):
            transport_options = {**SERIAL_SETTINGS, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)
        self.outputs = ChannelList(
            self, "outputs", [QdacOutput(self, f"ch{number}", number) for number in range(1, CHANNELS + 1)]
        )
        triggers = [TriggerOutput(self, f"trigger{number}", number) for number in range(1, TRIGGER_OUTPUTS + 1)]
        self.trigger_outputs = ChannelList(self, "trigger_outputs", triggers)

    def abort(self) -> None:
        """Stop all generators and measurements."""
        self.write("abor")

    def trigger(self) -> None:
        """Start whatever waits for the trigger of the bus (*TRG)."""
        self.write("*trg")

    def fire(self, number: int) -> None:
        """Fire an internal trigger, 1 to 14."""
        if number not in range(1, INTERNAL_TRIGGERS + 1):
            raise UsageError(
                f"there is no internal trigger {number!r}: allowed are 1 to {INTERNAL_TRIGGERS}",
                who=self.who,
                state="Nothing was sent.",
            )
        self.write(f"tint {number}")

    def store_trace(self, name: str, voltages: Sequence[float] | NDArray[np.float64]) -> None:
        """Store a trace for :meth:`QdacOutput.set_up_arbitrary`: voltages in V.

        They are sent as numbers of 32 bits, of which seven digits are kept.

        Raises
        ------
        ValidationError
            A voltage is beyond 10 V, or there is none. Nothing was sent.
        InstrumentReportedError
            There is no more room, or there is a trace of that name and another size: say :meth:`remove_traces`.
        """
        values = np.asarray(voltages, dtype=np.float64).ravel()
        if not values.size or not np.all(np.abs(values) <= max(RANGES)) or '"' in name:
            raise ValidationError(
                f"cannot store {values.size} voltages as {name!r}: allowed are 1 and more from -10 V to 10 V, and a "
                "name without quotes",
                who=self.who,
                state="Nothing was sent.",
                value=name,
                allowed="voltages from -10 V to 10 V",
            )
        with self.monitor:
            self.write(f'trac:def "{name}",{values.size}')
            self.write_array(f'trac:data "{name}",', values.astype(np.float32), TRACE_FORMAT)
            if self.confirm_set is not None:
                self.confirm_set("trac:data")

    def trace_names(self) -> list[str]:
        """Ask for the names of the traces that are stored."""
        reply = self.query("trac:cat?")
        return [name.strip().strip('"') for name in reply.split(",") if name.strip()]

    def remove_traces(self) -> None:
        """Remove all traces."""
        self.write("trac:rem:all")

    def make_safe(self) -> None:
        """Stop all generators, and bring every output to 0 V, at its ``slew_rate``."""
        for output in self.outputs:
            output.make_safe()
