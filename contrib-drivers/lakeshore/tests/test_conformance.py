"""The drivers go through the conformance suite; models that differ by a table only are represented by one."""

from __future__ import annotations

from luthier.testing import DriverConformance


class TestController331(DriverConformance):
    driver = "lakeshore.331"


class TestController335(DriverConformance):
    driver = "lakeshore.335"


class TestBridge372(DriverConformance):
    driver = "lakeshore.372"


class TestGaussmeter425(DriverConformance):
    driver = "lakeshore.425"


class TestGaussmeter475(DriverConformance):
    driver = "lakeshore.475"


class TestMagnetSupply625(DriverConformance):
    driver = "lakeshore.625"


class TestMonitor218(DriverConformance):
    driver = "lakeshore.218"
