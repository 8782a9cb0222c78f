"""An instrument of which only the standards are known.

Standards: IEEE 488.2-1992, section 10 (common commands), and SCPI-1999, volume 2, sections 21.8 (SYSTem:ERRor) and
21.21 (SYSTem:VERSion).
"""

from __future__ import annotations

from luthier import ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.validators import AnyOf, Ints

__all__ = ["GenericScpi"]

LARGEST_OCTET = 255


class GenericScpi(ScpiInstrument):
    """Any instrument that speaks SCPI, or at least IEEE 488.2, for which there is no driver.

    What all such instruments have is there: who it is (``idn``), its error queue (:meth:`errors`,
    :meth:`check_errors`), its status (:meth:`status_byte`, :meth:`event_status`), :meth:`reset`, and any message at all
    (:meth:`query`, :meth:`write`, :meth:`query_array`). Parameters of one's own can be added, with units and limits.

    Interfaces: all that the transports know.

    Verified with simulated instruments; not yet with hardware.

    **What has no limits here can do harm**: messages are sent as they are given, and there is no :meth:`make_safe`.
    Opening it sends nothing. An instrument that does not know ``SYST:ERR?`` is opened with ``error_policy="never"``;
    with ``error_policy="after-each"`` a mistake in a message of one's own is raised at once.

    >>> import luthier
    >>> from luthier.validators import Numbers
    >>> with luthier.open("scpi.generic", "sim://", name="supply") as supply:
    ...     supply.idn.model
    ...     supply.write("SOUR:VOLT 1.5")
    ...     supply.query("SOUR:VOLT?")
    ...     voltage = supply.add_parameter(
    ...         "voltage", float, get_cmd="SOUR:VOLT?", set_cmd="SOUR:VOLT {}", unit="V", validator=Numbers(0, 5)
    ...     )
    ...     supply.voltage(2.0)
    ...     supply.voltage()
    ...     supply.write("SOUR:VLOT 3")
    ...     [entry.text for entry in supply.errors()]
    'GENERIC'
    '1.5'
    2.0
    ['Undefined header']
    """

    simulator = "scpi.generic"

    event_status_enable = parameter(
        int,
        get_cmd="*ESE?",
        set_cmd="*ESE {}",
        unit="",
        validator=Ints(0, LARGEST_OCTET),
        doc="Bits of the event status that are summed up in bit 5 of the status byte (IEEE 488.2, 10.10).",
    )
    service_request_enable = parameter(
        int,
        get_cmd="*SRE?",
        set_cmd="*SRE {}",
        unit="",
        validator=AnyOf(Ints(0, 63), Ints(128, 191)),
        doc="Bits of the status byte that request service; bit 6 cannot be among them (IEEE 488.2, 10.34).",
    )
    scpi_version = parameter(
        str,
        get_cmd="SYST:VERS?",
        doc="Version of SCPI that it says it complies with, such as 1999.0 (SCPI-1999, 21.21).",
    )

    def self_test(self, timeout: float | None = None) -> int:
        """Ask ``*TST?`` and return its answer: 0 where the test was passed, else what the manual says (10.38).

        It can take minutes; ``timeout`` in seconds, ``None`` takes the connection's own. What state the instrument is
        in afterwards, its manual says. Raises :class:`~luthier.errors.ReplyError` for an answer that is no number.
        """
        with self.monitor:
            kept = self.timeout
            if timeout is not None:
                self.timeout = timeout
            try:
                reply = self.query("*TST?")
            finally:
                if timeout is not None:
                    self.timeout = kept
            self.forget()
        try:
            return int(reply)
        except ValueError as error:
            raise ReplyError(
                f"'*TST?' was answered by {reply!r}; expected: a whole number",
                command="*TST?",
                reply=reply,
                expected="a whole number",
            ) from error

    def trigger(self) -> None:
        """Send ``*TRG``: what waits for the trigger of the bus begins (10.37)."""
        self.write("*TRG")
