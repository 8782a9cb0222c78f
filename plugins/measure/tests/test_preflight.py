"""What is refused before anything is set, and what is left to the measurement because it may come right on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier.errors import IrrelevantParameterError
from luthier_measure import measure, plan, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Source(Instrument):
    """A source with a mode, and levels that mean something in one mode each."""

    mode = parameter(str, initial="voltage")
    voltage = parameter(float, unit="V", relevant_when={"mode": "voltage"})
    current = parameter(float, unit="A", relevant_when={"mode": "current"})
    view = parameter(float, unit="A", relevant_when={"mode": "current"}, delegate="shown")
    shown = parameter(float, unit="A", initial=0.0)

    @parameter(unit="A")
    def switching(self) -> float:
        self.mode("current")
        return 1.0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def source() -> Iterator[Source]:
    with Source("source") as opened:
        opened.mode("voltage")
        yield opened


@pytest.fixture
def gate() -> ManualParameter[float]:
    return ManualParameter("gate", float)


def test_what_means_nothing_now_is_refused_before_anything_is_set(
    source: Source, gate: ManualParameter[float], folder: Path
) -> None:
    for unwanted in (source.current, source.view):
        with pytest.raises(IrrelevantParameterError, match=r"Write source\.mode\('current'\) first"):
            measure(sweep(gate, [1, 2]), unwanted)
    with pytest.raises(IrrelevantParameterError, match=r"^source\.current: has a meaning only"):
        measure(sweep(gate, [1, 2]), sweep(source.current, [1, 2]), gate)
    assert gate.cache.value is None
    assert not folder.exists()


def test_what_means_something_now_is_measured(source: Source, gate: ManualParameter[float]) -> None:
    run = measure(sweep(source.voltage, [1, 2]), source.voltage, source.shown)
    assert run.dataset["source_voltage_2"].values.tolist() == [1.0, 2.0]
    source.mode("current")
    assert measure(sweep(gate, [1, 2]), source.view).points == 2


def test_a_state_that_is_itself_swept_is_left_to_the_measurement(source: Source) -> None:
    source.current.cache.push(0.5)
    assert measure(sweep(source.mode, ["current"]), source.current).points == 1


@pytest.mark.parametrize("how", ["function", "parameter", "subscription"])
def test_a_state_that_somebodys_code_may_change_is_left_to_the_measurement(
    source: Source, gate: ManualParameter[float], how: str
) -> None:
    source.current.cache.push(0.5)

    def switch() -> float:
        source.mode("current")
        return 1.0

    watching = gate.subscribe(lambda _: source.mode("current")) if how == "subscription" else None
    first: dict[str, Callable[[], Any]] = {"function": switch, "parameter": source.switching, "subscription": gate}
    run = measure(sweep(gate, [1, 2]), first[how], source.current)
    assert (run.outcome, run.points) == ("completed", 2)
    if watching is not None:
        watching.cancel()


def test_a_plan_that_was_right_when_it_was_made_is_checked_again(source: Source, gate: ManualParameter[float]) -> None:
    made = plan(sweep(gate, [1, 2]), source.voltage)
    source.voltage(0.25)
    assert measure(made).points == 2
    source.mode("current")
    gate.set(7.0)
    with pytest.raises(IrrelevantParameterError):
        measure(made)
    assert gate() == 7.0
