from __future__ import annotations

import copy
import inspect
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Channel, Instrument, parameter
from luthier.errors import DeclarationError, NameClashError, NotGettableError, UnknownNameError, UsageError
from luthier.instrument import ParameterMap

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.testing.wire import DictTransport


class Smu(Instrument):
    voltage = parameter(float, get_cmd="VOLT?", set_cmd="VOLT {}", unit="V")
    current = parameter(float, get_cmd="CURR?", unit="A")
    note = parameter(str)
    gain = parameter(float, set_cmd="GAIN {}")

    @property
    def total(self) -> float:
        return float(self.voltag.get())  # misspelt, as drivers are while they are written

    @property
    def broken(self) -> float:
        return float(None.real)  # type: ignore[attr-defined]  # a mistake of the driver

    def method(self) -> str:
        return "called"


@pytest.fixture
def smu(opened: Callable[..., Any]) -> tuple[Any, DictTransport]:
    made: tuple[Any, DictTransport] = opened(Smu, name="smu", VOLT="1.5", CURR="2", X="3")
    return made


def test_a_misspelt_name_is_answered_with_the_nearest(smu: Any) -> None:
    inst, wire = smu
    inst.add_function("start", "START")
    Channel(inst, "output")
    for wrong, right in (("voltag", "voltage"), ("strat", "start"), ("outputs", "output"), ("Current", "current")):
        with pytest.raises(UnknownNameError, match=rf"smu: has no .*'{wrong}'\. Did you mean '{right}'") as caught:
            getattr(inst, wrong)
        assert caught.value.name == wrong
        assert caught.value.suggestions[0] == right
    with pytest.raises(UnknownNameError, match=r"'xyz'\. There are: voltage, current, note, gain, start, output"):
        _ = inst.xyz
    assert wire.log == []


def test_names_that_do_not_exist_behave_as_python_expects(smu: Any) -> None:
    inst, _ = smu
    assert not hasattr(inst, "voltag")
    assert getattr(inst, "voltag", 5) == 5
    assert not hasattr(inst, "_private")
    assert not hasattr(inst, "__array__")
    assert inst.parameters.get("voltag") is None
    assert inst.parameters.get("voltag", 7) == 7
    with pytest.raises(KeyError):
        inst["voltag"]
    with pytest.raises(AttributeError, match=r"^'Smu' object has no attribute '_ipython_display_'$"):
        _ = inst._ipython_display_


def test_a_property_that_fails_tells_its_own_mistake(smu: Any) -> None:
    inst, _ = smu
    with pytest.raises(UnknownNameError, match=r"'voltag'\. Did you mean 'voltage'"):
        _ = inst.total
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'real'"):
        _ = inst.broken


def test_looking_at_an_instrument_sends_nothing(smu: Any) -> None:
    inst, wire = smu
    dir(inst)
    for name in dir(inst):
        inspect.getattr_static(inst, name)
    repr(inst), str(inst), inst._repr_html_(), repr(inst.parameters), repr(inst.voltage), repr(inst.voltage.cache)
    inspect.signature(type(inst))
    assert inst.voltage.limits == (None, None)
    assert wire.log == []


def test_parameters_are_reached_in_every_way_that_the_manual_promises(smu: Any) -> None:
    inst, wire = smu
    assert inst.voltage is inst["voltage"]
    assert inst.parameters["voltage"] is inst.voltage
    assert inst.get("voltage") == inst.voltage() == inst.voltage.get() == 1.5
    inst.set("voltage", 2)
    assert wire.values["VOLT"] == "2"
    assert list(inst.parameters) == ["voltage", "current", "note", "gain"]
    assert len(inst.parameters) == 4
    assert "voltage" in inst.parameters
    assert "close" not in inst.parameters
    assert 5 not in inst.parameters
    assert isinstance(inst.parameters, ParameterMap)
    assert repr(inst.parameters) == "<parameters of smu: voltage, current, note, gain>"
    assert [made.name for made in inst.parameters.values()] == list(inst.parameters)


def test_an_instrument_is_no_sequence_of_its_parameters(smu: Any) -> None:
    inst, _ = smu
    with pytest.raises(TypeError, match="not iterable"):
        iter(inst)
    with pytest.raises(TypeError):
        _ = "voltage" in inst
    with pytest.raises(UnknownNameError):
        inst["missing"]
    with pytest.raises(UsageError, match=r"smu: cannot look up \[0\]: allowed is the name of a parameter"):
        inst[0]


