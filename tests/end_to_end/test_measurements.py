"""What a new user measures on simulated instruments, rightly and wrongly."""

from __future__ import annotations

import enum
import logging
import math
import socketserver
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier import ManualParameter, Parameter
from luthier.errors import (
    ClosedError,
    InstrumentReportedError,
    IrrelevantParameterError,
    NotGettableError,
    NotSettableError,
    ReplyError,
    UnknownNameError,
    UsageError,
    ValidationError,
    WrongTypeError,
)
from luthier_measure import Sweep, linked, load, measure, plan, runs, sweep
from luthier_measure.errors import UnstorableValueError

from .messages import read_aloud, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def psu() -> Iterator[Any]:
    with luthier.open("keysight.e36312a", "sim://", name="psu") as opened:
        opened.ch1.voltage(0.5)
        opened.ch2.voltage(0.5)
        opened.outputs.output.set(True)
        yield opened
        opened.make_safe()


@pytest.fixture
def dmm() -> Iterator[Any]:
    with luthier.open("keysight.34461a", "sim://", name="dmm") as opened:
        opened.function("DC voltage")
        yield opened


@pytest.fixture
def sent(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Give the function that says what was sent to the instruments in this test, but for questions."""
    caplog.set_level(logging.DEBUG, "luthier.wire")

    def commands() -> list[str]:
        messages = [record.getMessage() for record in caplog.records if record.name.startswith("luthier.wire")]
        return [message[2:] for message in messages if message.startswith("> ") and "?" not in message]

    return commands


# Refused before anything is set


def fine(psu: Any) -> Sweep:
    return sweep(psu.ch1.voltage, 0, 1, num=3)


REFUSED: dict[str, tuple[type[Exception], Callable[[Any, Any], object], tuple[str, ...]]] = {
    "far end of the second axis": (
        ValidationError,
        lambda psu, dmm: measure(fine(psu), sweep(psu.ch2.voltage, 0, 26, num=27), dmm.voltage),
        ("psu.ch2.voltage", "cannot set 26 V", "0 V to 25.75 V", "Nothing was sent"),
    ),
    "a list": (
        ValidationError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, [0, 1, 99]), dmm.voltage),
        ("psu.ch1.voltage", "cannot set 99 V", "0 V to 6.18 V"),
    ),
    "an array": (
        ValidationError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, np.linspace(0, 7, 8)), dmm.voltage),
        ("psu.ch1.voltage", "cannot set 7 V", "0 V to 6.18 V"),
    ),
    "not a number": (
        ValidationError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, [0, math.nan]), dmm.voltage),
        ("psu.ch1.voltage", "nan"),
    ),
    "text": (
        WrongTypeError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, ["low", "high"]), dmm.voltage),
        ("psu.ch1.voltage", "'low'", "a number"),
    ),
    "read only": (
        NotSettableError,
        lambda psu, dmm: measure(fine(psu), sweep(psu.ch2.measured_voltage, 0, 1, num=2), dmm.voltage),
        ("psu.ch2.measured_voltage", "cannot be swept", "Nothing was set"),
    ),
    "swept twice": (
        UsageError,
        lambda psu, dmm: measure(fine(psu), sweep(psu.ch1.voltage, 0, 2, num=3), dmm.voltage),
        ("psu.ch1.voltage", "swept twice"),
    ),
    "linked to itself": (
        UsageError,
        lambda psu, dmm: measure(linked(fine(psu), fine(psu)), dmm.voltage),
        ("psu.ch1.voltage", "two values at once"),
    ),
    "linked unequally": (
        UsageError,
        lambda psu, dmm: measure(linked(fine(psu), sweep(psu.ch2.voltage, 0, 1, num=4)), dmm.voltage),
        ("psu.ch1.voltage has 3", "psu.ch2.voltage has 4"),
    ),
    "means nothing": (
        IrrelevantParameterError,
        lambda psu, dmm: measure(fine(psu), dmm.current),
        ("dmm.current", "function is 'DC current'", "now function is 'DC voltage'", "Write dmm.function("),
    ),
    "misspelt": (
        UnknownNameError,
        lambda psu, dmm: measure(fine(psu), dmm.volts),
        ("dmm", "'volts'", "Did you mean 'voltage'"),
    ),
    "write only": (
        NotGettableError,
        lambda psu, _: measure(fine(psu), Parameter("trigger", float, set_cmd=lambda _: None, get_cmd=False)),
        ("trigger", "cannot be read", "Nothing was set"),
    ),
    "nothing to read": (UsageError, lambda psu, _: measure(fine(psu)), ("nothing to read", "measure(sweep(…)")),
    "a value": (
        UsageError,
        lambda psu, dmm: measure(fine(psu), dmm.voltage()),
        ("cannot measure", "(float)", "the parameter for what is read"),
    ),
    "an instrument": (
        UsageError,
        lambda psu, dmm: measure(fine(psu), dmm),
        ("cannot measure", "Multimeter34461A", "parameters"),
    ),
    "no number of values": (
        UsageError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, 0, 1), dmm.voltage),  # type: ignore[call-overload]  # that is the point
        ("psu.ch1.voltage", "num=", "num=101"),
    ),
    "a slip of the decimal point": (
        UsageError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, 0, 1, step=1e-12), dmm.voltage),
        ("psu.ch1.voltage", "1,000,000,000,001 values", "allowed are 10,000,000"),
    ),
    "a spacing that is none": (
        UsageError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, 0.1, 1, num=3, spacing="logarithmic"), dmm.voltage),  # type: ignore[call-overload]  # that is the point
        ("psu.ch1.voltage", "spacing='logarithmic'", "'linear' and 'log'"),
    ),
    "a delay that is none": (
        UsageError,
        lambda psu, dmm: measure(sweep(psu.ch1.voltage, 0, 1, num=3, delay=-1), dmm.voltage),
        ("psu.ch1.voltage", "delay=-1", "seconds from 0 on"),
    ),
    "a name that is none": (
        UsageError,
        lambda psu, dmm: measure(fine(psu), dmm.voltage, sample=7),  # type: ignore[call-overload]  # that is the point
        ("sample=7", "allowed is text", "write sample='7'"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_measured_is_refused_before_anything_is_set(
    psu: Any, dmm: Any, sent: Callable[[], list[str]], folder: Path, what: str
) -> None:
    error_type, attempt, words = REFUSED[what]
    told(error_type, lambda: attempt(psu, dmm), *words)
    assert sent() == []
    assert (psu.ch1.voltage(), psu.ch2.voltage()) == (0.5, 0.5)
    assert not folder.exists()


def test_a_closed_instrument_is_noticed_before_anything_is_set(
    psu: Any, dmm: Any, sent: Callable[[], list[str]], folder: Path
) -> None:
    dmm.close()
    told(ClosedError, lambda: measure(fine(psu), dmm.voltage), "dmm.voltage", "closed", "Nothing was set", "Open it")
    told(ClosedError, lambda: measure(fine(psu), sweep(dmm.sample_count, [1, 2]), psu.ch1.voltage), "dmm.sample_count")
    assert sent() == []
    assert not folder.exists()


def test_a_limit_of_the_lab_counts_even_if_it_came_after_the_plan(
    psu: Any, dmm: Any, sent: Callable[[], list[str]]
) -> None:
    made = plan(fine(psu), dmm.voltage)
    psu.ch1.voltage.narrow(maximum=0.75)
    told(ValidationError, lambda: measure(made), "psu.ch1.voltage", "cannot set 1 V", "0 V to 0.75 V")
    assert sent() == []


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    psu: Any, dmm: Any, sent: Callable[[], list[str]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = measure(
        sweep(psu.ch1.voltage, 0, 6, num=7, delay=0.5), sweep(psu.ch2.voltage, 0, 25, step=5), dmm.voltage, dry_run=True
    )
    assert (made.shape, made.points, made.least_duration) == ((7, 6), 42, 3.5)
    assert capsys.readouterr().out.splitlines() == [
        "7 x 6 steps, 42 points; the delays alone take 3.5 s",
        "psu.ch1.voltage: 0.0 V to 6.0 V, 7 values, wait 0.5 s after each",
        "  psu.ch2.voltage: 0.0 V to 25.0 V, 6 values",
        "    read dmm.voltage",
    ]
    assert sent() == []
    assert not folder.exists()
    assert dmm.voltage.cache.value is None


# What is kept when something fails on the way


def test_a_reading_that_fails_at_the_seventh_point_costs_that_point_only(psu: Any, dmm: Any) -> None:
    def temperature() -> float:
        if psu.ch1.voltage.cache.value == 6.0:
            message = "the sensor does not answer"
            raise RuntimeError(message)
        return 4.2

    thermometer = Parameter("thermometer", float, get_cmd=temperature, unit="K")
    with pytest.raises(RuntimeError, match="the sensor does not answer") as caught:
        measure(sweep(psu.ch1.voltage, range(7)), dmm.voltage, thermometer, name="cold")
    (found,) = runs()
    run = load(found.id)
    during, where = caught.value.__notes__
    assert during == "raised while thermometer was read"
    read_aloud(where, f"Run {run.id} failed at psu.ch1.voltage = 6.0 V", "are stored", f"load({run.id!r})")
    assert (run.outcome, run.points, found.outcome) == ("failed", 6, "failed")
    assert "RuntimeError: the sensor does not answer" in run.error
    assert "raised while thermometer was read" in run.error
    assert run.dataset["thermometer"].values == pytest.approx([4.2] * 6 + [math.nan], nan_ok=True)
    assert psu.ch1.voltage() == 6.0
    assert measure(fine(psu), dmm.voltage).outcome == "completed"


def test_a_set_that_the_instrument_refuses_ends_the_run_and_says_who_it_was(psu: Any, dmm: Any) -> None:
    # The display of the supply is not known to its simulator, which so puts an error into its queue.
    psu.add_parameter("brightness", int, set_cmd="DISP:BRIG {}")
    with pytest.raises(InstrumentReportedError) as caught:
        measure(fine(psu), sweep(psu.brightness, [1, 2]), dmm.voltage)
    read_aloud(str(caught.value), "psu.brightness", "'DISP:BRIG 1'", "Its error queue is empty now")
    (run,) = runs()
    (note,) = caught.value.__notes__
    read_aloud(note, run.id, "failed at psu.ch1.voltage = 0.0 V; the points taken before are stored")
    assert (load(run.id).outcome, load(run.id).points) == ("failed", 0)


def test_a_reading_that_no_file_can_hold_is_named(psu: Any) -> None:
    def status() -> Any:
        return {"state": "fine"} if psu.ch1.voltage.cache.value == 1.0 else 0

    told(
        UnstorableValueError,
        lambda: measure(sweep(psu.ch1.voltage, [0, 0.5, 1]), psu.ch1.measured_voltage, status),
        "status",
        "{'state': 'fine'} (dict)",
        "allowed are",
        "All other values, of this point too, are stored",
    )
    run = load(runs()[0].id)
    assert (run.outcome, run.points) == ("failed", 3)
    assert run.dataset["psu_ch1_measured_voltage"].values.tolist() == [0.0, 0.5, 1.0]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_run_that_fails_anywhere_holds_what_a_loop_written_by_hand_had_until_then(data: st.DataObject) -> None:
    outer, inner = ManualParameter("outer", float), ManualParameter("inner", int)
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    rows = data.draw(st.lists(numbers, min_size=1, max_size=5))
    columns = data.draw(st.lists(st.integers(-5, 5), min_size=1, max_size=5))
    snake = data.draw(st.booleans())
    last = data.draw(st.integers(0, len(rows) * len(columns)))
    taken = 0

    def reading() -> float:
        nonlocal taken
        if taken == last:
            raise ArithmeticError
        taken += 1
        return outer() * 0.5 + inner()

    expected = np.full((len(rows), len(columns)), np.nan)
    for place, row in enumerate(rows):
        order = list(enumerate(columns))
        for step, column in reversed(order) if snake and place % 2 else order:
            if np.isfinite(expected).sum() < last:
                expected[place, step] = row * 0.5 + column
    with tempfile.TemporaryDirectory() as name:
        try:
            measure(sweep(outer, rows), sweep(inner, columns, snake=snake), reading, folder=name)
        except ArithmeticError:
            assert last < len(rows) * len(columns)
        (found,) = runs(folder=name)
        run = load(found.id, folder=name)
        assert run.points == min(last, len(rows) * len(columns))
        np.testing.assert_array_equal(run.dataset["reading"].values, expected)
        assert run.dataset["outer"].values.tolist() == rows
        assert run.dataset["inner"].values.tolist() == columns


# All that can be measured


class Light(enum.Enum):
    RED = 1
    GREEN = 2


def test_everything_that_can_be_read_is_stored_as_it_was(psu: Any, dmm: Any) -> None:
    light = ManualParameter("light", Light, initial=Light.RED)
    material = ManualParameter("material", str, initial="Ω µ 漢")
    reflection = Parameter("reflection", complex, get_cmd=lambda: complex(psu.ch1.voltage.cache.value, -1), unit="")
    level = iter([1.0, math.nan, math.inf])
    run = measure(
        sweep(psu.ch1.voltage, [0.1, 0.2, 0.4]),
        psu.ch1.output,
        light,
        material,
        reflection,
        dmm.sample_count,
        dmm.function,
        lambda: next(level),
        name="everything",
    )
    loaded = load(run.id).dataset
    assert loaded["psu_ch1_output"].values.tolist() == [True] * 3
    assert loaded["light"].values.tolist() == ["RED"] * 3
    assert loaded["material"].values.tolist() == ["Ω µ 漢"] * 3
    assert loaded["reflection"].values.tolist() == [0.1 - 1j, 0.2 - 1j, 0.4 - 1j]
    assert loaded["dmm_sample_count"].values.tolist() == [1, 1, 1]
    assert loaded["dmm_function"].values.tolist() == ["DC voltage"] * 3
    np.testing.assert_array_equal(loaded["value_lambda_"].values, [1.0, math.nan, math.inf])
    assert loaded["psu_ch1_voltage"].attrs == {"long_name": "Voltage", "units": "V", "parameter": "psu.ch1.voltage"}


def test_a_group_is_read_with_one_message_into_its_columns() -> None:
    with luthier.open("keithley.2400", "sim://", name="smu") as smu:
        smu.current_limit(10e-3)
        smu.output(True)
        run = measure(sweep(smu.voltage, 0, 1, num=5), smu.reading)
        smu.make_safe()
    dataset = load(run.id).dataset
    assert dataset["smu_measured_current"].values == pytest.approx(np.linspace(0, 1e-3, 5))
    assert dataset["smu_measured_current"].attrs["units"] == "A"
    assert dataset["smu_measured_resistance"].isnull().all()


def test_the_memory_of_a_multimeter_is_an_array_with_its_axis(psu: Any, dmm: Any) -> None:
    dmm.sample_count(10)
    dmm.functions["start"]()
    run = measure(fine(psu), dmm.memory)
    memory = load(run.id).dataset["dmm_memory"]
    assert memory.dims == ("psu_ch1_voltage", "dmm_memory_index")
    assert memory.shape == (3, 10)
    assert memory.values == pytest.approx(np.ones((3, 10)), abs=1e-3)


class Multimeter(socketserver.StreamRequestHandler):
    """A 34461A that gives as many readings as it is told to, or one too few."""

    lazy = False

    def handle(self) -> None:
        settings = {"FUNC": '"VOLT"', "TRIG:COUN": "1", "SAMP:COUN": "1"}
        for line in self.rfile:
            command = line.decode().strip()
            name, _, value = command.partition(" ")
            if value:
                settings[name] = value
            elif command == "SYST:ERR?":
                self.answer('+0,"No error"')
            elif command == "READ?":
                count = int(settings["TRIG:COUN"]) * int(settings["SAMP:COUN"]) - self.lazy
                self.answer(",".join(f"{number / 8:+.8E}" for number in range(count)))
            else:
                self.answer(settings[name.rstrip("?")])

    def answer(self, text: str) -> None:
        self.wfile.write(f"{text}\n".encode())


class LazyMultimeter(Multimeter):
    lazy = True


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), request.param) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"TCPIP::127.0.0.1::{server.server_address[1]}::SOCKET"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("served", [Multimeter], indirect=True)
def test_several_readings_of_one_start_are_an_array_whose_length_may_be_swept(served: str) -> None:
    with luthier.open("keysight.34461a", served, name="dmm") as dmm:
        dmm.sample_count(4)
        gate = ManualParameter("gate", float)
        run = measure(sweep(gate, [0, 1]), dmm.readings)
        lengths = measure(sweep(dmm.sample_count, [1, 3]), dmm.readings)
    readings = load(run.id).dataset["dmm_readings"]
    assert (readings.dims, readings.values.tolist()) == (("gate", "dmm_reading_index"), [[0, 0.125, 0.25, 0.375]] * 2)
    padded = load(lengths.id).dataset["dmm_readings"].values
    np.testing.assert_array_equal(padded, [[0, math.nan, math.nan], [0, 0.125, 0.25]])


@pytest.mark.parametrize("served", [LazyMultimeter], indirect=True)
def test_an_array_of_another_length_than_it_should_have_is_an_error_and_no_data(served: str) -> None:
    with luthier.open("keysight.34461a", served, name="dmm") as dmm:
        dmm.sample_count(4)
        gate = ManualParameter("gate", float)
        told(ReplyError, lambda: measure(sweep(gate, [0, 1]), dmm.readings), "dmm.readings", "(3,)", "(4,)", "'READ?'")
    assert load(runs()[0].id).points == 0


def test_three_levels_with_a_snake_lie_where_they_belong(psu: Any) -> None:
    gate = ManualParameter("gate", int)
    levels = (
        sweep(gate, [0, 1]),
        sweep(psu.ch2.voltage, [0, 1, 2], snake=True),
        sweep(psu.ch1.voltage, [0, 1], snake=True),
    )
    order: list[tuple[float, float, float]] = []

    def number() -> float:
        order.append((gate(), psu.ch2.voltage.cache.value, psu.ch1.voltage.cache.value))
        return 100 * order[-1][0] + 10 * order[-1][1] + order[-1][2]

    run = measure(*levels, number, psu.ch1.measured_voltage)
    assert order == [
        *[(0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0), (0, 2, 0), (0, 2, 1)],
        *[(1, 2, 1), (1, 2, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1), (1, 0, 0)],
    ]
    dataset = load(run.id).dataset
    expected = [[[100 * g + 10 * outer + inner for inner in range(2)] for outer in range(3)] for g in range(2)]
    assert dataset["number"].values.tolist() == expected
    assert dataset["psu_ch1_measured_voltage"].values.tolist() == [[[0, 1]] * 3] * 2


def test_linked_sweeps_move_together_and_a_delay_is_waited_for(psu: Any) -> None:
    both = linked(sweep(psu.ch1.voltage, 0, 1, num=3), sweep(psu.ch2.voltage, 1, 0, num=3), delay=0.02)
    begun = time.monotonic()
    run = measure(both, psu.ch1.measured_voltage, psu.ch2.measured_voltage)
    assert time.monotonic() - begun >= 0.06
    dataset = load(run.id).dataset
    assert dict(dataset.sizes) == {"psu_ch1_voltage": 3}
    assert dataset["psu_ch2_voltage"].dims == ("psu_ch1_voltage",)
    assert dataset["psu_ch1_measured_voltage"].values.tolist() == [0.0, 0.5, 1.0]
    assert dataset["psu_ch2_measured_voltage"].values.tolist() == [1.0, 0.5, 0.0]
    times = run.table().times
    assert (np.diff(times) >= 0.02).all()
