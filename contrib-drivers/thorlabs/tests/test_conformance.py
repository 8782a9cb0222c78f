"""The drivers go through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestPowerMeter(DriverConformance):
    driver = "thorlabs.pm100"


class TestTc200(DriverConformance):
    driver = "thorlabs.tc200"
