"""Which instruments are opened, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["find_cycle", "in_order"]


def in_order(wanted: Iterable[str], depends_on: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return ``wanted`` and all that they depend on: each after what it depends on, otherwise in the order given.

    There must be no cycle.

    >>> in_order(["meta", "smu"], {"meta": ["dac", "smu"], "smu": ["psu"]})
    ('dac', 'psu', 'smu', 'meta')
    """
    ordered: dict[str, None] = {}

    def place(name: str) -> None:
        if name not in ordered:
            for other in depends_on.get(name, ()):
                place(other)
            ordered[name] = None

    for name in wanted:
        place(name)
    return tuple(ordered)


def find_cycle(depends_on: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the names along a cycle of dependencies, the first again at the end; ``()`` where there is none.

    >>> find_cycle({"a": ["b"], "b": ["c"], "c": ["b"]})
    ('b', 'c', 'b')
    """
    sound: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> tuple[str, ...]:
        if name in way:
            return (*way[way.index(name) :], name)
        if name in sound:
            return ()
        for other in depends_on.get(name, ()):
            cycle = walk(other, (*way, name))
            if cycle:
                return cycle
        sound.add(name)
        return ()

    for name in depends_on:
        cycle = walk(name, ())
        if cycle:
            return cycle
    return ()
