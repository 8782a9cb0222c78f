"""The Tektronix TDS200, TDS1000, TDS2000, TPS2000 and TBS1000 oscilloscopes.

Manual: TDS200, TDS1000/TDS2000, TDS1000B/TDS2000B, and TPS2000 Series Digital Oscilloscopes Programmer Manual,
071-1075-04, of which the pages on waveforms (2-9, 2-28, 2-256 to 2-278), on status (2-24, 3-17) and on the state of the
trigger were at hand; the other commands are as in QCoDeS 0.58 and pylablib 1.4.5, and as in a reference that quotes the
manual (071-1075-02) for the TDS2024: probes, limits of the scale, filter, averages, sources of the trigger, 1000
divisions of position at 2 mV. The limits of the position at scales from 0.5 V on, and the word for the mains, are not
confirmed.
"""

from __future__ import annotations

import re
from typing import Any

from luthier import ChannelList, parameter
from luthier.scpi import format_float, parse_float
from luthier.validators import Enum, Numbers

from luthier_tektronix.scope_acquisition import SLOPES, STATES, sources
from luthier_tektronix.scope_messages import ScopeInstrument, short_forms
from luthier_tektronix.scope_waveforms import Reference, Transfer, Waveform

__all__ = ["Tds2000", "Tds2000Input", "Tds2000Reference"]

TRANSFER = Transfer(outgoing="WFMP", incoming="WFMP", width="DAT:WID", bytes=1, last=2500, longest=2500, exact=True)
PROBES = (1.0, 10.0, 20.0, 50.0, 100.0, 500.0, 1000.0)
COARSE_SCALE = 0.5
"""From this scale on, in V, a channel can be shifted far."""


def _offset(channel: Tds2000Input) -> float:
    return -parse_float(channel.query(f"{channel.source}:POS?")) * channel.scale.get()


def _set_offset(channel: Tds2000Input, offset: float) -> None:
    channel.write(f"{channel.source}:POS {format_float(-offset / channel.scale.get())}")


def _largest_offset(channel: Tds2000Input) -> float:
    probe = float(channel.probe.known_or_read())
    return (50.0 if channel.scale.known_or_read() >= COARSE_SCALE * probe else 2.0) * probe


def _source(reply: str) -> str:
    """Return what triggers; the mains have two words in different places."""
    return "LINE" if reply.upper() in ("ACL", "ACLINE") else reply


class Tds2000Input(Waveform):
    """One input."""

    transfer = TRANSFER

    probe = parameter(
        float,
        get_cmd="{source}:PRO?",
        set_cmd="{source}:PRO {}",
        unit="",
        validator=Enum(*PROBES),
        doc="By what the probe divides; scale, offset and trace are what is at its tip; of those that the model has "
        "(CH<x>:PRObe).",
    )
    coupling = parameter(
        str,
        get_cmd="{source}:COUP?",
        set_cmd="{source}:COUP {}",
        mapping={"dc": "DC", "ac": "AC", "ground": "GND"},
        doc="Coupling of the input (CH<x>:COUPling).",
    )
    bandwidth_limit = parameter(
        bool,
        get_cmd="{source}:BAN?",
        set_cmd="{source}:BAN {}",
        mapping={True: "ON", False: "OFF"},
        doc="Whether a filter of 20 MHz is on (CH<x>:BANdwidth).",
    )
    scale = parameter(
        float,
        get_cmd="{source}:SCA?",
        set_cmd="{source}:SCA {}",
        unit="V",
        minimum=lambda channel: 2e-3 * float(channel.probe.known_or_read()),
        maximum=lambda channel: 5.0 * float(channel.probe.known_or_read()),
        depends_on=("probe",),
        doc="Voltage of one division: from 2 mV to 5 V times the probe (CH<x>:SCAle).",
    )
    offset = parameter(
        float,
        get_cmd=_offset,
        set_cmd=_set_offset,
        unit="V",
        minimum=lambda channel: -_largest_offset(channel),
        maximum=_largest_offset,
        depends_on=("probe", "scale"),
        doc="Voltage at the middle of the screen; the instrument has it as a number of divisions with the other sign. "
        "With the probe 1: up to 2 V, and 50 V with scales from 0.5 V on, which is not confirmed: the instrument takes "
        "the nearest that it can, and reading it tells which (CH<x>:POSition).",
    )


class Tds2000Reference(Reference):
    """A reference memory of 2500 points, which takes bytes."""

    transfer = TRANSFER


