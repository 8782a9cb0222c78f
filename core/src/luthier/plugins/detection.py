"""What plugins that look for instruments contribute, and what they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["DiscoveryMethod", "FoundAddress", "Search"]


@attrs.frozen
class Search:
    """What is looked for.

    Attributes
    ----------
    hosts
        The networks (``192.0.2.0/28``), addresses and names that the user named; a method that sends something to
        others than these says so in its summary.
    timeout
        Seconds that the whole of one method may take.
    """

    hosts: tuple[str, ...] = ()
    timeout: float = 5.0


@attrs.frozen
class FoundAddress:
    """Where something may be listening.

    Attributes
    ----------
    address
        As ``luthier.open`` takes it.
    detail
        How it was found, for people; may be empty.
    identity
        What it would answer to ``*IDN?``, where that is known without asking; otherwise empty.
    """

    address: str
    detail: str = ""
    identity: str = ""


@attrs.frozen
class DiscoveryMethod:
    """A way to look for instruments.

    Attributes
    ----------
    kind
        The word by which users ask for it (``"vxi-11"``).
    summary
        What it does, in a sentence; what is sent to whom, if anything is.
    search
        Looks, and returns what it found. It must not open or ask an instrument, and ends by itself in the time given.
        What it raises is shown to the user.
    unasked
        Whether it is used where the user names no kinds: it sends nothing on a network.
    """

    kind: str
    summary: str
    search: Callable[[Search], Iterable[FoundAddress]]
    unasked: bool = False
