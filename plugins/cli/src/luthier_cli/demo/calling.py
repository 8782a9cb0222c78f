"""How this command has to be typed again."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["repository", "typed"]


_SCRIPT = "dev.py"


def typed(arguments: Sequence[str]) -> str:
    """Return the line to type for ``luthier`` with these arguments, here and now.

    In the repository, whose environment the user's shell need not know, it goes by way of ``dev.py``. Elsewhere it is
    ``luthier`` itself, or where that is not on the path, the interpreter with ``-m luthier_cli``.
    """
    words = [*_program(), *arguments]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def repository() -> Path | None:
    """Return the folder of the repository whose own environment this is; ``None`` elsewhere."""
    folder = Path(sys.prefix).parent
    return folder if Path(sys.prefix).name == ".venv" and (folder / _SCRIPT).is_file() else None


def _program() -> list[str]:
    folder = repository()
    if folder is not None:
        script = _SCRIPT if folder == Path.cwd() else str(folder / _SCRIPT)
        return ["py" if os.name == "nt" else "python3", script, "run", "luthier"]
    found = shutil.which("luthier")
    if found is not None and Path(found).parent == Path(sys.executable).parent:
        return ["luthier"]
    return [sys.executable, "-m", "luthier_cli"]
