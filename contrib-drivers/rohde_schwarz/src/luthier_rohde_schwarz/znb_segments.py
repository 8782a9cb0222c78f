"""The segments of a segmented frequency sweep of a ZNB.

Commands as known from the maker's examples for the ZNB and from the package rohdeschwarz; SENSe:SEGMent as the help of
the ZVA describes it, which has the same. What a segment is: ZNB/ZNBT User Manual, 1173.9163.02, version 38, page 249.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import ValidationError
from luthier.scpi import format_float, parse_bool, parse_float, parse_int

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Segment", "count_points", "read_segments", "write_segments"]


@attrs.frozen
class Segment:
    """A part of a segmented sweep: ``points`` frequencies from ``start`` to ``stop``, in Hz.

    A single frequency is a segment of one point, whose ``start`` and ``stop`` are the same.
    ``power`` in dBm and ``if_bandwidth`` in Hz are those of the segment; ``None`` leaves what the instrument gives it,
    which is that of the channel or of the segment before.
    """

    start: float
    stop: float
    points: int
    power: float | None = None
    if_bandwidth: float | None = None


def write_segments(vna: Any, segments: Sequence[Segment]) -> None:
    """Check all segments, then delete those that there are, and make these."""
    for number, segment in enumerate(segments, start=1):
        _check(vna, number, segment)
    vna.write("SENS1:SEGM:DEL:ALL")
    for number, segment in enumerate(segments, start=1):
        prefix = f"SENS1:SEGM{number}"
        vna.write(f"{prefix}:ADD")
        if segment.points == 1:  # first, because with several points the instrument keeps start and stop apart
            vna.write(f"{prefix}:SWE:POIN 1")
            vna.write(f"{prefix}:FREQ:STOP {format_float(segment.stop)}")
        else:
            vna.write(f"{prefix}:FREQ:STAR {format_float(segment.start)}")
            vna.write(f"{prefix}:FREQ:STOP {format_float(segment.stop)}")
            vna.write(f"{prefix}:SWE:POIN {segment.points}")
        if segment.power is not None:
            vna.write(f"{prefix}:POW {format_float(segment.power)}")
        if segment.if_bandwidth is not None:
            vna.write(f"{prefix}:BWID {format_float(segment.if_bandwidth)}")


def _check(vna: Any, number: int, segment: Segment) -> None:
    for frequency in (segment.start, segment.stop):
        vna.start.check(frequency)
    vna.points.check(segment.points)
    if segment.power is not None:
        vna.power.check(segment.power)
    if segment.if_bandwidth is not None:
        vna.if_bandwidth.check(segment.if_bandwidth)
    if segment.stop < segment.start or (segment.points == 1) != (segment.stop == segment.start):
        raise ValidationError(
            f"{vna.name}: segment {number} goes from {segment.start:g} Hz to {segment.stop:g} Hz in {segment.points} "
            "points; allowed: one point, which starts and stops at the same frequency, or several that go up",
            state="Nothing was sent.",
        )


def read_segments(vna: Any) -> tuple[Segment, ...]:
    """Ask for all segments with their powers and bandwidths."""
    return tuple(_read(vna, f"SENS1:SEGM{number}") for number in range(1, _count(vna) + 1))


def _read(vna: Any, prefix: str) -> Segment:
    asked = ("FREQ:STAR?", "FREQ:STOP?", "POW?", "BWID?")
    start, stop, power, bandwidth = (parse_float(vna.query(f"{prefix}:{query}")) for query in asked)
    return Segment(start, stop, parse_int(vna.query(f"{prefix}:SWE:POIN?")), power, bandwidth)


def count_points(vna: Any) -> int:
    """Ask how many frequencies all segments have together that are on."""
    prefixes = [f"SENS1:SEGM{number}" for number in range(1, _count(vna) + 1)]
    active = [prefix for prefix in prefixes if parse_bool(vna.query(f"{prefix}:STAT?"))]
    return sum(parse_int(vna.query(f"{prefix}:SWE:POIN?")) for prefix in active)


def _count(vna: Any) -> int:
    return parse_int(vna.query("SENS1:SEGM:COUN?"))
