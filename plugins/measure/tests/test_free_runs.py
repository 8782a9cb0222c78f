"""Runs whose points come from free code."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luthier import Instrument, ManualParameter, Parameter, parameter
from luthier.errors import UsageError
from luthier_measure import continue_run, load, measure, new_run, pause_while, retry, runs, sweep
from luthier_measure.errors import InstrumentsInUseError, PlanDiffersError, UnstorableValueError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure import FreeRun, Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def gate() -> ManualParameter[float]:
    return ManualParameter("gate", float, unit="V", label="Gate", initial=0.0)


@pytest.fixture
def current(gate: ManualParameter[float]) -> Parameter[float]:
    return Parameter("current", float, unit="A", get_cmd=lambda: 2 * gate())


class Bench(Instrument):
    """Something to set and to read."""

    x = parameter(float, unit="V", initial=0.0)
    y = parameter(float, initial=1.0)


class Mode(Enum):
    FAST = 1


class Shaky(Instrument):
    """Fails as often as it is told to."""

    fails = 0

    @parameter(unit="V")
    def level(self) -> float:
        if self.fails:
            self.fails -= 1
            message = "no answer"
            raise OSError(message)
        return 1.0


def test_readings_that_fail_are_tried_again_or_left_out() -> None:
    with Shaky("shaky") as shaky, Bench("bench") as bench:
        level = shaky.parameters["level"]
        with new_run("shaky", on_error={level: retry(2, then="nan")}) as run:
            for fails in (3, 1, 0):
                shaky.fails = fails
                run.add(level, bench.y)
        assert run.dataset["shaky_level"].values.tolist() == [pytest.approx(np.nan, nan_ok=True), 1.0, 1.0]
        failed = run.metadata["control"]["failed_readings"]["shaky.level"]
        assert (failed["missing"], failed["retried"]) == (1, 3)
        shaky.fails = 1
        with pytest.raises(OSError, match="no answer"), new_run("stops") as run:
            run.add(level)
        wrong: Any = {"level": "nan"}
        with pytest.raises(UsageError, match="on_error= names 'level': allowed are the parameters"):
            new_run("wrong", on_error=wrong)


def test_a_suspended_run_waits_in_add_and_says_that_the_point_was_bad(gate: ManualParameter[float]) -> None:
    warm = ManualParameter("warm", bool, initial=False)
    with new_run("cold only", setpoints="step", suspenders=pause_while(warm, every=0.05)) as run:
        run.add(gate, step=0)
        cooling = threading.Thread(target=_cool, args=(run, warm))
        warm.set(True)
        cooling.start()
        ends = time.monotonic() + 20
        # Until it is looked at, points count as good.
        while time.monotonic() < ends:
            run.add(gate, step=1)
            if run.was_suspended:
                break
        assert not warm()
        run.add(gate, step=1)
        again = run.was_suspended
    assert not again
    cooling.join(20)
    assert [each["kind"] for each in run.pauses] == ["suspended"]
    assert run.dataset["gate"].values.tolist() == [0.0] * 2


def _cool(run: FreeRun, warm: ManualParameter[bool]) -> None:
    ends = time.monotonic() + 20
    while not run.state.startswith("suspended: warm is True") and time.monotonic() < ends:
        time.sleep(0.01)
    warm.set(False)


@pytest.mark.parametrize("storage", ["arrow", "sqlite"])
def test_quantities_get_their_columns_when_they_come(
    gate: ManualParameter[float], current: Parameter[float], storage: str
) -> None:
    with new_run("IV", sample="chip 7", tags="a", metadata={"bias": 1e6}, storage=storage) as run:
        for volts in (0.0, 0.5):
            gate(volts)
            run.add((gate, volts), current, step=int(2 * volts), mode=Mode.FAST)
        run.add({gate: 1.0, "late trace": [1, 2, 3]})
        assert (run.outcome, run.state) == ("running", "running")
    found = load(run.id, storage=storage)
    assert (found.outcome, found.points, found.name, found.sample, found.tags) == (
        "completed",
        3,
        "IV",
        "chip 7",
        ("a",),
    )
    assert found.metadata == {"bias": 1e6}
    data = found.dataset
    assert data["current"].values[:2].tolist() == [0.0, 1.0]
    assert np.isnan(data["current"].values[2])
    assert data["gate"].values.tolist() == [0.0, 0.5, 1.0]
    assert data["mode"].values[:2].tolist() == ["FAST", "FAST"]
    assert data["late_trace"].values[2].tolist() == [1, 2, 3]
    assert data["gate"].attrs == {"long_name": "Gate", "units": "V", "parameter": "gate"}
    assert data["late_trace"].attrs["long_name"] == "late trace"
    assert found.snapshot_after["parameters"]["gate"]["value"] == 0.5
    assert str(found.environment["script"]["caller"]["path"]) == __file__
    assert [each.id for each in runs(parameter="gate", storage=storage)] == [run.id]


def test_setpoints_make_a_grid_and_are_shared_by_tables(gate: ManualParameter[float]) -> None:
    with new_run("map", setpoints=("x", gate)) as run:
        run.describe("x", unit="m", label="Position")
        run.describe("z", unit="m")
        lines = run.new_table("lines", setpoints="x")
        for x in (3, 1):
            for volts in (0.0, 0.5):
                if (x, volts) != (1, 0.0):
                    run.add((gate, volts), x=x, z=x + volts)
            lines.add(x=x, z=-x)
        lines.add(x=7, z=-7)
        assert run.new_table("lines", setpoints=["x"]) is lines
    data = run.dataset
    assert data["z"].dims == ("x", "gate")
    assert data["x"].values.tolist() == [3, 1, 7]
    assert (data["x"].attrs["units"], data["x"].attrs["long_name"]) == ("m", "Position")
    assert float(data["z"].sel(x=1, gate=0.5)) == 1.5
    assert np.isnan(float(data["z"].sel(x=1, gate=0.0)))
    assert data["lines_z"].values.tolist() == [-3, -1, -7]
    assert run.table("lines").columns["x"].tolist() == [3, 1, 7]


def test_arrays_lie_along_axes_that_are_stored_where_they_change() -> None:
    frequency = np.linspace(1.0, 2.0, 5)
    with new_run("spectra") as run:
        run.describe("spectrum", unit="W", along="frequency")
        buffer = np.zeros(5)
        for number in range(3):
            buffer[:] = number  # the same memory each time
            run.add(frequency=frequency, spectrum=buffer)
    data = run.dataset
    assert data["spectrum"].dims == ("point", "frequency")
    assert data["spectrum"].values[:, 0].tolist() == [0.0, 1.0, 2.0]
    assert data["frequency"].values.tolist() == frequency.tolist()
    assert [value is None for value in run.table().columns["frequency"]] == [False, True, True]


def test_an_array_that_is_read_brings_its_axis() -> None:
    axis = Parameter("time", np.ndarray, unit="s", shape=(3,), get_cmd=lambda: np.arange(3.0))
    trace = Parameter("trace", np.ndarray, unit="V", shape=(3,), axes=(axis,), get_cmd=lambda: np.ones(3))
    with new_run("traces") as run:
        with pytest.raises(UsageError, match="x gave"):
            run.add(trace, x={})
        run.add(trace, n=1)
        run.add(trace, n=2)
    assert [value is None for value in run.table().columns["time"]] == [False, True]
    assert run.dataset["trace"].dims == ("point", "time")
    assert run.dataset["time"].attrs["units"] == "s"


def test_an_error_ends_the_run_as_failed_and_is_raised() -> None:
    def measured() -> None:
        with new_run("fails") as run:
            kept.append(run)
            run.add(x=1)
            _ = 1 / 0

    kept: list[FreeRun] = []
    with pytest.raises(ZeroDivisionError) as caught:
        measured()
    (run,) = kept
    assert run.id in caught.value.__notes__[0]
    assert (run.outcome, run.points) == ("failed", 1)
    assert "_ = 1 / 0" in run.error
    with pytest.raises(UsageError, match="the run has ended"):
        run.add(x=2)


def test_the_first_ctrl_c_ends_the_block_with_the_next_point(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    left: list[float] = []
    with new_run("interrupted", finally_=lambda: left.append(1.0)) as run:
        for x in range(10):
            if x == 3:
                signal.raise_signal(signal.SIGINT)
            try:
                run.add(x=x)
            except Exception:  # noqa: BLE001 - the habit of users that must not hold up a stop
                left.append(-1.0)
    assert (run.outcome, run.points, left) == ("stopped", 4, [1.0])
    assert "Ctrl-C" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_ctrl_c_stops_at_once() -> None:
    def measured() -> None:
        with new_run("interrupted") as run:
            run.add(x=1)
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            run.add(x=2)

    with pytest.raises(KeyboardInterrupt):
        measured()
    (run,) = runs()
    assert (run.outcome, run.points) == ("stopped", 1)


def test_runs_inside_a_run_know_it_and_one_ctrl_c_ends_all(gate: ManualParameter[float]) -> None:
    inner: list[Run] = []
    with new_run("outer") as outer:
        for number in range(5):
            with new_run("inner") as run:
                run.add(x=1.0)
                if number == 1:
                    signal.raise_signal(signal.SIGINT)
                run.add(x=2.0)
            inner.append(run)
            inner.append(measure(sweep(gate, 0, 1, num=2), gate))
            outer.add(n=number)
    assert (outer.outcome, outer.points) == ("stopped", 2)
    assert [each.outcome for each in inner] == ["completed", "completed", "stopped", "completed"]
    assert {each.plan["inside"] for each in inner} == {outer.id}


def test_a_stop_of_the_outer_run_passes_through_the_inner_one() -> None:
    with new_run("outer") as outer:
        with new_run("inner") as inner:
            inner.add(x=1.0)
            assert not outer.stop(timeout=0)
            outer.add(y=1.0)
        pytest.fail("the block should have ended")
    assert (outer.outcome, inner.outcome, outer.points) == ("stopped", "stopped", 1)


def test_it_pauses_where_points_are_added() -> None:
    with new_run("paused") as run:
        run.add(x=1)
        assert not run.pause(timeout=0)
        thread = threading.Thread(target=_resume_when_paused, args=(run,))
        thread.start()
        run.add(x=2)
        thread.join()
    assert (run.outcome, run.points) == ("completed", 2)
    assert [each["kind"] for each in run.pauses] == ["paused"]


def _resume_when_paused(run: FreeRun) -> None:
    assert run.pause(timeout=None)
    run.resume()


def test_points_come_from_several_threads() -> None:
    with new_run("threads") as run:

        def add(first: int) -> None:
            for number in range(100):
                run.add(x=first + number)

        threads = [threading.Thread(target=add, args=(first,)) for first in (0, 1000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(run.table().columns["x"]) == [*range(100), *range(1000, 1100)]
    assert run.dataset["point"].size == 200


def test_instruments_are_kept_for_it() -> None:
    with Bench("bench") as bench:
        bench.x(0.5)
        with new_run("outer", instruments=bench) as run:
            assert measure(sweep(bench.x, 0, 1, num=2), bench.y).outcome == "completed"
            refused: list[BaseException] = []

            def also() -> None:
                with pytest.raises(InstrumentsInUseError) as caught:
                    measure(bench.y)
                refused.append(caught.value)

            thread = threading.Thread(target=also)
            thread.start()
            thread.join()
            assert run.id in str(refused[0])
            run.add(bench.x, bench.y)
    assert run.snapshot["instruments"]["bench"]["parameters"]["x"]["value"] == 0.5
    assert run.snapshot_after["instruments"]["bench"]["parameters"]["x"]["value"] == 1.0
    assert run.environment["drivers"]["bench"]["class"].endswith("Bench")


def test_what_a_killed_program_added_is_there() -> None:
    program = """
