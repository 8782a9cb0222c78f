"""What a measurement was made with: software, computer, person, script."""

from __future__ import annotations

import functools
import getpass
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["surroundings"]

_ALWAYS = ("luthier-core", "luthier-measure", "numpy", "pyarrow")


def surroundings(instruments: Iterable[object]) -> dict[str, Any]:
    """Describe them in JSON's terms.

    Parameters
    ----------
    instruments
        Those whose drivers' versions are wanted.
    """
    packages = {type(instrument).__module__.partition(".")[0] for instrument in instruments}
    drivers = {distribution for package in packages for distribution in _distributions(package)}
    return {
        "versions": {name: _version(name) for name in sorted({*_ALWAYS, *drivers})},
        "python": platform.python_version(),
        "platform": _platform(),
        "host": platform.node(),
        "user": _user(),
        "script": _script(),
    }


@functools.cache
def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


@functools.cache
def _distributions(package: str) -> tuple[str, ...]:
    """Return the distribution of a package, by the rule of names, which needs no look at all that is installed."""
    name = package.replace("_", "-")
    return (name,) if _version(name) else ()


@functools.cache
def _platform() -> str:
    return platform.platform()


@functools.cache
def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container without an entry for the user.
        return ""


def _script() -> dict[str, Any]:
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return {"path": str(Path(path).absolute()) if path else ""}
