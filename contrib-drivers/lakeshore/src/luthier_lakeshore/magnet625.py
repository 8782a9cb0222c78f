"""The Lake Shore 625 superconducting magnet power supply.

Commands: Model 625 Superconducting Magnet Power Supply User's Manual, chapter 5. The manual itself was not at hand:
commands, limits and what SETI and PSH do as quoted from it in the driver of qudi; the bits of ERST? from lakeshore625
(MazinLab), of OPST? from stoner_measurement; the rest compared with qcodes_contrib_drivers 0.24.1 and the emulator of
the ISIS facility.
"""

from __future__ import annotations

import time
from math import isnan, nan
from typing import Any, Final

from luthier import parameter
from luthier.errors import InstrumentFaultError, ResponseTimeoutError, UsageError
from luthier.scpi import format_float, parse_float, parse_int
from luthier.validators import Numbers

from luthier_lakeshore.decimals import exact
from luthier_lakeshore.magnet625_settings import SWITCH_STATES, MagnetSettings, OperationalErrors
from luthier_lakeshore.safety import require_model

__all__ = ["MagnetSupply625"]

MINUTE: Final = 60
RAMP_DONE: Final = 2
"""Bit of OPST?."""
UNKNOWN_CURRENT: Final = 99.9999
CLOSE_CURRENTS: Final = 0.001
"""In A; the supply compares its setting with the stored one, which has four places."""
POLL: Final = 0.2
"""In s."""


def _per_ampere(supply: MagnetSupply625) -> float:
    constant = supply.coil_constant()
    if constant <= 0:
        raise UsageError(
            "the supply does not know how many tesla an ampere gives",
            who=supply.who,
            state="Nothing was changed.",
            advice="Set the field constant at the front panel (Field Setup).",
        )
    return constant


def _get_setpoint(supply: MagnetSupply625) -> float:
    wanted = supply.wanted_field
    return supply.current_setpoint() * _per_ampere(supply) if wanted is None else wanted


def _set_setpoint(supply: MagnetSupply625, field: float) -> None:
    supply.wanted_field = field


def _largest_field(supply: MagnetSupply625) -> float:
    return exact(supply.coil_constant.known_or_read() * supply.current_limit.known_or_read())


def _get_rate(supply: MagnetSupply625) -> float:
    return exact(parse_float(supply.query("RATE?")) * _per_ampere(supply) * MINUTE)


def _set_rate(supply: MagnetSupply625, rate: float) -> None:
    supply.write(f"RATE {format_float(exact(rate / _per_ampere(supply) / MINUTE))}")


def _largest_rate(supply: MagnetSupply625) -> float:
    return exact(supply.coil_constant.known_or_read() * supply.current_rate_limit.known_or_read() * MINUTE)


def _switch_heater_on(supply: MagnetSupply625) -> bool:
    return parse_int(supply.query("PSH?")) in {SWITCH_STATES["on"], SWITCH_STATES["warming"]}


def _set_switch_heater(supply: MagnetSupply625, on: bool) -> None:
    if on:
        supply.require_matched_currents()
    supply.write(f"PSH {on:d}")


def _persistent_current(reply: str) -> float:
    current = parse_float(reply)
    return nan if current == UNKNOWN_CURRENT else current


def _state(supply: MagnetSupply625) -> str:
    errors = supply.errors_present()
    if OperationalErrors.QUENCH in errors["operational_errors"]:
        return "quench"
    if errors["hardware_errors"]:
        return "fault"
    switch = parse_int(supply.query("PSH?"))
    if switch in {SWITCH_STATES["warming"], SWITCH_STATES["cooling"]}:
        return "heating switch" if switch == SWITCH_STATES["warming"] else "cooling switch"
    return "holding" if parse_int(supply.query("OPST?")) & RAMP_DONE else "ramping"