import os, signal
from luthier_measure import new_run
with new_run("killed") as run:
    table = run.new_table("other")
    for x in range(50):
        run.add(x=x)
        table.add(y=[x, x])
    print(run.id, flush=True)
    import time; time.sleep(0.3)
    run.add(x=-1)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False)
    run = load(done.stdout.strip())
    assert (run.outcome, run.problems) == ("interrupted", ())
    assert run.table().columns["x"].tolist()[:50] == list(range(50))
    assert run.table("other").columns["y"][:, 1].tolist() == list(range(50))


def test_it_cannot_be_gone_on_with(gate: ManualParameter[float]) -> None:
    with new_run("stopped") as run:
        run.stop(timeout=0)
        run.add((gate, 1.0))
    with pytest.raises(PlanDiffersError, match="free code"):
        continue_run(run)
    with pytest.raises(PlanDiffersError, match="free code"):
        continue_run(run, sweep(gate, 0, 1, num=2), gate)


VALUES = st.one_of(st.none(), st.integers(-5, 5), st.floats(allow_nan=False), st.just(float("inf")))
POINTS = st.lists(
    st.tuples(
        st.sampled_from(["main", "grid", "other"]),
        st.sampled_from([0.0, 0.5, -1.0, 3.0]),
        st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1),
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=POINTS, storage=st.sampled_from(["arrow", "sqlite"]))
def test_whatever_is_added_comes_back(folder: Path, points: list[Any], storage: str) -> None:
    expected: dict[str, list[dict[str, Any]]] = {"main": [], "grid": [], "other": []}
    with new_run("anything", folder=folder, storage=storage) as run:
        run.add(main_begins=1)
        tables = {"grid": run.new_table("grid", setpoints="s"), "other": run.new_table("other")}
        for name, place, values in points:
            setpoint = {"s": place} if name == "grid" else {}
            tables.get(name, run).add(**values, **setpoint)
            expected[name].append(values | setpoint)
    assert run.points == 1 + len(points)
    stored = {table.name: table.columns for table in load(run.id, folder=folder, storage=storage)._reader.layout.tables}
    for name, rows in expected.items():
        if name not in stored:
            assert rows == []
            continue
        columns = run.table(name).columns
        first = 1 if name == "main" else 0
        for quantity in sorted({key for row in rows for key in row}):
            (column,) = [each for each in (quantity, f"{name}_{quantity}") if each in columns]
            got = columns[column][first:].tolist()
            wanted = [row.get(quantity) for row in rows]
            assert [None if value != value else value for value in got] == wanted  # noqa: PLR0124 - NaN


