"""All checks, and carrying them out."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import attrs

from luthier import plugins
from luthier.testing.conformance import (
    contract_checks,
    example_check,
    fault_checks,
    importing,
    life_checks,
    parameter_checks,
    served_checks,
    static_checks,
)
from luthier.testing.conformance.outcomes import Check, CheckResult, Problem, Report
from luthier.testing.conformance.subject import Subject
from luthier.testing.conformance.trying import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.testing.conformance.declared import Declared

__all__ = ["CHECKS", "check_driver", "run_check"]


def _no_simulator(subject: Subject) -> str:
    return "" if subject.simulator else "there is no simulator"


def _no_server(subject: Subject) -> str:
    if not plugins.registry("servers").names():
        return "no plugin for servers is installed (luthier-servers)"
    return _no_simulator(subject)


def _no_connection(subject: Subject) -> str:
    return "" if subject.has_connection else "it is made of other instruments, or of software"


def _no_family(subject: Subject) -> str:
    if subject.description is None or not subject.description.families:
        return "the manifest names no family"
    return _no_simulator(subject)


def _needs(*capabilities: str) -> Callable[[Subject], str]:
    def unless(subject: Subject) -> str:
        if not any(map(subject.can, capabilities)):
            return f"the manifest does not say {' or '.join(capabilities)}"
        return _no_simulator(subject)

    return unless


CHECKS: tuple[Check, ...] = (
    Check("manifest", "static", "Manifest and entry points say the same.", static_checks.manifest),
    Check("one package", "static", "All plugins are in one top-level package.", static_checks.one_package),
    Check("requirements", "static", "The core is required with an upper bound.", static_checks.requirements),
    Check("licence", "static", "The metadata state a licence.", static_checks.licensed),
    Check("py.typed", "static", "The package has py.typed.", static_checks.marked_typed),
    Check("annotations", "static", "Functions have types.", static_checks.annotated),
    Check("import", "import", "Importing does nothing else, and needs no vendor's library.", importing.import_is_quiet),
    Check(
        "constructor",
        "contract",
        "It opens by an address alone.",
        contract_checks.constructor,
        _no_connection,
    ),
    Check("docs", "contract", "Class and parameters have docs.", contract_checks.documented, _no_simulator),
    Check("types", "contract", "Parameters have types.", contract_checks.typed, _no_simulator),
    Check("units", "contract", "Numbers have a unit, or say they have none.", contract_checks.units, _no_simulator),
    Check("validators", "contract", "What can be set is validated.", contract_checks.validated, _no_simulator),
    Check("schema", "contract", "The description goes to JSON and back.", contract_checks.schema, _no_simulator),
    Check("families", "contract", "It is as its families are.", contract_checks.families, _no_family),
    Check(
        "simulator",
        "behaviour",
        "It opens on its simulator.",
        life_checks.has_simulator,
        _no_connection,
    ),
    Check("opening", "behaviour", "Opening changes nothing.", life_checks.opening, _no_simulator),
    Check("reading", "behaviour", "Readings fit their own validators.", parameter_checks.reading, _no_simulator),
    Check("setting", "behaviour", "What is allowed can be set and read.", parameter_checks.setting, _no_simulator),
    Check("refusing", "behaviour", "Other values send nothing.", parameter_checks.refusing, _no_simulator),
    Check("closing", "behaviour", "Closed is closed, and opens again.", life_checks.closing, _no_simulator),
    Check("mute", "behaviour", "No answer is a timeout, and in step after.", fault_checks.mute, _no_simulator),
    Check("garbage", "behaviour", "Nonsense is a ReplyError.", fault_checks.garbage, _no_simulator),
    Check("cut", "behaviour", "A cut connection is a ConnectionLostError.", fault_checks.cut, _no_simulator),
    Check("threads", "behaviour", "Two threads do not meet.", life_checks.threads, _no_simulator),
    Check("served", "behaviour", "Through a server it is the same.", served_checks.served, _no_server),
    Check("errors", "behaviour", "Errors in the queue are raised.", fault_checks.reported, _needs("error-queue")),
    Check("safe", "behaviour", "make_safe() does something.", life_checks.making_safe, _needs("source", "motion")),
    Check("manual", "documents", "The manifest names the manual.", static_checks.manual, _no_connection),
    Check("example", "documents", "The example in the docs runs.", example_check.example, _no_simulator),
    Check("verified", "documents", "It was tried with something foreign.", static_checks.verified, _no_connection),
)
"""In the order in which they are carried out."""


def check_driver(driver: str, declared: Declared | None = None) -> Report:
    """Carry out all checks of a driver.

    Parameters
    ----------
    driver
        Its id.
    declared
        Exemptions and arrangements; ``None``: those of the ``conformance.toml`` of its package.

    Raises
    ------
    UnknownPluginError
        There is no such driver.
    ConfigurationError
        The ``conformance.toml`` is wrong.
    """
    subject = Subject(driver, declared)
    return Report(subject.id, tuple(run_check(subject, check) for check in CHECKS))


def run_check(subject: Subject, check: Check) -> CheckResult:
    """Carry out one check. What the driver raises becomes a problem, and goes no further."""
    try:
        if reason := check.unless(subject):
            return CheckResult(check.name, check.stage, "not applicable", reason=reason)
        found = list(check.run(subject))
    except Exception as error:  # noqa: BLE001 - a driver may fail in any way, also where nothing is tried
        found = [Problem("", f"this could not be looked at: {in_words(error)}")]
    return _judged(subject, check, found)


def _judged(subject: Subject, check: Check, found: list[Problem]) -> CheckResult:
    reasons: list[str] = []
    for key, reason in _exemptions(subject, check):
        kept = [problem for problem in found if not _is_meant(key, check, problem)]
        if len(kept) == len(found):
            kept.append(Problem("", f"the exemption {key!r} is no longer needed; take it out of conformance.toml"))
        reasons.append(reason)
        found = kept
    result = CheckResult(check.name, check.stage, "passed")
    if found:
        return attrs.evolve(result, verdict="failed", problems=tuple(found))
    return attrs.evolve(result, verdict="exempt", reason="; ".join(reasons)) if reasons else result


def _exemptions(subject: Subject, check: Check) -> Iterator[tuple[str, str]]:
    for key, reason in subject.declared.exempt.items():
        if key == check.name or key.startswith(f"{check.name} "):
            yield key, reason


def _is_meant(key: str, check: Check, problem: Problem) -> bool:
    pattern = key[len(check.name) :].strip()
    return not pattern or fnmatchcase(problem.where, pattern)
