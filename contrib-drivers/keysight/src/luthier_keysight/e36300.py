"""The Keysight E36311A, E36312A and E36313A triple supplies.

Sections and pages: E36300 Series Programmable DC Power Supplies Programming Guide, E36311-90008, Edition 5, May 2018.
"""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError
from luthier.validators import Numbers

from luthier_keysight.supply_outputs import (
    CURRENT_LIMIT,
    FALL_DELAY,
    MEASURED_CURRENT,
    MEASURED_VOLTAGE,
    OUTPUT,
    OVERCURRENT_DELAY,
    OVERCURRENT_PROTECTION,
    OVERVOLTAGE_LEVEL,
    RISE_DELAY,
    VOLTAGE,
)
from luthier_keysight.switched_off import switch_all_off

__all__ = ["E36311A", "E36312A", "E36313A", "OutputRating", "SupplyE36300", "SupplyOutput"]

LONGEST_DELAY = 3600.0


@attrs.frozen
class OutputRating:
    """What one output can be programmed to ("Programming Ranges and Output Identifiers", page 16).

    Attributes
    ----------
    minimum, maximum
        Voltage, in V.
    current
        Largest current limit, in A.
    overvoltage
        Largest level of the over-voltage protection, in V; it has the sign of the output.
    """

    minimum: float
    maximum: float
    current: float
    overvoltage: float


OUTPUT_6V_5A = OutputRating(0.0, 6.18, 5.15, 6.6)
OUTPUT_6V_10A = OutputRating(0.0, 6.18, 10.3, 6.6)
OUTPUT_25V_1A = OutputRating(0.0, 25.75, 1.03, 27.5)
OUTPUT_25V_2A = OutputRating(0.0, 25.75, 2.06, 27.5)
OUTPUT_NEGATIVE_25V_1A = OutputRating(-25.75, 0.0, 1.03, -27.5)


