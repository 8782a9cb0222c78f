"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestIvvi(DriverConformance):
    driver = "qutech.ivvi"


class TestSpiRack(DriverConformance):
    driver = "qutech.spi_rack"
