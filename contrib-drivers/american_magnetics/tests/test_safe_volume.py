"""Safe volumes: what is inside, and ways through them, against sampled points and random walks of the axes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from luthier_american_magnetics.safe_volume import Ball, Box, Point, SafeVolume

VOLUME = SafeVolume([Ball(1.0), Box((0.2, 0.2, 6.0)), Box((3.0, 0.1, 0.1))])

near_the_edge = st.tuples(*(st.floats(-0.65, 0.65) for _ in range(3)))
points = st.tuples(*(st.floats(-limit, limit) for limit in (3.5, 1.5, 6.5)))

inside = st.one_of(
    *(
        st.tuples(*(st.floats(-limit, limit) for limit in box))
        for box in ((0.57, 0.57, 0.57), (0.2, 0.2, 6.0), (3.0, 0.1, 0.1))
    )
).filter(lambda point: point in VOLUME)


def allowed(point: Point) -> bool:
    """Say it by the definition, with some room for rounding."""
    inside_ball = sum(component**2 for component in point) <= 1 + 1e-6
    boxes = ((0.2, 0.2, 6.0), (3.0, 0.1, 0.1))
    return inside_ball or any(all(abs(a) <= b + 1e-6 for a, b in zip(point, box, strict=True)) for box in boxes)


def along(start: Point, stop: Point, part: float) -> Point:
    return tuple(begin + (end - begin) * part for begin, end in zip(start, stop, strict=True))


@given(points, points)
def test_a_line_is_held_only_if_every_sample_of_it_is_allowed(start: Point, stop: Point) -> None:
    if VOLUME.holds_line(start, stop):
        assert all(allowed(along(start, stop, number / 50)) for number in range(51))
    else:
        assert not (Ball(0.999).part_of(start, start) and Ball(0.999).part_of(stop, stop)), "a ball is convex"


@given(inside, inside)
def test_a_way_by_axes_is_allowed_everywhere_and_moves_one_axis_at_a_time(start: Point, stop: Point) -> None:
    way = VOLUME.way_by_axes(start, stop)
    assert way is not None, "by way of zero there always is one in this volume"
    assert way[0] == start
    assert way[-1] == stop
    for first, last in pairwise(way):
        assert sum(begin != end for begin, end in zip(first, last, strict=True)) == 1
        assert all(allowed(along(first, last, number / 20)) for number in range(21))


@settings(max_examples=30)
@given(near_the_edge, near_the_edge, st.floats(0.2, 2.0), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_in_a_step_the_axes_may_be_anywhere(start: Point, stop: Point, step: float, parts: list[float]) -> None:
    way = VOLUME.way_in_steps(start, stop, step)
    assume(way is not None)
    assert way is not None
    for first, last in pairwise(way):
        skewed = tuple(begin + (end - begin) * part for begin, end, part in zip(first, last, parts, strict=True))
        assert allowed(skewed)


def test_an_order_of_the_axes_is_found_that_stays_inside() -> None:
    disc = SafeVolume([Ball(1.0)])
    assert disc.way_by_axes((0.9, 0.0), (0.0, 0.9)) == [(0.9, 0.0), (0.0, 0.0), (0.0, 0.9)]


def test_where_no_order_is_safe_the_way_goes_by_zero_or_there_is_none() -> None:
    cross = SafeVolume([Box((2.0, 0.1)), Box((0.1, 2.0))])
    assert cross.way_by_axes((2.0, 0.05), (0.05, 2.0)) is not None
    islands = SafeVolume([Box((1.0, 0.1))])
    assert islands.way_by_axes((0.5, 0.0), (0.5, 0.2)) is None


def test_a_line_between_regions_that_only_touch_is_held() -> None:
    assert SafeVolume([Box((1.0, 1.0)), Box((2.0, 1.0))]).holds_line((0.0, 0.0), (2.0, 0.0))
    assert not SafeVolume([Ball(1.0), Box((3.0, 0.1))]).holds_line((0.0, 1.0), (3.0, 0.0))


@pytest.mark.parametrize("radius", [0.0, -1.0, float("inf"), float("nan")])
def test_a_region_has_a_size(radius: float) -> None:
    with pytest.raises(ValueError, match="above 0 T"):
        Ball(radius)
    with pytest.raises(ValueError, match="above 0 T"):
        Box((1.0, radius))
