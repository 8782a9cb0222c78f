"""Whether two messages mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier_sim.tapes.meaning import is_meant_by, meaning_of

if TYPE_CHECKING:
    from decimal import Decimal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"SOUR:VOLT 1.5", b":source:voltage 1.50"),
        (b"SOUR:VOLT:LEV 0.001", b"sour1:volt:level 1e-3"),
        (b"FREQ 5.123456789E9", b"FREQuency 5123456789"),
        (b"SENS:FUNC 'VOLT:DC'", b'SENS:FUNC "VOLT:DC"'),
        (b"VOLT MAX", b"VOLT MAXimum"),
        (b"VOLT 5 mV", b"VOLT 5MV"),
        (b":SOUR:VOLT 1;CURR 2", b"SOUR:VOLT 1;:SOUR:CURR 2"),
        (b"SOUR:VOLT 1;*OPC?;CURR 2", b"SOUR:VOLT 1;*OPC?;:SOUR:CURR 2"),
        (b"ROUT:CLOS (@1,2)", b"ROUTE:CLOSE (@1, 2)"),
        (b"REG #H1F", b"REG 31"),
        (b"DATA #15hello", b"data #205hello"),
        (b'PASS "***";VOLT 1', b'PASS "a;b";VOLT 1'),
    ],
)
def test_these_are_the_same(one: bytes, other: bytes) -> None:
    assert is_meant_by(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"VOLT 1.5", b"VOLT 1.5000001"),
        (b"VOLT 1.0000000000000000000000000000000000001", b"VOLT 1"),
        (b"VOLT?", b"VOLT"),
        (b"VOLT 5 mV", b"VOLT 5 V"),
        (b"SOUR1:VOLT 1", b"SOUR2:VOLT 1"),
        (b"SOUR:VOLT 1;CURR 2", b"SOUR:VOLT 1;:CURR 2"),
        (b'DISP "a"', b'DISP "A"'),
        (b"OUTP ON", b"OUTP OFF"),
        (b"DATA #15hello", b"DATA #15hellO"),
        (b"@1a", b"@1A"),
        (b'PASS "***"', b'PASX "a"'),
    ],
)
def test_these_are_not(one: bytes, other: bytes) -> None:
    assert not is_meant_by(one, other)
    assert not is_meant_by(other, one)


@given(st.binary(max_size=30))
def test_whatever_is_sent_means_itself(message: bytes) -> None:
    assert is_meant_by(message, message)
    meaning_of(message)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12))
def test_a_number_is_its_value_however_it_is_written(number: Decimal) -> None:
    written = f"{number:f}"
    assert is_meant_by(f"VOLT {written}".encode(), f"volt {number:.20E}".encode())
