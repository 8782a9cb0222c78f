"""What asked for a measurement: a script, a notebook's cell, a function in a module."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["calling_code", "calling_folder"]

_MOST_CHARACTERS = 1 << 18
_OWN = ("luthier", "luthier_measure", "contextlib", "functools")


def calling_code() -> dict[str, Any]:
    """Describe what asked for the measurement, in JSON's terms; a text longer than 262144 characters is cut.

    Returns
    -------
    dict
        ``path`` of the program, empty in an interactive one; ``text`` and ``sha256`` of it, unless it is an installed
        program; ``cell`` and ``history`` in IPython and notebooks; ``caller`` (``path``, ``line``, ``function``, and
        ``text`` of a file that is not the program itself).
    """
    main = _main_path()
    described: dict[str, Any] = {"path": str(main) if main is not None else ""}
    if main is not None and not _is_installed(main):
        described |= _text_of(main)
    described |= _notebook()
    frame = _calling_frame()
    if frame is not None:
        caller = Path(frame.f_code.co_filename)
        described["caller"] = {"path": str(caller), "line": frame.f_lineno, "function": frame.f_code.co_name}
        if caller != main and caller.is_absolute() and not _is_installed(caller):
            described["caller"] |= _text_of(caller)
    return described


def calling_folder() -> Path:
    """Return the folder of the script; of an interactive or installed program, the working directory."""
    main = _main_path()
    return Path.cwd() if main is None or _is_installed(main) else main.parent


def _main_path() -> Path | None:
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(path).absolute() if path else None


def _is_installed(path: Path) -> bool:
    """Whether a file belongs to Python or to something installed, so that its version says what it is."""
    return any(path.is_relative_to(prefix) for prefix in {sys.prefix, sys.base_prefix} if prefix != os.sep)


def _text_of(path: Path) -> dict[str, Any]:
    try:
        contents = path.read_bytes()
    except OSError:
        return {}
    text = contents.decode(errors="replace")
    return {"text": text[:_MOST_CHARACTERS], "sha256": hashlib.sha256(contents).hexdigest()}


def _notebook() -> dict[str, Any]:
    """Return the cell that runs, and what was entered before it in this session, the latest as far as there is room."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    entered = [] if shell is None else list(shell.user_ns.get("In", ()))
    if not entered:
        return {}
    history: list[str] = []
    room = _MOST_CHARACTERS
    for source in reversed(entered[:-1]):
        room -= len(source)
        if room < 0:
            break
        history.insert(0, source)
    return {"cell": entered[-1][:_MOST_CHARACTERS], "history": history}


def _calling_frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the documented way to the frames
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in _OWN:
        frame = frame.f_back
    return frame
