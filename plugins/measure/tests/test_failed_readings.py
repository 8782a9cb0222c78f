"""Readings that fail: they end the run, are tried again, or are stored as missing."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Instrument, ManualParameter, Parameter, group, parameter
from luthier.errors import ClosedError, UsageError
from luthier_measure import measure, retry, runs, sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float)


def failing(*calls: int, value: Any = 1.5) -> Callable[[], Any]:
    """Give a reading that fails in those of its calls, counted from 1."""
    count = 0

    def reading() -> Any:
        nonlocal count
        count += 1
        if count in calls:
            message = f"call {count}"
            raise OSError(message)
        return value

    return reading


def test_by_itself_a_failed_reading_ends_the_run_with_the_points_before_it(x: ManualParameter[float]) -> None:
    with pytest.raises(OSError, match="call 7"):
        measure(sweep(x, range(20)), failing(7))
    (run,) = runs()
    assert (run.outcome, run.points) == ("failed", 6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.5, [math.nan, 1.5, math.nan]), (2, [math.nan, 2.0, math.nan]), ("on", [math.nan, "on", math.nan])],
)
def test_nan_is_stored_for_it_and_the_failures_are_counted(
    x: ManualParameter[float], value: Any, expected: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "luthier.measure"):
        run = measure(sweep(x, range(3)), failing(1, 3, value=value), x, on_error="nan")
    found = run.dataset["reading"].values.tolist()
    assert list(map(repr, found)) == list(map(repr, expected))
    assert run.dataset["x_2"].values.tolist() == [0.0, 1.0, 2.0]
    assert run.metadata["control"]["failed_readings"] == {
        "reading": {"missing": 2, "retried": 0, "last": "OSError: call 3"}
    }
    assert [record.getMessage() for record in caplog.records] == ["reading reading failed: OSError: call 1"]


def test_a_reading_that_never_succeeds_is_missing_everywhere(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(3)), failing(1, 2, 3), on_error="nan")
    assert (run.outcome, run.points) == ("completed", 3)
    assert np.isnan(run.dataset["reading"].values.astype(float)).all()


class Meter(Instrument):
    """A pair that is read together; the first reading fails."""

    tries = 0
    pair = group("first", "second", get_cmd=lambda self: self.read_pair())
    first = parameter(float, group="pair")
    second = parameter(float, group="pair")

    def read_pair(self) -> dict[str, float]:
        """Fail the first time."""
        self.tries += 1
        if self.tries == 1:
            message = "not yet"
            raise OSError(message)
        return {"first": 1.0, "second": 2.0}


def test_all_columns_of_a_group_are_missing_together(x: ManualParameter[float]) -> None:
    with Meter("meter") as meter:
        run = measure(sweep(x, range(2)), meter.pair, on_error="nan")
        np.testing.assert_array_equal(run.dataset["meter_first"].values, [np.nan, 1.0])
        np.testing.assert_array_equal(run.dataset["meter_second"].values, [np.nan, 2.0])


def test_a_reading_is_tried_again_as_often_as_asked(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(2)), failing(1, 2, 4), on_error=retry(2))
    assert run.dataset["reading"].values.tolist() == [1.5, 1.5]
    assert run.metadata["control"]["failed_readings"]["reading"]["retried"] == 3
    with pytest.raises(OSError, match="call 3"):
        measure(sweep(x, range(2)), failing(1, 2, 3), on_error=retry(2))
    run = measure(sweep(x, range(2)), failing(1, 2, 3), on_error=retry(2, then="nan"))
    np.testing.assert_array_equal(run.dataset["reading"].values, [np.nan, 1.5])


def test_a_stop_does_not_wait_for_another_attempt(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(2)), failing(1), on_error=retry(1, wait=600), background=True)
    began = time.monotonic()
    assert run.stop(timeout=20)
    assert (run.outcome, run.points) == ("stopped", 0)
    assert time.monotonic() - began < 20


def test_each_reading_can_have_its_own_policy(x: ManualParameter[float]) -> None:
    tolerated, strict = failing(1), failing(2)
    with pytest.raises(OSError, match="call 2"):
        measure(sweep(x, range(3)), tolerated, strict, on_error={tolerated: "nan"})
    assert runs()[0].points == 1


def test_a_failed_set_and_a_closed_instrument_end_the_run_all_the_same(x: ManualParameter[float]) -> None:
    def refuse(value: float) -> None:
        message = f"stuck before {value}"
        raise OSError(message)

    with pytest.raises(OSError, match="stuck"):
        measure(sweep(Parameter("p", float, set_cmd=refuse), [1, 2]), x, on_error="nan")
    meter = Meter("meter")

    def closes() -> float:
        meter.close()
        return 0.0

    with pytest.raises(ClosedError):
        measure(sweep(x, range(3)), closes, meter.pair, on_error=retry(3, then="nan"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: retry(0), "retry(0): allowed are whole numbers from 1 on"),
        (lambda: retry(True), "retry(True)"),
        (lambda: retry(1, wait=-1), "wait=-1"),
        (lambda: retry(1, then="skip"), "then='skip'"),  # type: ignore[arg-type]  # refused at run time too
        (lambda: measure(failing(), on_error="skip"), "on_error='skip': allowed are 'stop', 'nan', retry"),  # type: ignore[call-overload]  # the same
        (lambda: measure(failing(), on_error={failing(): "nan"}), "names reading, which is not read"),
    ],
)
def test_what_is_no_policy_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert words in str(caught.value)


@pytest.mark.parametrize("policy", [retry(1), "nan"])
def test_an_axis_is_kept_where_reading_a_later_one_fails_at_first(x: ManualParameter[float], policy: Any) -> None:
    attempts: list[int] = []

    def columns() -> Any:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError
        return np.arange(3.0)

    rows_axis = Parameter("rows", np.ndarray, shape=(2,), get_cmd=lambda: np.array([5.0, 6.0]))
    columns_axis = Parameter("columns", np.ndarray, shape=(3,), get_cmd=columns)
    image = Parameter(
        "image", np.ndarray, shape=(2, 3), axes=(rows_axis, columns_axis), get_cmd=lambda: np.ones((2, 3))
    )
    data = measure(sweep(x, range(3)), image, on_error=policy).dataset
    assert data["image"].dims == ("x", "rows", "columns")
    assert data["rows"].values.tolist() == [5.0, 6.0]
    assert data["columns"].values.tolist() == [0.0, 1.0, 2.0]
