"""What differs between two descriptions made of JSON's types: snapshots, plans, surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Difference", "differences", "snapshot_differences"]


@frozen
class Difference:
    """Something that two descriptions do not have in common.

    Attributes
    ----------
    name
        Where it is, with dots between the levels, such as ``smu.voltage``.
    before, after
        What each says, in JSON's terms; ``None`` where it says nothing.
    unit
        Of both, where it is known.
    """

    name: str
    before: Any
    after: Any
    unit: str = ""


def differences(before: Mapping[str, Any], after: Mapping[str, Any], within: str = "") -> Iterator[Difference]:
    """Yield what differs, in the order of ``before``; what only ``after`` has comes last.

    Examples
    --------
    >>> [(each.name, each.before, each.after) for each in differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}})]
    [('a.b', 1, 3)]
    """
    for key in (*before, *(key for key in after if key not in before)):
        first, second = before.get(key), after.get(key)
        name = f"{within}.{key}" if within else str(key)
        if isinstance(first, dict) and isinstance(second, dict):
            yield from differences(first, second, name)
        elif first != second or type(first) is not type(second):
            yield Difference(name, first, second)


def snapshot_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return which parameters have other values, and which instruments are only in one of two snapshots of a station.

    Times of readings do not count, and neither does it whether a value was read or set.

    Parameters
    ----------
    before, after
        ``run.snapshot`` and ``run.snapshot_after``, or the snapshots of two runs.
    """
    return [
        *_of_hosts(before.get("instruments", {}), after.get("instruments", {}), ""),
        *_of_parameters(before.get("parameters", {}), after.get("parameters", {}), ""),
    ]


def _of_hosts(before: Mapping[str, Any], after: Mapping[str, Any], within: str) -> Iterator[Difference]:
    for name in (*before, *(name for name in after if name not in before)):
        first, second = before.get(name), after.get(name)
        path = f"{within}{name}"
        if first is None or second is None:
            yield Difference(path, _present(first), _present(second))
            continue
        for fact in ("class", "address", "idn", "error"):
            if first.get(fact) != second.get(fact):
                yield Difference(f"{path} ({fact})", first.get(fact), second.get(fact))
        yield from _of_parameters(first.get("parameters", {}), second.get("parameters", {}), f"{path}.")
        yield from _of_hosts(first.get("channels", {}), second.get("channels", {}), f"{path}.")


def _present(host: Mapping[str, Any] | None) -> str | None:
    return None if host is None else str(host.get("class", "present"))


def _of_parameters(before: Mapping[str, Any], after: Mapping[str, Any], within: str) -> Iterator[Difference]:
    for name in (*before, *(name for name in after if name not in before)):
        first, second = before.get(name, {}), after.get(name, {})
        if first.get("value") != second.get("value") or first.get("unit", "") != second.get("unit", ""):
            unit = second.get("unit") or first.get("unit") or ""
            yield Difference(f"{within}{name}", first.get("value"), second.get("value"), unit)
