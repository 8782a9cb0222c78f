"""Runs to look at, and a reader that keeps what it is told as the page does."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from luthier import ManualParameter
from luthier_measure import measure
from luthier_measure.loading import open_storage
from luthier_plot.packing import unpack
from luthier_plot.server import PlotServer
from luthier_plot.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from luthier_measure import Run


class Panel:
    """What the page has of a panel."""

    def __init__(self) -> None:
        self.known: list[Any] = ["", 0]
        self.described: dict[str, Any] = {}
        self.points: dict[str, list[float]] = {"x": [], "y": [], "z": []}
        self.grid: dict[tuple[int, int], float] = {}
        self.coordinates: dict[str, Any] = {}

    @property
    def image(self) -> Any:
        """The cells as an array, NaN where there is none, with the rows and columns of the coordinates."""
        cells = np.full((len(self.coordinates["y"]), len(self.coordinates["x"])), np.nan)
        for place, value in self.grid.items():
            cells[place] = value
        return cells

    def apply(self, news: dict[str, Any], numbers: Any) -> None:
        if "arrays" not in news:
            return
        if news["fresh"]:
            self.points, self.grid = {"x": [], "y": [], "z": []}, {}
        self.described = news
        self.known = [news["revision"], news["rows"]]
        arrays = {name: numbers[begin : begin + length] for name, (begin, length) in news["arrays"].items()}
        if news["kind"] != "image":
            for name, values in arrays.items():
                self.points[name] += values.tolist()
            return
        self.coordinates = {name: arrays[name] for name in ("x", "y")}
        cells: Iterable[tuple[Any, Any, Any]]
        if "column" in arrays:
            cells = zip(arrays["row"], arrays["column"], arrays["z"], strict=True)
        else:
            lines = arrays["z"].reshape(len(arrays["row"]), -1)
            cells = (
                (row, column, value)
                for row, line in zip(arrays["row"], lines, strict=True)
                for column, value in enumerate(line)
            )
        self.grid |= {(int(row), int(column)): float(value) for row, column, value in cells}


class Reader:
    """A page without a browser."""

    def __init__(self) -> None:
        self.run: dict[str, Any] | None = None
        self.version = -1
        self.message = ""
        self.panels: dict[str, Panel] = {}
        self.more = False

    def question(self) -> bytes:
        """Return what it asks with."""
        panels = {name: panel.known for name, panel in self.panels.items()}
        run = "" if self.run is None else self.run["id"]
        return json.dumps({"run": run, "version": self.version, "panels": panels}).encode()

    def apply(self, message: bytes) -> None:
        """Take an answer."""
        news, numbers = unpack(message)
        if (self.run or {}).get("id") != (news["run"] or {}).get("id"):
            self.panels = {}
        self.run, self.version, self.message, self.more = (news[key] for key in ("run", "version", "message", "more"))
        names = [each["name"] for each in news["panels"]]
        self.panels = {name: self.panels.get(name, Panel()) for name in names}
        for each in news["panels"]:
            self.panels[each["name"]].apply(each, numbers)

    def ask(self, connection: http.client.HTTPConnection, path: str) -> None:
        """Ask once over HTTP."""
        connection.request("POST", f"{path}news", body=self.question())
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        self.apply(content)

    def follow(self, url: str, done: Callable[[Reader], bool]) -> None:
        """Ask until all is as it should be; the test's own time-out ends it otherwise."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=30)
        try:
            while self.more or not done(self):
                self.ask(connection, parts.path)
        finally:
            connection.close()


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def new_reader() -> type[Reader]:
    return Reader


class Lab:
    """Stores runs in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.x = ManualParameter("x", float, unit="V", label="Gate", initial=0.0)
        self.y = ManualParameter("y", float, unit="T", label="Field", initial=0.0)
        self.z = ManualParameter("z", float, unit="s", label="Delay", initial=0.0)

    def measure(self, *items: Any, **options: Any) -> Run:
        run: Run = measure(*items, folder=self.folder, progress=False, **options)
        return run

    def current(self) -> float:
        """Something to read."""
        return self.x() * 1e-9 + self.y() * 1e-12

    @property
    def storage(self) -> Any:
        return open_storage(folder=self.folder)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "data")


@pytest.fixture
def shown(lab: Lab) -> Callable[..., Reader]:
    """Give a function that shows the newest run, or that of an id, to a reader until it has everything."""

    def show(run_id: str | None = None) -> Reader:
        reader = Reader()
        watching = Watching(lab.storage, run_id)
        while reader.version < 0 or reader.more:
            message = watching.news(_seen(reader), 0)
            reader.apply(message)
        return reader

    return show


def _seen(reader: Reader) -> Any:
    from luthier_plot.asking import read_question  # noqa: PLC0415 - what the server does

    return read_question(reader.question())


@pytest.fixture
def server(lab: Lab) -> Iterator[PlotServer]:
    """Return a server of the newest run."""
    served = PlotServer(Watching(lab.storage))
    yield served
    served.close()
