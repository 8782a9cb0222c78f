"""``dev.py`` needs nothing but Python, says what is missing, and costs nothing when nothing changed."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dev
import dev_environment
from dev_environment import ROOT, SetupError, clean_environment, explain, uv_settings

if TYPE_CHECKING:
    from pathlib import Path

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment that runs the tests count as the finished one."""
    monkeypatch.setattr(dev, "set_up", lambda: None)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty copy of the workspace, with an environment that claims to be finished."""
    for folder in dev_environment.members():
        place = tmp_path / folder.relative_to(ROOT)
        place.mkdir(parents=True, exist_ok=True)
        (place / "pyproject.toml").write_bytes((folder / "pyproject.toml").read_bytes())
    for name in ("dev_environment.py", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    python = tmp_path / dev_environment.PYTHON.relative_to(ROOT)
    python.parent.mkdir(parents=True)
    python.touch()
    for name in ("ROOT", "ENVIRONMENT", "PYTHON", "UV", "STAMP", "CONSTRAINTS"):
        monkeypatch.setattr(dev_environment, name, tmp_path / getattr(dev_environment, name).relative_to(ROOT))
    monkeypatch.setattr(dev_environment, "__file__", str(tmp_path / "dev_environment.py"))
    dev_environment.STAMP.write_text(dev_environment.fingerprint(), "utf-8")
    return tmp_path


# What the user types


def test_no_command_prints_the_commands_and_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 2
    printed = capsys.readouterr().out
    assert all(f"\n  {name}" in printed for name in dev.COMMANDS)


def test_help_prints_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    assert "usage: python3 dev.py" in capsys.readouterr().out


def test_the_help_can_be_printed_on_any_console() -> None:
    assert dev.usage().isascii()


def test_a_misspelt_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["dmeo"]) == 2
    assert "there is no command 'dmeo'; did you mean demo?" in capsys.readouterr().err


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "everything"], "check takes no argument but --fix"),
        (["lock", "numpy"], "lock takes no argument but --upgrade"),
        (["setup", "again"], "setup takes no arguments"),
        (["run"], "run needs a command"),
    ],
)
def test_a_wrong_argument_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", dev.COMMANDS)
def test_every_command_says_in_one_line_what_it_does(name: str) -> None:
    assert re.search(rf"^  {name} +[A-Z].*\.$", dev.usage(), re.MULTILINE)


# What runs inside


def run_dev(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run dev.py as a user does, but for the set-up."""
    skip = "import sys, dev; dev.set_up = lambda: None; sys.exit(dev.main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", skip, *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_exit_code_is_passed_on() -> None:
    assert run_dev("run", "python", "-c", "raise SystemExit(7)").returncode == 7


@needs_signals
def test_the_end_by_a_signal_is_passed_on_as_a_shell_does() -> None:
    assert run_dev("run", "python", "-c", "import os; os.kill(os.getpid(), 15)").returncode == 128 + 15


def test_a_program_that_does_not_exist_is_named() -> None:
    done = run_dev("run", "no-such-program")
    assert done.returncode == 127
    assert "there is no program 'no-such-program'" in done.stderr


def test_what_runs_inside_does_not_see_the_callers_environments(tmp_path: Path) -> None:
    (tmp_path / "intruder.py").touch()
    show = "import os, sys; print(os.environ['VIRTUAL_ENV'], *sys.path, sys.prefix, sep=os.linesep)"
    done = run_dev("run", "python", "-c", show, VIRTUAL_ENV=str(tmp_path), PYTHONPATH=str(tmp_path))
    assert str(tmp_path) not in done.stdout
    assert str(dev_environment.ENVIRONMENT) in done.stdout


