from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, Parameter
from luthier.errors import ValidationError
from luthier.monitor import works_for
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

PATIENCE = 10.0


def run(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        return await asyncio.wait_for(work, PATIENCE)

    return asyncio.run(bounded())


async def happened(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, PATIENCE)


class Held:
    """A source that stays inside its set until it is let go."""

    def __init__(self) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.sent: list[float] = []

    def put(self, level: float) -> None:
        self.inside.set()
        assert self.go_on.wait(PATIENCE)
        self.sent.append(level)

    def parameter(self, **options: Any) -> Parameter[float]:
        return Parameter("level", float, set_cmd=self.put, **options)


def test_a_value_is_set_and_read_in_a_coroutine() -> None:
    held: list[float] = [0.0]
    level = Parameter("level", float, get_cmd=lambda: held[-1], set_cmd=held.append, validator=Numbers(-1, 1))

    async def work() -> float:
        await level.aset(0.5)
        return await level.aget()

    assert run(work()) == 0.5
    assert level.cache.origin == "read"
    assert not works_for
    with pytest.raises(ValidationError, match="cannot set 2"):
        run(level.aset(2.0))
    assert held == [0.0, 0.5]


@pytest.mark.parametrize("count", [2, 40])
def test_different_instruments_are_used_at_the_same_time_however_many_they_are(count: int) -> None:
    together = threading.Barrier(count, timeout=PATIENCE)
    levels = [Parameter(f"p{index}", float, set_cmd=lambda _: together.wait()) for index in range(count)]

    async def work() -> None:
        await asyncio.gather(*(level.aset(1.0) for level in levels))

    run(work())
    assert all(level.cache.value == 1.0 for level in levels)


def test_the_event_loop_goes_on_meanwhile() -> None:
    held = Held()

    async def work() -> None:
        setting = asyncio.create_task(held.parameter().aset(1.0))
        await happened(held.inside)
        held.go_on.set()
        await setting

    run(work())
    assert held.sent == [1.0]


@pytest.mark.parametrize("error", [SystemExit(3), ZeroDivisionError("by zero")])
def test_what_the_driver_raises_is_raised(error: BaseException) -> None:
    def read() -> float:
        raise error

    level = Parameter("level", float, get_cmd=read)

    async def work() -> None:
        try:
            await level.aget()
        except BaseException as raised:  # noqa: BLE001 - SystemExit is what is tried
            caught.append(raised)

    caught: list[BaseException] = []
    run(work())
    assert caught == [error]


def test_a_driver_that_raises_stop_iteration_ends_no_coroutine_in_silence() -> None:
    level = Parameter("level", float, get_cmd=lambda: next(iter(())))
    with pytest.raises(RuntimeError, match="StopIteration") as caught:
        run(level.aget())
    assert isinstance(caught.value.__cause__, StopIteration)


def test_a_call_that_is_cancelled_before_it_began_sends_nothing() -> None:
    held = Held()
    held.go_on.set()

    async def work() -> None:
        setting = asyncio.create_task(held.parameter().aset(1.0))
        setting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await setting

    run(work())
    assert held.sent == []


def test_a_cancelled_call_ends_when_the_exchange_under_way_has_ended() -> None:
    held = Held()
    level = held.parameter()

    async def work() -> None:
        setting = asyncio.create_task(level.aset(1.0))
        await happened(held.inside)
        setting.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not setting.done()
        held.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await setting
        assert held.sent == [1.0]

    run(work())
    assert level.cache.value == 1.0


def test_a_second_cancellation_does_not_wait() -> None:
    held = Held()

    async def work() -> None:
        setting = asyncio.create_task(held.parameter().aset(1.0))
        await happened(held.inside)
        for _ in range(2):
            setting.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await setting
        assert held.sent == []

    run(work())
    held.go_on.set()
    deadline = time.monotonic() + PATIENCE
    while any(thread.name == "setting level" for thread in threading.enumerate()):
        assert time.monotonic() < deadline


def test_cancelling_stops_a_ramp_at_the_last_value_sent() -> None:
    sent: list[float] = []
    begun = threading.Event()

    def put(level: float) -> None:
        sent.append(level)
        begun.set()

    level = Parameter("level", float, get_cmd=lambda: sent[-1] if sent else 0.0, set_cmd=put, step=0.1, rate=1.0)

    async def work() -> None:
        ramp = asyncio.create_task(level.aset(1000.0))
        await happened(begun)
        ramp.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ramp

    run(work())
    assert level.cache.value == sent[-1] < 1.0
    assert level.cache.valid


def test_who_holds_the_instrument_may_await_it() -> None:
    class Knob(Instrument):
        def __init__(self) -> None:
            super().__init__("knob")
            self.add_parameter("level", float, get_cmd=lambda: 1.5)

    async def work(knob: Any) -> float:
        with knob.lock():
            return await knob.level.aget()  # type: ignore[no-any-return]  # a float

    with Knob() as knob:
        assert run(work(knob)) == 1.5


def test_context_variables_reach_the_driver() -> None:
    sample: ContextVar[str] = ContextVar("sample")
    name = Parameter("name", str, get_cmd=sample.get)

    async def work() -> str:
        sample.set("A7")
        return await name.aget()

    assert run(work()) == "A7"


def test_a_loop_that_is_closed_in_the_middle_disturbs_nobody() -> None:
    held = Held()
    loop = asyncio.new_event_loop()
    setting = loop.create_task(held.parameter().aset(1.0))

    def cancel_twice() -> None:
        setting.cancel()
        loop.call_soon(setting.cancel)

    waiter: Callable[[], object] = lambda: (held.inside.wait(PATIENCE), loop.call_soon_threadsafe(cancel_twice))  # noqa: E731 - one line of a thread
    canceller = threading.Thread(target=waiter)
    canceller.start()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(setting)
    canceller.join()
    loop.close()
    threads = [thread for thread in threading.enumerate() if thread.name == "setting level"]
    held.go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert held.sent == [1.0]
