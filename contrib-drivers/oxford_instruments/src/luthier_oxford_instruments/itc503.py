"""The Oxford Instruments ITC503 temperature controller.

Commands as known from the drivers of slave and PyMeasure, and from the legacy commands of the MercuryiTC Operator's
Manual, issue 05, February 2015, section 8.4 (page 116 was at hand); the ITC503's own Operator's Handbook, issue 4,
April 2000, was not.
"""

from __future__ import annotations

from typing import Any, Final

from luthier import Channel, ChannelList, parameter
from luthier.validators import Ints, Numbers

from luthier_oxford_instruments.isobus import LetterInstrument, digit, digit_of, sends, status_of, variable

__all__ = ["Itc503"]

INPUTS: Final = 3
LARGEST_TEMPERATURE: Final = 1677.7  # K
LARGEST_OUTPUT: Final = 99.9  # %
HEATER: Final = 1  # bits of the digit behind A
GAS: Final = 2
BOTH: Final = 3


def _is_sweeping(itc: Itc503) -> bool:
    status = status_of(itc)
    return any(digit(status, "S", place) for place in range(2))


def _automatic(loop: ItcLoop) -> int:
    # 4 as well as 3 is both: so it stands in the manual of the MercuryiTC (page 116), which has these commands too.
    return min(digit_of(loop.controller, "A"), BOTH)


def _is_automatic(bit: int) -> Any:
    def ask(loop: ItcLoop) -> bool:
        return bool(_automatic(loop) & bit)

    return ask


def _set_automatic(bit: int) -> Any:
    def put(loop: ItcLoop, on: bool) -> None:
        now = _automatic(loop)
        loop.controller.command(f"A{now | bit if on else now & ~bit}")

    return put


def _put(letter: str) -> Any:
    def put(loop: ItcLoop, value: float) -> None:
        sends(letter)(loop.controller, value)

    return put


class ItcInput(Channel):
    """One of the three sensors."""

    temperature = parameter(
        float,
        get_cmd="{parent.prefix}R{number}",
        get_parser=variable,
        unit="K",
        snapshot=False,
        doc="Temperature of the sensor (R1, R2, R3).",
    )

    def __init__(self, parent: Itc503, number: int) -> None:
        super().__init__(parent, f"input{number}")
        self.number = number


