"""What the driver for any SCPI instrument sends, and how it takes what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi import ArrayFormat, EventStatus
from luthier.testing.wire import expected_exchanges
from luthier_scpi.generic import GenericScpi
from luthier_scpi.simulated.generic import SimulatedGeneric
from luthier_sim import device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def thing() -> Iterator[GenericScpi]:
    reset_simulators()
    with luthier.open("scpi.generic", "sim://", name="thing") as opened:
        yield opened
    reset_simulators()


def test_messages_are_those_of_the_standards() -> None:
    exchanges = [
        ("*ESE 60", None),
        ("*ESE?", "60"),
        ("*SRE 36", None),
        ("*SRE?", "+36"),
        ("SYST:VERS?", "1999.0"),
        ("*TST?", "0"),
        ("*TRG", None),
    ]
    with expected_exchanges(GenericScpi, exchanges, name="thing", error_policy="never") as thing:
        thing.event_status_enable(60)
        assert thing.event_status_enable() == 60
        thing.service_request_enable(36)
        assert thing.service_request_enable() == 36
        assert thing.scpi_version() == "1999.0"
        assert thing.self_test(timeout=60) == 0
        assert thing.timeout == 5
        thing.trigger()


def test_a_test_that_answers_nonsense_is_a_mistake() -> None:
    with (
        expected_exchanges(GenericScpi, [("*TST?", "PASS")], name="thing") as thing,
        pytest.raises(ReplyError, match=r"answered by 'PASS'"),
    ):
        thing.self_test()


def test_any_message_goes_and_its_errors_are_told(thing: GenericScpi) -> None:
    thing.write("SOUR:VOLT 2.5")
    assert thing.query("VOLT:LEV?") == "2.5"
    assert thing.query_array("TRAC:DATA?", ArrayFormat()).tolist() == [2.5] * 3
    thing.write("SOUR:VOLT 11")
    thing.write("VLOT 1")
    assert EventStatus.EXECUTION_ERROR in thing.event_status()
    assert [entry.code for entry in thing.errors()] == [-222, -113]
    assert thing.errors() == ()


def test_after_each_message_a_mistake_can_be_raised_at_once(thing: GenericScpi) -> None:
    thing.error_policy = "after-each"
    with pytest.raises(InstrumentReportedError, match=r"after 'SOUR:VOLT 11': -222"):
        thing.write("SOUR:VOLT 11")


def test_what_it_is_and_that_it_can_be_triggered(thing: GenericScpi) -> None:
    device = device_at(str(thing.address))
    assert isinstance(device, SimulatedGeneric)
    assert (thing.idn.vendor, thing.idn.model) == ("LUTHIER", "GENERIC")
    thing.trigger()
    assert device.triggers == 1
    thing.write("VOLT 1")
    thing.reset()
    assert device.voltage == 0
