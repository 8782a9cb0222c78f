from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from luthier.strategy import Action, PartialSetErrorGroup
from luthier_meta import MetaInstrument, parallel

from .conftest import Dac, Source, fail

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 10.0


@pytest.mark.parametrize("count", [2, 8])
def test_members_of_different_instruments_are_inside_their_sets_at_the_same_time(
    count: int, opened: Callable[..., Any]
) -> None:
    together = threading.Barrier(count, timeout=PATIENCE)
    members = [opened(Source, f"s{index}") for index in range(count)]
    for member in members:
        member.before_each = lambda _: together.wait()
    outcomes = parallel([Action(member.voltage, 1.0) for member in members])
    assert all(outcome.done for outcome in outcomes)
    assert not together.broken


def test_members_of_one_instrument_keep_their_order_in_one_thread(opened: Callable[..., Any]) -> None:
    dac = opened(Dac, "dac")
    parallel([Action(dac.ch2.voltage, 0.2), Action(dac.ch1.voltage, 0.1), Action(dac.ch2.voltage, 0.3)])
    assert dac.log == [("dac.ch2", 0.2), ("dac.ch1", 0.1), ("dac.ch2", 0.3)]


def test_every_failure_is_told_and_the_others_are_set(sources: list[Source]) -> None:
    sources[0].before_each = sources[2].before_each = fail
    with pytest.raises(PartialSetErrorGroup) as caught:
        parallel([Action(source.voltage, 1.0) for source in sources])
    assert len(caught.value.exceptions) == 2
    assert [member["standing"] for member in caught.value.members] == ["unknown", "set", "unknown"]
    message = str(caught.value)
    assert "could not set 2 of 3 members" in message
    assert "two.voltage was set to 1 V" in message
    assert "one.voltage: the line is dead" in message
    only_lines = caught.value.subgroup(lambda error: "three" in str(error))
    assert isinstance(only_lines, PartialSetErrorGroup)
    assert only_lines.members == caught.value.members


def test_after_a_failure_the_rest_of_that_instrument_is_not_touched(opened: Callable[..., Any]) -> None:
    dac, source = opened(Dac, "dac"), opened(Source, "source")
    source.before_each = fail
    dac.ch1.voltage.cache.push(0.5)
    with pytest.raises(PartialSetErrorGroup) as caught:
        parallel([Action(source.voltage, 1.0), Action(dac.ch1.voltage, 0.1), Action(source.voltage, 2.0)])
    assert [member["standing"] for member in caught.value.members] == ["unknown", "set", "untouched"]


def test_a_driver_that_ends_the_program_ends_only_its_own_set(sources: list[Source]) -> None:
    def leave(_: float) -> None:
        raise SystemExit(1)

    sources[0].before_each = leave
    with pytest.raises(PartialSetErrorGroup, match="could not set 1 of 3") as caught:
        parallel([Action(source.voltage, 1.0) for source in sources])
    assert isinstance(caught.value.exceptions[0].__cause__, SystemExit)


def test_members_may_come_back_to_the_instrument_that_is_being_set(opened: Callable[..., Any]) -> None:
    log: list[float] = []
    left, right = opened(Source, "left"), opened(Source, "right")
    meta = opened(MetaInstrument, "meta", [left, right], strategy="meta.parallel")
    meta.add_parameter("gain", float, get_cmd=lambda: 3.0)
    both = meta.add_group("both", ["left.voltage", "right.voltage"])
    for member in (left, right):
        member.before_each = lambda level: log.append(meta.gain() * level)
    done = threading.Event()

    def work() -> None:
        both((1.0, 2.0))
        done.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert done.wait(PATIENCE), "a member that asks its meta instrument waits for ever"
    thread.join()
    assert sorted(log) == [3.0, 6.0]


def test_ctrl_c_waits_for_what_is_under_way_and_says_where_the_members_stand(
    sources: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slowly(_: float) -> None:
        inside.set()
        assert go_on.wait(PATIENCE)

    sources[0].before_each = slowly
    plain_join = threading.Thread.join
    pressed: list[bool] = []

    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        if thread.name.startswith("meta.parallel") and not pressed:
            assert inside.wait(PATIENCE)
            pressed.append(True)
            go_on.set()
            raise KeyboardInterrupt
        plain_join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", join)
    with pytest.raises(KeyboardInterrupt) as caught:
        parallel([Action(source.voltage, 1.0) for source in sources])
    monkeypatch.undo()
    assert sources[0].sent == [1.0]
    assert any("one.voltage was set to 1 V" in note for note in caught.value.__notes__)


def test_a_second_ctrl_c_does_not_wait(sources: list[Source], monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slowly(_: float) -> None:
        inside.set()
        assert go_on.wait(PATIENCE)
        ended.set()

    sources[0].before_each = slowly
    workers: list[threading.Thread] = []

    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        del timeout
        assert inside.wait(PATIENCE)
        workers.append(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", join)
    with pytest.raises(KeyboardInterrupt) as caught:
        parallel([Action(sources[0].voltage, 1.0)])
    monkeypatch.undo()
    assert any("still under way in threads: meta.parallel: one.voltage" in note for note in caught.value.__notes__)
    assert any("one.voltage may stand anywhere" in note for note in caught.value.__notes__)
    go_on.set()
    assert ended.wait(PATIENCE)
    workers[0].join()


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 8])
def test_members_that_take_a_second_each_take_a_second_together(count: int, opened: Callable[..., Any]) -> None:
    slow = threading.Event()
    members = [opened(Source, f"s{index}") for index in range(count)]
    for member in members:
        member.before_each = lambda _: slow.wait(1.0)
    meta = opened(MetaInstrument, "meta", members, strategy="meta.parallel")
    both = meta.add_group("all", [f"s{index}.voltage" for index in range(count)])
    started = time.monotonic()
    both((1.0,) * count)
    took = time.monotonic() - started
    assert 1.0 <= took <= 1.15
