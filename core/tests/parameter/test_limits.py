from __future__ import annotations

from typing import Any

import pytest
from luthier import Asked, Instrument, ManualParameter, parameter
from luthier.errors import UsageError, ValidationError
from luthier.validators import Numbers


class Supply(Instrument):
    range = parameter(float, get_cmd="RANG?", set_cmd="RANG {}", unit="V")
    margin = 0.5
    by_parameter = parameter(float, set_cmd="A {}", maximum="range", depends_on=("range",), unit="V")
    by_function = parameter(float, set_cmd="B {}", minimum=lambda supply: -supply.margin, unit="V")
    asked = parameter(
        float,
        get_cmd="VOLT?",
        set_cmd="VOLT {}",
        unit="V",
        minimum=Asked("VOLT? MIN"),
        maximum=Asked("VOLT? MAX"),
        depends_on=("range",),
    )
    asked_scaled = parameter(float, set_cmd="S {}", unit="V", scale=1000, maximum=Asked("S? MAX"))
    constant = parameter(float, set_cmd="C {}", unit="V", validator=Numbers(-10, 10), maximum=5.0)


def test_a_limit_can_be_another_parameter(opened: Any) -> None:
    supply, wire = opened(Supply, RANG="2")
    supply.by_parameter(2.0)
    with pytest.raises(ValidationError, match=r"cannot set 2\.5 V: allowed: 2 V or less"):
        supply.by_parameter(2.5)
    supply.range(20.0)
    supply.by_parameter(2.5)
    assert wire.log == ["RANG?", "A 2", "RANG 20", "A 2.5"]


def test_a_limit_can_be_a_function_of_the_instrument(opened: Any) -> None:
    supply, _ = opened(Supply)
    supply.by_function(-0.5)
    with pytest.raises(ValidationError, match=r"-0\.5 V or more"):
        supply.by_function(-0.6)
    supply.margin = 1.0
    supply.by_function(-0.6)


def test_limits_that_the_instrument_knows_are_asked_once_and_again_when_they_may_have_changed(opened: Any) -> None:
    supply, wire = opened(Supply, **{"VOLT? MIN": "-2", "VOLT? MAX": "2"})
    supply.asked(1.0)
    supply.asked(1.5)
    assert wire.log == ["VOLT? MIN", "VOLT? MAX", "VOLT 1", "VOLT 1.5"]
    wire.values["VOLT? MAX"] = "20"
    with pytest.raises(ValidationError):
        supply.asked(10.0)
    supply.range(20.0)
    assert not supply.asked.cache.valid
    supply.asked(10.0)
    assert wire.log[-3:] == ["VOLT? MIN", "VOLT? MAX", "VOLT 10"]


def test_an_asked_limit_is_in_the_instrument_s_units(opened: Any) -> None:
    supply, _ = opened(Supply, **{"S? MAX": "1500"})
    assert supply.asked_scaled.limits == (None, 1.5)
    with pytest.raises(ValidationError):
        supply.asked_scaled(1.6)


def test_the_tightest_of_several_limits_counts(opened: Any) -> None:
    supply, _ = opened(Supply)
    assert supply.constant.limits == (-10.0, 5.0)
    supply.constant.narrow(-1.0, None)
    assert supply.constant.limits == (-1.0, 5.0)


def test_a_user_can_narrow_limits_and_lift_them_again(opened: Any) -> None:
    supply, wire = opened(Supply)
    supply.constant(4.0)
    supply.constant.narrow(0.0, 1.0)
    with pytest.raises(ValidationError, match=r"cannot set 4 V: allowed: 0 V to 1 V"):
        supply.constant(4.0)
    supply.constant.narrow()
    supply.constant(4.0)
    assert wire.log == ["C 4", "C 4"]


@pytest.mark.parametrize("wider", [(-11.0, 1.0), (0.0, 6.0)])
def test_a_user_cannot_widen_limits(opened: Any, wider: tuple[float, float]) -> None:
    supply, _ = opened(Supply)
    supply.constant.narrow(-1.0, 1.0)
    with pytest.raises(UsageError, match=r"cannot widen the limits .* the driver allows -10 V to 5 V"):
        supply.constant.narrow(*wider)
    assert supply.constant.limits == (-1.0, 1.0)


def test_limits_the_wrong_way_round_are_refused() -> None:
    power = ManualParameter("power", float)
    with pytest.raises(UsageError, match="above the maximum"):
        power.narrow(2.0, 1.0)
    power.narrow(0.0, 1.0)
    with pytest.raises(ValidationError):
        power(1.5)
    assert power.limits == (0.0, 1.0)
