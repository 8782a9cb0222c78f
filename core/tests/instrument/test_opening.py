from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier import Instrument, parameter
from luthier.errors import NameClashError, UnknownNameError, UnknownPluginError, UsageError
from luthier.instrument import driver_class
from luthier.testing.wire import DictTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class VoltMeter(Instrument):
    """A driver that takes an address."""

    level = parameter(float, get_cmd="LEV?")
    simulator = "acme.meter"

    def __init__(self, name: str, address: str | None = None, *, gain: float = 1.0, **options: Any) -> None:
        super().__init__(name, transport=DictTransport(address=address or "nowhere"), **options)
        self.gain = gain


class Virtual(Instrument):
    """A driver that takes none."""

    def __init__(self, name: str) -> None:
        super().__init__(name)


DRIVER = """
from luthier import Instrument, parameter

class Scope(Instrument):
    level = parameter(float, initial={level})

class Other:
    pass

scope = 5
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with a driver in it; what is imported from there is forgotten afterwards."""
    before = dict(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "acme_scope.py").write_text(DRIVER.format(level=1.5))
    yield tmp_path
    for name in set(sys.modules) - set(before):
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_a_class_is_opened_by_default_under_its_name_in_small_letters() -> None:
    meter = luthier.open(VoltMeter, "GPIB0::1::INSTR", gain=2.0)
    assert meter.name == "voltmeter"
    assert meter.address == "GPIB0::1::INSTR"
    assert meter.gain == 2.0
    assert luthier.open(VoltMeter, "GPIB0::2::INSTR", name="second").name == "second"


def test_another_address_is_another_name_and_the_same_again_is_a_cell_that_was_run_again() -> None:
    first = luthier.open(VoltMeter, "a")
    second = luthier.open(VoltMeter, "b")
    third = luthier.open(VoltMeter, "c")
    assert list(luthier.instruments()) == ["voltmeter", "voltmeter_2", "voltmeter_3"]
    again = luthier.open(VoltMeter, "b")
    assert again.name == "voltmeter_2"
    assert second.closed
    assert not first.closed
    assert not third.closed
    first.close()
    assert luthier.open(VoltMeter, "d").name == "voltmeter"


def test_a_name_that_is_taken_by_another_class_is_passed_over_unless_it_was_asked_for() -> None:
    luthier.open(Virtual, name="voltmeter")
    assert luthier.open(VoltMeter, "a").name == "voltmeter_2"
    with pytest.raises(
        NameClashError, match=r"the name 'voltmeter' is in use by Virtual at no address, opened at .*py:"
    ):
        luthier.open(VoltMeter, "b", name="voltmeter")


def test_a_driver_without_a_connection_needs_to_take_no_address() -> None:
    assert luthier.open(Virtual).address is None
    with pytest.raises(TypeError):
        luthier.open(Virtual, "GPIB0::1::INSTR")
    assert list(luthier.instruments()) == ["virtual"]


def test_names_are_made_of_what_identifiers_allow() -> None:
    for title, name in (("Größe", "gr__e"), ("_9", "instrument__9"), ("X9", "x9")):
        kind = type(title, (Virtual,), {})
        assert luthier.open(kind).name == name


@pytest.mark.usefixtures("folder")
def test_a_module_s_class_is_opened() -> None:
    scope = luthier.open("acme_scope:Scope")
    assert scope.name == "scope"
    assert scope.level() == 1.5
    assert scope.kind == "acme_scope.Scope"


def test_a_file_s_class_is_opened_and_opened_again_after_a_change(folder: Path) -> None:
    scope = luthier.open("./acme_scope.py:Scope")
    assert scope.level() == 1.5
    assert driver_class("acme_scope.py:Scope") is type(scope)
    assert driver_class(f"{folder / 'acme_scope.py'}:Scope") is type(scope)
    (folder / "acme_scope.py").write_text(DRIVER.format(level=25.5))
    again = luthier.open("./acme_scope.py:Scope")
    assert again.level() == 25.5
    assert again.name == "scope"
    assert scope.closed
    assert luthier.instruments() == {"scope": again}


def test_a_file_named_as_a_module_that_is_imported_harms_neither(folder: Path) -> None:
    import json  # noqa: PLC0415 - the module in question

    (folder / "json.py").write_text(DRIVER.format(level=3.0))
    assert luthier.open("./json.py:Scope").level() == 3.0
    assert sys.modules["json"] is json
    assert json.loads("[1]") == [1]


