"""The Keysight N5700 series of supplies with one output, of 750 W and 1500 W.

Pages: Series N5700 User's Guide, chapter "Language Reference", of which pages 70 to 72 were at hand; the other commands
by the guide's list of contents, bits of the status and ratings as known from other projects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError
from luthier.scpi import parse_int

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RATINGS", "Rating", "SupplyN5700", "SupplyOutput"]

OVERVOLTAGE, OVERCURRENT = 1, 2


@attrs.frozen
class Rating:
    """What a model is rated for.

    Attributes
    ----------
    voltage
        In V; levels go to 105 % of it.
    current
        In A; limits go to 105 % of it.
    """

    voltage: float
    current: float


VOLTAGES = (6.0, 8.0, 12.5, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0, 150.0, 300.0, 600.0)
CURRENTS = {
    41: (100.0, 90.0, 60.0, 38.0, 25.0, 19.0, 12.5, 9.5, 7.5, 5.0, 2.5, 1.3),
    61: (180.0, 165.0, 120.0, 76.0, 50.0, 38.0, 25.0, 19.0, 15.0, 10.0, 5.0, 2.6),
}
RATINGS = {
    f"N57{first + place}A": Rating(volts, amperes)
    for first, currents in CURRENTS.items()
    for place, (volts, amperes) in enumerate(zip(VOLTAGES, currents, strict=True))
}


def _has(bit: int) -> Callable[[str], bool]:
    return lambda text: bool(parse_int(text) & bit)


class SupplyOutput(Channel):
    """The output; a snapshot is restored in the order of declaration, the output last."""

    current_limit = parameter(
        float,
        get_cmd="CURR?",
        set_cmd="CURR {}",
        unit="A",
        minimum=Asked("CURR? MIN"),
        maximum=Asked("CURR? MAX"),
        doc="The output holds its voltage up to this current; the supply says what it can be ([SOURce:]CURRent).",
    )
    overcurrent_protection = parameter(
        bool,
        get_cmd="CURR:PROT:STAT?",
        set_cmd="CURR:PROT:STAT {}",
        doc="Whether the output switches itself off at the current limit, instead of holding it "
        "([SOURce:]CURRent:PROTection:STATe).",
    )
    voltage = parameter(
        float,
        get_cmd="VOLT?",
        set_cmd="VOLT {}",
        unit="V",
        minimum=Asked("VOLT? MIN"),
        maximum=Asked("VOLT? MAX"),
        depends_on=("overvoltage_level", "low_limit"),
        doc="Level, at the terminals as soon as the output is on; the supply says what it can be, and wants "
        "overvoltage_level to be 5 % above and low_limit 5 % below ([SOURce:]VOLTage; page 72).",
    )
    overvoltage_level = parameter(
        float,
        get_cmd="VOLT:PROT:LEV?",
        set_cmd="VOLT:PROT:LEV {}",
        unit="V",
        minimum=Asked("VOLT:PROT:LEV? MIN"),
        maximum=Asked("VOLT:PROT:LEV? MAX"),
        depends_on=("voltage",),
        doc="Beyond this voltage the output switches itself off; at least 105 % of voltage "
        "([SOURce:]VOLTage:PROTection:LEVel, page 72).",
    )
    low_limit = parameter(
        float,
        get_cmd="VOLT:LIM:LOW?",
        set_cmd="VOLT:LIM:LOW {}",
        unit="V",
        minimum=Asked("VOLT:LIM:LOW? MIN"),
        maximum=Asked("VOLT:LIM:LOW? MAX"),
        depends_on=("voltage",),
        doc="The supply refuses lower voltages; at most 95 % of voltage ([SOURce:]VOLTage:LIMit:LOW, page 72).",
    )
    output = parameter(
        bool, get_cmd="OUTP?", set_cmd="OUTP {}", doc="Whether the voltage is at the terminals (OUTPut)."
    )
    measured_voltage = parameter(
        float, get_cmd="MEAS:VOLT?", unit="V", snapshot=False, doc="Voltage at the terminals (MEASure:VOLTage?)."
    )
    measured_current = parameter(
        float, get_cmd="MEAS:CURR?", unit="A", snapshot=False, doc="Current (MEASure:CURRent?)."
    )
    overvoltage_tripped = parameter(
        bool,
        get_cmd="STAT:QUES:COND?",
        get_parser=_has(OVERVOLTAGE),
        snapshot=False,
        doc="Whether the over-voltage protection has switched the output off (STATus:QUEStionable:CONDition?, OV).",
    )
    overcurrent_tripped = parameter(
        bool,
        get_cmd="STAT:QUES:COND?",
        get_parser=_has(OVERCURRENT),
        snapshot=False,
        doc="Whether the over-current protection has switched the output off (STATus:QUEStionable:CONDition?, OC).",
    )

    def __init__(self, parent: SupplyN5700) -> None:
        super().__init__(parent, "ch1")
        self.add_function(
            "clear_protection",
            "OUTP:PROT:CLE",
            doc="Allow the output on again after a protection has tripped; remove the cause first (page 72).",
        )

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.output(False)


class SupplyN5700(ScpiInstrument):
    """Keysight N5741A to N5752A (750 W) or N5761A to N5772A (1500 W), from 6 V 180 A to 600 V 1.3 A.

    Manual: Series N5700 User's Guide, of which only pages were at hand; see the module's documentation.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025) and GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening one asks who it is, and changes nothing. Limits are those that the supply says; ``rating`` is what its model
    is rated for. :meth:`make_safe` switches the output off. The output is ``ch1``, or ``outputs[0]``.

    >>> import luthier
    >>> with luthier.open("keysight.n5700", "sim://", name="psu") as psu:
    ...     psu.ch1.current_limit(0.5)
    ...     psu.ch1.voltage(12)
    ...     psu.ch1.output(True)
    ...     psu.ch1.measured_voltage(), psu.rating
    (12.0, Rating(voltage=100.0, current=7.5))

    Raises
    ------
    IdentityError
        Another model answers.
    """

    simulator = "keysight.n5700"

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        if self.idn.model not in RATINGS:
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: N5741A to N5752A or N5761A to N5772A",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address.",
                sent="no",
                expected="N5741A to N5752A or N5761A to N5772A",
                identity=str(self.idn),
            )
        self.rating = RATINGS[self.idn.model]
        self.ch1 = SupplyOutput(self)
        self.outputs = ChannelList(self, "outputs", [self.ch1])

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.ch1.make_safe()
