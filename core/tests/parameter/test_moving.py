from __future__ import annotations

import pytest
from luthier import Instrument, Parameter
from luthier.errors import ValidationError


def test_step_and_rate_are_those_in_force() -> None:
    free: Parameter[float] = Parameter("free", float)
    assert (free.step, free.rate) == (None, None)
    stepped: Parameter[float] = Parameter("stepped", float, step=0.5, rate=2.0)
    assert (stepped.step, stepped.rate) == (0.5, 2.0)
    stepped.limit_motion(step=0.1)
    assert (stepped.step, stepped.rate) == (0.1, 2.0)


def test_a_rate_alone_makes_steps_of_a_tenth_of_a_second() -> None:
    slow: Parameter[float] = Parameter("slow", float, rate=2.0)
    assert (slow.step, slow.rate) == (0.2, 2.0)


def test_who_moves_several_parameters_is_told_when_one_is_stopped_until_it_ends_that() -> None:
    level: Parameter[float] = Parameter("level", float)
    told: list[str] = []
    end_first = level.stop_with(lambda: told.append("first"))
    level.stop_with(lambda: told.append("second"))
    level.stop()
    end_first()
    level.stop()
    assert told == ["first", "second", "second"]


def test_a_limit_that_is_a_function_may_be_none_for_now() -> None:
    class Source(Instrument):
        bound: float | None = None

        def __init__(self) -> None:
            super().__init__("source")
            self.add_parameter("level", float, maximum=lambda source: source.bound, unit="V")

    with Source() as source:
        level = source["level"]
        before = level.limits
        level(1000.0)
        source.bound = 5.0
        assert [before, level.limits] == [(None, None), (None, 5.0)]
        with pytest.raises(ValidationError, match="cannot set 6 V: allowed: 5 V or less"):
            level(6.0)
