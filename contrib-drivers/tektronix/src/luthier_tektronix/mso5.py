"""The Tektronix 4, 5 and 6 Series MSO oscilloscopes, and the Series 5 and 6 low-profile digitisers.

Commands: as the maker lists them in tm_devices 3.7.0 (MSO4, MSO5, MSO5LP, MSO6, LPD6), which is made from the
programmer manual; the manual itself was not at hand. The limits of the position are not confirmed.
"""

from __future__ import annotations

import re
from typing import Any

from luthier import parameter
from luthier.validators import Enum, Ints, Numbers

from luthier_tektronix.scope_acquisition import Acquisition, sources
from luthier_tektronix.scope_messages import short_forms
from luthier_tektronix.scope_waveforms import Waveform

__all__ = ["Mso5", "Mso5Input"]


class Mso5Input(Waveform):
    """One input."""

    enabled = parameter(
        bool,
        get_cmd="DIS:GLO:{source}:STATE?",
        set_cmd="DIS:GLO:{source}:STATE {}",
        doc="Whether it is acquired and shown; what is not shown is not sent (DISplay:GLObal:CH<x>:STATE).",
    )
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
        get_parser=short_forms("AC", "DC", "DCREJ"),
        mapping={"dc": "DC", "ac": "AC"},
        doc="Coupling of the input (CH<x>:COUPling).",
    )
    termination = parameter(
        float,
        get_cmd="{source}:TER?",
        set_cmd="{source}:TER {}",
        unit="Ω",
        validator=Enum(50.0, 1e6),
        doc="What the input loads the signal with (CH<x>:TERmination).",
    )
    scale = parameter(
        float,
        get_cmd="{source}:SCA?",
        set_cmd="{source}:SCA {}",
        unit="V",
        validator=Numbers(1e-6, 1e6),
        doc="Voltage of one division; what is possible depends on probe and termination, and beyond it the instrument "
        "reports an event (CH<x>:SCAle).",
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
        validator=Numbers(-10, 10),
        doc="By how many divisions the waveform is moved up on the screen, beside the offset (CH<x>:POSition; the "
        "limits are not confirmed).",
    )


class Mso5(Acquisition):
    """Tektronix 4, 5 and 6 Series MSO (MSO44 to MSO68B, and the low-profile LPD64): 2 to 8 channels.

    Manual: the maker's list of commands (tm_devices 3.7.0); the programmer manual was not at hand.

    Interfaces: USB, LAN (VXI-11, and a socket on port 4000); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is and changes nothing. It measures only, so that there is nothing to make safe. Inputs are
    ``ch1`` and so on, or ``inputs[0]``. Reading a trace chooses what the instrument sends (``HEADer OFF``, ``DATa``,
    ``WFMOutpre:BYT_Nr 2``), which changes nothing of what it measures. References cannot be sent to these; digital
    channels, spectra, mathematics and measurements are left out.

    >>> import luthier
    >>> with luthier.open("tektronix.mso5", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(1.0)
    ...     scope.time_scale(200e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 1)
    ((1000,), 2.5)
    """

    simulator = "tektronix.mso5"
    model_pattern = re.compile(r"MSO[456][2468](B|LP)?|LPD64")
    model_example = "a 4, 5 or 6 Series MSO, such as MSO54"

    time_scale = parameter(
        float,
        get_cmd="HOR:SCA?",
        set_cmd="HOR:SCA {}",
        unit="s",
        validator=Numbers(1e-11, 1e3),
        doc="Time of one of the 10 divisions; the instrument takes the nearest that it has (HORizontal:SCAle).",
    )
    horizontal_mode = parameter(
        str,
        get_cmd="HOR:MOD?",
        set_cmd="HOR:MOD {}",
        get_parser=short_forms("AUTO", "MANual"),
        mapping={"auto": "AUTO", "manual": "MAN"},
        doc="Whether the instrument chooses the record length, or it can be set (HORizontal:MODe).",
    )
    record_length = parameter(
        int,
        get_cmd="HOR:RECO?",
        set_cmd="HOR:RECO {}",
        validator=Ints(1000, 1_000_000_000),
        doc="How many points an acquisition has; it can be set while horizontal_mode is 'manual' "
        "(HORizontal:RECOrdlength).",
    )
    sample_rate = parameter(
        float, get_cmd="HOR:SAMPLER?", unit="Hz", snapshot=False, doc="Samples in a second (HORizontal:SAMPLERate?)."
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:A:EDGE:SOU?",
        set_cmd="TRIG:A:EDGE:SOU {}",
        get_parser=short_forms("AUXiliary", "LINE"),
        mapping=sources(8, auxiliary="AUX", mains="LINE"),
        doc="Whose edge triggers; of those that the model has (TRIGger:A:EDGE:SOUrce).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self._has_inputs(Mso5Input)
