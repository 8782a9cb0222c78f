"""Our messages in the spelling of a pyvisa-sim file, which knows each command in one spelling only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from luthier.errors import ResponseTimeoutError
from luthier_sim import open_simulated, simulator_of

if TYPE_CHECKING:
    from pathlib import Path

    from luthier import Instrument
    from luthier.transport import Transport

__all__ = ["MissingError", "RefusedError", "Respelling"]

_QUESTION = re.compile(r"""^\s*-?\s*q:\s*(["']?)(.+?)\1\s*$""", re.MULTILINE)
_SHORTEST = 2
_REFUSAL = b"ERROR"
"""What a file answers to what it does not know, where it says nothing else."""
_SOON = 0.02
"""Seconds: a file answers at once or not at all."""


class MissingError(Exception):
    """The file has no such command."""


class RefusedError(Exception):
    """The file has the command, and refuses the value."""


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
        """Send a message in the file's spelling, and take what the file answers, unasked, to what is no question."""
        self._transport.write(self._respelt(message))
        if b"?" in message:
            return
        timeout, self._transport.timeout = self._transport.timeout, _SOON
        try:
            answer = self._transport.read()
        except ResponseTimeoutError:
            return
        finally:
            self._transport.timeout = timeout
        if answer == _REFUSAL:
            raise RefusedError

    def query(self, message: bytes) -> bytes:
        """Ask in the file's spelling; several questions one by one, as the answers are one line."""
        if message == b"*IDN?":
            return self._identity
        if b";" in message:
            return b";".join(self.query(question) for question in message.split(b";"))
        answer = self._transport.query(self._respelt(message))
        if answer == _REFUSAL:
            raise MissingError
        return answer

    def _respelt(self, message: bytes) -> bytes:
        header, space, data = message.decode("latin-1").partition(" ")
        if header not in self._known:
            fits = (other for other in sorted(self._headers) if _means_the_same(header, other))
            found = header if header in self._headers else next(fits, None)
            if found is None:
                raise MissingError
            self._known[header] = found
        return f"{self._known[header]}{space}{data}".encode("latin-1")


def _means_the_same(one: str, other: str) -> bool:
    nodes, others = (text.upper().lstrip(":").split(":") for text in (one, other))
    return len(nodes) == len(others) and all(map(_is_short_for, nodes, others))


def _is_short_for(one: str, other: str) -> bool:
    if one.endswith("?") != other.endswith("?"):
        return False
    one, other = sorted((one.rstrip("?"), other.rstrip("?")), key=len)
    return one == other or (len(one) > _SHORTEST and other.startswith(one))