class SupplyOutput(Channel):
    """One output; a snapshot is restored in the order of declaration: limits before the voltage, the output last."""

    current_limit = CURRENT_LIMIT.replace(
        validator=Numbers(0, None),
        maximum=lambda output: output.rating.current,
        doc="The output holds its voltage up to this current ([SOURce:]CURRent; page 16).",
    )
    overvoltage_level = OVERVOLTAGE_LEVEL.replace(
        minimum=lambda output: min(0.0, output.rating.overvoltage),
        maximum=lambda output: max(0.0, output.rating.overvoltage),
    )
    overvoltage_protection = parameter(
        bool,
        get_cmd="VOLT:PROT:STAT? (@{number})",
        set_cmd="VOLT:PROT:STAT {},(@{number})",
        doc="Whether the over-voltage protection is on ([SOURce:]VOLTage:PROTection:STATe).",
    )
    overcurrent_delay = OVERCURRENT_DELAY.replace(
        validator=Numbers(0, LONGEST_DELAY),
    )
    overcurrent_protection = OVERCURRENT_PROTECTION
    rise_delay = RISE_DELAY.replace(
        validator=Numbers(0, LONGEST_DELAY),
    )
    fall_delay = FALL_DELAY.replace(
        validator=Numbers(0, LONGEST_DELAY),
    )
    voltage = VOLTAGE.replace(
        minimum=lambda output: output.rating.minimum,
        maximum=lambda output: output.rating.maximum,
        doc="Level, at the terminals as soon as the output is on ([SOURce:]VOLTage; page 16). It stays when the "
        "output is switched off, and is there again at once when it is switched on.",
    )
    output = OUTPUT
    measured_voltage = MEASURED_VOLTAGE
    measured_current = MEASURED_CURRENT
    overvoltage_tripped = parameter(
        bool,
        get_cmd="VOLT:PROT:TRIP? (@{number})",
        snapshot=False,
        doc="Whether the over-voltage protection has switched the output off ([SOURce:]VOLTage:PROTection:TRIPped?).",
    )
    overcurrent_tripped = parameter(
        bool,
        get_cmd="CURR:PROT:TRIP? (@{number})",
        snapshot=False,
        doc="Whether the over-current protection has switched the output off ([SOURce:]CURRent:PROTection:TRIPped?).",
    )

    def __init__(self, parent: SupplyE36300, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.rating = parent.ratings[number - 1]
        self.add_function(
            "clear_protection",
            f"OUTP:PROT:CLE (@{number})",
            doc="Allow the output on again after a protection has tripped; remove the cause first "
            "(OUTPut:PROTection:CLEar).",
        )

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.output(False)


class SensingOutput(SupplyOutput):
    """One output with terminals to sense the voltage at the load."""

    sense = parameter(
        str,
        get_cmd="VOLT:SENS? (@{number})",
        set_cmd="VOLT:SENS {},(@{number})",
        mapping={"local": "INT", "remote": "EXT"},
        doc="Where the voltage is held: at the terminals, or at the load over four wires ([SOURce:]VOLTage:SENSe).",
    )


class SupplyE36300(ScpiInstrument):
    """What the supplies of the E36300 series have in common; open one of its models.

    Manual: E36300 Series Programmable DC Power Supplies Programming Guide, E36311-90008, Edition 5, May 2018.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025), and GPIB as an option of E36312A and E36313A; replies end
    with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening one asks who it is, because the limits depend on the model, and changes nothing: outputs stay as they are.
    :meth:`make_safe` switches all outputs off. Outputs are ``ch1``, ``ch2`` and ``ch3``, or ``outputs[0]``, and
    together ``outputs.voltage.get()``.

    Raises
    ------
    IdentityError
        Another model than the class is for answers.
    """

    ratings: ClassVar[tuple[OutputRating, OutputRating, OutputRating]]
    output_class: ClassVar[type[SupplyOutput]] = SensingOutput

    tracking = parameter(
        bool,
        get_cmd="OUTP:TRAC?",
        set_cmd="OUTP:TRAC {}",
        doc="Outputs 2 and 3 have the same voltage, apart from its sign: setting one sets the other; read "
        "that one anew, because its cache does not follow (OUTPut:TRACk).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        expected = type(self).__name__
        if self.idn.model != expected:
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: {expected}, whose limits the driver keeps",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address, or open it with the driver for that model.",
                sent="no",
                expected=expected,
                identity=str(self.idn),
            )
        self.ch1, self.ch2, self.ch3 = (self.output_class(self, number) for number in (1, 2, 3))
        self.outputs = ChannelList(self, "outputs", (self.ch1, self.ch2, self.ch3))

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the others are switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        switch_all_off(self, list(self.outputs))


class E36311A(SupplyE36300):
    """Keysight E36311A: 6 V 5 A, 25 V 1 A, and -25 V 1 A; see :class:`SupplyE36300`.

    Outputs 2 and 3 share a terminal. Output 3 takes voltages from -25.75 V to 0 V.
    """

    simulator = "keysight.e36311a"
    ratings = (OUTPUT_6V_5A, OUTPUT_25V_1A, OUTPUT_NEGATIVE_25V_1A)
    output_class = SupplyOutput


class PairingSupply(SupplyE36300):
    """A supply that can connect its outputs 2 and 3."""

    pair = parameter(
        str,
        get_cmd="OUTP:PAIR?",
        set_cmd="OUTP:PAIR {}",
        mapping={"none": "OFF", "series": "SER", "parallel": "PAR"},
        doc="Whether outputs 2 and 3 are connected in series or in parallel; the limits that the driver keeps are "
        "those of one output all the same (OUTPut:PAIR).",
    )


class E36312A(PairingSupply):
    """Keysight E36312A: 6 V 5 A, and twice 25 V 1 A; see :class:`SupplyE36300`.

    >>> import luthier
    >>> with luthier.open("keysight.e36312a", "sim://", name="psu") as psu:
    ...     psu.ch2.current_limit(0.1)
    ...     psu.ch2.voltage(12)
    ...     psu.ch2.output(True)
    ...     psu.ch2.measured_voltage()
    12.0
    """

    simulator = "keysight.e36312a"
    ratings = (OUTPUT_6V_5A, OUTPUT_25V_1A, OUTPUT_25V_1A)


class E36313A(PairingSupply):
    """Keysight E36313A: 6 V 10 A, and twice 25 V 2 A; see :class:`SupplyE36300`."""

    simulator = "keysight.e36313a"
    ratings = (OUTPUT_6V_10A, OUTPUT_25V_2A, OUTPUT_25V_2A)
