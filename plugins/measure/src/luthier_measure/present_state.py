"""Whether instruments are as they were when a run began that is to go on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import luthier

from luthier_measure.differences import Difference

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from luthier.parameter import Parameter

    from luthier_measure.plan import Plan

__all__ = ["present_differences"]

_CLOSE = 1e-6
"""Relative: what is read back is seldom to the last digit what was set."""


def present_differences(snapshot: Mapping[str, Any], plan: Plan) -> tuple[Difference, ...]:
    """Read the settings that a snapshot knows, and return those that are not as they were.

    What the plan varies or reads does not count, and neither does what can only be read: it is a measurement. Settings
    that the snapshot does not know, because they had been neither set nor read, are not asked for.

    Parameters
    ----------
    snapshot
        That of a run, as in ``run.snapshot``.
    plan
        What is going to be done.
    """
    own = {id(parameter) for parameter in plan.parameters}
    living = luthier.instruments()
    found: list[Difference] = []
    for name, stored in snapshot.get("instruments", {}).items():
        if name not in living:
            found.append(Difference(name, stored.get("class", "present"), None))
            continue
        found += _of_instrument(living[name], stored, own)
    alone = {each.full_name: each for each in plan.parameters if each.instrument is None}
    for name, stored in snapshot.get("parameters", {}).items():
        if name in alone:
            found += _of_parameter(alone[name], stored, own)
    return tuple(found)


def _of_instrument(instrument: Any, stored: Mapping[str, Any], own: Container[int]) -> Iterator[Difference]:
    present = {"class": instrument.kind, "address": instrument.address}
    for fact, value in present.items():
        if fact in stored and stored[fact] != value:
            yield Difference(f"{instrument.name} ({fact})", stored[fact], value)
    yield from _of_host(instrument, stored, own)


def _of_host(host: Any, stored: Mapping[str, Any], own: Container[int]) -> Iterator[Difference]:
    for name, entry in stored.get("parameters", {}).items():
        if name in host.parameters:
            yield from _of_parameter(host.parameters[name], entry, own)
    for name, entry in stored.get("channels", {}).items():
        if name in host.channels:
            yield from _of_host(host.channels[name], entry, own)


def _of_parameter(parameter: Parameter[Any], stored: Mapping[str, Any], own: Container[int]) -> Iterator[Difference]:
    is_setting = parameter.settable and parameter.gettable and id(parameter) not in own
    if not is_setting or stored.get("value") is None or not stored.get("valid", True):
        return
    try:
        present = parameter.snapshot(update=True)["value"]
    except Exception as error:  # noqa: BLE001 - what cannot be read is told as a difference, whatever a driver raises
        present = f"{type(error).__name__}: {error}"
    if not _is_same(stored["value"], present):
        yield Difference(parameter.full_name, stored["value"], present, parameter.unit)


def _is_same(first: Any, second: Any) -> bool:
    if type(first) is float and isinstance(second, (int, float)):
        return math.isclose(first, second, rel_tol=_CLOSE)
    return bool(first == second)
