"""Nothing is lost, mixed up or leaked; the same for ten minutes is in the benchmarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from .soak import Soak, Use


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors as Linux lists them")
@pytest.mark.usefixtures("folder")
def test_eight_clients_lose_and_mix_up_nothing_while_servers_and_clients_are_killed() -> None:
    with Soak(seed=1) as soak:
        soak.run(1.0)
        before, server_before = Use(), Use(soak.servers["steady"].pid)
        soak.run(4.0)
        after, server_after = Use(), Use(soak.servers["steady"].pid)
        soak.count()
    assert soak.counts["wrong"] == 0
    assert soak.counts["answers"] > 100
    assert soak.restarts > 0
    assert after.threads <= before.threads + 4
    assert after.descriptors <= before.descriptors + 12
    assert after.memory <= before.memory + 16
    assert server_after.threads <= server_before.threads + 16  # a client more or less has a few
    assert server_after.descriptors <= server_before.descriptors + 16
    assert server_after.memory <= server_before.memory + 16
