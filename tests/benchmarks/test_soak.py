"""The soak of the servers' tests, for long: ten minutes with ``SOAK_SECONDS=600``, otherwise twenty seconds."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugins.servers.tests.soak import Soak, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))

pytestmark = [
    pytest.mark.timeout(SECONDS + 120),
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors as Linux lists them"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lu") as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUTHIER_RUNTIME_DIR", place)
        yield Path(place)


def test_a_soak(folder: Path, figure: Callable[[str, str], None]) -> None:
    with Soak(seed=1) as soak:
        soak.run(min(5.0, SECONDS / 4))
        client, server = Use(), Use(soak.servers["steady"].pid)
        soak.run(SECONDS)
        client_after, server_after = Use(), Use(soak.servers["steady"].pid)
        soak.count()
    figure("soak: answers, interrupted calls, wrong answers", ", ".join(map(str, soak.counts.values())))
    figure(
        "soak: restarts, killed servers, killed clients",
        f"{soak.restarts}, {soak.killed_servers}, {soak.killed_clients}",
    )
    figure("soak: the client after a few seconds, and at the end", f"{client}; {client_after}")
    figure("soak: a server that was never restarted, likewise", f"{server}; {server_after}")
    assert soak.counts["wrong"] == 0
    assert list(folder.iterdir()) == []
