"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestAfg3000(DriverConformance):
    driver = "tektronix.afg3000"
