from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Channel, ScpiInstrument, parameter
from luthier.errors import (
    ConnectionLostError,
    InstrumentReportedError,
    ReplyError,
    ResponseTimeoutError,
    UsageError,
)
from luthier.scpi import ArrayFormat, ErrorEntry
from luthier.testing.wire import DictTransport, WireFault
from luthier.validators import Ints

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.instrument import ErrorPolicy

EMPTY = '0,"No error"'


class Complaining(DictTransport):
    """Has an error queue; a message that holds BAD puts an error into it, two for WORSE."""

    def __init__(self, values: dict[str, str] | None = None, **options: Any) -> None:
        super().__init__({"*OPC": "1", **(values or {})}, **options)
        self.queue: deque[str] = deque()

    def write(self, message: bytes) -> None:
        if message == b"SYST:ERR?":
            self.values["SYST:ERR"] = self.queue.popleft() if self.queue else EMPTY
        if b"BAD" in message or b"WORSE" in message:
            self.queue.append('-222,"Data out of range"')
        if b"WORSE" in message:
            self.queue.append('+100,"Relay stuck"')
        super().write(message)


class Output(Channel):
    level = parameter(float, get_cmd="OUT?", set_cmd="OUT:BAD {}")


class Smu(ScpiInstrument):
    good = parameter(float, get_cmd="GOOD?", set_cmd="GOOD {}")
    bad = parameter(float, get_cmd="BAD?", set_cmd="BAD {}", unit="V")
    worse = parameter(float, set_cmd="WORSE {}")
    note = parameter(str, initial="kept")
    curve = parameter(object, get_cmd="CURV:BAD?", set_cmd="CURV:BAD ", array=ArrayFormat())

    @parameter(set_cmd=lambda smu, value: smu.write(f"BAD {value}"))
    def called(self) -> float:
        return float(self.query("BAD?"))

    @parameter(set_cmd=lambda smu, value: smu.good.set(value))
    def through(self) -> float:
        return self.good.get()

    @parameter(set_cmd=lambda _, __: None)
    def silent(self) -> float:
        return 1.0

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.out = Output(self, "out")
        self.add_function("fire", "FIRE:BAD {}", arguments=[Ints()])
        self.add_function("ask", "ASK:BAD?")
        self.add_function("both", self.fire_twice)

    def fire_twice(self) -> int:
        self.write("FIRE:BAD 1")
        self.write("FIRE:BAD 2")
        return 2


def opened(policy: ErrorPolicy | None = None) -> tuple[Smu, Complaining]:
    wire = Complaining({"GOOD": "1", "BAD": "2", "ASK:BAD": "3", "CURV:BAD": "1,2", "*IDN": "ACME,X,1,2"})
    return Smu("smu", transport=wire, error_policy=policy), wire


def sent(wire: Complaining) -> list[str]:
    return [message for message in wire.log if message != "SYST:ERR?"]


def asked(wire: Complaining) -> int:
    return wire.log.count("SYST:ERR?")


CALLS: dict[str, tuple[Callable[[Any], object], str, str]] = {
    # what is called, who raises, the command that is named
    "a set": (lambda smu: smu.bad(5.0), "smu.bad (dict://)", "BAD 5"),
    "a set of a channel": (lambda smu: smu.out.level(5.0), "smu.out.level (dict://)", "OUT:BAD 5"),
    "a set through a callable": (lambda smu: smu.called(5.0), "smu.called (dict://)", ""),
    "a set of an array": (lambda smu: smu.curve([1.0]), "smu.curve (dict://)", "CURV:BAD "),
    "a function": (lambda smu: smu.fire(1), "smu.fire (dict://)", "FIRE:BAD 1"),
    "a function that is a callable": (lambda smu: smu.both(), "smu.both (dict://)", ""),
    "a get": (lambda smu: smu.bad(), "smu.bad (dict://)", "BAD?"),
    "a get through a callable": (lambda smu: smu.called(), "smu.called (dict://)", "BAD?"),
    "a get of an array": (lambda smu: smu.curve(), "smu.curve (dict://)", "CURV:BAD?"),
    "a query": (lambda smu: smu.query("BAD?"), "smu (dict://)", "BAD?"),
    "a write": (lambda smu: smu.write("BAD 1"), "smu (dict://)", "BAD 1"),
    "a function that asks": (lambda smu: smu.ask(), "smu.ask (dict://)", "ASK:BAD?"),
}
SETS = list(CALLS)[:6]


