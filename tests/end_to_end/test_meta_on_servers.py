"""Meta instruments and strategies, with members in this process, on one server and on several."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier import Channel, Instrument, parameter
from luthier.errors import ConnectionFaultError, PartialSetError, UnknownNameError, UsageError, ValidationError
from luthier.strategy import PartialSetErrorGroup
from luthier.validators import Numbers
from luthier_meta import MetaInstrument

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 3
"""How often a measurement of time is made on a machine that does other things too, before its outcome is believed."""


class Output(Channel):
    level = parameter(float, unit="V", initial=0.0)


class Source(Instrument):
    """A source whose sets take a while, fail when they are told to, and are remembered."""

    def __init__(self, name: str, delay: float = 0.0, **options: Any) -> None:
        super().__init__(name, **options)
        self._level = 0.0
        self._delay = delay
        self._failing: list[int] = []
        self._takes_effect = False
        self._spans: list[tuple[float, float]] = []
        self.left = Output(self, "left")

    def _read(self) -> float:
        return self._level

    def _put(self, level: float) -> None:
        began = time.monotonic()
        time.sleep(self._delay)
        self._spans.append((began, time.monotonic()))
        fails = len(self._spans) in self._failing
        if not fails or self._takes_effect:
            self._level = level
        if fails:
            raise ConnectionFaultError("the line is dead", address="COM1")

    voltage = parameter(float, get_cmd=_read, set_cmd=_put, unit="V", validator=Numbers(-10, 10))
    ramped = parameter(float, get_cmd=_read, set_cmd=_put, unit="V", validator=Numbers(-10, 10), step=0.5, rate=500.0)

    def begin_anew(self, failing: list[int], takes_effect: bool = False, level: float = 0.0) -> None:
        """Forget what was sent, and fail at those sets."""
        self._level, self._failing, self._takes_effect, self._spans = level, list(failing), takes_effect, []

    def level_there(self) -> float:
        """Return the level without any parameter."""
        return self._level

    def spans(self) -> list[Any]:
        """Return when each set began and ended, by a clock that all processes share."""
        return list(self._spans)


@pytest.fixture(scope="module", autouse=True)
def _folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="lu") as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUTHIER_RUNTIME_DIR", place)
        yield
        for path in Path(place).glob("*.sock"):
            luthier.connect(path.stem).stop()


@pytest.fixture(scope="module")
def mixed() -> Iterator[tuple[Any, Any, Any]]:
    """A source on a server, one on another, and one here."""
    with Source("a", server_name="foo") as a, Source("b", server_name="bar") as b, Source("c") as c:
        yield a, b, c
        for source in (a, b):
            source["voltage"].instrument.server.stop()


@pytest.fixture(params=["here", "foo", "other"])
def members(request: pytest.FixtureRequest, mixed: tuple[Any, Any, Any]) -> Iterator[tuple[Any, list[Any]]]:
    """A meta instrument here, on the server of one member, and on one of its own; with its members."""
    where = request.param
    sources = list(mixed) if where == "here" else list(mixed[:2])
    for source in sources:
        source.begin_anew([])
    server = None if where == "here" else where
    with MetaInstrument("gates", {each.name: each for each in sources}, server_name=server) as gates:
        gates.add_group("all", [f"{each.name}.voltage" for each in sources])
        yield gates, sources
        if where == "other":
            server_of: Any = gates
            server_of.server.stop()


@pytest.mark.slow
def test_every_strategy_sets_members_wherever_they_are(members: tuple[Any, list[Any]]) -> None:
    gates, sources = members
    for number, strategy in enumerate(("meta.sequential", "meta.parallel", "meta.transactional"), start=1):
        levels = tuple(number + index / 8 for index in range(len(sources)))
        gates.set("all", levels, strategy=strategy)
        assert tuple(source.level_there() for source in sources) == levels == gates["all"].get()
    for source in sources:
        source.begin_anew([], level=0.0)
    gates.set_together({f"{source.name}.ramped": 1.0 for source in sources}, strategy="meta.ramped")
    assert [len(source.spans()) for source in sources] == [2] * len(sources)
    assert all(source.level_there() == 1.0 for source in sources)


@pytest.mark.slow
def test_a_failure_is_told_as_where_the_strategy_ran(members: tuple[Any, list[Any]]) -> None:
    gates, sources = members
    wanted = tuple(1.0 + index for index in range(len(sources)))
    told: dict[str, tuple[str, ...]] = {}
    for strategy in ("meta.sequential", "meta.parallel", "meta.transactional"):
        for source in sources:
            source.begin_anew([1] if source.name == "b" else [])
        expected = PartialSetErrorGroup if strategy == "meta.parallel" else PartialSetError
        with pytest.raises(expected, match="the line is dead") as caught:
            gates.set("all", wanted, strategy=strategy)
        told_of: Any = caught.value
        facts = told_of.members
        assert [each["name"] for each in facts] == [f"{source.name}.voltage" for source in sources]
        assert [each["asked"] for each in facts] == list(wanted)
        assert facts[1]["error"] == "the line is dead"
        assert facts[0]["duration"] > 0
        told[strategy] = tuple(each["standing"] for each in facts)
    assert told["meta.sequential"][:2] == told["meta.parallel"][:2] == ("set", "unknown")
    assert told["meta.transactional"][:2] == ("put back", "put back")


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_roll_back_is_true_wherever_remote_members_fail(data: st.DataObject, mixed: tuple[Any, Any, Any]) -> None:
    order = data.draw(st.permutations(mixed))
    failing = data.draw(st.integers(0, len(order) - 1))
    stuck = [data.draw(st.booleans()) for _ in order]
    for index, source in enumerate(order):
        first, second = ([1] if index == failing else []), ([2] if stuck[index] else [])
        source.begin_anew(first + second, data.draw(st.booleans()), float(index))
    with (
        MetaInstrument("gates", {each.name: each for each in order}, strategy="meta.transactional") as gates,
        pytest.raises(PartialSetError) as caught,
    ):
        gates.set_together({f"{source.name}.voltage": 5.0 + index for index, source in enumerate(order)})
    for index, (source, facts) in enumerate(zip(order, caught.value.members, strict=True)):
        assert facts["before"] == index
        there = source.level_there()
        if index > failing:
            assert (facts["standing"], there) == ("untouched", index)
        elif stuck[index]:
            assert facts["standing"] == "unknown"
            assert f"{source.name}.voltage may stand anywhere" in str(caught.value)
        else:
            assert (facts["standing"], there, facts["value"]) == ("put back", index, index)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("servers", [(None, None), ("foo", "foo"), ("foo", "bar")], ids=["here", "one", "two"])
@pytest.mark.usefixtures("mixed")
def test_members_are_set_in_the_time_of_one(servers: tuple[str | None, str | None], count: int) -> None:
    delay = 0.5
    members: list[Any] = [Source(f"m{index}", delay, server_name=servers[index % 2]) for index in range(count)]
    with MetaInstrument("gates", {member.name: member for member in members}, strategy="meta.parallel") as gates:
        gates.add_group("all", [f"{member.name}.voltage" for member in members])
        took = float("inf")
        for attempt in range(PATIENCE):
            for member in members:
                member.begin_anew([])
            started = time.monotonic()
            gates["all"].set((float(attempt),) * count)
            took = min(took, time.monotonic() - started)
            spans = [member.spans()[0] for member in members]
            assert max(began for began, _ in spans) < min(ended for _, ended in spans)  # all were under way at once
            if took <= 1.15 * delay:
                break
    for member in members:
        member.close()
    assert took <= 1.15 * delay


def test_coroutines_use_instruments_on_servers_at_the_same_time(mixed: tuple[Any, Any, Any]) -> None:
    for source in mixed:
        source.begin_anew([])

    async def use() -> list[float]:
        await asyncio.gather(*(source.voltage.aset(1.0 + index) for index, source in enumerate(mixed)))
        return list(await asyncio.gather(*(source.voltage.aget() for source in mixed)))

    assert asyncio.run(use()) == [1.0, 2.0, 3.0] == [source.level_there() for source in mixed]


def test_a_group_of_one_server_is_read_in_one_round_trip(mixed: tuple[Any, Any, Any]) -> None:
    remote, _, _ = mixed
    with MetaInstrument("gates", {"a": remote}) as gates:
        all_of_it = gates.add_group("all", ["a.voltage", "a.ramped", "a.left.level"])
        virtual, _ = gates.add_linear(["s", "d"], of=["a.voltage", "a.left.level"], matrix=[[1, 1], [1, -1]])
        for use in (all_of_it.get, virtual.get):
            before = remote.server.ping()["calls"]
            use()
            assert remote.server.ping()["calls"] == before + 2  # this one, and the ping itself


def test_bounds_of_motion_are_those_of_the_server_whoever_changes_them(mixed: tuple[Any, Any, Any]) -> None:
    ours, _, _ = mixed
    assert (ours.ramped.step, ours.ramped.rate) == (0.5, 500.0)
    assert (ours.voltage.step, ours.voltage.rate) == (None, None)
    with luthier.connect("foo", "a") as theirs:
        theirs.ramped.limit_motion(step=0.25)
        assert theirs.ramped.step == 0.25
        with luthier.connect("foo", "a") as later:
            assert (later.ramped.step, later.ramped.rate) == (0.25, 500.0)
        theirs.left.level.narrow(-1, 1)
        assert theirs.left.level.limits == (-1, 1)
        theirs.ramped.limit_motion(step=0.5)


def test_members_on_servers_may_be_channels_and_parameters_and_come_back_as_such(mixed: tuple[Any, Any, Any]) -> None:
    a, b, _ = mixed
    with MetaInstrument("gates", {"left": a.left, "level": b.voltage}, server_name="foo") as gates:
        both = gates.add_group("both", ["left.level", "level"])
        assert both is gates["both"]
        both((0.25, 0.5))
        assert (a.left.level(), b.voltage()) == (0.25, 0.5)
        assert gates.members["left"].full_name == "a.left"
        assert gates.members["level"].full_name == "b.voltage"
        gates.add_member("other", b.left)
        assert gates.add_alias("plunger", "other.level", unit="mV", scale=0.001).full_name == "gates.plunger"
        gates["plunger"](250.0)
        assert b.left.level() == 0.25
        assert gates.snapshot()["members"]["other"]["name"] == "b.left"


def test_a_strategy_for_what_is_no_meta_instrument_is_refused(mixed: tuple[Any, Any, Any]) -> None:
    with pytest.raises(UsageError, match="no meta instrument"):
        mixed[0].set("voltage", 1.0, strategy="meta.parallel")


@pytest.mark.slow
@pytest.mark.parametrize("server", [None, "foo", "other"])
@pytest.mark.parametrize("third_fails", [False, True])
def test_a_ramp_of_remote_members_stops_all_at_the_same_fraction(
    mixed: tuple[Any, Any, Any], server: str | None, third_fails: bool
) -> None:
    """The second member fails at its third step of ten; the first, a step ahead, goes back by it."""
    first, second, _ = mixed
    first.begin_anew([])
    second.begin_anew([3, 4] if third_fails else [3])  # the fourth is the way back
    with MetaInstrument("gates", {"a": first, "b": second}, strategy="meta.ramped", server_name=server) as gates:
        with pytest.raises(PartialSetError) as caught:
            gates.set_together({"a.ramped": 5.0, "b.ramped": -5.0})
        if server == "other":
            of_gates: Any = gates
            of_gates.server.stop()
    mine, its = caught.value.members
    assert (mine["before"], mine["standing"], mine["value"]) == (0.0, "on the way", 1.0)
    assert (first.level_there(), second.level_there()) == (1.0, -1.0)
    if third_fails:
        assert (its["standing"], its["value"]) == ("unknown", None)
        assert "b.ramped may stand anywhere" in str(caught.value)
    else:
        assert (its["before"], its["standing"], its["value"]) == (0.0, "on the way", -1.0)
    assert "the line is dead" in str(caught.value)


def test_limits_of_a_meta_instrument_on_a_server_follow_from_its_members(mixed: tuple[Any, Any, Any]) -> None:
    a, b, _ = mixed
    for source in (a, b):
        source.begin_anew([])
    with MetaInstrument("gates", {"a": a, "b": b}, server_name="foo") as gates:
        gates.add_alias("plunger", "a.voltage", unit="mV", scale=0.001)
        gates.add_linear(["energy", "detuning"], of=["a.voltage", "b.voltage"], matrix=[[0.5, 0.5], [1, -1]])
        assert gates.get("detuning") == 0.0  # the limits go by what is known of the others
        assert gates["plunger"].limits == (-10_000.0, 10_000.0)
        assert gates["energy"].limits == (-10.0, 10.0)
        gates.set("detuning", 10.0)
        assert gates["energy"].limits == (-5.0, 5.0)
        with pytest.raises(ValidationError, match=r"gates.energy: cannot set 6 V: allowed: -5 V to 5 V. Nothing was"):
            gates.set("energy", 6)
        assert (a.level_there(), b.level_there()) == (5.0, -5.0)


def test_presets_of_a_meta_instrument_on_a_server_bring_its_members_back(mixed: tuple[Any, Any, Any]) -> None:
    a, b, _ = mixed
    a.begin_anew([], level=1.5)
    b.begin_anew([], level=-2.0)
    with MetaInstrument("gates", {"a": a, "b": b}, server_name="foo") as gates:
        gates.add_group("both", ["a.voltage", "b.voltage"])
        kept = gates.save_preset("parked")
        assert kept == {"a.voltage": 1.5, "b.voltage": -2.0}
        with luthier.connect("foo", "gates") as theirs:
            assert theirs.preset("parked") == kept
            theirs.set("both", (3.0, 4.0))
            done = theirs.apply_preset("parked", strategy="meta.transactional")
            assert [(each["before"], each["standing"]) for each in done] == [(3.0, "set"), (4.0, "set")]
        assert (a.level_there(), b.level_there()) == (1.5, -2.0)
        with pytest.raises(UnknownNameError, match="parked"):
            gates.apply_preset("parkd")
