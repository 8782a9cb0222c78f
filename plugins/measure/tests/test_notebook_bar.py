"""The bar in a notebook, drawn on a front end that keeps what it is given."""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from luthier import ManualParameter
from luthier_measure import measure, sweep

if TYPE_CHECKING:
    from pathlib import Path


class FrontEnd(ModuleType):
    """Shows what ``IPython.display.display`` is given, and lets it be updated, as a notebook does."""

    def __init__(self, *, broken: bool) -> None:
        super().__init__("IPython.display")
        self.drawn: list[str] = []
        self.texts: list[str] = []
        self.redrawn = threading.Event()
        self._broken = broken

    def display(self, thing: Any, *, display_id: bool) -> FrontEnd:
        assert display_id
        self._draw(thing)
        return self

    def update(self, thing: Any) -> None:
        if self._broken:
            message = "the front end is gone"
            raise RuntimeError(message)
        self._draw(thing)
        self.redrawn.set()

    def _draw(self, thing: Any) -> None:
        self.drawn.append(thing._repr_html_())
        self.texts.append(repr(thing))


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> FrontEnd:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    front_end = FrontEnd(broken=getattr(request, "param", False))
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython.display", front_end)
    return front_end


def test_it_lives_on_after_the_cell_has_ended(front_end: FrontEnd) -> None:
    x = ManualParameter("x", float, initial=0.0)
    run = measure(sweep(x, range(3000), delay=0.02), x, name="<slow>", background=True)
    front_end.redrawn.clear()
    assert front_end.redrawn.wait(20)
    assert run.pause()
    front_end.redrawn.clear()
    assert front_end.redrawn.wait(20)
    assert run.stop()
    assert "/3000 points" in front_end.texts[0]
    assert any("<slow> (paused)" in text for text in front_end.texts)
    assert f"{run.points}/3000 points" in front_end.texts[-1]
    assert "&lt;slow&gt;" in front_end.drawn[-1]
    assert '<progress value="' in front_end.drawn[-1]


@pytest.mark.parametrize("front_end", [True], indirect=True)
def test_what_fails_in_it_costs_only_the_bar(front_end: FrontEnd) -> None:
    x = ManualParameter("x", float, initial=0.0)
    assert measure(sweep(x, range(5)), x).outcome == "completed"
    assert len(front_end.drawn) == 1
