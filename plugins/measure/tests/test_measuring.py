"""Measurements: what is set and read in which order, and what is kept of it."""

from __future__ import annotations

import io
import itertools
import math
import re
import sys
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier import Instrument, ManualParameter, Parameter, group, parameter, plugins
from luthier.errors import ClosedError, UsageError
from luthier_measure import Sweep, linked, load, measure, plan, runs, sweep
from luthier_measure.errors import AmbiguousRunError, DataFolderError, RunNotFoundError, UnstorableValueError
from luthier_measure.loading import open_storage
from luthier_measure.storage import RunQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Bench(Instrument):
    """Two sources, and meters that know what is set."""

    x = parameter(float, unit="V", label="gate")
    y = parameter(float, unit="V", initial=0.0)
    count = parameter(int, initial=0)
    calls: list[tuple[str, Any]]

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.calls = []
        self.x.subscribe(lambda change: self.calls.append(("x", change.value)))
        self.y.subscribe(lambda change: self.calls.append(("y", change.value)))

    @parameter(unit="A", label="current")
    def current(self) -> float:
        self.calls.append(("current", None))
        return 10 * (self.x.cache.value or 0.0) + (self.y.cache.value or 0.0)

    @parameter(unit="")
    def gain(self) -> complex:
        return complex(self.x.cache.value or 0.0, 1)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench("bench") as instrument:
        yield instrument


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_nested_sweep_is_a_grid(bench: Bench) -> None:
    run = measure(sweep(bench.x, 0, 1, num=3), sweep(bench.y, 0, 2, num=2), bench.current, bench.gain, name="grid")
    found = run.dataset
    assert found["bench_current"].dims == ("bench_x", "bench_y")
    assert found["bench_current"].values.tolist() == [[0.0, 2.0], [5.0, 7.0], [10.0, 12.0]]
    assert found["bench_gain"].values[1, 0] == 0.5 + 1j
    assert found["bench_x"].attrs == {"long_name": "gate", "units": "V", "parameter": "bench.x"}
    assert found["bench_current"].attrs == {"long_name": "current", "units": "A", "parameter": "bench.current"}
    assert (run.outcome, run.points, run.name, run.error) == ("completed", 6, "grid", "")


def test_an_outer_parameter_is_set_once_for_each_of_its_steps(bench: Bench) -> None:
    measure(sweep(bench.x, [1, 2]), sweep(bench.y, [3, 4]), bench.current)
    assert [call for call in bench.calls if call[0] != "current"] == [
        ("x", 1.0), ("y", 3.0), ("y", 4.0), ("x", 2.0), ("y", 3.0), ("y", 4.0)
    ]  # fmt: skip


def test_a_snake_goes_there_and_back_and_its_points_lie_right(bench: Bench) -> None:
    run = measure(sweep(bench.x, [1, 2, 3]), sweep(bench.y, [3, 4], snake=True), bench.current)
    assert [value for name, value in bench.calls if name == "y"] == [3.0, 4.0, 4.0, 3.0, 3.0, 4.0]
    assert run.dataset["bench_current"].values.tolist() == [[13.0, 14.0], [23.0, 24.0], [33.0, 34.0]]
    assert run.table().columns["bench_y"].tolist() == [3.0, 4.0, 4.0, 3.0, 3.0, 4.0]


def test_linked_sweeps_are_set_together_in_order(bench: Bench) -> None:
    run = measure(linked(sweep(bench.x, [1, 2]), sweep(bench.y, [5, 6])), bench.current)
    assert bench.calls == [
        ("x", 1.0), ("y", 5.0), ("current", None), ("x", 2.0), ("y", 6.0), ("current", None)
    ]  # fmt: skip
    assert run.dataset["bench_y"].dims == ("bench_x",)
    assert run.dataset["bench_current"].values.tolist() == [15.0, 26.0]


def test_readings_are_taken_at_the_level_where_they_stand(bench: Bench) -> None:
    names: list[str] = []

    def level() -> str:
        names.append("level")
        return f"at {bench.x.cache.value}"

    run = measure(level, sweep(bench.x, [1, 2]), level, bench.count, sweep(bench.y, [0, 1, 2]), bench.current)
    assert run.dataset["level"].dims == ()
    assert run.dataset["level_2"].values.tolist() == ["at 1.0", "at 2.0"]
    assert run.dataset["bench_count"].dims == ("bench_x",)
    assert run.dataset["bench_current"].dims == ("bench_x", "bench_y")
    assert len(names) == 3
    assert run.points == 1 + 2 + 6