@needs_signals
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_child_decides_what_an_interruption_means(sent: int) -> None:
    # Ctrl-C reaches the whole foreground group, as here; SIGTERM reaches dev.py alone and must be passed on.
    child = (
        "import signal, sys\n"
        "either = {signal.SIGINT, signal.SIGTERM}\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, either)\n"
        "print('ready', flush=True)\n"
        "signal.sigwait(either)\n"
        "sys.exit(9)\n"
    )
    skip = "import sys, dev; dev.set_up = lambda: None; sys.exit(dev.main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", skip, "run", "python", "-c", child],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        if sent == signal.SIGINT:
            os.killpg(process.pid, sent)
        else:
            process.send_signal(sent)
        assert process.wait(timeout=30) == 9


def test_what_runs_beside_is_printed_when_it_is_waited_for(capfd: pytest.CaptureFixture[str]) -> None:
    with dev.run_beside(["python", "-c", "import sys; print('beside'); sys.exit(5)"]) as finish:
        os.write(1, b"meanwhile\n")
        assert finish() == 5
    assert capfd.readouterr().out.split() == ["meanwhile", "beside"]


def test_what_runs_beside_ends_when_nobody_waits_for_it() -> None:
    with pytest.raises(KeyboardInterrupt), dev.run_beside(["python", "-c", "import sys; sys.stdin.read()"]):
        raise KeyboardInterrupt  # the process that goes on would be found as left behind


# When the set-up runs


def test_nothing_is_done_when_nothing_changed(copy: Path) -> None:
    (copy / "README.md").write_text("A file that does not matter.", "utf-8")
    assert dev_environment.is_up_to_date()


@pytest.mark.parametrize("name", ["pyproject.toml", "core/pyproject.toml", "constraints.txt", "dev_environment.py"])
def test_a_changed_file_asks_for_a_set_up(copy: Path, name: str) -> None:
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not dev_environment.is_up_to_date()


def test_a_new_member_asks_for_a_set_up(copy: Path) -> None:
    (copy / "plugins" / "new").mkdir()
    (copy / "plugins" / "new" / "pyproject.toml").write_text("[project]\n", "utf-8")
    assert not dev_environment.is_up_to_date()


@pytest.mark.parametrize("gone", ["PYTHON", "STAMP", "CONSTRAINTS"])
@pytest.mark.usefixtures("copy")
def test_a_missing_piece_asks_for_a_set_up(gone: str) -> None:
    getattr(dev_environment, gone).unlink()
    assert not dev_environment.is_up_to_date()


@pytest.mark.usefixtures("copy")
def test_an_environment_of_another_python_or_place_asks_for_a_set_up() -> None:
    stamp = dev_environment.STAMP.read_text("utf-8")
    for other in (stamp.replace("Python 3.", "Python 3.9"), stamp.replace(" in ", " in /elsewhere")):
        dev_environment.STAMP.write_text(other, "utf-8")
        assert not dev_environment.is_up_to_date()


@pytest.mark.usefixtures("copy")
def test_the_pinned_versions_carry_their_hashes() -> None:
    assert re.fullmatch(r"uv==[\d.]+ \\(\n +--hash=sha256:[0-9a-f]{64}( \\)?)+", dev_environment.pinned("uv"))
    with pytest.raises(SetupError, match=r"constraints\.txt does not name no-such-package"):
        dev_environment.pinned("no-such-package")


@pytest.mark.usefixtures("copy")
def test_a_set_up_that_fails_is_told_in_one_sentence_and_taken_up_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dev_environment.CONSTRAINTS.write_text("", "utf-8")
    assert dev.main(["setup"]) == 3
    assert "constraints.txt does not name uv" in capsys.readouterr().err
    assert not dev_environment.is_up_to_date()


# What the user has configured


def test_settings_of_other_environments_are_left_out() -> None:
    theirs = {
        "VIRTUAL_ENV": "/other",
        "CONDA_PREFIX": "/other",
        "PYTHONPATH": "/other",
        "PYTHONHOME": "/other",
        "PIP_TARGET": "/other",
        "PIP_USER": "1",
        "UV_PROJECT_ENVIRONMENT": "/other",
        "UV_PYTHON": "3.8",
        "UV_SYSTEM_PYTHON": "1",
        "UV_CONSTRAINT": "other.txt",
    }
    left = clean_environment(theirs)
    assert {name: left.get(name) for name in theirs} == dict.fromkeys(theirs) | {
        "VIRTUAL_ENV": str(dev_environment.ENVIRONMENT)
    }


