"""Runs to try things on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.arrow.writer import ArrowRunWriter

LINE = Layout(
    columns=(
        Column("x", "setpoint", "float64", unit="V", label="gate", parameter="dac.x"),
        Column("y", "reading", "float64", unit="A", parameter="dmm.current"),
    ),
    tables=(Table("main", (Dimension("x", None, ("x",)),), ("x", "y")),),
)
"""One setpoint and one reading."""


class HeaderMaker(Protocol):
    def __call__(self, layout: Layout = LINE, **facts: Any) -> RunHeader: ...


class RunMaker(Protocol):
    def __call__(self, points: int = 10, **facts: Any) -> str: ...


@pytest.fixture
def storage(tmp_path: Path) -> ArrowStorage:
    return ArrowStorage(tmp_path / "data")


@pytest.fixture
def make_header() -> HeaderMaker:
    def make(layout: Layout = LINE, **facts: Any) -> RunHeader:
        return RunHeader(**{"id": new_run_id(), "name": "test", "started": time.time(), "layout": layout, **facts})

    return make


@pytest.fixture
def make_run(storage: ArrowStorage, make_header: HeaderMaker) -> RunMaker:
    """Give a function that stores a whole run and returns its id."""

    def make(points: int = 10, **facts: Any) -> str:
        writer = storage.create(make_header(**facts))
        add = writer.appender("main")
        for number in range(points):
            add((time.time(), number, float(number), number * 2.0))
        writer.finish(completed())
        return writer.id

    return make


def completed() -> RunEnd:
    return RunEnd("completed", time.time())


@pytest.fixture
def completed_end() -> Callable[[], RunEnd]:
    return completed


@pytest.fixture
def add_points() -> Callable[..., None]:
    """Give a function that adds rows to a run with the layout of one setpoint and one reading."""

    def add(writer: ArrowRunWriter, points: int, first: int = 0) -> None:
        append = writer.appender("main")
        for number in range(first, first + points):
            append((time.time(), number, float(number), number * 2.0))

    return add
