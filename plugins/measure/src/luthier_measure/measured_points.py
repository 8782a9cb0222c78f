"""Points that were taken, as those see them who choose the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from luthier.errors import UsageError
from luthier.parameter import Parameter

__all__ = ["Point", "Points"]


class Point(Mapping[str, Any]):
    """A point that was taken: ``point[dmm.voltage]`` or ``point["dmm_voltage"]``, for what was set and read."""

    __slots__ = ("_places", "_values")

    def __init__(self, values: tuple[Any, ...], places: Mapping[Any, int]) -> None:
        self._values = values
        self._places = places

    def __getitem__(self, key: Any) -> Any:
        """Return a value by its parameter, function or column."""
        try:
            return self._values[self._places[key]]
        except KeyError:
            known = ", ".join(name for name in self._places if isinstance(name, str))
            what = key.full_name if isinstance(key, Parameter) else key
            raise UsageError(
                f"a point of this sweep has no {what!r}: it has {known}",
                advice="Only what is read at the level of the adaptive sweep itself can be asked for.",
            ) from None

    def __iter__(self) -> Iterator[str]:
        """Give the names of the columns."""
        return (name for name in self._places if isinstance(name, str))

    def __len__(self) -> int:
        """How many columns."""
        return sum(isinstance(name, str) for name in self._places)

    def __repr__(self) -> str:
        """Names and values."""
        return f"Point({dict(self)!r})"


class Points(Sequence[Point]):
    """The points that an adaptive sweep has taken so far, in order; it grows as the sweep goes on."""

    def __init__(self, places: Mapping[Any, int]) -> None:
        self._places = places
        self._rows: dict[int, tuple[Any, ...]] = {}

    @overload
    def __getitem__(self, key: int) -> Point: ...

    @overload
    def __getitem__(self, key: slice) -> Sequence[Point]: ...

    def __getitem__(self, key: Any) -> Any:
        """Return a point, or several."""
        rows = list(self._rows.values())[key]
        return [Point(row, self._places) for row in rows] if isinstance(key, slice) else Point(rows, self._places)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rows)

    def values(self, key: Any) -> list[Any]:
        """Return one quantity of all points, by its parameter, function or column."""
        return [point[key] for point in self]

    def at(self, place: int) -> Point | None:
        """Return the point of a step, or ``None`` where it was left out."""
        row = self._rows.get(place)
        return None if row is None else Point(row, self._places)

    def put(self, place: int, values: tuple[Any, ...]) -> None:
        """Keep what was taken at a step; a point that is taken again replaces itself."""
        self._rows[place] = values
