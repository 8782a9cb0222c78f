"""The checks as tests of pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from luthier.testing.conformance.running import CHECKS, run_check
from luthier.testing.conformance.subject import Subject

if TYPE_CHECKING:
    import pytest

    from luthier.testing.conformance.outcomes import Check

__all__ = ["DriverConformance"]


class DriverConformance:
    """All checks of a driver, each a test; to be subclassed in the driver's tests.

    >>> class TestX100(DriverConformance):
    ...     driver = "acme.x100"

    A check that does not apply, or is exempt, is skipped with its reason.
    """

    driver: ClassVar[str]
    """The id of the driver."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make a test of each check."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])

    def test_driver(self, check: Check) -> None:
        """Carry out one check."""
        import pytest  # noqa: PLC0415 - the checks do without a runner

        result = run_check(Subject(self.driver), check)
        if result.verdict in ("exempt", "not applicable"):
            pytest.skip(f"{result.verdict}: {result.reason}")
        if result.verdict == "failed" and check.stage != "documents":
            pytest.fail(f"{check.asks}\n{result}", pytrace=False)
