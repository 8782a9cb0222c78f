"""Checks of behaviour: what parameters read, take, and refuse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from luthier.errors import ValidationError
from luthier.parameter import GroupParameter
from luthier.testing.conformance.outcomes import Problem
from luthier.testing.conformance.trying import arrange, in_words, walk
from luthier.testing.conformance.values import is_same, right_values, wrong_values
from luthier.validators import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.parameter import Parameter
    from luthier.testing.conformance.recording import RecordingTransport
    from luthier.testing.conformance.subject import Subject

    Trial = Callable[[str, Parameter[Any], RecordingTransport], Iterator[Problem]]

__all__ = ["reading", "refusing", "setting"]


def reading(subject: Subject) -> Iterator[Problem]:
    """Read every parameter that can be read, and check what comes."""
    yield from _each(subject, lambda parameter: parameter.gettable, _read)


def setting(subject: Subject) -> Iterator[Problem]:
    """Set every parameter that can be set to the ends of its range, or to each option, and read it back."""
    yield from _each(subject, _takes_values, _set_and_read)


def refusing(subject: Subject) -> Iterator[Problem]:
    """Set every parameter to what it does not allow, and look whether anything was sent."""
    yield from _each(subject, _takes_values, _refuse)


def _takes_values(parameter: Parameter[Any]) -> bool:
    return parameter.settable and not isinstance(parameter, GroupParameter)


def _each(subject: Subject, wanted: Callable[[Parameter[Any]], bool], trial: Trial) -> Iterator[Problem]:
    """Try every parameter; none meets what another left behind: after a command a new device is taken."""
    with subject.opened() as (instrument, _):
        paths = [path for path, parameter in walk(instrument) if wanted(parameter)]
    while paths:
        with subject.opened() as (instrument, wire):
            before = len(wire.commands)
            while paths and len(wire.commands) == before:
                yield from _try(subject, instrument, wire, paths.pop(0), trial)


def _try(subject: Subject, instrument: Any, wire: RecordingTransport, path: str, trial: Trial) -> Iterator[Problem]:
    try:
        parameter = arrange(subject, instrument, path)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem(path, f"the state for it cannot be brought about: {in_words(error)}")
        return
    if parameter is None:
        yield Problem(path, "its condition does not hold and cannot be brought about; declare [[…arrange]]")
    else:
        yield from trial(path, parameter, wire)


def _read(path: str, parameter: Parameter[Any], wire: RecordingTransport) -> Iterator[Problem]:
    del wire
    try:
        value = parameter.get()
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem(path, f"reading it raised {in_words(error)}")
        return
    if isinstance(parameter, GroupParameter) or parameter.validator is None:
        return
    if isinstance(value, float) and not math.isfinite(value) and not parameter.settable:
        return  # a reading may be out of the range, or not there
    try:
        parameter.validator.check(value)
    except ValidationError as error:
        yield Problem(path, f"it reads {shown(value)}, which its own validator refuses: {error}")


def _set_and_read(path: str, parameter: Parameter[Any], wire: RecordingTransport) -> Iterator[Problem]:
    del wire
    try:
        for value in right_values(parameter):
            parameter.set(value)
            accepted = parameter.cache.value
            if parameter.gettable and not is_same(parameter, accepted, read := parameter.get()):
                yield Problem(path, f"set to {shown(value)}, it reads {shown(read)}")
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem(path, f"setting it to what it allows, and reading it, raised {in_words(error)}")


def _refuse(path: str, parameter: Parameter[Any], wire: RecordingTransport) -> Iterator[Problem]:
    try:
        values = wrong_values(parameter)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        yield Problem(path, f"its limits cannot be told: {in_words(error)}")
        return
    for value in values:
        before = len(wire.commands)
        try:
            parameter.set(value)
        except ValidationError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem(path, f"set to {shown(value)}, it raised {in_words(error)}; expected: ValidationError")
        else:
            yield Problem(path, f"it took {shown(value)}, which it does not allow")
        if sent := wire.commands[before:]:
            yield Problem(path, f"refusing {shown(value)} came after {sent[0]} was sent")
            return
