"""The Siglent SPD3303X power supplies.

Pages: SPD3303X Quick Start, QS0503X-E01B. Its commands are known from two projects that cite it page by page; the
manual itself was not at hand, but for a page of its syntax.
"""

from __future__ import annotations

from typing import Any

from luthier import Channel, ChannelList, parameter
from luthier.errors import ReplyError
from luthier.validators import Enum, Numbers

from luthier_siglent.pacing import PacedInstrument

__all__ = ["FixedOutput", "Spd3303x", "SupplyOutput"]

LARGEST_VOLTAGE = 32.0
LARGEST_CURRENT = 3.2
FIRST_OUTPUT_BIT = 4
TRACKING_BIT = 2
TRACKING = {"independent": 0, "series": 1, "parallel": 2}
TRACKING_BY_STATUS = {1: "independent", 2: "parallel", 3: "series"}


def _on_or_off(on: bool) -> str:
    return "ON" if on else "OFF"


def _status(host: Channel | Spd3303x) -> int:
    """Ask for the status word, which is hexadecimal (pages 41 and 42)."""
    reply = host.query("SYST:STAT?")
    try:
        return int(reply.strip(), 16)
    except ValueError as error:
        expected = "a hexadecimal number, such as 0x0224"
        raise ReplyError(
            f"'SYST:STAT?' was answered by {reply!r}; expected: {expected}",
            command="SYST:STAT?",
            reply=reply,
            expected=expected,
        ) from error


def _is_on(output: SupplyOutput) -> bool:
    return bool(_status(output) >> (FIRST_OUTPUT_BIT + output.number - 1) & 1)


def _mode(output: SupplyOutput) -> str:
    return "constant current" if _status(output) >> (output.number - 1) & 1 else "constant voltage"


def _tracking(supply: Spd3303x) -> str:
    code = _status(supply) >> TRACKING_BIT & 3
    if code not in TRACKING_BY_STATUS:
        raise ReplyError(
            "'SYST:STAT?' says neither independent nor tracking outputs",
            command="SYST:STAT?",
            reply=f"bits 2 and 3: {code}",
            expected="1, 2 or 3 in bits 2 and 3",
        )
    return TRACKING_BY_STATUS[code]


def _track(supply: Spd3303x, word: str) -> None:
    supply.write(f"OUTP:TRACK {TRACKING[word]}")


def _switch(output: SupplyOutput | FixedOutput, on: bool) -> None:
    output.write(f"OUTP CH{output.number},{_on_or_off(on)}")


class SupplyOutput(Channel):
    """One of the two outputs that can be set; a snapshot is restored in the order of declaration, the output last."""

    current_limit = parameter(
        float,
        get_cmd="CH{number}:CURR?",
        set_cmd="CH{number}:CURR {}",
        unit="A",
        validator=Numbers(0, LARGEST_CURRENT),
        doc="The output holds its voltage up to this current (CURRent, page 39).",
    )
    voltage = parameter(
        float,
        get_cmd="CH{number}:VOLT?",
        set_cmd="CH{number}:VOLT {}",
        unit="V",
        validator=Numbers(0, LARGEST_VOLTAGE),
        doc="Level, at the terminals as soon as the output is on; it stays set when the output is switched off "
        "(VOLTage, page 39).",
    )
    output = parameter(
        bool,
        get_cmd=_is_on,
        set_cmd=_switch,
        doc="Whether the voltage is at the terminals (OUTPut, page 40; read from SYSTem:STATus?, page 42).",
    )
    measured_voltage = parameter(
        float,
        get_cmd="MEAS:VOLT? CH{number}",
        unit="V",
        snapshot=False,
        doc="Voltage at the terminals (MEASure:VOLTage?, page 38).",
    )
    measured_current = parameter(
        float, get_cmd="MEAS:CURR? CH{number}", unit="A", snapshot=False, doc="Current (MEASure:CURRent?, page 38)."
    )
    measured_power = parameter(
        float, get_cmd="MEAS:POWE? CH{number}", unit="W", snapshot=False, doc="Power (MEASure:POWEr?, page 38)."
    )
    mode = parameter(
        str,
        get_cmd=_mode,
        snapshot=False,
        doc='What the output holds: "constant voltage" or "constant current" (SYSTem:STATus?, page 42).',
    )

    def __init__(self, parent: Spd3303x, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.output(False)


class FixedOutput(Channel):
    """The output whose voltage is chosen with a switch on the front: 2.5 V, 3.3 V or 5 V."""

    output = parameter(
        bool,
        get_cmd=False,
        set_cmd=_switch,
        snapshot=False,
        doc="Switches the output; the instrument does not say whether it is on (OUTPut, page 40).",
    )

    def __init__(self, parent: Spd3303x, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number

    def make_safe(self) -> None:
        """Switch the output off."""
        self.output(False)


class Spd3303x(PacedInstrument):
    """Siglent SPD3303X and SPD3303X-E: two outputs of 32 V, 3.2 A, and one of a fixed voltage.

    Manual: SPD3303X Quick Start, QS0503X-E01B, as other projects cite it.

    Interfaces: USB and LAN (VXI-11, and a socket on port 5025); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. The outputs that can be set are ``ch1`` and ``ch2``, or ``outputs[0]``, and together
    ``outputs.voltage.get()``; ``ch3`` can only be switched. :meth:`make_safe` switches all three off. The instrument
    has no ``*RST``. It loses commands that come too soon after another, also such as would switch an output off, so
    that it is left in peace for 0.1 s after each; ``command_interval`` is another time. (One project waits 0.05 s,
    another 0.3 s.)

    >>> import luthier
    >>> with luthier.open("siglent.spd3303x", "sim://", name="psu") as psu:
    ...     psu.ch1.current_limit(0.1)
    ...     psu.ch1.voltage(5)
    ...     psu.ch1.output(True)
    ...     psu.ch1.measured_current(), psu.ch1.mode()
    (0.05, 'constant voltage')
    """

    simulator = "siglent.spd3303x"
    command_interval = 0.1

    tracking = parameter(
        str,
        get_cmd=_tracking,
        set_cmd=_track,
        validator=Enum(*TRACKING),
        doc="Whether the first two outputs are independent, or connected in series or in parallel; then the second "
        "follows the first (OUTPut:TRACK, page 40; read from SYSTem:STATus?, page 42).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.ch1, self.ch2 = (SupplyOutput(self, number) for number in (1, 2))
        self.ch3 = FixedOutput(self, 3)
        self.outputs = ChannelList(self, "outputs", (self.ch1, self.ch2))

    def query(self, command: str) -> str:
        """Send a query and return the reply; entries of the error queue with the comma that Siglent leaves out."""
        reply = super().query(command)
        return ",".join(reply.split(None, 1)) if command == self.error_query and "," not in reply else reply

    def make_safe(self) -> None:
        """Switch all three outputs off; where one fails, the others are switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for output in (self.ch1, self.ch2, self.ch3):
            try:
                output.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} of 3 outputs may still be on", failures)
