"""The locks that HiSLIP clients may have on a device (IVI-6.1, 4): one exclusive, or several by the same word."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ClientLocks"]

FAILED: Final = 0
GRANTED: Final = 1
SHARED_RELEASED: Final = 2
NOT_HELD: Final = 3


class ClientLocks:
    """Who holds the device; safe to use from any thread. A client is any object, known by its identity."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._exclusive: object | None = None
        self._shared: dict[object, bytes] = {}
        self._closed = False

    def request(self, client: object, word: bytes, seconds: float) -> int:
        """Ask for the exclusive lock, or by `word` for a shared one; waits up to `seconds`."""
        with self._changed:
            if (self._exclusive is client and not word) or (client in self._shared and word):
                return NOT_HELD  # it has it already, which the standard calls an error
            if not self._changed.wait_for(lambda: self._closed or self._is_free(client, word), timeout=seconds):
                return FAILED
            if self._closed:
                return FAILED
            if word:
                self._shared[client] = word
            else:
                self._exclusive = client
            return GRANTED

    def release(self, client: object) -> int:
        """Give the exclusive lock back, or else the shared one."""
        with self._changed:
            if self._exclusive is client:
                self._exclusive = None
                answer = GRANTED
            elif self._shared.pop(client, None) is not None:
                answer = SHARED_RELEASED
            else:
                return NOT_HELD
            self._changed.notify_all()
            return answer

    def leave(self, client: object) -> None:
        """Give back whatever `client` holds."""
        with self._changed:
            if self._exclusive is client:
                self._exclusive = None
            self._shared.pop(client, None)
            self._changed.notify_all()

    def enter(self, client: object, given_up: Callable[[], bool]) -> bool:
        """Wait until `client` may use the device; false where that was given up, which is asked after :meth:`wake`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or given_up() or self._may_use(client))
            return not (self._closed or given_up())

    def wake(self) -> None:
        """Let everybody who waits ask again whether to give up."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def holders(self) -> tuple[bool, int]:
        """Whether somebody has the exclusive lock, and how many clients hold any."""
        with self._changed:
            clients = {id(client) for client in self._shared}
            if self._exclusive is not None:
                clients.add(id(self._exclusive))
            return self._exclusive is not None, len(clients)

    def _is_free(self, client: object, word: bytes) -> bool:
        others = [theirs for holder, theirs in self._shared.items() if holder is not client]
        if self._exclusive is not None:
            return False
        if word:
            return all(theirs == word for theirs in others)
        # Of clients that share a lock, one may have the exclusive one too.
        return not others or client in self._shared

    def _may_use(self, client: object) -> bool:
        if self._exclusive is not None:
            return self._exclusive is client
        return not self._shared or client in self._shared
