"""Alicat MC-series mass flow controllers.

Commands as in the quick guide of the MC series' operating manual (pages 43 and 44 were at hand), in the user manual of
standard devices (January 2023, page 32, which has VE beside them), and on the maker's page about serial commands; the
frame of data, the flags behind it, the numbers of gases and register 122 as known from the driver of NuMat, and the
replies of valve commands from another driver. Of gas 16 NuMat's driver has "i-C2H10", which is no gas; another program
has isobutane, as here. Of the Serial Communications Primer only the table of contents was at hand.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING, Any, Final

import attrs
from luthier import Instrument, parameter
from luthier.errors import InstrumentReportedError, ReplyError, UsageError
from luthier.scpi import Identity
from luthier.validators import Enum, Numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Frame", "Mc"]

GASES: Final = (
    *("Air", "Ar", "CH4", "CO", "CO2", "C2H6", "H2", "He", "N2", "N2O", "Ne", "O2", "C3H8", "n-C4H10", "C2H2"),
    *("C2H4", "i-C4H10", "Kr", "Xe", "SF6", "C-25", "C-10", "C-8", "C-2", "C-75", "A-75", "A-25", "A1025", "Star29"),
    "P-5",
)
"""Gases by their numbers."""

FLAGS: Final = frozenset({"ADC", "EXH", "HLD", "LCK", "MOV", "OPL", "OVR", "POV", "TMF", "TOV", "VOV"})
FLOW_UNITS: Final = {"SLPM": Decimal(1), "SCCM": Decimal("0.001")}
PRESSURE_UNITS: Final = {
    "psi": Decimal("6894.757293168"),
    "Pa": Decimal(1),
    "kPa": Decimal(1000),
    "mbar": Decimal(100),
    "bar": Decimal(100_000),
    "Torr": Decimal(101325) / 760,
    "atm": Decimal(101325),
}
TEMPERATURE_UNITS: Final = ("°C", "°F", "K")
CONTROLLED: Final = {
    "mass flow": "37",
    "volumetric flow": "36",
    "absolute pressure": "34",
    "gauge pressure": "38",
    "differential pressure": "39",
}
NUMBERS: Final = 5
"""Numbers of a frame: pressure, temperature, volumetric flow, mass flow, setpoint; perhaps a total after them."""

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d*)?", re.ASCII)


@attrs.frozen
class Frame:
    """What a controller reports at once, in the units of its display."""

    pressure: Decimal
    temperature: Decimal
    volumetric_flow: Decimal
    mass_flow: Decimal
    setpoint: Decimal
    gas: str
    flags: tuple[str, ...]


def _celsius(degrees: Decimal, unit: str) -> Decimal:
    if unit == "K":
        return degrees - Decimal("273.15")
    return (degrees - 32) * 5 / 9 if unit == "°F" else degrees


class Mc(Instrument):
    """Alicat MC, MCR and MCS: mass flow controllers for gases.

    Interfaces: RS-232 and RS-485, up to 26 controllers on one line; messages and replies end in a carriage return, and
    every message has the letter of its controller. Set the baud rate that its menu says by
    ``transport_options``. Its setpoint has to come from the serial line, which its menu says too.

    Two pages of the operating manual were at hand; the rest is as known from drivers of other projects. Verified with
    the simulator and with scripted messages; not yet with hardware. Bidirectional controllers (flows below zero), the
    total, mixtures of gases, streaming and changing what is controlled are left out.

    Opening it sends nothing. :meth:`make_safe` sets the flow to zero, and closes a valve that is held.

    Parameters
    ----------
    unit_id
        Letter of the controller on its line, A to Z.
    flow_unit, pressure_unit, temperature_unit
        Units of its display, in which it reports and takes setpoints without naming them: "SLPM" or "SCCM"; "psi",
        "Pa", "kPa", "mbar", "bar", "Torr" or "atm"; "°C", "°F" or "K". Compare them with the display: a wrong one makes
        wrong numbers, and wrong flows.
    largest_flow
        In L/min; a larger setpoint is refused before it is sent. By default only the controller refuses.

    Raises
    ------
    UsageError
        Another letter or unit; nothing was opened.

    >>> import luthier
    >>> with luthier.open("alicat.mc", "sim://", name="gas") as gas:
    ...     gas.flow_setpoint(2.5)
    ...     gas.flow_setpoint(), gas.gas(), gas.temperature()
    (2.5, 'Air', 25.0)
    """

    simulator = "alicat.mc"
    write_termination = "\r"
    read_termination = "\r"

    control_variable = parameter(
        str,
        get_cmd=lambda controller: controller.read_register(122),
        mapping=CONTROLLED,
        doc="What the setpoint is a setpoint of (register 122).",
    )
    gas = parameter(
        str,
        get_cmd=lambda controller: controller.read_frame().gas,
        set_cmd=lambda controller, gas: controller.choose_gas(gas),
        validator=Enum(*GASES),
        doc="Gas that the flow is computed for; one of the 30 of GASES can be set, and read also what was mixed. It is "
        "read as the controller writes it: newer firmware writes some otherwise, such as iC4H10 and He-25 (G).",
    )
    flow_setpoint = parameter(
        float,
        get_cmd=lambda controller: float(controller.read_frame().setpoint * controller.litres_per_minute),
        set_cmd=lambda controller, flow: controller.send_setpoint(flow),
        unit="L/min",
        validator=Numbers(0, inf),
        maximum=lambda controller: controller.largest_flow,
        depends_on=("control_variable",),
        relevant_when={"control_variable": "mass flow"},
        doc="Flow that is aimed at, in standard litres per minute; while the controller ramps, what the ramp has come "
        "to. What is controlled is asked for each time, so that a flow is never taken for a pressure (S).",
    )
    flow = parameter(
        float,
        get_cmd=lambda controller: float(controller.read_frame().mass_flow * controller.litres_per_minute),
        unit="L/min",
        snapshot=False,
        doc="Mass flow, in standard litres per minute: at the standard conditions that the controller is set to.",
    )
    volumetric_flow = parameter(
        float,
        get_cmd=lambda controller: float(controller.read_frame().volumetric_flow * controller.litres_per_minute),
        unit="L/min",
        snapshot=False,
        doc="Flow at the pressure and temperature that there are.",
    )
    pressure = parameter(
        float,
        get_cmd=lambda controller: float(controller.read_frame().pressure * controller.pascals),
        unit="Pa",
        snapshot=False,
        doc="Absolute pressure of the gas.",
    )
    temperature = parameter(
        float,
        get_cmd=lambda controller: float(_celsius(controller.read_frame().temperature, controller.temperature_unit)),
        unit="°C",
        snapshot=False,
        doc="Temperature of the gas.",
    )
    flags = parameter(
        str,
        get_cmd=lambda controller: " ".join(controller.read_frame().flags),
        snapshot=False,
        doc="What the controller warns of, separated by spaces, and empty where there is nothing: MOV, VOV, POV, TOV "
        "(mass flow, volumetric flow, pressure, temperature beyond its range), HLD (valve is held), LCK (keys are "
        "locked), OVR (total has rolled over), TMF (total has missed flow), OPL (limit of pressure), EXH (exhaust), "
        "ADC (failure).",
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        unit_id: str = "A",
        flow_unit: str = "SLPM",
        pressure_unit: str = "psi",
        temperature_unit: str = "°C",
        largest_flow: float | None = None,
        **options: Any,
    ) -> None:
        _check(name, "flow_unit", flow_unit, FLOW_UNITS)
        _check(name, "pressure_unit", pressure_unit, PRESSURE_UNITS)
        _check(name, "temperature_unit", temperature_unit, dict.fromkeys(TEMPERATURE_UNITS))
        _check(name, "unit_id", unit_id, dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        super().__init__(name, address, **options)
        self.unit_id = unit_id
        self.litres_per_minute = FLOW_UNITS[flow_unit]
        self.pascals = PRESSURE_UNITS[pressure_unit]
        self.temperature_unit = temperature_unit
        self.largest_flow = largest_flow
        for function, command, doc in (
            ("tare", "V", "Take the flow that there is for zero; only where none flows (V)."),
            ("hold_valve", "HP", "Hold the valve as it is, whatever the setpoint (HP)."),
            ("close_valve", "HC", "Close the valve and hold it, whatever the setpoint (HC)."),
            ("release_valve", "C", "Let the valve follow the setpoint again (C)."),
        ):
            self.add_function(function, self._sending(command), doc=doc)

    def _sending(self, command: str) -> Any:
        def send() -> None:
            self.exchange(command)

        return send

    def exchange(self, command: str) -> str:
        """Send a command behind the letter, and return what is answered behind the letter.

        Raises
        ------
        InstrumentReportedError
            The controller answers by a question mark.
        ReplyError
            Another controller answers, or something else.
        """
        message = self.unit_id + command
        reply = self.query(message)
        letter, _, rest = reply.strip().partition(" ")
        if reply.strip() in ("?", f"{self.unit_id} ?"):
            raise InstrumentReportedError(
                f"the controller refused {message!r}",
                who=self.who,
                state="Nothing was changed.",
                advice="The value may be beyond its range, or its firmware may not know the command; look at its menu.",
                command=message,
                entries=((0, reply),),
            )
        if letter.upper() != self.unit_id:
            raise ReplyError(
                f"{message!r} was answered by {reply!r}; expected: {self.unit_id} and a space in front",
                who=self.who,
                command=message,
                reply=reply,
                expected=f"a reply of controller {self.unit_id}",
            )
        return rest

    def read_frame(self) -> Frame:
        """Ask for all readings at once; in the units of the display."""
        reply = self.exchange("")
        words = reply.split()
        flags: list[str] = []
        while words and words[-1].upper() in FLAGS:
            flags.insert(0, words.pop().upper())
        numbers = []
        while words and _NUMBER.fullmatch(words[0]):
            numbers.append(Decimal(words.pop(0)))
        if len(numbers) not in (NUMBERS, NUMBERS + 1) or not words:
            raise ReplyError(
                f"{self.unit_id!r} was answered by {reply!r}; expected: 5 numbers and a gas",
                who=self.who,
                command=self.unit_id,
                reply=reply,
                expected="pressure, temperature, two flows, setpoint, perhaps a total, and a gas",
            )
        pressure, temperature, volumetric_flow, mass_flow, setpoint = numbers[:NUMBERS]
        return Frame(
            pressure, temperature, volumetric_flow, mass_flow, setpoint, gas=" ".join(words), flags=tuple(flags)
        )

    def read_register(self, number: int) -> str:
        """Return the value of a register as text."""
        message = f"{self.unit_id}R{number}"
        reply = self.query(message)
        _, equals, value = reply.partition("=")
        if not equals or not value.strip().isdecimal():
            raise ReplyError(
                f"{message!r} was answered by {reply!r}; expected: a register, = and its value",
                who=self.who,
                command=message,
                reply=reply,
                expected="a text that ends in = and a number",
            )
        return str(int(value))

    def choose_gas(self, gas: str) -> None:
        """Send the number of a gas (G)."""
        self.exchange(f"G{GASES.index(gas)}")

    def send_setpoint(self, flow: float) -> None:
        """Send a setpoint in the unit of the display, without an exponent (S)."""
        number = Decimal(repr(flow)) / self.litres_per_minute
        self.exchange(f"S{number.normalize():f}")

    def identify(self) -> Identity:
        """Ask for the firmware (VE), such as ``10v05``; its model and number are not asked for."""
        return Identity("Alicat", "MC", "", self.exchange("VE").partition(" ")[0])

    def make_safe(self) -> None:
        """Set the flow to zero, and close the valve if it is held, because a held one does not follow the setpoint.

        Where a pressure is controlled, that is set to zero.
        """
        with self.monitor:
            self.exchange("S0")
            self.forget()
            if "HLD" in self.read_frame().flags:
                self.exchange("HC")


def _check(name: str, option: str, value: str, allowed: Mapping[str, object]) -> None:
    if value not in allowed:
        raise UsageError(f"{option}={value!r}: allowed are {', '.join(allowed)}", who=name, state="Nothing was opened.")
