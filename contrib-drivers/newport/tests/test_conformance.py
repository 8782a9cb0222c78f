"""The driver goes through the conformance suite; the ESP301 is spoken to as the ESP300."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestEsp300(DriverConformance):
    driver = "newport.esp300"
