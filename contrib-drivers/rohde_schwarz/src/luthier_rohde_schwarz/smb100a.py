"""The Rohde & Schwarz SMB100A signal generator.

Sweeps: SMB100A Operating Manual, 1407.0806.32, versions 13 and 21; pages are those of version 13. The rest as known
from the description of the SMA100B and SMB100B in the maker's package RsSmab 5.30, whose commands are the same, and
from drivers of other projects; those pages of the manual were not at hand.
"""

from __future__ import annotations

from typing import Any

from luthier import Asked, Channel, parameter
from luthier.validators import Ints, Numbers

from luthier_rohde_schwarz.signal_generator import PulseModulator, SignalGenerator

__all__ = ["FrequencySweep", "Smb100a"]

SMALLEST_STEP = 0.001


def _span(sweep: FrequencySweep) -> float:
    return max(SMALLEST_STEP, abs(sweep.stop.known_or_read() - sweep.start.known_or_read()))


class FrequencySweep(Channel):
    """The stepped sweep of the frequency.

    Set it up here, then ``frequency_mode("sweep")`` on the instrument. With ``trigger_source`` "single" each
    ``start_once()`` sweeps once; with "auto" it goes on by itself.
    """

    start = parameter(
        float,
        get_cmd="SOUR:FREQ:STAR?",
        set_cmd="SOUR:FREQ:STAR {}",
        unit="Hz",
        minimum=Asked("SOUR:FREQ:STAR? MIN"),
        maximum=Asked("SOUR:FREQ:STAR? MAX"),
        doc="First frequency (FREQuency:STARt, page 308).",
    )
    stop = parameter(
        float,
        get_cmd="SOUR:FREQ:STOP?",
        set_cmd="SOUR:FREQ:STOP {}",
        unit="Hz",
        minimum=Asked("SOUR:FREQ:STOP? MIN"),
        maximum=Asked("SOUR:FREQ:STOP? MAX"),
        doc="Last frequency; it may be lower than the first (FREQuency:STOP, page 308).",
    )
    spacing = parameter(
        str,
        get_cmd="SOUR:SWE:SPAC?",
        set_cmd="SOUR:SWE:SPAC {}",
        mapping={"linear": "LIN", "logarithmic": "LOG"},
        doc="How the frequencies are spaced (SWEep:FREQuency:SPACing).",
    )
    step = parameter(
        float,
        get_cmd="SOUR:SWE:STEP?",
        set_cmd="SOUR:SWE:STEP {}",
        unit="Hz",
        validator=Numbers(SMALLEST_STEP, None),
        maximum=_span,
        depends_on=("points", "start", "stop"),
        doc="Step of a linear sweep; setting it changes points (SWEep:FREQuency:STEP:LINear, page 383).",
    )
    points = parameter(
        int,
        get_cmd="SOUR:SWE:POIN?",
        set_cmd="SOUR:SWE:POIN {}",
        validator=Ints(2, None),
        depends_on=("step", "start", "stop", "spacing"),
        doc="Number of frequencies; setting it changes step (SWEep:FREQuency:POINts).",
    )
    dwell = parameter(
        float,
        get_cmd="SOUR:SWE:DWEL?",
        set_cmd="SOUR:SWE:DWEL {}",
        unit="s",
        validator=Numbers(5e-3, 100),
        doc="Time at each frequency (SWEep:FREQuency:DWELl).",
    )
    shape = parameter(
        str,
        get_cmd="SOUR:SWE:SHAP?",
        set_cmd="SOUR:SWE:SHAP {}",
        mapping={"sawtooth": "SAWT", "triangle": "TRI"},
        doc='Whether each sweep begins at start; "triangle" goes back the same way (SWEep:FREQuency:SHAPe, page 382).',
    )
    cycle = parameter(
        str,
        get_cmd="SOUR:SWE:MODE?",
        set_cmd="SOUR:SWE:MODE {}",
        mapping={"auto": "AUTO", "manual": "MAN", "step": "STEP"},
        doc="Whether a trigger starts a whole sweep or one step; manual: frequencies are set one by one "
        "(SWEep:FREQuency:MODE).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:FSW:SOUR?",
        set_cmd="TRIG:FSW:SOUR {}",
        mapping={"auto": "AUTO", "single": "SING", "external": "EXT"},
        doc="What starts a sweep: the end of the last one, start_once(), or the trigger input (TRIGger:FSWeep:SOURce).",
    )
    running = parameter(
        bool,
        get_cmd="SOUR:SWE:RUNN?",
        snapshot=False,
        doc="Whether a sweep goes on (SWEep:FREQuency:RUNNing?).",
    )

    def __init__(self, parent: Smb100a, name: str) -> None:
        super().__init__(parent, name)
        self.add_function(
            "start_once", "TRIG:FSW", doc="Sweep once; trigger_source has to be single (TRIGger:FSWeep:IMMediate)."
        )
        self.add_function("restart", "SOUR:SWE:RES", doc="Go back to the first frequency (SWEep:RESet:ALL).")


class Smb100a(SignalGenerator):
    """Rohde & Schwarz SMB100A: signal generator from 9 kHz to 1.1 GHz … 40 GHz, as its options say.

    Interfaces: LAN (VXI-11, HiSLIP and a socket on port 5025), USB, GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening it changes nothing. :meth:`make_safe` switches the RF off. ``pulse`` needs an option.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.smb100a", "sim://", name="rf") as rf:
    ...     rf.frequency(1.00000000123e9)
    ...     rf.sweep.start(1e9)
    ...     rf.sweep.stop(2e9)
    ...     rf.sweep.points(101)
    ...     rf.frequency(), rf.sweep.step()
    (1000000001.23, 10000000.0)
    """

    simulator = "rohde_schwarz.smb100a"

    attenuator_mode = parameter(
        str,
        get_cmd="OUTP:AMOD?",
        set_cmd="OUTP:AMOD {}",
        mapping={"auto": "AUTO", "fixed": "FIX"},
        doc="Whether the attenuator follows the level; fixed, it never switches, and the range is smaller "
        "(OUTPut:AMODe).",
    )
    frequency_mode = parameter(
        str,
        get_cmd="SOUR:FREQ:MODE?",
        set_cmd="SOUR:FREQ:MODE {}",
        mapping={"fixed": "CW", "sweep": "SWE", "list": "LIST"},
        doc="Whether frequency, the sweep, or a list in the instrument says what is put out (FREQuency:MODE).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.pulse = PulseModulator(self, "pulse")
        self.sweep = FrequencySweep(self, "sweep")
        self.add_function("zero_phase", "SOUR:PHAS:REF", doc="Take the phase as it is as 0° (PHASe:REFerence).")
