from __future__ import annotations

from typing import Any

import pytest
from luthier import Instrument, parameter
from luthier.errors import DeclarationError, NameClashError, UnknownNameError
from luthier.parameter import ParameterOptions, ParameterSpecification
from luthier.validators import Numbers


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"set_cmd": "VOLT {:.3f}"}, "can lose digits"),
        ({"set_cmd": "VOLT {!r}"}, "can lose digits"),
        ({"get_cmd": "VOLT {}"}, "has a place for a value"),
        ({"set_cmd": "APPL {},{}"}, "2 places"),
        ({"set_cmd": "VOLT {"}, "is not a message template"),
        ({"set_cmd": "VOLT {0}"}, "an attribute's name"),
        ({"get_cmd": 5}, "none of: a message template"),
        ({"get_cmd": True}, "none of: a message template"),
        ({"mapping": {1.0: "A"}, "scale": 2.0}, "excludes"),
        ({"scale": 0}, "scale=0"),
        ({"resolution": -1.0}, "above 0"),
        ({"step": 0}, "above 0"),
        ({"settle": -1}, "0 s and more"),
        ({"unti": "V"}, "no option unti=. Did you mean unit="),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_while_the_class_is_made(
    options: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(DeclarationError, match=message):
        parameter(float, **options)


def test_a_parameter_without_a_type_says_how_to_write_it() -> None:
    with pytest.raises((DeclarationError, RuntimeError)) as caught:

        class Wrong(Instrument):
            voltage = parameter(get_cmd="VOLT?")

    error = caught.value if isinstance(caught.value, DeclarationError) else caught.value.__cause__
    assert "Write parameter(float" in str(error)


def test_a_parameter_may_not_hide_what_the_base_class_means() -> None:
    with pytest.raises(DeclarationError, match="'close' would hide"):

        class Wrong(Instrument):
            close = parameter(float)  # type: ignore[assignment]  # that is what is tested


def test_a_subclass_inherits_changes_and_removes_parameters() -> None:
    class Base(Instrument):
        a = parameter(float, set_cmd=lambda _, __: None, validator=Numbers(0, 1), unit="V")
        b = parameter(float, initial=1.0)

    class Derived(Base):
        a = Base.a.replace(validator=Numbers(0, 10))
        b = None  # type: ignore[assignment]  # this model has none
        c = parameter(float, initial=3.0)

    with Derived("derived") as derived:
        assert list(derived.parameters) == ["a", "c"]
        derived.a(10.0)
        assert derived.a.unit == "V"
    assert list(Base.declared_parameters) == ["a", "b"]


def test_names_that_do_not_exist_come_with_the_nearest_that_do() -> None:
    class Smu(Instrument):
        voltage = parameter(float, initial=0.0)

    with Smu("smu") as smu:
        for attempt in (lambda: smu.volage, lambda: smu.get("volage"), lambda: smu["volage"]):
            with pytest.raises(UnknownNameError, match="Did you mean 'voltage'") as caught:
                attempt()
            assert caught.value.suggestions == ("voltage",)
            assert caught.value.name == "volage"
        assert not hasattr(smu, "volage")
        with pytest.raises(LookupError):
            smu.parameters["nothing_like_it"]


def test_added_parameters_are_live_at_once_and_their_names_are_unique() -> None:
    with Instrument("plain") as plain:
        held = [0.0]
        x = plain.add_parameter("x", float, get_cmd=lambda: held[0], set_cmd=lambda value: held.__setitem__(0, value))
        plain.x(2.0)
        assert plain.x is x
        assert held == [2.0]
        for name in ("x", "close", "parameters"):
            with pytest.raises(NameClashError, match="the name is in use"):
                plain.add_parameter(name, float)


def test_an_attribute_that_was_there_first_stays_and_the_parameter_is_reached_by_name() -> None:
    class Old(Instrument):
        def __init__(self, name: str, **kwargs: Any) -> None:
            super().__init__(name, **kwargs)
            self.x = 0
            self.add_parameter("x", get_cmd=self.getx, set_cmd=self.setx)

        def getx(self) -> int:
            return self.x

        def setx(self, value: int) -> None:
            self.x = value

    with Old("old") as old:
        old.set("x", 25)
        assert old.get("x") == 25
        assert old.x == 25
        assert old["x"].cache.origin == "read"


def test_documentation_is_where_people_look_for_it() -> None:
    class Smu(Instrument):
        voltage = parameter(float, unit="V", doc="Source level; user's manual, section 18.")

    assert Smu.voltage.__doc__ == "Source level; user's manual, section 18."
    assert "voltage" in repr(Smu.voltage)
    with Smu("smu") as smu:
        assert smu.voltage.doc == "Source level; user's manual, section 18."
        assert "voltage" in dir(smu)


def test_the_options_that_type_checkers_see_are_those_that_exist() -> None:
    options = set(ParameterOptions.__annotations__)
    assert options == set(ParameterSpecification.__annotations__) - {"bound", "members", "separator"}
