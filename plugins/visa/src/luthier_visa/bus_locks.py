"""One lock for each physical connection, shared by the transports on it."""

from __future__ import annotations

import threading
from weakref import WeakValueDictionary

__all__ = ["lock_of"]

_locks: WeakValueDictionary[str, threading.RLock] = WeakValueDictionary()
_guard = threading.Lock()


def lock_of(connection: str) -> threading.RLock:
    """Return the lock of `connection`: the same one for as long as anybody holds on to it."""
    with _guard:
        lock = _locks.get(connection)
        if lock is None:
            lock = _locks[connection] = threading.RLock()
        return lock
