"""Where the field of a vector magnet may be, and ways through it; pure geometry."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from math import hypot, inf, isfinite, sqrt
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Ball", "Box", "Point", "Region", "SafeVolume"]

Point = tuple[float, ...]

_TOLERANCE = 1e-9
"""How far beyond a boundary still counts as on it, in T."""


class Region(Protocol):
    """A convex part of the volume."""

    def part_of(self, start: Point, stop: Point) -> tuple[float, float] | None:
        """Return from where to where (0 to 1) the straight line is inside; ``None``: nowhere."""
        ...


def _positive(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{attribute.name}={value!r}: allowed is a finite number above 0 T")


@attrs.frozen
class Ball:
    """All fields up to a magnitude, in T.

    >>> Ball(1.0).part_of((0.0, 0.0), (2.0, 0.0))[1] < 0.51
    True
    """

    radius: float = attrs.field(validator=_positive)

    def part_of(self, start: Point, stop: Point) -> tuple[float, float] | None:
        """Return where the line is inside."""
        way = [end - begin for begin, end in zip(start, stop, strict=True)]
        length, radius = sum(step * step for step in way), self.radius + _TOLERANCE
        middle = sum(begin * step for begin, step in zip(start, way, strict=True))
        rest = radius * radius - sum(begin * begin for begin in start)
        if length == 0:
            return (0.0, 1.0) if rest >= 0 else None
        inside = middle * middle + length * rest
        if inside < 0:
            return None
        low, high = (-middle - sqrt(inside)) / length, (-middle + sqrt(inside)) / length
        return _within_0_and_1(low, high)


def _floats(limits: Iterable[float]) -> tuple[float, ...]:
    return tuple(map(float, limits))


@attrs.frozen
class Box:
    """All fields with each component up to a limit of its own, in T.

    >>> Box((1.0, 1.0, 6.0)).part_of((0.0, 0.0, 0.0), (0.0, 0.0, 6.0))
    (0.0, 1.0)
    """

    limits: tuple[float, ...] = attrs.field(
        converter=_floats, validator=attrs.validators.deep_iterable(_positive, attrs.validators.min_len(1))
    )

    def part_of(self, start: Point, stop: Point) -> tuple[float, float] | None:
        """Return where the line is inside."""
        low, high = 0.0, 1.0
        for begin, end, size in zip(start, stop, self.limits, strict=True):
            limit, way = size + _TOLERANCE, end - begin
            if way == 0:
                if abs(begin) > limit:
                    return None
                continue
            first, last = sorted(((-limit - begin) / way, (limit - begin) / way))
            low, high = max(low, first), min(high, last)
        return (low, high) if low <= high else None


def _within_0_and_1(low: float, high: float) -> tuple[float, float] | None:
    low, high = max(0.0, low), min(1.0, high)
    return (low, high) if low <= high else None


def _regions(regions: Iterable[Region]) -> tuple[Region, ...]:
    return tuple(regions)


@attrs.frozen
class SafeVolume:
    """What several convex regions cover together, such as a ball and a box that is longer along one axis.

    >>> volume = SafeVolume([Ball(1.0), Box((0.1, 0.1, 6.0))])
    >>> (0.0, 0.0, 5.0) in volume, (1.0, 0.0, 5.0) in volume
    (True, False)
    >>> volume.holds_line((1.0, 0.0, 0.0), (0.0, 0.0, 5.0))
    False
    """

    regions: tuple[Region, ...] = attrs.field(converter=_regions, validator=attrs.validators.min_len(1))

    def __contains__(self, point: Point) -> bool:
        """Tell whether a field is allowed."""
        return self.holds_line(point, point)

    def holds_line(self, start: Point, stop: Point) -> bool:
        """Tell whether every field on the straight line is allowed; exact, nothing is sampled."""
        parts = sorted(part for region in self.regions if (part := region.part_of(start, stop)) is not None)
        reached = 0.0
        for low, high in parts:
            if low > reached + _TOLERANCE:
                return False
            reached = max(reached, high)
        return bool(parts) and reached >= 1 - _TOLERANCE

    def holds_path(self, points: Sequence[Point]) -> bool:
        """Tell whether every field on the way from point to point is allowed."""
        return all(self.holds_line(start, stop) for start, stop in pairwise(points))

    def way_by_axes(self, start: Point, stop: Point) -> list[Point] | None:
        """Return the corners of a safe way on which one axis moves at a time; ``None``: none was found.

        The fewest moves first: each axis once, in any order; then by way of zero on some axes. Of equally long ways the
        one that stays at the smallest fields is taken.
        """
        for via in (None, tuple(0.0 for _ in start)):
            ways = [way for way in _ways(start, stop, via) if self.holds_path(way)]
            if ways:
                return min(ways, key=lambda way: max(hypot(*point) for point in way))
        return None

    def way_in_steps(self, start: Point, stop: Point, step: float) -> list[Point] | None:
        """Return the ends of steps along the straight line, during each of which all axes may move as they like.

        Axes do not keep step with each other, so that the field can be anywhere in the box of a step: every corner of
        it has to be allowed together with the others, which is so where one convex region holds them all.
        """
        length = hypot(*(end - begin for begin, end in zip(start, stop, strict=True)))
        count = max(1, int(-(-length // step)) if step < inf else 1)
        points = [
            tuple(begin + (end - begin) * number / count for begin, end in zip(start, stop, strict=True))
            for number in range(count + 1)
        ]
        points[-1] = stop
        for first, last in pairwise(points):
            corners = list(product(*zip(first, last, strict=True)))
            if not any(all(region.part_of(corner, corner) for corner in corners) for region in self.regions):
                return None
        return points


def _ways(start: Point, stop: Point, via: Point | None) -> Iterator[list[Point]]:
    moving = [axis for axis in range(len(start)) if start[axis] != stop[axis] or (via is not None and start[axis] != 0)]
    if via is None:
        yield from (_corners(start, stop, order) for order in permutations(moving))
        return
    for down in permutations(moving):
        for up in permutations(moving):
            first = _corners(start, via, down)
            yield first + _corners(first[-1], stop, up)[1:]


def _corners(start: Point, stop: Point, order: Iterable[int]) -> list[Point]:
    points = [start]
    for axis in order:
        last = list(points[-1])
        if last[axis] != stop[axis]:
            last[axis] = stop[axis]
            points.append(tuple(last))
    return points
