"""The source-measure unit GS610.

Manual: GS610 Source Measure Unit User's Manual, IM 765501-01E, of which pages 5-10 (pulses) and 7-3 (ranges of
measuring) were at hand; the commands, what they mean, and that the output goes off where the function changes are as
quoted from it in a driver for QTLab, and as in the programs of four laboratories that agree. Limiter and
automatic ranging are sent and asked for with the word of what acts, as those do. What it answers to *IDN? is not
confirmed: the number of the model, or its name. What the instrument does by itself where the range changes under a
level is not confirmed: the driver changes it only where nothing can come of it.
"""

from __future__ import annotations

from luthier import Asked, ScpiInstrument, parameter
from luthier.errors import UsageError
from luthier.scpi import format_float
from luthier.validators import Ints, Numbers

from luthier_yokogawa.gs610_settings import (
    CURRENT_RANGES,
    FUNCTIONS,
    STATES,
    VOLTAGE_RANGES,
    automatic_range,
    current_end,
    is_on,
    limiting,
    measured_current,
    measured_voltage,
    measures,
    nominal_range,
    set_automatic_range,
    set_current_limit,
    set_current_range,
    set_function,
    set_limiting,
    set_mode,
    set_shape,
    set_tracking,
    set_voltage_limit,
    set_voltage_range,
    tracking,
    voltage_end,
)

__all__ = ["Gs610"]