def test_how_many_points_are_expected_can_be_said() -> None:
    with new_run("expected", points=4) as run:
        before = run.time_left
        run.add(x=1)
        run.pause(timeout=0)
        thread = threading.Thread(target=_resume_when_paused, args=(run,))
        thread.start()
        run.add(x=2)  # a pause brings everything into the file
        thread.join()
        left = run.time_left
    assert before is None
    assert left is not None
    assert left > 0
    assert run.plan["points"] == 4


def test_an_empty_run_is_a_run() -> None:
    with new_run("nothing") as run:
        pass
    assert (run.outcome, run.points, list(run.dataset.variables)) == ("completed", 0, [])
    assert run.to_pandas().empty


@pytest.mark.parametrize(
    ("add", "what"),
    [
        (lambda run: run.add(), "nothing to store"),
        (lambda run: run.add(3.0), "allowed are"),
        (lambda run: run.add({"x": 1}, x=2), "x is given twice"),
        (lambda run: run.add({1: 2}), "cannot name a quantity"),
        (lambda run: run.add(x={"a": 1}), "x gave"),
        (lambda run: run.new_table("grid", setpoints="s").add(y=1), "s is missing"),
        (lambda run: run.new_table("grid", setpoints="s").add(s=[1], y=1), "got an array"),
        (lambda run: run.new_table("grid", setpoints="s").add(s=float("nan"), y=1), "got NaN"),
        (lambda run: run.new_table("grid", setpoints="t"), "with other setpoints"),
        (lambda run: run.new_table("main"), None),
        (lambda run: run.new_table("a b"), "cannot name a table"),
        (lambda run: run.describe("good", unit="V"), "stored already"),
        (lambda run: run.describe(1, unit="V"), "allowed are names"),
    ],
)
def test_wrong_points_are_refused_and_the_run_goes_on(add: Callable[[FreeRun], Any], what: str | None) -> None:
    with new_run("wrong") as run:
        run.add(good=1)
        run.new_table("grid", setpoints="s").add(s=1, y=2)
        if what is None:
            add(run)
        else:
            with pytest.raises(UsageError, match=what):
                add(run)
        run.add(good=2)
    assert run.table().columns["good"].tolist() == [1, 2]
    assert run.table("grid").columns["y"].tolist() == [2]


