"""What this process is: a client only, or a server as well; and how references are followed in it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from luthier import instruments
from luthier.errors import UsageError
from luthier.parameter.messages import unknown_name
from luthier.server import InstrumentRef
from luthier.server.values import part_at

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "chain",
    "dial_part",
    "dial_uri",
    "dialling",
    "hosts_instruments",
    "resolve",
    "server",
    "showing_servers",
]

hosts_instruments = False
"""Whether calls of others can reach instruments of this process."""


chain_of: Callable[[int], tuple[str, ...]] = lambda _: ()  # noqa: E731 - a server puts its own function in its place
"""Returns in words the calls that a thread works for."""

server = ""
"""The name of the server that this process is; empty for a client."""

dialling: list[Callable[[str, str], Any]] = []
"""One function that returns the proxy of an instrument on another server; put there by the part that has proxies."""

showing_servers: list[Callable[[Any], Any]] = []
"""One function that returns the proxy of the server behind a link; put there likewise."""


def chain() -> tuple[str, ...]:
    """Return in words the calls that this thread works for, outermost first."""
    return chain_of(threading.get_ident())


def resolve(reference: InstrumentRef) -> Any:
    """Return what a reference means here: the instrument itself where it lives in this process, else its proxy."""
    if reference.engine != "local":
        raise UsageError(f"{reference.uri} is served by {reference.engine!r}, which is not this kind of server")
    if reference.server != server:
        return dialling[0](reference.server, reference.instrument)
    found = instruments()
    if reference.instrument not in found:
        raise unknown_name("instrument", reference.instrument, found, who=f"server {server}")
    return found[reference.instrument]


def dial_part(uri: str, path: str) -> Any:
    """Return the channel or parameter that a reference and a path mean here; what their pickled proxies become."""
    return part_at(dial_uri(uri), path)


def dial_uri(uri: str) -> Any:
    """Return what a reference in text means here; what pickled proxies become."""
    return resolve(InstrumentRef.from_uri(uri))
