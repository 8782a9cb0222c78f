"""What a user settles for good: what is switched off, and who gets an id that several claim."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from luthier import Station, plugins
from luthier.errors import (
    AmbiguousPluginError,
    BrokenPluginError,
    DisabledPluginError,
    IncompatiblePluginError,
    StationError,
)
from luthier.plugins.user_settings import settings_file

if TYPE_CHECKING:
    from collections.abc import Callable

TWO = "[luthier.drivers]\nacme.x = driver_{label}:Driver\n"
DRIVER = """
    from luthier import Instrument

    class Driver(Instrument):
        label = {label!r}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., Path]) -> Callable[[str], Path]:
    """Write the user's file."""
    file = tmp_path / "config.toml"
    monkeypatch.setenv("LUTHIER_CONFIG", str(file))

    def write(text: str) -> Path:
        file.write_text(text, encoding="utf-8")
        plugins.refresh()
        return file

    del install  # looks anew at the plugins when the test has ended
    return write


def _install_two(install: Callable[..., Path]) -> None:
    for label in ("one", "two"):
        modules = {f"driver_{label}": DRIVER.format(label=label)}
        install(f"luthier-{label}", TWO.format(label=label), modules=modules)


@pytest.mark.parametrize("line", ['"Acme.X" = "Luthier_Two"', 'acme = "luthier-two"'])
def test_who_is_preferred_gets_the_id(install: Callable[..., Path], config: Callable[[str], Path], line: str) -> None:
    _install_two(install)
    file = config(f"[plugins.prefer]\n{line}\n")
    drivers = plugins.registry("drivers")
    assert drivers.find("acme.x").distribution == "luthier-two"
    shadowed = drivers.find("luthier-one:acme.x")
    assert shadowed.state == "shadowed"
    assert f"{file} prefers luthier-two" in shadowed.reason


def test_who_is_preferred_also_gets_it_from_the_owner_unless_switched_off(
    install: Callable[..., Path], config: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    install("luthier-acme", TWO.format(label="own"))
    _install_two(install)
    config('[plugins.prefer]\n"acme.x" = "luthier-two"\n')
    assert plugins.registry("drivers").find("acme.x").distribution == "luthier-two"
    monkeypatch.setenv("LUTHIER_DISABLE", "luthier-two")
    plugins.refresh()
    assert plugins.registry("drivers").find("acme.x").distribution == "luthier-acme"


def test_a_preference_for_nobody_who_claims_it_changes_nothing(
    install: Callable[..., Path], config: Callable[[str], Path]
) -> None:
    _install_two(install)
    config('[plugins.prefer]\n"acme.x" = "luthier-three"\n')
    with pytest.raises(AmbiguousPluginError, match=r"\[plugins.prefer\].*config\.toml: \"acme.x\" = \"luthier-one\""):
        plugins.registry("drivers").load("acme.x")


def test_what_the_file_switches_off_is_disabled(install: Callable[..., Path], config: Callable[[str], Path]) -> None:
    _install_two(install)
    file = config('[plugins]\ndisable = ["Luthier.One"]\n')
    assert plugins.registry("drivers").find("luthier-one:acme.x").reason == f"{file} names 'Luthier.One'"
    with pytest.raises(DisabledPluginError, match="luthier plugins enable"):
        plugins.registry("drivers").load("luthier-one:acme.x")
    assert plugins.registry("drivers").find("acme.x").distribution == "luthier-two"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[plugins", "is wrong"),
        ("plugins = 3", r"\[plugins\] has to be a table"),
        ("[plugins]\ndisabled = []", "no key 'disabled'"),
        ("[plugins]\ndisable = 'x'", "has to be a list"),
        ("[plugins.prefer]\nx = 3", "has to have lines like"),
    ],
)
def test_a_wrong_file_is_remarked_on_and_not_used(
    install: Callable[..., Path], config: Callable[[str], Path], text: str, said: str
) -> None:
    _install_two(install)
    file = config(text)
    (remark,) = [one for one in plugins.remarks() if str(file) in one]
    assert remark.endswith("Nothing in it is used.")
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(remark)
    assert plugins.registry("drivers").find("luthier-one:acme.x").state == "ambiguous"


def test_the_file_is_where_the_system_keeps_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUTHIER_CONFIG")
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
        assert settings_file() == "/somewhere/luthier/config.toml"
        monkeypatch.delenv("XDG_CONFIG_HOME")
        assert settings_file() == str(Path("~/.config/luthier/config.toml").expanduser())
    else:
        assert Path(settings_file()).parts[-2:] == ("luthier", "config.toml")


def test_a_station_prefers_what_its_file_says(install: Callable[..., Path], tmp_path: Path) -> None:
    _install_two(install)
    lab = tmp_path / "lab.toml"
    lab.write_text('[plugins.prefer]\nacme = "luthier-two"\n[instruments.a]\ndriver = "acme.x"\n', encoding="utf-8")
    with Station(lab) as station:
        assert station.get("a").label == "two"
    lab.write_text('[plugins.prefer]\nacme = 2\n[instruments.a]\ndriver = "acme.x"\n', encoding="utf-8")
    with pytest.raises(StationError, match=r"lab.toml:2: prefer says which distribution 'acme' is taken from"):
        Station(lab)


def test_a_manifest_that_states_another_interface_rules_out(install: Callable[..., Path]) -> None:
    entry_points = TWO.format(label="one") + "[luthier.manifest]\none = described_one:luthier.toml\n"
    info = install("luthier-one", entry_points, modules={"driver_one": "raise RuntimeError\n"})
    (info.parent / "described_one").mkdir()
    manifest = info.parent / "described_one" / "luthier.toml"
    manifest.write_text('schema = 1\napi = ["9.0"]\n', encoding="utf-8")
    with pytest.raises(IncompatiblePluginError, match=r"written for version 9\.0"):
        plugins.registry("drivers").load("acme.x")
    assert plugins.registry("drivers").find("acme.x").state == "incompatible"


def test_a_missing_library_is_got_as_the_manifest_says(install: Callable[..., Path]) -> None:
    entry_points = TWO.format(label="sdk") + "[luthier.manifest]\none = described_sdk:luthier.toml\n"
    info = install("luthier-one", entry_points, modules={"driver_sdk": "import acme_sdk.core\n"})
    (info.parent / "described_sdk").mkdir()
    manifest = info.parent / "described_sdk" / "luthier.toml"
    manifest.write_text('schema = 1\napi = ["1.0"]\n[needs]\nacme_sdk = "It is on the CD."\n', encoding="utf-8")
    with pytest.raises(BrokenPluginError) as caught:
        plugins.registry("drivers").load("acme.x")
    assert "it needs 'acme_sdk', which is not installed" in str(caught.value)
    assert "It is on the CD (says luthier-one)" in str(caught.value)
