"""The Oxford Instruments Mercury iPS superconducting magnet power supply.

The form of messages as in the Operator's Manual, issue 14, March 2016, section 10.3; the names of the signals of a
magnet (FLD, FSET, RFST, SWHT and the others) as known from several drivers of other projects that agree with each
other. The page of the manual with their table was not at hand. That firmware from 2.6 on calls a supply SPSU is known
from the driver of QCoDeS alone.
"""

from __future__ import annotations

import re
from typing import Any, Final

from luthier import parameter
from luthier.errors import InstrumentFaultError, ReplyError, UsageError
from luthier.validators import Numbers

from luthier_oxford_instruments.magnet_ramps import ramp_to
from luthier_oxford_instruments.mercury import MercuryInstrument, on_or_off, puts, quantity, value_of

__all__ = ["MercuryIps"]

ACTIONS: Final = {"HOLD": "holding", "RTOS": "ramping", "RTOZ": "zeroing", "CLMP": "clamped"}
AXES: Final = ("X", "Y", "Z")
NOUNS: Final = ("PSU", "SPSU")
_FIRST_WITH_SPSU: Final = (2, 6)
_CLOSE_CURRENTS: Final = 0.05  # A


def _action(reply: str) -> str:
    value = value_of(reply)
    if value not in ACTIONS:
        expected = ", ".join(ACTIONS)
        raise ReplyError(f"the reply {reply!r} ends in {value!r}; expected: {expected}", reply=reply, expected=expected)
    return ACTIONS[value]


def _set_heater(supply: MercuryIps, on: bool) -> None:
    if on:
        supply.require_matched_currents()
    puts("SIG:SWHT")(supply, on)


