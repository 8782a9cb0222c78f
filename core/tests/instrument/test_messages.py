from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Channel, Instrument, parameter
from luthier.errors import (
    BusyError,
    ConnectionLostError,
    OutOfStepError,
    ReplyError,
    ResponseTimeoutError,
    UsageError,
    ValidationError,
)
from luthier.scpi import ArrayFormat
from luthier.testing.wire import DictTransport, ScriptedTransport, WireFault

if TYPE_CHECKING:
    from collections.abc import Callable


class Output(Channel):
    level = parameter(float, get_cmd="OUT:LEV?", set_cmd="OUT:LEV {}", unit="V")


class Smu(Instrument):
    voltage = parameter(float, get_cmd="SOUR:VOLT?", set_cmd="SOUR:VOLT {}", unit="V")
    current = parameter(float, get_cmd="MEAS:CURR?", unit="A")
    curve = parameter(np.ndarray, get_cmd="CURV?", set_cmd="CURV ", array=ArrayFormat("f4"))
    millivolts = parameter(float, delegate="voltage", unit="mV", scale=0.001)

    @parameter(unit="Ω", set_cmd=lambda smu, ohms: smu.voltage.set(ohms * 1e-3))
    def resistance(self) -> float:
        return self.voltage.get() / self.current.get()

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.out = Output(self, "out")
        self.add_function("fire", "FIRE")
        self.add_function("ask", "ASK?")
        self.add_function("both", self.resistance.get)


# Who, what and where, in errors


@pytest.mark.parametrize(
    ("call", "first", "notes"),
    [
        (lambda smu: smu.voltage(), "smu.voltage (dict://smu): no answer to 'SOUR:VOLT?' within 5.0 s.", []),
        (lambda smu: smu.out.level(), "smu.out.level (dict://smu): no answer to 'OUT:LEV?' within 5.0 s.", []),
        (lambda smu: smu.query("X?"), "smu (dict://smu): no answer to 'X?' within 5.0 s.", []),
        (lambda smu: smu.out.query("X?"), "smu (dict://smu): no answer to 'X?' within 5.0 s.", []),
        (lambda smu: smu.ask(), "smu.ask (dict://smu): no answer to 'ASK?' within 5.0 s.", []),
        (
            lambda smu: smu.resistance(),
            "smu.voltage (dict://smu): no answer to 'SOUR:VOLT?' within 5.0 s.",
            ["raised while smu.resistance was read"],
        ),
        (
            lambda smu: smu.millivolts(),
            "smu.voltage (dict://smu): no answer to 'SOUR:VOLT?' within 5.0 s.",
            ["raised while smu.millivolts was read"],
        ),
        (
            lambda smu: smu.both(),
            "smu.voltage (dict://smu): no answer to 'SOUR:VOLT?' within 5.0 s.",
            ["raised while smu.resistance was read", "raised while smu.both was called"],
        ),
        (lambda smu: smu.idn, "smu (dict://smu): no answer to '*IDN?' within 5.0 s.", []),
    ],
)
def test_a_timeout_names_parameter_address_and_command(
    call: Callable[[Any], object], first: str, notes: list[str], opened: Callable[..., Any]
) -> None:
    smu, _ = opened(Smu, name="smu")
    with pytest.raises(ResponseTimeoutError) as caught:
        call(smu)
    assert str(caught.value).startswith(first)
    assert "in step" in caught.value.state
    assert getattr(caught.value, "__notes__", []) == notes
    assert caught.value.address == "dict://smu"
    assert caught.value.command


def test_a_set_that_times_out_names_everything_and_marks_the_cache(opened: Callable[..., Any]) -> None:
    smu, wire = opened(Smu, name="smu")
    smu.voltage(1.0)
    wire.faults[2] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError, match=r"^smu\.voltage \(dict://smu\): no answer to 'SOUR:VOLT 2'"):
        smu.voltage(2.0)
    assert smu.voltage.cache.value == 1.0
    assert not smu.voltage.cache.valid
    wire.faults[3] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError, match=r"^smu\.voltage \(dict") as caught:
        smu.resistance(5000.0)
    assert caught.value.__notes__ == ["raised while smu.resistance was set"]


def test_a_reply_that_cannot_be_read_names_everything(opened: Callable[..., Any]) -> None:
    smu, _ = opened(Smu, name="smu", **{"SOUR:VOLT": "one", "*IDN": ","})
    with pytest.raises(ReplyError, match=r"^smu\.voltage \(dict://smu\): .*'one'.*'SOUR:VOLT\?'") as caught:
        smu.voltage()
    assert (caught.value.command, caught.value.reply) == ("SOUR:VOLT?", "one")
    with pytest.raises(ReplyError, match=r"^smu \(dict://smu\): the reply ',' names no instrument"):
        smu.connect_message()


