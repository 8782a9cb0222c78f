"""The Oxford Instruments IPS120-10 superconducting magnet power supply.

Commands as known from the driver of QuTech for QCoDeS and from two other drivers that agree with it; the Operator's
Handbook (revision 12, June 2006) was not readable at hand. What the letters mean is also in the legacy commands of the
Mercury iPS Operator's Manual, issue 14, section 10.4.
"""

from __future__ import annotations

from typing import Final

from luthier import parameter
from luthier.errors import InstrumentFaultError, ReplyError, UsageError
from luthier.validators import Numbers

from luthier_oxford_instruments.isobus import LetterInstrument, digit, digit_of, sends, status_of, variable
from luthier_oxford_instruments.magnet_ramps import ramp_to

__all__ = ["Ips120"]

FAULTS: Final = {1: "quench", 2: "overheated", 3: "warming up", 4: "fault"}  # m of Xmn
ACTIVITIES: Final = {0: "holding", 1: "ramping", 2: "zeroing", 4: "clamped"}  # of An
AT_REST: Final = {"ramping": "holding", "zeroing": "at zero"}  # where n of Mmn says that it does not sweep
HEATER_ON: Final = (1, 5)  # of Hn; 5: on, and the current of the heater is low
HEATER_OFF: Final = (0, 2)
LIMITS: Final = ("none", "positive voltage", "negative voltage", "negative current", "positive current")
NO_SWITCH: Final = 8
_CLOSE_CURRENTS: Final = 0.05  # A


def _state(supply: Ips120) -> str:
    status = status_of(supply)
    if fault := digit(status, "X"):
        return FAULTS.get(fault, "fault")
    activity = ACTIVITIES.get(digit(status, "A"), "clamped")
    return AT_REST.get(activity, activity) if digit(status, "M", 1) == 0 else activity


def _limited_by(supply: Ips120) -> str:
    status = status_of(supply)
    limit = digit(status, "X", 1)
    if limit >= len(LIMITS):
        raise ReplyError(
            f"'X' was answered by {status!r}; expected: 0 to 4 as the second digit",
            command="X",
            reply=status,
            expected="0 to 4",
        )
    return LIMITS[limit]


def _has_switch(supply: Ips120) -> bool:
    return digit_of(supply, "H") != NO_SWITCH


def _set_heater(supply: Ips120, on: bool) -> None:
    if on:
        supply.require_matched_currents()
    supply.command(f"H{on:d}")