def test_settings_that_say_where_packages_are_stay() -> None:
    wanted = {
        "SSL_CERT_FILE": "/certificates.pem",
        "HTTPS_PROXY": "http://proxy:3128",
        "PIP_INDEX_URL": "https://packages.example.com/simple",
        "PIP_CERT": "/certificates.pem",
        "UV_DEFAULT_INDEX": "https://packages.example.com/simple",
        "UV_CACHE_DIR": "/big/disk",
        "UV_OFFLINE": "1",
        "UV_HTTP_TIMEOUT": "300",
    }
    assert wanted.items() <= clean_environment(wanted).items()


def test_the_environments_programs_come_first() -> None:
    path = clean_environment({"PATH": "/usr/bin"})["PATH"].split(os.pathsep)
    assert path == [str(dev_environment.PROGRAMS), "/usr/bin"]


def test_uv_looks_for_packages_where_pip_does() -> None:
    config = """\
:env:.cert='/certificates.pem'
global.extra-index-url='https://one.example.com/simple https://two.example.com/simple'
global.find-links='wheels more'
global.index-url='https://old.example.com/simple'
install.index-url='https://packages.example.com/simple'
global.default-timeout='60'
"""
    settings = uv_settings(config, {})
    settings.pop("UV_SYSTEM_CERTS", None)  # where the system has a store of certificates
    assert settings == {
        "SSL_CERT_FILE": "/certificates.pem",
        "UV_DEFAULT_INDEX": "https://packages.example.com/simple",
        "UV_FIND_LINKS": "wheels,more",
        "UV_INDEX": "https://one.example.com/simple https://two.example.com/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


@pytest.mark.parametrize("own", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_uv_was_told_itself_wins_over_what_pip_was_told(own: str) -> None:
    settings = uv_settings("global.index-url='https://old.example.com/simple'", {own: "https://new.example.com/simple"})
    assert "UV_DEFAULT_INDEX" not in settings


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: Failed to write: No space left on device (os error 28)", "The disk is full"),
        ("[Errno 28] No space left on device", "The disk is full"),
        ("error: Failed to fetch: `https://packages.example.com/`\n  Caused by: dns error", "needs the network"),
        ("NewConnectionError: Temporary failure in name resolution", "needs the network"),
        ("ERROR: No matching distribution found for uv==0.13.9", "needs the network"),
        ("invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("Failed to download: Hash mismatch for `attrs==26.1.0`", "not the one that constraints.txt names"),
        ("error: Permission denied (os error 13)", "could not be written"),
        ("The package `attrs` requires `x>1`, but it's not installed", "dev.py lock"),
        ("/usr/bin/python3: No module named venv", "sudo apt install python3-venv"),
        ("[Errno 2] No such file or directory: '/luthier/constraints.txt'", "git checkout"),
        ("a failure that nobody has seen before", "Delete the folder .venv"),
    ],
)
def test_a_failure_is_explained_in_plain_words(output: str, words: str) -> None:
    assert words in explain(output)


def test_an_old_python_can_read_the_file_and_is_told() -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 8, 10, 'final', 0); runpy.run_path('dev.py')"
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert re.match(r"dev\.py: this is Python 3\.8 \(.*\), and Luthier needs 3\.11 or later\. Run it", done.stderr)
    assert "\n" not in done.stderr.strip()


def test_the_check_of_the_version_comes_before_anything_that_an_old_python_cannot_read() -> None:
    text = (ROOT / "dev.py").read_text("utf-8")
    ast.parse(text, feature_version=(3, 7))
    assert text.index("sys.exit(") < text.index("import difflib")
