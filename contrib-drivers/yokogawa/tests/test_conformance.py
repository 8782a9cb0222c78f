"""The drivers go through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestGs200(DriverConformance):
    driver = "yokogawa.gs200"


class TestSource7651(DriverConformance):
    driver = "yokogawa.7651"


class TestGs610(DriverConformance):
    driver = "yokogawa.gs610"
