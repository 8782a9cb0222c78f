"""Waveforms of oscilloscopes of Tektronix: channels and reference memories, as arrays in V and s.

What codes mean is the same for all: ``t = XZEro + XINcr * (n - PT_Off)`` and ``y = YZEro + YMUlt * (code - YOFf)``
(TDS200 … TPS2000 Programmer Manual 071-1075-04, pages 2-256 to 2-278; 4000 Series Programmer Manual 071-2133-02,
WFMOutpre).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import attrs
import numpy as np
from luthier import Channel, parameter
from luthier.errors import ReplyError, ValidationError
from luthier.scpi import ArrayFormat, format_float, parse_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from luthier_tektronix.scope_messages import ScopeInstrument

__all__ = ["Reference", "Transfer", "Waveform"]

FIELDS: Final = ("XIN", "XZE", "PT_O", "YMU", "YOF", "YZE")
EVEN: Final = 1e-6
"""By how much of a step two distances between points may differ."""
FEWEST: Final = 2


@attrs.frozen
class Transfer:
    """How a series of oscilloscopes sends and takes waveforms.

    Attributes
    ----------
    outgoing, incoming
        Headers of what describes a waveform: ``WFMOutpre`` and ``WFMInpre``, or ``WFMPre`` for both.
    width
        The message that sets the bytes of a point, without the number.
    bytes
        Of a point.
    last
        What DATa:STOP is set to, so that all is sent.
    longest
        Points that a reference memory takes.
    exact
        Whether it takes no fewer.
    """

    outgoing: str = "WFMO"
    incoming: str = "WFMI"
    width: str = "WFMO:BYT_N"
    bytes: int = 2
    last: int = 1_000_000_000
    longest: int = 10_000_000
    exact: bool = False

    @property
    def codes(self) -> ArrayFormat:
        """Signed, most significant byte first (RIBinary)."""
        return ArrayFormat(f"i{self.bytes}")


def _choose(waveform: Waveform) -> None:
    """Say what is sent next: without headers, all points of this waveform, as signed whole numbers."""
    way = waveform.transfer
    waveform.write(
        f"HEAD 0;:DAT:SOU {waveform.source};:DAT:ENC RIB;:{way.width} {way.bytes};:DAT:STAR 1;:DAT:STOP {way.last}"
    )


def _points(waveform: Waveform) -> int:
    _choose(waveform)
    return int(parse_float(waveform.query(f"{waveform.transfer.outgoing}:NR_P?")))


def _preamble(waveform: Waveform) -> list[float]:
    """Return XINcr, XZEro, PT_Off, YMUlt, YOFf and YZEro; points are asked for anew."""
    waveform.points.get()
    question = ";".join(f":{waveform.transfer.outgoing}:{field}?" for field in FIELDS)
    reply = waveform.query(question)
    numbers = [parse_float(field) for field in reply.split(";")]
    if len(numbers) != len(FIELDS):
        raise ReplyError(
            f"{question!r} was answered by {len(numbers)} numbers; expected: {len(FIELDS)}",
            command=question,
            reply=reply,
            expected=f"{len(FIELDS)} numbers",
        )
    return numbers


def _times(waveform: Waveform) -> NDArray[np.float64]:
    step, first, trigger, *_ = _preamble(waveform)
    return np.asarray(first + step * (np.arange(waveform.points.known_or_read()) - trigger), dtype=np.float64)


def _trace(waveform: Waveform) -> NDArray[np.float64]:
    *_, per_code, zero_code, zero = _preamble(waveform)
    codes = waveform.query_array("CURV?", waveform.transfer.codes)
    return np.asarray((codes.astype(np.float64) - zero_code) * per_code + zero, dtype=np.float64)


class Waveform(Channel):
    """Something whose waveform the instrument sends."""

    transfer: ClassVar[Transfer] = Transfer()

    enabled = parameter(
        bool,
        get_cmd="SEL:{source}?",
        set_cmd="SEL:{source} {}",
        doc="Whether it is acquired and shown; what is not shown is not sent (SELect:<wfm>).",
    )
    points = parameter(
        int,
        get_cmd=_points,
        relevant_when={"enabled": True},
        snapshot=False,
        doc="How many points the waveform has (WFMOutpre:NR_Pt?, WFMPre:NR_Pt?).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("points",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Times of the trace, from the trigger (WFMOutpre:XINcr?, :XZEro? and :PT_Off?; or WFMPre).",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_trace,
        unit="V",
        shape=("points",),
        axes=("times",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="The whole record (CURVe?, with WFMOutpre:YMUlt?, :YOFf? and :YZEro?; or WFMPre).",
    )

    def __init__(self, parent: ScopeInstrument, name: str, source: str) -> None:
        super().__init__(parent, name)
        self.source = source


class Reference(Waveform):
    """A reference memory: a waveform that was stored, and is shown beside the others."""

    def store(self, times: ArrayLike, trace: ArrayLike) -> None:
        """Send a waveform to the memory; it is shown while ``enabled`` is on.

        The voltages become codes: the largest magnitude is the largest code, so that they are kept to 1/32767 of it (to
        1/127 where the instrument takes one byte for a point).

        Parameters
        ----------
        times
            In s, from the trigger, with equal distances.
        trace
            In V; as many.

        Raises
        ------
        ValidationError
            Lengths differ, there are too few or too many points, a number is infinite or not one, or the distances
            between the times differ. Nothing was sent then.
        """
        instants, volts = np.asarray(times, dtype=np.float64), np.asarray(trace, dtype=np.float64)
        step = self._checked_step(instants, volts)
        way = self.transfer
        largest = 2 ** (8 * way.bytes - 1) - 1
        per_code = (float(np.max(np.abs(volts))) or 1.0) / largest
        settings = {
            "NR_P": str(volts.size),
            "PT_F": "Y",
            "XIN": format_float(step),
            "XZE": format_float(float(instants[0])),
            "YMU": format_float(per_code),
            "YOF": "0",
            "YZE": "0",
        }
        with self.monitor:
            self.write(
                f"DAT:DEST {self.source};:DAT:ENC RIB;:DAT:STAR 1;:DAT:STOP {volts.size};"
                f":{way.incoming}:BYT_N {way.bytes}"
            )
            if way.incoming != way.outgoing:
                self.write(f"{way.incoming}:ENC BIN;:{way.incoming}:BN_F RI;:{way.incoming}:BYT_O MSB")
            self.write(";".join(f":{way.incoming}:{name} {text}" for name, text in settings.items()))
            self.write_array("CURV ", np.rint(volts / per_code).astype(np.int64), way.codes)
            self.points.cache.invalidate()
            if self.confirm_set is not None:
                self.confirm_set("CURV")

    def _checked_step(self, instants: NDArray[np.float64], volts: NDArray[np.float64]) -> float:
        longest = self.transfer.longest
        fewest = longest if self.transfer.exact else FEWEST
        if instants.shape != volts.shape or volts.ndim != 1 or not fewest <= volts.size <= longest:
            raise self._refused(
                f"there are {instants.size:,} times and {volts.size:,} voltages",
                f"as many of both, from {fewest:,} to {longest:,}" if fewest < longest else f"{longest:,} of both",
            )
        if not (np.isfinite(instants).all() and np.isfinite(volts).all()):
            raise self._refused("something is infinite or not a number", "finite numbers")
        steps = np.diff(instants)
        step = float((instants[-1] - instants[0]) / (instants.size - 1))
        if not step > 0 or float(np.max(np.abs(steps - step))) > EVEN * step + 4 * np.finfo(float).eps * float(
            np.max(np.abs(instants))
        ):
            raise self._refused(
                f"the distances between the times go from {float(steps.min()):g} s to {float(steps.max()):g} s",
                "equal ones, greater than 0",
            )
        return step

    def _refused(self, got: str, allowed: str) -> ValidationError:
        return ValidationError(
            f"cannot store this waveform: {got}; allowed are {allowed}",
            who=self.full_name,
            state="Nothing was sent.",
            value=got,
            allowed=allowed,
        )
