"""The Tektronix MSO4000 and DPO4000, MDO3000, MDO4000 and 3 Series MDO oscilloscopes.

Commands: as the maker lists them in tm_devices 3.7.0 (DPO4K, MSO4K, MDO3K, MDO4K, MDO3), which is made from the
programmer manuals (position, averages); of the 4000 Series Programmer Manual, 071-2133-02, only parts were at hand.
Limits of the scale are as in the data sheets, which were not at hand, and not confirmed.
"""

from __future__ import annotations

import re
from typing import Any

from luthier import ChannelList, parameter
from luthier.validators import Enum, Ints, Numbers

from luthier_tektronix.scope_acquisition import Acquisition
from luthier_tektronix.scope_messages import short_forms
from luthier_tektronix.scope_waveforms import Reference, Waveform

__all__ = ["Dpo4000", "ScopeInput"]


def _smallest_scale(channel: ScopeInput) -> float:
    return 1e-3 / float(channel.probe_gain.known_or_read())


def _largest_scale(channel: ScopeInput) -> float:
    return 10.0 / float(channel.probe_gain.known_or_read())


class ScopeInput(Waveform):
    """One input."""

    probe_gain = parameter(
        float,
        get_cmd="{source}:PRO:GAIN?",
        set_cmd="{source}:PRO:GAIN {}",
        unit="",
        validator=Numbers(1e-6, 1e3),
        doc="By what the probe multiplies, 0.1 for one that divides by ten; scale, offset and trace are what is at its "
        "tip. Probes that tell theirs refuse another (CH<x>:PRObe:GAIN).",
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
        doc="What the input loads the signal with (CH<x>:TERmination).",
    )
    inverted = parameter(
        bool, get_cmd="{source}:INV?", set_cmd="{source}:INV {}", doc="Whether the sign is changed (CH<x>:INVert)."
    )
    scale = parameter(
        float,
        get_cmd="{source}:SCA?",
        set_cmd="{source}:SCA {}",
        unit="V",
        minimum=_smallest_scale,
        maximum=_largest_scale,
        depends_on=("probe_gain",),
        doc="Voltage of one division: from 1 mV to 10 V over the gain of the probe; to 1 V with 50 Ω (CH<x>:SCAle; the "
        "limits are not confirmed).",
    )
    offset = parameter(
        float,
        get_cmd="{source}:OFFS?",
        set_cmd="{source}:OFFS {}",
        unit="V",
        validator=Numbers(-1e6, 1e6),
        depends_on=("probe_gain", "scale"),
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


class Dpo4000(Acquisition):
    """Tektronix MSO4000 and DPO4000, MDO3000, MDO4000 and 3 Series MDO: oscilloscopes of two or four channels.

    Manual: the maker's list of commands (tm_devices 3.7.0); 4000 Series Programmer Manual, 071-2133-02, in parts.

    Interfaces: USB, LAN (VXI-11, and a socket on port 4000), GPIB over an adapter; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is and changes nothing. It measures only, so that there is nothing to make safe. Inputs are
    ``ch1`` to ``ch4``, or ``inputs[0]``; reference memories are ``ref1`` to ``ref4``, or ``references[0]``. Reading a
    trace chooses what the instrument sends (``HEADer OFF``, ``DATa``, ``WFMOutpre:BYT_Nr 2``), which changes nothing of
    what it measures. Digital channels, the spectrum analyser of MDOs, mathematics and measurements are left out.

    >>> import luthier
    >>> with luthier.open("tektronix.dpo4000", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(1.0)
    ...     scope.time_scale(200e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     scope.ref1.store(scope.ch1.times(), trace)
    ...     trace.shape, round(float(trace.max()), 1)
    ((1000,), 2.5)
    """

    simulator = "tektronix.dpo4000"
    model_pattern = re.compile(r"(MSO|DPO|MDO)4\d{2,3}[ABC]?(-\d)?|MDO3\d{3}|MDO3[24]")
    model_example = "an MSO4000, DPO4000, MDO3000 or MDO4000, such as DPO4054"

    time_scale = parameter(
        float,
        get_cmd="HOR:SCA?",
        set_cmd="HOR:SCA {}",
        unit="s",
        validator=Numbers(1e-10, 1e3),
        doc="Time of one of the 10 divisions; the instrument takes the nearest that it has (HORizontal:SCAle).",
    )
    record_length = parameter(
        int,
        get_cmd="HOR:RECO?",
        set_cmd="HOR:RECO {}",
        validator=Ints(1000, 20_000_000),
        doc="How many points an acquisition has; of those that the model has, such as 1000, 10000, 100000 "
        "(HORizontal:RECOrdlength).",
    )
    sample_rate = parameter(
        float, get_cmd="HOR:SAMPLER?", unit="Hz", snapshot=False, doc="Samples in a second (HORizontal:SAMPLERate?)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self._has_inputs(ScopeInput)
        references = [Reference(self, f"ref{number}", f"REF{number}") for number in range(1, self.input_count + 1)]
        for reference in references:
            setattr(self, reference.name, reference)
        self.references = ChannelList(self, "references", references)