@pytest.mark.parametrize("what", CALLS)
def test_the_policy_never_reads_no_queue(what: str) -> None:
    smu, wire = opened("never")
    CALLS[what][0](smu)
    assert asked(wire) == 0
    assert wire.queue


@pytest.mark.parametrize("what", SETS)
def test_the_policy_after_set_raises_after_sets_and_functions(what: str) -> None:
    call, who, command = CALLS[what]
    smu, wire = opened()
    assert smu.error_policy == "after-set"
    with pytest.raises(InstrumentReportedError) as caught:
        call(smu)
    after = f" after {command!r}" if command else ""
    assert str(caught.value).startswith(f"{who}: the instrument reported{after}: -222, Data out of range")
    assert caught.value.command == command
    assert caught.value.entries[0] == (-222, "Data out of range")
    assert not wire.queue
    assert "queue is empty now" in caught.value.state


@pytest.mark.parametrize("what", list(CALLS)[6:])
def test_the_policy_after_set_leaves_readings_and_single_messages_alone(what: str) -> None:
    smu, wire = opened("after-set")
    CALLS[what][0](smu)
    assert asked(wire) == 0


@pytest.mark.parametrize("what", CALLS)
def test_the_policy_after_each_raises_after_the_very_message(what: str) -> None:
    call, who, command = CALLS[what]
    smu, wire = opened("after-each")
    with pytest.raises(InstrumentReportedError) as caught:
        call(smu)
    assert str(caught.value).startswith(f"{who}: the instrument reported after ")
    if command:
        assert caught.value.command == command
    assert len(sent(wire)) == 1
    assert not wire.queue


@pytest.mark.parametrize("policy", ["after-set", "after-each"])
def test_nothing_is_raised_where_nothing_is_wrong(policy: ErrorPolicy) -> None:
    smu, wire = opened(policy)
    smu.good(2.0)
    assert smu.good() == 2.0
    smu.through(3.0)
    smu.note("new")
    assert smu.idn.model == "X"
    assert sent(wire) == ["GOOD 2", "GOOD?", "GOOD 3", "*IDN?"]
    assert asked(wire) == (2 if policy == "after-set" else 4)


def test_a_set_that_sends_nothing_reads_no_queue_and_a_nested_one_only_once() -> None:
    smu, wire = opened()
    smu.silent(1.0)
    smu.note("x")
    assert wire.log == []
    smu.through(2.0)
    assert wire.log == ["GOOD 2", "SYST:ERR?"]


@pytest.mark.parametrize("policy", ["after-set", "after-each"])
def test_a_reported_error_marks_the_cache_as_not_valid(policy: ErrorPolicy) -> None:
    smu, _ = opened(policy)
    smu.bad.cache.push(1.0)
    smu.called.cache.push(1.0)
    with pytest.raises(InstrumentReportedError):
        smu.bad(5.0)
    with pytest.raises(InstrumentReportedError):
        smu.called(5.0)
    assert not smu.bad.cache.valid
    assert not smu.called.cache.valid
    assert smu.bad.cache.value == 1.0


def test_all_errors_of_the_queue_are_told_oldest_first() -> None:
    smu, wire = opened()
    with pytest.raises(
        InstrumentReportedError, match=r"after 'WORSE 1': -222, Data out of range; 100, Relay stuck\."
    ) as c:
        smu.worse(1.0)
    assert c.value.entries == ((-222, "Data out of range"), (100, "Relay stuck"))
    assert asked(wire) == 3


