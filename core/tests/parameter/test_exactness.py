"""No digit is lost, and nothing out of range is sent, whatever the value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import Instrument, Parameter, parameter
from luthier.errors import ValidationError
from luthier.parameter.scaling import Scaling, round_to
from luthier.testing.dict_transport import DictTransport
from luthier.validators import Numbers

# SCPI-1999 volume 1, 7.2.1.4 and 7.2.1.5: in a reply these mean infinity and "not a number".
SENTINELS = (9.9e37, 9.91e37)

finite = st.floats(allow_nan=False, allow_infinity=False)
factors = st.floats(min_value=1e-9, max_value=1e9) | st.floats(min_value=-1e9, max_value=-1e-9) | st.integers(1, 10**6)
offsets = st.floats(min_value=-1e9, max_value=1e9) | st.integers(-(10**6), 10**6)


class Source(Instrument):
    level = parameter(float, get_cmd="L?", set_cmd="L {}")
    bounded = parameter(float, get_cmd="B?", set_cmd="B {}", validator=Numbers(-1.5, 2.5))


@given(finite)
def test_any_finite_float_arrives_exactly(value: float) -> None:
    wire = DictTransport()
    with Source("source", transport=wire) as source:
        source.level(value)
        assert float(wire.log[0].removeprefix("L ")).hex() == value.hex()
        if abs(value) not in SENTINELS:
            assert source.level().hex() == value.hex()


@given(st.floats() | st.integers() | st.booleans() | st.text(max_size=5) | st.none() | st.complex_numbers())
def test_nothing_out_of_range_ever_reaches_the_wire(value: Any) -> None:
    wire = DictTransport()
    with Source("source", transport=wire) as source:
        try:
            source.bounded(value)
        except ValidationError:
            assert wire.log == []
        else:
            assert -1.5 <= float(wire.log[0].removeprefix("B ")) <= 2.5


@given(value=finite, scale=factors, offset=offsets)
def test_scale_and_offset_come_back_exactly_through_a_message(value: float, scale: float, offset: float) -> None:
    class Scaled(Instrument):
        x = parameter(float, get_cmd="X?", set_cmd="X {}", scale=scale, offset=offset)

    wire = DictTransport()
    with Scaled("scaled", transport=wire) as scaled:
        try:
            scaled.x(value)
        except ValidationError:
            assert abs(Decimal(repr(value)) * _exact(scale) + _exact(offset)) > Decimal("1.79e308")
            return
        sent = Decimal(wire.log[0].removeprefix("X "))
        expected = Decimal(repr(value)) * _exact(scale) + _exact(offset)
        assert abs(sent - expected) <= abs(expected) * Decimal("1e-27")
        if abs(float(sent)) not in SENTINELS:
            assert scaled.x() == value


@given(
    value=st.decimals(-1000, 1000, places=4, allow_nan=False, allow_infinity=False).map(float),
    scale=st.sampled_from([None, 0.001, 0.1, 10, 1000.0, -2, 0.25]),
    offset=st.sampled_from([None, 0.5, -3, 100.25]),
    parsers=st.booleans(),
    textual=st.booleans(),
)
def test_what_is_set_is_what_is_read_through_every_combination(
    value: float,
    scale: float | None,
    offset: float | None,
    parsers: bool,
    textual: bool,
) -> None:
    held: list[Any] = []
    options: dict[str, Any] = {"scale": scale, "offset": offset}
    if parsers:
        options |= {
            "set_parser": lambda number: f"={number!r}",
            "get_parser": lambda text: float(text.removeprefix("=")),
        }
    if textual:

        class Scaled(Instrument):
            x = parameter(float, get_cmd="X?", set_cmd="X {}", **options)

        with Scaled("scaled", transport=DictTransport()) as scaled:
            scaled.x(value)
            assert scaled.x() == value
    else:
        plain = Parameter("x", float, set_cmd=held.append, get_cmd=lambda: held[-1], **options)
        plain(value)
        assert plain() == value


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(), min_size=1), st.data())
def test_a_mapping_comes_back_through_a_message(mapping: dict[str, int], data: st.DataObject) -> None:
    unique = dict({raw: value for value, raw in mapping.items()}.items())
    mapping = {value: raw for raw, value in unique.items()}

    class Mapped(Instrument):
        x = parameter(str, get_cmd="X?", set_cmd="X {}", mapping=mapping)

    with Mapped("mapped", transport=DictTransport()) as mapped:
        value = data.draw(st.sampled_from(sorted(mapping)))
        mapped.x(value)
        assert mapped.x() == value


def test_a_scaled_value_is_sent_as_people_write_it() -> None:
    class Source(Instrument):
        x = parameter(float, get_cmd="X?", set_cmd="X {}", scale=1000)

    wire = DictTransport()
    with Source("source", transport=wire) as source:
        source.x(0.3)
    assert wire.log == ["X 300"]


@given(st.floats(-1e6, 1e6), st.sampled_from([1e-6, 0.001, 0.25, 0.3, 5.0]))
def test_a_resolution_gives_the_nearest_multiple(value: float, resolution: float) -> None:
    rounded = Decimal(repr(round_to(resolution, value)))
    assert abs(rounded - Decimal(repr(value))) <= Decimal(repr(resolution)) / 2
    assert rounded % Decimal(repr(resolution)) == 0 or abs(rounded) > 1e9


def test_with_a_resolution_the_cache_holds_what_was_sent() -> None:
    class Source(Instrument):
        x = parameter(float, get_cmd="X?", set_cmd="X {}", resolution=0.01, validator=Numbers(0, 1.004))

    wire = DictTransport()
    with Source("source", transport=wire) as source:
        source.x(0.123)
        assert wire.log == ["X 0.12"]
        assert source.x.cache.value == 0.12


def test_a_value_that_the_resolution_would_move_out_of_range_is_refused() -> None:
    class Source(Instrument):
        x = parameter(float, set_cmd="X {}", resolution=0.1, validator=Numbers(0, 1.06))

    wire = DictTransport()
    with Source("source", transport=wire) as source, pytest.raises(ValidationError):
        source.x(1.06)
    assert wire.log == []


@given(st.sampled_from([float("inf"), float("-inf")]))
def test_an_overflowing_reading_stays_infinite_through_a_scale(value: float) -> None:
    assert Scaling(10, 1).from_raw(value) == value


def _exact(number: float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def test_a_value_beyond_a_limit_of_the_moment_is_refused_although_the_resolution_would_move_it_inside() -> None:
    class Device(Instrument):
        top = parameter(float, initial=1.0)
        x = parameter(float, set_cmd="X {}", resolution=0.1, validator=Numbers(0, 10), maximum="top")

    with Device("device", transport=DictTransport({})) as device:
        with pytest.raises(ValidationError, match=r"cannot set 1\.01"):
            device.x(1.01)
        device.top(1.08)
        device.x(1.04)
        assert device.x.cache.value == 1.0
        with pytest.raises(ValidationError, match=r"cannot set 1\.07"):  # 1.1 would be sent
            device.x(1.07)
