"""Two and three magnets together: they never leave the safe volume, here or on servers."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import luthier_servers
import pytest
from luthier.errors import InstrumentFaultError, UsageError, ValidationError
from luthier_american_magnetics.ami430 import Ami430
from luthier_american_magnetics.simulated.ami430 import SimulatedAmi430
from luthier_american_magnetics.vector_magnet import ThreeAxisMagnet, TwoAxisMagnet
from luthier_sim import device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def magnets() -> Iterator[list[Ami430]]:
    with ExitStack() as stack:
        yield [stack.enter_context(fast(axis)) for axis in "xyz"]
    reset_simulators()


def fast(axis: str) -> Ami430:
    magnet: Ami430 = luthier.open("american_magnetics.ami430", f"sim://american_magnetics.ami430/{axis}", name=axis)
    device_of(magnet).segments = [(1000.0, inf)]
    return magnet


def device_of(magnet: Ami430) -> SimulatedAmi430:
    device = device_at(str(magnet.address))
    assert isinstance(device, SimulatedAmi430)
    return device


def test_components_and_angles_are_set_and_read(magnets: list[Ami430]) -> None:
    with ThreeAxisMagnet("vector", magnets, radius=1) as vector:
        vector.ramp_to_spherical(0.5, 90, 30)
        assert (vector.magnitude(), vector.theta(), vector.phi()) == pytest.approx((0.5, 90, 30), abs=1e-4)
        vector.z(0.25)
        assert vector.vector()["z"] == 0.25
        vector.make_safe()
        assert vector.fields() == (0, 0, 0)


def test_no_field_on_the_way_is_outside(magnets: list[Ami430]) -> None:
    with TwoAxisMagnet("vector", magnets[:2], radius=1) as vector:
        vector.ramp_to([0.95, 0])
        way = vector.plan([0, 0.95])
        assert way == [[0.95, 0], [0, 0], [0, 0.95]]
        seen: list[tuple[float, ...]] = []
        vector.subscribe_progress(lambda _: seen.append(vector.fields()))
        vector.ramp_to([0, 0.95])
        assert vector.fields() == (0, 0.95)
        assert len(seen) == 2
        assert all(x * x + y * y <= 1.001 for x, y in seen)


def test_what_is_outside_is_refused_before_anything_moves(magnets: list[Ami430]) -> None:
    with TwoAxisMagnet("vector", magnets[:2], radius=1, boxes=[(0.05, 2)]) as vector:
        vector.ramp_to([0, 1.5])
        with pytest.raises(ValidationError, match=r"target \(1, 1\) T is outside the safe volume"):
            vector.ramp_to([1, 1])
        vector.path("straight")
        with pytest.raises(ValidationError, match=r"no safe way from \(0, 1\.5\) T to \(1, 0\) T"):
            vector.ramp_to([1, 0])
        assert vector.fields() == (0, 1.5)
        vector.path("axes")
        vector.ramp_to([1, 0])
        assert vector.fields() == (1, 0)


def test_a_straight_way_goes_in_steps(magnets: list[Ami430]) -> None:
    with TwoAxisMagnet("vector", magnets[:2], radius=1, step=0.1) as vector:
        vector.path("straight")
        way = vector.plan([0.3, 0.4])
        assert len(way) == 6
        assert all(b[0] - a[0] == pytest.approx(0.06) for a, b in pairwise(way))
        vector.ramp_to([0.03, 0.04])
        assert vector.fields() == pytest.approx((0.03, 0.04))


def test_after_a_quench_of_one_the_others_are_held(magnets: list[Ami430]) -> None:
    with TwoAxisMagnet("vector", magnets[:2], radius=1, step=2) as vector:
        vector.path("straight")
        magnets[1].ramp_rate(0.1)
        magnets[0].ramp_rate(30)
        device_of(magnets[0]).quenches_at = 1.0
        with pytest.raises(InstrumentFaultError, match=r"x ended its ramp as 'quench'"):
            vector.ramp_to([0.5, 0.5])
        assert magnets[1].state() == "paused"


def test_a_magnet_that_does_not_follow_ends_the_way(magnets: list[Ami430]) -> None:
    magnets[0].persistent_switch_heater(False)
    device_of(magnets[0]).switch_ready = 0
    with (
        TwoAxisMagnet("vector", magnets[:2], radius=1) as vector,
        pytest.raises(InstrumentFaultError, match=r"Is a persistent switch cold"),
    ):
        vector.ramp_to([0.5, 0.5])
    assert magnets[1].field() == 0


@pytest.mark.parametrize(
    ("count", "options", "message"),
    [
        (3, {"radius": 1}, "got 3 magnets; expected: 2"),
        (2, {}, "no safe volume"),
        (2, {"radius": -1}, "above 0 T"),
        (2, {"boxes": [(1, 1, 1)]}, "has 3 limits for 2 axes"),
        (2, {"radius": 1, "step": 0}, "steps above 0 T"),
    ],
)
def test_a_vector_magnet_that_would_not_be_safe_is_not_made(
    magnets: list[Ami430], count: int, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        TwoAxisMagnet("vector", magnets[:count], **options)
    assert "vector" not in luthier.instruments()


def test_a_vector_of_the_wrong_length_is_refused(magnets: list[Ami430]) -> None:
    with TwoAxisMagnet("vector", magnets[:2], radius=1) as vector, pytest.raises(ValidationError, match="3 components"):
        vector.ramp_to([0, 0, 0])


def test_magnets_may_be_on_servers(magnets: list[Ami430]) -> None:
    del magnets  # only for the end of the test, which makes the simulators new
    address = "sim://american_magnetics.ami430/{}"
    server = luthier_servers.start("magnets")
    try:
        x, y = (Ami430(f"remote_{axis}", address.format(axis), server_name="magnets") for axis in ("rx", "ry"))
        x.ramp_rate(100)
        y.ramp_rate(100)
        vector = TwoAxisMagnet("vector", [x, y], radius=1, server_name="magnets")
        vector.ramp_to([0.03, 0.04])
        assert vector.magnitude() == pytest.approx(0.05)
        with pytest.raises(ValidationError, match="outside the safe volume"):
            vector.x(2)
    finally:
        server.stop()