def test_an_error_from_before_is_reported_with_the_first_command_that_checks_and_says_so() -> None:
    smu, wire = opened()
    wire.queue.append('-113,"Undefined header"')
    assert smu.good() == 1.0
    with pytest.raises(
        InstrumentReportedError, match=r"after 'GOOD 2': -113, Undefined header.*something earlier caused"
    ):
        smu.good(2.0)
    smu.good(3.0)


def test_a_queue_that_never_empties_is_given_up_and_told() -> None:
    smu, wire = opened()
    wire.queue.extend(['-350,"Queue overflow"'] * 1000)
    with pytest.raises(InstrumentReportedError, match="did not become empty in 100 queries") as caught:
        smu.good(2.0)
    assert str(caught.value).startswith("smu.good (dict://): ")
    assert len(caught.value.entries) == 100
    assert caught.value.__notes__ == [
        "raised while the error queue was read after 'GOOD 2'; error_policy='never' leaves it alone"
    ]
    assert not smu.good.cache.valid


@pytest.mark.parametrize(
    ("fault", "kind"), [(WireFault.TIMEOUT, ResponseTimeoutError), (WireFault.LOST, ConnectionLostError)]
)
def test_a_queue_that_cannot_be_read_says_after_which_command_and_what_to_do(
    fault: WireFault, kind: type[Exception]
) -> None:
    smu, wire = opened()
    wire.faults[2] = fault
    with pytest.raises(kind, match=r"^smu\.good \(dict://\): .*'SYST:ERR\?'") as caught:
        smu.good(2.0)
    assert caught.value.__notes__ == [
        "raised while the error queue was read after 'GOOD 2'; error_policy='never' leaves it alone"
    ]
    assert not smu.good.cache.valid


def test_an_entry_that_is_none_is_told() -> None:
    smu, wire = opened()
    wire.queue.append("what?")
    with pytest.raises(ReplyError, match=r"smu\.good \(dict://\): the reply 'what\?' is no entry of an error queue"):
        smu.good(2.0)


def test_errors_can_be_read_without_raising() -> None:
    smu, wire = opened()
    smu.write("WORSE 1")
    assert smu.errors() == (ErrorEntry(-222, "Data out of range"), ErrorEntry(100, "Relay stuck"))
    assert smu.errors() == ()
    smu.check_errors()
    smu.write("BAD 1")
    with pytest.raises(InstrumentReportedError, match=r"^smu \(dict://\): the instrument reported: -222, Data out of"):
        smu.check_errors()
    assert not wire.queue


def test_a_timeout_of_the_command_itself_reads_no_queue() -> None:
    smu, wire = opened("after-each")
    del wire.values["GOOD"]
    with pytest.raises(ResponseTimeoutError, match="'GOOD"):
        smu.good()
    assert wire.log == ["GOOD?"]


def test_the_policy_may_be_changed_at_any_time_also_after_the_first_use() -> None:
    smu, wire = opened()
    smu.good(2.0)
    smu.error_policy = "never"
    smu.bad(1.0)
    assert asked(wire) == 1
    wire.queue.clear()
    smu.error_policy = "after-set"
    with pytest.raises(InstrumentReportedError):
        smu.bad(1.0)
    smu.error_policy = "after-each"
    with pytest.raises(InstrumentReportedError):
        smu.query("BAD?")


def test_a_policy_that_does_not_exist_is_refused() -> None:
    expected = "allowed are 'never', 'after-set', 'after-each'"
    with pytest.raises(UsageError, match=rf"smu: error_policy='always': {expected}\. Nothing was opened"):
        Smu("smu", transport=Complaining(), error_policy="always")
    smu, _ = opened()
    smu.error_policy = "aftr-set"  # type: ignore[assignment]  # as a user tries
    with pytest.raises(UsageError, match=rf"error_policy='aftr-set': {expected}"):
        smu.good(2.0)


