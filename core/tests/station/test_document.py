from __future__ import annotations

import codecs
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from luthier.errors import ConfigurationError
from luthier.station import describe, nearest_file

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Lab

GOOD = '[instruments.smu]\ndriver = "x"\n'


def refusal(content: bytes, lab: Lab) -> ConfigurationError:
    lab.file.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        describe("lab.toml")
    return caught.value


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_byte_order_mark_and_windows_line_ends_are_fine(lab: Lab, mark: bytes, ends: str) -> None:
    lab.file.write_bytes(mark + GOOD.replace("\n", ends).encode())
    description = describe(lab.file)
    assert description.instruments["smu"].line == 1
    assert description.document.place(("instruments", "smu", "driver")) == f"{lab.file}:2"


def test_a_file_in_utf_16_is_refused_with_its_encoding(here: Lab) -> None:
    error = refusal(GOOD.encode("utf-16"), here)
    assert str(error) == (
        "lab.toml:1: the file is in UTF-16, not in UTF-8. Nothing was opened. "
        "Save it as UTF-8, which editors offer under 'Save as'."
    )


def test_a_character_of_another_encoding_is_refused_with_its_line(here: Lab) -> None:
    error = refusal(GOOD.encode() + "metadata = { room = 'Süd' }".encode("latin-1"), here)
    assert str(error) == (
        "lab.toml:3: there is a character that is not in UTF-8: the byte 0xFC. Nothing was opened. "
        "Save it as UTF-8, which editors offer under 'Save as'."
    )
    assert (error.file, error.line) == (str(here.file), 3)


@pytest.mark.parametrize(
    ("text", "what", "first", "second"),
    [
        ('a = 1\n[instruments.smu]\ndriver = "x"\n[b]\n[instruments.smu]\n', "the instrument 'smu'", 2, 5),
        ('[instruments]\nsmu = { driver = "x" }\n[instruments.smu]\n', "the instrument 'smu'", 2, 3),
        ("[instruments.smu]\ninitial = { a = 1, b = 2, a = 3 }\n", "the key 'a' of [instruments.smu.initial]", 2, 2),
        ('[i.smu]\ndriver = """\nx"""\ndriver = """\ny"""\n', "the key 'driver' of [i.smu]", 2, 4),
        ("a = 1\na = 2\n", "the key 'a'", 1, 2),
        ("[a]\n# [b]\n[b]\n[a]\nb = 1\nb = 2", "the key 'a'", 1, 4),
    ],
)
def test_what_is_there_twice_is_refused_with_both_lines(
    here: Lab, text: str, what: str, first: int, second: int
) -> None:
    assert str(refusal(text.encode(), here)) == (
        f"lab.toml:{second}: {what} is there twice: first on line {first}, and again here. Nothing was opened. "
        "Rename one of them, or take it out."
    )


@pytest.mark.parametrize(
    ("text", "line", "words", "advice"),
    [
        ("[a]\nb = keithley.2400\n", 2, "Invalid value", 'Write text in quotation marks ("…"), true and false'),
        ("[a]\nb = nonsense\n[c]\n[c]\n", 2, "Invalid value", "Write text in quotation marks"),
        ("a = True\n", 1, "Invalid value", "true and false in small letters"),
        ('[data]\nfolder = "D:\\lab"\n', 2, "Unescaped '\\' in a string", "write such text between ' and ' instead"),
        ('[data]\n\nfolder = "C:\\Uma"\n', 3, "Invalid hex value", "a backslash begins an escape"),
        ("a = 1\n\nb = [1,\n2", 4, "Unclosed array", ""),
        ("[a\nb = 1", 1, "Expected ']' at the end of a table declaration", ""),
        ("a = {\nb = 1 }", 1, "Invalid initial character for a key part", "A table in { } has to stand on one line"),
        ("a = { b = 1,\nc = 1 }", 1, "Invalid initial character for a key part", "has to stand on one line"),
        ("a.b = 1\n[a]\n", 2, "Cannot declare ('a',) twice", ""),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line_and_what_to_do(
    here: Lab, text: str, line: int, words: str, advice: str
) -> None:
    error = refusal(text.encode(), here)
    assert str(error).startswith(f"lab.toml:{line}: this is not TOML: {words}. Nothing was opened.")
    assert advice in error.advice
    assert (error.line, type(error.__cause__)) == (line, tomllib.TOMLDecodeError)


def test_a_misspelt_file_name_is_recognised(here: Lab) -> None:
    here.write(GOOD)
    with pytest.raises(ConfigurationError) as caught:
        describe("lba.toml")
    assert str(caught.value) == "lba.toml: there is no such file. Nothing was opened. Did you mean lab.toml?"


def test_a_file_that_does_not_exist_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"there is no such file. Nothing was opened. Give the path of the file, or write it."
    ) as caught:
        describe(tmp_path / "nowhere" / "lab.toml")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert caught.value.line is None


@pytest.mark.skipif(sys.platform == "win32", reason="the permissions are those of POSIX")
def test_a_file_that_cannot_be_read_is_an_error_with_the_reason(here: Lab) -> None:
    here.write(GOOD)
    (here.folder / "loop.toml").symlink_to("loop.toml")
    with pytest.raises(ConfigurationError, match=r"loop\.toml: the file cannot be read: "):
        describe("loop.toml")


def test_a_folder_means_the_lab_toml_in_it(lab: Lab) -> None:
    lab.write(GOOD)
    assert describe(lab.folder).path == lab.file


def test_without_a_name_the_file_of_the_environment_comes_first(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    other = lab.folder / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    assert nearest_file() is None
    (other / "lab.toml").write_text(GOOD)
    assert describe().path == other / "lab.toml"
    lab.write(GOOD)
    monkeypatch.setenv("LUTHIER_LAB", str(lab.folder))
    assert describe().path == lab.file
    monkeypatch.setenv("LUTHIER_LAB", "gone.toml")
    with pytest.raises(ConfigurationError, match=r"^gone\.toml: there is no such file"):
        describe()


def test_where_no_file_is_meant_the_error_says_where_was_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        describe()
    assert str(caught.value) == (
        f"there is no lab.toml in the working directory, {tmp_path}, and LUTHIER_LAB is not set. Nothing was opened. "
        "Go to its folder, name it (Station('path/to/lab.toml')), or set LUTHIER_LAB to its path."
    )


def test_a_tilde_is_the_home_folder(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.write(GOOD)
    monkeypatch.setenv("HOME", str(lab.folder))
    monkeypatch.setenv("USERPROFILE", str(lab.folder))
    assert describe("~/lab.toml").path == lab.file
