"""The command as a whole: help, exit codes, errors, streams, and the commands of others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import luthier
import pytest

if TYPE_CHECKING:
    from pathlib import Path

GREET = """
    import click

    @click.command
    @click.argument("name")
    def greet(name):
        '''Say hello.'''
        click.echo(f"hello {name}")
"""


def test_help_names_every_command_and_what_it_does(shell: Any) -> None:
    out = shell.succeed("--help")
    assert "drivers " in out
    assert "List the installed drivers." in out
    assert "Exit codes" in out


def test_the_version_is_that_of_luthier(shell: Any) -> None:
    assert shell.succeed("--version").strip() == f"luthier {luthier.__version__}"


@pytest.mark.parametrize("arguments", [("drvers",), ("drivers", "--jsn"), ("info",), ("drivers", "too", "many")])
def test_a_wrong_call_is_answered_with_usage_and_the_code_2(shell: Any, arguments: tuple[str, ...]) -> None:
    ended = shell.run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: luthier" in ended.err


def test_a_misspelt_command_is_told_what_was_meant(shell: Any) -> None:
    assert "Did you mean 'drivers'" in shell.run("drvers").err


def test_an_error_of_luthier_is_one_message_without_a_traceback_and_the_code_1(shell: Any) -> None:
    ended = shell.run("info", "keithly.nothing")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Error: 'keithly.nothing': no driver of this name")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("variable", [{}, {"LUTHIER_DEBUG": "1"}])
def test_debugging_shows_where_an_error_comes_from(shell: Any, variable: dict[str, str]) -> None:
    shell.variables |= variable
    ended = shell.run(*([] if variable else ["--debug"]), "info", "keithly.nothing")
    assert ended.code == 1
    assert "Traceback" in ended.err
    assert "UnknownPluginError: 'keithly.nothing'" in ended.err


# Commands of others


def test_a_command_of_another_distribution_works_like_our_own(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.commands]\ngreet = acme_greet:greet", modules={"acme_greet": GREET})
    assert shell.succeed("greet", "Ada") == "hello Ada\n"
    assert "Say hello" in shell.succeed("greet", "--help")
    assert shell.run("greet").code == 2


def test_a_command_that_breaks_costs_only_itself(shell: Any) -> None:
    shell.install(
        "luthier-acme",
        """
        [luthier.commands]
        tune = acme_tune:tune
        leave = acme_leave:leave
        wait = acme_wait:wait
        greet = acme_greet:greet
        """,
        modules={
            "acme_tune": "raise RuntimeError('no tuner')",
            "acme_leave": "import sys; sys.exit(0)",
            "acme_wait": "wait = 'not a command'",
            "acme_greet": GREET,
        },
    )
    for name, reason in (
        ("tune", "RuntimeError: no tuner"),
        ("leave", "it ended the interpreter"),
        ("wait", "TypeError: acme_wait:wait is no click.Command"),
    ):
        ended = shell.run(name)
        assert ended.code == 1
        assert f"Error: {name} (luthier-acme 1.0): this plugin cannot be loaded: {reason}" in ended.err
        assert ended.err.endswith("luthier --debug shows the cause.\n")
        assert "Traceback" not in ended.err
    assert shell.succeed("greet", "Ada") == "hello Ada\n"
    listed = shell.succeed("--help")
    assert {"tune", "leave", "wait", "greet"} <= set(listed.split())
    assert "luthier-acme 1.0" in listed


def test_help_and_other_commands_import_no_command_of_others(shell: Any, tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    shell.install(
        "luthier-acme",
        "[luthier.commands]\ngreet = acme_greet:greet",
        modules={"acme_greet": f"open({str(trace)!r}, 'w').close()\n" + "greet = None"},
    )
    shell.succeed("--help")
    shell.succeed("drivers")
    assert not trace.exists()
    shell.run("greet")
    assert trace.exists()


def test_a_command_for_another_version_of_the_interface_is_refused_with_what_to_do(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.commands]\ngreet = m:x\n[luthier.api]\n7.0 = m")
    ended = shell.run("greet")
    assert ended.code == 1
    assert "pip install --upgrade luthier-core" in ended.err


def test_our_own_command_stays_what_it_is_when_another_distribution_claims_its_name(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.commands]\ndrivers = acme_greet:greet", modules={"acme_greet": GREET})
    assert "keithley" not in shell.succeed("drivers", "--help")
    assert "List the installed drivers" in shell.succeed("drivers", "--help")
    assert shell.succeed("luthier-acme:drivers", "Ada") == "hello Ada\n"


def test_completion_offers_commands_without_importing_them(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.commands]\ndripping = absent_module:x")
    shell.variables |= {"_LUTHIER_COMPLETE": "bash_complete", "COMP_WORDS": "luthier dri", "COMP_CWORD": "1"}
    assert shell.succeed().split() == ["plain,dripping", "plain,drivers"]


def test_a_traceback_of_a_foreign_command_is_not_hidden(shell: Any) -> None:
    source = "import click\n@click.command\ndef fail():\n    raise ZeroDivisionError('oops')\n"
    shell.install("luthier-acme", "[luthier.commands]\nfail = acme_fail:fail", modules={"acme_fail": source})
    ended = shell.run("fail")
    assert ended.code == 1
    assert "Traceback" in ended.err
    assert "ZeroDivisionError: oops" in ended.err


def test_the_end_of_a_file_is_no_interruption(shell: Any) -> None:
    source = "import click\n@click.command\ndef fail():\n    raise EOFError('data too short')\n"
    shell.install("luthier-acme", "[luthier.commands]\nfail = acme_fail:fail", modules={"acme_fail": source})
    ended = shell.run("fail")
    assert ended.code == 1
    assert "EOFError: data too short" in ended.err


def test_a_warning_is_a_sentence(shell: Any) -> None:
    source = (
        "import click, warnings\n@click.command\ndef warn():\n    warnings.warn('the fridge is warm', stacklevel=1)\n"
    )
    shell.install("luthier-acme", "[luthier.commands]\nwarn = acme_warn:warn", modules={"acme_warn": source})
    ended = shell.run("warn")
    assert (ended.code, ended.out, ended.err) == (0, "", "Warning: the fridge is warm\n")


# Streams and signals


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1"])
def test_any_encoding_of_the_output_will_do(shell: Any, encoding: str) -> None:
    source = "import click\n@click.command\ndef say():\n    click.echo('5 kΩ ⣿ ok')\n    click.echo('µ ⣿', err=True)\n"
    shell.install("luthier-acme", "[luthier.commands]\nsay = acme_say:say", modules={"acme_say": source})
    shell.variables["PYTHONIOENCODING"] = encoding
    with subprocess.Popen(
        [sys.executable, "-m", "luthier_cli", "say"],
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.rstrip().endswith(b" ok")


def test_a_reader_that_goes_away_is_no_reason_to_complain(shell: Any) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        command = [sys.executable, "-m", "luthier_cli", "drivers", "--json"]
        ended = subprocess.run(
            command, env=shell.environment(), stdout=write_end, stderr=subprocess.PIPE, check=False, timeout=60
        )
    finally:
        os.close(write_end)
    assert ended.stderr == b""
    assert ended.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a process there cannot be sent Ctrl-C alone")
def test_interrupting_a_command_gives_the_code_that_shells_expect(shell: Any) -> None:
    source = """
        import click, sys, threading

        @click.command
        def wait():
            click.echo("ready")
            threading.Event().wait(50)
    """
    shell.install("luthier-acme", "[luthier.commands]\nwait = acme_wait:wait", modules={"acme_wait": source})
    with shell.popen("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == ""


def _on_a_terminal(shell: Any, *arguments: str, stream: str) -> bytes:
    """Run the command with one of its streams on a pseudo-terminal, and return what arrives there."""
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal:  # noqa: PTH123 - a descriptor
        streams: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs}
        command = [sys.executable, "-m", "luthier_cli", *arguments]
        with subprocess.Popen(command, cwd=shell.work, env=shell.environment(), **streams) as process:
            os.close(theirs)
            shown = b""
            while part := _part(terminal):
                shown += part
        assert process.returncode == 0, shown
    return shown


def _part(terminal: Any) -> bytes:
    try:
        return bytes(terminal.read(4096))
    except OSError:  # how Linux says that the other side is closed
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
@pytest.mark.parametrize(("encoding", "rule"), [("utf-8", "──"), ("ascii", "--")])
def test_a_terminal_gets_a_table_in_characters_that_it_has(shell: Any, encoding: str, rule: str) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    shell.variables |= {"PYTHONIOENCODING": encoding, "TERM": "xterm"}
    shown = _on_a_terminal(shell, "drivers", stream="stdout").decode(encoding)
    assert rule in shown
    assert "acme.x" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_what_takes_long_shows_a_bar_on_a_terminal(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    lab.line(num=60_000)
    shell.variables["TERM"] = "xterm"
    assert "Writing" in _on_a_terminal(shell, "export", "line", "--to", "csv", stream="stderr").decode()
    (file,) = shell.work.iterdir()
    assert len(file.read_text().splitlines()) == 60_001


def test_json_is_ascii_so_that_every_pipe_carries_it(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.drivers]\nacme.ä = m:x")
    out = shell.succeed("drivers", "--json")
    assert out.isascii()
    assert "acme.ä" in [entry["id"] for entry in json.loads(out)]
