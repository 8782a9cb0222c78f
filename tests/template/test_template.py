"""What `luthier new` makes is right whatever was typed: it is filled in for every interface, and checked as a whole."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from cookiecutter.main import cookiecutter
from luthier.plugins.manifests.reading import read_manifest
from luthier_cli.new_driver.answers import INTERFACES, LICENCES
from luthier_cli.program import luthier_command

from .packing import PACKED, SOURCE, files, packed

COMMANDS = """
*IDN?
[SOURce:]VOLTage[:LEVel] V -10..10 # Level of the "source" with a \\ in it.
MEASure:CURRent? A # What flows, and a description that goes on beyond the end of lines, so that it has to be wrapped.
OUTPut[:STATe] bool
mode = SENSe:FUNCtion VOLTage|CURRent|RESistance
SENSe:AVERage:COUNt int 1..100
SENSe:BANDwidth Hz
CALibration:KEY int write-only
DISPlay:TEXT text
SYSTem:SERial? text
TRIGger:DELay s 1e-6..
"""

# maker, model, author
NAMES = [
    ("Acme", "X100", "Ada Lovelace"),
    ("R&S", "FSV-7", "Grüße, 日本 😀"),
    ('Ü-Tek "quoted" \\back\\', '12" \\lock-in\\', 'A "quoted" \\name\\'),
    ("W" * 60, "V" * 40, "A" * 80),
    (">>> print(1) # '''", "lambda |*_`", "{ braces } 'single'"),
    ("Con", "aux", "%s {} $HOME"),
]
KINDS: list[str] = [*INTERFACES, "list", "recording"]

RECORDED = """> *IDN?
< ACME "QUOTED" \\\\,"X"*,1,2
> VOLT 1.5
> VOLT?
< +1.5E+00
> OUTP ON
> FUNC VOLT
> FUNC CURR
> SYST:SER?
< "00 42"
> DISP:TEXT "ready"
"""


def make(folder: Path, maker: str, model: str, author: str, *more: str) -> Path:
    """Run the command, and return the one folder that it makes."""
    given = ["--maker", maker, "--model", model, "--author", author, "--no-input", "--output", str(folder), *more]
    before = set(folder.iterdir())
    result = CliRunner().invoke(luthier_command, ["new", *given], prog_name="luthier")
    assert result.exit_code == 0, result.output
    (made,) = set(folder.iterdir()) - before
    return made


def of_kind(kind: str, folder: Path) -> list[str]:
    """Return the options that say what is made."""
    if kind in INTERFACES:
        return ["--interface", kind]
    listed = folder.parent / "commands.txt"
    listed.write_text(COMMANDS if kind == "list" else RECORDED, "utf-8")
    if kind == "recording":
        return ["--from-recording", str(listed)]
    return ["--interface", "serial", "--from-scpi", str(listed)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], Path]:
    """Return what was made, by the number of the names and the kind."""
    root = tmp_path_factory.mktemp("made")
    found: dict[tuple[int, str], Path] = {}
    for number, (maker, model, author) in enumerate(NAMES):
        for kind in KINDS:
            folder = root / f"{number}-{kind}"
            folder.mkdir()
            licence = ["--licence", LICENCES[len(found) % len(LICENCES)]]
            found[number, kind] = make(folder, maker, model, author, *of_kind(kind, folder), *licence)
    return found


def test_the_template_that_is_shipped_is_that_of_the_repository() -> None:
    advice = "run python3 dev.py run python tests/template/packing.py"
    with zipfile.ZipFile(PACKED) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files(), advice
    assert PACKED.read_bytes() == packed(), advice


def test_every_file_is_filled_in_and_can_be_read(made: dict[tuple[int, str], Path]) -> None:
    for (number, _), folder in made.items():
        maker, model, author = NAMES[number]
        for path in folder.rglob("*"):
            if path.is_file():
                text = path.read_text("utf-8")
                assert "cookiecutter." not in text or path.name == ".cruft.json", path
                assert "{{ " not in text.replace("${{ matrix", ""), path
                assert not text or (text.endswith("\n") and not text.endswith("\n\n")), path
                if path.suffix == ".py":
                    ast.parse(text, str(path))
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        assert project["authors"][0]["name"] == author
        assert (
            author in (folder / "LICENSE").read_text("utf-8")
            or "GPL" in project["license"]
            or "Apache" in project["license"]
        )
        (manifest,) = folder.glob("src/*/luthier.toml")
        read = read_manifest(manifest.read_bytes(), distribution=project["name"], file=str(manifest))
        (driver,) = read.drivers.values()
        assert (driver.vendor, driver.models) == (maker, (model,))


def test_nothing_has_a_name_that_windows_refuses(made: dict[tuple[int, str], Path]) -> None:
    devices = {"con", "aux", "nul", "prn"}
    names = {part for folder in made.values() for path in folder.rglob("*") for part in path.relative_to(folder).parts}
    assert [name for name in names if name.partition(".")[0].lower() in devices or set(name) & set('<>:"|?*\\')] == []


def test_all_of_it_is_linted_and_formatted(made: dict[tuple[int, str], Path]) -> None:
    folders = [str(folder) for folder in made.values()]
    for command in (["check", "--quiet"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", *folders]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_cruft_can_make_the_same_again_from_what_is_written_down(
    made: dict[tuple[int, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "cookiecutter.yaml"
    settings.write_text(f"cookiecutters_dir: {tmp_path}\nreplay_dir: {tmp_path}\n", "utf-8")
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(settings))
    for key in ((1, "visa"), (2, "sdk"), (4, "list")):
        facts = json.loads((made[key] / ".cruft.json").read_text("utf-8"))
        assert facts["directory"] == SOURCE.name
        context = facts["context"]["cookiecutter"]
        again = Path(cookiecutter(str(SOURCE), no_input=True, extra_context=context, output_dir=str(tmp_path / key[1])))
        assert contents(again) == {name: text for name, text in contents(made[key]).items() if name != ".cruft.json"}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_all_of_it_has_types(made: dict[tuple[int, str], Path], tmp_path: Path) -> None:
    for key in ((0, "visa"), (1, "sdk"), (2, "list"), (4, "recording")):
        mypy = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)]
        done = subprocess.run(mypy, cwd=made[key], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