class MercuryIps(MercuryInstrument):
    """Oxford Instruments Mercury iPS: ramps the current of one axis of a superconducting magnet.

    Setting ``field_setpoint`` moves nothing, unless it ramps already; :meth:`ramp_to_setpoint` and :meth:`zero` begin
    to ramp at ``ramp_rate`` and return at once, :meth:`ramp_to` waits. Opening the persistent switch is refused while
    the currents on both sides of it differ. :meth:`make_safe` begins to ramp to zero. What field is safe for the magnet
    is set in the instrument; narrow ``field_setpoint`` in the station's file as well.

    Opening it asks nothing and changes nothing. Firmware from 2.6 on calls a supply SPSU instead of PSU: before the
    first message, the firmware is asked for.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Parameters
    ----------
    name, address, options
        As for :class:`MercuryInstrument`.
    axis
        "X", "Y" or "Z": which group of power supplies.
    noun
        "PSU" or "SPSU", what the instrument calls a supply; ``None``: what its firmware says.

    >>> import luthier
    >>> with luthier.open("oxford_instruments.mercury_ips", "sim://", name="magnet") as magnet:
    ...     magnet.field_setpoint(0.5)
    ...     magnet.ramp_to_setpoint()
    ...     magnet.state()
    'ramping'
    """

    simulator = "oxford_instruments.mercury_ips"

    current_ramp_rate = parameter(
        float,
        get_cmd="READ:{place}:SIG:RCST",
        get_parser=quantity("A/m"),
        set_cmd=puts("SIG:RCST"),
        unit="A/min",
        validator=Numbers(0, 1200),
        depends_on=("ramp_rate",),
        doc="How fast the current moves (SIG:RCST); the same as ramp_rate in other units.",
    )
    ramp_rate = parameter(
        float,
        get_cmd="READ:{place}:SIG:RFST",
        get_parser=quantity("T/m"),
        set_cmd=puts("SIG:RFST"),
        unit="T/min",
        validator=Numbers(0, 100),
        depends_on=("current_ramp_rate",),
        doc="How fast the field moves (SIG:RFST).",
    )
    current_setpoint = parameter(
        float,
        get_cmd="READ:{place}:SIG:CSET",
        get_parser=quantity("A"),
        set_cmd=puts("SIG:CSET"),
        unit="A",
        validator=Numbers(-600, 600),
        depends_on=("field_setpoint",),
        doc="Current that is ramped to (SIG:CSET); the same as field_setpoint in other units.",
    )
    field_setpoint = parameter(
        float,
        get_cmd="READ:{place}:SIG:FSET",
        get_parser=quantity("T"),
        set_cmd=puts("SIG:FSET"),
        unit="T",
        validator=Numbers(-30, 30),
        depends_on=("current_setpoint",),
        doc="Field that ramp_to_setpoint() goes to (SIG:FSET); what the limits of the instrument exclude it refuses.",
    )
    persistent_switch_heater = parameter(
        bool,
        get_cmd="READ:{place}:SIG:SWHT",
        get_parser=on_or_off,
        set_cmd=_set_heater,
        doc="Whether the heater of the persistent switch is on, so that the magnet follows the supply. Refused while "
        "the currents of magnet and supply differ; wait until the switch is warm or cold (SIG:SWHT).",
    )

    state = parameter(
        str,
        get_cmd="READ:{place}:ACTN",
        get_parser=_action,
        snapshot=False,
        doc='What it does: "holding", "ramping", "zeroing" or "clamped" (ACTN). It holds when it has ramped.',
    )
    field = parameter(
        float,
        get_cmd="READ:{place}:SIG:FLD",
        get_parser=quantity("T"),
        snapshot=False,
        unit="T",
        doc="Field that the current of the supply makes (SIG:FLD).",
    )
    persistent_field = parameter(
        float,
        get_cmd="READ:{place}:SIG:PFLD",
        get_parser=quantity("T"),
        snapshot=False,
        unit="T",
        doc="Field of the magnet, also where it keeps it by itself (SIG:PFLD).",
    )
    current = parameter(
        float,
        get_cmd="READ:{place}:SIG:CURR",
        get_parser=quantity("A"),
        snapshot=False,
        unit="A",
        doc="Current of the supply (SIG:CURR).",
    )
    persistent_current = parameter(
        float,
        get_cmd="READ:{place}:SIG:PCUR",
        get_parser=quantity("A"),
        snapshot=False,
        unit="A",
        doc="Current of the magnet, also where it keeps it by itself (SIG:PCUR).",
    )
    voltage = parameter(
        float,
        get_cmd="READ:{place}:SIG:VOLT",
        get_parser=quantity("V"),
        snapshot=False,
        unit="V",
        doc="Voltage of the supply (SIG:VOLT).",
    )

    def __init__(
        self, name: str, address: str | None = None, *, axis: str = "Z", noun: str | None = None, **options: Any
    ) -> None:
        if noun is not None and noun not in NOUNS:
            raise UsageError(
                f"noun={noun!r}: allowed are {', '.join(map(repr, NOUNS))}, and None",
                who=name,
                state="Nothing was opened.",
            )
        if axis not in AXES:
            raise UsageError(
                f"axis={axis!r}: allowed are {', '.join(map(repr, AXES))}", who=name, state="Nothing was opened."
            )
        super().__init__(name, address, **options)
        self._group = f"DEV:GRP{axis}"
        self._noun = noun

    @property
    def place(self) -> str:
        """The beginning of all nouns, such as ``DEV:GRPZ:PSU``; may ask for the firmware."""
        if self._noun is None:
            numbers = re.match(r"(\d+)\.(\d+)", self.idn.firmware, re.ASCII)
            newer = numbers is not None and (int(numbers[1]), int(numbers[2])) >= _FIRST_WITH_SPSU
            self._noun = NOUNS[newer]
        return f"{self._group}:{self._noun}"

    def ramp_to_setpoint(self) -> None:
        """Begin to ramp to ``field_setpoint`` at ``ramp_rate``, and return at once (ACTN:RTOS).

        With a persistent switch that is cold, only the supply ramps.

        Raises
        ------
        InstrumentFaultError
            It is clamped, as it is after a fault. Nothing was sent but the question for it.
        """
        with self.monitor:
            if self.state() == "clamped":
                raise InstrumentFaultError(
                    "it is clamped, and does not ramp",
                    who=self.who,
                    state="Nothing was changed.",
                    advice="Look for the cause at the front panel, then call hold().",
                )
            self.put(f"{self.place}:ACTN", "RTOS")

    def hold(self) -> None:
        """Stop where it is (ACTN:HOLD); also what ends "clamped"."""
        self.put(f"{self.place}:ACTN", "HOLD")

    def zero(self) -> None:
        """Begin to ramp to zero at ``ramp_rate``, and return at once (ACTN:RTOZ)."""
        self.put(f"{self.place}:ACTN", "RTOZ")

    def ramp_to(self, field: float, *, timeout: float | None = None) -> None:
        """Ramp to a field in T, and return when it is there; ``timeout`` in seconds, ``None``: as long as it takes.

        Raises :class:`~luthier.errors.InstrumentFaultError` where something stopped it, and
        :class:`~luthier.errors.ResponseTimeoutError` where it is not there yet; it goes on then. When it is interrupted
        (Ctrl-C) the supply is held where it is.
        """
        ramp_to(self, field, timeout=timeout, tolerance=1e-3)

    def require_matched_currents(self) -> None:
        """Raise :class:`~luthier.errors.UsageError` unless supply and magnet have the same current, within 0.05 A."""
        supply, magnet = self.current(), self.persistent_current()
        if not self.persistent_switch_heater() and abs(supply - magnet) > _CLOSE_CURRENTS:
            raise UsageError(
                f"cannot open the persistent switch: the magnet has {magnet:g} A and the supply {supply:g} A, and the "
                "magnet would quench",
                who=self.who,
                state="The heater stays off.",
                advice=f"Ramp the supply to {magnet:g} A first.",
            )

    def make_safe(self) -> None:
        """Begin to ramp to zero; returns at once. A magnet in persistent mode keeps its field, and a clamp stays."""
        with self.monitor:
            if self.state() != "clamped":
                self.zero()