class Gs610(ScpiInstrument):
    """Yokogawa GS610: sources and measures up to 110 V and 3 A, within 60 W.

    Manual: GS610 Source Measure Unit User's Manual, IM 765501-01E, of which two pages were at hand.

    Interfaces: GPIB, USB, a serial line, and LAN as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, and the output never jumps by itself: a level beyond the present range is refused
    (levels go to 100 % of it here); the range can be changed only while the output is off or the level 0; the function,
    the mode, the shape and automatic ranging only while the output is off. ``voltage`` and ``current`` can be ramped
    (``step`` and ``rate``). :meth:`make_safe` switches the output off, also of sweeps and pulses; :meth:`zero` keeps
    the terminals connected, at 0 V or 0 A. How pulses, sweeps and programs are set up is left out, and so are stored
    readings.

    >>> import luthier
    >>> with luthier.open("yokogawa.gs610", "sim://", name="smu") as smu:
    ...     smu.source_function("voltage")
    ...     smu.source_voltage_range(2.0)
    ...     smu.current_limit(0.01)
    ...     smu.output(True)
    ...     smu.voltage(0.5)
    ...     smu.measured_current()
    0.0005
    """

    simulator = "yokogawa.gs610"

    source_function = parameter(
        str,
        get_cmd="SOUR:FUNC?",
        set_cmd=set_function,
        mapping=FUNCTIONS,
        doc="What is sourced; the instrument switches the output off where it changes, and this driver changes it only "
        "while the output is off (:SOURce:FUNCtion).",
    )
    source_shape = parameter(
        str,
        get_cmd="SOUR:SHAP?",
        set_cmd=set_shape,
        mapping={"constant": "DC", "pulse": "PULS"},
        doc="Whether the level is put out, or pulses; it is changed only while the output is off (:SOURce:SHAPe).",
    )
    source_mode = parameter(
        str,
        get_cmd="SOUR:MODE?",
        set_cmd=set_mode,
        mapping={"fixed": "FIX", "sweep": "SWE", "program": "LIST"},
        doc="Whether the level stays, is swept, or follows a program; it is changed only while the output is off "
        "(:SOURce:MODE).",
    )
    source_auto_range = parameter(
        bool,
        get_cmd=automatic_range,
        set_cmd=set_automatic_range,
        depends_on=("source_function",),
        doc="Whether the instrument chooses the range of the source with each level, and may interrupt it then; this "
        "driver changes it only while the output is off, and refuses levels beyond the present range all the same. "
        "Setting a range switches it off (:SOURce:VOLTage:RANGe:AUTO, :SOURce:CURRent:RANGe:AUTO).",
    )
    source_voltage_range = parameter(
        float,
        get_cmd="SOUR:VOLT:RANG?",
        set_cmd=set_voltage_range,
        get_parser=lambda text: format_float(nominal_range(VOLTAGE_RANGES, text)),
        unit="V",
        mapping={nominal: format_float(nominal) for nominal in VOLTAGE_RANGES},
        depends_on=("source_function", "source_auto_range"),
        relevant_when={"source_function": "voltage"},
        doc="Range of the voltage source. It can be changed only while the output is off or at 0, and to a range that "
        "holds the level (:SOURce:VOLTage:RANGe).",
    )
    source_current_range = parameter(
        float,
        get_cmd="SOUR:CURR:RANG?",
        set_cmd=set_current_range,
        get_parser=lambda text: format_float(nominal_range(CURRENT_RANGES, text)),
        unit="A",
        mapping={nominal: format_float(nominal) for nominal in CURRENT_RANGES},
        depends_on=("source_function", "source_auto_range"),
        relevant_when={"source_function": "current"},
        doc="Range of the current source. It can be changed only while the output is off or at 0, and to a range that "
        "holds the level (:SOURce:CURRent:RANGe).",
    )
    voltage = parameter(
        float,
        get_cmd="SOUR:VOLT:LEV?",
        set_cmd="SOUR:VOLT:LEV {}",
        unit="V",
        validator=Numbers(-110.0, 110.0),
        minimum=lambda source: -voltage_end(source),
        maximum=voltage_end,
        depends_on=("source_function", "source_voltage_range"),
        relevant_when={"source_function": "voltage"},
        doc="Level of the voltage source, within the present range (:SOURce:VOLTage:LEVel).",
    )
    current = parameter(
        float,
        get_cmd="SOUR:CURR:LEV?",
        set_cmd="SOUR:CURR:LEV {}",
        unit="A",
        validator=Numbers(-3.0, 3.0),
        minimum=lambda source: -current_end(source),
        maximum=current_end,
        depends_on=("source_function", "source_current_range"),
        relevant_when={"source_function": "current"},
        doc="Level of the current source, within the present range (:SOURce:CURRent:LEVel).",
    )
    current_limit = parameter(
        float,
        get_cmd="SOUR:CURR:PROT:ULIM?",
        set_cmd=set_current_limit,
        unit="A",
        minimum=Asked("SOUR:CURR:PROT:ULIM? MIN"),
        maximum=Asked("SOUR:CURR:PROT:ULIM? MAX"),
        depends_on=("source_function", "source_voltage_range"),
        doc="Limit of the current of the voltage source, set for both polarities; read for the positive one. Its own "
        "limits are asked from the instrument (:SOURce:CURRent:PROTection:ULIMit, :LLIMit).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="SOUR:VOLT:PROT:ULIM?",
        set_cmd=set_voltage_limit,
        unit="V",
        minimum=Asked("SOUR:VOLT:PROT:ULIM? MIN"),
        maximum=Asked("SOUR:VOLT:PROT:ULIM? MAX"),
        depends_on=("source_function", "source_current_range"),
        doc="Limit of the voltage of the current source, set for both polarities; read for the positive one. Its own "
        "limits are asked from the instrument (:SOURce:VOLTage:PROTection:ULIMit, :LLIMit).",
    )
    limiting = parameter(
        bool,
        get_cmd=limiting,
        set_cmd=set_limiting,
        depends_on=("source_function",),
        doc="Whether the limit holds that belongs to source_function (:SOURce:CURRent:PROTection:STATe of the voltage "
        "source, :SOURce:VOLTage:PROTection:STATe of the current source).",
    )
    limiter_tracking = parameter(
        bool,
        get_cmd=tracking,
        set_cmd=set_tracking,
        depends_on=("source_function",),
        doc="Whether the limit of one polarity follows that of the other (:SOURce:CURRent:PROTection:LINKage, or "
        ":VOLTage).",
    )
    source_delay = parameter(
        float,
        get_cmd="SOUR:DEL?",
        set_cmd="SOUR:DEL {}",
        unit="s",
        validator=Numbers(1e-6, 3600),
        doc="Time from a trigger to the change of the source (:SOURce:DELay).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        get_parser=is_on,
        depends_on=("source_function",),
        doc="Whether the source is at the terminals; not so where zero() was called (:OUTPut:STATe).",
    )
    output_state = parameter(
        str,
        get_cmd="OUTP?",
        mapping=STATES,
        depends_on=("output",),
        snapshot=False,
        doc="Whether the terminals are off, at the source, or at zero (:OUTPut:STATe?).",
    )
    zero_voltage_offset = parameter(
        float,
        get_cmd="SOUR:VOLT:ZERO:OFFS?",
        unit="V",
        relevant_when={"source_function": "voltage"},
        doc="What zero() puts out; other than 0 V where somebody has set it so (:SOURce:VOLTage:ZERO:OFFSet?).",
    )
    zero_current_offset = parameter(
        float,
        get_cmd="SOUR:CURR:ZERO:OFFS?",
        unit="A",
        relevant_when={"source_function": "current"},
        doc="What zero() puts out; other than 0 A where somebody has set it so (:SOURce:CURRent:ZERO:OFFSet?).",
    )

    # Measuring

    measuring = parameter(bool, get_cmd="SENS:STAT?", set_cmd="SENS:STAT {}", doc="Whether it measures (:SENSe:STATe).")
    sense_auto_range = parameter(
        bool,
        get_cmd="SENS:RANG:AUTO?",
        set_cmd="SENS:RANG:AUTO {}",
        doc="Whether the range of measuring is chosen by what is measured, otherwise by source range and limit. The "
        "level may become discontinuous where it changes. It does nothing but report an error while pulses are put "
        "out, while what is sourced is measured, and without limiter_tracking (page 7-3; :SENSe:RANGe:AUTO).",
    )
    integration_time = parameter(
        float,
        get_cmd="SENS:ITIM?",
        set_cmd="SENS:ITIM {}",
        unit="s",
        validator=Numbers(250e-6, 0.2),
        doc="Of each measurement; the instrument takes the next longer of 250 µs, 1 ms, 4 ms, a period of the mains, "
        "100 ms and 200 ms (:SENSe:ITIMe).",
    )
    measure_delay = parameter(
        float,
        get_cmd="SENS:DEL?",
        set_cmd="SENS:DEL {}",
        unit="s",
        minimum=Asked("SENS:DEL? MIN"),
        maximum=Asked("SENS:DEL? MAX"),
        doc="Time from the change of the source to measuring; its limits are asked from the instrument (:SENSe:DELay).",
    )
    auto_zero = parameter(
        bool, get_cmd="SENS:AZER?", set_cmd="SENS:AZER {}", doc="Whether its own zero is measured too (:SENSe:AZERo)."
    )
    averaging = parameter(
        bool, get_cmd="SENS:AVER?", set_cmd="SENS:AVER {}", doc="Whether readings are averages (:SENSe:AVERage)."
    )
    average_kind = parameter(
        str,
        get_cmd="SENS:AVER:MODE?",
        set_cmd="SENS:AVER:MODE {}",
        mapping={"block": "BLOC", "moving": "MOV"},
        doc="Whether a reading waits for all of its measurements, or is of the last ones (:SENSe:AVERage:MODE).",
    )
    average_count = parameter(
        int,
        get_cmd="SENS:AVER:COUN?",
        set_cmd="SENS:AVER:COUN {}",
        validator=Ints(1, 100_000),
        minimum=Asked("SENS:AVER:COUN? MIN"),
        maximum=Asked("SENS:AVER:COUN? MAX"),
        doc="Of how many measurements a reading is; its limits are asked from the instrument (:SENSe:AVERage:COUNt).",
    )
    remote_sense = parameter(
        bool, get_cmd="SENS:RSEN?", set_cmd="SENS:RSEN {}", doc="Four-wire sensing (:SENSe:RSENse)."
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"timer": "TIM", "external": "EXT", "immediate": "IMM"},
        doc="What triggers source and measurement; measured values wait for it (:TRIGger:SOURce).",
    )
    trigger_period = parameter(
        float,
        get_cmd="TRIG:TIM?",
        set_cmd="TRIG:TIM {}",
        unit="s",
        minimum=Asked("TRIG:TIM? MIN"),
        maximum=Asked("TRIG:TIM? MAX"),
        doc="Time from one trigger of the timer to the next; its limits are asked from the instrument "
        "(:TRIGger:TIMer).",
    )
    measured_voltage = parameter(
        float,
        get_cmd=measured_voltage,
        unit="V",
        relevant_when=measures,
        snapshot=False,
        doc="Voltage at the terminals; what is measured is set to it (:SENSe:FUNCtion, :READ?).",
    )
    measured_current = parameter(
        float,
        get_cmd=measured_current,
        unit="A",
        relevant_when=measures,
        snapshot=False,
        doc="Current through the terminals; what is measured is set to it (:SENSe:FUNCtion, :READ?).",
    )

    def zero(self) -> None:
        """Connect the terminals, at 0 V or 0 A; levels stay (:OUTPut:STATe ZERO).

        Raises :class:`~luthier.errors.UsageError` where the instrument's zero has another offset. Nothing was changed
        then.
        """
        name = f"zero_{self.source_function()}_offset"
        offset = self[name].get()
        if offset:
            raise UsageError(
                f"what the instrument takes for zero is {offset:g} {self[name].unit}",
                who=self.full_name,
                state="Nothing was changed.",
                advice="Set the offset of the zero output to 0 at the front panel, or switch the output off.",
            )
        self.write("OUTP ZERO")
        self.output.cache.invalidate()
        self.output_state.cache.invalidate()
        if self.confirm_set is not None:
            self.confirm_set("OUTP ZERO")

    def make_safe(self) -> None:
        """Switch the output off; the level stays as it is."""
        self.output(False)