def test_a_driver_may_have_its_own_policy_and_query() -> None:
    class Quiet(Smu):
        error_policy: ErrorPolicy = "never"
        error_query = "ERR?"

    wire = Complaining({"ERR": '-1,"x"'})
    quiet = Quiet("quiet", transport=wire)
    quiet.bad(1.0)
    assert wire.log == ["BAD 1"]
    quiet.error_policy = "after-set"
    with pytest.raises(InstrumentReportedError, match="100 queries of ERR"):
        quiet.bad(1.0)


@pytest.mark.parametrize("policy", ["never", "after-set", "after-each"])
def test_a_reset_waits_for_its_end_and_forgets_what_was_known(policy: ErrorPolicy) -> None:
    smu, wire = opened(policy)
    smu.good()
    smu.note("mine")
    wire.log.clear()
    smu.reset()
    assert sent(wire) == ["*RST", "*OPC?"]
    assert (asked(wire) > 0) == (policy != "never")
    assert not smu.good.cache.valid
    assert smu.good.cache.value == 1.0
    assert smu.note() == "mine"
    assert "not read yet" in repr(smu.bad)


def test_a_reset_that_fails_on_the_way_forgets_all_the_same() -> None:
    trials: list[tuple[ErrorPolicy, int]] = [("after-each", 0), ("after-set", 1), ("after-set", 2)]
    for policy, fault in trials:
        smu, wire = opened(policy)
        smu.good.cache.push(1.0)
        if fault:
            wire.faults[fault] = WireFault.TIMEOUT
        else:
            wire.queue.append('-113,"Undefined header"')
        with pytest.raises((InstrumentReportedError, ResponseTimeoutError)):
            smu.reset()
        assert not smu.good.cache.valid


def test_waiting_for_completion_takes_its_own_timeout_and_puts_back_the_other() -> None:
    smu, wire = opened("never")
    smu.wait_complete(timeout=60.0)
    assert wire.timeout == 5.0
    wire.faults[2] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError) as caught:
        smu.wait_complete(timeout=60.0)
    assert caught.value.timeout == 60.0
    assert wire.timeout == 5.0
    wire.faults[3] = WireFault.LOST
    with pytest.raises(ConnectionLostError):
        smu.wait_complete(timeout=60.0)


def test_status_and_events_are_read() -> None:
    smu, wire = opened("never")
    wire.values.update({"*STB": "68", "*ESR": "32"})
    assert int(smu.status_byte()) == 68
    assert int(smu.event_status()) == 32
    smu.clear_status()
    assert wire.log == ["*STB?", "*ESR?", "*CLS"]


def test_each_thread_hears_of_its_own_errors_only() -> None:
    smu, _ = opened()
    wrong: list[str] = []

    def work(call: Callable[[], object], *, fails: bool) -> None:
        for _ in range(150):
            try:
                call()
            except InstrumentReportedError as error:
                if not fails or error.who != "smu.bad (dict://)" or len(error.entries) != 1:
                    wrong.append(str(error))
            else:
                if fails:
                    wrong.append("it was not told")

    threads = [
        threading.Thread(target=work, args=(lambda: smu.bad(1.0),), kwargs={"fails": True}),
        threading.Thread(target=work, args=(lambda: smu.good(1.0),), kwargs={"fails": False}),
        threading.Thread(target=work, args=(smu.good.get,), kwargs={"fails": False}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_a_set_whose_confirmation_finds_the_connection_gone_is_not_trusted() -> None:
    class HangsUp(DictTransport):
        """Takes a command, and is gone when the next message is to be sent."""

        def query(self, message: bytes) -> bytes:
            del message
            raise ConnectionLostError(
                "gone", state="Nothing was sent. The connection is closed.", sent="no", address=""
            )

    class Source(ScpiInstrument):
        voltage = parameter(float, set_cmd="VOLT {}", get_cmd=False)

    with Source("source", transport=HangsUp()) as source:
        with pytest.raises(ConnectionLostError, match="'VOLT 1' was sent before; whether it took effect") as caught:
            source.voltage.set(1.0)
        assert caught.value.sent == "maybe"
        assert not source.voltage.cache.valid
