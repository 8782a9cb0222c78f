"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestAttenuator8320(DriverConformance):
    driver = "weinschel.8320"
