from __future__ import annotations

import builtins
import copy
import inspect
import pickle
from typing import Any

import pytest
from luthier import Instrument, errors, parameter
from luthier.errors import (
    BusyError,
    ClosedError,
    ConnectError,
    ConnectionLostError,
    LuthierError,
    OutOfStepError,
    ResponseTimeoutError,
    StationError,
    UnknownNameError,
    ValidationError,
    WrongTypeError,
)
from luthier.validators import Numbers

SINGLE = [kind for name in errors.__all__ if issubclass(kind := getattr(errors, name), LuthierError)]
FACTS: dict[str, Any] = {
    "who": "smu.voltage (GPIB0::24::INSTR)",
    "state": "Nothing was sent.",
    "advice": "Look at the instrument.",
    "sent": "maybe",
    "name": "voltag",
    "suggestions": ("voltage",),
    "value": 250.0,
    "allowed": "-210 V to 210 V",
    "entries": ((-222, "Data out of range"),),
    "timeout": 0.0,
    "holder": "the thread 'sweep'",
}


def full(kind: type[LuthierError]) -> LuthierError:
    return kind("cannot set 250 V", **FACTS)


@pytest.mark.parametrize("kind", SINGLE)
def test_every_error_is_made_from_a_sentence_and_its_data(kind: type[LuthierError]) -> None:
    error = full(kind)
    assert str(error) == ("smu.voltage (GPIB0::24::INSTR): cannot set 250 V. Nothing was sent. Look at the instrument.")
    assert error.data == FACTS
    for name, fact in FACTS.items():
        assert getattr(error, name) == fact
    assert error.args == ("cannot set 250 V",)


@pytest.mark.parametrize("kind", SINGLE)
def test_every_error_is_rebuilt_from_what_it_says_and_its_data(kind: type[LuthierError]) -> None:
    error = full(kind)
    rebuilt = type(error)(error.what, **error.data)
    assert type(rebuilt) is kind
    assert str(rebuilt) == str(error)
    assert rebuilt.data == error.data


@pytest.mark.parametrize("kind", SINGLE)
@pytest.mark.parametrize(
    "through",
    [
        copy.copy,
        copy.deepcopy,
        *(lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol)) for protocol in range(6)),  # noqa: S301 - made here
    ],
)
def test_every_error_is_copied_and_pickled_with_its_data_and_notes(kind: type[LuthierError], through: Any) -> None:
    error = full(kind)
    error.add_note("raised while smu.resistance was read")
    error.rephrase("cannot set 251 V")
    error.complete(who="ignored", command="SOUR:VOLT 251")
    twin = through(error)
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert twin.data == {**FACTS, "command": "SOUR:VOLT 251"}
    assert twin.__notes__ == ["raised while smu.resistance was read"]
    twin.add_note("another")
    assert error.__notes__ == ["raised while smu.resistance was read"]


@pytest.mark.parametrize("kind", SINGLE)
def test_the_least_error_is_a_sentence_too(kind: type[LuthierError]) -> None:
    error = kind("it failed")
    assert str(error) == "it failed."
    assert error.sent == kind.sent
    assert error.sent in ("no", "maybe", "yes")
    assert str(kind("did it fail?")) == "did it fail?"
    assert repr(error) == f"{kind.__name__}('it failed')"


@pytest.mark.parametrize("kind", SINGLE)
def test_every_error_says_in_its_docstring_what_happened(kind: type[LuthierError]) -> None:
    assert inspect.getdoc(kind) != inspect.getdoc(kind.__mro__[1])


def test_every_error_of_the_module_is_listed() -> None:
    made = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and kind.__module__ == errors.__name__}
    assert made == set(errors.__all__)
    assert errors.__all__ == sorted(errors.__all__)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (ValidationError, ValueError),
        (WrongTypeError, TypeError),
        (UnknownNameError, AttributeError),
        (UnknownNameError, KeyError),
        (BusyError, builtins.TimeoutError),
        (ResponseTimeoutError, builtins.TimeoutError),
        (ConnectionLostError, builtins.ConnectionError),
        (errors.DeclarationError, TypeError),
        (errors.ReplyError, ValueError),
        (errors.UnknownPluginError, LookupError),
    ],
)
def test_errors_are_caught_by_those_who_know_only_python_s(kind: type[LuthierError], builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise kind("it failed")


def test_what_was_sent_is_no_for_wrong_calls_and_yes_where_the_instrument_complained() -> None:
    assert ClosedError("x").sent == "no"
    assert ConnectError("x").sent == "no"
    assert ResponseTimeoutError("x").sent == "maybe"
    assert OutOfStepError("x").sent == "maybe"
    assert errors.ReplyError("x").sent == "yes"
    assert errors.InstrumentReportedError("x").sent == "yes"
    assert ResponseTimeoutError("x", sent="no").data["sent"] == "no"


def test_the_name_of_an_unknown_name_error_is_its_own_and_no_slot_of_python_s() -> None:
    error = UnknownNameError("has no parameter 'voltag'", name="voltag", suggestions=("voltage",))
    assert error.name == "voltag"
    assert pickle.loads(pickle.dumps(error)).name == "voltag"  # noqa: S301 - made here
    assert error.data["name"] == "voltag"
    assert str(error) == "has no parameter 'voltag'."


def test_completing_adds_what_is_missing_and_leaves_what_is_there() -> None:
    error = ResponseTimeoutError("no answer", who="smu", timeout=0.0, command="")
    error.complete(who="other", state="Cleared.", timeout=5.0, command="X?", address="GPIB0::1::INSTR")
    assert (error.who, error.state) == ("smu", "Cleared.")
    assert error.timeout == 0.0
    assert error.command == "X?"
    assert error.address == "GPIB0::1::INSTR"
    assert error.data["command"] == "X?"


def test_data_are_what_the_attributes_say_now() -> None:
    class Source(Instrument):
        level = parameter(float, unit="V", validator=Numbers(0, 1))

    with Source("source") as source, pytest.raises(ValidationError) as caught:
        source.level(2.0)
    assert caught.value.allowed == "0 V to 1 V"
    assert caught.value.data["allowed"] == "0 V to 1 V"


def test_a_failure_of_a_station_keeps_its_class_when_it_is_split() -> None:
    group = StationError("two failed", [ClosedError("a"), ConnectError("b"), ValueError("c")])
    ours, others = group.split(LuthierError)
    assert type(ours) is StationError
    assert type(others) is StationError
    assert [str(error) for error in ours.exceptions] == ["a.", "b."]
    twin = pickle.loads(pickle.dumps(group))  # noqa: S301 - made here
    assert type(twin) is StationError
    assert str(twin.exceptions[1]) == "b."