def test_wrong_calls_are_told_without_the_address(opened: Callable[..., Any]) -> None:
    smu, wire = opened(Smu, name="smu")
    with pytest.raises(ValidationError, match=r"^smu\.voltage: "):
        smu.voltage("high")
    with pytest.raises(UsageError, match=r"^smu\.current: cannot be set"):
        smu.current(1.0)
    with pytest.raises(
        UsageError, match=r"^smu \(dict://smu\): cannot send 'Ω': it has characters that are not in Lat"
    ):
        smu.write("Ω")
    for nonsense in (b"X?", 5, None):
        with pytest.raises(UsageError, match=r"^smu \(dict://smu\): cannot send .*: allowed is text"):
            smu.query(nonsense)
    assert wire.log == []


def test_errors_of_drivers_own_code_keep_their_class_and_say_where(opened: Callable[..., Any]) -> None:
    class Buggy(Instrument):
        @parameter
        def ratio(self) -> float:
            return 1 / 0

    buggy, wire = opened(Buggy)
    buggy.add_function("go", lambda: wire.values["x"])
    with pytest.raises(ZeroDivisionError) as caught:
        buggy.ratio()
    assert caught.value.__notes__ == ["raised while inst.ratio was read"]
    with pytest.raises(KeyError) as other:
        buggy.go()
    assert other.value.__notes__ == ["raised while inst.go was called"]


# In step


def test_the_query_after_a_timeout_is_in_step(opened: Callable[..., Any]) -> None:
    smu, wire = opened(Smu, **{"MEAS:CURR": "2", "SOUR:VOLT": "1"})
    wire.faults[1] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError):
        smu.voltage()
    assert smu.current() == 2.0
    assert smu.voltage() == 1.0


@pytest.mark.parametrize("bad", [b"nonsense", b"#x12", b"#2ab", b"#14ABCDEFGH"], ids=lambda bad: bad.decode())
def test_the_query_after_a_block_that_was_none_is_in_step(bad: bytes) -> None:
    good = ArrayFormat("f4").encode([1.5, 2.5])
    with (
        ScriptedTransport([("CURV?", bad), ("MEAS:CURR?", "2"), ("CURV?", good)]) as wire,
        Smu("smu", transport=wire) as smu,
    ):
        with pytest.raises(OutOfStepError) as caught:
            smu.curve()
        assert str(caught.value).startswith("smu.curve (scripted://): ")
        assert str(caught.value).endswith("The connection was cleared, so that the next query is in step.")
        assert wire.clears == 1
        assert smu.current() == 2.0
        assert smu.curve().tolist() == [1.5, 2.5]


@pytest.mark.parametrize("interrupted", [1, 2, 3])
def test_the_query_after_an_array_that_was_interrupted_is_in_step(interrupted: int) -> None:
    class Interrupting(DictTransport):
        reads = 0

        def read_exactly(self, count: int) -> bytearray:
            self.reads += 1
            if self.reads == interrupted:
                raise KeyboardInterrupt
            return super().read_exactly(count)

    block = ArrayFormat("f4").encode([1.0, -2.0]).decode("latin-1")
    with Smu("smu", transport=Interrupting({"CURV": block, "MEAS:CURR": "2"})) as smu:
        with pytest.raises(KeyboardInterrupt):
            smu.curve()
        assert smu.current() == 2.0
        assert smu.curve().tolist() == [1.0, -2.0]


def test_arrays_go_both_ways(opened: Callable[..., Any]) -> None:
    block = ArrayFormat("f4").encode([1.0, -2.0])
    with ScriptedTransport([(b"CURV " + block, None), ("CURV?", block)]) as wire, Smu("smu", transport=wire) as smu:
        smu.curve(np.array([1.0, -2.0]))
        assert smu.curve().tolist() == [1.0, -2.0]
    lost, wire_of_lost = opened(Smu, name="lost")
    wire_of_lost.faults[1] = WireFault.LOST
    with pytest.raises(ConnectionLostError, match=r"^lost\.curve \(dict://lost\): the connection broke"):
        lost.curve()


def test_an_array_that_cannot_be_sent_is_refused_before_the_command() -> None:
    with ScriptedTransport([]) as wire, Smu("smu", transport=wire) as smu:
        with pytest.raises(ValidationError):
            smu.write_array("CURV ", [1e300], ArrayFormat("f4"))
        with pytest.raises(ValidationError):
            smu.write_array("CURV ", ["x"], ArrayFormat("f4"))


# The wire log


