"""What the tests of parameters share: an instrument that remembers texts, as real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from luthier import Instrument
from luthier.testing.dict_transport import DictTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

I = TypeVar("I", bound=Instrument)  # noqa: E741 - for instrument


@pytest.fixture
def opened() -> Iterator[Callable[..., Any]]:
    """Open instruments of a class on a wire that remembers texts; all are closed at the end."""
    made: list[Instrument] = []

    def open_on_wire(kind: type[I], *, name: str = "inst", **values: str) -> tuple[I, DictTransport]:
        wire = DictTransport(values)
        instrument = kind(name, transport=wire)
        made.append(instrument)
        return instrument, wire

    yield open_on_wire
    for instrument in made:
        instrument.close()
