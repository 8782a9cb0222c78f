"""What is kept with each run beside its points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier_measure.git_state as git_state_module
import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier.scpi import Identity
from luthier_measure import load, measure, runs, sweep
from luthier_measure.differences import snapshot_differences
from luthier_measure.git_state import changes_since_commit, commit_of, repository_of

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = """
import sys
import lab_routines
lab_routines.scan(sys.argv[1])
"""

ROUTINES = """
from luthier import Instrument, parameter
from luthier_measure import measure, sweep

class Source(Instrument):
    level = parameter(float, unit="V", initial=0.0)

def scan(folder):
    with Source("src") as src:
        measure(sweep(src.level, 0, 1, num=3), src.level, name="scan", folder=folder)
"""


class Source(Instrument):
    """Holds its values itself."""

    level = parameter(float, unit="V", initial=0.0)
    other = parameter(float, unit="A", initial=1.0)

    def identify(self) -> Identity:
        return Identity("ACME", "100", "7", "1.2")


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """Give a function that calls git in a new repository of its own."""
    repository = tmp_path / "lab"
    repository.mkdir()

    def call(*arguments: str) -> str:
        settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        return subprocess.run(
            ["git", *settings, "-C", str(repository), *arguments],  # noqa: S607 - the git that users have
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    call("init", "-q", "-b", "main")
    return call


def test_a_run_knows_its_script_and_the_commit_that_it_differs_from(tmp_path: Path, git: Callable[..., str]) -> None:
    lab = tmp_path / "lab"
    (lab / "scan.py").write_text(SCRIPT, encoding="utf-8")
    (lab / "lab_routines.py").write_text(ROUTINES, encoding="utf-8")
    git("add", "scan.py", "lab_routines.py")
    git("commit", "-qm", "first")
    (lab / "scan.py").write_text(SCRIPT + "# changed\n", encoding="utf-8")
    command = [sys.executable, str(lab / "scan.py"), str(tmp_path / "data")]
    subprocess.run(command, check=True, timeout=60)
    (run,) = runs(folder=tmp_path / "data")
    script, found = run.environment["script"], run.environment["git"]
    assert (script["path"], script["text"]) == (str(lab / "scan.py"), SCRIPT + "# changed\n")
    assert script["caller"]["path"] == str(lab / "lab_routines.py")
    assert (script["caller"]["function"], script["caller"]["text"]) == ("scan", ROUTINES)
    assert (found["commit"], found["branch"], found["root"]) == (git("rev-parse", "HEAD"), "main", str(lab))
    assert "scan.py" in found["changed"]
    assert len(found["diff"]) == 64
    driver = run.environment["drivers"]["src"]
    assert driver["class"] == "lab_routines.Source"
    assert driver["file"] == str(lab / "lab_routines.py")


def test_the_commit_is_read_in_every_state_of_a_repository(
    tmp_path: Path, git: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_state_module, "_FRESH", 0.0)
    lab = tmp_path / "lab"
    inside = lab / "a" / "b"
    inside.mkdir(parents=True)
    assert repository_of(inside) == lab
    assert commit_of(lab)["commit"] == ""
    (lab / "file").write_text("1", encoding="utf-8")
    git("add", "file")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "HEAD")
    assert commit_of(lab)["commit"] == commit
    git("pack-refs", "--all")
    assert (commit_of(lab)["commit"], commit_of(lab)["branch"]) == (commit, "main")
    git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "side")
    assert commit_of(tmp_path / "other") == {"root": str(tmp_path / "other"), "commit": commit, "branch": "side"}
    git("checkout", "-q", "--detach")
    assert (commit_of(lab)["commit"], commit_of(lab)["branch"]) == (commit, "")
    for repository in (lab, tmp_path / "other"):
        assert changes_since_commit(repository, patience=10.0)


def test_a_clean_tree_has_no_diff_and_no_git_costs_nothing(
    tmp_path: Path, git: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = tmp_path / "lab"
    (lab / "file").write_text("1", encoding="utf-8")
    git("add", "file")
    git("commit", "-qm", "first")
    commit_of(lab)
    answer = changes_since_commit(lab, patience=10.0)
    assert answer == {"commit": git("rev-parse", "HEAD"), "changed": [], "diff": ""}
    monkeypatch.setattr(git_state_module, "_COMMAND", ("no-such-git",))
    monkeypatch.setattr(git_state_module, "_FRESH", 0.0)
    assert commit_of(lab)["commit"] == git("rev-parse", "HEAD")
    assert changes_since_commit(lab, patience=10.0) == {}


def test_the_state_after_the_last_point_is_kept_and_compared(tmp_path: Path) -> None:
    with Source("src") as src:
        assert src.idn.firmware == "1.2"
        src.level(0.0)
        run = measure(sweep(src.level, 0.5, 1.0, num=3), src.other, folder=tmp_path)
    run = load(run.id, folder=tmp_path)
    (level,) = [each for each in snapshot_differences(run.snapshot, run.snapshot_after) if each.name == "src.level"]
    assert (level.before, level.after, level.unit) == (0.0, 1.0, "V")
    assert run.snapshot["instruments"]["src"]["idn"] == {
        "vendor": "ACME",
        "model": "100",
        "serial": "7",
        "firmware": "1.2",
    }
    assert snapshot_differences(run.snapshot, run.snapshot) == []


def test_differences_name_instruments_channels_and_units() -> None:
    before = {
        "instruments": {
            "a": {"class": "A", "address": "x", "parameters": {}, "channels": {"ch1": {"parameters": {"v": _at(1.0)}}}},
            "b": {"class": "B"},
        },
        "parameters": {"t": _at(4.2)},
    }
    after = {
        "instruments": {
            "a": {"class": "A", "address": "y", "parameters": {}, "channels": {"ch1": {"parameters": {"v": _at(2.0)}}}},
            "c": {"class": "C"},
        },
        "parameters": {"t": _at(4.2), "u": _at(None)},
    }
    found = {each.name: (each.before, each.after, each.unit) for each in snapshot_differences(before, after)}
    assert found == {
        "a (address)": ("x", "y", ""),
        "a.ch1.v": (1.0, 2.0, "V"),
        "b": ("B", None, ""),
        "c": (None, "C", ""),
        "u": (None, None, "V"),
    }


def _at(value: float | None) -> dict[str, Any]:
    return {"value": value, "unit": "V"}


def test_cells_of_a_notebook_are_kept(tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    program = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(history_manager_class=None)
shell.run_cell("from luthier import ManualParameter; from luthier_measure import measure, sweep", store_history=True)
shell.run_cell("x = ManualParameter('x', float)\\nmeasure(sweep(x, 0, 1, num=3), x, folder={str(tmp_path)!r})",
               store_history=True)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True)
    (run,) = runs(folder=tmp_path)
    assert run.environment["script"]["cell"].startswith("x = ManualParameter")
    assert any("import ManualParameter" in entered for entered in run.environment["script"]["history"])


def test_everything_kept_is_plain_json(tmp_path: Path) -> None:
    x = ManualParameter("x", float)
    run = measure(sweep(x, 0, 1, num=2), x, folder=tmp_path)
    json.dumps([run.environment, run.snapshot, run.snapshot_after], allow_nan=False)
    assert Path(run.environment["script"]["caller"]["path"]) == Path(__file__)
