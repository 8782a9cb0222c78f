"""Whether a driver is as drivers have to be: the checks as plain functions, and their report.

:func:`check_driver` runs them all without a test runner; :class:`~luthier.testing.DriverConformance` runs each as a
test of pytest.
"""

from luthier.testing.conformance.declared import Arrangement, Declared, read_declared
from luthier.testing.conformance.outcomes import Check, CheckResult, Problem, Report
from luthier.testing.conformance.running import CHECKS, check_driver, run_check
from luthier.testing.conformance.subject import Subject

__all__ = [
    "CHECKS",
    "Arrangement",
    "Check",
    "CheckResult",
    "Declared",
    "Problem",
    "Report",
    "Subject",
    "check_driver",
    "read_declared",
    "run_check",
]
