"""A simulated Tektronix DPO4032, and what its descendants have in common with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from luthier_sim import Choice, Integer, Number, Refusal, channel_setting, query, setting

from luthier_tektronix.simulated.scope_events import Word
from luthier_tektronix.simulated.scopes import FORM, Sent, TekScope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OutgoingScope", "SimulatedDpo4032"]

_INPUTS: Final = "CH<1..4>"
_SOURCES: Final = ("CH1", "CH2", "CH3", "CH4", "REF1", "REF2", "REF3", "REF4")
_REFERENCES: Final = ("REF1", "REF2", "REF3", "REF4")


class _Ohms(Number):
    """50 Ω or 1 MΩ, also as FIFty and MEG."""

    def read(self, datum: object, device: object, suffixes: tuple[int, ...]) -> float:
        """Return the nearer of the two."""
        if getattr(datum, "form", "") == "word":
            named = {"FIF": 50.0, "FIFTY": 50.0, "MEG": 1e6}.get(str(getattr(datum, "text", "")))
            if named is None:
                raise Refusal(-141)
            return named
        return 50.0 if Number.read(self, datum, device, suffixes) < 1e4 else 1e6  # type: ignore[arg-type]  # noqa: PLR2004 - between both


class OutgoingScope(TekScope):
    """An oscilloscope with an A trigger and WFMOutpre."""

    delay_header: ClassVar[str] = "HORizontal:DELay"

    offset = channel_setting(f"{_INPUTS}:OFFSet", 0.0, Number(-1e6, 1e6, "V", form=FORM))
    termination = channel_setting(f"{_INPUTS}:TERmination", 1e6, _Ohms(50, 1e6, "OHM", form=FORM))
    position_percent = setting("HORizontal:POSition", 50.0, Number(0, 100, form=FORM))
    delay_on = setting("HORizontal:DELay:MODe", True)
    delay = setting("HORizontal:DELay:TIMe", 0.0, Number(-1000, 5000, "s", form=FORM))
    trigger_type = setting("TRIGger:A:TYPe", "EDG", Word("EDGe"))
    trigger_source = setting("TRIGger:A:EDGE:SOUrce", "CH1", Word("CH1", "CH2", "CH3", "CH4", "AUXiliary", "LINE"))
    trigger_slope = setting("TRIGger:A:EDGE:SLOpe", "RIS", Word("RISe", "FALL", "EITHer"))
    trigger_level = channel_setting("TRIGger:A:LEVel:CH<1..4>", 0.0, Number(-1e6, 1e6, "V", form=FORM))
    trigger_mode = setting("TRIGger:A:MODe", "AUTO", Word("AUTO", "NORMal"))
    source = setting("DATa:SOUrce", "CH1", Choice(*_SOURCES))
    width = setting("WFMOutpre:BYT_Nr", 1, Integer(1, 2))

    def middle(self) -> float:
        """Return the delay, or where the trigger is on the screen."""
        return self.delay if self.delay_on else (50 - self.position_percent) / 10 * self.time_scale

    def offset_of(self, number: int) -> float:
        """Return the offset."""
        return self.offset[number]

    @query("WFMOutpre:NR_Pt?")
    def ask_points(self) -> int:
        """Answer how many points are sent."""
        return int(self.outgoing().codes.size)

    @query("WFMOutpre:XINcr?", form=FORM)
    def ask_step(self) -> float:
        """Answer the distance of points."""
        return self.outgoing().step

    @query("WFMOutpre:XZEro?", form="{:.9E}")
    def ask_first(self) -> float:
        """Answer the time of the point that PT_Off says."""
        return self.outgoing().first

    @query("WFMOutpre:PT_Off?")
    def ask_trigger(self) -> int:
        """Answer which point XZEro is of."""
        return self.outgoing().trigger

    @query("WFMOutpre:YMUlt?", form="{:.9E}")
    def ask_per_code(self) -> float:
        """Answer the voltage of a code."""
        return self.outgoing().per_code

    @query("WFMOutpre:YOFf?", form=FORM)
    def ask_zero_code(self) -> float:
        """Answer the code of YZEro."""
        return self.outgoing().zero_code

    @query("WFMOutpre:YZEro?", form=FORM)
    def ask_zero(self) -> float:
        """Answer the voltage of the code YOFf."""
        return self.outgoing().zero


class IncomingScope(OutgoingScope):
    """An oscilloscope whose reference memories can be written, by WFMInpre."""

    reference_shown = channel_setting("SELect:REF<1..4>", False)
    destination = setting("DATa:DESTination", "REF1", Choice(*_REFERENCES))
    incoming_bytes = setting("WFMInpre:BYT_Nr", 1, Integer(1, 2))
    incoming_encoding = setting("WFMInpre:ENCdg", "BIN", Word("ASCii", "BINary"))
    incoming_format = setting("WFMInpre:BN_Fmt", "RI", Word("RI", "RP"))
    incoming_order = setting("WFMInpre:BYT_Or", "MSB", Word("MSB", "LSB"))
    incoming_kind = setting("WFMInpre:PT_Fmt", "Y", Word("ENV", "Y"))
    incoming_points = setting("WFMInpre:NR_Pt", 1000, Integer(1, 20_000_000))
    incoming_step = setting("WFMInpre:XINcr", 1e-6, Number(0, 1e6, "s", form=FORM))
    incoming_first = setting("WFMInpre:XZEro", 0.0, Number(form=FORM))
    incoming_per_code = setting("WFMInpre:YMUlt", 1e-3, Number(form="{:.9E}"))
    incoming_zero_code = setting("WFMInpre:YOFf", 0.0, Number(form=FORM))
    incoming_zero = setting("WFMInpre:YZEro", 0.0, Number(form=FORM))

    def shows_reference(self, source: str) -> bool:
        """Return whether it is shown."""
        return self.reference_shown[int(source[-1])]

    def incoming_width(self) -> int:
        """Return the bytes of a point that comes."""
        if (self.incoming_encoding, self.incoming_format, self.incoming_order) != ("BIN", "RI", "MSB"):
            raise Refusal(-161)
        return self.incoming_bytes

    def described(self, codes: NDArray[np.int64], width: int) -> Sent:
        """Return as many as were announced."""
        return Sent(
            codes[: self.incoming_points],
            width,
            self.incoming_step,
            self.incoming_first,
            0,
            self.incoming_per_code,
            self.incoming_zero_code,
            self.incoming_zero,
        )


class SimulatedDpo4032(IncomingScope):
    """A DPO4032 with records of 1000 points, whose first input is at the terminal for adjusting probes.

    See :class:`~luthier_tektronix.simulated.scopes.TekScope` for ``signals``.
    """

    input_count = 2
    identity = "TEKTRONIX,DPO4032,C010001,CF:91.1CT FV:v2.48"

    gain = channel_setting(f"{_INPUTS}:PRObe:GAIN", 0.1, Number(1e-6, 1e3, form=FORM))
    inverted = channel_setting(f"{_INPUTS}:INVert", False)
    scale = channel_setting(
        f"{_INPUTS}:SCAle",
        0.1,
        Number(
            lambda scope, number: 1e-3 / scope.gain[number],
            lambda scope, number: 10 / scope.gain[number] * (1 + 1e-9),
            "V",
            form=FORM,
        ),
    )
    record_length = setting("HORizontal:RECOrdlength", 1000, Integer(1000, 20_000_000))

    def points(self) -> int:
        """Return the record length."""
        return self.record_length

    @query("HORizontal:SAMPLERate?", form=FORM)
    def ask_rate(self) -> float:
        """Answer the sample rate."""
        return min(2.5e9, self.points() / (10 * self.time_scale))

    @gain.on_set
    def _keep_scale(self, gain: float, number: int) -> None:
        self.scale[number] = min(max(self.scale[number], 1e-3 / gain), 10 / gain)
