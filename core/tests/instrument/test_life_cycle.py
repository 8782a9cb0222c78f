from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier import Channel, Instrument, parameter, plugins
from luthier.errors import ClosedError, ConnectionLostError, UsageError
from luthier.instrument import instrument as instrument_module
from luthier.testing.dict_transport import DictTransport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Heater(Channel):
    power = parameter(float, get_cmd="POW?", set_cmd="POW {}", unit="W")
    mode = parameter(str)


class Cryostat(Instrument):
    temperature = parameter(float, get_cmd="TEMP?", set_cmd="TEMP {}", unit="K")
    untouched = parameter(float, get_cmd="UNT?", set_cmd="UNT {}")
    note = parameter(str, initial="empty")

    @parameter(unit="K")
    def twice(self) -> float:
        return 2 * self.temperature.get()

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.heater = Heater(self, "heater")
        self.add_parameter("added", float, get_cmd=lambda: 1.0)
        self.add_function("start", "START")
        self.add_function("ask", "ASK?")
        self.add_function("count", lambda: 5)


class BadEnd(DictTransport):
    def close(self) -> None:
        super().close()
        raise ConnectionLostError("the cable was pulled out", address=self.address)


def test_opening_and_closing_send_nothing(opened: Callable[..., Any]) -> None:
    cryostat, wire = opened(Cryostat)
    repr(cryostat), str(cryostat), dir(cryostat), cryostat.snapshot()
    cryostat.close()
    assert wire.log == []
    with pytest.raises(ClosedError):
        wire.query(b"TEMP?")


def test_closing_twice_is_fine_and_tells_the_news_once(opened: Callable[..., Any], news: list[str]) -> None:
    cryostat, _ = opened(Cryostat)
    cryostat.close()
    cryostat.close()
    assert news == ["inst opened", "inst closing, closed=False", "inst closed, closed=True"]
    assert cryostat.closed
    assert luthier.instruments() == {}


def test_an_instrument_is_closed_at_the_end_of_a_with_block_whatever_happens(opened: Callable[..., Any]) -> None:
    cryostat, _ = opened(Cryostat)
    with pytest.raises(ZeroDivisionError), cryostat:
        _ = 1 / 0
    assert cryostat.closed
    with pytest.raises(ClosedError), cryostat:
        pytest.fail("a closed instrument was entered")


CLOSED_CALLS: dict[str, Callable[[Any], object]] = {
    "a parameter that was used before": lambda inst: inst.temperature(),
    "setting it": lambda inst: inst.temperature(1.0),
    "a parameter that was never used": lambda inst: inst.untouched(),
    "setting that": lambda inst: inst.untouched.set(1.0),
    "a parameter that holds its value": lambda inst: inst.note(),
    "setting that one": lambda inst: inst.note("x"),
    "a decorated parameter": lambda inst: inst.twice(),
    "an added parameter": lambda inst: inst.added(),
    "a parameter of a channel": lambda inst: inst.heater.power(),
    "a held parameter of a channel": lambda inst: inst.heater.mode("x"),
    "a command by name": lambda inst: inst.set("heater.power", 1.0),
    "a function that sends": lambda inst: inst.start(),
    "a function that asks": lambda inst: inst.ask(),
    "a function that is a callable": lambda inst: inst.count(),
    "write": lambda inst: inst.write("X"),
    "query": lambda inst: inst.query("X?"),
    "write of a channel": lambda inst: inst.heater.write("X"),
    "query of a channel": lambda inst: inst.heater.query("X?"),
    "query_array": lambda inst: inst.query_array("X?", luthier_scpi().ArrayFormat()),
    "write_array": lambda inst: inst.write_array("X ", [1.0], luthier_scpi().ArrayFormat()),
    "clear": lambda inst: inst.clear(),
    "timeout": lambda inst: setattr(inst, "timeout", 1.0),
    "lock": lambda inst: inst.lock().__enter__(),
    "idn": lambda inst: inst.idn,
    "connect_message": lambda inst: inst.connect_message(),
    "snapshot with fresh readings": lambda inst: inst.snapshot(update=True),
    "restore": lambda inst: inst.restore({"parameters": {}}),
}


def luthier_scpi() -> Any:
    from luthier import scpi  # noqa: PLC0415 - numpy is wanted by two cases only

    return scpi


