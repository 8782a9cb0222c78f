"""The segments of a PNA's sweep."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import attrs
from luthier.errors import IrrelevantParameterError, ValidationError
from luthier.scpi import format_float, parse_float, parse_int

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_keysight.pna import Pna

__all__ = ["Segment", "count_points", "read_segments", "set_points", "write_segments"]


@attrs.frozen
class Segment:
    """A part of a sweep.

    Attributes
    ----------
    start, stop
        First and last frequency, in Hz.
    points
        How many frequencies.
    if_bandwidth
        Of the receiver, in Hz; None: that of the channel.
    power
        Of the source, in dBm; None: that of the channel.
    """

    start: float
    stop: float
    points: int
    if_bandwidth: float | None = None
    power: float | None = None


def write_segments(vna: Pna, segments: Sequence[Segment]) -> None:
    """Replace all segments; they have to be in order and must not overlap."""
    _check(vna, segments)
    bandwidths = any(one.if_bandwidth is not None for one in segments)
    powers = any(one.power is not None for one in segments)
    with vna.monitor:
        vna.write("SENS1:SEGM:DEL:ALL")
        vna.write(f"SENS1:SEGM:BWID:CONT {bandwidths:d}")
        vna.write(f"SENS1:SEGM:POW:CONT {powers:d}")
        for number, one in enumerate(segments, start=1):
            segment = f"SENS1:SEGM{number}"
            vna.write(f"{segment}:ADD")
            vna.write(f"{segment}:FREQ:STAR {format_float(one.start)}")
            vna.write(f"{segment}:FREQ:STOP {format_float(one.stop)}")
            vna.write(f"{segment}:SWE:POIN {one.points}")
            if bandwidths:
                wanted = one.if_bandwidth if one.if_bandwidth is not None else vna.if_bandwidth.known_or_read()
                vna.write(f"{segment}:BWID {format_float(wanted)}")
            if powers:
                power = one.power if one.power is not None else vna.power.known_or_read()
                vna.write(f"{segment}:POW {format_float(power)}")
            vna.write(f"{segment}:STAT 1")


def _check(vna: Pna, segments: Sequence[Segment]) -> None:
    frequencies = [frequency for one in segments for frequency in (one.start, one.stop)]
    wrong = [] if frequencies else ["there is none"]
    wrong += [f"{late:g} Hz comes before {early:g} Hz" for early, late in pairwise(frequencies) if late < early]
    wrong += [f"a segment has {one.points} points" for one in segments if one.points < 1]
    if wrong:
        raise ValidationError(
            f"{vna.name}: cannot take these segments: {wrong[0]}; allowed are one or more segments with ascending "
            "frequencies and at least 1 point each",
            state="Nothing was sent.",
        )
    for frequency in frequencies:
        vna.start.check(frequency)


def _numbers(vna: Pna) -> list[int]:
    """Return the numbers of the segments that are swept."""
    count = parse_int(vna.query("SENS1:SEGM:COUN?"))
    return [number for number in range(1, count + 1) if parse_int(vna.query(f"SENS1:SEGM{number}:STAT?"))]


def read_segments(vna: Pna) -> tuple[Segment, ...]:
    """Ask for the segments that are swept."""
    with vna.monitor:
        bandwidths = parse_int(vna.query("SENS1:SEGM:BWID:CONT?"))
        powers = parse_int(vna.query("SENS1:SEGM:POW:CONT?"))
        return tuple(
            Segment(
                start=parse_float(vna.query(f"SENS1:SEGM{number}:FREQ:STAR?")),
                stop=parse_float(vna.query(f"SENS1:SEGM{number}:FREQ:STOP?")),
                points=parse_int(vna.query(f"SENS1:SEGM{number}:SWE:POIN?")),
                if_bandwidth=parse_float(vna.query(f"SENS1:SEGM{number}:BWID?")) if bandwidths else None,
                power=parse_float(vna.query(f"SENS1:SEGM{number}:POW?")) if powers else None,
            )
            for number in _numbers(vna)
        )


def count_points(vna: Pna) -> int:
    """Ask for the number of frequencies of a sweep, also of one in segments."""
    if vna.sweep_type.known_or_read() != "segmented":
        return parse_int(vna.query("SENS1:SWE:POIN?"))
    return sum(parse_int(vna.query(f"SENS1:SEGM{number}:SWE:POIN?")) for number in _numbers(vna))


def set_points(vna: Pna, points: int) -> None:
    """Set the number of frequencies of a sweep that is not in segments."""
    if vna.sweep_type.known_or_read() == "segmented":
        raise IrrelevantParameterError(
            f"{vna.name}.points: cannot be set in a segmented sweep; its segments have points",
            state="Nothing was sent.",
            advice="Give segments with their points to set_segments(), or set another sweep_type.",
            condition="sweep_type is not segmented",
        )
    vna.write(f"SENS1:SWE:POIN {points}")
