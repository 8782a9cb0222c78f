"""An environment on top of this one, for tests that install something."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMS = Path(sysconfig.get_path("scripts"))


@attrs.frozen
class EnvironmentOnTop:
    """A virtual environment that has pip, and sees all that is installed in this one, which stays as it is."""

    folder: Path

    @property
    def programs(self) -> Path:
        """Where its commands are."""
        return self.folder / PROGRAMS.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.programs / Path(sys.executable).name

    def variables(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables with which its commands are those that are found."""
        path = os.pathsep.join((str(self.programs), inherited.get("PATH", "")))
        return {
            **inherited,
            "PATH": path,
            "VIRTUAL_ENV": str(self.folder),
            "PIP_NO_INDEX": "1",
            "PIP_NO_CACHE_DIR": "1",
        }


@pytest.fixture
def environment_on_top(tmp_path_factory: pytest.TempPathFactory) -> EnvironmentOnTop:
    """Return an environment into which things can be installed."""
    made = EnvironmentOnTop(tmp_path_factory.mktemp("upper"))
    subprocess.run([sys.executable, "-m", "venv", str(made.folder)], check=True)
    command = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([str(made.python), "-c", command], check=True, capture_output=True, text=True)
    below = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"
    (Path(done.stdout.strip()) / "below.pth").write_text(below, "utf-8")
    _copy_scripts(made)
    return made


def _copy_scripts(made: EnvironmentOnTop) -> None:
    """Let the commands of this environment start the interpreter of that one; what is no script stays where it is."""
    own = str(PROGRAMS / "python")
    for program in PROGRAMS.iterdir():
        target = made.programs / program.name
        if not program.is_file() or target.exists():
            continue
        with program.open("rb") as file:
            is_script = file.read(2) == b"#!"
        if is_script and own in (text := program.read_text("utf-8")):
            target.write_text(text.replace(own, str(made.programs / "python")), "utf-8")
            target.chmod(0o755)