class Ips120(LetterInstrument):
    """Oxford Instruments IPS120-10: ramps the current of a superconducting magnet, up to 120 A.

    It can be read at any time; settings are refused until ``control("remote unlocked")``. Setting ``field_setpoint``
    moves nothing, unless it ramps already; :meth:`ramp_to_setpoint` and :meth:`zero` begin to ramp at ``ramp_rate`` and
    return at once, :meth:`ramp_to` waits. Ramping is refused after a quench, and so is opening the persistent
    switch while the currents on both sides of it differ. :meth:`make_safe` begins to ramp to zero. What field is safe
    for the magnet is set in the instrument; narrow ``field_setpoint`` in the station's file as well.

    Interfaces: GPIB, and RS-232 or ISOBUS (9600 baud, two stop bits, used unless ``transport_options`` says otherwise).
    Replies end with a carriage return.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("oxford_instruments.ips120", "sim://", name="magnet") as magnet:
    ...     magnet.control("remote unlocked")
    ...     magnet.field_setpoint(0.5)
    ...     magnet.ramp_to_setpoint()
    ...     magnet.state()
    'ramping'
    """

    simulator = "oxford_instruments.ips120"

    current_ramp_rate = parameter(
        float,
        get_cmd="{prefix}R6",
        get_parser=variable,
        set_cmd=sends("S"),
        unit="A/min",
        validator=Numbers(0, 1200),
        depends_on=("ramp_rate",),
        doc="How fast the current moves (S, R6); the same as ramp_rate in other units.",
    )
    ramp_rate = parameter(
        float,
        get_cmd="{prefix}R9",
        get_parser=variable,
        set_cmd=sends("T"),
        unit="T/min",
        validator=Numbers(0, 100),
        depends_on=("current_ramp_rate",),
        doc="How fast the field moves (T, R9). The instrument limits it where the current does not allow that much.",
    )
    current_setpoint = parameter(
        float,
        get_cmd="{prefix}R5",
        get_parser=variable,
        set_cmd=sends("I"),
        unit="A",
        validator=Numbers(-120, 120),
        minimum="lowest_current",
        maximum="highest_current",
        depends_on=("field_setpoint",),
        doc="Current that is ramped to (I, R5); the same as field_setpoint in other units.",
    )
    field_setpoint = parameter(
        float,
        get_cmd="{prefix}R8",
        get_parser=variable,
        set_cmd=sends("J"),
        unit="T",
        validator=Numbers(-30, 30),
        depends_on=("current_setpoint",),
        doc="Field that ramp_to_setpoint() goes to (J, R8); what the limits of the instrument exclude it refuses.",
    )
    persistent_switch_heater = parameter(
        bool,
        get_cmd=lambda supply: digit_of(supply, "H") in HEATER_ON,
        set_cmd=_set_heater,
        relevant_when={"persistent_switch_installed": True},
        doc="Whether the heater of the persistent switch is on, so that the magnet follows the supply. Refused while "
        "the currents of magnet and supply differ; wait until the switch has become warm or cold (H0, H1).",
    )

    persistent_switch_installed = parameter(
        bool, get_cmd=_has_switch, snapshot=False, doc="Whether a persistent switch is fitted (X, behind H)."
    )
    state = parameter(
        str,
        get_cmd=_state,
        snapshot=False,
        doc='What it does: "ramping", "holding", "zeroing", "at zero", "clamped", or "quench", "overheated", '
        '"warming up", "fault" (X).',
    )
    limited_by = parameter(
        str,
        get_cmd=_limited_by,
        snapshot=False,
        doc='What limits it at present: "none", "positive voltage", "negative voltage", "positive current" or '
        '"negative current" (X).',
    )
    field = parameter(
        float,
        get_cmd="{prefix}R7",
        get_parser=variable,
        unit="T",
        snapshot=False,
        doc="Field that the current of the supply makes (R7).",
    )
    current = parameter(
        float, get_cmd="{prefix}R0", get_parser=variable, unit="A", snapshot=False, doc="Current of the supply (R0)."
    )
    measured_current = parameter(
        float,
        get_cmd="{prefix}R2",
        get_parser=variable,
        unit="A",
        snapshot=False,
        doc="Current of the magnet as it is measured (R2).",
    )
    voltage = parameter(
        float, get_cmd="{prefix}R1", get_parser=variable, unit="V", snapshot=False, doc="Voltage of the supply (R1)."
    )
    persistent_field = parameter(
        float,
        get_cmd="{prefix}R18",
        get_parser=variable,
        unit="T",
        snapshot=False,
        doc="Field that the magnet keeps by itself (R18).",
    )
    persistent_current = parameter(
        float,
        get_cmd="{prefix}R16",
        get_parser=variable,
        unit="A",
        snapshot=False,
        doc="Current that the magnet keeps by itself (R16).",
    )
    trip_field = parameter(
        float,
        get_cmd="{prefix}R19",
        get_parser=variable,
        unit="T",
        snapshot=False,
        doc="Field of the last quench (R19).",
    )
    trip_current = parameter(
        float,
        get_cmd="{prefix}R17",
        get_parser=variable,
        unit="A",
        snapshot=False,
        doc="Current of the last quench (R17).",
    )
    voltage_limit = parameter(
        float, get_cmd="{prefix}R15", get_parser=variable, unit="V", doc="Largest voltage while it ramps (R15)."
    )
    lowest_current = parameter(
        float, get_cmd="{prefix}R21", get_parser=variable, unit="A", doc="The most negative current allowed (R21)."
    )
    highest_current = parameter(
        float, get_cmd="{prefix}R22", get_parser=variable, unit="A", doc="The most positive current allowed (R22)."
    )
    heater_current = parameter(
        float,
        get_cmd="{prefix}R20",
        get_parser=variable,
        scale=1000,
        unit="A",
        doc="Current of the heater of the switch (R20).",
    )
    lead_resistance = parameter(
        float,
        get_cmd="{prefix}R23",
        get_parser=variable,
        scale=1000,
        unit="Ω",
        snapshot=False,
        doc="Resistance of the leads (R23).",
    )
    inductance = parameter(
        float, get_cmd="{prefix}R24", get_parser=variable, unit="H", doc="Inductance of the magnet (R24)."
    )

    def ramp_to_setpoint(self) -> None:
        """Begin to ramp to ``field_setpoint`` at ``ramp_rate``, and return at once (A1).

        With a persistent switch that is cold, only the supply ramps.

        Raises
        ------
        InstrumentFaultError
            There was a quench or another fault. Nothing was sent but the question for it.
        InstrumentReportedError
            It is in local control.
        """
        with self.monitor:
            if fault := digit_of(self, "X"):
                raise InstrumentFaultError(
                    f"it does not ramp: {FAULTS.get(fault, 'fault')}",
                    who=self.who,
                    state="Nothing was changed.",
                    advice="Look for the cause, and clear it at the front panel.",
                )
            self.command("A1")

    def hold(self) -> None:
        """Stop where it is (A0); also what ends "clamped"."""
        self.command("A0")

    def zero(self) -> None:
        """Begin to ramp to zero at ``ramp_rate``, and return at once (A2)."""
        self.command("A2")

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
        if digit_of(self, "H") in HEATER_OFF and abs(supply - magnet) > _CLOSE_CURRENTS:
            raise UsageError(
                f"cannot open the persistent switch: the magnet has {magnet:g} A and the supply {supply:g} A, and the "
                "magnet would quench",
                who=self.who,
                state="The heater stays off.",
                advice=f"Ramp the supply to {magnet:g} A first.",
            )

    def make_safe(self) -> None:
        """Begin to ramp to zero; returns at once. A magnet in persistent mode keeps its field.

        In local control it takes remote control for that, since it would refuse otherwise.
        """
        with self.monitor:
            if self.control().startswith("local"):
                self.command("C3")
            if self.state() == "clamped":
                return
            self.zero()