def test_replacing_a_parameter_is_refused_and_other_attributes_are_the_user_s(smu: Any) -> None:
    inst, wire = smu
    added = inst.add_parameter("extra", float, get_cmd="X?")
    for name in ("voltage", "note", "extra"):
        with pytest.raises(
            UsageError, match=rf"smu: cannot replace the parameter '{name}' by 1\.0.*smu\.{name}\(1\.0\)"
        ):
            setattr(inst, name, 1.0)
    inst.extra = added
    inst.sample = "A7"
    inst.sample = "A8"
    assert inst.sample == "A8"
    del inst.sample
    assert not hasattr(inst, "sample")
    assert wire.log == []


def test_an_added_parameter_is_like_a_declared_one(smu: Any) -> None:
    inst, wire = smu
    added = inst.add_parameter("x", float, get_cmd="X?", set_cmd="X {}", unit="m")
    assert inst.x is added is inst["x"]
    assert added() == 3.0
    added(4)
    assert wire.log == ["X?", "X 4"]
    assert added.full_name == "smu.x"
    assert list(inst.parameters)[-1] == "x"
    assert list(inst.added_parameters) == ["x"]
    assert inst.snapshot()["parameters"]["x"]["value"] == 4.0


def test_an_added_parameter_leaves_an_attribute_of_its_name(smu: Any) -> None:
    inst, _ = smu
    inst.x = 7
    added = inst.add_parameter("x", float, get_cmd="X?")
    assert inst.x == 7
    assert inst["x"] is added
    assert inst["x"]() == 3.0
    inst.x = 8
    assert inst.x == 8
    inst.close()
    with pytest.raises(UsageError, match="closed"):
        added()


@pytest.mark.parametrize("name", ["voltage", "method", "total", "close", "parameters", "name", "_name"])
def test_a_name_in_use_cannot_be_added(name: str, smu: Any) -> None:
    inst, _ = smu
    with pytest.raises(NameClashError, match=rf"smu: cannot add '{name}': the name is in use\. Nothing was added"):
        inst.add_parameter(name)
    assert list(inst.added_parameters) == []


def test_an_added_parameter_with_wrong_options_names_itself(smu: Any) -> None:
    inst, _ = smu
    with pytest.raises(
        DeclarationError, match=r"smu\.x: a parameter has no option get_command=\..*Did you mean get_cmd"
    ):
        inst.add_parameter("x", get_command="X?")
    with pytest.raises(DeclarationError, match=r"smu\.x: .*set_cmd='X \{:\.2f\}' formats the value itself"):
        inst.add_parameter("x", set_cmd="X {:.2f}")
    for name in ("not a name", "", "1x"):
        with pytest.raises(UsageError, match=r"smu.*: cannot name a parameter"):
            inst.add_parameter(name)
    assert not hasattr(inst, "x")


def test_an_instrument_can_be_neither_copied_nor_pickled(smu: Any) -> None:
    inst, _ = smu
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        for thing in (inst, {"a": [inst]} if attempt is not copy.copy else inst):
            with pytest.raises(UsageError, match=r"smu: cannot copy or pickle a Smu\. Pass on its name and address"):
                attempt(thing)
    assert not inst.closed
    assert inst.voltage() == 1.5


def test_instruments_are_compared_by_identity_and_can_be_keys(opened: Callable[..., Any]) -> None:
    one, _ = opened(Smu, name="one")
    other, _ = opened(Smu, name="other")
    assert one == one  # noqa: PLR0124 - this is what is tested
    assert one != other
    assert {one: 1, other: 2}[other] == 2


def test_forgetting_leaves_what_the_computer_itself_holds(smu: Any) -> None:
    inst, _ = smu
    part = Channel(inst, "part")
    part.add_parameter("level", float, get_cmd="X?")
    inst.voltage()
    part.level()
    inst.note("mine")
    inst.gain(2.0)
    inst.forget()
    assert not inst.voltage.cache.valid
    assert not part.level.cache.valid
    assert not inst.gain.cache.valid
    assert inst.note() == "mine"
    assert inst.voltage.cache.value == 1.5
    with pytest.raises(NotGettableError):
        inst.gain()


def test_what_was_never_known_looks_the_same_after_forgetting(smu: Any) -> None:
    inst, _ = smu
    assert repr(inst.current) == "<Parameter smu.current: not read yet>"
    inst.forget()
    assert repr(inst.current) == "<Parameter smu.current: not read yet>"
    assert repr(inst.current.cache) == "<cache: nothing known>"
