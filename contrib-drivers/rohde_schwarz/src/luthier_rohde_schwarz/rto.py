"""The Rohde & Schwarz RTO, RTO6, RTP and RTE oscilloscopes.

Commands as the maker's package RsRtx 5.60 quotes the user manual; the header of waveforms, triggers and horizontal
settings were also seen in parts of the manuals: RTO User Manual, 1316.0827.02, version 06, pages 17, 31 and 86; RTO6
User Manual, 1801.6687.02, version 05, pages 1342 and 1430; RTP User Manual, 1337.9952.02, version 12, page 1279.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import parameter
from luthier.validators import Ints, Numbers

from luthier_rohde_schwarz.oscilloscope import (
    DIVISIONS,
    SOURCES_WITH_LEVEL,
    Oscilloscope,
    ScopeInput,
    read_level,
    set_level,
)

__all__ = ["Rto", "RtoInput"]


def _lowest_level(scope: Rto) -> float | None:
    return _level(scope, -DIVISIONS)


def _highest_level(scope: Rto) -> float | None:
    return _level(scope, DIVISIONS)


def _level(scope: Rto, divisions: float) -> float | None:
    source = scope.trigger_source.known_or_read()
    if source not in scope.channels:
        return None
    channel = scope.channels[source]
    scale = float(channel["scale"].known_or_read())  # first, because it ends what is known of the offset
    offset = float(channel["offset"].known_or_read())
    return offset + (divisions - float(channel["position"].known_or_read())) * scale


class RtoInput(ScopeInput):
    """One input of an RTO."""

    transfer: ClassVar[tuple[str, ...]] = (*ScopeInput.transfer, "EXP:WAV:INCX OFF", "EXP:WAV:MULT OFF")

    probe = parameter(
        float,
        get_cmd="PROB{number}:SET:ATT?",
        unit="",
        doc="By what the probe divides, as the instrument knows it; scale, offset and trace are what is at its tip "
        "(PROBe:SETup:ATTenuation:AUTO?).",
    )
    offset = parameter(
        float,
        get_cmd="CHAN{number}:OFFS?",
        set_cmd="CHAN{number}:OFFS {}",
        unit="V",
        depends_on=("scale",),
        doc="Voltage that is subtracted before digitizing, which is that at the middle of the screen while position is "
        "0; traces have the voltage of the signal. What is possible depends on the scale, and beyond it the "
        "instrument reports an error (CHANnel:OFFSet).",
    )
    coupling = parameter(
        str,
        get_cmd="CHAN{number}:COUP?",
        set_cmd="CHAN{number}:COUP {}",
        mapping={"dc 50 ohm": "DC", "dc": "DCL", "ac": "AC"},
        doc="Coupling of the input: with 50 Ω, or with 1 MΩ (CHANnel:COUPling).",
    )
    ground = parameter(
        bool,
        get_cmd="CHAN{number}:GND?",
        set_cmd="CHAN{number}:GND {}",
        doc="Whether the input is connected to ground in place of the signal (CHANnel:GND).",
    )
    bandwidth = parameter(
        str,
        get_cmd="CHAN{number}:BAND?",
        set_cmd="CHAN{number}:BAND {}",
        mapping={"full": "FULL", "800 MHz": "B800", "200 MHz": "B200", "20 MHz": "B20"},
        doc="Limit of the bandwidth; 800 MHz needs 50 Ω and a model of 1 GHz or more (CHANnel:BANDwidth).",
    )
    inverted = parameter(
        bool,
        get_cmd="CHAN{number}:INV?",
        set_cmd="CHAN{number}:INV {}",
        doc="Whether the voltages have the other sign (CHANnel:INVert).",
    )
    decimation = parameter(
        str,
        get_cmd="CHAN{number}:TYPE?",
        set_cmd="CHAN{number}:TYPE {}",
        mapping={"sample": "SAMP", "peak detect": "PDET", "high resolution": "HRES", "rms": "RMS"},
        depends_on=("waveform",),
        doc="How samples become points: one of them, the lowest and the highest, their mean, or their root mean square "
        "(CHANnel:WAVeform:TYPE).",
    )
    arithmetic = parameter(
        str,
        get_cmd="CHAN{number}:ARIT?",
        set_cmd="CHAN{number}:ARIT {}",
        mapping={"off": "OFF", "envelope": "ENV", "average": "AVER"},
        doc="What becomes of acquisition_count acquisitions (CHANnel:WAVeform:ARIThmetics).",
    )
    overloaded = parameter(
        bool,
        get_cmd="CHAN{number}:OVER?",
        snapshot=False,
        doc="Whether the input is overloaded (CHANnel:OVERload?).",
    )


class Rto(Oscilloscope):
    """Rohde & Schwarz RTO1000, RTO2000, RTO6, RTP, RTE: oscilloscopes of two or four channels.

    Interfaces: LAN (HiSLIP, VXI-11, and a socket on port 5025), USB, GPIB as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening one asks who it is, because models differ in the number of inputs, and changes nothing. It measures only,
    so that there is nothing to make safe. Inputs are ``ch1`` …, or ``inputs[0]``. Reading a trace chooses what the
    instrument sends (FORMat, EXPort:WAVeform:INCXvalues and :MULTichannel), which changes nothing of what it measures.
    To measure: ``acquire()``, then read the traces of the channels that are enabled.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.rto", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(0.5)
    ...     scope.time_scale(200e-6)
    ...     scope.acquire()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 3)
    ((1000,), 1.0)
    """

    simulator = "rohde_schwarz.rto"
    level_command = "TRIG:LEV"
    run_command = "RUNC"
    single_command = "RUNS"

    time_scale = parameter(
        float,
        get_cmd="TIM:SCAL?",
        set_cmd="TIM:SCAL {}",
        unit="s",
        validator=Numbers(25e-12, 10_000),
        depends_on=("record_length", "sample_rate"),
        doc="Time of one of the 10 divisions; an RTE takes up to 5000 s (TIMebase:SCALe).",
    )
    time_reference = parameter(
        float,
        get_cmd="TIM:REF?",
        set_cmd="TIM:REF {}",
        unit="%",
        validator=Numbers(0, 100),
        doc="Where on the screen time_offset is, from the left; 50: in the middle (TIMebase:REFerence).",
    )
    time_offset = parameter(
        float,
        get_cmd="TIM:HOR:POS?",
        set_cmd="TIM:HOR:POS {}",
        unit="s",
        doc="Time at the place that time_reference says, from the trigger (TIMebase:HORizontal:POSition).",
    )
    record_length = parameter(
        int,
        get_cmd="ACQ:POIN?",
        set_cmd="ACQ:POIN {}",
        validator=Ints(1000, 800_000_000),
        depends_on=("time_scale", "sample_rate"),
        doc="Number of points that are acquired; beyond the memory the instrument reports an error "
        "(ACQuire:POINts:VALue).",
    )
    sample_rate = parameter(
        float,
        get_cmd="ACQ:SRAT?",
        unit="Hz",
        snapshot=False,
        doc="Points in a second (ACQuire:SRATe?).",
    )
    acquisition_count = parameter(
        int,
        get_cmd="ACQ:COUN?",
        set_cmd="ACQ:COUN {}",
        validator=Ints(1, 16_777_215),
        doc="How many acquisitions single() and acquire() make, and over how many is averaged (ACQuire:COUNt).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"ch1": "CHAN1", "ch2": "CHAN2", "ch3": "CHAN3", "ch4": "CHAN4", "external": "EXT", "mains": "LINE"},
        doc="What triggers (TRIGger:SOURce:SELect).",
    )
    trigger_type = parameter(
        str,
        get_cmd="TRIG:TYPE?",
        set_cmd="TRIG:TYPE {}",
        mapping={
            "edge": "EDGE",
            "analog edge": "ANED",
            "glitch": "GLIT",
            "width": "WIDT",
            "runt": "RUNT",
            "window": "WIND",
            "timeout": "TIM",
            "interval": "INT",
            "slew rate": "SLEW",
            "setup and hold": "DAT",
            "state": "STAT",
            "pattern": "PATT",
            "serial pattern": "SERP",
        },
        doc="Of what kind the trigger is; the source external takes analog edge alone (TRIGger:TYPE).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:EDGE:SLOP?",
        set_cmd="TRIG:EDGE:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG", "both": "EITH"},
        doc="Which edge triggers (TRIGger:EDGE:SLOPe).",
    )
    trigger_level = parameter(
        float,
        get_cmd=read_level,
        set_cmd=set_level,
        unit="V",
        minimum=_lowest_level,
        maximum=_highest_level,
        relevant_when={"trigger_source": tuple(SOURCES_WITH_LEVEL)},
        depends_on=("trigger_source",),
        doc="Level of the source that triggers: within the screen (TRIGger:LEVel:VALue).",
    )
    trigger_mode = parameter(
        str,
        get_cmd="TRIG:MODE?",
        set_cmd="TRIG:MODE {}",
        mapping={"auto": "AUTO", "normal": "NORM", "free run": "FRE"},
        doc="Whether it acquires without a trigger too, with each trigger, or whatever triggers say (TRIGger:MODE).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("force_trigger", "TRIG:FORC", doc="Take now as the trigger (TRIGger:FORCe).")

    def kind_of_inputs(self) -> tuple[type[ScopeInput], int]:
        """Two inputs for the material numbers that end so (1316.1000k02), else four."""
        material = self.idn.serial.split("/")[0].lower()
        return RtoInput, 2 if "k" in material and material.endswith("2") else 4