@pytest.mark.parametrize("call", CLOSED_CALLS.values(), ids=CLOSED_CALLS.keys())
def test_a_closed_instrument_refuses(call: Callable[[Any], object], opened: Callable[..., Any]) -> None:
    cryostat, wire = opened(Cryostat, TEMP="4.2", POW="1")
    cryostat.temperature()
    cryostat.heater.power()
    cryostat.note("x")
    cryostat.added()
    cryostat.twice()
    cryostat.close()
    before = len(wire.log)
    with pytest.raises(ClosedError, match=r"^inst.*the instrument is closed\. Nothing was sent\. Open it again"):
        call(cryostat)
    assert len(wire.log) == before


def test_what_is_known_of_a_closed_instrument_can_still_be_read(opened: Callable[..., Any]) -> None:
    cryostat, _ = opened(Cryostat, TEMP="4.2", **{"*IDN": "ACME,C1,7,1.0"})
    cryostat.temperature()
    assert cryostat.idn.model == "C1"
    cryostat.close()
    assert cryostat.temperature.cache.value == 4.2
    assert cryostat.temperature.cache.valid
    assert cryostat.idn.serial == "7"
    assert cryostat.snapshot()["parameters"]["temperature"]["value"] == 4.2
    assert cryostat.address == "dict://inst"
    assert repr(cryostat) == "<Cryostat inst closed>"
    assert "4.2" in str(cryostat)
    assert cryostat.temperature.check(5) == 5.0


def test_a_call_under_way_in_another_thread_is_waited_for(opened: Callable[..., Any], gate: Any) -> None:
    read: list[float] = []

    class Slow(Instrument):
        @parameter
        def value(self) -> float:
            gate.pass_through()
            return 7.0

    slow, _ = opened(Slow)
    reader = threading.Thread(target=lambda: read.append(slow.value()))
    closer = threading.Thread(target=slow.close)
    reader.start()
    assert gate.reached.wait(10)
    closer.start()
    assert not slow.closed
    gate.opened.set()
    reader.join(10)
    closer.join(10)
    assert read == [7.0]
    assert slow.closed


