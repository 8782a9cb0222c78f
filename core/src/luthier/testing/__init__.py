"""What tests of drivers, validators and plugins are made of.

Nothing here is imported by the library at run time. A module is imported when the first of its names is used; only then
are hypothesis and pytest, which the extra ``luthier-core[testing]`` installs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.testing.conformance.suite import DriverConformance
    from luthier.testing.strategies import invalid_values, valid_values

__all__ = ["DriverConformance", "invalid_values", "valid_values"]

_MODULES = {"DriverConformance": "conformance.suite", "invalid_values": "strategies", "valid_values": "strategies"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
