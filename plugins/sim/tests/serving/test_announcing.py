"""Served instruments that announce themselves."""

from __future__ import annotations

import pytest
from luthier.errors import ConnectError
from luthier.plugins import Search
from luthier_sim import serve
from luthier_sim.serving.announcing import Announcement
from luthier_visa.discovery.mdns import mdns_instruments

from .devices import Supply

pytest.importorskip("zeroconf")


@pytest.mark.slow
def test_what_is_announced_is_found_with_its_identity_and_gone_with_its_end() -> None:
    with serve(Supply(), port=0) as served:
        with Announcement([("psu", served)], "127.0.0.1") as announcement:
            found = {one.address: one for one in mdns_instruments(Search(timeout=1.5), interfaces=["127.0.0.1"])}
        announcement.close()
        mine = found[f"TCPIP0::127.0.0.1::{served.port}::SOCKET"]
        assert mine.identity == "ACME,SUPPLY,1,0"
        assert "psu (simulated" in mine.detail


def test_a_host_without_an_address_is_one_clear_error() -> None:
    with serve(Supply(), port=0) as served, pytest.raises(ConnectError, match="there is no address for no"):
        Announcement([("psu", served)], "no.such.host.invalid")