class Tds2000(ScopeInstrument):
    """Tektronix TDS200, TDS1000, TDS2000, TPS2000 and TBS1000, with all letters: two or four channels, 2500 points.

    Manual: TDS200, TDS1000/TDS2000, TDS1000B/TDS2000B, and TPS2000 Series Programmer Manual, 071-1075-04, in parts.

    Interfaces: USB (from the B models on), a serial line or GPIB over an extension; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is and changes nothing. It measures only, so that there is nothing to make safe. Inputs are
    ``ch1`` and so on, or ``inputs[0]``; reference memories are ``refa`` and so on, or ``references[0]``. Reading a
    trace chooses what the instrument sends (``HEADer OFF``, ``DATa``), which changes nothing of what it measures.

    >>> import luthier
    >>> with luthier.open("tektronix.tds2000", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(1.0)
    ...     scope.time_scale(250e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 1)
    ((2500,), 2.5)
    """

    simulator = "tektronix.tds2000"
    model_pattern = re.compile(r"(TDS ?2[12]\d|T[DPB]S ?[12]\d{3})[BC]?(-EDU)?")
    model_example = "a TDS1000, TDS2000, TPS2000 or TBS1000, such as TDS 2024B"

    time_scale = parameter(
        float,
        get_cmd="HOR:SCA?",
        set_cmd="HOR:SCA {}",
        unit="s",
        validator=Numbers(2.5e-9, 50),
        doc="Time of one of the 10 divisions, in steps of 1, 2.5 and 5; the instrument takes the nearest "
        "(HORizontal:SCAle).",
    )
    time_offset = parameter(
        float,
        get_cmd="HOR:POS?",
        set_cmd="HOR:POS {}",
        unit="s",
        validator=Numbers(-50, 50),
        doc="Time at the middle of the screen, from the trigger (HORizontal:POSition).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:MAI:EDGE:SOU?",
        set_cmd="TRIG:MAI:EDGE:SOU {}",
        get_parser=_source,
        mapping=sources(4, external="EXT", external_5="EXT5", external_10="EXT10", mains="LINE"),
        doc="Whose edge triggers; of those that the model has. 'external_5' divides by five, 'external_10' of the "
        "TPS2000 by ten; the word for 'mains' is not confirmed (TRIGger:MAIn:EDGE:SOUrce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:MAI:EDGE:SLO?",
        set_cmd="TRIG:MAI:EDGE:SLO {}",
        get_parser=short_forms("RISe", "FALL"),
        mapping={name: word for name, word in SLOPES.items() if name != "both"},
        doc="Which edge triggers (TRIGger:MAIn:EDGE:SLOpe).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TRIG:MAI:LEV?",
        set_cmd="TRIG:MAI:LEV {}",
        unit="V",
        validator=Numbers(-1e6, 1e6),
        depends_on=("trigger_source",),
        doc="Level of the trigger; what is possible depends on the scale; beyond it the instrument reports an event "
        "(TRIGger:MAIn:LEVel).",
    )
    trigger_sweep = parameter(
        str,
        get_cmd="TRIG:MAI:MOD?",
        set_cmd="TRIG:MAI:MOD {}",
        get_parser=short_forms("AUTO", "NORMal"),
        mapping={"auto": "AUTO", "normal": "NORM"},
        doc="Whether it acquires without a trigger too, or with each only (TRIGger:MAIn:MODe).",
    )
    trigger_status = parameter(
        str,
        get_cmd="TRIG:STATE?",
        get_parser=short_forms("ARMed", "REAdy", "TRIGger", "SAVe", "SCAN"),
        mapping=STATES,
        snapshot=False,
        doc="What it does (TRIGger:STATE?).",
    )
    acquisition = parameter(
        str,
        get_cmd="ACQ:MOD?",
        set_cmd="ACQ:MOD {}",
        get_parser=short_forms("SAMple", "PEAKdetect", "AVErage"),
        mapping={"normal": "SAM", "average": "AVE", "peak": "PEAK"},
        doc="How samples become points (ACQuire:MODe).",
    )
    averages = parameter(
        int,
        get_cmd="ACQ:NUMAV?",
        set_cmd="ACQ:NUMAV {}",
        validator=Enum(4, 16, 64, 128),
        doc="Over how many acquisitions is averaged (ACQuire:NUMAVg).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        inputs = [Tds2000Input(self, f"ch{number}", f"CH{number}") for number in range(1, self.input_count + 1)]
        references = [Tds2000Reference(self, f"ref{x}", f"REF{x.upper()}") for x in "abcd"[: self.input_count]]
        for channel in (*inputs, *references):
            setattr(self, channel.name, channel)
        self.inputs = ChannelList(self, "inputs", inputs)
        self.references = ChannelList(self, "references", references)
