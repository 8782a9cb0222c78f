"""What all oscilloscopes of Tektronix that have an A trigger can: acquire, trigger, and shift in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from luthier import ChannelList, parameter
from luthier.errors import IrrelevantParameterError
from luthier.scpi import format_float, parse_float
from luthier.validators import Ints, Numbers

from luthier_tektronix.scope_messages import ScopeInstrument, short_forms

if TYPE_CHECKING:
    from luthier_tektronix.scope_waveforms import Waveform

__all__ = ["SLOPES", "STATES", "Acquisition", "sources"]

DIVISIONS: Final = 10
MIDDLE: Final = 50.0
SLOPES: Final = {"rising": "RIS", "falling": "FALL", "both": "EITH"}
STATES: Final = {
    "arming": "ARM",
    "waiting": "REA",
    "triggered": "TRIG",
    "auto": "AUTO",
    "stopped": "SAV",
    "partial": "PART",
    "fast": "DPO",
    "scanning": "SCAN",
}


def sources(inputs: int, **others: str) -> dict[str, str]:
    """Return the mapping of what can trigger."""
    return {f"ch{number}": f"CH{number}" for number in range(1, inputs + 1)} | others


def _time_offset(scope: Acquisition) -> float:
    if parse_float(scope.query(f"{scope.delay}:MOD?")):
        return parse_float(scope.query(f"{scope.delay}:TIM?"))
    position = parse_float(scope.query("HOR:POS?"))
    return (MIDDLE - position) / 100 * DIVISIONS * float(scope["time_scale"].get())


def _set_time_offset(scope: Acquisition, offset: float) -> None:
    scope.write(f"{scope.delay}:MOD 1;:{scope.delay}:TIM {format_float(offset)}")


def _source(scope: Acquisition) -> str:
    source = scope["trigger_source"].known_or_read()
    if not source.startswith("ch"):
        raise IrrelevantParameterError(
            "trigger_level has a meaning only while an input triggers",
            who=scope.name,
            state="Nothing was sent.",
            condition="trigger_source is an input",
        )
    return str(source).upper()


def _level(scope: Acquisition) -> float:
    return parse_float(scope.query(f"TRIG:A:LEV:{_source(scope)}?"))


def _set_level(scope: Acquisition, level: float) -> None:
    scope.write(f"TRIG:A:LEV:{_source(scope)} {format_float(level)}")


class Acquisition(ScopeInstrument):
    """An oscilloscope with an A trigger; open one of the models."""

    delay: ClassVar[str] = "HOR:DEL"
    """Header of the delay between trigger and middle of the screen."""

    time_offset = parameter(
        float,
        get_cmd=_time_offset,
        set_cmd=_set_time_offset,
        unit="s",
        depends_on=("time_scale",),
        doc="Time at the middle of the screen, from the trigger. Setting it switches the delay on "
        "(HORizontal:DELay:MODe and :TIMe); while that is off it comes of where the trigger is on the screen "
        "(HORizontal:POSition).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:A:EDGE:SOU?",
        set_cmd="TRIG:A:EDGE:SOU {}",
        get_parser=short_forms("AUXiliary", "LINE"),
        mapping=sources(4, auxiliary="AUX", mains="LINE"),
        doc="Whose edge triggers; of those that the model has (TRIGger:A:EDGE:SOUrce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:A:EDGE:SLO?",
        set_cmd="TRIG:A:EDGE:SLO {}",
        get_parser=short_forms("RISe", "FALL", "EITHer"),
        mapping=SLOPES,
        doc="Which edge triggers (TRIGger:A:EDGE:SLOpe).",
    )
    trigger_level = parameter(
        float,
        get_cmd=_level,
        set_cmd=_set_level,
        unit="V",
        validator=Numbers(-1e6, 1e6),
        depends_on=("trigger_source",),
        doc="Level of the trigger at the input that triggers; what is possible depends on its scale, and beyond it the "
        "instrument reports an event (TRIGger:A:LEVel:CH<x>).",
    )
    trigger_sweep = parameter(
        str,
        get_cmd="TRIG:A:MOD?",
        set_cmd="TRIG:A:MOD {}",
        get_parser=short_forms("AUTO", "NORMal"),
        mapping={"auto": "AUTO", "normal": "NORM"},
        doc="Whether it acquires without a trigger too, or with each only (TRIGger:A:MODe).",
    )
    trigger_status = parameter(
        str,
        get_cmd="TRIG:STATE?",
        get_parser=short_forms("ARMed", "REAdy", "TRIGger", "SAVe", "PARTial", "SCAN"),
        mapping=STATES,
        snapshot=False,
        doc="What it does (TRIGger:STATE?).",
    )
    acquisition = parameter(
        str,
        get_cmd="ACQ:MOD?",
        set_cmd="ACQ:MOD {}",
        get_parser=short_forms("SAMple", "PEAKdetect", "HIRes", "AVErage", "ENVelope"),
        mapping={"normal": "SAM", "average": "AVE", "peak": "PEAK", "high resolution": "HIR", "envelope": "ENV"},
        doc="How samples become points; of those that the model has (ACQuire:MODe).",
    )
    averages = parameter(
        int,
        get_cmd="ACQ:NUMAV?",
        set_cmd="ACQ:NUMAV {}",
        validator=Ints(2, 10240),
        doc="Over how many acquisitions is averaged; some models take powers of two only (ACQuire:NUMAVg).",
    )

    def _has_inputs(self, kind: type[Waveform]) -> None:
        channels = [kind(self, f"ch{number}", f"CH{number}") for number in range(1, self.input_count + 1)]
        for channel in channels:
            setattr(self, channel.name, channel)
        self.inputs = ChannelList(self, "inputs", channels)
