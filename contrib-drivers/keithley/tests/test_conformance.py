"""The 2400 goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestSmu2400(DriverConformance):
    driver = "keithley.2400"
