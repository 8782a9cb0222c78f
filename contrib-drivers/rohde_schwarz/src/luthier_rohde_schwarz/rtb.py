"""The Rohde & Schwarz RTB2000, RTM3000 and RTA4000 oscilloscopes.

Waveforms and their formats: RTB2000 User Manual, 1333.1611.02, version 04, pages 244 and 339 to 343, version 06, page
369, and version 11, page 536; RTM3000 User Manual, 1335.9090.02, version 09, page 572. Sources and types of triggers:
RTA4000 User Manual, 1335.7898.02, version 08, page 461. The other commands are known from drivers of other projects
(libsigrok for all three series, libscopehal for RTB2000 and RTM3000, Lab::Measurement for the RTB2000); those pages
were not at hand. CHANnel:OFFSet is left out, because sources differ on its sign.
"""

from __future__ import annotations

import re

from luthier import parameter
from luthier.errors import IdentityError
from luthier.scpi import format_float
from luthier.validators import Enum, Ints, Numbers

from luthier_rohde_schwarz.oscilloscope import (
    DIVISIONS,
    SOURCES_WITH_LEVEL,
    Oscilloscope,
    ScopeInput,
    read_level,
    set_level,
)

__all__ = ["Rtb", "RtbInput", "RtmInput"]

TIME_SCALES = tuple(float(f"{step}e{decade}") for decade in range(-9, 2) for step in (1, 2, 5))
"""1 ns to 50 s."""


def _offset(channel: RtbInput) -> float:
    scale = channel.scale.known_or_read()
    return -channel.position.get() * scale + 0.0


def _set_offset(channel: RtbInput, volts: float) -> None:
    divisions = -volts / channel.scale.known_or_read() + 0.0
    channel.write(f"CHAN{channel.number}:POS {format_float(divisions)}")


class RtbInput(ScopeInput):
    """One input of an RTB."""

    probe = parameter(
        float,
        get_cmd="PROB{number}:SET:ATT:MAN?",
        set_cmd="PROB{number}:SET:ATT:MAN {}",
        unit="",
        validator=Numbers(1e-3, 10_000),
        doc="By what the probe divides; scale, offset and trace are what is at its tip "
        "(PROBe:SETup:ATTenuation:MANual).",
    )
    offset = parameter(
        float,
        get_cmd=_offset,
        set_cmd=_set_offset,
        unit="V",
        minimum=lambda channel: -DIVISIONS * channel.scale.known_or_read(),
        maximum=lambda channel: DIVISIONS * channel.scale.known_or_read(),
        depends_on=("scale", "position"),
        snapshot=False,
        doc="Voltage at the middle of the screen; it is position in V, and another scale leaves position as it is "
        "(CHANnel:POSition). The instrument's own offset (CHANnel:OFFSet) is taken to be 0.",
    )
    inverted = parameter(
        bool,
        get_cmd="CHAN{number}:POL?",
        set_cmd="CHAN{number}:POL {}",
        mapping={True: "INV", False: "NORM"},
        doc="Whether the voltages have the other sign (CHANnel:POLarity).",
    )
    coupling = parameter(
        str,
        get_cmd="CHAN{number}:COUP?",
        set_cmd="CHAN{number}:COUP {}",
        mapping={"dc": "DCL", "ac": "ACL", "ground": "GND"},
        doc="Coupling of the input, with 1 MΩ (CHANnel:COUPling).",
    )
    bandwidth = parameter(
        str,
        get_cmd="CHAN{number}:BAND?",
        set_cmd="CHAN{number}:BAND {}",
        mapping={"full": "FULL", "20 MHz": "B20"},
        doc="Limit of the bandwidth (CHANnel:BANDwidth).",
    )
    data_range = parameter(
        str,
        set_cmd="CHAN{number}:DATA:POIN {}",
        mapping={"screen": "DEF", "memory": "MAX", "screen from memory": "DMAX"},
        doc="What of the acquisition a trace is: the points of the screen, all points of the memory, or those of the "
        "memory for the time on the screen. It can be chosen once it has stopped; while it runs, it is the screen. It "
        "can only be set: the query answers the number of points (CHANnel:DATA:POINts; RTB2000 version 11, page 536).",
    )


class RtmInput(RtbInput):
    """One input of an RTM3000 or RTA4000, which has 50 Ω too."""

    coupling = parameter(
        str,
        get_cmd="CHAN{number}:COUP?",
        set_cmd="CHAN{number}:COUP {}",
        mapping={"dc": "DCL", "ac": "ACL", "ground": "GND", "dc 50 ohm": "DC"},
        doc="Coupling of the input: with 1 MΩ, or with 50 Ω (CHANnel:COUPling).",
    )


