r"""What the user settled about plugins once and for all, in a file of theirs.

The file is ``config.toml`` in the folder that the system keeps settings in: ``$XDG_CONFIG_HOME/luthier`` or
``~/.config/luthier``, on macOS ``~/Library/Application Support/luthier``, on Windows ``%APPDATA%\luthier``. The
environment variable ``LUTHIER_CONFIG`` names another one. It need not exist::

    [plugins]
    disable = ["luthier-acme", "bolt.y"]

    [plugins.prefer]
    "acme.x" = "luthier-bolt"
    pigeon = "luthier-dove"
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import attrs

from luthier.plugins.naming import canonical, id_key

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONFIG", "UserSettings", "parse_settings", "read_settings", "settings_file"]

CONFIG = "LUTHIER_CONFIG"

_LARGEST = 1024 * 1024


@attrs.frozen
class UserSettings:
    """What the file says of plugins.

    Attributes
    ----------
    file
        Its path.
    disable
        What is switched off, by canonical name, each as the user wrote it.
    prefer
        The canonical distribution that gets an id, or all ids of a namespace, by ``id_key``.
    fault
        What is wrong with the file, as a sentence; nothing in it counts then. Empty if nothing is.
    """

    file: str
    disable: Mapping[str, str] = attrs.field(factory=dict)
    prefer: Mapping[str, str] = attrs.field(factory=dict)
    fault: str = ""

    def preferred(self, plugin_id: str) -> str:
        """Return the distribution that is to get an id; empty where the user does not say."""
        if not self.prefer:
            return ""
        key = id_key(plugin_id)
        return self.prefer.get(key) or self.prefer.get(key.partition(".")[0], "")


def settings_file() -> str:
    """Return where the file is, whether it exists or not."""
    named = os.environ.get(CONFIG)
    if named:
        return named
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA") or os.path.expanduser("~\\AppData\\Roaming")  # noqa: PTH111 - at every scan
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Application Support")  # noqa: PTH111 - the same
    else:
        folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 - the same
    return os.path.join(folder, "luthier", "config.toml")  # noqa: PTH118 - the same


def read_settings() -> UserSettings:
    """Read the file; empty settings where there is none, and with a fault where it is wrong. Nothing is raised."""
    file = settings_file()
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - pathlib would cost every scan time
            content = opened.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return UserSettings(file)
    except OSError as error:
        return UserSettings(file, fault=f"{file} cannot be read: {error.strerror or error}. Nothing in it is used.")
    if len(content) > _LARGEST:
        return UserSettings(file, fault=f"{file} has more than a megabyte. Nothing in it is used.")
    return parse_settings(content, file)


def parse_settings(content: bytes, file: str) -> UserSettings:
    """Return what the bytes of such a file say; with a fault where they are wrong. Nothing is raised."""
    from luthier.toml import quick  # noqa: PLC0415 - most users have no such file

    try:
        data = quick.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
        return _checked(data.get("plugins", {}), file)
    except (ValueError, RecursionError) as error:  # of which class a wrong encoding and wrong TOML are too
        return UserSettings(file, fault=f"{file} is wrong: {str(error).rstrip('.')}. Nothing in it is used.")


def _checked(table: Any, file: str) -> UserSettings:
    if not isinstance(table, dict):
        raise ValueError("[plugins] has to be a table")  # noqa: TRY004 - a fault of the file, as others
    unknown = table.keys() - {"disable", "prefer"}
    if unknown:
        raise ValueError(f"[plugins] has no key {min(unknown)!r}; the keys are disable and prefer")
    disable, prefer = table.get("disable", []), table.get("prefer", {})
    if not isinstance(disable, list) or not all(isinstance(one, str) for one in disable):
        raise ValueError('disable in [plugins] has to be a list of names, such as ["luthier-acme"]')
    if not isinstance(prefer, dict) or not all(isinstance(one, str) for one in prefer.values()):
        raise ValueError('[plugins.prefer] has to have lines like "acme.x" = "luthier-acme"')
    return UserSettings(
        file,
        disable={canonical(name): name for name in disable},
        prefer={id_key(name): canonical(distribution) for name, distribution in prefer.items()},
    )
