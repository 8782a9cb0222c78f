"""The Keysight B2900 source-measure units: B2901A, B2902A, B2911A and B2912A, and the B models of the same numbers.

Pages: Agilent B2900 Series SCPI Command Reference, B2910-90030, Edition 2, July 2011, where named so; else Keysight
B2961A/B2962A SCPI Command Reference, B2961-90030, Edition 6, April 2019, whose commands are the same. Of both only
parts were at hand. What has no page is as other projects have it (a driver for the B2902B and scripts); that ranges of
B models are those of A models is not confirmed.
"""

from __future__ import annotations

from typing import Any

import attrs
from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError, ValidationError
from luthier.scpi import parse_float
from luthier.validators import Enum, Numbers

from luthier_keysight.smu_b2900_sweep import LARGEST_CURRENT, LARGEST_VOLTAGE, SmuSweep, require_output
from luthier_keysight.switched_off import require_off, switch_all_off

__all__ = ["SmuB2900", "SmuModel", "SmuOutput"]

VOLTAGE_RANGES = (0.2, 2.0, 20.0, 200.0)
CURRENT_RANGES = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 1.5, 3.0)
LARGEST_OF_CURRENT_RANGE = {1.5: 1.515, 3.0: LARGEST_CURRENT}
OVER_RANGE = 1.05


@attrs.frozen
class SmuModel:
    """What one model has.

    Attributes
    ----------
    outputs
        How many channels.
    lowest_current_range
        In A.
    """

    outputs: int
    lowest_current_range: float


MODELS = {
    f"B29{number}{letter}": SmuModel(outputs, lowest)
    for letter in "AB"
    for number, outputs, lowest in (("01", 1, 1e-7), ("02", 2, 1e-7), ("11", 1, 1e-8), ("12", 2, 1e-8))
}


def _set_function(output: SmuOutput, function: str) -> None:
    require_off(output, "source_function")
    output.write(f"SOUR{output.number}:FUNC:MODE {function}")


def _set_off_state(output: SmuOutput, state: str) -> None:
    require_off(output, "output_off_state")
    output.write(f"OUTP{output.number}:OFF:MODE {state}")


def _largest(function: str, chosen: float) -> float:
    if function == "voltage":
        return chosen * OVER_RANGE
    return LARGEST_OF_CURRENT_RANGE.get(chosen, chosen * OVER_RANGE)


def _set_range(output: SmuOutput, function: str, chosen: float) -> None:
    if output.source_function.get() == function:
        present = output[function].get()
        largest = _largest(function, chosen)
        unit = output[function].unit
        if abs(present) > largest * (1 + 1e-9):
            raise ValidationError(
                f"cannot change the range: the level is {present:g} {unit}, and the range ends at {largest:g} {unit}",
                who=output.full_name,
                state="Nothing was sent.",
                advice=f"Bring {output.full_name}.{function} into the range first.",
                value=chosen,
                allowed=f"ranges that hold {present:g} {unit}",
            )
    output.write(f"SOUR{output.number}:{function[:4].upper()}:RANG {chosen:G}")


def _set_voltage_range(output: SmuOutput, chosen: float) -> None:
    _set_range(output, "voltage", chosen)


def _set_current_range(output: SmuOutput, chosen: float) -> None:
    _set_range(output, "current", chosen)


def _largest_voltage(output: SmuOutput) -> float:
    if output.source_voltage_auto_range.known_or_read():
        return LARGEST_VOLTAGE
    return _largest("voltage", output.source_voltage_range.known_or_read())


def _largest_current(output: SmuOutput) -> float:
    if output.source_current_auto_range.known_or_read():
        return LARGEST_CURRENT
    return _largest("current", output.source_current_range.known_or_read())


def _lowest_range(output: SmuOutput) -> float:
    return output.lowest_current_range


def _measure_voltage(output: SmuOutput) -> float:
    require_output(output)
    return parse_float(output.query(f"MEAS:VOLT? (@{output.number})"))


def _measure_current(output: SmuOutput) -> float:
    require_output(output)
    return parse_float(output.query(f"MEAS:CURR? (@{output.number})"))


