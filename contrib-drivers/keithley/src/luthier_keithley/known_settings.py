"""Settings as the cache knows them, for limits and readings that depend on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.parameter import Parameter

__all__ = ["known"]


def known(setting: Parameter[Any]) -> Any:
    """Return what the cache holds of a setting, and ask the instrument only where that is not valid."""
    return setting.cache.value if setting.cache.valid else setting.get()