def test_a_call_that_hangs_is_waited_for_a_bounded_time(
    opened: Callable[..., Any], gate: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(instrument_module, "_CLOSING", 0.05)

    class Slow(Instrument):
        @parameter
        def value(self) -> float:
            gate.pass_through()
            return 7.0

    slow, wire = opened(Slow)
    reader = threading.Thread(target=slow.value, name="the hanging reader")
    reader.start()
    assert gate.reached.wait(10)
    slow.close()
    assert slow.closed
    assert "the thread 'the hanging reader'" in caplog.text
    assert "closed all the same" in caplog.text
    with pytest.raises(ClosedError):
        wire.query(b"X?")
    gate.opened.set()
    reader.join(10)
    with pytest.raises(ClosedError):
        slow.value()


def test_an_exchange_that_is_cut_off_by_closing_ends_with_an_error(gate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instrument_module, "_CLOSING", 0.05)
    failures: list[BaseException] = []

    class Slow(DictTransport):
        def read(self) -> bytes:
            gate.pass_through()
            return super().read()

    cryostat = Cryostat("inst", transport=Slow({"TEMP": "4.2"}))

    def read() -> None:
        try:
            cryostat.temperature()
        except ClosedError as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    assert gate.reached.wait(10)
    cryostat.close()
    gate.opened.set()
    reader.join(10)
    assert len(failures) == 1


def test_a_connection_that_fails_to_close_leaves_the_instrument_closed(news: list[str]) -> None:
    cryostat = Cryostat("inst", transport=BadEnd())
    with pytest.raises(ConnectionLostError, match=r"inst \(dict://\): the cable was pulled out"):
        cryostat.close()
    assert cryostat.closed
    assert luthier.instruments() == {}
    assert news[-1] == "inst closed, closed=True"
    cryostat.close()


def test_a_plugin_that_raises_does_not_prevent_opening_or_closing(
    opened: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        @plugins.hookimpl
        def instrument_opened(self, instrument: Instrument) -> None:
            raise RuntimeError(f"not {instrument.name}")

        instrument_closing = instrument_closed = instrument_opened

    broken = Broken()
    plugins.hooks.register(broken, "broken")
    try:
        cryostat, wire = opened(Cryostat)
        assert not cryostat.closed
        cryostat.close()
    finally:
        plugins.hooks.unregister(broken)
    assert "not inst" in caplog.text
    assert cryostat.closed
    with pytest.raises(ClosedError):
        wire.query(b"X?")


@pytest.mark.parametrize("hook", ["instrument_opened", "instrument_closing", "instrument_closed"])
def test_an_interrupt_in_a_plugin_leaves_no_instrument_half_open(hook: str) -> None:
    def interrupt(self: object, instrument: Instrument) -> None:
        del self, instrument
        raise KeyboardInterrupt

    interrupt.__name__ = hook
    listener = type("Interrupting", (), {hook: plugins.hookimpl(interrupt)})()
    plugins.hooks.register(listener, "interrupting")
    wire = DictTransport()
    try:
        with pytest.raises(KeyboardInterrupt):
            Cryostat("inst", transport=wire).close()
    finally:
        plugins.hooks.unregister(listener)
    assert luthier.instruments() == {}
    with pytest.raises(ClosedError):
        wire.query(b"X?")


def test_a_plugin_may_close_what_is_being_closed(opened: Callable[..., Any]) -> None:
    class Eager:
        @plugins.hookimpl
        def instrument_closing(self, instrument: Instrument) -> None:
            instrument.close()

    eager = Eager()
    plugins.hooks.register(eager, "eager")
    try:
        cryostat, _ = opened(Cryostat)
        cryostat.close()
    finally:
        plugins.hooks.unregister(eager)
    assert cryostat.closed


def test_closing_all_starts_with_the_last_and_passes_over_failures(
    news: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    Cryostat("first", transport=DictTransport())
    Cryostat("second", transport=BadEnd())
    Cryostat("third", transport=DictTransport())
    luthier.close_all()
    assert [line for line in news if "closed," in line] == [
        f"{n} closed, closed=True" for n in ("third", "second", "first")
    ]
    assert "the cable was pulled out" in caplog.text


def test_a_driver_whose_close_fails_has_its_connection_closed_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    class Polite(Cryostat):
        def close(self) -> None:
            self.write("LOCAL")  # which a closed connection refuses
            super().close()

    wire = DictTransport()
    polite = Polite("inst", transport=wire)
    wire.close()
    luthier.close_all()
    assert polite.closed
    assert luthier.instruments() == {}
    assert "inst: could not be closed properly" in caplog.text


def test_a_closed_instrument_is_collected_with_all_its_parameters() -> None:
    cryostat = Cryostat("inst", transport=DictTransport({"TEMP": "4.2"}))
    cryostat.temperature()
    cryostat.heater.power.subscribe(lambda _: None)
    gone: list[weakref.ref[Any]] = [
        weakref.ref(cryostat),
        weakref.ref(cryostat.temperature),
        weakref.ref(cryostat.heater),
    ]
    cryostat.close()
    del cryostat
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]


def test_an_open_instrument_that_nobody_holds_stays_open_and_can_be_found() -> None:
    Cryostat("inst", transport=DictTransport({"TEMP": "4.2"}))
    gc.collect()
    found: Any = luthier.instruments()["inst"]
    assert found.temperature() == 4.2


def test_instruments_are_closed_when_the_process_ends(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import luthier\n"
        "from luthier.testing.dict_transport import DictTransport\n"
        "class Wire(DictTransport):\n"
        "    def close(self):\n"
        "        print(self.address, 'closed')\n"
        "        super().close()\n"
        "for name in ('a', 'b'):\n"
        "    luthier.Instrument(name, transport=Wire(address=name))\n"
        "raise SystemExit('an error of the script')\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60, env={**os.environ}
    )
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["b closed", "a closed"]


def test_a_name_that_cannot_be_one_and_an_address_that_is_no_text_are_refused() -> None:
    with pytest.raises(UsageError, match=r"cannot name an instrument 'GPIB0::24::INSTR'.*The name comes first"):
        Instrument("GPIB0::24::INSTR")
    with pytest.raises(UsageError, match="cannot name an instrument 5"):
        Instrument(5)  # type: ignore[arg-type]  # which is what a user did
    with pytest.raises(UsageError, match=r"smu: the address is 24: allowed is text"):
        Instrument("smu", 24)  # type: ignore[arg-type]  # which is what a user did
    assert luthier.instruments() == {}


def test_an_instrument_without_a_connection_says_so() -> None:
    with Instrument("virtual") as virtual:
        with pytest.raises(UsageError, match=r"virtual: cannot send 'X\?': the instrument has no connection.*address"):
            virtual.query("X?")
        assert virtual.idn.model == "Instrument"
        assert virtual.connect_message() == "virtual: Instrument at no address"
        assert repr(virtual) == "<Instrument virtual without a connection>"
        with virtual.lock():
            pass
