"""A simulated Tektronix TDS 2022B."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luthier_sim import Choice, Integer, Number, Refusal, channel_setting, query, setting

from luthier_tektronix.simulated.scope_events import Word
from luthier_tektronix.simulated.scopes import FORM, Sent, TekScope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SimulatedTds2022b"]

_INPUTS: Final = "CH<1..2>"
_POINTS: Final = 2500
_REFERENCES: Final = ("REFA", "REFB")


class _Filter(Word):
    """``ON`` or ``OFF``."""


class AnnouncingScope(TekScope):
    """What WFMPre sets is of the waveform that comes; what it asks is of the one that is sent."""

    incoming_bytes = setting("WFMPre:BYT_Nr", 1, Integer(1, 2))
    incoming_kind = setting("WFMPre:PT_Fmt", "Y", Word("ENV", "Y"))
    announced_points = setting("WFMPre:NR_Pt", _POINTS, Integer(1, _POINTS))
    announced_step = setting("WFMPre:XINcr", 1e-6, Number(0, 1e6, "s", form=FORM))
    announced_first = setting("WFMPre:XZEro", 0.0, Number(form=FORM))
    announced_trigger = setting("WFMPre:PT_Off", 0, Integer(0, 0))
    announced_per_code = setting("WFMPre:YMUlt", 1e-3, Number(form="{:.9E}"))
    announced_zero_code = setting("WFMPre:YOFf", 0.0, Number(form=FORM))
    announced_zero = setting("WFMPre:YZEro", 0.0, Number(form=FORM))


class SimulatedTds2022b(AnnouncingScope):
    """A TDS 2022B whose first input is at the terminal for adjusting probes.

    See :class:`~luthier_tektronix.simulated.scopes.TekScope` for ``signals``. WFMPre asks of the waveform that is sent,
    and sets what the next one that comes means. The range of positions is assumed.
    """

    identity = "TEKTRONIX,TDS 2022B,C012345,CF:91.1CT FV:v22.11"
    record_points = _POINTS

    probe = channel_setting(f"{_INPUTS}:PRObe", 10.0, Number(1, 1000, form=FORM))
    bandwidth_limit = channel_setting(f"{_INPUTS}:BANdwidth", "OFF", _Filter("ON", "OFF"))
    inverted = channel_setting(f"{_INPUTS}:INVert", "OFF", _Filter("ON", "OFF"))
    coupling = channel_setting(f"{_INPUTS}:COUPling", "DC", Word("AC", "DC", "GND"))
    scale = channel_setting(
        f"{_INPUTS}:SCAle",
        1.0,
        Number(
            lambda scope, number: 2e-3 * scope.probe[number],
            lambda scope, number: 5 * scope.probe[number],
            "V",
            form=FORM,
        ),
    )
    reference_a = setting("SELect:REFA", False)
    reference_b = setting("SELect:REFB", False)
    time_scale = setting("HORizontal[:MAIn]:SCAle", 2.5e-4, Number(2.5e-9, 50, "s", form=FORM))
    time_position = setting("HORizontal[:MAIn]:POSition", 0.0, Number(-50, 50, "s", form=FORM))
    trigger_type = setting("TRIGger:MAIn:TYPe", "EDGE", Choice("EDGE"))
    trigger_source = setting("TRIGger:MAIn:EDGE:SOUrce", "CH1", Choice("CH1", "CH2", "EXT", "EXT5", "LINE"))
    trigger_slope = setting("TRIGger:MAIn:EDGE:SLOpe", "RIS", Word("RISe", "FALL"))
    trigger_level = setting("TRIGger:MAIn:LEVel", 0.0, Number(-1e6, 1e6, "V", form=FORM))
    trigger_mode = setting("TRIGger:MAIn:MODe", "AUTO", Word("AUTO", "NORMal"))
    acquisition = setting("ACQuire:MODe", "SAM", Word("SAMple", "PEAKdetect", "AVErage"))
    averages = setting("ACQuire:NUMAVg", 16, Integer(4, 128))
    source = setting("DATa:SOUrce", "CH1", Choice("CH1", "CH2", *_REFERENCES))
    destination = setting("DATa:DESTination", "REFA", Choice(*_REFERENCES))
    width = setting("DATa:WIDth", 1, Integer(1, 2))
    data_stop = setting("DATa:STOP", _POINTS, Integer(1, _POINTS))

    def middle(self) -> float:
        """Return the position in time."""
        return self.time_position

    def offset_of(self, number: int) -> float:
        """Return 0: there are positions only."""
        return 0.0 * number

    def shows_reference(self, source: str) -> bool:
        """Return whether it is shown."""
        return bool(getattr(self, f"reference_{source[-1].lower()}"))

    @averages.on_set
    def _check_averages(self, count: int) -> None:
        if count not in (4, 16, 64, 128):
            raise Refusal(-222)

    @probe.on_set
    def _keep_scale(self, probe: float, number: int) -> None:
        self.scale[number] = min(max(self.scale[number], 2e-3 * probe), 5 * probe)

    def incoming_width(self) -> int:
        """Return the bytes of a point that comes."""
        return self.width

    def described(self, codes: NDArray[np.int64], width: int) -> Sent:
        """Return as many as were announced."""
        return Sent(
            codes[: self.announced_points],
            width,
            self.announced_step,
            self.announced_first,
            0,
            self.announced_per_code,
            self.announced_zero_code,
            self.announced_zero,
        )

    @query("WFMPre:NR_Pt?")
    def ask_points(self) -> int:
        """Answer how many points are sent."""
        return int(self.outgoing().codes.size)

    @query("WFMPre:XINcr?", form=FORM)
    def ask_step(self) -> float:
        """Answer the distance of points."""
        return self.outgoing().step

    @query("WFMPre:XZEro?", form="{:.9E}")
    def ask_first(self) -> float:
        """Answer the time of the first point."""
        return self.outgoing().first

    @query("WFMPre:PT_Off?")
    def ask_trigger(self) -> int:
        """Answer 0."""
        return self.outgoing().trigger

    @query("WFMPre:YMUlt?", form="{:.9E}")
    def ask_per_code(self) -> float:
        """Answer the voltage of a code."""
        return self.outgoing().per_code

    @query("WFMPre:YOFf?", form=FORM)
    def ask_zero_code(self) -> float:
        """Answer the code of YZEro."""
        return self.outgoing().zero_code

    @query("WFMPre:YZEro?", form=FORM)
    def ask_zero(self) -> float:
        """Answer the voltage of the code YOFf."""
        return self.outgoing().zero
