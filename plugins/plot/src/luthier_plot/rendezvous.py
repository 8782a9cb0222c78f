"""Where live plots of one data folder find each other, so that ten runs do not open ten pages."""

from __future__ import annotations

import http.client
import json
import os
import platform
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Rendezvous", "There"]

_FILE = ".live-plot.json"
_ANSWERING = 2.0  # seconds
_LOOKING = 15.0
"""Seconds: an open page asks at least every ten."""


@frozen
class There:
    """A live plot that exists: its address, and whether a page of it is open."""

    url: str
    looked_at: bool


class Rendezvous:
    """A small file in the data folder, readable by its owner only, because the address is the key.

    Parameters
    ----------
    folder
        The data folder. Where it cannot be written, plots do not find each other, and each opens its own page.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def find(self) -> There | None:
        """Return the live plot that is there; ``None``: there is none that answers."""
        url = self._read()
        if url is None:
            return None
        parts = urlsplit(url)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=_ANSWERING)
            try:
                connection.request("GET", f"{parts.path}status")
                answer = connection.getresponse()
                facts = json.loads(answer.read(1000)) if answer.status == http.HTTPStatus.OK else None
            finally:
                connection.close()
            return None if facts is None else There(url, facts["idle"] < _LOOKING)
        except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException):
            return None

    def announce(self, url: str) -> None:
        """Write down the address."""
        content = json.dumps({"host": platform.node(), "url": url})
        temporary = self._path.with_name(f"{_FILE}.{os.getpid()}")
        with suppress(OSError):
            with open(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - a mode from the beginning
                file.write(content)
            temporary.replace(self._path)

    def withdraw(self, url: str) -> None:
        """Remove the file, if it still tells of this address."""
        if self._read() == url:
            with suppress(OSError):
                self._path.unlink()

    def _read(self) -> str | None:
        try:
            facts = json.loads(self._path.read_text("utf-8"))
            url = facts["url"] if facts["host"] == platform.node() else None
            return url if isinstance(url, str) and url.startswith("http://127.0.0.1:") else None
        except (OSError, ValueError, LookupError, TypeError):
            return None
