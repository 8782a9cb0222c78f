"""The drivers go through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestIps120(DriverConformance):
    driver = "oxford_instruments.ips120"


class TestItc503(DriverConformance):
    driver = "oxford_instruments.itc503"


class TestMercuryIps(DriverConformance):
    driver = "oxford_instruments.mercury_ips"


class TestMercuryItc(DriverConformance):
    driver = "oxford_instruments.mercury_itc"


class TestTriton(DriverConformance):
    driver = "oxford_instruments.triton"
