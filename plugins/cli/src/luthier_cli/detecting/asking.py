"""Asking who is there: ``*IDN?``, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from luthier import plugins
from luthier.errors import LuthierError, ReplyError
from luthier.plugins.install_hints import distribution_of_maker
from luthier.scpi.identity import parse_identity
from luthier.transport import transport_plugin_for

from luthier_cli.detecting.deadlines import all_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luthier.plugins import FoundAddress
    from luthier.plugins.matching import Match
    from luthier.scpi.identity import Identity

__all__ = ["Detected", "ask"]

_ADDRESS_MARK = ": "


@attrs.frozen
class Detected:
    """An address, who is there, and which drivers are for it.

    Attributes
    ----------
    address, how
        Where, and how it was found.
    reply
        What it answered; empty if it did not, or was not asked.
    identity
        The fields of the reply; ``None`` where there are none.
    trouble
        Why there is no reply, as a sentence; empty if there is, or it was not asked.
    matches
        The drivers, best first.
    advice
        What to do where no driver is for it.
    """

    address: str
    how: str
    reply: str
    identity: Identity | None
    trouble: str
    matches: tuple[Match, ...]
    advice: str

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "address": self.address,
            "how": self.how,
            "reply": self.reply,
            "identity": attrs.asdict(self.identity) if self.identity else None,
            "trouble": self.trouble,
            "drivers": [
                {
                    "id": match.entry.id if match.entry.state in {"available", "loaded"} else match.entry.qualified_id,
                    "distribution": match.entry.distribution,
                    "state": match.entry.state,
                    "why": match.why,
                }
                for match in self.matches
            ],
            "advice": self.advice,
        }


def ask(found: Sequence[FoundAddress], *, timeout: float, deadline: float, asking: bool) -> Iterator[Detected]:
    """Ask each address for its identity, several at once, and yield what is known of each as soon as it is.

    Nobody is asked twice, nor anybody whose identity is known already. Nothing but ``*IDN?`` is sent.

    Parameters
    ----------
    found
        The addresses.
    timeout
        Seconds that connecting and answering may take at each.
    deadline
        In the time of :func:`time.monotonic`: for all of them together.
    asking
        ``False`` asks nobody.
    """
    silent = [one for one in found if one.identity or not asking]
    for one in silent:
        yield _detected(one, one.identity, "")
    asked = [one for one in found if one not in silent]
    for one, result in all_until(lambda one: _reply(one.address, timeout), asked, deadline):
        if result is None:
            yield _detected(one, "", "It had not answered when the time for all was up.")
        elif isinstance(result, BaseException):
            yield _detected(one, "", _in_words(result, one.address))
        else:
            yield _detected(one, result, "")


def _reply(address: str, timeout: float) -> str:
    found: Any = plugins.registry("transports").load(transport_plugin_for(address))
    transport = found(address, timeout=timeout)
    try:
        reply: bytes = transport.query(b"*IDN?")
    finally:
        transport.close()
    return reply.decode("utf-8", errors="replace").strip()


def _in_words(error: BaseException, address: str) -> str:
    if not isinstance(error, LuthierError):
        return f"{type(error).__name__}: {error}"
    return str(error).removeprefix(f"{address}{_ADDRESS_MARK}")


def _detected(found: FoundAddress, reply: str, trouble: str) -> Detected:
    identity = None
    if reply:
        try:
            identity = parse_identity(reply)
        except ReplyError as error:
            trouble = f"{error.what}."
    matches = plugins.matches(found.address, identity)
    matches += tuple(_contributed(found.address, reply, {match.entry.key for match in matches}))
    return Detected(
        address=found.address,
        how=found.detail,
        reply=reply,
        identity=identity,
        trouble=trouble,
        matches=matches,
        advice="" if matches or identity is None else _advice(identity),
    )


def _contributed(address: str, reply: str, known: set[Any]) -> Iterator[Match]:
    """Yield the drivers that plugins hold fit by the hook ``identify``, if they are installed."""
    from luthier.plugins.matching import Match  # noqa: PLC0415 - a type above

    drivers = plugins.registry("drivers")
    for plugin, ids in plugins.hooks.identify(address, reply).items():
        for name in ids:
            if name in drivers:
                entry = drivers.find(name)
                if entry.key not in known:
                    known.add(entry.key)
                    yield Match(entry, f"{plugin} says so", 0)


def _advice(identity: Identity) -> str:
    for word in identity.vendor.replace(",", " ").split()[:2]:
        maker = distribution_of_maker(word)
        if not maker:
            continue
        if maker in {one.name for one in plugins.distributions()}:
            return f"{maker} is installed and has no driver for it; a later version may: pip install --upgrade {maker}."
        return f"A driver may be in {maker}: luthier plugins install {maker}."
    return "No driver is known. Any SCPI instrument can be used by luthier.ScpiInstrument."
