"""The segments of the sweep of a simulated PNA."""

from __future__ import annotations

from typing import Final

import attrs
from luthier_sim import Boolean, Integer, Number, Refusal, ScpiDevice, command, query, setting

__all__ = ["HIGHEST", "LOWEST", "SegmentTable", "SimulatedSegment"]

LOWEST: Final = 10e6
HIGHEST: Final = 26.5e9
_SENSE: Final = "[SENSe[1]:]"
_SEGMENT: Final = f"{_SENSE}SEGMent<1..201>"


@attrs.define
class SimulatedSegment:
    """A segment."""

    start: float
    stop: float
    points: int = 21
    bandwidth: float = 1e3
    power: float = 0.0
    state: bool = False


class SegmentTable(ScpiDevice):
    """What a device knows of its segments."""

    bandwidth: float
    power: float
    sweep_type: str
    segments: list[SimulatedSegment]

    segment_bandwidths = setting(f"{_SENSE}SEGMent:BWIDth[:RESolution]:CONTrol", False)
    segment_powers = setting(f"{_SENSE}SEGMent:POWer[:LEVel]:CONTrol", False)

    def _segment(self, number: int) -> SimulatedSegment:
        if number > len(self.segments):
            raise Refusal(-222)
        return self.segments[number - 1]

    @query(f"{_SENSE}SEGMent:COUNt?")
    def count_segments(self) -> int:
        """Answer how many segments there are."""
        return len(self.segments)

    @command(f"{_SENSE}SEGMent:DELete:ALL")
    def delete_segments(self) -> None:
        """Delete all segments, and sweep linearly."""
        self.segments.clear()
        self.sweep_type = "LIN"

    @command(f"{_SEGMENT}:ADD")
    def add_segment(self, number: int) -> None:
        """Add a segment before that of the number, or at the end."""
        if number > len(self.segments) + 1:
            raise Refusal(-222)
        before = self.segments[number - 2].stop if number > 1 else LOWEST
        self.segments.insert(number - 1, SimulatedSegment(before, before, bandwidth=self.bandwidth, power=self.power))

    @query(f"{_SEGMENT}[:STATe]?")
    def ask_segment_state(self, number: int) -> bool:
        """Answer whether a segment is swept."""
        return self._segment(number).state

    @command(f"{_SEGMENT}[:STATe]", Boolean())
    def set_segment_state(self, number: int, state: bool) -> None:
        """Sweep a segment, or do not."""
        self._segment(number).state = state

    @query(f"{_SEGMENT}:FREQuency:STARt?")
    def ask_segment_start(self, number: int) -> float:
        """Answer the first frequency of a segment."""
        return self._segment(number).start

    @command(f"{_SEGMENT}:FREQuency:STARt", Number(LOWEST, HIGHEST, "Hz"))
    def set_segment_start(self, number: int, start: float) -> None:
        """Set the first frequency of a segment."""
        segment = self._segment(number)
        segment.start, segment.stop = start, max(segment.stop, start)

    @query(f"{_SEGMENT}:FREQuency:STOP?")
    def ask_segment_stop(self, number: int) -> float:
        """Answer the last frequency of a segment."""
        return self._segment(number).stop

    @command(f"{_SEGMENT}:FREQuency:STOP", Number(LOWEST, HIGHEST, "Hz"))
    def set_segment_stop(self, number: int, stop: float) -> None:
        """Set the last frequency of a segment."""
        segment = self._segment(number)
        segment.start, segment.stop = min(segment.start, stop), stop

    @query(f"{_SEGMENT}:SWEep:POINts?")
    def ask_segment_points(self, number: int) -> int:
        """Answer how many points a segment has."""
        return self._segment(number).points

    @command(f"{_SEGMENT}:SWEep:POINts", Integer(1, 100_003))
    def set_segment_points(self, number: int, points: int) -> None:
        """Set how many points a segment has."""
        self._segment(number).points = points

    @query(f"{_SEGMENT}:BWIDth[:RESolution]?")
    def ask_segment_bandwidth(self, number: int) -> float:
        """Answer the bandwidth of a segment."""
        return self._segment(number).bandwidth

    @command(f"{_SEGMENT}:BWIDth[:RESolution]", Number(1, 15e6, "Hz"))
    def set_segment_bandwidth(self, number: int, bandwidth: float) -> None:
        """Set the bandwidth of a segment."""
        self._segment(number).bandwidth = bandwidth

    @query(f"{_SEGMENT}:POWer[1][:LEVel]?")
    def ask_segment_power(self, number: int) -> float:
        """Answer the power of a segment."""
        return self._segment(number).power

    @command(f"{_SEGMENT}:POWer[1][:LEVel]", Number(-30, 13, "dBm"))
    def set_segment_power(self, number: int, power: float) -> None:
        """Set the power of a segment."""
        self._segment(number).power = power
