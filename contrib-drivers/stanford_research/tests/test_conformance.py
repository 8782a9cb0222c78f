"""The drivers go through the conformance suite, one for each family."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestSr830(DriverConformance):
    driver = "stanford_research.sr830"


class TestSr860(DriverConformance):
    driver = "stanford_research.sr860"


class TestSg384(DriverConformance):
    driver = "stanford_research.sg384"


class TestDg645(DriverConformance):
    driver = "stanford_research.dg645"


class TestSim900(DriverConformance):
    driver = "stanford_research.sim900"


class TestDs345(DriverConformance):
    driver = "stanford_research.ds345"


class TestSr844(DriverConformance):
    driver = "stanford_research.sr844"


class TestCtc100(DriverConformance):
    driver = "stanford_research.ctc100"
