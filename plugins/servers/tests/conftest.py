from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from luthier_servers import starting
from luthier_servers.addresses import ServerFiles, server_names
from luthier_servers.link import all_links

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["unix"])
def folder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give servers a folder of their own, whose path is short enough for sockets; it has to be empty at the end."""
    place = Path(tempfile.mkdtemp(prefix="lu"))
    monkeypatch.setenv("LUTHIER_RUNTIME_DIR", str(place))
    monkeypatch.setenv("LUTHIER_SERVER_TRANSPORT", request.param)
    yield place
    starting.stop_children()
    for link in all_links():
        link.close()
    _take_away_what_the_killed_left()
    left = [path.name for path in place.iterdir()]
    shutil.rmtree(place)
    assert left == []


def _take_away_what_the_killed_left() -> None:
    """A killed process frees its lock a moment after its sockets; whoever looks then takes its file away."""
    deadline = time.monotonic() + 5
    while (names := server_names()) and time.monotonic() < deadline:
        for name in names:
            ServerFiles(name).remove_if_stale()