@st.composite
def sweeps(draw: st.DrawFn, parameters: list[ManualParameter[float]]) -> list[Sweep]:
    """Compose nested, linked and snaking sweeps of some of the parameters."""
    left = list(parameters)
    made: list[Sweep] = []
    while left and (not made or draw(st.booleans())):
        size = draw(st.integers(1, 4))
        together = [left.pop() for _ in range(min(len(left), draw(st.integers(1, 2))))]
        numbers = st.lists(st.floats(-9, 9), min_size=size, max_size=size)
        made.append(linked(*(each.sweep(draw(numbers)) for each in together), snake=draw(st.booleans())))
    return made


class HandWritten:
    """The loops of nested sweeps, written out."""

    def __init__(self, chosen: list[Sweep], read_outer: Callable[[], float], read: Callable[[], float]) -> None:
        self.chosen = chosen
        self.read_outer, self.read = read_outer, read
        self.passes = [0] * len(chosen)
        self.inner = np.full([len(each) for each in chosen], np.nan)
        self.outer = np.full(len(chosen[0]), np.nan)

    def run(self, *place: int) -> None:
        depth = len(place)
        if depth == len(self.chosen):
            self.inner[place] = self.read()
            return
        steps = list(range(len(self.chosen[depth])))
        if self.chosen[depth].snake and self.passes[depth] % 2:
            steps.reverse()
        self.passes[depth] += 1
        for step in steps:
            for setpoints in self.chosen[depth].setpoints:
                setpoints.parameter.set(setpoints.values[step])
            if depth == 0:
                self.outer[step] = self.read_outer()
            self.run(*place, step)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_hypothesis_finds_no_plan_whose_data_differ_from_loops_written_by_hand(data: st.DataObject) -> None:
    parameters = [ManualParameter(name, float, initial=0.0) for name in "abcd"]
    chosen = data.draw(sweeps(parameters))

    def total() -> float:
        return math.fsum((number + 1) * each.get() for number, each in enumerate(parameters))

    def outer() -> float:
        return -total()

    found = measure(chosen[0], outer, *chosen[1:], total, progress=False).dataset
    for each in parameters:
        each.set(0.0)
    by_hand = HandWritten(chosen, outer, total)
    by_hand.run()
    np.testing.assert_array_equal(found["total"].values, by_hand.inner)
    np.testing.assert_array_equal(found["outer"].values, by_hand.outer)
    for setpoints in itertools.chain.from_iterable(one.setpoints for one in chosen):
        assert found[setpoints.parameter.name].values.tolist() == list(setpoints.values)


def test_a_run_without_sweeps_is_one_point(bench: Bench) -> None:
    assert measure(bench.current).dataset["bench_current"].item() == 0.0


def test_values_of_all_types_are_kept(bench: Bench) -> None:
    cycle = itertools.cycle([1, 2.5])
    run = measure(
        sweep(bench.x, [1, 2]),
        bench.count,
        ManualParameter("text", str, initial="é"),
        ManualParameter("flag", bool, initial=True),
        ManualParameter("anything", initial=[1, 2, 3]),
        lambda: next(cycle),
    )
    found = run.dataset
    assert found["bench_count"].dtype == np.int64
    assert found["text"].values.tolist() == ["é", "é"]
    assert found["flag"].dtype == np.bool_
    assert found["anything"].values.tolist() == [[1, 2, 3], [1, 2, 3]]
    assert found["value_lambda_"].values.tolist() == [1.0, 2.5]


class Analyser(Instrument):
    """Gives traces over a frequency axis whose length can be changed."""

    points = parameter(int, initial=3)
    factor = parameter(float, initial=1.0)
    settings = group("low", "high", get_cmd=lambda self: {"low": self.factor(), "high": self.factor() + 1})
    low = parameter(float, unit="Hz", group="settings")
    high = parameter(float, unit="Hz", group="settings")
    reads = 0

    @parameter(unit="Hz", shape=("points",), depends_on=("points",))
    def frequency(self) -> Any:
        self.reads += 1
        return np.linspace(1, 2, self.points())

    @parameter(unit="dB", shape=("points",), axes=("frequency",))
    def trace(self) -> Any:
        self.buffer = getattr(self, "buffer", np.empty(self.points()))
        if len(self.buffer) != self.points():
            self.buffer = np.empty(self.points())
        self.buffer[:] = self.factor()
        return self.buffer


