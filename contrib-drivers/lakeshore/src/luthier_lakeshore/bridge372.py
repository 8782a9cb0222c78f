"""The Lake Shore 372 AC resistance bridge and temperature controller.

Commands: Model 372 AC Resistance Bridge and Temperature Controller User's Manual, pages 91, 100, 118, 158, 159, 162,
163, 173 to 175 and 178, which were at hand: CMR, CRVHDR, CRVPT, CRVDEL, FILTER, FREQ, HTR?, HTRSET, HTRST?, RAMP,
RAMPST?, RANGE, RDGK?, RDGR?, RDGPWR?, RDGST?, SCAN, and the limits of P, I and D. The pages of the others were not:
AOUT?, EMUL, INNAME, INSET, INTYPE, MOUT, OUTMODE, PID, QRDG?, SETP, STILL, TLIMIT and WARMUP as known from the maker's
Python package (lakeshore 1.10.0), and, all but AOUT?, EMUL, QRDG? and WARMUP, compared with QCoDeS 0.58.0 or with the
driver of the Simons Observatory (socs), whose tests have replies like those of an instrument. That MOUT is in watts
while the sample heater is displayed so, and which modes an output does not have, is known from these drivers too.

Left out because no page or source was sure enough, or not yet written: zones, alarms, relays, the source of the
monitor output, the ANALOG command, the display, and the minimum and maximum.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from luthier import ChannelList, group, parameter
from luthier.errors import UsageError
from luthier.validators import Ints

from luthier_lakeshore.bridge_inputs import FREQUENCIES, BridgeInput, ControlInput, MeasurementInput
from luthier_lakeshore.bridge_outputs import SampleHeater, StillOutput, WarmUpHeater
from luthier_lakeshore.curves import Curve
from luthier_lakeshore.event_status import LakeShoreInstrument
from luthier_lakeshore.safety import make_all_safe, require_model

__all__ = ["Bridge372"]

INPUTS: Final = 16
SPLINE: Final = "Ω/K, cubic spline"


class BridgeCurve(Curve):
    """The curves of the 372, which are of resistances."""

    formats: ClassVar[dict[str, int]] = {"Ω/K": 3, "log Ω/K": 4, SPLINE: 7}
    format = Curve.format.replace(mapping=formats)

    def write_points(self, sensor_values: Any, temperatures: Any) -> None:
        """Replace the points of the curve; see :meth:`luthier_lakeshore.curves.Curve.write_points`.

        Raises
        ------
        UsageError
            The curve is a cubic spline, whose points need curvatures too, or one of the standard ones. Nothing was
            sent that changes the instrument.
        """
        if self.number() >= self.first_user_curve and self.format() == SPLINE:
            raise UsageError(
                f"curve {self.number()} is a cubic spline, whose points need curvatures; this driver writes none",
                who=self.full_name,
                state="Nothing was changed.",
                advice=f"Set {self.full_name}.format to 'Ω/K' or 'log Ω/K' first.",
            )
        super().write_points(sensor_values, temperatures)


class Bridge372(LakeShoreInstrument):
    """Lake Shore 372: measures resistances down to millikelvins, and controls temperatures with three outputs.

    Inputs of the scanner are ``input1`` … ``input16`` or ``inputs[0]``, together ``inputs.temperature.get()``; the
    control input is ``input_a``. A Model 3708 scanner has eight inputs, and without a scanner ``scan`` does nothing.
    The outputs are ``sample_heater`` and ``warm_up_heater``, together ``loops``, and ``still``.

    Manual: Model 372 AC Resistance Bridge and Temperature Controller User's Manual; commands are in chapter 6.

    Interfaces: USB, which is a serial line (57600 baud, 7 data bits, odd parity; these settings are used unless
    ``transport_options`` says otherwise); GPIB; LAN, a socket on port 7777. What is sent and answered ends with a
    carriage return and a line feed.

    Opening it asks who it is and changes nothing. While it emulates a Model 370 some commands mean other things:
    ``end_emulation()`` ends that. What the instrument refuses raises
    :class:`~luthier.errors.InstrumentReportedError` after each set. :meth:`make_safe` switches all outputs off;
    excitations stay, because without them nobody knows the temperature. A snapshot is restored in the order of
    declaration: inputs before outputs, the range of a heater last.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Raises
    ------
    IdentityError
        Another model answers.

    >>> import luthier
    >>> with luthier.open("lakeshore.372", "sim://", name="bridge") as bridge:
    ...     bridge.input1.excitation("20 µV")
    ...     bridge.input1.temperature()
    ...     heater = bridge.sample_heater
    ...     heater.mode("closed loop")
    ...     heater.setpoint(0.1)
    ...     heater.heater_range("3.16 mA")
    ...     bridge.make_safe()
    ...     heater.heater_range()
    0.01
    'off'
    """

    simulator = "lakeshore.372"
    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 57600, "data_bits": 7, "parity": "odd"}
    model: ClassVar[str] = "MODEL372"

    scanned_input = parameter(
        int, group="scan", validator=Ints(1, INPUTS), doc="Input that the scanner is at (SCAN, p. 175)."
    )
    autoscan = parameter(
        bool, group="scan", doc="Whether the scanner goes from one enabled input to the next by itself (SCAN, p. 175)."
    )
    scan = group(
        "scanned_input",
        "autoscan",
        get_cmd="SCAN?",
        set_cmd="SCAN {scanned_input},{autoscan}",
        doc="Both, by one message; it does nothing without a scanner (SCAN, p. 175).",
    )
    excitation_frequency = parameter(
        float,
        get_cmd="FREQ? 0",
        set_cmd="FREQ 0,{}",
        unit="Hz",
        mapping=FREQUENCIES,
        doc="Frequency of the excitation of the inputs of the scanner; a change takes several seconds (FREQ, p. 162).",
    )
    common_mode_reduction = parameter(
        bool,
        get_cmd="CMR?",
        set_cmd="CMR {}",
        doc="Whether the common mode at the inputs of the scanner is reduced (CMR, p. 158).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        require_model(self, self.model)
        numbers = range(1, INPUTS + 1)
        self.inputs = ChannelList(
            self, "inputs", [MeasurementInput(self, f"input{number}", str(number)) for number in numbers]
        )
        self.input_a = ControlInput(self, "input_a", "A")
        self.curve = BridgeCurve(self)
        self.sample_heater = SampleHeater(self, "sample_heater", 0)
        self.warm_up_heater = WarmUpHeater(self, "warm_up_heater", 1)
        self.loops = ChannelList(self, "loops", [self.sample_heater, self.warm_up_heater])
        self.still = StillOutput(self, "still", 2)
        self.add_function("end_emulation", "EMUL 0", doc="Speak as a Model 372 again (EMUL).")

    def input_named(self, name: str) -> BridgeInput | None:
        """Return an input by its number or letter; ``None`` for "none"."""
        if name == "none":
            return None
        return self.input_a if name == "A" else self.inputs[f"input{name}"]

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the others are switched off all the same.

        The analog output stays as it is in the mode "monitor": it follows a reading then.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        make_all_safe(self.name, (self.sample_heater, self.warm_up_heater, self.still))
