from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from luthier import Station
from luthier.errors import ConfigurationError, StationError, UsageError
from luthier.station import declare_section, describe, sections
from luthier.station.entries import RESERVED_NAMES

if TYPE_CHECKING:
    from .conftest import Lab


def mistakes_in(text: str, lab: Lab) -> list[str]:
    """Return what is said of each mistake, without the name of the file."""
    lab.write(text)
    with pytest.raises(StationError) as caught:
        describe("lab.toml")
    errors = caught.value.exceptions
    assert all(isinstance(error, ConfigurationError) for error in errors)
    assert all(str(error) in str(caught.value) for error in errors)
    return [str(error).removeprefix("lab.toml:") for error in errors]


def test_a_description_has_everything_that_the_file_says(lab: Lab) -> None:
    description = describe(
        lab.write(
            """
            [station]
            name = "fridge 2"

            [data]
            folder = "runs"

            [instruments.smu]
            driver = "keithley.2400"
            address = "GPIB0::24::INSTR"
            server = "bench"
            after = ["psu"]
            options = { timeout = 10, helper = "@dmm.ch1", more = ["@psu", "@@text"] }
            metadata = { location = "rack 3" }
            initial = { voltage = 0.0 }
            limits = { voltage = [-1.0, 1.0] }

            [instruments.psu]
            driver = "./mine.py:Psu"

            [instruments.dmm]
            driver = "mine:Dmm"
            """
        )
    )
    assert (description.name, description.path) == ("fridge 2", lab.file)
    assert description.data_folder == lab.folder / "runs"
    assert list(description.instruments) == ["smu", "psu", "dmm"]
    smu = description.instruments["smu"]
    assert (smu.name, smu.driver, smu.address, smu.server) == ("smu", "keithley.2400", "GPIB0::24::INSTR", "bench")
    assert (smu.after, smu.depends_on) == (("psu",), ("psu", "dmm"))
    assert smu.options == {"timeout": 10, "helper": "@dmm.ch1", "more": ["@psu", "@@text"]}
    assert (smu.metadata, smu.initial) == ({"location": "rack 3"}, {"voltage": 0.0})
    assert (smu.limits, smu.line) == ({"voltage": [-1.0, 1.0]}, 7)
    psu = description.instruments["psu"]
    assert (psu.address, psu.server, psu.after, psu.options, psu.line) == (None, None, (), {}, 17)


def test_what_a_file_does_not_say_has_defaults(lab: Lab) -> None:
    description = describe(lab.write("", "fridge.toml"))
    assert (description.name, description.instruments, description.data_folder) == ("fridge", {}, None)
    assert description.section("data") == {}


@pytest.mark.parametrize("folder", ["~/runs", "/runs"])
def test_a_data_folder_may_lie_elsewhere(lab: Lab, folder: str) -> None:
    description = describe(lab.write(f"[data]\nfolder = '{folder}'\n"))
    assert description.data_folder == lab.folder / Path(folder).expanduser()