class SmuOutput(Channel):
    """One channel; a snapshot is restored in the order of declaration: limits before levels, the output last."""

    number: int
    lowest_current_range: float

    remote_sense = parameter(
        bool, get_cmd="SENS{number}:REM?", set_cmd="SENS{number}:REM {}", doc="Four-wire sensing (SENSe:REMote)."
    )
    output_off_state = parameter(
        str,
        get_cmd="OUTP{number}:OFF:MODE?",
        set_cmd=_set_off_state,
        mapping={"normal": "NORM", "zero": "ZERO", "high impedance": "HIZ"},
        doc='What is at the terminals while the output is off: "normal": 0 V, and the relay is open; "zero": 0 V at a '
        'limit of 100 µA; "high impedance": the relay is open, and the source stays as it is up to 40 V or on the '
        "100 mA range (OUTPut:OFF:MODE, page 4-67; User's Guide, page 6-13). This driver changes it only while the "
        "output is off.",
    )
    auto_output_on = parameter(
        bool,
        get_cmd="OUTP{number}:ON:AUTO?",
        set_cmd="OUTP{number}:ON:AUTO {}",
        doc="Whether INITiate and READ, which others may send, switch the output on by themselves; this driver does "
        "not measure with the output off (OUTPut:ON:AUTO, page 4-67).",
    )
    overload_protection = parameter(
        bool,
        get_cmd="OUTP{number}:PROT?",
        set_cmd="OUTP{number}:PROT {}",
        doc="Whether the output switches itself off, at 0 V, when it reaches its limit (OUTPut:PROTection, page 4-67).",
    )
    source_function = parameter(
        str,
        get_cmd="SOUR{number}:FUNC:MODE?",
        set_cmd=_set_function,
        mapping={"voltage": "VOLT", "current": "CURR"},
        doc="What is sourced; this driver changes it only while the output is off (SOURce:FUNCtion:MODE).",
    )
    current_limit = parameter(
        float,
        get_cmd="SENS{number}:CURR:PROT?",
        set_cmd="SENS{number}:CURR:PROT {}",
        unit="A",
        validator=Numbers(1e-10, LARGEST_CURRENT),
        doc="Limit of the voltage source, for both polarities. How much there can be depends on the voltage: 3.03 A up "
        "to 6 V, 1.515 A up to 21 V, 105 mA beyond (SENSe:CURRent:PROTection, page 4-90; table 2-4, page 2-36).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="SENS{number}:VOLT:PROT?",
        set_cmd="SENS{number}:VOLT:PROT {}",
        unit="V",
        validator=Numbers(1e-6, LARGEST_VOLTAGE),
        doc="Limit of the current source, for both polarities (SENSe:VOLTage:PROTection, page 4-90).",
    )
    source_voltage_range = parameter(
        float,
        get_cmd="SOUR{number}:VOLT:RANG?",
        set_cmd=_set_voltage_range,
        unit="V",
        validator=Enum(*VOLTAGE_RANGES),
        depends_on=("source_voltage_auto_range",),
        doc="Range of the voltage source; levels go to 105 % of it, and one that does not hold the level is refused. A "
        "change overshoots by up to 250 mV while the output is on. Setting it ends automatic ranging; while that is "
        "on, read it anew (SOURce:VOLTage:RANGe; table 2-4; User's Guide, page 2-20).",
    )
    source_voltage_auto_range = parameter(
        bool,
        get_cmd="SOUR{number}:VOLT:RANG:AUTO?",
        set_cmd="SOUR{number}:VOLT:RANG:AUTO {}",
        depends_on=("source_voltage_range",),
        doc="The range follows the level (SOURce:VOLTage:RANGe:AUTO).",
    )
    source_current_range = parameter(
        float,
        get_cmd="SOUR{number}:CURR:RANG?",
        set_cmd=_set_current_range,
        unit="A",
        validator=Enum(*CURRENT_RANGES),
        minimum=_lowest_range,
        depends_on=("source_current_auto_range",),
        doc="Range of the current source, from 10 nA with B2911 and B2912, else from 100 nA; levels go to 105 % of it "
        "(1.515 A and 3.03 A in the two highest), and one that does not hold the level is refused. Setting it ends "
        "automatic ranging; while that is on, read it anew (SOURce:CURRent:RANGe).",
    )
    source_current_auto_range = parameter(
        bool,
        get_cmd="SOUR{number}:CURR:RANG:AUTO?",
        set_cmd="SOUR{number}:CURR:RANG:AUTO {}",
        depends_on=("source_current_range",),
        doc="The range follows the level (SOURce:CURRent:RANGe:AUTO).",
    )
    voltage = parameter(
        float,
        get_cmd="SOUR{number}:VOLT?",
        set_cmd="SOUR{number}:VOLT {}",
        unit="V",
        validator=Numbers(-LARGEST_VOLTAGE, LARGEST_VOLTAGE),
        minimum=lambda output: -_largest_voltage(output),
        maximum=_largest_voltage,
        relevant_when={"source_function": "voltage"},
        doc="Level of the voltage source, at the terminals as soon as the output is on. Beyond 42 V the "
        "instrument wants its interlock closed, which was not confirmed (SOURce:VOLTage; table 2-4).",
    )
    current = parameter(
        float,
        get_cmd="SOUR{number}:CURR?",
        set_cmd="SOUR{number}:CURR {}",
        unit="A",
        validator=Numbers(-LARGEST_CURRENT, LARGEST_CURRENT),
        minimum=lambda output: -_largest_current(output),
        maximum=_largest_current,
        relevant_when={"source_function": "current"},
        doc="Level of the current source, at the terminals as soon as the output is on; without pulses "
        "(SOURce:CURRent; table 2-4).",
    )
    voltage_auto_range = parameter(
        bool,
        get_cmd="SENS{number}:VOLT:RANG:AUTO?",
        set_cmd="SENS{number}:VOLT:RANG:AUTO {}",
        doc="The instrument chooses the range for measuring voltage (SENSe:VOLTage:RANGe:AUTO).",
    )
    current_auto_range = parameter(
        bool,
        get_cmd="SENS{number}:CURR:RANG:AUTO?",
        set_cmd="SENS{number}:CURR:RANG:AUTO {}",
        doc="The instrument chooses the range for measuring current (SENSe:CURRent:RANGe:AUTO).",
    )
    nplc = parameter(
        float,
        get_cmd="SENS{number}:CURR:NPLC?",
        set_cmd="SENS{number}:CURR:NPLC {}",
        unit="",
        validator=Numbers(4e-4, 100),
        doc="Integration time in periods of the mains, for all that is measured; what it can be depends on the mains, "
        "and was not confirmed (SENSe:CURRent:NPLCycles).",
    )
    measurement_wait = parameter(
        bool,
        get_cmd="SENS{number}:WAIT?",
        set_cmd="SENS{number}:WAIT {}",
        doc="Whether the instrument waits for the source before it measures (SENSe:WAIT; B2900, page 4-91).",
    )

    # The output, last

    output = parameter(
        bool,
        get_cmd="OUTP{number}?",
        set_cmd="OUTP{number} {}",
        doc="Whether the source is at the terminals (OUTPut).",
    )

    # Readings

    in_current_limit = parameter(
        bool,
        get_cmd="SENS{number}:CURR:PROT:TRIP?",
        relevant_when={"source_function": "voltage"},
        snapshot=False,
        doc="Whether the voltage source is limited by current_limit at present (page 4-91).",
    )
    in_voltage_limit = parameter(
        bool,
        get_cmd="SENS{number}:VOLT:PROT:TRIP?",
        relevant_when={"source_function": "current"},
        snapshot=False,
        doc="Whether the current source is limited by voltage_limit at present (page 4-91).",
    )
    measured_voltage = parameter(
        float,
        get_cmd=_measure_voltage,
        unit="V",
        snapshot=False,
        doc="Voltage of one reading, with the output on; an overflow is infinite (MEASure:VOLTage?).",
    )
    measured_current = parameter(
        float,
        get_cmd=_measure_current,
        unit="A",
        snapshot=False,
        doc="Current of one reading, with the output on; an overflow is infinite (MEASure:CURRent?).",
    )

    def __init__(self, parent: SmuB2900, number: int, model: SmuModel) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.lowest_current_range = model.lowest_current_range
        self.sweep = SmuSweep(self, number)

    def make_safe(self) -> None:
        """Switch the output off; what is then at the terminals says ``output_off_state``."""
        self.output(False)


