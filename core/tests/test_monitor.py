from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, parameter
from luthier.errors import BusyError
from luthier.monitor import Monitor, on_behalf_of, waiting, works_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 10.0


def run(work: Callable[[], object], *, calls: tuple[int, ...] = ()) -> None:
    """Run in a thread of its own, on behalf of those calls, and raise what it raised."""

    def on_behalf() -> None:
        if calls:
            with on_behalf_of(calls):
                work()
        else:
            work()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(on_behalf).result(PATIENCE)


def enter_and_leave(monitor: Monitor) -> None:
    with monitor.entered(0.01):
        pass


def test_a_stranger_waits_and_is_told_who_is_there() -> None:
    monitor = Monitor("magnet")
    with monitor, pytest.raises(BusyError, match=r"magnet: was held by the thread 'MainThread' for 0\.01 s") as caught:
        run(lambda: monitor.contend(0.01))
    assert "MainThread" in caught.value.holder
    run(lambda: enter_and_leave(monitor))


def test_a_thread_enters_as_often_as_it_likes() -> None:
    monitor = Monitor("magnet")
    with monitor, monitor, monitor.ground:
        pass
    run(lambda: enter_and_leave(monitor))


def test_work_on_behalf_of_a_waiting_call_may_enter_what_that_call_holds() -> None:
    monitor = Monitor("meta")
    entered: list[str] = []

    def come_back() -> None:
        with monitor:
            entered.append("child")

    with monitor, waiting() as calls:
        run(come_back, calls=calls)
    assert entered == ["child"]


def test_two_children_of_one_call_do_not_enter_the_same_monitor_together() -> None:
    meta, base = Monitor("meta"), Monitor("base")
    for shared in (meta, base):
        inside = 0
        most = 0
        both = threading.Barrier(2)

        def work(shared: Monitor = shared, both: threading.Barrier = both) -> None:
            nonlocal inside, most
            both.wait(PATIENCE)
            for _ in range(200):
                with shared:
                    inside += 1
                    most = max(most, inside)
                    inside -= 1

        def child(calls: tuple[int, ...], work: Callable[[], None] = work) -> None:
            with on_behalf_of(calls):
                work()

        with meta, waiting() as calls, ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(child, calls), pool.submit(child, calls)]:
                done.result(PATIENCE)
        assert most == 1


def test_a_grandchild_may_enter_where_the_child_is() -> None:
    monitor = Monitor("meta")
    depth: list[int] = []

    def child(level: int) -> None:
        with monitor:
            depth.append(level)
            if level < 4:
                with waiting() as calls:
                    run(lambda: child(level + 1), calls=calls)

    child(0)
    assert depth == [0, 1, 2, 3, 4]


def test_a_stranger_waits_also_while_a_child_is_inside() -> None:
    monitor = Monitor("meta")

    def child() -> None:
        with monitor, pytest.raises(BusyError):
            run(lambda: monitor.contend(0.01))

    with monitor, waiting() as calls:
        run(child, calls=calls)


def test_a_call_that_gave_up_waiting_lends_its_place_no_longer() -> None:
    monitor = Monitor("meta")
    with monitor:
        with waiting() as calls:
            pass
        with pytest.raises(BusyError):
            run(lambda: monitor.contend(0.01), calls=calls)


def test_nothing_is_left_behind() -> None:
    monitor = Monitor("meta")
    with monitor, waiting() as calls:
        run(lambda: enter_and_leave(monitor), calls=calls)
    assert works_for == {}
    run(lambda: enter_and_leave(monitor))


def test_the_owner_of_a_lock_is_known_when_it_matters() -> None:
    from luthier.monitor import _owner  # noqa: PLC0415 - what Python shows of its locks is not promised, so it is tested

    lock = threading.RLock()
    assert _owner(lock) == 0
    with lock:
        assert _owner(lock) == threading.get_ident()


@pytest.fixture
def pair() -> Iterator[tuple[Instrument, Instrument]]:
    class Base(Instrument):
        x = parameter(float, initial=0.0)

    class Meta(Instrument):
        base: Base

        def _set(self, value: float) -> None:
            def child() -> None:
                with on_behalf_of(calls):
                    self.base.x(value)
                    self.last(value)

            with waiting() as calls, ThreadPoolExecutor(1) as pool:
                pool.submit(child).result(PATIENCE)

        last = parameter(float, initial=0.0)
        x = parameter(float, set_cmd=_set)

    with Base("base") as base, Meta("meta") as meta:
        meta.base = base
        yield base, meta


def test_parameters_follow_the_call_tree(pair: tuple[Any, Any]) -> None:
    base, meta = pair
    meta.x(2.0)
    assert base.x() == 2.0
    assert meta.last() == 2.0
