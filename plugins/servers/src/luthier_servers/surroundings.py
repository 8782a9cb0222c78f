"""What this process is: a client only, or a server as well; and how references are followed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import instruments
from luthier.errors import UsageError
from luthier.parameter.messages import unknown_name
from luthier.server import InstrumentRef

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["dial_uri", "hosts_instruments", "resolve", "server"]

hosts_instruments = False
"""Whether calls of others can reach instruments of this process."""

server = ""
"""The name of the server that this process is; empty for a client."""

dial: Callable[[str, str], Any]
"""Returns the proxy of an instrument on another server; set by the part that has proxies."""


describe_call: Callable[[int], str | None] = lambda _: None
"""What a thread of this server is doing; set by the server."""


def chain() -> list[str]:
    """Return in words the calls that this thread works for."""
    import threading  # noqa: PLC0415 - only between servers

    doing = describe_call(threading.get_ident())
    return [doing] if doing else []


def resolve(reference: InstrumentRef) -> Any:
    """Return what a reference means here: the instrument itself where it lives in this process, else its proxy."""
    if reference.engine != "local":
        raise UsageError(f"{reference.uri} is served by {reference.engine!r}, which is not this kind of server")
    if reference.server != server:
        return dial(reference.server, reference.instrument)
    found = instruments()
    if reference.instrument not in found:
        raise unknown_name("instrument", reference.instrument, found, who=f"server {server}")
    return found[reference.instrument]


def dial_uri(uri: str) -> Any:
    """Return what a reference in text means here; what pickled proxies become."""
    return resolve(InstrumentRef.from_uri(uri))
