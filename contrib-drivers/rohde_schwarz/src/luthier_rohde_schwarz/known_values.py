"""What is known of a setting, for limits that depend on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from luthier.parameter import Parameter

__all__ = ["known"]

T = TypeVar("T")


def known(setting: Parameter[T]) -> T:
    """Return the cached value of a setting where it is valid, and read it otherwise."""
    cache = setting.cache
    value = cache.value if cache.valid else None
    return setting.get() if value is None else value
