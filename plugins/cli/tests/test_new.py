"""A new distribution: its names, what is refused, lists of commands, and that nothing else is written."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from luthier_cli.new_driver.free_text import ascii_of, checked_text, in_docstring, literal
from luthier_cli.new_driver.names import Known, derive_names
from luthier_cli.new_driver.recorded_commands import read_recording
from luthier_cli.new_driver.refusal import RefusedError
from luthier_cli.new_driver.scpi_list import read_scpi_list
from luthier_cli.program import luthier_command

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

KNOWN = Known({"luthier-keithley", "luthier-acme-x1"}, {"keithley.2400": "luthier-keithley"})

# maker, model; distribution, driver, module, class
DERIVED = [
    ("Acme", "X100", ("luthier-acme", "acme.x100", "x100", "X100")),
    ("R&S", "FSV-7", ("luthier-rohde-schwarz-fsv-7", "rohde-schwarz.fsv-7", "fsv_7", "FSV7")),
    ("Rohde & Schwarz", "FSV-7", ("luthier-rohde-schwarz-fsv-7", "rohde-schwarz.fsv-7", "fsv_7", "FSV7")),
    ("B&K O'Neil", "1", ("luthier-bk-oneil", "bk-oneil.1", "model_1", "Model1")),
    ("Ü-Tek", "Straße µ2", ("luthier-u-tek", "u-tek.strasse-u2", "strasse_u2", "StrasseU2")),
    ("Keithley", "6517", ("luthier-keithley-6517", "keithley.6517", "model_6517", "Model6517")),
    ("acme", "lambda", ("luthier-acme", "acme.lambda", "model_lambda", "Lambda")),
    ("acme", "None", ("luthier-acme", "acme.none", "none", "ModelNone")),
    ("acme", "Output", ("luthier-acme", "acme.output", "output", "ModelOutput")),
    ("acme", "string", ("luthier-acme", "acme.string", "model_string", "String")),
    ("Con", "AUX", ("luthier-con", "con.aux", "model_aux", "AUX")),
    ("3M", "conformance", ("luthier-3m", "3m.conformance", "model_conformance", "Conformance")),
    ('a"b\\c', "x\\y", ("luthier-a-b-c", "a-b-c.x-y", "x_y", "XY")),
    (
        "A " + "long " * 11 + "name",
        "Y" * 40,
        ("luthier-a-long-long-long-long", "a-long-long-long-long." + "y" * 20, "y" * 20, "Y" * 20),
    ),
]


@pytest.mark.parametrize(("maker", "model", "derived"), DERIVED)
def test_names_are_derived(maker: str, model: str, derived: tuple[str, str, str, str]) -> None:
    names = derive_names(maker, model, {}, KNOWN)
    assert (names.distribution, names.driver_id, names.module, names.class_name) == derived
    assert names.package.isidentifier()
    assert names.module.isidentifier()


@pytest.mark.parametrize(
    ("maker", "model", "options", "said"),
    [
        ("Keithley", "2400", {}, "there is a driver keithley.2400 already, in luthier-keithley"),
        ("Sim", "1", {}, "part of Luthier"),
        ("Acme", "X", {"namespace": "core"}, "part of Luthier"),
        ("日本", "1", {}, "--option namespace=acme"),
        ("Acme", "℗", {"driver": ""}, "small letters"),
        ("Acme", "日本", {}, "--option driver=x100"),
        ("Acme", "X", {"module": "os"}, "name of a module"),
        ("Acme", "X", {"module": "../x"}, "name of a module"),
        ("Acme", "X", {"class": "int"}, "name of a class"),
        ("Acme", "X", {"class": "Channel"}, "name of a class"),
        ("Acme", "X", {"namespace": "a" * 25}, "at most 24"),
    ],
)
def test_what_cannot_be_a_name_is_refused_with_the_next_step(
    maker: str, model: str, options: dict[str, str], said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        derive_names(maker, model, options, KNOWN)


def test_a_distribution_that_exists_is_not_made_a_second_time() -> None:
    known = Known({"luthier-acme", "luthier-acme-x1"}, {})
    with pytest.raises(RefusedError, match="there is a distribution luthier-acme-x1 already"):
        derive_names("Acme", "X1", {}, known)


@given(st.text(max_size=60))
def test_text_that_is_taken_means_the_same_in_toml_and_python(text: str) -> None:
    try:
        taken = checked_text(text, "maker", 60)
    except RefusedError:
        return
    assert tomllib.loads(f"x = {literal(taken)}")["x"] == taken
    assert ast.literal_eval(literal(taken)) == taken
    assert isinstance(ast.literal_eval(f'"""The {in_docstring(taken)}."""'), str)
    assert ascii_of(taken).isascii()


def new(folder: Path, *arguments: str, code: int = 0, typed: str | None = None) -> Result:
    given = ["new", "--output", str(folder), *arguments]
    result = CliRunner().invoke(luthier_command, given, prog_name="luthier", input=typed)
    assert result.exit_code == code, result.output
    return result


def test_what_is_not_given_is_asked_and_asked_again(tmp_path: Path) -> None:
    answers = "Acme\n日本\nX9\nfoo\nserial\nAda\nMIT\n"
    assert "no name can be made of '日本'" in new(tmp_path, typed=answers).output
    assert 'interfaces = ["serial"]' in (tmp_path / "luthier-acme/src/luthier_acme/luthier.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--maker", "A{{x}}", "--model", "X"], "means something to templates"),
        (["--maker", "A\u202eB", "--model", "X"], "RIGHT-TO-LEFT OVERRIDE"),
        (["--maker", "A", "--model", "X" * 41], "allowed are 40"),
        (["--maker", "A", "--model", "X", "--option", "email=x"], "'ada@example.com'"),
        (["--maker", "A", "--model", "X", "--option", "library=a b"], "'acme_sdk'"),
        (["--maker", "A"], "Give it with --model"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_anything_is_written(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    output = new(tmp_path, "--author", "Ada", "--no-input", *arguments, code=1).output
    assert said in output
    assert "Nothing was written" in output
    assert list(tmp_path.iterdir()) == []


def test_an_option_that_is_mistyped_is_guessed(tmp_path: Path) -> None:
    output = new(tmp_path, "--option", "clas=X", "--no-input", code=2).output
    assert "Did you mean class=X" in " ".join(output.split())


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "luthier-acme").mkdir()
    output = new(tmp_path, "--maker", "Acme", "--model", "X", "--author", "Ada", "--no-input", code=1).output
    assert "luthier-acme already" in output
    assert list((tmp_path / "luthier-acme").iterdir()) == []


def test_a_name_near_that_of_a_known_maker_is_made_and_remarked(tmp_path: Path) -> None:
    result = new(tmp_path, "--maker", "Keithly", "--model", "X", "--author", "Ada", "--no-input")
    assert "luthier-keithley is for a maker of nearly the same name" in result.output


def test_without_its_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cookiecutter", None)  # as where it is not installed
    output = new(tmp_path, "--maker", "Acme", "--model", "X", "--author", "Ada", "--no-input", code=1).output
    assert "pip install 'luthier-cli[new]'" in output
    assert list(tmp_path.iterdir()) == []


def test_nobody_to_ask_is_said_and_nothing_is_written_elsewhere(tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    variables = {"HOME": str(home), "USERPROFILE": str(home), "PATH": ""}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "luthier_cli", "new", "--maker", "Acme", "--model", "X", *arguments]
        return subprocess.run(
            command, cwd=work, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    silent = run()
    assert silent.returncode == 1
    assert "nobody answers" in silent.stderr
    assert list(work.iterdir()) == []
    assert run("--author", "Ada", "--no-input").returncode == 0
    assert [path.name for path in work.iterdir()] == ["luthier-acme"]
    assert list(home.iterdir()) == []


LINES = """
*IDN?
SYSTem:ERRor?
[SOURce:]VOLTage[:LEVel] V -10..10 # Level, "so to say".
MEASure:CURRent? A
OUTPut[:STATe] bool
mode = SENSe:FUNCtion VOLTage|CURRent
SENSe:AVERage:COUNt int 1..100
CALibration:KEY write-only int
DISPlay:TEXT text
"""
CSV = """command;name;unit;minimum;maximum;type;choices;access;doc
[SOURce:]VOLTage[:LEVel];;V;-10;10;;;;Level, "so to say".
MEASure:CURRent?;;A;;;;;;
OUTPut[:STATe];;;;;bool;;;
SENSe:FUNCtion;mode;;;;;VOLTage|CURRent;;
SENSe:AVERage:COUNt;;;1;100;int;;;
CALibration:KEY;;;;;int;;write;
DISPlay:TEXT;;;;;text;;;
"""
TOML = """
voltage = {command = "[SOURce:]VOLTage[:LEVel]", unit = "V", minimum = -10, maximum = 10, doc = 'Level, "so to say".'}
measure_current = {command = "MEASure:CURRent?", unit = "A"}
output = {command = "OUTPut[:STATe]", type = "bool"}
mode = {command = "SENSe:FUNCtion", choices = ["VOLTage", "CURRent"]}
sense_average_count = {command = "SENSe:AVERage:COUNt", type = "int", minimum = 1, maximum = 100}
calibration_key = {command = "CALibration:KEY", access = "write", type = "int"}
display_text = {command = "DISPlay:TEXT", type = "text"}
"""


def test_a_list_says_the_same_in_lines_csv_and_toml(tmp_path: Path) -> None:
    found = []
    for name, text in (("a.txt", LINES), ("a.csv", CSV), ("a.toml", TOML)):
        (tmp_path / name).write_text(text, "utf-8")
        found.append(read_scpi_list(tmp_path / name))
    (lines, common), (csv, _), (toml, _) = found
    assert common == 2
    assert lines == csv == toml
    assert [command.message for command in lines[:3]] == ["VOLT", "MEAS:CURR", "OUTP"]
    assert json.dumps([command.as_plain() for command in lines])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("SOURce<n>:VOLTage V", "Channels"),
        ("VOLTage V 10..1", "its minimum, 10, is above its maximum, 1"),
        ("VOLTage V a..1", "its minimum is 'a', and no number"),
        ("VOLTage V A", "'A' is not understood"),
        ("VOLTage bool 0..1", "limits are for numbers"),
        ("MEASure:VOLTage? write-only", "can only be asked"),
        ("FUNCtion VOLTage|VOLT", "two are the same"),
        ("FUNCtion voltage|current", "no word as manuals write it"),
        ("timeout = FOO:TIMeout s", "every instrument has 'timeout' already"),
        ("class = FOO:BAR", "cannot be the name of a parameter"),
        ("VOLTage V\nvoltage = FOO", "'voltage' is in line 1 already"),
        ("VOLTage V\nother = VOLTage", "'VOLT' is in line 1 already"),
        ("VOLTage int 0.5..2", "whole numbers"),
        ("VERYLONGMNEMONIC:VOLTage", "more than the 12 letters"),
        ("# nothing", "has no commands"),
    ],
)
def test_a_mistake_in_a_list_is_named_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "list.txt"
    file.write_text(line, "utf-8")
    with pytest.raises(RefusedError) as refused:
        read_scpi_list(file)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "command,colour\nVOLT,red\n", "there is no column 'colour'"),
        ("a.csv", "command,unit\nVOLT\n", "line 2: it has not as many cells"),
        ("a.toml", "volt = 1\n", "[volt]: it is no table"),
        ("a.toml", "[volt]\ncolour = 1\n", "the key 'colour' is not known"),
        ("a.toml", "[volt\n", "it is no TOML"),
        ("a.txt", "caf\xe9", "no text in UTF-8"),
    ],
)
def test_a_list_of_another_form_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    file = tmp_path / name
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(RefusedError) as refused:
        read_scpi_list(file)
    assert said in str(refused.value)


RECORDED = """luthier tape 1
instrument: smu

