"""Classes and arguments on their way from a parent to its own child, through the pipe that the child was born with.

This is the only place where anything is unpickled, and only what the process that started this one writes to its
standard input gets there. Each birth is a frame: 16 bytes of ticket, the length as an unsigned 64-bit number, and the
pickle. An instrument is then created by a request that names the ticket.
"""

from __future__ import annotations

import io
import os
import secrets
import struct
import sys
import threading
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType
    from typing import BinaryIO

__all__ = ["Births", "pack_birth", "pack_surroundings", "pickle_birth"]

_HEAD = struct.Struct("<16sQ")
_pickling = threading.Lock()
"""Held while a class is pickled: which modules go with their code is a setting of the whole process."""

_SURROUNDINGS = bytes(16)
"""The ticket of what is no birth: where the parent finds its modules."""


def pickle_birth(kind: type, args: Sequence[Any], options: Mapping[str, Any]) -> bytes:
    """Return a class and arguments as bytes; instruments on servers among them become references.

    A class of a script, a notebook, or a file that is no installed module goes with its code.
    """
    import cloudpickle  # type: ignore[import-untyped]  # noqa: PLC0415 - only where an instrument is built on a server

    class BirthPickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
        dispatch_table = cloudpickle.Pickler.dispatch_table.new_child(
            {MappingProxyType: lambda proxy: (MappingProxyType, (dict(proxy),))}
        )

    with _pickling:
        by_value = [module for module in _modules(kind) if not _can_be_imported(module)]
        for module in by_value:
            cloudpickle.register_pickle_by_value(module)
        try:
            file = io.BytesIO()
            BirthPickler(file).dump((kind, tuple(args), dict(options)))
            return file.getvalue()
        finally:
            for module in by_value:
                cloudpickle.unregister_pickle_by_value(module)


def _modules(kind: type) -> Iterator[ModuleType]:
    seen = set()
    for base in kind.__mro__:
        module = sys.modules.get(base.__module__)
        if module is not None and base.__module__ not in ("builtins", "__main__") and module.__name__ not in seen:
            seen.add(module.__name__)
            yield module


def _can_be_imported(module: ModuleType) -> bool:
    """Whether another process that looks in the same places finds this very module."""
    from importlib.util import find_spec  # noqa: PLC0415 - as above

    own = getattr(module, "__file__", None)
    kept = sys.modules.pop(module.__name__, None)
    try:
        spec = find_spec(module.__name__)
    except (ImportError, ValueError, AttributeError):
        return False
    finally:
        if kept is not None:
            sys.modules[module.__name__] = kept
    return spec is not None and own is not None and spec.origin is not None and Path(spec.origin).samefile(own)


def pack_birth(pickled: bytes) -> tuple[str, bytes]:
    """Return the ticket of a birth and the frame for the pipe."""
    ticket = secrets.token_bytes(16)
    return ticket.hex(), _HEAD.pack(ticket, len(pickled)) + pickled


def pack_surroundings() -> bytes:
    """Return the frame that tells a child where this process finds its modules."""
    import pickle  # noqa: PLC0415 - as above

    data = pickle.dumps([path or os.getcwd() for path in sys.path])  # noqa: PTH109 - a text, as the others are
    return _HEAD.pack(_SURROUNDINGS, len(data)) + data


_ARRIVING = 10.0
"""Seconds that a birth may take through the pipe."""


class Births:
    """What came through the pipe and was not asked for yet. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: dict[str, bytes] = {}
        self._arrived = threading.Condition()

    def read_all(self, pipe: BinaryIO) -> None:
        """Read births until the pipe ends, which means that the parent is gone."""
        while True:
            head = _exactly(pipe, _HEAD.size)
            if head is None:
                return
            ticket, size = _HEAD.unpack(head)
            data = _exactly(pipe, size)
            if data is None:
                return
            if ticket == _SURROUNDINGS:
                self._look_there_too(data)
                continue
            with self._arrived:
                self._waiting[ticket.hex()] = data
                self._arrived.notify_all()

    def take(self, ticket: str) -> tuple[type, tuple[Any, ...], dict[str, Any]]:
        """Return the class and the arguments that came under a ticket, once."""
        possible = len(ticket) == 2 * len(_SURROUNDINGS) and ticket != _SURROUNDINGS.hex()
        with self._arrived:
            # The request may overtake the birth, which is on another way.
            self._arrived.wait_for(lambda: ticket in self._waiting, timeout=_ARRIVING if possible else 0.0)
            data = self._waiting.pop(ticket, None)
        if data is None:
            raise UsageError(
                "nothing came through the birth pipe for this instrument",
                state="Nothing was opened.",
                advice="Only the process that started a server can hand over classes of its own.",
            )
        import pickle  # noqa: PLC0415 - only where a class is handed over

        kind, args, options = pickle.loads(data)  # noqa: S301 - written by the process that started this one
        return kind, args, options

    @staticmethod
    def _look_there_too(data: bytes) -> None:
        import pickle  # noqa: PLC0415 - as above

        paths = pickle.loads(data)  # noqa: S301 - as above
        sys.path.extend(path for path in paths if path not in sys.path)


def _exactly(pipe: BinaryIO, count: int) -> bytes | None:
    parts = []
    while count:
        part = pipe.read(min(count, 2**20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