class SmuB2900(ScpiInstrument):
    """Keysight B2901, B2902, B2911 or B2912: one or two channels of ±210 V and ±3.03 A, which also measure.

    Manual: Agilent B2900 Series SCPI Command Reference, B2910-90030, Edition 2, July 2011, of which only parts were at
    hand; the module's documentation says what the rest is from.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025) and GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because the number of channels and the ranges depend on the model, and changes nothing.
    The instrument would switch an output on to measure; this driver refuses to measure with the output off.
    :meth:`make_safe` switches all outputs off. Channels are ``ch1`` and ``ch2``, or ``outputs[0]``. Pulses, the trace
    buffer, limit tests and resistance are not driven.

    >>> import luthier
    >>> with luthier.open("keysight.b2900", "sim://", name="smu") as smu:
    ...     smu.ch1.current_limit(0.01)
    ...     smu.ch1.voltage(1.5)
    ...     smu.ch1.output(True)
    ...     smu.ch1.measured_current()
    0.0015

    Raises
    ------
    IdentityError
        Another model answers.
    """

    simulator = "keysight.b2900"

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = MODELS.get(self.idn.model)
        if model is None:
            expected = "B2901, B2902, B2911 or B2912, A or B"
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: {expected}, whose ranges the driver keeps",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address.",
                sent="no",
                expected=expected,
                identity=str(self.idn),
            )
        self.ch1 = SmuOutput(self, 1, model)
        outputs = [self.ch1]
        if model.outputs > 1:
            self.ch2 = SmuOutput(self, 2, model)
            outputs.append(self.ch2)
        self.outputs = ChannelList(self, "outputs", outputs)

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the other is switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        switch_all_off(self, list(self.outputs))