0.004747 > *IDN?
0.021014 < KEITHLEY INSTRUMENTS INC.,MODEL 6517,0000001,C33
1.005791 > :SOUR:VOLT 1.5
1.007798 > SYST:ERR?
1.019972 < 0,"No error"
1.020041 = voltage set 1.5
> sour:volt?
< +1.500000E+00
> OUTP ON
> SENS:FUNC VOLT
> SENS:FUNC CURR
> AVER:COUN?
< 5
> DISP:TEXT?
< "it\\x27s"
> SYST:SER?
< "00 42"
> MEAS? (@1)
< 1,2
> TIMEOUT?
< 3
# by hand
> READ?
6.1 ! timeout no reply within 5 s to 'READ?'
"""


def test_a_recording_gives_settings_readings_and_who_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.tape"
    file.write_text(RECORDED, "utf-8")
    found = read_recording(file)
    assert found.identity is not None
    assert found.identity.model == "MODEL 6517"
    assert {one.name: (one.kind, one.access, one.initial) for one in found.commands} == {
        "sour_volt": ("float", "both", "1.5"),
        "outp": ("bool", "write", "True"),
        "sens_func": ("choice", "write", '"VOLT"'),
        "aver_coun": ("int", "read", "5"),
        "syst_ser": ("text", "read", "'\"00 42\"'"),
    }
    assert found.left_out == ("MEAS? (@1)", "TIMEOUT?", "DISP:TEXT?", "READ?")
    output = new(tmp_path, "--from-recording", str(file), "--author", "Ada", "--no-input").output
    assert "luthier-keithley-6517" in output
    assert "Left out: 4" in output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("luthier tape 2\n", "reads format 1"),
        ("< 1\n", "line 1: '< 1' is no line"),
        ("> VOLT 1\nVOLT?\n", "line 2: 'VOLT?' is no line"),
        ("> READ? (@1)\n", "no settings and readings"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "a.tape"
    file.write_text(text, "utf-8")
    with pytest.raises(RefusedError, match=re.escape(said)):
        read_recording(file)


def test_a_list_is_not_for_libraries(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("VOLTage V", "utf-8")
    arguments = ["--maker", "A", "--model", "X", "--author", "Ada", "--from-scpi", str(file)]
    assert "not for sdk" in new(tmp_path, *arguments, code=1, typed="sdk\nMIT\n").output
    assert list(tmp_path.iterdir()) == [file]