class ItcLoop(Channel):
    """The control loop: heater and gas flow. Outputs that are set by hand come last in a snapshot."""

    control_input = parameter(
        int,
        get_cmd=lambda loop: digit_of(loop.controller, "H"),
        set_cmd=lambda loop, number: loop.controller.command(f"H{number}"),
        validator=Ints(1, INPUTS),
        doc="Number of the sensor that the heater is controlled from (H).",
    )
    automatic_pid = parameter(
        bool,
        get_cmd=lambda loop: digit_of(loop.controller, "L") == 1,
        set_cmd=lambda loop, on: loop.controller.command(f"L{on:d}"),
        depends_on=("p", "i", "d"),
        doc="Whether P, I and D come from the table in the instrument (L).",
    )
    p = parameter(
        float,
        get_cmd="{parent.prefix}R8",
        get_parser=variable,
        set_cmd=_put("P"),
        unit="K",
        validator=Numbers(0, LARGEST_TEMPERATURE),
        doc="Proportional band: a smaller one controls harder (P, R8).",
    )
    i = parameter(
        float,
        get_cmd="{parent.prefix}R9",
        get_parser=variable,
        set_cmd=_put("I"),
        unit="min",
        validator=Numbers(0, 140),
        doc="Integral action time; 0: no integral part (I, R9).",
    )
    d = parameter(
        float,
        get_cmd="{parent.prefix}R10",
        get_parser=variable,
        set_cmd=_put("D"),
        unit="min",
        validator=Numbers(0, 273),
        doc="Derivative action time (D, R10).",
    )
    setpoint = parameter(
        float,
        get_cmd="{parent.prefix}R0",
        get_parser=variable,
        set_cmd=_put("T"),
        unit="K",
        validator=Numbers(0, LARGEST_TEMPERATURE),
        doc="Temperature that is aimed at (T, R0).",
    )
    temperature_error = parameter(
        float,
        get_cmd="{parent.prefix}R4",
        get_parser=variable,
        unit="K",
        snapshot=False,
        doc="Setpoint less temperature (R4).",
    )
    automatic_gas = parameter(
        bool,
        get_cmd=_is_automatic(GAS),
        set_cmd=_set_automatic(GAS),
        doc="Whether the gas flow is controlled; otherwise gas_flow is what was set (A).",
    )
    gas_flow = parameter(
        float,
        get_cmd="{parent.prefix}R7",
        get_parser=variable,
        set_cmd=_put("G"),
        unit="%",
        validator=Numbers(0, LARGEST_OUTPUT),
        relevant_when={"automatic_gas": False},
        doc="How far the needle valve is open, set by hand (G, R7).",
    )
    automatic_heater = parameter(
        bool,
        get_cmd=_is_automatic(HEATER),
        set_cmd=_set_automatic(HEATER),
        doc="Whether the heater is controlled; otherwise manual_output is what it gives (A).",
    )
    manual_output = parameter(
        float,
        get_cmd="{parent.prefix}R5",
        get_parser=variable,
        set_cmd=_put("O"),
        unit="%",
        validator=Numbers(0, LARGEST_OUTPUT),
        relevant_when={"automatic_heater": False},
        doc="What the heater gives, set by hand, of its largest voltage (O, R5).",
    )
    heater_output = parameter(
        float,
        get_cmd="{parent.prefix}R5",
        get_parser=variable,
        unit="%",
        snapshot=False,
        doc="What the heater gives at present, of its largest voltage (R5).",
    )
    heater_voltage = parameter(
        float,
        get_cmd="{parent.prefix}R6",
        get_parser=variable,
        unit="V",
        snapshot=False,
        doc="Voltage of the heater, roughly (R6).",
    )

    def __init__(self, parent: Itc503) -> None:
        super().__init__(parent, "loop1")
        self.controller = parent

    def make_safe(self) -> None:
        """Take the heater out of automatic control, and set it to zero; the gas flow stays as it is.

        In local control it takes remote control for that, since it would refuse otherwise.
        """
        with self.monitor:
            if self.controller.control().startswith("local"):
                self.controller.command("C3")
            self.automatic_heater(False)
            self.manual_output(0)


class Itc503(LetterInstrument):
    """Oxford Instruments ITC503: reads three sensors, and controls a heater and a gas flow.

    Sensors are ``input1`` … or ``inputs[0]``, the heater with its control loop is ``loop1``. It can be read at any
    time; settings are refused until ``control("remote unlocked")``. :meth:`make_safe` switches the heater off.

    Interfaces: GPIB (24 from the factory), and RS-232 or ISOBUS (9600 baud, two stop bits, used unless
    ``transport_options`` says otherwise). Replies end with a carriage return.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("oxford_instruments.itc503", "sim://", name="itc") as itc:
    ...     itc.control("remote unlocked")
    ...     itc.loop1.setpoint(77)
    ...     itc.loop1.automatic_heater(True)
    ...     itc.loop1.setpoint()
    77.0
    """

    simulator = "oxford_instruments.itc503"

    sweeping = parameter(
        bool,
        get_cmd=_is_sweeping,
        snapshot=False,
        doc="Whether a sweep of the instrument's own table runs (X, behind S).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.inputs = ChannelList(self, "inputs", [ItcInput(self, number) for number in range(1, INPUTS + 1)])
        self.loop1 = ItcLoop(self)
        self.loops = ChannelList(self, "loops", [self.loop1])

    def make_safe(self) -> None:
        """Switch the heater off, as :meth:`ItcLoop.make_safe` says."""
        self.loop1.make_safe()
