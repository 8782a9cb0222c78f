"""The check of behaviour on a server: what is read and set through it is what is read and set here."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError
from luthier.instrument import open_instrument
from luthier.parameter.relevance import is_relevant
from luthier.testing.conformance.outcomes import Problem
from luthier.testing.conformance.trying import in_words, walk
from luthier.testing.conformance.values import is_same
from luthier.validators import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.parameter import Parameter
    from luthier.testing.conformance.subject import Subject

__all__ = ["served"]

_numbers = count(1)


def served(subject: Subject) -> Iterator[Problem]:
    """Read and set every parameter here and on a server, each on a device that is new."""
    address = subject.new_address()
    with subject.opened(address) as (here, _), _on_a_server(subject, address) as there:
        for path, parameter in walk(here):
            if not (parameter.gettable and is_relevant(parameter)):
                continue
            try:
                value = parameter.get()
            except LuthierError:
                continue  # other checks say so
            yield from _compare(path, parameter, value, there)


def _compare(path: str, parameter: Parameter[Any], value: Any, there: Any) -> Iterator[Problem]:
    try:
        read = there.get(path)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem(path, f"here it reads {shown(value)}; through a server it raised {in_words(error)}")
        return
    if type(read) is not type(value) or _shape(read) != _shape(value):
        yield Problem(path, f"here it reads {shown(value)}; through a server {shown(read)}")
    if not parameter.settable:
        return  # a reading is another one each time
    if not is_same(parameter, value, read):
        yield Problem(path, f"on a new device it reads {shown(value)} here, and {shown(read)} through a server")
    elif parameter.validator is not None and _can_be_set(parameter, value):
        try:
            there.set(path, value)
            read = there.get(path)
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem(path, f"set to {shown(value)} through a server, it raised {in_words(error)}")
        else:
            if not is_same(parameter, value, read):
                yield Problem(path, f"set to {shown(value)} through a server, it reads {shown(read)}")


def _can_be_set(parameter: Parameter[Any], value: Any) -> bool:
    try:
        parameter.set(value)
    except LuthierError:
        return False
    return True


def _shape(value: Any) -> Any:
    return getattr(value, "shape", None)


@contextmanager
def _on_a_server(subject: Subject, address: str) -> Iterator[Any]:
    name = f"conformance-{os.getpid()}-{next(_numbers)}"
    instrument: Any = open_instrument(subject.entry.qualified_id, address, name="served", server_name=name)
    try:
        yield instrument
    finally:
        server = instrument.server
        with suppress(LuthierError):
            instrument.close()
        server.stop()
