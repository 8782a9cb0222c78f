from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import luthier
import pytest
from luthier import Station
from luthier.errors import BrokenPluginError, ConfigurationError, StationError, UnknownPluginError, UsageError

if TYPE_CHECKING:
    from .conftest import Lab


def refusals(text: str, lab: Lab) -> list[ConfigurationError]:
    """Return what is wrong with the drivers; nothing may have been opened."""
    lab.write(text)
    with pytest.raises(StationError) as caught:
        Station("lab.toml")
    assert lab.journal == []
    assert all(isinstance(error, ConfigurationError) for error in caught.value.exceptions)
    return [error for error in caught.value.exceptions if isinstance(error, ConfigurationError)]


def refusal(text: str, lab: Lab) -> ConfigurationError:
    (found,) = refusals(text, lab)
    return found


@pytest.mark.parametrize("driver", ["bench.py:Supply", "./bench.py:Supply", "../{folder}/bench.py:Supply"])
def test_a_file_is_found_from_the_lab_toml_wherever_the_script_runs(lab: Lab, driver: str) -> None:
    driver = driver.format(folder=lab.folder.name)
    with lab.open(f'[instruments.psu]\ndriver = "{driver}"') as station:
        assert type(station.psu).__name__ == "Supply"


def test_a_file_may_be_given_by_its_whole_path(lab: Lab) -> None:
    with lab.open(f"[instruments.psu]\ndriver = '{lab.folder / 'bench.py'}:Supply'") as station:
        assert type(station.psu).__name__ == "Supply"


def test_a_class_of_a_module_is_a_driver(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(lab.folder)
    with lab.open('[instruments.psu]\ndriver = "bench:Supply"') as station:
        assert type(station.psu) is sys.modules["bench"].Supply


def test_classes_of_one_file_share_what_the_module_holds(lab: Lab) -> None:
    text = '[instruments.psu]\ndriver = "bench.py:Supply"\n[instruments.two]\ndriver = "./bench.py:Supply"'
    with lab.open(text) as station:
        assert type(station.psu) is type(station.two)
        assert luthier.open(f"{lab.folder / 'bench.py'}:Supply", name="three").__class__ is type(station.psu)


def test_a_file_that_was_changed_is_loaded_anew(lab: Lab) -> None:
    source = (lab.folder / "bench.py").read_text(encoding="utf-8")
    with lab.open('[instruments.psu]\ndriver = "bench.py:Supply"') as station:
        assert not hasattr(station.psu, "marked")
    (lab.folder / "bench.py").write_text(source + "\nSupply.marked = True\n", encoding="utf-8")
    with lab.open('[instruments.psu]\ndriver = "bench.py:Supply"') as station:
        assert station.psu.marked


def test_a_file_that_fails_leaves_no_half_module_behind(here: Lab) -> None:
    (here.folder / "broken_bench.py").write_text("x = 1\nraise RuntimeError('no licence')\n", encoding="utf-8")
    error = refusal('[instruments.psu]\ndriver = "broken_bench.py:Supply"', here)
    assert str(error) == (
        "lab.toml:2: the driver of psu cannot be used: "
        "importing 'broken_bench.py:Supply' raised RuntimeError: no licence."
    )
    assert isinstance(error.__cause__, RuntimeError)
    assert "broken_bench" not in sys.modules


def test_a_driver_that_is_not_installed_is_refused_with_its_line_and_what_to_do(here: Lab) -> None:
    error = refusal('[instruments.smu]\naddress = "x"\ndriver = "nomaker.100"', here)
    assert str(error).startswith(
        "lab.toml:3: the driver of smu cannot be used: 'nomaker.100': no driver of this name is installed. "
    )
    cause = error.__cause__
    assert isinstance(cause, UnknownPluginError)
    assert cause.advice
    assert error.advice == cause.advice
    assert error.line == 3


@pytest.mark.parametrize(
    ("driver", "message"),
    [
        ("bench.py:Suply", "has no class 'Suply'. Did you mean 'Supply'?"),
        ("bnech.py:Supply", "bnech.py:Supply: there is no file "),
        ("no_such_module_at_all:Supply", "no_such_module_at_all:Supply: there is no module 'no_such_module_at_all'."),
        ("bench.py:JOURNAL", "which is no Instrument class."),
        ("bench.py:Output", "which is no Instrument class."),
    ],
)
def test_a_driver_that_is_none_is_refused(here: Lab, driver: str, message: str) -> None:
    error = refusal(f'[instruments.psu]\ndriver = "{driver}"', here)
    assert str(error).startswith("lab.toml:2: the driver of psu cannot be used: ")
    assert message in str(error)
    assert isinstance(error.__cause__, UsageError)


def test_all_drivers_are_looked_at_before_anything_is_opened(here: Lab) -> None:
    text = """
        [instruments.good]
        driver = "bench.py:Supply"
        [instruments.one]
        driver = "nomaker.100"
        [instruments.two]
        driver = "bench.py:Nothing"
        [instruments.three]
        driver = "bench.py:Strict"
        options = { gian = 2.0, volume = 3 }
    """
    assert [error.line for error in refusals(text, here)] == [4, 6, 9, 9]


def test_options_are_passed_on(lab: Lab) -> None:
    text = '[instruments.n]\ndriver = "bench.py:Needy"\naddress = "A"\noptions = { port = 5, slot = 2, timeout = 1.5 }'
    with lab.open(text) as station:
        assert station.n.place == ("A", 5, 2)


def test_metadata_is_kept_with_the_instrument(lab: Lab) -> None:
    with lab.open('[instruments.s]\ndriver = "bench.py:Supply"\nmetadata = { room = "H1" }') as station:
        assert station.s.metadata == {"room": "H1"}
        assert station.s.snapshot()["metadata"] == {"room": "H1"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("options = { gian = 2.0 }", "3: bench.py:Strict, the driver of s, has no option 'gian'. Did you mean 'gain'?"),
        ("options = { volume = 2 }", "3: bench.py:Strict, the driver of s, has no option 'volume'. It has: gain."),
        ('address = "A"', "3: bench.py:Strict, the driver of s, takes no address. Take it out."),
        (
            "metadata = { a = 1 }",
            "3: bench.py:Strict, the driver of s, takes no metadata. In its __init__, add **options",
        ),
    ],
)
def test_what_a_driver_does_not_take_is_refused_before_anything_is_opened(here: Lab, lines: str, message: str) -> None:
    assert str(refusal(f'[instruments.s]\ndriver = "bench.py:Strict"\n{lines}', here)).startswith(f"lab.toml:{message}")


