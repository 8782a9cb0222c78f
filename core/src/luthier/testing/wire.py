"""Connections that end in this process, for tests of drivers and of the core.

:class:`ScriptedTransport` plays exchanges that were written down beforehand, and fails the test on the first
difference and on whatever is left over; :func:`expected_exchanges` opens a driver on one. :class:`DictTransport` is a
little instrument that remembers what it is told.

Text is Latin-1, as instruments send it: every byte is one character.

>>> from luthier import Instrument, parameter
>>> class Source(Instrument):
...     voltage = parameter(float, get_cmd="SOUR:VOLT?", set_cmd="SOUR:VOLT {}", unit="V")
>>> with expected_exchanges(Source, '''
...     > SOUR:VOLT 1.5
...     > SOUR:VOLT?
...     < +1.50000E+00
... ''') as source:
...     source.voltage.set(1.5)
...     source.voltage.get()
1.5
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NoReturn, Protocol, Self, TypeAlias, TypeVar

import attrs

from luthier.errors import UsageError
from luthier.testing.dict_transport import DictTransport
from luthier.testing.replying import ReplyingTransport, WireFault, decoded, encoded, shown

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "DictTransport",
    "Exchange",
    "ScriptedTransport",
    "WireFault",
    "WireMismatchError",
    "expected_exchanges",
    "script",
]


class WireMismatchError(AssertionError):
    """What went over the wire is not what the script says; no ``LuthierError``, so that no driver handles it."""


Reply: TypeAlias = str | bytes | WireFault


@attrs.frozen
class Exchange:
    """One message, and what comes back."""

    message: bytes
    replies: tuple[bytes | WireFault, ...] = ()


Step: TypeAlias = Exchange | tuple[str | bytes, Reply | Sequence[Reply] | None]
Script: TypeAlias = str | Iterable[Step]


def script(text: str) -> list[Exchange]:
    r"""Return the exchanges that ``text`` describes, a line for each message and reply.

    ``> message`` is sent, ``< reply`` comes back (several lines: several replies), ``! timeout`` and ``! lost`` are a
    :class:`WireFault` instead of a reply. Empty lines and lines that start with ``#`` do not count, nor does white
    space around a line. Binary messages and replies cannot be written this way: give pairs of ``bytes``.

    Raises :class:`~luthier.errors.UsageError`, with the number of the line, for any other line, and for a reply before
    the first message.

    >>> script("> *IDN?\n< ACME,100,7,1.0")
    [Exchange(message=b'*IDN?', replies=(b'ACME,100,7,1.0',))]
    """
    exchanges: list[Exchange] = []
    for number, line in enumerate(text.splitlines(), start=1):
        mark, content = line.strip()[:1], line.strip()[1:].strip()
        if mark in {"", "#"}:
            continue
        if mark == ">":
            exchanges.append(Exchange(encoded(content)))
        elif mark == "<" and exchanges:
            exchanges[-1] = _answered(exchanges[-1], encoded(content))
        elif mark == "!" and exchanges and content in {fault.value for fault in WireFault}:
            exchanges[-1] = _answered(exchanges[-1], WireFault(content))
        else:
            raise UsageError(
                f"line {number} of the script is {line.strip()!r}; allowed are '> message', then '< reply', "
                "'! timeout' or '! lost', and '# comment'"
            )
    return exchanges


class ScriptedTransport(ReplyingTransport):
    """A :class:`~luthier.transport.Transport` that expects exactly the exchanges of a script, in their order.

    Parameters
    ----------
    exchanges
        Pairs of a message and its reply: text or ``bytes``, ``None`` for no reply, a list for several, a
        :class:`WireFault` for what goes wrong instead. Or a text, as :func:`script` reads it.
    address
        What the transport gives as its address.
    timeout
        In seconds; nothing waits for it, errors name it.
    read_termination
        What follows each reply, for :meth:`read_exactly`; ``""`` on connections that mark the end otherwise.

    Raises
    ------
    WireMismatchError
        From any method, on the first difference to the script: another message, one too many, one sent before the
        reply to the last was read, a reading of what does not come. From :meth:`finish`, and at the end of a ``with``
        block that does not raise: for the first difference, if it was swallowed on its way, and for exchanges and
        replies that are left over.

    Examples
    --------
    >>> with ScriptedTransport([("SOUR:VOLT 1.5", None), ("SOUR:VOLT?", "1.5"), ("CURV?", b"#13abc")]) as wire:
    ...     wire.write(b"SOUR:VOLT 1.5")
    ...     wire.query(b"SOUR:VOLT?"), wire.query(b"CURV?")
    (b'1.5', b'#13abc')
    """

    def __init__(
        self,
        exchanges: Script,
        *,
        address: str = "scripted://",
        timeout: float | None = 5.0,
        read_termination: str = "\n",
    ) -> None:
        super().__init__(address, timeout, encoded(read_termination))
        self._exchanges = _exchanges(exchanges)
        self._done = 0
        self._difference: WireMismatchError | None = None

    @property
    def sent(self) -> list[str]:
        """The messages that were sent so far, each as the script has it."""
        return [decoded(exchange.message) for exchange in self._exchanges[: self._done]]

    def write(self, message: bytes) -> None:
        """Compare a message with the next of the script."""
        with self.lock:
            self._require_open()
            place = f"message {self._done + 1} of {len(self._exchanges)}"
            if self._waiting:
                self._differ(f"{place}, {shown(message)}, was sent before {self._unread()}")
            if self._done == len(self._exchanges):
                self._differ(f"{shown(message)} was sent after the last of the {self._done} messages of the script")
            expected = self._exchanges[self._done]
            if message != expected.message:
                self._differ(f"{place}:\n  expected {shown(expected.message)}\n  got      {shown(message)}")
            self._done += 1
            self._answer(message, expected.replies)

    def finish(self) -> None:
        """Raise WireMismatchError if there was a difference before, or if exchanges or replies are left over."""
        if self._difference is not None:
            raise self._difference
        if self._waiting:
            self._differ(f"the end came before {self._unread()}")
        if self._done < len(self._exchanges):
            left = "".join(f"\n  {shown(exchange.message)}" for exchange in self._exchanges[self._done :])
            self._differ(f"{len(self._exchanges) - self._done} of {len(self._exchanges)} messages were not sent:{left}")

    def __enter__(self) -> Self:
        """Return the transport itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close, and :meth:`finish` unless the block raised."""
        self.close()
        if error is None:
            self.finish()

    def _unread(self) -> str:
        reply = self._waiting[0]
        if isinstance(reply, WireFault):
            return f"the {reply.value} after {self._question!r} was met"
        what = "the termination" if self._taken >= len(reply) else "the rest" if self._taken else "all"
        return f"{what} of the reply {shown(reply)} to {self._question!r} was read"

    def _no_reply(self, wanted: str) -> NoReturn:
        sent = f"the script has nothing more in answer to {self._question!r}" if self._done else "nothing was sent"
        self._differ(f"{wanted} was to be read, but {sent}")

    def _differ(self, what: str) -> NoReturn:
        difference = WireMismatchError(f"{self.address}: {what}")
        self._difference = self._difference or difference
        raise difference


class _Closable(Protocol):
    def close(self) -> None: ...


Driver = TypeVar("Driver", bound=_Closable)


@contextmanager
def expected_exchanges(
    driver: Callable[..., Driver], exchanges: Script, *, name: str = "instrument", **options: object
) -> Iterator[Driver]:
    """Open a driver on a :class:`ScriptedTransport`, and fail unless exactly these exchanges happen.

    Parameters
    ----------
    driver
        The class; called with ``name``, ``transport`` and ``options``.
    exchanges
        As for :class:`ScriptedTransport`. What the driver sends when it is opened and closed belongs to them.

    Raises
    ------
    WireMismatchError
        As :class:`ScriptedTransport` says. An error of the block itself passes, and nothing left over is then reported.
    """
    with (
        ScriptedTransport(exchanges) as wire,
        closing(driver(name, transport=wire, **options)) as instrument,
    ):
        yield instrument


def _exchanges(given: Script) -> list[Exchange]:
    return script(given) if isinstance(given, str) else [_exchange(step) for step in given]


def _exchange(step: Step) -> Exchange:
    if isinstance(step, Exchange):
        return step
    message, replies = step
    if replies is None:
        return Exchange(encoded(message))
    several = (replies,) if isinstance(replies, (str, bytes, WireFault)) else replies
    return Exchange(
        encoded(message), tuple(reply if isinstance(reply, WireFault) else encoded(reply) for reply in several)
    )


def _answered(exchange: Exchange, reply: bytes | WireFault) -> Exchange:
    return attrs.evolve(exchange, replies=(*exchange.replies, reply))
