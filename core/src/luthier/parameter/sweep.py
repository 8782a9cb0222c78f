"""Sweeps of one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.parameter.live import Parameter

__all__ = ["ParameterSweep"]

T = TypeVar("T")


@attrs.frozen
class ParameterSweep(Generic[T]):
    """A parameter and the values that it is to take; each was checked when the sweep was made."""

    parameter: Parameter[T]
    values: tuple[T, ...] = attrs.field(repr=lambda values: f"<{len(values)} values>")

    def __len__(self) -> int:
        """How many values."""
        return len(self.values)

    def __iter__(self) -> Iterator[T]:
        """Yield the values; none is set."""
        return iter(self.values)
