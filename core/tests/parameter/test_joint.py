"""A set and some readings as one step do what they do one after the other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier import Instrument, ManualParameter, parameter
from luthier.errors import ClosedError
from luthier.parameter.joint import joint_step
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from luthier import Parameter


class Rig(Instrument):
    """Writes down what its driver is asked to do, and fails where it is told to."""

    level = parameter(
        float,
        get_cmd=lambda rig: rig.do("level?"),
        set_cmd=lambda rig, value: rig.do(f"level {value!r}"),
        unit="V",
        scale=2,
        validator=Numbers(-10, 10),
    )
    limited = parameter(float, initial=0.0, maximum="level")
    current = parameter(float, get_cmd=lambda rig: rig.do("current?"), unit="A")
    voltage = parameter(str, get_cmd=lambda rig: rig.do("voltage?"), mapping={"low": 0, "high": 1})
    charge = parameter(float, get_cmd=lambda rig: rig.do("charge?"), relevant_when={"mode": "all"})
    mode = parameter(str, initial="all")
    status = parameter(float, get_cmd=lambda rig: rig.do("status?"))
    follower = parameter(float, get_cmd=lambda rig: rig.do("follower?"), depends_on=("level",))

    def __init__(self, name: str) -> None:
        self.log: list[str] = []
        self.failing = ""
        super().__init__(name)

    def do(self, what: str) -> float:
        self.log.append(what)
        if self.failing and what.startswith(self.failing):
            message = f"no {what}"
            raise OSError(message)
        return float(len(self.log) % 2)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig("rig") as opened:
        yield opened


Change = tuple[str, Any]
CHANGES: dict[str, Callable[[Rig, Any], object]] = {
    "narrow": lambda rig, value: rig.level.narrow(maximum=value),
    "fail": lambda rig, value: setattr(rig, "failing", value),
    "mode": lambda rig, value: rig.mode(value),
    "subscribe": lambda rig, _: rig.level.subscribe(lambda change: rig.log.append(f"{change[1:]}")),
    "follow": lambda rig, _: rig.follower(),
    "close": lambda rig, _: rig.close(),
}
changes = st.one_of(
    st.tuples(st.just("set"), st.sampled_from([0.0, 0.3, -10.0, 10.0, 10.5, 3, True, "2", None, float("nan"), 1e-300])),
    st.tuples(st.just("narrow"), st.sampled_from([1.0, 10.0])),
    st.tuples(st.just("fail"), st.sampled_from(["", "", "level ", "current", "voltage", "charge"])),
    st.tuples(st.just("mode"), st.sampled_from(["all", "some"])),
    st.tuples(st.sampled_from(["subscribe", "follow", "close"]), st.none()),
)
readings = st.lists(st.sampled_from(["current", "voltage", "charge", "other"]), max_size=4)


@settings(deadline=None)
@given(script=st.lists(changes, max_size=12), read=readings)
def test_a_joint_step_does_what_its_parts_do(script: list[Change], read: list[str]) -> None:
    assert _carried_out(script, read, jointly=True) == _carried_out(script, read, jointly=False)


def _carried_out(script: Sequence[Change], read: Sequence[str], *, jointly: bool) -> list[object]:
    seen: list[object] = []
    with Rig("rig") as rig:
        other: Parameter[float] = ManualParameter("other", float, initial=1.0)
        read = sorted(read, key=lambda name: name == "other")
        parameters: list[Parameter[Any]] = [other if name == "other" else rig.parameters[name] for name in read]
        step = joint_step(rig.level, parameters) if jointly else None
        assert (step is not None) is jointly
        for what, value in script:
            try:
                if what != "set":
                    CHANGES[what](rig, value)
                elif step is not None:
                    seen.append(step(value)[1])
                else:
                    rig.level.set(value)
                    seen.append(tuple([each.get() for each in parameters]))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is to be the same
                seen.append((type(error), str(error), getattr(error, "__notes__", None)))
            seen.append([_known(each) for each in (rig.level, *parameters)])
            seen.append(_order(rig.level, *parameters))
        seen.append(list(rig.log))
    return [repr(each) for each in seen]


def _known(each: Parameter[Any]) -> object:
    value, raw, _, origin, valid = each.cache.reading
    return value, raw, origin, valid


def _order(*parameters: Parameter[Any]) -> list[str]:
    """Tell who was known first."""
    return [each.name for each in sorted(parameters, key=lambda each: each.cache.reading[2])]


def test_it_tells_when_it_was_set(rig: Rig) -> None:
    step = joint_step(rig.level, [rig.current, rig.voltage])
    assert step is not None
    when, _ = step(0.5)
    assert when == rig.level.cache.reading[2] <= rig.current.cache.reading[2] <= rig.voltage.cache.reading[2]


def test_limits_that_are_parameters_are_asked_at_each_step(rig: Rig) -> None:
    rig.level(1.0)
    step = joint_step(rig.limited, [rig.current])
    assert step is not None
    step(0.5)
    rig.level.cache.push(0.25)
    with pytest.raises(ValueError, match=r"rig\.limited: cannot set 0\.5"):
        step(0.5)
    assert rig.limited() == 0.5


@pytest.mark.parametrize("count", [1, 2, 3])
def test_nobody_comes_between_the_parts(rig: Rig, count: int) -> None:
    every: list[Parameter[Any]] = [rig.current, rig.voltage, rig.charge]
    read = every[:count]
    step = joint_step(rig.level, read)
    assert step is not None
    stop = threading.Event()

    def disturb() -> None:
        while not stop.is_set():
            rig.status.get()

    other = threading.Thread(target=disturb)
    other.start()
    try:
        for _ in range(300):
            step(0.5)
    finally:
        stop.set()
        other.join()
    log = list(rig.log)
    parts = ["level 1.0", *(f"{each.name}?" for each in read)]
    begun = [place for place, what in enumerate(log) if what == "level 1.0"]
    assert len(begun) == 300
    assert all(log[place : place + len(parts)] == parts for place in begun)


def test_who_works_for_another_gets_in(rig: Rig) -> None:
    """As a meta instrument that holds the instrument while threads set it on its behalf."""
    from luthier.monitor import on_behalf_of, waiting  # noqa: PLC0415 - only here

    step = joint_step(rig.level, [rig.current])
    assert step is not None
    done: list[object] = []
    with rig.lock(), waiting() as calls:

        def work() -> None:
            with on_behalf_of(calls):
                done.append(step(0.5)[1])

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(timeout=10)
        assert done
    assert rig.level.cache.value == 0.5


def test_what_is_closed_meanwhile_refuses(rig: Rig) -> None:
    step = joint_step(rig.level, [rig.current])
    assert step is not None
    rig.close()
    with pytest.raises(ClosedError):
        step(0.5)
    assert not rig.log


def test_who_ramps_or_is_followed_has_none(rig: Rig) -> None:
    subscription = rig.current.subscribe(lambda _: None)
    assert joint_step(rig.level, [rig.current]) is None
    subscription.cancel()
    assert joint_step(rig.level, [rig.current]) is not None
    rig.follower()
    assert joint_step(rig.level, []) is None
    assert joint_step(rig.mode, [rig.limited]) is None, "one that holds its value is not read from anything"
    ramped = ManualParameter("ramped", float, initial=0.0, step=0.1)
    assert joint_step(ramped, []) is None


def test_an_order_that_comes_back_to_the_instrument_has_none(rig: Rig) -> None:
    other = ManualParameter("other", float, initial=0.0)
    assert joint_step(rig.level, [rig.current, other]) is not None
    assert joint_step(rig.level, [other, rig.current]) is None
