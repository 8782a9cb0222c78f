from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import errors
from luthier.errors import LuthierError, RemoteError, ReplyError, ValidationError
from luthier.server.faults import from_fault, to_fault
from luthier.server.values import Payload, ValueReader


class OwnError(Exception):
    """An error of a driver."""


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


def trip(error: BaseException) -> BaseException:
    return from_fault(to_fault(error, Payload()), ValueReader(), b"", where="foo")


def raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


ALL: list[type[LuthierError]] = [
    kind
    for name in errors.__all__
    if isinstance(kind := getattr(errors, name), type) and issubclass(kind, LuthierError)
]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_of_luthier_comes_back_as_itself(kind: type[LuthierError]) -> None:
    error = kind("it broke", who="smu", state="Nothing was sent.", advice="Sleep.", value=[1, 2.5], sent="maybe")
    back = trip(error)
    assert type(back) is kind
    assert isinstance(back, LuthierError)
    assert (str(back), back.data) == (str(error), error.data)


@given(st.text(), st.lists(st.text() | st.integers()))
def test_errors_of_python_come_back_with_their_arguments(text: str, more: list[Any]) -> None:
    back = trip(ValueError(text, *more))
    assert type(back) is ValueError
    assert back.args == (text, *more)


def test_an_error_of_a_class_that_is_not_known_is_told_in_words() -> None:
    back = trip(OwnError("the coil is warm"))
    assert isinstance(back, RemoteError)
    assert "OwnError: the coil is warm" in str(back)
    assert back.class_name.endswith(".OwnError")


def test_an_error_of_python_that_cannot_be_rebuilt_is_told_in_words() -> None:
    fault = to_fault(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), Payload())
    fault["args"] = ["only one"]
    back = from_fault(fault, ValueReader(), b"", where="foo")
    assert isinstance(back, RemoteError)
    assert "UnicodeDecodeError" in str(back)


def test_what_ends_a_process_does_not_end_this_one() -> None:
    assert isinstance(trip(SystemExit(3)), RemoteError)
    assert isinstance(trip(KeyboardInterrupt()), RemoteError)


def test_the_traceback_comes_as_a_note_and_the_cause_is_chained() -> None:
    error = ReplyError("nonsense", reply=b"\x00", expected="a number", command="X?")
    error.__cause__ = raised(OwnError("why"))
    back = trip(raised(error))
    assert any("Traceback on the server foo" in note and "test_faults" in note for note in back.__notes__)
    assert isinstance(back.__cause__, RemoteError)


def test_a_group_of_errors_comes_back_as_a_group() -> None:
    back = trip(ExceptionGroup("both", [ValidationError("too large", value=3, allowed="2"), OSError(5, "gone")]))
    assert isinstance(back, ExceptionGroup)
    assert [type(one) for one in back.exceptions] == [ValidationError, OSError]


def test_an_error_that_cannot_be_printed_or_sent_is_told_all_the_same() -> None:
    assert isinstance(trip(UnprintableError(object())), RemoteError)
    back = trip(ValidationError("no", value=object(), allowed="numbers"))
    assert isinstance(back, ValidationError)
    assert "object" in str(back.value)


def test_no_class_is_imported_or_called_that_is_no_error() -> None:
    for name, module in (("eval", "builtins"), ("int", "builtins"), ("SystemExit", "builtins"), ("x", "os")):
        fault = {"class": name, "module": module, "args": ["1 + 1"], "text": "t"}
        assert type(from_fault(fault, ValueReader(), b"", where="foo")) is RemoteError


def test_a_fault_that_is_nonsense_is_still_an_error() -> None:
    for fault in ({}, {"class": "BusyError", "module": "luthier.errors", "data": 3}, {"group": [1], "class": None}):
        assert isinstance(from_fault(fault, ValueReader(), b"", where="foo"), RemoteError)