def test_arrays_bring_their_axes_and_are_kept_apart_from_the_drivers_memory() -> None:
    with Analyser("vna") as vna:
        run = measure(sweep(vna.factor, [1, 2, 3]), vna.trace, vna.trace)
        found = run.dataset
        assert found["vna_trace"].dims == ("vna_factor", "vna_frequency")
        assert found["vna_frequency"].values.tolist() == [1.0, 1.5, 2.0]
        assert found["vna_frequency"].attrs["units"] == "Hz"
        assert found["vna_trace"].values.tolist() == [[1.0] * 3, [2.0] * 3, [3.0] * 3]
        assert found["vna_trace_2"].dims == ("vna_factor", "vna_frequency")
        assert vna.reads == 1


def test_an_axis_that_depends_on_what_is_swept_is_read_again() -> None:
    with Analyser("vna") as vna:
        found = measure(sweep(vna.points, [2, 3]), vna.trace).dataset
        np.testing.assert_array_equal(found["vna_frequency"].values, [[1, 2, math.nan], [1, 1.5, 2]])
        np.testing.assert_array_equal(found["vna_trace"].values, [[1, 1, math.nan], [1, 1, 1]])


def test_an_axis_is_that_of_the_run_whatever_was_known_before() -> None:
    count = ManualParameter("count", int, initial=2)
    numbers = Parameter("numbers", np.ndarray, get_cmd=lambda: np.arange(count()) * 10, shape=(lambda _: count(),))
    wave = Parameter("wave", np.ndarray, get_cmd=lambda: np.ones(count()), shape=(lambda _: count(),), axes=(numbers,))
    assert measure(wave).dataset["wave"].shape == (2,)
    count(3)
    assert measure(wave).dataset["numbers"].values.tolist() == [0, 10, 20]


def test_a_group_is_read_at_once_into_a_column_for_each_member() -> None:
    with Analyser("vna") as vna:
        found = measure(sweep(vna.factor, [1, 2]), vna.settings).dataset
        assert found["vna_low"].values.tolist() == [1.0, 2.0]
        assert found["vna_high"].values.tolist() == [2.0, 3.0]
        assert found["vna_high"].attrs["units"] == "Hz"


def test_a_reading_that_fails_ends_the_run_and_everything_before_is_kept(bench: Bench) -> None:
    def unlucky() -> float:
        if bench.x() == 3:
            message = "the helium is gone"
            raise RuntimeError(message)
        return 1.0

    with pytest.raises(RuntimeError, match="the helium is gone") as caught:
        measure(sweep(bench.x, [1, 2, 3, 4]), unlucky)
    (run,) = runs()
    assert caught.value.__notes__ == [
        f"Run {run.id} failed at bench.x = 3.0 V; the points taken before are stored: luthier_measure.load({run.id!r})."
    ]
    assert (run.outcome, run.points) == ("failed", 2)
    assert "RuntimeError: the helium is gone" in run.error
    np.testing.assert_array_equal(run.dataset["unlucky"].values, [1, 1, math.nan, math.nan])
    assert threading.active_count() == 1


def test_a_reading_that_cannot_be_stored_ends_the_run_and_says_what_it_was(bench: Bench) -> None:
    given_values = iter([1.0, 2.0, "OVERLOAD"])
    reading: Parameter[object] = Parameter("voltage", get_cmd=lambda: next(given_values))
    with pytest.raises(UnstorableValueError, match="voltage: gave 'OVERLOAD'") as caught:
        measure(sweep(bench.x, [1, 2, 3]), reading, bench.current)
    (run,) = runs()
    assert (run.outcome, run.points) == ("failed", 3)
    assert run.dataset["bench_current"].values.tolist() == [10.0, 20.0, 30.0]
    assert str(caught.value) in run.error


def test_a_closed_instrument_is_noticed_before_anything_is_set(bench: Bench) -> None:
    with Analyser("vna") as vna:
        made = plan(sweep(bench.x, [1, 2]), vna.trace)
    with pytest.raises(ClosedError, match=r"vna\.trace"):
        measure(made)
    assert bench.calls == []
    assert runs() == []


def test_without_a_folder_to_write_to_nothing_is_set(bench: Bench, folder: Path) -> None:
    folder.write_text("in the way")
    with pytest.raises(DataFolderError):
        measure(sweep(bench.x, [1, 2]), bench.current)
    assert bench.calls == []


