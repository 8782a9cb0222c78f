"""What the driver of the 8320 sends, and its simulator."""

from __future__ import annotations

import pytest
from luthier.errors import ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_weinschel.attenuator8320 import Attenuator8320
from luthier_weinschel.simulated.attenuator8320 import Simulated8320


def test_the_attenuation_is_sent_with_two_digits() -> None:
    exchanges = [("ATTN ALL 08", None), ("ATTN? 1", "08"), ("ATTN ALL 60", None), ("ATTN? 1", "60")]
    with expected_exchanges(Attenuator8320, exchanges) as att:
        for decibels in (8, 60):
            att.attenuation(decibels)
            assert att.attenuation() == decibels


@pytest.mark.parametrize("value", [-2, 7, 62])
def test_what_is_no_step_is_refused(value: int) -> None:
    with expected_exchanges(Attenuator8320, []) as att, pytest.raises(ValidationError):
        att.attenuation(value)


def test_nonsense_is_a_mistake() -> None:
    with expected_exchanges(Attenuator8320, [("ATTN? 1", "ERROR")]) as att, pytest.raises(ReplyError):
        att.attenuation()


def test_the_simulator_sets_all_and_ignores_what_is_no_step() -> None:
    device = Simulated8320()
    assert device.respond(b"ATTN ALL 20") is None
    assert device.respond(b"ATTN ALL 21") is None
    assert device.respond(b"attn? 2") == b"20\r"
    assert device.respond(b"ATTN? 3") is None
