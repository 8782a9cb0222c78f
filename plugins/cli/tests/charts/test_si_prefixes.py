from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier_cli.charts.si_prefixes import prefixed


@pytest.mark.parametrize(
    ("largest", "unit", "shown"),
    [
        (1.5e-3, "V", "mV"),
        (999.0, "V", "V"),
        (1000.0, "V", "kV"),
        (999.9999999999, "Hz", "kHz"),
        (3e-8, "A", "nA"),
        (5e9, "Ω", "GΩ"),
        (2e-4, "V/√Hz", "µV/√Hz"),
        (0.02, "K", "mK"),
        (300.0, "s", "s"),
        (5000.0, "s", "s"),
        (1e30, "V", "TV"),
        (1e-30, "V", "fV"),
    ],
)
def test_the_prefix_brings_values_between_one_and_a_thousand(largest: float, unit: str, shown: str) -> None:
    assert prefixed(largest, unit)[1] == shown


@pytest.mark.parametrize("unit", ["", "°C", "dBm", "%", "mV", "m²", "mm²", "V^2", "s**2", "V²/Hz", "counts"])
def test_a_unit_that_takes_no_prefix_stays_as_it_is(unit: str) -> None:
    assert prefixed(0.0015, unit) == (1.0, unit)


@pytest.mark.parametrize("largest", [0.0, math.nan, math.inf])
def test_what_has_no_size_gets_no_prefix(largest: float) -> None:
    assert prefixed(largest, "V") == (1.0, "V")


@given(st.floats(1e-15, 0.99e15))
def test_what_is_shown_is_between_one_and_a_thousand(largest: float) -> None:
    factor, _ = prefixed(largest, "V")
    assert 1 - 1e-8 <= largest * factor < 1000
