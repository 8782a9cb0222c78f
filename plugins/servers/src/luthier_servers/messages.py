"""The messages between clients and servers, in msgpack; see the reference page on the wire protocol.

Fields that are not known are ignored; fields that have their default are left out.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "NOT_UNDERSTOOD",
    "AddParameter",
    "Attribute",
    "Batch",
    "Call",
    "Cancel",
    "Close",
    "Create",
    "Describe",
    "Get",
    "Hello",
    "Inspect",
    "Lease",
    "ListInstruments",
    "Outcome",
    "Ping",
    "Release",
    "Renew",
    "Reply",
    "Request",
    "Set",
    "SetAttribute",
    "Shutdown",
    "Snapshot",
    "Welcome",
    "decode_reply",
    "decode_request",
    "encode",
]

PROTOCOL = 1

NOT_UNDERSTOOD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises about bytes that are no message; a key that is no UTF-8 is none of msgspec's own errors."""
"""The version of the protocol that is spoken here."""


class Request(msgspec.Struct, tag_field="op", omit_defaults=True, gc=False):
    """What all requests carry.

    Attributes
    ----------
    id
        The number of the call, unique among all processes.
    stack
        The calls that this one is made for, outermost first, and the leases that it may use.
    via
        The same in words, for messages.
    wait
        Seconds that it waits for an instrument that is in use; ``None``: as the server has it.
    """

    id: int
    stack: tuple[int, ...] = ()
    via: tuple[str, ...] = ()
    wait: float | None = None


class Hello(Request, tag="hello"):
    """The first message of a connection.

    ``kind`` is ``"calls"`` or ``"events"``; ``session`` is the same for all connections of one client process.
    """

    versions: list[int] = []
    kind: str = "calls"
    session: str = ""
    client: str = ""
    pid: int = 0


class Ping(Request, tag="ping"):
    """Who the server is and what it is doing; never waits."""


class ListInstruments(Request, tag="list"):
    """The names of the instruments; never waits."""


class Describe(Request, tag="describe"):
    """What an instrument offers; never waits."""

    on: str = ""


class Get(Request, tag="get"):
    """Read a parameter."""

    on: str = ""
    path: str = ""


class Set(Request, tag="set"):
    """Set a parameter; the reply is the value that the driver accepted."""

    on: str = ""
    path: str = ""
    value: Any = None


class Call(Request, tag="call"):
    """Call a function or an exported method."""

    on: str = ""
    path: str = ""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}


class Attribute(Request, tag="attribute"):
    """Read a property."""

    on: str = ""
    path: str = ""


class SetAttribute(Request, tag="set-attribute"):
    """Set a property."""

    on: str = ""
    path: str = ""
    value: Any = None


class Inspect(Request, tag="inspect"):
    """Limits and shape of a parameter now."""

    on: str = ""
    path: str = ""


class Item(msgspec.Struct, omit_defaults=True):
    """One part of a batch: ``op`` is ``"get"``, ``"set"`` or ``"call"``."""

    op: str
    on: str
    path: str
    value: Any = None


class Batch(Request, tag="batch"):
    """Several gets and sets in one round trip, one after another or, with ``parallel``, each instrument by itself."""

    items: list[Item] = []
    parallel: bool = False


class Snapshot(Request, tag="snapshot"):
    """Everything known of an instrument."""

    on: str = ""
    update: bool = False


class AddParameter(Request, tag="add-parameter"):
    """Add a parameter that is described by plain data."""

    on: str = ""
    path: str = ""
    name: str = ""
    type: str = "object"
    options: dict[str, Any] = {}


class Create(Request, tag="create"):
    """Open an instrument: by driver id, or by the ticket of what came through the birth pipe."""

    driver: str = ""
    ticket: str = ""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}


class Close(Request, tag="close"):
    """Close an instrument."""

    on: str = ""


class Lease(Request, tag="lease"):
    """Have instruments for oneself, all or none, for ``duration`` seconds (``None``: until released)."""

    names: list[str] = []
    duration: float | None = None


class Renew(Request, tag="renew"):
    """Let a lease last ``duration`` seconds from now."""

    lease: int = 0
    duration: float | None = None


class Release(Request, tag="release"):
    """Give back what was leased."""

    lease: int = 0


class Cancel(Request, tag="cancel"):
    """Give up a call: it is not begun if it waits, and a ramp stops."""

    call: int = 0


class Outcome(Request, tag="outcome"):
    """What became of a call."""

    call: int = 0


class Shutdown(Request, tag="shutdown"):
    """Make all instruments safe, close them, and end."""


class Welcome(msgspec.Struct, omit_defaults=True):
    """The reply to :class:`Hello`."""

    version: int
    server: str
    pid: int
    instance: str
    """Another one after each start."""


class Reply(msgspec.Struct, omit_defaults=True, gc=False):
    """The one reply to a request: a value or a fault. ``changed`` says that the instrument has to be described anew."""

    id: int
    value: Any = None
    fault: dict[str, Any] | None = None
    changed: bool = False


_Requests = (
    Hello
    | Ping
    | ListInstruments
    | Describe
    | Get
    | Set
    | Call
    | Attribute
    | SetAttribute
    | Inspect
    | Batch
    | Snapshot
    | AddParameter
    | Create
    | Close
    | Lease
    | Renew
    | Release
    | Cancel
    | Outcome
    | Shutdown
)

encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(_Requests).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode
