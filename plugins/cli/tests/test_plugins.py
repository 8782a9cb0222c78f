"""What is installed, what is switched off, and how something is installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from luthier import plugins
from luthier_cli.commands.plugins import plugins_group
from luthier_cli.diagnosis.clock import clock
from luthier_cli.disabled_list import change_disabled
from luthier_cli.installing.environment import installation, shown
from luthier_cli.plugin_index import index_of_installed, read_index

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "commands.md"


@pytest.mark.skipif(not PAGE.exists(), reason="only in the repository")
def test_the_page_has_every_command_and_option_of_plugins() -> None:
    text = PAGE.read_text(encoding="utf-8")
    with click.Context(plugins_group) as context:
        for name in plugins_group.list_commands(context):
            command = plugins_group.get_command(context, name)
            assert command is not None
            assert f"luthier plugins {name}" in text
            options = [option for option in command.params if isinstance(option, click.Option)]
            assert all(any(opt in text for opt in option.opts) for option in options), name


@pytest.mark.skipif(not PAGE.exists(), reason="only in the repository, where all of them are installed")
def test_the_index_is_what_the_manifests_say() -> None:
    shipped = [{"distribution": one.distribution, "plugins": one.plugins} for one in read_index()]
    assert shipped == index_of_installed([one.name for one in plugins.distributions()]), (
        "write json.dumps(index_of_installed(names), indent=1, ensure_ascii=False) into luthier_cli/plugin_index.json"
    )


def test_what_is_known_is_searched_and_what_is_not_is_guessed(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.x = m:X\n")
    found = json.loads(shell.succeed("plugins", "search", "2400", "keithley", "--json"))
    assert {"plugin": "drivers: keithley.2400", "installed": True}.items() <= found[0].items()
    assert "luthier-lakeshore" in shell.succeed("plugins", "search", "lakeshore")


def test_a_distribution_is_described_by_its_name_or_by_a_plugin(shell: Any) -> None:
    by_plugin = json.loads(shell.succeed("plugins", "info", "keithley.2400", "--json"))
    assert by_plugin == json.loads(shell.succeed("plugins", "info", "Luthier_Keithley", "--json"))
    assert {one["id"] for one in by_plugin["plugins"]} >= {"keithley.2400", "keithley.2000"}
    ended = shell.run("plugins", "info", "luthier-keithly")
    assert ended.code == 1
    assert "Did you mean luthier-keithley" in ended.err


def test_what_is_disabled_stays_so_until_it_is_enabled(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.x = m:X\n")
    assert "switched off in" in shell.succeed("plugins", "disable", "Luthier.Acme")
    assert "disabled" in shell.succeed("plugins", "list", "--kind", "drivers")
    assert "Nothing to do" in shell.succeed("plugins", "disable", "luthier-acme")
    shell.variables["LUTHIER_DISABLE"] = "acme.x"
    ended = shell.run("plugins", "enable", "luthier-acme")
    assert "switched on" in ended.out
    assert "acme.x is still off: LUTHIER_DISABLE names 'acme.x'." in ended.err


@pytest.mark.parametrize(
    ("name", "said"), [("luthier-acne", "Did you mean"), ("zzz", "plugins list"), ("luthier-cli", "command's own")]
)
def test_what_cannot_be_disabled_is_refused(shell: Any, name: str, said: str) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.x = m:X\n")
    ended = shell.run("plugins", "disable", name)
    assert ended.code == 1
    assert said in ended.err
    assert "Nothing was changed" in ended.err
    assert not shell.config.exists()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "a" / "config.toml"
    monkeypatch.setenv("LUTHIER_CONFIG", str(file))
    return file


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[plugins]\ndisable = ["x", "y"]\n'),
        (
            "[plugins] # mine\n\n[plugins.prefer]\na = 'b'\n",
            '[plugins] # mine\ndisable = ["x", "y"]\n\n[plugins.prefer]',
        ),
        ("[plugins.prefer]\na = 'b'\n", '[plugins.prefer]\na = \'b\'\n\n[plugins]\ndisable = ["x", "y"]\n'),
        ("# mine\n[plugins]\ndisable = [\n 'z', # why\n]\n", '# mine\n[plugins]\ndisable = ["z", "x", "y"]\n'),
    ],
)
def test_the_rest_of_the_file_stays(config: Path, before: str, after: str) -> None:
    config.parent.mkdir()
    config.write_text(before, encoding="utf-8")
    assert change_disabled(add=("x", "y")) == (config, ("x", "y"))
    assert config.read_text(encoding="utf-8").startswith(after)
    assert change_disabled(remove=("X",)) == (config, ("x",))
    assert '"x"' not in config.read_text(encoding="utf-8")
    assert [file.name for file in config.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("text", ["[plugins", "plugins = {disable = ['z']}\n", "[plugins]\ndisabled = []\n"])
def test_a_file_that_cannot_be_changed_stays_as_it_is(config: Path, text: str) -> None:
    config.parent.mkdir()
    config.write_text(text, encoding="utf-8")
    with pytest.raises(click.ClickException, match="as it was"):
        change_disabled(add=("x",))
    assert config.read_text(encoding="utf-8") == text


def _environment(folder: Path, *, made_by: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\n{made_by}\n", encoding="utf-8")
    return folder


def test_the_command_is_that_of_the_environment(tmp_path: Path) -> None:
    def command(prefix: Path, *, managed: bool = False, has_pip: bool = True) -> str:
        found = installation(["a>1"], prefix=prefix, executable="py", managed=managed, has_pip=has_pip)
        return " ".join((found.tool, ":", *found.command))

    plain = _environment(tmp_path / "venv")
    assert command(plain) == "pip : py -m pip install a>1"
    assert command(_environment(tmp_path / "u", made_by="uv = 0.8.1")) == "uv : uv pip install --python py a>1"
    assert command(_environment(tmp_path / "pipx" / "venvs" / "luthier")) == "pipx : pipx inject luthier a>1"
    tool = _environment(tmp_path / "uv" / "tools" / "luthier", made_by="uv = 0.8.1")
    assert command(tool) == "uv tool : uv tool install luthier --with a>1"
    conda = _environment(tmp_path / "conda")
    (conda / "conda-meta").mkdir()
    assert command(conda) == "conda : py -m pip install a>1"
    assert command(plain, managed=True) == "pip :"
    without = installation(["a"], prefix=plain, executable="py", managed=False, has_pip=False)
    assert "py -m ensurepip" in without.remark
    assert shown(("py", "a>1")) in {"py 'a>1'", "py a>1"}


def test_names_become_requirements_and_options_are_refused(shell: Any) -> None:
    out = shell.run("plugins", "install", "keithley", "lakeshore.336", "luthier-acme>=1.2").out
    assert [word.strip("'") for word in out.split()[-3:]] == [
        "luthier-keithley",
        "luthier-lakeshore",
        "luthier-acme>=1.2",
    ]
    for evil in ("--index-url=x", "git+https://x/y", "./folder", "a;b"):
        ended = shell.run("plugins", "install", "--", evil)
        assert ended.code == 1
        assert "is not the name of a distribution" in ended.err


def test_an_installation_that_fails_is_a_failure(shell: Any, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    shell.variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(nothing), "UV_NO_INDEX": "1"}
    ended = shell.run("plugins", "install", "luthier-there-is-none", "--run")
    assert ended.code == 1
    assert "luthier-there-is-none" in ended.out
    assert "its own message is above" in ended.err


def test_versions_are_frozen_and_a_sound_distribution_is_found_sound(shell: Any) -> None:
    lines = [line.partition("  ")[0] for line in shell.succeed("plugins", "freeze").splitlines()]
    core = next(
        one["version"] for one in json.loads(shell.succeed("plugins", "freeze", "--json")) if "core" in str(one)
    )
    assert f"luthier-core=={core}" in lines
    assert "nothing is wrong" in shell.succeed("plugins", "check", "luthier-keithley")


@pytest.mark.slow
def test_the_drivers_of_a_distribution_are_tried_and_a_bad_one_is_a_failure(shell: Any, tmp_path: Path) -> None:
    reports = json.loads(shell.succeed("plugins", "check", "luthier-keithley", "--drivers", "--json"))
    assert {report["tier"] for report in reports} <= {"silver", "gold"}
    assert "keithley.2400" in {report["driver"] for report in reports}
    assert {check["stage"] for check in reports[0]["checks"]} >= {"static", "import", "behaviour"}

    info = tmp_path / "luthier_bad-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: luthier-bad\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[luthier.drivers]\nbad.x = bad_driver:X\n", encoding="utf-8")
    (tmp_path / "bad_driver.py").write_text("raise OSError('no such library')\n", encoding="utf-8")
    shell.variables |= {"PYTHONPATH": str(tmp_path), "LUTHIER_STRICT_PLUGINS": ""}
    ended = shell.run("plugins", "check", "luthier-bad", "--drivers")
    assert ended.code == 1
    assert "bad.x: none" in ended.out
    assert "importing it raised OSError: no such library" in ended.out


def test_a_clock_that_is_wrong_is_noticed(tmp_path: Path) -> None:
    assert clock(now=0.0).verdict == "bad"
    assert clock(timesync=tmp_path / "none").verdict == "good"
    assert clock(timesync=tmp_path).verdict == "doubtful"
    (tmp_path / "synchronized").touch()
    assert clock(timesync=tmp_path).verdict == "good"


def test_the_interpreter_is_that_of_this_environment() -> None:
    found = installation(["x"])
    assert sys.executable in found.command or found.tool in {"pipx", "uv tool"} or not found.command
