"""A little instrument that remembers what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from luthier.testing.replying import ReplyingTransport, WireFault, decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DictTransport"]


class DictTransport(ReplyingTransport):
    """A :class:`~luthier.transport.Transport` to a little instrument that keeps text under keys.

    ``KEY value`` stores, ``KEY?`` is answered by what is stored, ``KEY? argument`` by what is stored under exactly
    that, or else under ``KEY``; ``KEY`` alone does nothing. A query for a key that it does not know is never answered:
    reading raises :class:`~luthier.errors.ResponseTimeoutError`, at once. Replies wait in the order of their queries,
    as on a socket, so that threads that do not keep query and reply together get each other's.

    Single calls may come from any thread; for a write and its read hold :attr:`lock`, or use :meth:`query`.

    Parameters
    ----------
    values
        What it knows from the start: ``{"*IDN": "ACME,100,7,1.0", "VOLT? MAX": "210"}``.
    address, timeout
        As for :class:`ScriptedTransport`.
    faults
        What goes wrong, by the number of the message from 1. It may be changed on the way:
        ``wire.faults[len(wire.log) + 1] = WireFault.TIMEOUT`` is for the next message. A message that is no query and
        meets one is not carried out.

    Examples
    --------
    >>> wire = DictTransport({"VOLT? MAX": "210"}, faults={4: WireFault.TIMEOUT})
    >>> wire.write(b"VOLT 1.5")
    >>> wire.query(b"VOLT?"), wire.query(b"VOLT? MAX")
    (b'1.5', b'210')
    >>> wire.write(b"VOLT 2")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    luthier.errors.ResponseTimeoutError: no answer to 'VOLT 2' within 5.0 s. The connection was cleared...
    >>> wire.values["VOLT"], wire.log
    ('1.5', ['VOLT 1.5', 'VOLT?', 'VOLT? MAX', 'VOLT 2'])
    """

    def __init__(
        self,
        values: Mapping[str, str] | None = None,
        *,
        address: str = "dict://",
        timeout: float | None = 5.0,
        faults: Mapping[int, WireFault] | None = None,
    ) -> None:
        super().__init__(address, timeout, b"\n")
        self.values = dict(values or {})
        self.faults = dict(faults or {})
        self.log: list[str] = []
        """Every message that came, in order."""

    def write(self, message: bytes) -> None:
        """Take a message, store what it says, or put the answer where it can be read."""
        with self.lock:
            self._require_open()
            text = decoded(message)
            self.log.append(text)
            fault = self.faults.get(len(self.log))
            header, _, value = text.partition(" ")
            if fault is not None:
                self._answer(message, [fault])
            elif header.endswith("?"):
                answer = self.values.get(text, self.values.get(header[:-1]))
                self._answer(message, [WireFault.TIMEOUT if answer is None else encoded(answer)])
            elif value:
                self.values[header] = value

    def _no_reply(self, wanted: str) -> NoReturn:
        del wanted
        self._break(WireFault.TIMEOUT)
