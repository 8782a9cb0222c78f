"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestPowerMeter(DriverConformance):
    driver = "thorlabs.pm100"
