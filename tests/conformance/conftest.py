"""Which drivers are left to these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.testing import DriverConformance

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the drivers that go through the same checks with their own distribution's tests in this run."""
    tried = {cls.driver for item in items if issubclass(cls := _class_of(item), DriverConformance)}
    doubled = [
        item for item in items if item.name in {f"test_every_installed_driver_is_silver[{each}]" for each in tried}
    ]
    if doubled:
        config.hook.pytest_deselected(items=doubled)
        items[:] = [item for item in items if item not in doubled]


def _class_of(item: pytest.Item) -> type[Any]:
    return getattr(item, "cls", None) or object
