"""What the tests of instruments share: little instruments on wires that end in this process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier import plugins
from luthier.testing.dict_transport import DictTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier import Instrument


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    """Each test starts with no living instrument, and what it leaves is closed."""
    assert luthier.instruments() == {}
    yield
    luthier.close_all()


@pytest.fixture
def opened() -> Callable[..., Any]:
    """Open instruments of a class on a wire that remembers texts."""

    def open_on_wire(kind: type[Instrument], *, name: str = "inst", **values: str) -> tuple[Any, DictTransport]:
        options: dict[str, Any] = {key: values.pop(key) for key in ("error_policy",) if key in values}
        wire = DictTransport(values, address=f"dict://{name}")
        return kind(name, transport=wire, **options), wire

    return open_on_wire


@pytest.fixture
def news() -> Iterator[list[str]]:
    """Note the news of instruments that plugins hear."""
    heard: list[str] = []

    class Listener:
        @plugins.hookimpl
        def instrument_opened(self, instrument: Instrument) -> None:
            heard.append(f"{instrument.name} opened")

        @plugins.hookimpl
        def instrument_closing(self, instrument: Instrument) -> None:
            heard.append(f"{instrument.name} closing, closed={instrument.closed}")

        @plugins.hookimpl
        def instrument_closed(self, instrument: Instrument) -> None:
            heard.append(f"{instrument.name} closed, closed={instrument.closed}")

    listener = Listener()
    plugins.hooks.register(listener, "news of the tests")
    yield heard
    plugins.hooks.unregister(listener)


class Gate:
    """Lets a test stop a thread inside a call: it tells that it has come, and waits to be let through."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def pass_through(self) -> None:
        """Tell that this thread is here, and wait."""
        self.reached.set()
        assert self.opened.wait(10)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that is open at the end, so that no thread stays."""
    made = Gate()
    yield made
    made.opened.set()
