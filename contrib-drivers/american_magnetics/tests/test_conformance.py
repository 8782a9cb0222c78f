"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestAmi430(DriverConformance):
    driver = "american_magnetics.ami430"
