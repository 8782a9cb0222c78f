"""Every driver that is installed here keeps what the manifest and the documentation promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from luthier import plugins
from luthier.testing.conformance import CHECKS, Subject, check_driver

ROOT = Path(__file__).parents[2]


def without_a_class_of_their_own() -> list[str]:
    """Return the drivers whose distributions have no test class that runs the suite for them: tables of models."""
    tests = [path.read_text("utf-8") for path in ROOT.glob("*/*/tests/*.py")]
    own = {found for text in tests for found in re.findall(r'^    driver = "([^"]+)"$', text, re.MULTILINE)}
    return [driver for driver in plugins.registry("drivers").names() if driver not in own]


@pytest.mark.slow
@pytest.mark.parametrize("driver", without_a_class_of_their_own())
def test_every_other_driver_is_silver(driver: str) -> None:
    report = check_driver(driver)
    assert report.tier in {"silver", "gold"}, str(report)


def test_a_safe_state_that_only_asks_is_caught_in_a_protocol_without_question_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = next(check for check in CHECKS if check.name == "safe")
    assert list(check.run(Subject("qutech.ivvi"))) == []
    monkeypatch.setattr(Subject("qutech.ivvi").kind, "make_safe", lambda rack: rack.read_levels())
    assert ["sends nothing" in str(problem) for problem in check.run(Subject("qutech.ivvi"))] == [True]
