"""Listing drivers, and what is known of one."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from click.testing import CliRunner
from luthier import plugins
from luthier_cli.commands.drivers import drivers

DRIVER = """
    from luthier import Instrument, group, parameter
    from luthier.validators import Numbers

    class Source(Instrument):
        '''Acme source:
        3 V.

        More.
        '''

        level = parameter(
            float, get_cmd="L?", set_cmd="L {}", unit="V", validator=Numbers(0, 3), doc="What is sourced."
        )
        identity = parameter(str, get_cmd="I?")
        both = group("x", "y", get_cmd="XY?")
        x = parameter(float, group="both", unit="A")
        y = parameter(float, group="both")
        millis = parameter(float, delegate="level", unit="mV", scale=0.001)
"""


@pytest.fixture
def acme(shell: Any) -> Any:
    shell.install(
        "luthier-acme",
        "[luthier.drivers]\nacme.source = acme_source:Source\n[luthier.simulators]\nacme.source = absent:x\n"
        "[luthier.api]\n1.0 = acme_source\n",
        modules={"acme_source": DRIVER},
    )
    return shell


def test_drivers_are_listed_with_where_they_are_from(acme: Any) -> None:
    lines = [line.split() for line in acme.succeed("drivers").splitlines()]
    assert lines[0] == ["driver", "vendor", "models", "distribution", "version", "state"]
    assert ["acme.source", "luthier-acme", "1.0", "available"] in lines


def test_scripts_get_a_list_of_objects(acme: Any) -> None:
    (record,) = [one for one in json.loads(acme.succeed("drivers", "--json")) if one["id"] == "acme.source"]
    assert record == {
        "id": "acme.source",
        "distribution": "luthier-acme",
        "version": "1.0",
        "vendor": None,
        "models": [],
        "families": [],
        "state": "available",
        "reason": "",
    }


def test_what_cannot_be_used_is_listed_with_the_reason(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n[luthier.api]\n7.0 = m\n")
    shell.install("luthier-bolt", "[luthier.drivers]\nbolt.x = m:x\n")
    shell.variables["LUTHIER_DISABLE"] = "luthier-bolt"
    out = shell.succeed("drivers")
    assert "incompatible: it was written for version 7.0" in out
    assert "disabled: LUTHIER_DISABLE names 'luthier-bolt'" in out


def test_what_is_odd_about_the_installation_is_said_beside_the_list(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.driver]\nacme.x = m:x\n")
    ended = shell.run("drivers", "--json")
    assert ended.code == 0
    assert "Note: luthier-acme declares the entry-point group 'luthier.driver'" in ended.err
    json.loads(ended.out)


def test_where_there_is_no_driver_the_list_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    plugins.refresh()
    try:
        assert "pip install luthier-keithley" in CliRunner().invoke(drivers).output
        assert CliRunner().invoke(drivers, ["--json"]).output.strip() == "[]"
    finally:
        monkeypatch.undo()
        plugins.refresh()


def test_info_says_how_to_open_a_driver_and_imports_nothing(acme: Any) -> None:
    (acme.site / "acme_source.py").write_text("raise RuntimeError")
    out = acme.succeed("info", "Acme.Source")
    assert 'luthier.open("acme.source", "sim://")' in out
    assert "luthier-acme" in out
    record = json.loads(acme.succeed("info", "acme.source", "--json"))
    assert record["simulator"] is True
    assert record["class"] == "acme_source:Source"
    assert record["api"] == ["1.0"]
    assert "parameters" not in record


def test_info_lists_parameters_with_unit_and_what_is_allowed(acme: Any) -> None:
    out = acme.succeed("info", "acme.source", "--parameters")
    assert out.startswith("Acme source: 3 V.\n")
    record = json.loads(acme.succeed("info", "acme.source", "--parameters", "--json"))
    assert record["parameters"][0] == {
        "name": "level",
        "type": "float",
        "unit": "V",
        "use": "get, set",
        "allowed": "0 V to 3 V",
        "doc": "What is sourced.",
    }
    uses = {parameter["name"]: parameter["use"] for parameter in record["parameters"]}
    assert uses == {
        "level": "get, set",
        "identity": "get",
        "both": "get",
        "x": "get",
        "y": "get",
        "millis": "get, set",
    }


def test_info_of_a_broken_driver_says_what_is_broken_only_when_it_is_needed(acme: Any) -> None:
    (acme.site / "acme_source.py").write_text("import absent_library")
    assert acme.run("info", "acme.source").code == 0
    ended = acme.run("info", "acme.source", "--parameters")
    assert ended.code == 1
    assert "it needs the module 'absent_library'" in ended.err


def test_info_of_a_shadowed_driver_says_how_to_get_at_it(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    shell.install("luthier-bolt", "[luthier.drivers]\nacme.x = m:x\n")
    assert 'luthier.open("luthier-bolt:acme.x"' in shell.succeed("info", "luthier-bolt:acme.x")
