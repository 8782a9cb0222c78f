"""The voltage source of 24 outputs QDAC-II.

Commands as known from the driver that its maker gave to QCoDeS; the manual was not at hand. Limits that the driver does
not name are left to the instrument, which reports what it refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IrrelevantParameterError, ReplyError
from luthier.scpi import parse_float, parse_list
from luthier.validators import Ints, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Qdac2", "QdacOutput"]

CHANNELS: Final = 24
RANGES: Final = {2.0: "LOW", 10.0: "HIGH"}
CURRENT_RANGES: Final = {200e-9: "LOW", 10e-3: "HIGH"}
FILTERS: Final = {"dc": "DC", "medium": "MED", "high": "HIGH"}
MODES: Final = {"fixed": "FIX", "sweep": "SWE", "list": "LIST"}
SERIAL_SETTINGS: Final[dict[str, object]] = {"baud_rate": 921600}


def _word_of(words: Mapping[Any, str]) -> Callable[[str], str]:
    """Return what reads a word in its short or long form, in small or capital letters."""

    def read(reply: str) -> str:
        given = reply.strip().upper()
        for word in words.values():
            if given.startswith(word):
                return word
        raise ReplyError(
            f"the reply {reply!r} is none of {', '.join(words.values())}",
            command="",
            reply=reply,
            expected=", ".join(words.values()),
        )

    return read


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


class QdacOutput(Channel):
    """One output, which can also measure its current."""

    source_voltage_range = parameter(
        float,
        get_cmd="sour{number}:rang?",
        set_cmd=_set_range,
        get_parser=_word_of(RANGES),
        unit="V",
        mapping=RANGES,
        doc="Range of the voltage: 2 V (low) or 10 V (high), by nominal value. It can be changed only while the "
        "voltage is 0 V.",
    )
    voltage_mode = parameter(
        str,
        get_cmd="sour{number}:volt:mode?",
        set_cmd="sour{number}:volt:mode {}",
        get_parser=_word_of(MODES),
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
        get_parser=_word_of(FILTERS),
        mapping=FILTERS,
        doc="Filter of the output: dc (10 Hz), medium (10 kHz) or high (300 kHz).",
    )
    current_range = parameter(
        float,
        get_cmd="sens{number}:rang?",
        set_cmd="sens{number}:rang {}",
        get_parser=_word_of(CURRENT_RANGES),
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
    simulator and with scripted messages; not yet with hardware. Sweeps, lists, waveforms and triggers are not driven.

    Opening it changes nothing. An output goes to a new voltage at its ``slew_rate``; its range can be changed only
    while it is at 0 V. :meth:`make_safe` stops all generators and brings every output to 0 V.

    >>> import luthier
    >>> with luthier.open("qdevil.qdac2", "sim://", name="qdac") as qdac:
    ...     qdac.ch1.source_voltage_range(2.0)
    ...     qdac.ch1.slew_rate(100.0)
    ...     qdac.ch1.voltage(0.5)
    ...     qdac.ch1.voltage()
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

    def abort(self) -> None:
        """Stop all generators and measurements."""
        self.write("abor")

    def trigger(self) -> None:
        """Start whatever waits for the trigger of the bus (*TRG)."""
        self.write("*trg")

    def make_safe(self) -> None:
        """Stop all generators, and bring every output to 0 V, at its ``slew_rate``."""
        for output in self.outputs:
            output.make_safe()
