"""Checks of the contract: what the driver says of itself, before anything is tried."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from luthier.families import check as misfits
from luthier.server.descriptor import describe
from luthier.testing.conformance.outcomes import Problem
from luthier.testing.conformance.trying import walk
from luthier.validators import from_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.testing.conformance.subject import Subject

__all__ = ["constructor", "documented", "families", "schema", "typed", "units", "validated"]

_FIRST = ("self", "name", "address")


def constructor(subject: Subject) -> Iterator[Problem]:
    """Look at the signature of ``__init__``."""
    parameters = tuple(inspect.signature(subject.kind.__init__).parameters.values())
    names = tuple(one.name for one in parameters)
    if names[: len(_FIRST)] != _FIRST:
        yield Problem("", f"__init__ takes {', '.join(names)}; it has to begin with {', '.join(_FIRST)}")
    if "transport" not in names and not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        yield Problem("", "__init__ takes no transport; add **options and pass them on")
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    for one in parameters[2:]:
        if one.default is inspect.Parameter.empty and one.kind not in variable:
            yield Problem("", f"__init__ needs {one.name}; give it a default, so that address alone opens it")


def documented(subject: Subject) -> Iterator[Problem]:
    """Look for the docs of the class and of each parameter."""
    if not (subject.kind.__doc__ or "").strip():
        yield Problem("", "the class has no docstring")
    for path, parameter in _parameters(subject):
        if not parameter.doc.strip():
            yield Problem(path, "it has no doc")


def typed(subject: Subject) -> Iterator[Problem]:
    """Look for the type of each parameter."""
    for path, parameter in _parameters(subject):
        if parameter.type is object:
            yield Problem(path, "it has no type; give it as the first argument")


def units(subject: Subject) -> Iterator[Problem]:
    """Look whether each number has a unit, or says that it has none."""
    for path, parameter in _parameters(subject):
        specification = parameter.specification
        if parameter.type in (float, complex) and not parameter.unit and not specification.states("unit"):
            yield Problem(path, 'it has no unit; write unit="" if it is a plain number')


def validated(subject: Subject) -> Iterator[Problem]:
    """Look whether each parameter that can be set says what it allows."""
    for path, parameter in _parameters(subject):
        if parameter.settable and parameter.validator is None and not parameter.specification.members:
            yield Problem(path, "it can be set, and has no validator")


def schema(subject: Subject) -> Iterator[Problem]:
    """Take the description to JSON and back, and each validator to data and back."""
    with subject.opened() as (instrument, _):
        try:
            json.dumps(describe(instrument), allow_nan=False)
        except (TypeError, ValueError) as error:
            yield Problem("", f"what it offers cannot be written as JSON: {error}")
        for path, parameter in walk(instrument):
            validator = parameter.validator
            if validator is None:
                continue
            try:
                again = from_data(json.loads(json.dumps(validator.to_data())))
            except Exception as error:  # noqa: BLE001 - the validator may be the driver's own
                yield Problem(path, f"its validator cannot be made again of its data: {error}")
            else:
                if again.describe() != validator.describe():
                    yield Problem(path, f"made again of its data, its validator allows {again.describe()}")


def families(subject: Subject) -> Iterator[Problem]:
    """Compare the opened driver with the families that the manifest names."""
    stated = subject.description.families if subject.description else ()
    with subject.opened() as (instrument, _):
        for family in stated:
            yield from (Problem(one.where, one.what) for one in misfits(instrument, family))


def _parameters(subject: Subject) -> Iterator[tuple[str, Any]]:
    with subject.opened() as (instrument, _):
        yield from walk(instrument)
