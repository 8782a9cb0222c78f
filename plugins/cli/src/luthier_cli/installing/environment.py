"""Which tool the environment of this interpreter is kept by, and the command that installs into it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Installation", "installation", "shown"]


@attrs.frozen
class Installation:
    """A command that installs, and what is to be known about it.

    Attributes
    ----------
    tool
        ``"pip"``, ``"uv"``, ``"pipx"``, ``"uv tool"`` or ``"conda"``.
    command
        What to run; empty where nothing must be installed into this environment.
    remark
        A sentence on it; may be empty.
    """

    tool: str
    command: tuple[str, ...]
    remark: str = ""


def installation(
    requirements: Sequence[str],
    *,
    prefix: Path | None = None,
    executable: str = sys.executable,
    managed: bool | None = None,
    has_pip: bool | None = None,
) -> Installation:
    """Return the command that installs `requirements` beside Luthier.

    Parameters
    ----------
    requirements
        As pip takes them.
    prefix, executable, managed, has_pip
        The environment: its folder, its interpreter, whether the system keeps it for itself (PEP 668), and whether pip
        is in it. By default those of this process.
    """
    where = Path(sys.prefix) if prefix is None else prefix
    settings = _settings(where)
    if "pipx" in where.parts[:-1] and where.parent.name == "venvs":
        return Installation("pipx", ("pipx", "inject", where.name, *requirements))
    if where.parent.name == "tools" and where.parent.parent.name == "uv":
        added = [part for one in requirements for part in ("--with", one)]
        remark = "Add --with for everything else that you had added: uv makes the environment anew."
        return Installation("uv tool", ("uv", "tool", "install", where.name, *added), remark)
    if (where / "conda-meta").is_dir():
        remark = "The distributions are on PyPI, not on conda's channels; pip installs them into the conda environment."
        return Installation("conda", (executable, "-m", "pip", "install", *requirements), remark)
    if "uv" in settings:
        return Installation("uv", ("uv", "pip", "install", "--python", executable, *requirements))
    if _managed() if managed is None else managed:
        remark = (
            "This Python belongs to the operating system, which refuses installations into it (PEP 668). Make an "
            "environment: python3 -m venv luthier-env, and install luthier and this into it."
        )
        return Installation("pip", (), remark)
    if not (find_spec("pip") is not None if has_pip is None else has_pip):
        remark = f"There is no pip in this environment; add it first: {shown((executable, '-m', 'ensurepip'))}"
        return Installation("pip", (executable, "-m", "pip", "install", *requirements), remark)
    return Installation("pip", (executable, "-m", "pip", "install", *requirements))


def shown(command: Sequence[str]) -> str:
    """Write a command as it is typed."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def _settings(prefix: Path) -> dict[str, str]:
    """Read ``pyvenv.cfg``, in which uv leaves its version."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {key.strip().lower(): value.strip() for key, _, value in (line.partition("=") for line in lines)}


def _managed() -> bool:
    if sys.prefix != sys.base_prefix:
        return False
    return Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").is_file()
