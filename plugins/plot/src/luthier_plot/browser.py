"""Opening a page: in the user's browser, or in a window of its own without a browser's bars."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

__all__ = ["open_page", "open_window"]

_NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "chrome",
    "msedge",
)
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")

_opened: list[subprocess.Popen[bytes]] = []
"""They live as long as the user wants."""


def open_page(url: str) -> bool:
    """Open a page in the user's browser; return whether there is one."""
    return webbrowser.open(url)


def open_window(url: str) -> bool:
    """Open a page in a window of its own, if a browser that can do so is installed; return whether it is."""
    browser = _browser_with_windows()
    if browser is None:
        return False
    try:
        _opened.append(
            subprocess.Popen(  # noqa: S603 - the browser is the user's, the address our own
                [browser, f"--app={url}", "--new-window"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    except OSError:
        return False
    return True


def _browser_with_windows() -> str | None:
    places = [shutil.which(name) for name in _NAMES]
    if sys.platform == "darwin":
        places += _MAC
    if os.name == "nt":
        roots = [os.environ[name] for name in _WINDOWS_ROOTS if name in os.environ]
        places += [str(Path(root) / name) for root in roots for name in _WINDOWS]
    return next((place for place in places if place is not None and Path(place).is_file()), None)