def test_what_a_driver_needs_and_is_not_given_is_named(here: Lab) -> None:
    text = '[instruments.n]\ndriver = "bench.py:Needy"\noptions = { port = 3 }'
    assert [str(error) for error in refusals(text, here)] == [
        "lab.toml:2: bench.py:Needy, the driver of n, needs 'address'. Write address = \"…\" beside driver.",
        "lab.toml:2: bench.py:Needy, the driver of n, needs 'slot'. Write options = { slot = … }.",
    ]


def test_an_option_that_a_base_class_refuses_is_named_with_what_there_is(here: Lab) -> None:
    here.write('[instruments.s]\ndriver = "bench.py:Supply"\n[instruments.s.options]\ntimeot = 3')
    with pytest.raises(StationError) as caught:
        Station("lab.toml")
    (error,) = caught.value.exceptions
    assert str(error) == (
        "lab.toml:4: bench.py:Supply, the driver of s, has no option 'timeot'. Did you mean 'timeout'?"
    )
    assert isinstance(error, ConfigurationError)
    assert isinstance(error.__cause__, TypeError)


def test_a_type_error_of_the_driver_itself_stays_what_it_is(here: Lab) -> None:
    (here.folder / "odd.py").write_text(
        "from luthier import Instrument\n"
        "class Odd(Instrument):\n"
        "    def __init__(self, name, **options):\n"
        "        super().__init__(name)\n"
        "        dict(**options).update(nothing=len(3))\n",
        encoding="utf-8",
    )
    here.write('[instruments.s]\ndriver = "odd.py:Odd"\noptions = { a = 1 }')
    with pytest.raises(StationError) as caught:
        Station("lab.toml")
    (error,) = caught.value.exceptions
    assert type(error) is TypeError
    assert str(caught.value).endswith("\n  lab.toml:1: s: TypeError: object of type 'int' has no len()")


def test_a_broken_plugin_is_refused_with_its_cause(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    site = here.folder / "site"
    info = site / "luthier_acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: luthier-acme\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[luthier.drivers]\nacme.1 = luthier_acme_broken:Acme\n", encoding="utf-8")
    (site / "luthier_acme_broken.py").write_text("raise OSError('acme.dll is missing')", encoding="utf-8")
    monkeypatch.delenv("LUTHIER_STRICT_PLUGINS", raising=False)
    monkeypatch.syspath_prepend(site)
    luthier.plugins.refresh()
    try:
        error = refusal('[instruments.s]\ndriver = "acme.1"', here)
    finally:
        monkeypatch.undo()
        luthier.plugins.refresh()
    assert "acme.dll is missing" in str(error)
    assert isinstance(error.__cause__, BrokenPluginError)
