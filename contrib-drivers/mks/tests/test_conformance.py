"""The drivers go through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestMks937b(DriverConformance):
    driver = "mks.937b"


class TestMks946(DriverConformance):
    driver = "mks.946"
