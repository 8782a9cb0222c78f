"""The American Magnetics Model 430 power supply programmer.

Commands: the manual of the power supply systems with the Model 430, Rev. 5, November 2011, section 4 (of the remote
interface reference the pages on ramping states, switch heater and quench were at hand); the others as known from three
drivers of other projects that agree with each other: QCoDeS, PyMeasure and qudi.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from luthier import ScpiInstrument, parameter
from luthier.errors import InstrumentFaultError, OutOfStepError, ReplyError, ResponseTimeoutError, UsageError
from luthier.scpi import format_float, parse_float, parse_int
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STATES", "Ami430"]

STATES: Final = {
    "ramping": 1,
    "holding": 2,
    "paused": 3,
    "manual up": 4,
    "manual down": 5,
    "zeroing": 6,
    "quench": 7,
    "at zero": 8,
    "heating switch": 9,
    "cooling switch": 10,
}
"""What ``STATE?`` answers (table 4-5)."""

_GREETING: Final = ("American Magnetics", "Hello")
_TESLA: Final = {0: 0.1, 1: 1.0}  # of FIELD:UNITS?: kilogauss, tesla
_PER_MINUTE: Final = {0: 60.0, 1: 1.0}  # of RAMP:RATE:UNITS?: per second, per minute
_POLL: Final = 0.1  # s
_CLOSE_CURRENTS: Final = 0.05  # A; less than what any supply resolves on its display


def _tesla(supply: Ami430) -> float:
    """Ask what one unit of fields is, in T: somebody may have changed it at the front panel."""
    return _unit(supply, "FIELD:UNITS?", _TESLA)


def _per_minute(supply: Ami430) -> float:
    return _unit(supply, "RAMP:RATE:UNITS?", _PER_MINUTE)


def _unit(supply: Ami430, question: str, units: dict[int, float]) -> float:
    reply = supply.query(question)
    number = parse_int(reply)
    if number not in units:
        raise ReplyError(
            f"{question!r} was answered by {reply!r}; expected: 0 or 1",
            command=question,
            reply=reply,
            expected="0 or 1",
        )
    return units[number]


def _get_field(question: str) -> Any:
    def get(supply: Ami430) -> float:
        return _scaled(parse_float(supply.query(question)), _tesla(supply))

    return get


def _scaled(number: float, factor: float) -> float:
    """Multiply as decimals are: 1.1 kG is 0.11 T, not 0.11000000000000001 T."""
    return number if factor == 1 else float(f"{number * factor:.15g}")


def _set_setpoint(supply: Ami430, field: float) -> None:
    supply.write(f"CONF:FIELD:TARG {format_float(_scaled(field, 1 / _tesla(supply)))}")


def _rate_and_bound(supply: Ami430) -> tuple[float, float]:
    question = "RAMP:RATE:FIELD:1?"
    reply = supply.query(question)
    parts = reply.split(",")
    if len(parts) != 2:  # noqa: PLR2004 - a rate and a bound
        raise ReplyError(
            f"{question!r} was answered by {reply!r}; expected: a rate and the field up to which it counts",
            command=question,
            reply=reply,
            expected="two numbers",
        )
    return parse_float(parts[0]), parse_float(parts[1])


def _get_rate(supply: Ami430) -> float:
    rate, _ = _rate_and_bound(supply)
    return _scaled(rate, _tesla(supply) * _per_minute(supply))


def _set_rate(supply: Ami430, rate: float) -> None:
    _, bound = _rate_and_bound(supply)
    own = _scaled(rate, 1 / (_tesla(supply) * _per_minute(supply)))
    supply.write(f"CONF:RAMP:RATE:FIELD 1,{format_float(own)},{format_float(bound)}")


def _largest_field(supply: Ami430) -> float:
    """Return what the current limit gives, in T."""
    return supply.coil_constant.known_or_read() * supply.current_limit.known_or_read()


def _set_heater(supply: Ami430, on: bool) -> None:
    if on:
        supply.require_matched_currents()
    supply.write(f"PS {on:d}")


class Ami430(ScpiInstrument):
    """American Magnetics Model 430: ramps the current of a superconducting magnet.

    Fields are in T and rates in T/min, whatever the units of the front panel: these are asked for with each exchange
    and never changed, because a field in the wrong unit would be ten times the one that was meant.

    Setting ``field_setpoint`` moves nothing, unless the supply holds the last one; :meth:`ramp_to_setpoint` and
    :meth:`zero` begin to ramp at ``ramp_rate`` and return at once, :meth:`ramp_to` waits. A setpoint beyond what
    ``current_limit`` allows is refused, so is ramping after a quench, and so is opening the persistent switch while the
    currents on both sides of it differ. :meth:`make_safe` begins to ramp to zero.

    Interfaces: LAN, a socket on port 7180 (what it greets with is skipped), and a serial line. Replies end with a
    carriage return and a line feed.

    Opening it asks who it is, and changes nothing.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("american_magnetics.ami430", "sim://", name="magnet") as magnet:
    ...     magnet.field_setpoint(0.5)
    ...     magnet.ramp_to_setpoint()
    ...     magnet.state()
    'ramping'
    """

    simulator = "american_magnetics.ami430"
    read_termination = "\r\n"

    # Limits first: a snapshot is restored in the order of declaration.

    coil_constant = parameter(
        float,
        get_cmd=_get_field("COIL?"),
        unit="T/A",
        doc="Field for each ampere, as set at the front panel (COIL?).",
    )
    current_limit = parameter(
        float,
        get_cmd="CURR:LIM?",
        set_cmd="CONF:CURR:LIM {}",
        unit="A",
        validator=Numbers(0, 1000),
        doc="Largest current, in both directions; only lower it unless you know the magnet (CURRent:LIMit).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="VOLT:LIM?",
        set_cmd="CONF:VOLT:LIM {}",
        unit="V",
        validator=Numbers(0.001, 20),
        doc="Largest voltage of the supply while it ramps (VOLTage:LIMit).",
    )
    ramp_segments = parameter(
        int,
        get_cmd="RAMP:RATE:SEG?",
        doc="Into how many ranges of field, with rates of their own, a ramp is divided (RAMP:RATE:SEGments?).",
    )
    ramp_rate = parameter(
        float,
        get_cmd=_get_rate,
        set_cmd=_set_rate,
        unit="T/min",
        validator=Numbers(1e-5, 100),
        doc="How fast the field moves, in the first segment: with one segment, everywhere. The field up to which the "
        "segment goes stays as it is (RAMP:RATE:FIELD).",
    )
    field_setpoint = parameter(
        float,
        get_cmd=_get_field("FIELD:TARG?"),
        set_cmd=_set_setpoint,
        unit="T",
        validator=Numbers(None, None),
        minimum=lambda supply: -_largest_field(supply),
        maximum=_largest_field,
        depends_on=("coil_constant", "current_limit"),
        doc="Field that ramp_to_setpoint() goes to, at most coil_constant times current_limit; a supply that ramps or "
        "holds goes on to the new one (FIELD:TARGet).",
    )
    persistent_switch_heater = parameter(
        bool,
        get_cmd="PS?",
        set_cmd=_set_heater,
        relevant_when={"persistent_switch_installed": True},
        doc="Whether the heater of the persistent switch is on, so that the magnet follows the supply. Refused while "
        "the currents of magnet and supply differ. Wait until state is neither 'heating switch' nor 'cooling switch' "
        "(PSwitch, section 4.5.7).",
    )

    # Readings

    persistent_switch_installed = parameter(
        bool, get_cmd="PS:INST?", snapshot=False, doc="Whether the magnet has a persistent switch (PSwitch:INSTalled?)."
    )
    persistent = parameter(
        bool,
        get_cmd="PERS?",
        snapshot=False,
        doc="Whether the magnet keeps its field by itself (PERSistent?, section 4.5.7).",
    )
    state = parameter(
        str, get_cmd="STATE?", mapping=STATES, snapshot=False, doc="What the supply is doing (STATE?, table 4-5)."
    )
    field = parameter(
        float,
        get_cmd=_get_field("FIELD:MAG?"),
        unit="T",
        snapshot=False,
        doc="Field of the magnet, from its current; in persistent mode that of when it was entered (FIELD:MAGnet?).",
    )
    current = parameter(
        float,
        get_cmd="CURR:MAG?",
        unit="A",
        snapshot=False,
        doc="Current of the magnet; in persistent mode that of when it was entered (CURRent:MAGnet?).",
    )
    supply_current = parameter(
        float, get_cmd="CURR:SUPP?", unit="A", snapshot=False, doc="Current of the supply (CURRent:SUPPly?)."
    )
    magnet_voltage = parameter(
        float, get_cmd="VOLT:MAG?", unit="V", snapshot=False, doc="Voltage at the magnet (VOLTage:MAGnet?)."
    )
    supply_voltage = parameter(
        float, get_cmd="VOLT:SUPP?", unit="V", snapshot=False, doc="Voltage of the supply (VOLTage:SUPPly?)."
    )
    quenched = parameter(
        bool,
        get_cmd="QU?",
        snapshot=False,
        doc="Whether a quench was detected and not cleared (QUench?, section 4.5.8).",
    )
    quench_count = parameter(
        int, get_cmd="QU:COUNT?", snapshot=False, doc="How many quenches were recorded (QUench:COUNT?)."
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(address, str) and address.upper().endswith("::SOCKET"):
            # A connection that is opened anew after a timeout would be greeted again, in the middle of a ramp.
            transport_options = {"after_timeout": "wait", **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)
        self.add_function("hold", "PAUSE", doc="Stop where it is; ramp_to_setpoint() goes on (PAUSE).")
        self.add_function(
            "clear_quench",
            "QU 0",
            doc="Allow ramping again after a quench; look for its cause first (QUench, section 4.5.8).",
        )
        if address is not None:
            self._identity = self.identify()

    def identify(self) -> Any:
        """Ask ``*IDN?``, and skip the lines that a socket greets with."""
        with self.monitor:
            reply = self._first_reply()
            while reply.startswith(_GREETING):
                reply = self._transport.read().decode("latin-1")
        from luthier.scpi import parse_identity  # noqa: PLC0415 - as the core does, asked once

        return parse_identity(reply)

    def _first_reply(self) -> str:
        try:
            return self.query("*IDN?")
        except OutOfStepError:  # the greeting came before the question; it was thrown away, and nothing was sent
            return self.query("*IDN?")

    def ramp_to_setpoint(self) -> None:
        """Begin to ramp to ``field_setpoint`` at ``ramp_rate``, and return at once (RAMP).

        With a persistent switch that is cold, only the supply ramps.

        Raises
        ------
        InstrumentFaultError
            A quench was detected and not cleared. Nothing was sent but the question for it.
        """
        with self.monitor:
            self._require_no_quench()
            self.write("RAMP")
            self._confirm_set("RAMP")

    def zero(self) -> None:
        """Begin to ramp to zero at ``ramp_rate``, and return at once (ZERO)."""
        with self.monitor:
            self.write("ZERO")
            self._confirm_set("ZERO")

    def ramp_to(self, field: float, *, timeout: float | None = None) -> None:
        """Ramp to a field, and return when it is there.

        Parameters
        ----------
        field
            In T.
        timeout
            Seconds to wait; ``None``: as long as it takes.

        Raises
        ------
        ValidationError
            The field is beyond what the current limit allows. Nothing was sent.
        InstrumentFaultError
            There was a quench, before or on the way, or something else stopped the ramp.
        ResponseTimeoutError
            It is not there yet; it goes on.

        Notes
        -----
        When it is interrupted (Ctrl-C) the magnet is held where it is. Other threads can read while it waits.
        """
        self.field_setpoint(field)
        start = self.field()
        self.ramp_to_setpoint()
        give_up = None if timeout is None else time.monotonic() + timeout
        try:
            while (state := self.state()) == "ramping":
                self._report(start, field)
                if give_up is not None and time.monotonic() > give_up:
                    raise ResponseTimeoutError(
                        f"{field:g} T is not reached after {timeout:g} s; now {self.field():g} T",
                        who=self.who,
                        state="It goes on ramping.",
                        advice="Call hold() to stop it, or wait until state is 'holding'.",
                    )
                time.sleep(_POLL)
        except KeyboardInterrupt:
            self.write("PAUSE")
            raise
        if state != "holding":
            raise InstrumentFaultError(
                f"the ramp to {field:g} T ended as {state!r} at {self.field():g} T",
                who=self.who,
                state=f"The magnet is {state}.",
                advice="Look for the cause of the quench."
                if state == "quench"
                else "Somebody else may have stopped it.",
            )

    def _report(self, start: float, target: float) -> None:
        if target != start:
            now = self.field()
            done = min(1.0, max(0.0, (now - start) / (target - start)))
            self.report_progress(done, f"ramping, {now:.4g} T of {target:g} T")

    def _require_no_quench(self) -> None:
        if self.quenched():
            raise InstrumentFaultError(
                "a quench was detected, and it does not ramp until that is cleared",
                who=self.who,
                state="Nothing was changed.",
                advice="Look for its cause, then call clear_quench().",
            )

    def require_matched_currents(self) -> None:
        """Raise :class:`~luthier.errors.UsageError` unless magnet and supply have the same current, within 0.05 A."""
        magnet, supply = self.current(), self.supply_current()
        if abs(magnet - supply) > _CLOSE_CURRENTS:
            raise UsageError(
                f"cannot open the persistent switch: the magnet has {magnet:g} A and the supply {supply:g} A, and the "
                "magnet would quench",
                who=self.who,
                state="The heater stays off.",
                advice=f"Ramp the supply to {magnet:g} A first.",
            )

    def make_safe(self) -> None:
        """Begin to ramp to zero, at ``ramp_rate``; returns at once. A magnet in persistent mode keeps its field."""
        self.zero()
