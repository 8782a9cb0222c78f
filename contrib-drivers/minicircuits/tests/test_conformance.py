"""The drivers go through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestRcdat(DriverConformance):
    driver = "minicircuits.rcdat"


class TestRc4dat(DriverConformance):
    driver = "minicircuits.rc4dat"


class TestRcSpdt(DriverConformance):
    driver = "minicircuits.rc_spdt"
