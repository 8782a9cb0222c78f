"""The Tektronix MSO5000, DPO5000, DPO7000 and DPO/DSA/MSO70000 oscilloscopes.

Commands: as the maker lists them in tm_devices 3.7.0 (DPO5K, MSO5K, DPO7K, DPO70K, DSA70K, MSO70K), which is made from
the programmer manuals, and as in QCoDeS 0.58; of the manual of the DPO70000 only pages on the vertical settings were at
hand.
"""

from __future__ import annotations

import re
from typing import Any

from luthier import ChannelList, parameter
from luthier.validators import Enum, Ints, Numbers

from luthier_tektronix.scope_acquisition import Acquisition
from luthier_tektronix.scope_messages import short_forms
from luthier_tektronix.scope_waveforms import Reference, Waveform

__all__ = ["Dpo7000", "Dpo7000Input"]

REFERENCES = 4


class Dpo7000Input(Waveform):
    """One input."""

    probe_gain = parameter(
        float,
        get_cmd="{source}:PRO:GAIN?",
        unit="",
        doc="By what the probe multiplies, 0.1 for one that divides by ten; scale, offset and trace are what is at its "
        "tip (CH<x>:PRObe:GAIN?).",
    )
    coupling = parameter(
        str,
        get_cmd="{source}:COUP?",
        set_cmd="{source}:COUP {}",
        get_parser=short_forms("AC", "DC", "GND", "DCREJect"),
        mapping={"dc": "DC", "ac": "AC", "ground": "GND", "dc reject": "DCREJ"},
        doc="Coupling of the input; of those that the model and the probe have (CH<x>:COUPling).",
    )
    termination = parameter(
        float,
        get_cmd="{source}:TER?",
        set_cmd="{source}:TER {}",
        unit="Ω",
        validator=Enum(50.0, 1e6),
        doc="What the input loads the signal with; 70000 models have 50 Ω only (CH<x>:TERmination).",
    )
    scale = parameter(
        float,
        get_cmd="{source}:SCA?",
        set_cmd="{source}:SCA {}",
        unit="V",
        validator=Numbers(1e-6, 1e6),
        doc="Voltage of one division; what is possible depends on model, probe and termination, and beyond it the "
        "instrument reports an event (CH<x>:SCAle).",
    )
    offset = parameter(
        float,
        get_cmd="{source}:OFFS?",
        set_cmd="{source}:OFFS {}",
        unit="V",
        validator=Numbers(-1e6, 1e6),
        depends_on=("scale",),
        doc="Voltage at the middle of the screen while position is 0; what is possible depends on the scale; beyond "
        "it the instrument reports an event (CH<x>:OFFSet).",
    )
    position = parameter(
        float,
        get_cmd="{source}:POS?",
        set_cmd="{source}:POS {}",
        unit="",
        validator=Numbers(-8, 8),
        doc="By how many divisions the waveform is moved up on the screen, beside the offset (CH<x>:POSition).",
    )


class Dpo7000(Acquisition):
    """Tektronix MSO5000, DPO5000, DPO7000 and DPO/DSA/MSO70000 (A to DX): oscilloscopes of two or four channels.

    Manual: the maker's list of commands (tm_devices 3.7.0); the programmer manual was at hand in parts.

    Interfaces: GPIB, LAN (VXI-11, and a socket on port 4000), USB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is and changes nothing. It measures only, so that there is nothing to make safe. Inputs are
    ``ch1`` to ``ch4``, or ``inputs[0]``; reference memories are ``ref1`` to ``ref4``, or ``references[0]``. Reading a
    trace chooses what the instrument sends (``HEADer OFF``, ``DATa``, ``WFMOutpre:BYT_Nr 2``), which changes nothing of
    what it measures. FastFrame, digital channels, mathematics and measurements are left out.

    >>> import luthier
    >>> with luthier.open("tektronix.dpo7000", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(1.0)
    ...     scope.time_scale(200e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 1)
    ((1000,), 2.5)
    """

    simulator = "tektronix.dpo7000"
    model_pattern = re.compile(r"(MSO|DPO)5\d{3}B?|DPO7\d{3}C?|(DPO|DSA|MSO)7\d{4}[A-Z]{0,2}")
    model_example = "an MSO5000, DPO5000, DPO7000 or DPO70000, such as DPO7054C"
    delay = "HOR:MAI:DEL"

    time_scale = parameter(
        float,
        get_cmd="HOR:MODE:SCA?",
        set_cmd="HOR:MODE:SCA {}",
        unit="s",
        validator=Numbers(1e-12, 1e3),
        doc="Time of one of the 10 divisions; the instrument takes the nearest that it has (HORizontal:MODE:SCAle).",
    )
    horizontal_mode = parameter(
        str,
        get_cmd="HOR:MODE?",
        set_cmd="HOR:MODE {}",
        get_parser=short_forms("AUTO", "CONStant", "MANual"),
        mapping={"auto": "AUTO", "constant": "CONS", "manual": "MAN"},
        doc="Whether the instrument chooses the record length, keeps the sample rate, or all can be set "
        "(HORizontal:MODE).",
    )
    record_length = parameter(
        int,
        get_cmd="HOR:MODE:RECO?",
        set_cmd="HOR:MODE:RECO {}",
        validator=Ints(500, 1_000_000_000),
        doc="How many points an acquisition has; it can be set while horizontal_mode is 'manual' "
        "(HORizontal:MODE:RECOrdlength).",
    )
    sample_rate = parameter(
        float,
        get_cmd="HOR:MODE:SAMPLER?",
        set_cmd="HOR:MODE:SAMPLER {}",
        unit="Hz",
        validator=Numbers(1.0, 1e12),
        doc="Samples in a second; the instrument takes the nearest that it has (HORizontal:MODE:SAMPLERate).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TRIG:A:LEV?",
        set_cmd="TRIG:A:LEV {}",
        unit="V",
        validator=Numbers(-1e6, 1e6),
        depends_on=("trigger_source",),
        doc="Level of the trigger; what is possible depends on the scale; beyond it the instrument reports an event "
        "(TRIGger:A:LEVel).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self._has_inputs(Dpo7000Input)
        references = [Reference(self, f"ref{number}", f"REF{number}") for number in range(1, REFERENCES + 1)]
        for reference in references:
            setattr(self, reference.name, reference)
        self.references = ChannelList(self, "references", references)
