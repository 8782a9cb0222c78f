"""Readings of instruments on a server, many of which a measurement takes in one round trip."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier_measure import measure, runs, sweep
from luthier_servers import messages
from luthier_servers.link import Link

if TYPE_CHECKING:
    from collections.abc import Iterator


class Meter(Instrument):
    """Lives on a server; its last reading fails after a while where that is wished for."""

    level = parameter(float, initial=0.0)

    @parameter()
    def doubled(self) -> float:
        """Twice the level."""
        return 2 * self.level.get()

    @parameter()
    def failing(self) -> float:
        """Fail where the level is high."""
        if self.level.get() > 10:
            message = "overload"
            raise OSError(message)
        return 1.0


@pytest.fixture
def meters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    place = Path(tempfile.mkdtemp(prefix="lu"))
    monkeypatch.setenv("LUTHIER_RUNTIME_DIR", str(place))
    first: Any = Meter("first", server_name="site")
    second: Any = Meter("second", server_name="site")
    yield first, second
    first.server.stop()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of servers."""
    asked: list[str] = []
    exchange = Link.exchange

    def noting(self: Link, request: Any, *args: Any, **options: Any) -> Any:
        asked.append(type(request).__name__)
        return exchange(self, request, *args, **options)

    monkeypatch.setattr(Link, "exchange", noting)
    return asked


def test_readings_of_one_server_come_in_one_round_trip(meters: tuple[Any, Any], trips: list[str]) -> None:
    first, second = meters
    x = ManualParameter("x", float)
    second.level(7.0)
    readings = (first.level, first.doubled, second.level, second.doubled)
    run = measure(sweep(first.level, np.arange(300.0)), *readings)
    data = run.dataset
    assert data["first_doubled"].values.tolist() == [2.0 * number for number in range(300)]
    assert (data["second_level"].values == 7.0).all()
    assert (data["second_doubled"].values == 14.0).all()
    assert trips.count(messages.Batch.__name__) > 200
    assert run.timings["second"]["get"]["calls"] == 600
    trips.clear()
    # A function may look at anything: nothing is read before it that stands behind it.
    run = measure(sweep(x, range(20)), first.doubled, lambda: second.level(x()), second.doubled)
    assert run.dataset["second_doubled"].values.tolist() == [2.0 * number for number in range(20)]


def test_a_failure_on_the_way_is_that_of_the_reading(meters: tuple[Any, Any]) -> None:
    first, second = meters
    first.level(11.0)
    with pytest.raises(OSError, match="overload") as alone:
        first.failing()
    with pytest.raises(OSError, match="overload") as caught:
        measure(sweep(first.level, np.arange(100.0)), first.doubled, first.failing, second.level)
    assert type(caught.value) is type(alone.value)
    (run,) = runs()
    assert (run.outcome, run.points) == ("failed", 11)
    run = measure(
        sweep(first.level, np.arange(20.0)), first.doubled, first.failing, second.level, on_error={first.failing: "nan"}
    )
    assert int(run.dataset["first_failing"].notnull().sum()) == 11
    assert run.dataset["first_doubled"].values.tolist() == [2.0 * number for number in range(20)]
    assert "read in parallel" not in {thread.name for thread in threading.enumerate()}