class MagnetSupply625(MagnetSettings):
    """Lake Shore 625: ramps the current of a superconducting magnet, up to 60 A and 5 V.

    The instrument begins to ramp as soon as it is told a current. So ``field_setpoint`` is held in the driver: setting
    it moves nothing. :meth:`ramp_to_setpoint` and :meth:`zero` begin to ramp at ``ramp_rate`` and return at once,
    :meth:`ramp_to` waits. Fields are in T and rates in T/min, whatever the units of the front panel; they are sent and
    read as currents, by the field constant that is set there (``coil_constant``).

    Refused are: fields beyond what ``current_limit`` allows; ramping after a quench, while the persistent switch warms
    or cools, and faster than the detection of quenches allows; and warming the switch while the currents on both sides
    of it differ, or that of the magnet is not known. :meth:`make_safe` begins to ramp to zero, and raises where the
    current follows a voltage at the back all the same (``programming``).

    While the heater of the switch is off the magnet keeps its current, and ``current`` and ``field`` are those of the
    supply; ``persistent_current`` is what the magnet had when the heater was switched off.

    Manual: Model 625 Superconducting Magnet Power Supply User's Manual, chapter 5.

    Interfaces: a serial line (9600 baud, 7 data bits, odd parity; these settings are used unless ``transport_options``
    says otherwise) and GPIB. What is sent and answered ends with a carriage return and a line feed. It takes about
    twenty messages in a second.

    Opening it asks who it is, and changes nothing.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Raises
    ------
    IdentityError
        Another model answers.

    >>> import luthier
    >>> with luthier.open("lakeshore.625", "sim://", name="magnet") as magnet:
    ...     magnet.field_setpoint(0.5)
    ...     magnet.ramp_to_setpoint()
    ...     magnet.state()
    'ramping'
    """

    simulator = "lakeshore.625"

    ramp_rate = parameter(
        float,
        get_cmd=_get_rate,
        set_cmd=_set_rate,
        unit="T/min",
        validator=Numbers(0, None),
        minimum=lambda supply: exact(0.0001 * supply.coil_constant.known_or_read() * MINUTE),
        maximum=_largest_rate,
        depends_on=("coil_constant", "current_rate_limit"),
        doc="How fast the field moves, at most what current_rate_limit gives. The instrument keeps 0.0001 A/s (RATE).",
    )
    field_setpoint = parameter(
        float,
        get_cmd=_get_setpoint,
        set_cmd=_set_setpoint,
        unit="T",
        validator=Numbers(None, None),
        minimum=lambda supply: -_largest_field(supply),
        maximum=_largest_field,
        depends_on=("coil_constant", "current_limit"),
        doc="Field that ramp_to_setpoint() goes to; held here, because the instrument would begin to ramp. Before it "
        "is set: what the supply ramps to or holds (SETI?).",
    )
    persistent_switch_heater = parameter(
        bool,
        get_cmd=_switch_heater_on,
        set_cmd=_set_switch_heater,
        relevant_when={"persistent_switch_installed": True},
        doc="Whether the heater of the persistent switch is on, so that the magnet follows the supply. Refused while "
        "the currents of magnet and supply differ. Wait until state is neither 'heating switch' nor 'cooling switch' "
        "(PSH).",
    )

    # Readings

    state = parameter(
        str,
        get_cmd=_state,
        snapshot=False,
        doc="'ramping', 'holding', 'heating switch', 'cooling switch', 'quench' or 'fault' (ERST?, PSH?, OPST?).",
    )
    field = parameter(
        float,
        get_cmd=lambda supply: exact(parse_float(supply.query("RDGI?")) * _per_ampere(supply)),
        unit="T",
        snapshot=False,
        doc="Field that the current of the supply gives; not that of the magnet in persistent mode (RDGI?, FLDS?).",
    )
    current = parameter(float, get_cmd="RDGI?", unit="A", snapshot=False, doc="Current of the supply (RDGI?).")
    current_setpoint = parameter(
        float, get_cmd="SETI?", unit="A", snapshot=False, doc="Current that it ramps to or holds (SETI?)."
    )
    voltage = parameter(float, get_cmd="RDGV?", unit="V", snapshot=False, doc="Voltage at its terminals (RDGV?).")
    magnet_voltage = parameter(
        float, get_cmd="RDGRV?", unit="V", snapshot=False, doc="Voltage at the remote sense leads (RDGRV?)."
    )
    persistent_current = parameter(
        float,
        get_cmd="PSHIS?",
        get_parser=_persistent_current,
        unit="A",
        snapshot=False,
        doc="Current of the supply when the heater of the switch was last switched off; not a number: not known "
        "(PSHIS?).",
    )
    switch_state = parameter(
        str, get_cmd="PSH?", mapping=SWITCH_STATES, snapshot=False, doc="State of the heater of the switch (PSH?)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        require_model(self, "MODEL625")
        self.wanted_field: float | None = None
        self.add_function("hold", "STOP", doc="Stop the ramp where it is, within two seconds (STOP).")
        self.add_function(
            "clear_errors",
            "ERCL",
            doc="End what errors_present tells, where its cause is gone; look for the cause of a quench first (ERCL).",
        )

    def ramp_to_setpoint(self) -> None:
        """Begin to ramp to ``field_setpoint`` at ``ramp_rate``, and return at once (SETI).

        While the heater of the persistent switch is off, only the supply and the leads ramp.

        Raises
        ------
        InstrumentFaultError
            A quench was detected and not cleared. Nothing was sent but the questions.
        UsageError
            The persistent switch is warming or cooling, or ``ramp_rate`` is beyond ``quench_step_limit``. The same.
        """
        with self.monitor:
            field = self.field_setpoint()
            current = f"{field / _per_ampere(self):.4f}"
            self._require_ready()
            self._ramp(current)

    def zero(self) -> None:
        """Begin to ramp to zero at ``ramp_rate``, and return at once (SETI 0); ``field_setpoint`` stays."""
        with self.monitor:
            self._ramp("0")

    def make_safe(self) -> None:
        """Begin to ramp to zero, and return at once; a magnet whose switch is cold keeps its current.

        Raises :class:`~luthier.errors.UsageError` where the current follows a voltage at the back: only what is set by
        messages goes to zero then.
        """
        with self.monitor:
            self.zero()
            if (programming := self.programming()) != "internal":
                raise UsageError(
                    f"the current follows the voltage at the back of the supply (programming is {programming!r})",
                    who=self.who,
                    state="What is set by messages goes to 0 A; the current may not.",
                    advice="Bring the voltage at the back to 0 V.",
                )

    def ramp_to(self, field: float, *, timeout: float | None = None) -> None:
        """Ramp to a field in T, and return when it is there.

        ``timeout`` is in seconds; ``None``: as long as it takes. When it is interrupted (Ctrl-C) the supply holds where
        it is. Other threads can read while it waits.

        Raises
        ------
        ValidationError
            The field is beyond what the current limit allows. Nothing was sent.
        InstrumentFaultError
            There was a quench, before or on the way, or a fault.
        UsageError
            As for :meth:`ramp_to_setpoint`.
        ResponseTimeoutError
            It is not there yet; it goes on.
        """
        self.field_setpoint(field)
        self.ramp_to_setpoint()
        give_up = None if timeout is None else time.monotonic() + timeout
        try:
            while (state := self.state()) == "ramping":
                if give_up is not None and time.monotonic() > give_up:
                    raise ResponseTimeoutError(
                        f"{field:g} T is not reached after {timeout:g} s; now {self.field():g} T",
                        who=self.who,
                        state="It goes on ramping.",
                        advice="Call hold() to stop it, or wait until state is 'holding'.",
                    )
                time.sleep(POLL)
        except KeyboardInterrupt:
            self.write("STOP")
            raise
        if state != "holding":
            raise InstrumentFaultError(
                f"the ramp to {field:g} T ended as {state!r} at {self.field():g} T",
                who=self.who,
                state=f"The supply is {state}.",
                advice="Look for the cause; errors_present tells more, and clear_errors() ends what is over.",
            )

    def warm_switch_unchecked(self) -> None:
        """Switch the heater of the persistent switch on whatever the currents on both sides are (PSH 99).

        For a new magnet, of whose current nothing is stored. Where they differ the magnet quenches.
        """
        with self.monitor:
            self.write("PSH 99")
            self._confirm_set("PSH 99")
            self.persistent_switch_heater.cache.invalidate()

    def require_matched_currents(self) -> None:
        """Raise :class:`~luthier.errors.UsageError` unless the supply has the current that the magnet was left with."""
        supply, magnet = self.current_setpoint(), self.persistent_current()
        if abs(supply - magnet) <= CLOSE_CURRENTS:
            return
        known = not isnan(magnet)
        reason = f"the magnet was left with {magnet:g} A, and would quench" if known else "the magnet's is not known"
        raise UsageError(
            f"cannot warm the persistent switch: the supply is set to {supply:g} A and {reason}",
            who=self.who,
            state="The heater stays off.",
            advice=f"Ramp the supply to {magnet:g} A first."
            if known
            else "If you are sure that both are the same, call warm_switch_unchecked().",
        )

    def _require_ready(self) -> None:
        """Raise where the instrument would refuse to ramp, or should."""
        state = self.state()
        if state in {"quench", "fault"}:
            raise InstrumentFaultError(
                f"it does not ramp: {', '.join(map(str, self._error_names()))}",
                who=self.who,
                state="Nothing was changed.",
                advice="Look for the cause, then call clear_errors().",
            )
        if state in {"heating switch", "cooling switch"}:
            raise UsageError(
                f"it does not ramp while the persistent switch is {self.switch_state()}",
                who=self.who,
                state="Nothing was changed.",
                advice=f"Wait up to {self.switch_delay():g} s, until switch_state is 'on' or 'off'.",
            )
        quench, rate = self.quench_settings.get(), parse_float(self.query("RATE?"))
        if quench["quench_detection"] and rate > quench["quench_step_limit"]:
            raise UsageError(
                f"it does not ramp: at {rate:g} A/s every ramp would be taken for a quench, beyond quench_step_limit, "
                f"{quench['quench_step_limit']:g} A/s",
                who=self.who,
                state="Nothing was changed.",
                advice=f"Set ramp_rate to {quench['quench_step_limit'] * _per_ampere(self) * MINUTE:g} T/min or less.",
            )

    def _error_names(self) -> list[str]:
        present = self.errors_present.get()
        return [str(flag.name).lower().replace("_", " ") for flags in present.values() for flag in flags]

    def _ramp(self, current: str) -> None:
        self.write(f"SETI {current}")
        self._confirm_set(f"SETI {current}")