class Rtb(Oscilloscope):
    """Rohde & Schwarz RTB2002, RTB2004, RTM3002, RTM3004, RTA4004: oscilloscopes of two or four channels.

    Interfaces: LAN (VXI-11, and a socket on port 5025), USB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening one asks who it is, because models differ in the number of inputs, and changes nothing. It measures only,
    so that there is nothing to make safe. Inputs are ``ch1`` …, or ``inputs[0]``. Reading a trace chooses what the
    instrument sends (FORMat), which changes nothing of what it measures. To measure: ``acquire()``, then read the
    traces of the channels that are enabled; ``trigger_mode("normal")`` makes sure that a trigger starts it.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.rtb", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(0.5)
    ...     scope.time_scale(200e-6)
    ...     scope.acquire()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 3)
    ((5000,), 1.0)
    """

    simulator = "rohde_schwarz.rtb"
    level_command = "TRIG:A:LEV"
    run_command = "RUN"
    single_command = "SING"

    time_scale = parameter(
        float,
        get_cmd="TIM:SCAL?",
        set_cmd="TIM:SCAL {}",
        unit="s",
        validator=Enum(*TIME_SCALES),
        depends_on=("sample_rate",),
        doc="Time of one of the 12 divisions: from 1 ns to 50 s in steps of 1, 2 and 5 (TIMebase:SCALe).",
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
        get_cmd="TIM:POS?",
        set_cmd="TIM:POS {}",
        unit="s",
        doc="Time at the place that time_reference says, from the trigger (TIMebase:POSition).",
    )
    sample_rate = parameter(
        float, get_cmd="ACQ:SRAT?", unit="Hz", snapshot=False, doc="Samples in a second (ACQuire:SRATe?)."
    )
    decimation = parameter(
        str,
        get_cmd="CHAN:TYPE?",
        set_cmd="CHAN:TYPE {}",
        mapping={"sample": "SAMP", "peak detect": "PDET", "high resolution": "HRES"},
        doc="How samples become points, for all channels: one of them, the lowest and the highest, or their mean "
        "(CHANnel:TYPE).",
    )
    arithmetic = parameter(
        str,
        get_cmd="CHAN:ARIT?",
        set_cmd="CHAN:ARIT {}",
        mapping={"off": "OFF", "envelope": "ENV", "average": "AVER"},
        doc="What becomes of several acquisitions, for all channels (CHANnel:ARIThmetics).",
    )
    averages = parameter(
        int,
        get_cmd="ACQ:AVER:COUN?",
        set_cmd="ACQ:AVER:COUN {}",
        validator=Ints(2, 100_000),
        doc="Over how many acquisitions is averaged; beyond what the model can the instrument reports an error "
        "(ACQuire:AVERage:COUNt).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:A:SOUR?",
        set_cmd="TRIG:A:SOUR {}",
        mapping={"ch1": "CH1", "ch2": "CH2", "ch3": "CH3", "ch4": "CH4", "external": "EXT", "mains": "LINE"},
        doc="What triggers (TRIGger:A:SOURce).",
    )
    trigger_type = parameter(
        str,
        get_cmd="TRIG:A:TYPE?",
        set_cmd="TRIG:A:TYPE {}",
        mapping={
            "edge": "EDGE",
            "width": "WIDT",
            "tv": "TV",
            "bus": "BUS",
            "logic": "LOG",
            "line": "LINE",
            "rise time": "RIS",
            "runt": "RUNT",
        },
        doc="Of what kind the trigger is (TRIGger:A:TYPE).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:A:EDGE:SLOP?",
        set_cmd="TRIG:A:EDGE:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG", "both": "EITH"},
        doc="Which edge triggers (TRIGger:A:EDGE:SLOPe).",
    )
    trigger_level = parameter(
        float,
        get_cmd=read_level,
        set_cmd=set_level,
        unit="V",
        relevant_when={"trigger_source": tuple(SOURCES_WITH_LEVEL)},
        depends_on=("trigger_source",),
        doc="Level of the source that triggers; what is possible depends on the scale, and beyond it the instrument "
        "reports an error (TRIGger:A:LEVel:VALue).",
    )
    trigger_mode = parameter(
        str,
        get_cmd="TRIG:A:MODE?",
        set_cmd="TRIG:A:MODE {}",
        mapping={"auto": "AUTO", "normal": "NORM"},
        doc="Whether it acquires without a trigger too, or with each trigger (TRIGger:A:MODE).",
    )

    def kind_of_inputs(self) -> tuple[type[ScopeInput], int]:
        """Return as many inputs as the last digit of the model says: an RTB2004 has four."""
        found = re.fullmatch(r"RT([BMA])\d\d\d([24])", self.idn.model.upper())
        if not found:
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: an RTB2000, RTM3000 or RTA4000",
                who=f"{self.name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address, or open it with the driver for that model.",
                sent="no",
                expected="RTB2000, RTM3000 or RTA4000",
                identity=str(self.idn),
            )
        return RtbInput if found[1] == "B" else RtmInput, int(found[2])
