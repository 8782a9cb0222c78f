"""Every driver that is installed here keeps what the manifest and the documentation promise."""

from __future__ import annotations

import pytest
from luthier import plugins
from luthier.testing.conformance import check_driver


@pytest.mark.slow
@pytest.mark.parametrize("driver", plugins.registry("drivers").names())
def test_every_installed_driver_is_silver(driver: str) -> None:
    report = check_driver(driver)
    assert report.tier in {"silver", "gold"}, str(report)
