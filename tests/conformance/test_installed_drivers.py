"""Every driver that is installed here keeps what the manifest and the documentation promise."""

from __future__ import annotations

import pytest
from luthier import plugins
from luthier.testing.conformance import CHECKS, Subject, check_driver


@pytest.mark.slow
@pytest.mark.parametrize("driver", plugins.registry("drivers").names())
def test_every_installed_driver_is_silver(driver: str) -> None:
    report = check_driver(driver)
    assert report.tier in {"silver", "gold"}, str(report)


def test_a_safe_state_that_only_asks_is_caught_in_a_protocol_without_question_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = next(check for check in CHECKS if check.name == "safe")
    assert list(check.run(Subject("qutech.ivvi"))) == []
    monkeypatch.setattr(Subject("qutech.ivvi").kind, "make_safe", lambda rack: rack.read_levels())
    assert ["sends nothing" in str(problem) for problem in check.run(Subject("qutech.ivvi"))] == [True]
