"""The state in which a run leaves the instruments, however it ends."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, ManualParameter, Parameter, parameter
from luthier.errors import NotSettableError, UsageError, ValidationError
from luthier_measure import measure, runs, sweep
from luthier_measure.errors import FinalStateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float, unit="V")


class Source(Instrument):
    """Can be made safe."""

    level = parameter(float, initial=0.0)

    def make_safe(self) -> None:
        self.level(0.0)


def fails() -> None:
    message = "no answer"
    raise OSError(message)


def interrupting(times: int) -> Callable[[], float]:
    def reading() -> float:
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        return 0.0

    return reading


def test_values_functions_and_instruments_are_left_as_asked_in_order(x: ManualParameter[float]) -> None:
    called: list[float] = []
    with Source("source") as source:
        run = measure(sweep(source.level, [1, 2]), x.sweep([3, 4]), source.level, finally_=[
            {x: 7.0}, lambda: called.append(x()), source, {x: 8.0}
        ])  # fmt: skip
        assert (source.level(), x(), called) == (0.0, 8.0, [7.0])
    assert (run.outcome, run.error, run.metadata) == ("completed", "", {})
    # The snapshot at the end tells of the last point.
    assert run.snapshot_after["parameters"]["x"]["value"] == 4.0


@pytest.mark.parametrize(
    ("times", "raised", "outcome"), [(1, None, "stopped"), (2, KeyboardInterrupt, "stopped"), (0, OSError, "failed")]
)
def test_so_they_are_after_ctrl_c_and_errors(
    x: ManualParameter[float], times: int, raised: type[BaseException] | None, outcome: str
) -> None:
    reading = interrupting(times) if times else fails
    if raised is None:
        measure(sweep(x, [1, 2]), reading, finally_={x: 9.0})
    else:
        with pytest.raises(raised):
            measure(sweep(x, [1, 2]), reading, finally_={x: 9.0})
    assert x() == 9.0
    assert runs()[0].outcome == outcome


def test_what_fails_then_keeps_nothing_else_from_being_done_and_is_reported(x: ManualParameter[float]) -> None:
    with pytest.raises(FinalStateError) as caught:
        measure(sweep(x, [1, 2]), x, finally_=[fails, {x: 9.0}])
    (run,) = runs()
    assert str(caught.value) == (
        f"run {run.id}: 1 of the 2 steps of finally_= failed: call fails: OSError: no answer. "
        "All points are stored; the other steps were carried out. Look after these instruments."
    )
    assert isinstance(caught.value.__cause__, OSError)
    assert x() == 9.0
    assert (run.outcome, run.points) == ("completed", 2)
    assert run.metadata == {"control": {"final_state": ["call fails: OSError: no answer"]}}


def test_it_never_hides_the_error_that_ended_the_run(x: ManualParameter[float]) -> None:
    def broken() -> float:
        message = "point 7"
        raise ValueError(message)

    with pytest.raises(ValueError, match="point 7") as caught:
        measure(sweep(x, [1, 2]), broken, finally_=[fails])
    first, second = caught.value.__notes__
    assert "failed at x = 1.0 V" in first
    assert "1 of the 1 steps of finally_= failed: call fails: OSError: no answer" in second
    (run,) = runs()
    assert run.outcome == "failed"
    assert "ValueError: point 7" in run.error


def test_ctrl_c_twice_leaves_out_the_step_that_takes_too_long(
    x: ManualParameter[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FinalStateError, match="call reading: KeyboardInterrupt"):
        measure(sweep(x, [1, 2]), x, finally_=[interrupting(2), interrupting(1), {x: 9.0}])
    assert x() == 9.0
    assert capsys.readouterr().err.count("Press it once more to leave out this step.") == 2


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        (lambda x: x, UsageError, "got a parameter without a value"),
        (lambda x: {x: "high"}, ValidationError, "x: cannot be set"),
        (lambda _: {"x": 1}, UsageError, "sets parameters; got 'x'"),
        (lambda _: "safe", UsageError, "allowed are {parameter: value}"),
        (lambda _: {Parameter("p", float, get_cmd=lambda: 1.0, set_cmd=False): 1}, NotSettableError, "final state"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_set(
    x: ManualParameter[float], wish: Callable[[Any], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        measure(sweep(x, [1, 2]), x, finally_=wish(x))
    assert words in str(caught.value)
    assert x.cache.origin is None
    assert runs() == []
