"""A proxy is used like the instrument itself."""

from __future__ import annotations

import inspect
import math
import os
import pickle
import threading
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier import Channel, Instrument
from luthier.errors import (
    ClosedError,
    NotGettableError,
    RemoteError,
    UnknownNameError,
    UsageError,
    ValidationError,
    WrongTypeError,
)
from luthier.validators import Numbers
from luthier_servers import RemoteInstrument

from .lab import Addressed, Base, Mode, Output, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["unix", "tcp"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(folder: Path, transport: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    del folder
    monkeypatch.setenv("LUTHIER_SERVER_TRANSPORT", transport)
    with Source("src", server_name="foo") as opened:
        yield opened


def test_everything_of_an_instrument_is_there(source: Any) -> None:
    assert type(source).__name__ == RemoteInstrument.__name__
    assert isinstance(source, Instrument)
    assert isinstance(source, Source)
    assert source.pid() != os.getpid()

    source.voltage.set(0.25)
    assert source.voltage() == source.get("voltage") == source["voltage"].get() == 0.25
    assert (source.voltage.unit, source.voltage.label, source.voltage.doc) == ("V", "Level", "The level.")
    assert source.voltage.limits == (-1.0, 1.0)
    assert source.voltage.full_name == "src.voltage"
    assert source.voltage.cache.value == 0.25

    source.mode(Mode.AC)
    assert source.mode() is Mode.AC

    assert isinstance(source.ch1, Channel)
    assert isinstance(source.ch1, Output)
    assert source.outputs.level.set([0.0, 1.0, 2.0]) is None
    assert source.outputs.level.get() == (0.0, 1.0, 2.0)
    assert source.outputs[1:].level.get() == (1.0, 2.0)
    assert source.ch2.zero() == "src.ch2"
    assert source.ch2.level.get() == 0.0

    assert source.trigger(0.5) == 1.0
    assert source.describe(1, 2, 3, unit="A") == "1 (2, 3) A"
    assert source.temperature == 4.2
    source.temperature = 1.5
    assert source.temperature == 1.5

    assert {"voltage", "trigger", "outputs", "describe", "temperature"} <= set(dir(source))
    assert str(inspect.signature(source.describe)) == "(first: 'int', *rest: 'Any', unit: 'str' = 'V') -> 'str'"
    assert source.describe.__doc__ == "Say what was given."
    assert "on the server 'foo'" in repr(source)
    assert "voltage" in str(source)
    assert "<table>" in source._repr_html_()
    assert source.idn.model == "Source"
    assert "Source" in source.connect_message()
    assert source.snapshot()["parameters"]["voltage"]["value"] == 0.25
    source.restore({**source.snapshot(), "parameters": {"voltage": {"value": -0.5}}})
    assert source.voltage() == -0.5


def test_values_of_all_kinds_go_and_come(source: Any) -> None:
    for value in (None, 1.5, 2**80, "Ω", b"\x00", 1 + 2j, (1, [2, {"a": Mode.AC}]), {1: 2}, math.inf):
        assert source.echo(value) == value
        source.anything(value)
        assert source.anything() == value
    assert math.isnan(source.echo(math.nan))
    array = np.arange(300_000.0).reshape(3, -1)
    back = source.echo({"data": [array]})
    assert np.array_equal(back["data"][0], array)
    back["data"][0][0] = 1  # may be written to


def test_a_wrong_value_is_refused_here_in_the_same_words_as_there(source: Any) -> None:
    before = source.server.ping()["calls"]
    with pytest.raises(ValidationError, match=r"src\.voltage: cannot set 2 V: allowed: -1 V to 1 V\. Nothing"):
        source.voltage.set(2.0)
    with pytest.raises(ValidationError):
        source.ch1.level(9)
    with pytest.raises(ValidationError, match=r"src\.trigger: argument 1"):
        source.trigger(3)
    assert source.server.ping()["calls"] == before + 1


def test_limits_that_depend_on_the_instrument_hold_too(source: Any) -> None:
    source.voltage(0.5)
    with pytest.raises(ValidationError, match=r"src\.limited"):
        source.limited(0.75)
    source.limited(0.25)
    assert source.limited.limits == (0.0, 0.5)


def test_limits_can_be_narrowed_for_everybody(source: Any) -> None:
    source.voltage.narrow(0, 0.5)
    with pytest.raises(ValidationError):
        source.voltage(0.75)
    assert source.voltage.limits == (0.0, 0.5)


def test_errors_arrive_as_what_they_are_with_the_traceback_of_the_server(source: Any) -> None:
    with pytest.raises(IndexError, match="pop from empty list") as caught:
        source.fail("builtin")
    assert any("Traceback on the server foo" in note and "lab.py" in note for note in caught.value.__notes__)
    with pytest.raises(RemoteError, match="OddError"):
        source.fail("odd")
    with pytest.raises(RemoteError, match="SystemExit"):
        source.fail("exit")
    with pytest.raises(WrongTypeError, match="a object cannot travel"):
        source.fail("unsendable")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'voltage'\?"):
        _ = source.voltag
    assert source.voltage() == 1.0


def test_what_cannot_travel_is_refused_before_it_is_sent(source: Any) -> None:
    with pytest.raises(WrongTypeError, match="cannot be sent to another process"):
        source.echo(object())
    with pytest.raises(WrongTypeError, match="cannot be sent"):
        source.anything(threading.Lock())
    assert source.echo(1) == 1


def test_what_is_added_there_appears_here(source: Any) -> None:
    source.grow("current")
    assert source.current.unit == "A"
    source.current(2.0)
    assert source.current() == 2.0


def test_what_is_added_here_appears_there(source: Any) -> None:
    added = source.add_parameter("gain", float, unit="dB", validator=Numbers(0, 10), initial=3.0)
    assert added() == 3.0
    with luthier.connect("foo", "src") as other:
        assert other.gain() == 3.0
        assert other.gain.limits == (0.0, 10.0)
        with pytest.raises(ValidationError):
            other.gain(11)


def test_a_parameter_with_functions_of_this_process_stays_here(source: Any) -> None:
    source.add_parameter("double", get_cmd=lambda: 2 * source.voltage())
    assert source.double() == 2.0


def test_attributes_that_nobody_else_would_see_are_refused(source: Any) -> None:
    with pytest.raises(UsageError, match="lives on the server 'foo'"):
        source.colour = "blue"
    with pytest.raises(UsageError, match="To set it, call it"):
        source.voltage = 1


def test_a_closed_proxy_says_so(source: Any) -> None:
    source.close()
    source.close()
    for use in (
        source.voltage.get,
        lambda: source.voltage(1),
        source.hang,
        source.snapshot,
        lambda: source.temperature,
    ):
        with pytest.raises(ClosedError):
            use()
    with pytest.raises(UnknownNameError, match="has no instrument 'src'"):
        luthier.connect("foo", "src")


def test_a_proxy_is_pickled_as_a_reference(source: Any) -> None:
    twin = pickle.loads(pickle.dumps(source))  # noqa: S301 - our own
    twin.voltage(0.75)
    assert source.voltage() == 0.75
    twin.close()
    assert source.voltage() == 0.75


def test_a_parameter_that_cannot_be_read_costs_no_trip(folder: Path) -> None:
    del folder
    with Base("one", server_name="foo") as one:
        any_one: Any = one
        any_one.add_parameter("only_set", set_cmd="X {}")
        with pytest.raises(NotGettableError, match=r"one\.only_set: cannot be read"):
            any_one.only_set()


def test_many_parameters_are_read_in_one_round_trip(source: Any) -> None:
    local: luthier.ManualParameter[int] = luthier.ManualParameter("local", initial=7)
    calls = source.server.ping()["calls"]
    source.ch1.level(2)
    assert luthier.get_many([source.voltage, local, source.ch1.level]) == (1.0, 7, 2.0)
    assert source.server.ping()["calls"] == calls + 3  # a set, a batch, a ping


def test_each_thread_has_a_connection_that_ends_with_it(source: Any) -> None:
    def read() -> None:
        assert source.voltage() == 1.0

    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208 - of the system
    for _ in range(20):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    after = len(os.listdir("/proc/self/fd")) if before else 0  # noqa: PTH208 - the same
    assert after <= before + 1


def test_a_class_is_opened_on_a_server_by_open_too(folder: Path) -> None:
    del folder
    with luthier.open(Addressed, None, name="one", server_name="foo") as one:
        assert one.level() == 0.5
