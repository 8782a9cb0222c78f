"""The demonstration, as it is run for the first time on a machine."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier_cli.demo.calling import typed
from luthier_measure import load, runs

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("luthier_sim")
pytest.importorskip("luthier_keithley")
pytest.importorskip("luthier_meta")
pytest.importorskip("luthier_servers")

FEW = ("demo", "--points", "3")

WITHOUT_MATPLOTLIB = {"matplotlib": "raise ModuleNotFoundError('No module named matplotlib', name='matplotlib')"}


def _after(start: str, out: str) -> str:
    (line,) = [line for line in out.splitlines() if line.startswith(start)]
    return line.removeprefix(start)


def assert_lines_are_upright(current: Any) -> None:
    """A step of the current along the first virtual gate is at the same place, whatever the second one is.

    (But for where both dots change at once, and for what the second dot's charge moves the first.)
    """
    steps = np.argmax(np.diff(current[:, 2:12], axis=1), axis=1)
    assert len(set(steps.tolist())) > 1
    assert np.median(np.abs(np.diff(steps))) <= 1


def _commands(out: str) -> Iterator[list[str]]:
    """Yield the arguments of the commands that are to be tried next."""
    for line in out.partition("What next?\n")[2].splitlines():
        if not line.startswith("  "):
            continue
        words = shlex.split(line, posix=os.name != "nt")
        place = words.index("luthier") if "luthier" in words else words.index("luthier_cli")
        yield [word.strip('"') for word in words[place + 1 :]]


@pytest.mark.slow
def test_it_measures_stores_and_draws_and_what_it_prints_works(shell: Any) -> None:
    pytest.importorskip("matplotlib")
    ended = shell.run("demo", "--points", "21")
    assert ended.code == 0, ended.err
    assert "daq: sim.daq from luthier-sim" in ended.out
    assert "smu: keithley.2400 from luthier-keithley" in ended.out
    assert "gates: meta.instrument from luthier-meta" in ended.out
    run = load(runs(folder=shell.data)[-1].id, folder=shell.data)
    assert (run.outcome, run.name, run.tags, run.points) == ("completed", "demo", ("demo",), 441)
    assert set(run.snapshot["instruments"]) == {"daq", "smu", "gates"}
    current = run.dataset["smu_measured_current"]
    assert current.attrs["units"] == "A"
    assert_lines_are_upright(current.transpose("gates_P2", "gates_P1").values)
    stored = Path(_after("Stored in ", ended.out))
    assert stored.is_file()
    assert stored.stem == run.id
    assert stored.is_relative_to(shell.data)
    assert Path(_after("Drawn in ", ended.out)).read_bytes().startswith(b"\x89PNG")
    commands = list(_commands(ended.out))
    assert [command[0] for command in commands] == ["show", "plot", "export"]
    for command in commands:
        assert run.id in command
        shell.succeed(*command)
    (exported,) = shell.work.iterdir()
    assert exported.name == f"{run.id}.csv"


@pytest.mark.slow
def test_another_folder_is_part_of_what_to_type_next(shell: Any) -> None:
    shell.install("matplotlib", "", modules=WITHOUT_MATPLOTLIB)
    folder = shell.folder / "my runs"
    ended = shell.run(*FEW, "--data", folder)
    assert ended.code == 0, ended.err
    assert not shell.data.exists()
    for command in _commands(ended.out):
        assert command[-2:] == ["--data", str(folder)]
    shell.succeed(*next(_commands(ended.out)))


@pytest.mark.slow
def test_it_works_on_an_old_console_without_matplotlib(shell: Any) -> None:
    shell.install("matplotlib", "", modules=WITHOUT_MATPLOTLIB)
    shell.variables["PYTHONIOENCODING"] = "cp437"
    ended = shell.run(*FEW)
    assert ended.code == 0, ended.err
    assert "pip install matplotlib" in ended.out
    assert "Measured current (nA)" in ended.out


def test_without_its_drivers_it_says_what_is_missing(shell: Any) -> None:
    shell.variables["LUTHIER_DISABLE"] = "luthier-keithley"
    ended = shell.run("demo")
    assert ended.code == 1
    assert "the simulated laboratory could not be served" in ended.err
    assert "luthier-keithley" in ended.err
    assert "Traceback" not in ended.err
    assert not shell.data.exists()


@pytest.mark.slow
def test_no_process_stays_when_the_demonstration_is_killed(shell: Any) -> None:
    psutil = pytest.importorskip("psutil")
    shell.variables |= {"PYTHONUNBUFFERED": "1", "TMPDIR": str(shell.folder)}  # what it cannot remove any more
    with shell.popen("demo", stdin=subprocess.DEVNULL) as process:
        while "Made the virtual gates" not in process.stdout.readline():
            assert process.poll() is None
        others = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate(timeout=20)
    assert len(others) == 2  # the bench, and the server of the instruments
    _, alive = psutil.wait_procs(others, timeout=20)
    assert not alive


def test_a_folder_that_cannot_be_made_is_one_clear_error(shell: Any) -> None:
    shell.data.touch()
    ended = shell.run("demo")
    assert ended.code == 1
    assert str(shell.data) in ended.err
    assert "Traceback" not in ended.err


PRESS = """
    import signal
    from luthier.plugins import hookimpl

    @hookimpl
    def run_started(run):
        signal.{press}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("press", "fewest", "most"),
    [
        ("raise_signal(signal.SIGINT)", 0, 0),
        pytest.param(
            "setitimer(signal.ITIMER_REAL, 0.3), signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(2))",
            1,
            1680,
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no timer that interrupts"),
        ),
    ],
)
def test_ctrl_c_ends_it_in_order_and_keeps_the_points(shell: Any, press: str, fewest: int, most: int) -> None:
    shell.install("matplotlib", "", modules=WITHOUT_MATPLOTLIB)
    modules = {"acme_press": PRESS.format(press=press)}
    shell.install("luthier-acme", "[luthier.hooks]\nacme = acme_press", modules=modules)
    ended = shell.run("demo")
    assert ended.code == 130, ended.err
    assert "What next?" in ended.out
    (run,) = runs(folder=shell.data)
    stored = load(run.id, folder=shell.data)
    assert stored.outcome == "stopped"
    assert fewest <= stored.points <= most


# How it is typed again


def test_on_the_path_the_command_is_typed_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    program = tmp_path / ("luthier.exe" if os.name == "nt" else "luthier")
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert typed(["show", "last"]) == "luthier show last"


def test_away_from_the_path_the_interpreter_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "")
    assert typed(["show"]).endswith("python -m luthier_cli show")


def test_in_the_repository_it_is_typed_by_way_of_its_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dev.py").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.chdir(tmp_path)
    assert typed(["show"]).endswith(" dev.py run luthier show")
    monkeypatch.chdir("/")
    assert typed(["show"]).split()[1:] == [str(tmp_path / "dev.py"), "run", "luthier", "show"]


@pytest.mark.skipif(os.name == "nt", reason="quoted otherwise there")
def test_what_the_shell_would_split_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert typed(["show", "--data", "my runs"]).endswith("--data 'my runs'")
