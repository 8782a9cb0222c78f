"""What a check is, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from luthier.testing.conformance.subject import Subject

__all__ = ["STAGES", "Check", "CheckResult", "Problem", "Report", "Stage", "Tier", "Verdict"]

Stage: TypeAlias = Literal["static", "import", "contract", "behaviour", "documents"]
Verdict: TypeAlias = Literal["passed", "failed", "exempt", "not applicable"]
Tier: TypeAlias = Literal["none", "bronze", "silver", "gold"]

STAGES: tuple[Stage, ...] = ("static", "import", "contract", "behaviour", "documents")
_TIERS: tuple[tuple[Tier, frozenset[Stage]], ...] = (
    ("bronze", frozenset({"static", "import", "contract"})),
    ("silver", frozenset({"behaviour"})),
    ("gold", frozenset({"documents"})),
)


@attrs.frozen
class Problem:
    """One thing that a check found.

    Attributes
    ----------
    where
        The parameter, by its path; empty where it is the driver as a whole.
    what
        What is wrong, in a sentence.
    """

    where: str
    what: str

    def __str__(self) -> str:
        """Place and sentence."""
        return f"{self.where}: {self.what}" if self.where else self.what


@attrs.frozen
class Check:
    """One question to a driver.

    Attributes
    ----------
    name
        As exemptions and reports have it.
    stage
        What it belongs to.
    asks
        What has to hold, in a sentence.
    run
        Yields what is wrong.
    unless
        Says why it does not apply to a driver; empty where it does.
    """

    name: str
    stage: Stage
    asks: str
    run: Callable[[Subject], Iterable[Problem]]
    unless: Callable[[Subject], str] = lambda _subject: ""


@attrs.frozen
class CheckResult:
    """What came of one check.

    Attributes
    ----------
    check, stage
        Which.
    verdict
        "exempt": all that was found is exempt, for the reasons given.
    problems
        What was found and is not exempt.
    reason
        Why it is exempt, or does not apply.
    """

    check: str
    stage: Stage
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    reason: str = ""

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "check": self.check,
            "stage": self.stage,
            "verdict": self.verdict,
            "problems": [attrs.asdict(problem) for problem in self.problems],
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """Verdict and name, and a line for each problem."""
        return self.told(set())

    def told(self, known: set[Problem]) -> str:
        """Return verdict and name, and a line for each problem; those that are ``known`` are told in two words."""
        lines = [f"{self.verdict:<14}  {self.check}{f' ({self.reason})' if self.reason else ''}"]
        lines += [f"{'':<16}{'as above' if problem in known else problem}" for problem in self.problems]
        known.update(self.problems)
        return "\n".join(lines)


@attrs.frozen
class Report:
    """What came of all checks of one driver."""

    driver: str
    results: tuple[CheckResult, ...]

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(result for result in self.results if result.verdict == "failed")

    @property
    def tier(self) -> Tier:
        """The highest tier of which, and below which, nothing failed."""
        wrong = {result.stage for result in self.failed}
        reached: Tier = "none"
        for tier, stages in _TIERS:
            if stages & wrong:
                break
            reached = tier
        return reached

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"driver": self.driver, "tier": self.tier, "checks": [result.as_plain() for result in self.results]}

    def __str__(self) -> str:
        """Driver and tier, then each check."""
        known: set[Problem] = set()
        return "\n".join([f"{self.driver}: {self.tier}", *(result.told(known) for result in self.results)])
