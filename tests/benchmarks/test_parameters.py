"""What a parameter costs beyond what it does."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest
from luthier import Instrument, Parameter, parameter
from luthier.validators import Numbers

GROUP = "parameter"
LOOPS = 1000


class Bare:
    def method(self) -> float:
        return 1.0


class Source(Instrument):
    level = parameter(
        float,
        get_cmd=lambda _: 1.0,
        set_cmd=lambda _, __: None,
        unit="V",
        validator=Numbers(-10, 10),
    )


@pytest.fixture
def level() -> Any:
    with Source("source") as source:
        source.level(0.5)
        source.level()
        yield source.level


def test_bare_bound_method(limit: Any) -> None:
    bare = Bare()

    def loop() -> None:
        for _ in range(LOOPS):
            bare.method()

    limit(GROUP, per=LOOPS).pedantic(loop, rounds=300, warmup_rounds=20)


def test_get_of_a_callable(subject: Any, level: Parameter[float]) -> None:
    def loop() -> None:
        for _ in range(LOOPS):
            level.get()

    subject(GROUP, budget=14, per=LOOPS).pedantic(loop, rounds=300, warmup_rounds=20)


def test_set_with_a_range(subject: Any, level: Parameter[float]) -> None:
    def loop() -> None:
        for _ in range(LOOPS):
            level.set(0.5)

    subject(GROUP, budget=16, per=LOOPS).pedantic(loop, rounds=300, warmup_rounds=20)


def test_cached_value(subject: Any, level: Parameter[float]) -> None:
    def loop() -> None:
        for _ in range(LOOPS):
            level.cache.value  # noqa: B018 - reading it is what is measured

    subject(GROUP, budget=3, per=LOOPS).pedantic(loop, rounds=300, warmup_rounds=20)


def test_construction_of_a_live_parameter(subject: Any) -> None:
    specification = Source.level.specification

    def loop() -> None:
        for _ in range(LOOPS):
            Parameter.of("level", specification, None)

    subject(GROUP, per=LOOPS).pedantic(loop, rounds=50, warmup_rounds=5)


def test_declaration_by_add_parameter(subject: Any) -> None:
    with Instrument("plain") as plain:
        names = iter(f"p{number}" for number in range(10**9))

        def loop() -> None:
            for _ in range(100):
                plain.add_parameter(next(names), float, get_cmd=float, unit="V")

        subject(GROUP, per=100).pedantic(loop, rounds=20, warmup_rounds=1)


def test_memory_of_an_untouched_live_parameter(figure: Any) -> None:
    specification, count = Source.level.specification, 10_000
    gc.collect()
    tracemalloc.start()
    kept: list[Parameter[float]] = [Parameter.of("level", specification, None) for _ in range(count)]
    used = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    figure("memory of a live parameter that nobody has touched (budget 300 B)", f"{used:.0f} B")
    assert len(kept) == count


def test_snapshot_of_1000_parameters(benchmark: Any) -> None:
    with Instrument("many") as many:
        for number in range(1000):
            many.add_parameter(f"p{number}", float, initial=1.0)(1.0)
        benchmark.group = "snapshot"
        snapshot = benchmark.pedantic(many.snapshot, rounds=30, warmup_rounds=2)
    assert len(snapshot["parameters"]) == 1000
