from __future__ import annotations

from typing import TYPE_CHECKING

import luthier
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luthier.errors import ClosedError, ConnectionLostError, StationError

if TYPE_CHECKING:
    from luthier import Station

    from .conftest import Lab


def three(lab: Lab, *faults: str) -> Station:
    """Open three supplies, named a, b and c, with these faults."""
    text = "".join(
        f'[instruments.{name}]\ndriver = "bench.py:Supply"\noptions = {{ fault = "{fault}" }}\n'
        for name, fault in zip("abc", (*faults, "", "", ""), strict=False)
    )
    station = lab.open(text)
    lab.forget()
    return station


EVERYTHING = ["safe c", "safe b", "safe a", "close c", "close b", "close a"]


def test_leaving_makes_safe_and_closes_in_reverse_order(lab: Lab) -> None:
    with three(lab) as station:
        supply = station.a
    assert lab.journal == EVERYTHING
    assert station.closed
    with pytest.raises(ClosedError):
        supply.ch1.voltage(1)


def test_leaving_by_an_exception_does_the_same_and_the_exception_goes_on(lab: Lab) -> None:
    with pytest.raises(ZeroDivisionError) as caught, three(lab):
        _ = 1 / 0
    assert lab.journal == EVERYTHING
    assert not hasattr(caught.value, "__notes__")


def test_a_failure_of_one_keeps_nothing_from_the_others(lab: Lab) -> None:
    with pytest.raises(StationError) as caught, three(lab, "", "safe and close", "close"):
        pass
    assert lab.journal == EVERYTHING
    assert str(caught.value).splitlines() == [
        "lab: leaving the station went wrong:",
        "  b could not be made safe (look at its outputs): b: the connection broke.",
        "  c could not be closed in order: OSError: the port is gone",
        "  b could not be closed in order: OSError: the port is gone",
    ]
    assert [type(error) for error in caught.value.exceptions] == [ConnectionLostError, OSError, OSError]


def test_the_exception_of_the_block_is_raised_with_the_failures_as_the_first(lab: Lab) -> None:
    with pytest.raises(StationError) as caught, three(lab, "safe"):
        raise ValueError("the sweep went wrong")
    first, second = caught.value.exceptions
    assert isinstance(first, ValueError)
    assert first.__traceback__ is not None
    assert isinstance(second, ConnectionLostError)
    assert str(caught.value).splitlines()[1] == "  ValueError: the sweep went wrong"
    assert lab.journal == EVERYTHING


def test_ctrl_c_in_the_block_stays_ctrl_c_with_notes_of_the_failures(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, three(lab, "safe"):
        raise KeyboardInterrupt
    note = "a could not be made safe (look at its outputs): a: the connection broke."
    assert caught.value.__notes__ == [note]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [note]
    assert lab.journal == EVERYTHING


@pytest.mark.parametrize("fault", ["interrupt safe", "interrupt close"])
def test_ctrl_c_while_leaving_ends_one_step_only(lab: Lab, fault: str) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, three(lab, "safe", fault, "close"):
        pass
    assert lab.journal == EVERYTHING
    notes = caught.value.__notes__
    assert notes[0].startswith("b could not be ")
    assert notes[0].endswith(", because it was interrupted")
    assert len(notes) == 3


def test_ctrl_c_while_leaving_by_an_exception_keeps_it_as_the_cause(lab: Lab) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, three(lab, "interrupt safe"):
        raise ValueError("the sweep went wrong")
    assert isinstance(caught.value.__cause__, ValueError)
    assert lab.journal == EVERYTHING


def test_what_was_closed_by_hand_is_left_alone(lab: Lab) -> None:
    with three(lab) as station:
        station.b.close()
        lab.forget()
    assert lab.journal == ["safe c", "safe a", "close c", "close a"]


def test_closing_leaves_outputs_as_they_are_and_twice_is_fine(lab: Lab) -> None:
    station = three(lab)
    station.close()
    station.close()
    assert lab.journal == ["close c", "close b", "close a"]
    assert luthier.instruments() == {}


def test_closing_reports_all_failures_once(lab: Lab) -> None:
    station = three(lab, "close", "", "close")
    with pytest.raises(StationError, match="not every instrument could be closed in order") as caught:
        station.close()
    assert len(caught.value.exceptions) == 2
    station.close()


def test_making_safe_goes_through_all_and_closes_none(lab: Lab) -> None:
    with three(lab, "", "safe") as station:
        with pytest.raises(StationError, match="not every instrument could be made safe"):
            station.make_safe()
        assert lab.journal == EVERYTHING[:3]
        station.b.fault = ""


def test_a_closed_station_cannot_be_entered(lab: Lab) -> None:
    station = three(lab)
    station.close()
    with pytest.raises(ClosedError, match="lab: the station is closed"), station:
        pytest.fail("it was entered")


def test_leaving_twice_is_fine(lab: Lab) -> None:
    with three(lab) as station, station:
        pass
    assert lab.journal == EVERYTHING


def left_by(station: Station, raised: type[BaseException] | None) -> BaseException | None:
    """Leave the station by that exception, and return what comes out."""
    try:
        with station:
            if raised is not None:
                raise raised  # noqa: TRY301 - the block is what is looked at
    except BaseException as error:  # noqa: BLE001 - and what leaves it
        return error
    return None


FAULTS = ["", "safe", "close", "safe and close", "interrupt safe", "interrupt close"]


@given(
    faults=st.lists(st.sampled_from(FAULTS), min_size=3, max_size=3),
    raised=st.sampled_from([None, ValueError, KeyboardInterrupt, SystemExit]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_goes_wrong_every_step_is_taken_and_every_failure_is_known(
    lab: Lab, faults: list[str], raised: type[BaseException] | None
) -> None:
    caught = left_by(three(lab, *faults), raised)
    assert lab.journal == EVERYTHING
    failures = sum(fault.count("safe") + fault.count("close") for fault in faults if "interrupt" not in fault)
    interrupts = sum("interrupt" in fault for fault in faults)
    if interrupts:
        assert isinstance(caught, KeyboardInterrupt)
        assert (type(caught.__cause__) if raised else None) == raised
        assert len(caught.__notes__) == failures + 1
    elif raised is not None and not issubclass(raised, Exception):
        assert type(caught) is raised
        assert len(getattr(caught, "__notes__", [])) == failures
    elif failures:
        assert isinstance(caught, StationError)
        assert len(caught.exceptions) == failures + (raised is not None)
    else:
        assert (None if caught is None else type(caught)) == raised