@pytest.mark.parametrize(
    ("driver", "kind", "message"),
    [
        ("./missing.py:Scope", UsageError, r"there is no file .*missing\.py\. Nothing was opened"),
        ("./:Scope", UsageError, "there is no module"),
        (
            "./acme_scope.py",
            UsageError,
            r"is a file, not a class\. Nothing was opened\. Write \./acme_scope\.py:Class\.",
        ),
        ("./acme_scope.py:Scop", UnknownNameError, r"acme_scope\.py: has no class 'Scop'\. Did you mean 'Scope'"),
        ("./acme_scope.py:Xyz", UnknownNameError, r"has no class 'Xyz'\. There are: Instrument, Scope"),
        ("./acme_scope.py:", UnknownNameError, "has no class ''"),
        (
            "./acme_scope.py:Other",
            UsageError,
            r"stands for <class .*Other'>, which is no Instrument class\. Nothing was",
        ),
        ("./acme_scope.py:scope", UsageError, "stands for 5, which is no Instrument class"),
        (
            "no_such_module:Scope",
            UsageError,
            r"there is no module 'no_such_module'.*For a file write \./file\.py:Class",
        ),
        ("json.no_such:Scope", UsageError, r"there is no module 'json\.no_such'"),
        ("json:Scope", UnknownNameError, r"json: has no class 'Scope'\. There are: none"),
        (":Scope", UsageError, "there is no module ''"),
        (int, UsageError, "<class 'int'> is no Instrument class"),
        (5, UsageError, "5 is no Instrument class"),
        (None, UsageError, "None is no Instrument class"),
        ("nobody.1234", UnknownPluginError, r"nobody\.1234"),
        ("", UnknownPluginError, "no driver of this name is installed"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_opened_says_why(driver: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        luthier.open(driver, "GPIB0::1::INSTR")
    assert isinstance(caught.value, luthier.errors.LuthierError)
    assert luthier.instruments() == {}


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("class Scope(:\n", SyntaxError, "bad_driver.py"),
        ("raise RuntimeError('no licence')", RuntimeError, "no licence"),
        ("import no_such_library", ModuleNotFoundError, "no_such_library"),
        ("raise KeyboardInterrupt('stop')", KeyboardInterrupt, "stop"),
    ],
)
@pytest.mark.parametrize("place", ["./bad_driver.py:Scope", "bad_driver:Scope"])
def test_a_driver_that_fails_while_it_is_imported_tells_its_own_mistake_and_can_be_mended(
    source: str, kind: type[BaseException], message: str, place: str, folder: Path
) -> None:
    file = folder / "bad_driver.py"
    file.write_text(source)
    with pytest.raises(kind, match=message) as caught:
        luthier.open(place)
    if kind is not KeyboardInterrupt:
        where = place.rpartition(":")[0]
        assert caught.value.__notes__ == [f"raised while {where} was imported for Scope; nothing was opened"]
    assert "bad_driver" not in sys.modules
    file.write_text(DRIVER.format(level=4.0))
    os.utime(file, ns=(1, 1))
    assert luthier.open(place).level() == 4.0


def test_an_instance_is_no_class() -> None:
    virtual = luthier.open(Virtual)
    with pytest.raises(UsageError, match="<Virtual virtual without a connection> is no Instrument class"):
        luthier.open(virtual)  # type: ignore[call-overload]  # as a user tries
    assert not virtual.closed


def test_a_simulator_that_the_driver_does_not_name_is_asked_for() -> None:
    class Plain(Instrument):
        pass

    with pytest.raises(
        UsageError, match=r"plain: cannot open sim://: the driver names no simulator\. Nothing was opened"
    ):
        luthier.open(Plain, "sim://")


def test_an_installed_driver_is_named_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def connect(address: str, **_: object) -> tuple[DictTransport, Callable[[], None]]:
        made.append(address)
        return DictTransport(address=address), lambda: None

    monkeypatch.setattr("luthier.instrument.instrument.open_transport", connect)
    drivers = luthier.plugins.registry("drivers").names()
    if "keithley.2400" not in drivers:
        pytest.skip("no driver is installed beside the core")
    first = luthier.open("keithley.2400", "sim://")
    again = luthier.open("keithley.2400", "SIM://")
    other = luthier.open("keithley.2400", "GPIB0::24::INSTR")
    assert first.closed
    assert (again.name, other.name) == ("keithley_2400", "keithley_2400_2")
    assert made == ["sim://keithley.2400/keithley_2400"] * 2 + ["GPIB0::24::INSTR"]