def test_everything_about_a_run_is_kept_with_it(bench: Bench) -> None:
    alone = ManualParameter("pump", float, unit="W", initial=0.5)
    bench.x.set(0.25)
    before = datetime.now().astimezone()
    made = measure(
        sweep(bench.y, [1]),
        alone,
        name="n",
        sample="s",
        note="über",
        tags=["a", "b c"],
        metadata={"k": math.inf, "z": 1j},
    )
    run = load(made.id)
    assert (run.name, run.sample, run.note, run.tags) == ("n", "s", "über", ("a", "b c"))
    assert run.metadata == {"k": math.inf, "z": 1j}
    assert run.snapshot["instruments"]["bench"]["parameters"]["x"]["value"] == 0.25
    assert run.snapshot["parameters"]["pump"]["unit"] == "W"
    assert run.environment["versions"]["luthier-core"]
    assert run.environment["user"] is not None
    assert run.plan["levels"][0]["sweep"]["parameters"] == ["bench.y"]
    assert timedelta(seconds=-1) < run.started - before < timedelta(minutes=1)
    assert run.ended is not None
    assert run.ended >= run.started
    assert run.started.utcoffset() == before.utcoffset()
    assert repr(run).startswith(f"<Run {run.id} 'n': completed, 1 point in ")
    assert run.problems == ()


def test_a_name_is_made_where_none_is_given(bench: Bench) -> None:
    run = measure(sweep(bench.x, [1]), sweep(bench.y, [1]), bench.current, bench.gain)
    assert run.name == "bench.current, bench.gain against bench.x, bench.y"


