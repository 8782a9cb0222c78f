"""The segments of the sweeps of a simulated ZNB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from luthier_sim import Boolean, Integer, Number, Refusal, ScpiDevice, command, query

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HIGHEST", "LOWEST", "SegmentedSweeps", "SweptSegment"]

LOWEST: Final = 9e3
HIGHEST: Final = 8.5e9
_SENSE: Final = "[SENSe[1]:]"
_SEGMENT: Final = f"{_SENSE}SEGMent<1..100>"


@attrs.define
class SweptSegment:
    """A segment of a segmented sweep."""

    start: float
    stop: float
    points: int
    power: float
    bandwidth: float
    on: bool = True


class SegmentedSweeps(ScpiDevice):
    """The list of segments, which messages make and change."""

    start: Any
    stop: Any
    power: Any
    bandwidth: Any
    segments: list[SweptSegment]

    def segment_frequencies(self) -> NDArray[np.float64]:
        """Return the frequencies of all segments that are on, in Hz."""
        parts = [np.linspace(one.start, one.stop, one.points) for one in self.segments if one.on]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _segment(self, number: int) -> SweptSegment:
        if number > len(self.segments):
            raise Refusal(-114)
        return self.segments[number - 1]

    @query(f"{_SENSE}SEGMent[1]:COUNt?")
    def count_segments(self) -> int:
        """Answer how many segments there are."""
        return len(self.segments)

    @command(f"{_SENSE}SEGMent[1]:DELete:ALL")
    @command(f"{_SENSE}SEGMent[1]:CLEar")
    def delete_segments(self) -> None:
        """Delete all segments."""
        self.segments.clear()

    @command(f"{_SEGMENT}:ADD")
    def add_segment(self, number: int) -> None:
        """Make one more, from the end of the others to that of the sweep; numbers go one by one."""
        if number != len(self.segments) + 1:
            raise Refusal(-114)
        start = max((one.stop for one in self.segments), default=self.start)
        self.segments.append(SweptSegment(start, max(start, self.stop), 51, self.power, self.bandwidth))

    @command(f"{_SEGMENT}:FREQuency:STARt", Number(LOWEST, HIGHEST, "Hz"))
    def start_segment(self, number: int, start: float) -> None:
        """Set where it starts; its stop is above that."""
        segment = self._segment(number)
        segment.start = start
        if segment.points == 1:
            segment.stop = start
        elif segment.stop <= start:
            segment.stop = start + 1

    @command(f"{_SEGMENT}:FREQuency:STOP", Number(LOWEST, HIGHEST, "Hz"))
    def stop_segment(self, number: int, stop: float) -> None:
        """Set where it stops; its start is below that."""
        segment = self._segment(number)
        segment.stop = stop
        if segment.points == 1:
            segment.start = stop
        elif stop <= segment.start:
            segment.start = stop - 1

    @command(f"{_SEGMENT}:SWEep:POINts", Integer(1, 100_001))
    def fill_segment(self, number: int, points: int) -> None:
        """Set how many points it has; a single one stops where it starts."""
        segment = self._segment(number)
        segment.points = points
        if points == 1:
            segment.stop = segment.start

    @command(f"{_SEGMENT}:POWer[:LEVel]", Number(-80, 25, "dBm"))
    def power_segment(self, number: int, power: float) -> None:
        """Set its level."""
        self._segment(number).power = power

    @command(f"{_SEGMENT}:BWIDth[:RESolution]", Number(1, 1e6, "Hz"))
    def filter_segment(self, number: int, bandwidth: float) -> None:
        """Set its bandwidth."""
        self._segment(number).bandwidth = bandwidth

    @command(f"{_SEGMENT}:STATe", Boolean())
    def switch_segment(self, number: int, on: bool) -> None:
        """Set whether it is swept."""
        self._segment(number).on = on

    @query(f"{_SEGMENT}:FREQuency:STARt?")
    def ask_segment_start(self, number: int) -> float:
        """Answer where it starts."""
        return self._segment(number).start

    @query(f"{_SEGMENT}:FREQuency:STOP?")
    def ask_segment_stop(self, number: int) -> float:
        """Answer where it stops."""
        return self._segment(number).stop

    @query(f"{_SEGMENT}:SWEep:POINts?")
    def ask_segment_points(self, number: int) -> int:
        """Answer how many points it has."""
        return self._segment(number).points

    @query(f"{_SEGMENT}:POWer[:LEVel]?")
    def ask_segment_power(self, number: int) -> float:
        """Answer its level."""
        return self._segment(number).power

    @query(f"{_SEGMENT}:BWIDth[:RESolution]?")
    def ask_segment_bandwidth(self, number: int) -> float:
        """Answer its bandwidth."""
        return self._segment(number).bandwidth

    @query(f"{_SEGMENT}:STATe?")
    def ask_segment_state(self, number: int) -> bool:
        """Answer whether it is swept."""
        return self._segment(number).on

    @query(f"{_SENSE}SEGMent[1]:SWEep:TIME:SUM?")
    def ask_segments_time(self) -> float:
        """Answer how long all segments take."""
        return sum(one.points / one.bandwidth for one in self.segments if one.on)
