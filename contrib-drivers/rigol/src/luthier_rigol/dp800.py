"""The Rigol DP800 power supplies with two or three outputs.

Pages: DP800 Programming Guide, PGH03109-1110, June 2021, chapter 2. Those of :APPLy, :OUTPut:OVP and :OUTPut:OCP and
table 2-1 were at hand; the others are known from a project that cites them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError
from luthier.validators import Numbers

from luthier_rigol.words import on_or_off

__all__ = ["Dp800", "OutputRating", "SupplyOutput"]


@attrs.frozen
class OutputRating:
    """What one output can be set to (table 2-1), in V and A; voltages have the sign of the output.

    Attributes
    ----------
    voltage, current
        Largest level and largest current limit.
    overvoltage, overcurrent
        Largest levels of the protections.
    """

    voltage: float
    current: float
    overvoltage: float
    overcurrent: float


OUTPUT_8V_5A = OutputRating(8.4, 5.3, 8.8, 5.5)
OUTPUT_30V_2A = OutputRating(32.0, 2.1, 33.0, 2.2)
OUTPUT_NEGATIVE_30V_2A = OutputRating(-32.0, 2.1, -33.0, 2.2)
OUTPUT_30V_3A = OutputRating(32.0, 3.2, 33.0, 3.3)
OUTPUT_5V_3A = OutputRating(5.3, 3.2, 5.5, 3.3)
OUTPUT_60V_1A = OutputRating(63.0, 1.05, 66.0, 1.1)
OUTPUT_8V_10A = OutputRating(8.4, 10.5, 8.8, 11.0)

RATINGS = {
    "DP821": (OUTPUT_60V_1A, OUTPUT_8V_10A),
    "DP831": (OUTPUT_8V_5A, OUTPUT_30V_2A, OUTPUT_NEGATIVE_30V_2A),
    "DP832": (OUTPUT_30V_3A, OUTPUT_30V_3A, OUTPUT_5V_3A),
}
SMALLEST_PROTECTION = 0.01


class SupplyOutput(Channel):
    """One output; a snapshot is restored in the order of declaration: limits before the voltage, the output last."""

    overvoltage_level = parameter(
        float,
        get_cmd="OUTP:OVP:VAL? CH{number}",
        set_cmd="OUTP:OVP:VAL CH{number},{}",
        unit="V",
        minimum=lambda output: min(SMALLEST_PROTECTION, output.rating.overvoltage),
        maximum=lambda output: max(-SMALLEST_PROTECTION, output.rating.overvoltage),
        doc="Beyond this voltage the output switches itself off (:OUTPut:OVP:VALue).",
    )
    overvoltage_protection = parameter(
        bool,
        get_cmd="OUTP:OVP? CH{number}",
        set_cmd="OUTP:OVP CH{number},{}",
        set_parser=on_or_off,
        doc="Whether the over-voltage protection is on (:OUTPut:OVP[:STATe]).",
    )
    overcurrent_level = parameter(
        float,
        get_cmd="OUTP:OCP:VAL? CH{number}",
        set_cmd="OUTP:OCP:VAL CH{number},{}",
        unit="A",
        validator=Numbers(SMALLEST_PROTECTION, None),
        maximum=lambda output: output.rating.overcurrent,
        doc="Beyond this current the output switches itself off (:OUTPut:OCP:VALue, page 2-57).",
    )
    overcurrent_protection = parameter(
        bool,
        get_cmd="OUTP:OCP? CH{number}",
        set_cmd="OUTP:OCP CH{number},{}",
        set_parser=on_or_off,
        doc="Whether the over-current protection is on (:OUTPut:OCP[:STATe], page 2-56).",
    )
    current_limit = parameter(
        float,
        get_cmd="SOUR{number}:CURR?",
        set_cmd="SOUR{number}:CURR {}",
        unit="A",
        validator=Numbers(0, None),
        maximum=lambda output: output.rating.current,
        doc="The output holds its voltage up to this current ([:SOURce]:CURRent, page 2-83; table 2-1).",
    )
    voltage = parameter(
        float,
        get_cmd="SOUR{number}:VOLT?",
        set_cmd="SOUR{number}:VOLT {}",
        unit="V",
        minimum=lambda output: min(0.0, output.rating.voltage),
        maximum=lambda output: max(0.0, output.rating.voltage),
        doc="Level, at the terminals as soon as the output is on; it stays set when the output is switched off "
        "([:SOURce]:VOLTage, page 2-90; table 2-1).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP? CH{number}",
        set_cmd="OUTP CH{number},{}",
        set_parser=on_or_off,
        doc="Whether the voltage is at the terminals (:OUTPut[:STATe], page 2-63).",
    )
    measured_voltage = parameter(
        float,
        get_cmd="MEAS? CH{number}",
        unit="V",
        snapshot=False,
        doc="Voltage at the terminals (:MEASure[:VOLTage][:DC]?).",
    )
    measured_current = parameter(
        float, get_cmd="MEAS:CURR? CH{number}", unit="A", snapshot=False, doc="Current (:MEASure:CURRent[:DC]?)."
    )
    measured_power = parameter(
        float, get_cmd="MEAS:POWE? CH{number}", unit="W", snapshot=False, doc="Power (:MEASure:POWEr[:DC]?)."
    )
    mode = parameter(
        str,
        get_cmd="OUTP:MODE? CH{number}",
        mapping={"constant voltage": "CV", "constant current": "CC", "unregulated": "UR"},
        snapshot=False,
        doc="What the output holds (:OUTPut:MODE?, page 2-53).",
    )
    overvoltage_tripped = parameter(
        bool,
        get_cmd="OUTP:OVP:QUES? CH{number}",
        mapping={True: "YES", False: "NO"},
        snapshot=False,
        doc="Whether the over-voltage protection has switched the output off (:OUTPut:OVP:QUES?).",
    )
    overcurrent_tripped = parameter(
        bool,
        get_cmd="OUTP:OCP:QUES? CH{number}",
        mapping={True: "YES", False: "NO"},
        snapshot=False,
        doc="Whether the over-current protection has switched the output off (:OUTPut:OCP:QUES?).",
    )

    def __init__(self, parent: Dp800, number: int, rating: OutputRating) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.rating = rating
        for name, command in (("clear_overvoltage", "OVP"), ("clear_overcurrent", "OCP")):
            self.add_function(
                name,
                f"OUTP:{command}:CLEAR CH{number}",
                doc="Allow the output on again after the protection has tripped, and leave it off; remove the cause "
                f"first (:OUTPut:{command}:CLEAR).",
            )

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.output(False)


class Dp800(ScpiInstrument):
    """Rigol DP821, DP831, DP832 and their versions A: two or three outputs.

    Manual: DP800 Programming Guide, PGH03109-1110, June 2021, of which only parts were at hand.

    Interfaces: USB, LAN (VXI-11, and a socket on port 5555), RS-232, GPIB as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because the limits depend on the model, and changes nothing. Outputs are ``ch1`` and so
    on, or ``outputs[0]``, and together ``outputs.voltage.get()``. :meth:`make_safe` switches all outputs off.

    Raises
    ------
    IdentityError
        A model that the driver does not know answers.

    >>> import luthier
    >>> with luthier.open("rigol.dp800", "sim://", name="psu") as psu:
    ...     psu.ch3.current_limit(0.1)
    ...     psu.ch3.voltage(3.3)
    ...     psu.ch3.output(True)
    ...     psu.ch3.measured_voltage(), psu.ch3.mode()
    (3.3, 'constant voltage')
    """

    simulator = "rigol.dp800"
    ratings: ClassVar[dict[str, tuple[OutputRating, ...]]] = RATINGS

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        ratings = self.ratings.get(self.idn.model.upper().removesuffix("A"))
        if ratings is None:
            expected = ", ".join(self.ratings)
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: one of {expected}, with or without an A",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address, or open it with the driver for that model.",
                sent="no",
                expected=expected,
                identity=str(self.idn),
            )
        channels = [SupplyOutput(self, number, rating) for number, rating in enumerate(ratings, 1)]
        self.outputs = ChannelList(self, "outputs", channels)

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the others are switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for output in self.outputs:
            try:
                output.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} outputs may still be on", failures)