@pytest.mark.parametrize(
    "facts",
    [
        {"name": 5},
        {"sample": 7},
        {"note": None},
        {"tags": "two\nlines"},
        {"tags": [""]},
        {"tags": [1]},
        {"tags": 1},
        {"metadata": {1: 2}},
        {"metadata": {"plugins": 2}},
        {"metadata": [1]},
        {"metadata": 0},
    ],
)
def test_facts_that_cannot_be_kept_are_refused_before_anything_is_set(bench: Bench, facts: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        measure(sweep(bench.x, [1]), bench.current, **facts)
    assert bench.calls == []


def test_a_snapshot_that_fails_costs_only_its_own_entry(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> dict[str, Any]:
        message = "no"
        raise RuntimeError(message)

    monkeypatch.setattr(bench, "snapshot", broken)
    assert measure(bench.current).snapshot["instruments"] == {"bench": {"error": "RuntimeError: no"}}


def test_plugins_hear_of_runs_and_add_to_them(bench: Bench) -> None:
    news: list[tuple[str, str, str]] = []

    class Listener:
        @plugins.hookimpl
        def run_started(self, run: Any) -> None:
            news.append(("started", run.name, run.outcome))

        @plugins.hookimpl
        def run_metadata(self, run: Any) -> dict[str, Any]:
            return {"temperature": 4.2, "id": run.id}

        @plugins.hookimpl
        def run_finished(self, run: Any) -> None:
            news.append(("finished", run.name, run.outcome))

    listener = Listener()
    plugins.hooks.register(listener, "cryostat")
    try:
        run = measure(sweep(bench.x, [1, 2]), bench.current, name="n", metadata={"mine": 1})
    finally:
        plugins.hooks.unregister(listener)
    assert news == [("started", "n", "running"), ("finished", "n", "completed")]
    assert run.metadata["mine"] == 1
    assert run.metadata["plugins"] == {"cryostat": {"temperature": 4.2, "id": run.id}}
    assert run.points == 2


def test_a_dataset_can_be_looked_at_while_the_run_goes_on(bench: Bench) -> None:
    seen: list[Any] = []

    def look() -> float:
        (run,) = runs(outcome="running")
        seen.append((run.outcome, run.dataset["bench_current"].shape))
        return 1.0

    measure(sweep(bench.x, [1, 2]), look, bench.current)
    assert seen == [("running", (2,)), ("running", (2,))]


def test_progress_is_shown_when_asked_for(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    measure(sweep(bench.x, range(5)), bench.current, name="gate sweep", progress=True)
    shown = capsys.readouterr().err
    assert "gate sweep" in shown
    assert "5/5 points" in shown
    measure(sweep(bench.x, range(5)), bench.current)
    assert capsys.readouterr().err == ""


class NarrowStream(io.StringIO):
    """A terminal that knows no more than ASCII."""

    encoding = "ascii"

    def write(self, text: str) -> int:
        text.encode(self.encoding)
        return super().write(text)


class BrokenStream(io.StringIO):
    """A pipe whose other end is gone."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("kind", ["narrow", "broken", "closed", "none"])
def test_a_bar_that_cannot_be_drawn_costs_the_measurement_nothing(
    bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams: dict[str, io.StringIO | None] = {
        "narrow": NarrowStream(),
        "broken": BrokenStream(),
        "closed": io.StringIO(),
        "none": None,
    }
    stream = streams[kind]
    if kind == "closed" and stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    run = measure(sweep(bench.x, range(5)), bench.current, name="Ω [/] [red]", progress=True)
    assert (run.outcome, run.points) == ("completed", 5)
    assert measure(sweep(bench.x, range(5)), bench.current).outcome == "completed"
    if kind == "narrow" and stream is not None:
        assert "? [/] [red]" in stream.getvalue()


@pytest.mark.parametrize("hours", [-1, 1])
def test_neither_times_of_points_nor_the_duration_jump_with_the_clock(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    import time  # noqa: PLC0415 - to set its clock

    true = time.time

    def set_clock() -> float:
        monkeypatch.setattr(time, "time", lambda: true() + 3600 * hours)
        return 0.0

    run = measure(sweep(bench.x, range(3)), set_clock)
    times = run.table().times
    monkeypatch.setattr(time, "time", true)
    assert run.duration is not None
    assert 0 < run.duration < 60
    assert " s>" in repr(run)
    (summary,) = open_storage().find(RunQuery())
    assert summary.duration == run.duration
    assert (np.diff(times) >= 0).all()
    assert np.ptp(times) < 60


def test_runs_are_found_by_what_is_known_of_them(bench: Bench) -> None:
    first = measure(sweep(bench.x, [1]), bench.current, name="first", sample="S1", tags="good")
    second = measure(sweep(bench.y, [1]), bench.current, name="second")
    assert [run.id for run in runs()] == [first.id, second.id]
    assert [run.name for run in runs("f*")] == ["first"]
    assert [run.name for run in runs(sample="S1")] == ["first"]
    assert [run.name for run in runs(tag="good")] == ["first"]
    assert [run.name for run in runs(parameter="bench.y")] == ["second"]
    assert [run.name for run in runs(limit=1)] == ["second"]
    today = first.started.date()
    assert len(runs(since=today, until=today + timedelta(days=2))) == 2
    assert runs(until="2001-01-01 12:30") == []
    assert runs(since=first.started + timedelta(days=1)) == []
    assert len(runs(since=0.0)) == 2
    assert repr(runs()[0]) == f"<Run {first.id} 'first': completed>"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "yesterday"}, "'yesterday' is no time"),
        ({"until": [2026]}, "[2026] is no time"),
        ({"outcome": "done"}, "outcome='done': allowed are 'running', 'completed'"),
        ({"limit": -1}, "limit=-1: allowed are whole numbers from 0 on"),
        ({"limit": "5"}, "limit='5': allowed are whole numbers"),
        ({"name": 7}, "name=7: allowed is text"),
        ({"tag": ["cold"]}, "tag=['cold']: allowed is text"),
        ({"folder": 5}, "the data folder is 5"),
        ({"folder": "no\0where"}, "null character"),
        ({"folder": "~nobody-of-this-name/data"}, "cannot be resolved"),
    ],
)
def test_a_question_that_no_run_can_answer_is_refused(query: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        runs(**query)


def test_something_else_than_an_id_is_not_loaded(bench: Bench) -> None:
    run = measure(sweep(bench.x, [1]), bench.current)
    with pytest.raises(UsageError, match=re.escape(f"Write load({run.id!r}).")):
        load(run)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(UsageError, match="got 5"):
        load(5)  # type: ignore[arg-type]  # that is the point


def test_a_run_is_loaded_by_its_id_or_the_beginning_of_it(bench: Bench) -> None:
    run = measure(sweep(bench.x, [1]), bench.current, name="first")
    assert load(run.id).name == "first"
    assert load(run.id[:-1]).id == run.id
    measure(sweep(bench.x, [1]), bench.current)
    with pytest.raises(AmbiguousRunError, match="2 runs begin with '2"):
        load("2")
    for missing in ("1999", "", "20010101-000000-000-000000"):
        with pytest.raises(RunNotFoundError, match=r"no (such )?run"):
            load(missing)
