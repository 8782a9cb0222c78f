"""The drivers go through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestTpg261(DriverConformance):
    driver = "pfeiffer.tpg261"


class TestTpg262(DriverConformance):
    driver = "pfeiffer.tpg262"
