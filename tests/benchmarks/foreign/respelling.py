"""Our messages in the spelling of a pyvisa-sim file, which knows each command in one spelling only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from luthier_sim import open_simulated, simulator_of

if TYPE_CHECKING:
    from pathlib import Path

    from luthier import Instrument
    from luthier.transport import Transport

__all__ = ["Respelling"]

_QUESTION = re.compile(r"""^\s*-?\s*q:\s*(["']?)(.+?)\1\s*$""", re.MULTILINE)
_SHORTEST = 2


class Respelling:
    """A connection to the device of a file: a header that means the same as one of the file is sent as that one.

    ``*IDN?`` is answered as the driver expects it: files say who wrote them. Two headers mean the same where they have
    the same nodes, each spelt in full or shortened, with a colon in front or not.
    """

    def __init__(self, file: Path, resource: str, kind: type[Instrument]) -> None:
        questions = {found[2] for found in _QUESTION.finditer(file.read_text(encoding="utf-8"))}
        self._headers = {question.split(" ")[0].replace("{}", "") for question in questions}
        device: Any = simulator_of(kind)
        self._identity: bytes = device.identity.encode()
        self._known: dict[str, str] = {}
        self._transport: Transport = open_simulated(
            f"sim://{file}?resource={resource}",
            timeout=0.5,
            write_termination=kind.write_termination,
            read_termination=kind.read_termination,
        )

    def __getattr__(self, name: str) -> Any:
        """Be as the connection in everything else."""
        return getattr(self._transport, name)

    def write(self, message: bytes) -> None:
        """Send a message in the file's spelling."""
        self._transport.write(self._respelt(message))

    def query(self, message: bytes) -> bytes:
        """Ask in the file's spelling."""
        if message == b"*IDN?":
            return self._identity
        return self._transport.query(self._respelt(message))

    def _respelt(self, message: bytes) -> bytes:
        header, space, data = message.decode("latin-1").partition(" ")
        if header not in self._known:
            fits = (other for other in sorted(self._headers) if _means_the_same(header, other))
            self._known[header] = header if header in self._headers else next(fits, header)
        return f"{self._known[header]}{space}{data}".encode("latin-1")


def _means_the_same(one: str, other: str) -> bool:
    nodes, others = (text.upper().lstrip(":").split(":") for text in (one, other))
    return len(nodes) == len(others) and all(map(_is_short_for, nodes, others))


def _is_short_for(one: str, other: str) -> bool:
    if one.endswith("?") != other.endswith("?"):
        return False
    one, other = sorted((one.rstrip("?"), other.rstrip("?")), key=len)
    return one == other or (len(one) > _SHORTEST and other.startswith(one))
