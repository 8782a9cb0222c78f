"""The driver goes through the conformance suite."""

from __future__ import annotations

from luthier.testing import DriverConformance


class Test{{ cookiecutter.class_name }}(DriverConformance):
    driver = "{{ cookiecutter.driver_id }}"