def test_the_wire_log_shows_both_directions_in_order(
    opened: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    smu, wire = opened(Smu, name="smu", **{"SOUR:VOLT": "1.5"})
    with caplog.at_level(logging.DEBUG, "luthier.wire.smu"):
        smu.voltage()
        smu.voltage(2.0)
        smu.out.level(0.5)
        wire.faults[len(wire.log) + 1] = WireFault.TIMEOUT
        with pytest.raises(ResponseTimeoutError):
            smu.current()
    assert {record.name for record in caplog.records} == {"luthier.wire.smu"}
    assert [record.getMessage() for record in caplog.records] == [
        "> SOUR:VOLT?",
        "< 1.5",
        "> SOUR:VOLT 2",
        "> OUT:LEV 0.5",
        "> MEAS:CURR?",
    ]


def test_the_wire_log_shows_arrays_by_their_length(caplog: pytest.LogCaptureFixture) -> None:
    block = ArrayFormat("f4").encode([1.0, -2.0])
    with (
        caplog.at_level(logging.DEBUG, "luthier.wire.smu"),
        ScriptedTransport([(b"CURV " + block, None), ("CURV?", block)]) as wire,
        Smu("smu", transport=wire) as smu,
    ):
        smu.curve(np.array([1.0, -2.0]))
        smu.curve()
    shown = [record.getMessage() for record in caplog.records if record.name == "luthier.wire.smu"]
    assert shown == ["> CURV <array>", "> CURV?", "< <array of 2>"]


def test_nothing_is_formatted_while_the_wire_log_is_off(
    opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    smu, _ = opened(Smu, **{"SOUR:VOLT": "1.5"})
    monkeypatch.setattr(logging.Logger, "_log", lambda *_, **__: pytest.fail("a record was made"))
    smu.voltage()
    smu.voltage(2.0)
    smu.query("SOUR:VOLT?")


# One at a time


class Unguarded(DictTransport):
    """A transport whose exchanges come apart unless its user holds a lock."""

    def query(self, message: bytes) -> bytes:
        self.write(message)
        return self.read()


@pytest.fixture
def _switch_often() -> Any:
    kept = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(kept)


def in_threads(*works: Callable[[], object]) -> None:
    """Run each in a thread of its own, and raise what one raises."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait(10)
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


@pytest.mark.usefixtures("_switch_often")
def test_two_threads_of_a_thousand_queries_each_get_two_thousand_right_answers() -> None:
    smu = Smu("smu", transport=Unguarded({"SOUR:VOLT": "1", "MEAS:CURR": "2", "ASK": "3"}))
    right = {"voltage": 0, "current": 0}

    def ask(name: str, expected: float) -> None:
        for number in range(1000):
            answer = smu.get(name) if number % 2 else float(smu.query(smu[name].specification.get_cmd))
            right[name] += answer == expected

    in_threads(lambda: ask("voltage", 1.0), lambda: ask("current", 2.0))
    assert right == {"voltage": 1000, "current": 1000}


@pytest.mark.usefixtures("_switch_often")
def test_an_exchange_under_the_lock_is_not_come_between() -> None:
    wire = Unguarded({"SOUR:VOLT": "0"})
    smu = Smu("smu", transport=wire)

    def count() -> None:
        for _ in range(300):
            with smu.lock(timeout=30):
                smu.voltage(smu.voltage() + 1)

    in_threads(count, count, count)
    assert smu.voltage() == 900.0


def test_the_lock_is_re_entrant_and_others_are_told_who_holds_it(opened: Callable[..., Any], gate: Any) -> None:
    smu, _ = opened(Smu, name="smu")

    def hold() -> None:
        with smu.lock(), smu.lock(timeout=0) as same:
            assert same is smu
            gate.pass_through()

    holder = threading.Thread(target=hold, name="the sweep")
    holder.start()
    assert gate.reached.wait(10)
    for timeout in (0, 0.01):
        with pytest.raises(BusyError) as caught, smu.lock(timeout=timeout):
            pytest.fail("two at once")
        assert str(caught.value) == (
            f"smu: was held by the thread 'the sweep' for {timeout} s. Nothing was sent. "
            "Wait for the other, or give a longer timeout."
        )
        assert caught.value.holder == "the thread 'the sweep'"
        assert caught.value.timeout == timeout
        assert isinstance(caught.value, TimeoutError)
    gate.opened.set()
    holder.join(10)
    with smu.lock(timeout=0):
        pass


@pytest.mark.parametrize("timeout", [-1, -0.5, float("nan")])
def test_a_lock_cannot_wait_a_negative_time(timeout: float, opened: Callable[..., Any]) -> None:
    smu, _ = opened(Smu, name="smu")
    with pytest.raises(UsageError, match=r"smu: lock\(timeout=.*allowed are 0 s and more, and None"), smu.lock(timeout):
        pytest.fail("it was entered")


def test_a_lock_is_given_back_whatever_happens_inside(opened: Callable[..., Any]) -> None:
    smu, _ = opened(Smu)
    with pytest.raises(KeyError), smu.lock():
        raise KeyError("x")
    free: list[bool] = []

    def look() -> None:
        with smu.lock(timeout=0):
            free.append(True)

    in_threads(look)
    assert free == [True]


def test_the_timeout_is_the_connection_s_and_can_be_changed(opened: Callable[..., Any]) -> None:
    smu, wire = opened(Smu)
    assert smu.timeout == 5.0
    smu.timeout = 0.5
    assert wire.timeout == 0.5
    smu.timeout = None
    assert smu.timeout is None
    with Instrument("virtual") as virtual:
        assert virtual.timeout is None
        with pytest.raises(UsageError, match="virtual: the instrument has no connection"):
            virtual.timeout = 1.0


def test_clearing_is_passed_on(opened: Callable[..., Any]) -> None:
    smu, wire = opened(Smu)
    smu.clear()
    assert wire.clears == 1
