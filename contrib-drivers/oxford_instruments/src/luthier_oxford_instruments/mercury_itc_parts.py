"""The parts of a Mercury iTC: sensors, control loops, heaters, needle valves, pressure sensors, level meters."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from luthier import Channel, parameter
from luthier.validators import AnyOf, Enum, Numbers

from luthier_oxford_instruments.mercury import on_or_off, puts, quantity, value_of

if TYPE_CHECKING:
    from luthier_oxford_instruments.mercury_itc import MercuryItc

__all__ = ["Heater", "LevelMeter", "MercuryInput", "MercuryLoop", "MercuryPart", "PressureSensor", "Valve"]

PASCALS_PER_BAR: Final = 1e5
RESISTORS: Final = ("PTC", "NTC")


class MercuryPart(Channel):
    """A part with an identifier of its own, such as MB1.T1 (motherboard) or DB6.T1 (daughter board in slot 6).

    Attributes
    ----------
    uid
        Its identifier.
    """

    kind = ""

    nickname = parameter(
        str, get_cmd="READ:{place}:NICK", get_parser=value_of, doc="The name that the front panel shows (NICK)."
    )

    def __init__(self, parent: MercuryItc, name: str, uid: str) -> None:
        self.controller = parent
        self.uid = uid
        self.place = f"DEV:{uid}:{self.kind}"
        super().__init__(parent, name)

    def put(self, place: str, value: str | float) -> None:
        """Set what is at a place, as :meth:`MercuryInstrument.put` does."""
        self.controller.put(place, value)


class MercuryInput(MercuryPart):
    """A temperature sensor (handbook, issue 01, pages 108 and 109)."""

    kind = "TEMP"

    temperature = parameter(
        float,
        get_cmd="READ:{place}:SIG:TEMP",
        get_parser=quantity("K"),
        unit="K",
        snapshot=False,
        doc="Temperature of the sensor, by its calibration (SIG:TEMP).",
    )
    sensor_type = parameter(
        str,
        get_cmd="READ:{place}:TYPE",
        get_parser=value_of,
        doc="Kind of sensor: PTC or NTC for resistors, DDE for diodes, TCE for thermocouples (TYPE).",
    )
    sensor_value = parameter(
        float,
        get_cmd="READ:{place}:SIG:VOLT",
        get_parser=quantity("V"),
        unit="V",
        snapshot=False,
        doc="Voltage of the sensor (SIG:VOLT).",
    )
    resistance = parameter(
        float,
        get_cmd="READ:{place}:SIG:RES",
        get_parser=quantity("Ohm", "O", "R"),
        unit="Ω",
        snapshot=False,
        relevant_when={"sensor_type": RESISTORS},
        doc="Resistance of the sensor (SIG:RES).",
    )


class MercuryLoop(MercuryPart):
    """The control loop of a temperature sensor (handbook, issue 01, page 113).

    Outputs that are set by hand come last in a snapshot.
    """

    kind = "TEMP:LOOP"
    nickname = parameter(
        str,
        get_cmd=lambda loop: value_of(loop.query(f"READ:DEV:{loop.uid}:TEMP:NICK")),
        doc="The name of its sensor that the front panel shows (NICK).",
    )

    heater = parameter(
        str,
        get_cmd="READ:{place}:HTR",
        get_parser=value_of,
        doc="Identifier of the heater that it drives (HTR). Choose it at the front panel.",
    )
    automatic_pid = parameter(
        bool,
        get_cmd="READ:{place}:PIDT",
        get_parser=on_or_off,
        set_cmd=puts("PIDT"),
        depends_on=("p", "i", "d"),
        doc="Whether P, I and D come from the table in the instrument (PIDT).",
    )
    p = parameter(
        float,
        get_cmd="READ:{place}:P",
        get_parser=quantity("K"),
        set_cmd=puts("P"),
        unit="K",
        validator=Numbers(0, 199.9),
        doc="Proportional band: a smaller one controls harder (P).",
    )
    i = parameter(
        float,
        get_cmd="READ:{place}:I",
        get_parser=quantity(""),
        set_cmd=puts("I"),
        unit="min",
        validator=Numbers(0, 199.9),
        doc="Integral action time; 0: no integral part (I).",
    )
    d = parameter(
        float,
        get_cmd="READ:{place}:D",
        get_parser=quantity(""),
        set_cmd=puts("D"),
        unit="min",
        validator=Numbers(0, 299.9),
        doc="Derivative action time (D).",
    )
    ramp_rate = parameter(
        float,
        get_cmd="READ:{place}:RSET",
        get_parser=quantity("K/m"),
        set_cmd=puts("RSET"),
        unit="K/min",
        validator=AnyOf(Numbers(0, 1e5), Enum(inf)),
        doc="How fast the setpoint is approached while ramping is on; infinite: at once (RSET).",
    )
    ramping = parameter(
        bool,
        get_cmd="READ:{place}:RENA",
        get_parser=on_or_off,
        set_cmd=puts("RENA"),
        depends_on=("setpoint",),
        doc="Whether a new setpoint is approached at ramp_rate, instead of at once (RENA).",
    )
    setpoint = parameter(
        float,
        get_cmd="READ:{place}:TSET",
        get_parser=quantity("K"),
        set_cmd=puts("TSET"),
        unit="K",
        validator=Numbers(0, 2000),
        doc="Temperature that is aimed at (TSET). The instrument narrows the limits to those of the calibration. While "
        "it ramps, what is read is where the ramp has come to.",
    )
    automatic_gas = parameter(
        bool,
        get_cmd="READ:{place}:FAUT",
        get_parser=on_or_off,
        set_cmd=puts("FAUT"),
        doc="Whether the gas flow is controlled; otherwise gas_flow is what was set (FAUT).",
    )
    gas_flow = parameter(
        float,
        get_cmd="READ:{place}:FSET",
        get_parser=quantity("%"),
        set_cmd=puts("FSET"),
        unit="%",
        validator=Numbers(0, 100),
        relevant_when={"automatic_gas": False},
        doc="How far the needle valve is open, set by hand (FSET).",
    )
    automatic_heater = parameter(
        bool,
        get_cmd="READ:{place}:ENAB",
        get_parser=on_or_off,
        set_cmd=puts("ENAB"),
        doc="Whether the heater is controlled; otherwise manual_output is what it gives (ENAB).",
    )
    manual_output = parameter(
        float,
        get_cmd="READ:{place}:HSET",
        get_parser=quantity("%"),
        set_cmd=puts("HSET"),
        unit="%",
        validator=Numbers(0, 100),
        relevant_when={"automatic_heater": False},
        doc="What the heater gives, set by hand, of its largest voltage (HSET).",
    )
    heater_output = parameter(
        float,
        get_cmd="READ:{place}:HSET",
        get_parser=quantity("%"),
        unit="%",
        snapshot=False,
        doc="What the heater gives at present, of its largest voltage (HSET).",
    )

    def make_safe(self) -> None:
        """Take the heater out of automatic control, and set it to zero; the gas flow stays as it is."""
        with self.monitor:
            self.automatic_heater(False)
            self.manual_output(0)


class Heater(MercuryPart):
    """A heater output (handbook, issue 01, page 110). What it gives is set in its loop."""

    kind = "HTR"

    voltage_limit = parameter(
        float,
        get_cmd="READ:{place}:VLIM",
        get_parser=quantity("V"),
        set_cmd=puts("VLIM"),
        unit="V",
        validator=Numbers(0, 40),
        doc="Largest voltage, that of 100 % (VLIM).",
    )
    resistance = parameter(
        float,
        get_cmd="READ:{place}:RES",
        get_parser=quantity("Ohm", "O", "R"),
        set_cmd=puts("RES"),
        unit="Ω",
        validator=Numbers(10, 2000),
        doc="Nominal resistance of the heater, from which the power is reckoned (RES). Older firmware takes only 20 Ω "
        "to 100 Ω.",
    )
    largest_power = parameter(
        float,
        get_cmd="READ:{place}:PMAX",
        get_parser=quantity("W"),
        unit="W",
        snapshot=False,
        doc="Largest power, of voltage_limit and resistance (PMAX).",
    )
    voltage = parameter(
        float,
        get_cmd="READ:{place}:SIG:VOLT",
        get_parser=quantity("V"),
        unit="V",
        snapshot=False,
        doc="Voltage at present (SIG:VOLT).",
    )
    current = parameter(
        float,
        get_cmd="READ:{place}:SIG:CURR",
        get_parser=quantity("A"),
        unit="A",
        snapshot=False,
        doc="Current at present (SIG:CURR).",
    )
    power = parameter(
        float,
        get_cmd="READ:{place}:SIG:POWR",
        get_parser=quantity("W"),
        unit="W",
        snapshot=False,
        doc="Power at present (SIG:POWR).",
    )


class Valve(MercuryPart):
    """A needle valve on an auxiliary board (handbook, issue 01, page 112). What it does is set in a loop."""

    kind = "AUX"

    opening = parameter(
        float,
        get_cmd="READ:{place}:SIG:PERC",
        get_parser=quantity("%"),
        unit="%",
        snapshot=False,
        doc="How far it is open (SIG:PERC).",
    )
    smallest_flow = parameter(
        float,
        get_cmd="READ:{place}:GMIN",
        get_parser=quantity("%"),
        set_cmd=puts("GMIN"),
        unit="%",
        validator=Numbers(0, 20),
        doc="Automatic control does not close it further (GMIN).",
    )
    flow_scale = parameter(
        float,
        get_cmd="READ:{place}:GFSF",
        get_parser=quantity(""),
        set_cmd=puts("GFSF"),
        unit="",
        validator=Numbers(0, 99),
        doc="Scale of the flow in automatic control (GFSF).",
    )


class PressureSensor(MercuryPart):
    """A pressure sensor, which the instrument reads in mbar."""

    kind = "PRES"

    pressure = parameter(
        float,
        get_cmd="READ:{place}:SIG:PRES",
        get_parser=lambda reply: quantity("B")(reply) * PASCALS_PER_BAR,
        unit="Pa",
        snapshot=False,
        doc="Pressure (SIG:PRES).",
    )


class LevelMeter(MercuryPart):
    """A level meter for liquid helium and nitrogen."""

    kind = "LVL"

    helium_level = parameter(
        float,
        get_cmd="READ:{place}:SIG:HEL:LEV",
        get_parser=quantity("%"),
        unit="%",
        snapshot=False,
        doc="Level of liquid helium (SIG:HEL:LEV).",
    )
    nitrogen_level = parameter(
        float,
        get_cmd="READ:{place}:SIG:NIT:LEV",
        get_parser=quantity("%"),
        unit="%",
        snapshot=False,
        doc="Level of liquid nitrogen (SIG:NIT:LEV).",
    )
    slow_sampling = parameter(
        bool,
        get_cmd="READ:{place}:HEL:PULS:SLOW",
        get_parser=on_or_off,
        set_cmd=puts("HEL:PULS:SLOW"),
        doc="Whether helium is measured seldom, which boils off less; off while it is filled (HEL:PULS:SLOW).",
    )