def test_a_value_of_another_kind_is_refused_and_costs_nothing(gate: ManualParameter[float]) -> None:
    with new_run("mixed") as run:
        for wrong in ({"x": "text", "y": {}}, {gate: "text"}, {"x": [[1], [1, 2]]}):
            with pytest.raises(UsageError, match="Nothing of this point was stored"):
                run.add(wrong)
        run.add({"x": 1, gate: 1}, y=1)
        for another in ("text", True, [1.0]):
            with pytest.raises(UsageError, match=r"x gave .* (like|as before)"):
                run.add(x=another, y=2)
        run.add(x=2.5, y=1j)
    assert run.table().columns["x"].tolist() == [1.0, 2.5]
    assert run.table().columns["y"].tolist() == [1, 1j]


def test_a_value_that_turns_out_not_to_fit_ends_the_run_and_costs_nothing_else() -> None:
    def measured() -> None:
        with new_run("huge") as run:
            run.add(x=1, y=1)
            run.add(x=10**30, y=2)

    with pytest.raises(UnstorableValueError, match="x: gave 1000"):
        measured()
    (run,) = runs()
    assert run.outcome == "failed"
    assert run.table().columns["y"].tolist() == [1, 2]


def test_wrong_calls_are_refused() -> None:
    call: Callable[..., object] = new_run
    options: tuple[dict[str, Any], ...] = (
        {"when_busy": "no"},
        {"points": -1},
        {"setpoints": 3},
        {"setpoints": ("x", "x")},
    )
    for wrong in ({"name": " "}, *options):
        with pytest.raises(UsageError):
            call(**{"name": "run", **wrong})
    with pytest.raises(UsageError, match="allowed are instruments"):
        call("run", instruments=[3])
    with pytest.raises(AttributeError, match=r"with new_run"):
        new_run("run").add(x=1)
    with pytest.raises(UsageError, match="begun before"), (made := new_run("run")), made:
        pass