def test_describing_imports_no_driver(lab: Lab) -> None:
    lab.write('[instruments.smu]\ndriver = "keithley.2400"\n[instruments.x]\ndriver = "./bench.py:Supply"\n')
    program = """
        import sys
        from luthier.station import describe
        describe("lab.toml")
        print("luthier_keithley" in sys.modules, "bench" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)], cwd=lab.folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]


def test_every_mistake_is_reported_with_its_line_in_the_order_of_the_file(here: Lab) -> None:
    here.write(
        """
        [station]
        nmae = "x"
        [instruments.smu]
        driver = "keithley.2400"
        adress = "sim://"      # misspelt
        limits = { voltage = [1, -1] }
        [instruments.psu]
        address = 24
        """
    )
    with pytest.raises(StationError) as caught:
        Station()
    headline, *lines = str(caught.value).splitlines()
    assert headline == "lab.toml has 5 mistakes; nothing was opened:"
    assert lines == [
        "  lab.toml:2: [station] has no key 'nmae'. Did you mean 'name'?",
        "  lab.toml:5: smu has no key 'adress'. Did you mean 'address'?",
        (
            "  lab.toml:6: the limits of smu.voltage have to be two numbers, the lower first, not [1, -1]. "
            "Write voltage = [-1.0, 1.0]; -inf and inf leave one side as the driver has it."
        ),
        (
            '  lab.toml:7: psu has no driver. Write driver = "…" with a driver\'s id; '
            "the command 'luthier drivers' lists those that are installed."
        ),
        "  lab.toml:8: 'address' of psu has to be text in quotation marks, not 24.",
    ]
    assert [error.line for error in caught.value.exceptions if isinstance(error, ConfigurationError)] == [2, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "timeout = 3",
            "smu has no key 'timeout'. Arguments of the driver are written options = { … }. The keys are: ",
        ),
        ("after = 'psu'", "'after' of smu has to be a list in [ ], not 'psu'."),
        ("after = ['psu', 3]", "after of smu lists names of instruments, not 3."),
        ("after = ['pus']", "smu is to be opened after 'pus', which is not here. Did you mean 'psu'?"),
        ("options = ['x']", "'options' of smu has to be a table in { }, not ['x']."),
        ("options = { name = 'x' }", "'name' is not an option of smu. The name is that of the table."),
        ("options = { address = 'x' }", "'address' is not an option of smu. Write address = \"…\" beside driver."),
        (
            "options = { source = [{ a = '@psx.ch1' }] }",
            "an option of smu refers to the instrument 'psx', which is not here. Did you mean 'psu'? Text that begins",
        ),
        ("limits = { v = 3 }", "the limits of smu.v have to be two numbers, the lower first, not 3."),
        ("limits = { v = [1] }", "the limits of smu.v have to be two numbers, the lower first, not [1]."),
        ("limits = { v = [nan, 1] }", "the limits of smu.v have to be two numbers, the lower first, not [nan, 1]."),
        ("limits = { v = [true, 1] }", "the limits of smu.v have to be two numbers, the lower first, not [True, 1]."),
        ("limits = { v = [[1], 2] }", "the limits of smu.v have to be two numbers, the lower first, not [[1], 2]."),
        ("limits.ch1 = { v = [2, 1] }", "the limits of smu.ch1.v have to be two numbers, the lower first, not [2, 1]."),
    ],
)
def test_a_key_of_an_instrument_that_cannot_be_is_refused(here: Lab, line: str, message: str) -> None:
    text = f'[instruments.psu]\ndriver = "y"\n[instruments.smu]\ndriver = "x"\n{line}\n'
    (mistake,) = mistakes_in(text, here)
    assert mistake.startswith(f"5: {message}")


@pytest.mark.parametrize("limits", ["[-inf, 1]", "[0, 0]", "['1 mV', 3]", "[2, '1 mV']"])
def test_limits_may_be_open_equal_or_texts_with_units(lab: Lab, limits: str) -> None:
    text = f'[instruments.smu]\ndriver = "x"\nlimits = {{ v = {limits} }}\n'
    assert len(describe(lab.write(text)).instruments["smu"].limits["v"]) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[instrument.smu]\ndriver = 'x'", "1: there is no section [instrument]. Did you mean 'instruments'?"),
        ("[smu]\ndriver = 'x'", "1: there is no section [smu]. For an instrument write [instruments.smu]."),
        ("[zzz]", "1: there is no section [zzz]. The sections are: instruments, station, data, plugins"),
        ("[[stations]]", "1: there is no section [stations]. Did you mean 'station'?"),
        ("flder = 'x'", "1: there is no key 'flder' outside of the sections. The sections are: "),
        ("data = 'x'", "1: [data] has to be a table, not 'x'. Write [data] on a line of its own."),
        ("[data]\nfolder = 3", "2: 'folder' of [data] has to be text in quotation marks, not 3."),
        ("instruments = 3", "1: instruments has to be a table. Write [instruments.smu] for one of them."),
        ("[[instruments]]", "1: instruments has to be a table. Write [instruments.smu] for one of them."),
        (
            "[instruments]\nsmu = 3",
            "2: smu has to be a table, not 3. Write [instruments.smu] on a line of its own.",
        ),
        ("[instruments.smu]\ndriver = ''", "2: smu has no driver. Write driver = "),
    ],
)
def test_a_section_that_cannot_be_is_refused(here: Lab, text: str, message: str) -> None:
    (mistake,) = mistakes_in(text, here)
    assert mistake.startswith(message)


@pytest.mark.parametrize(
    ("name", "proposal"),
    [('"smu-1"', "smu_1"), ("2400", "_2400"), ('""', "instrument"), ('"my smu"', "my_smu"), ("close", "close_1")],
)
def test_a_name_that_an_instrument_cannot_have_is_refused(here: Lab, name: str, proposal: str) -> None:
    (mistake,) = mistakes_in(f'# names\n[instruments.{name}]\ndriver = "x"', here)
    assert mistake.startswith("2: an instrument cannot be named ")
    assert mistake.endswith(f"Write [instruments.{proposal}], for example.")


def test_what_every_station_has_is_exactly_what_no_instrument_may_be_named() -> None:
    assert {name for name in dir(Station) if not name.startswith("_")} == RESERVED_NAMES


def test_instruments_that_depend_on_each_other_in_a_circle_are_named(here: Lab) -> None:
    text = """
        [instruments.a]
        driver = "x"
        after = ["b"]
        [instruments.b]
        driver = "x"
        options = { source = "@c" }
        [instruments.c]
        driver = "x"
        after = ["b"]
    """
    (mistake,) = mistakes_in(text, here)
    assert mistake == (
        "4: the instruments depend on each other in a circle: b after c after b. "
        "Take one of them out of 'after', or out of the options that refer to it with @."
    )


def test_an_instrument_cannot_come_after_itself(here: Lab) -> None:
    (mistake,) = mistakes_in('[instruments.a]\ndriver = "x"\nafter = ["a"]', here)
    assert mistake.startswith("1: the instruments depend on each other in a circle: a after a.")


@pytest.fixture
def _no_new_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sections, "_sections", {name: dict(keys) for name, keys in sections.declared_sections().items()}
    )


@pytest.mark.usefixtures("_no_new_sections")
def test_a_plugin_can_declare_a_section_of_its_own(here: Lab) -> None:
    declare_section("acme", {"port": int, "speed": float, "hosts": list})
    declare_section("acme", {"port": int, "speed": float, "hosts": list})
    description = describe(here.write("[acme]\nport = 3\nspeed = 2"))
    assert description.section("acme") == {"port": 3, "speed": 2}
    assert mistakes_in("[acme]\nport = true\nspeed = false\nhost = []", here) == [
        "2: 'port' of [acme] has to be a whole number, not True.",
        "3: 'speed' of [acme] has to be a number, not False.",
        "4: [acme] has no key 'host'. Did you mean 'hosts'?",
    ]


@pytest.mark.usefixtures("_no_new_sections")
def test_a_section_cannot_be_declared_twice_with_other_keys() -> None:
    with pytest.raises(UsageError, match="it is declared already"):
        declare_section("data", {"place": str})
    with pytest.raises(UsageError, match="it is declared already"):
        declare_section("instruments", {})
    with pytest.raises(UsageError, match="no such type can stand in a TOML file"):
        declare_section("acme", {"x": complex})
    assert dict(sections.declared_sections()["data"]) == {"folder": str}


def test_importing_luthier_reads_no_toml() -> None:
    program = "import sys, luthier; print([n for n in sys.modules if n in ('tomllib', 'luthier.station')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ast.literal_eval(done.stdout) == []
