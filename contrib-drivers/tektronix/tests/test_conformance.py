"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestAfg3000(DriverConformance):
    driver = "tektronix.afg3000"


class TestDpo4000(DriverConformance):
    driver = "tektronix.dpo4000"


class TestMso5(DriverConformance):
    driver = "tektronix.mso5"


class TestTds2000(DriverConformance):
    driver = "tektronix.tds2000"


class TestAwg5000(DriverConformance):
    driver = "tektronix.awg5000"


class TestAwg70000(DriverConformance):
    driver = "tektronix.awg70000"
