from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from luthier import plugins
from luthier.errors import UnknownPluginError
from luthier.plugins import install_hints
from luthier.plugins.install_hints import distribution_of_maker, distribution_of_module, distribution_of_name
from luthier.plugins.naming import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MAKERS = [
    *("alicat", "american_magnetics", "keithley", "keysight", "lakeshore", "minicircuits", "mks", "newport"),
    *("oxford_instruments", "pfeiffer", "qdevil", "qutech", "rigol", "rohde_schwarz", "siglent", "stanford_research"),
    *("tektronix", "thorlabs", "weinschel", "yokogawa"),
]


def _message(kind: plugins.Kind, name: str) -> str:
    with pytest.raises(UnknownPluginError) as caught:
        plugins.registry(kind).load(name)
    assert (caught.value.kind, caught.value.name) == (kind, name)
    return str(caught.value)


def test_a_misspelt_id_is_answered_with_what_was_meant(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.2400 = m:x\nacme.2450 = m:y\n")
    with pytest.raises(UnknownPluginError, match=r"Did you mean 'acme\.2400'") as caught:
        plugins.registry("drivers").find("acne.2400")
    assert caught.value.suggestions[0] == "acme.2400"


def test_an_unknown_model_of_an_installed_maker_lists_its_models(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.one = m:x\nacme.two = m:y\n")
    message = _message("drivers", "acme.wholly-different")
    assert "acme.one, acme.two" in message
    assert "pip install" not in message


def test_a_long_list_is_cut_and_says_so(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\n" + "".join(f"acme.{n:03} = m:x\n" for n in range(100)))
    message = _message("drivers", "acme.wholly-different")
    assert "acme.011 and 88 more" in message
    assert len(message) < 500


@pytest.mark.parametrize("maker", _MAKERS)
def test_each_known_maker_has_a_distribution_of_its_name(maker: str) -> None:
    assert distribution_of_maker(maker) == f"luthier-{canonical(maker)}"
    assert distribution_of_maker(maker.upper().replace("_", "-")) == f"luthier-{canonical(maker)}"


@pytest.mark.parametrize(
    ("word", "distribution"),
    [
        ("agilent", "luthier-keysight"),
        ("SRS", "luthier-stanford-research"),
        ("keithly", "luthier-keithley"),
        ("zzz", ""),
    ],
)
def test_a_maker_is_known_by_its_other_names(word: str, distribution: str) -> None:
    assert distribution_of_maker(word) == distribution


def test_a_driver_of_a_known_maker_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(install_hints._MAKERS, "luthier-granville", ("granville",))  # the others may be installed here
    assert "pip install luthier-granville" in _message("drivers", "granville.307")
    assert "pip install luthier-granville" in _message("simulators", "GRANVILLE.307")


def test_a_plugin_of_the_project_tells_what_to_install() -> None:
    assert distribution_of_name("transports", "socket") == "luthier-visa"
    assert distribution_of_name("strategies", "meta.parallel") == "luthier-meta"
    assert not distribution_of_name("storage", "socket")


def test_a_kind_of_which_nothing_is_installed_says_so() -> None:
    if plugins.registry("validators").entries():
        pytest.skip("somebody's validators are installed here")
    assert "No validator is installed at all." in _message("validators", "numbers")


def test_a_distribution_that_has_no_such_plugin_says_what_it_has(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.one = m:x\n")
    assert "luthier-acme has acme.one" in _message("drivers", "Luthier_Acme:acme.wholly-different")
    assert "luthier-absent has none" in _message("drivers", "luthier-absent:acme.one")


def test_the_distribution_of_a_module_is_known_or_guessed() -> None:
    assert distribution_of_module("serial.tools") == "pyserial"
    assert distribution_of_module("nidaqmx") == "nidaqmx"
