"""A plan put together again from what is stored of it, with the instruments of now."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
from luthier.errors import LuthierError
from luthier.parameter import Parameter, ParameterSweep
from luthier.plain import from_plain

from luthier_measure.conditions import Condition
from luthier_measure.errors import PlanDiffersError
from luthier_measure.failed_readings import retry
from luthier_measure.fixed_sweep import Sweep
from luthier_measure.plan import Level, Plan
from luthier_measure.repetition import Repetition
from luthier_measure.schedule import Schedule
from luthier_measure.steps import Guard, wait, wait_until
from luthier_measure.suspenders import pause_while

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from luthier_measure.failed_readings import ErrorPolicy
    from luthier_measure.steps import Step
    from luthier_measure.storage import Column, RunHeader
    from luthier_measure.suspenders import Suspender
    from luthier_measure.variation import Variation

__all__ = ["rebuilt_options", "rebuilt_plan"]


def rebuilt_plan(header: RunHeader) -> Plan:
    """Return the plan of a run, for the living instruments of the same names.

    Raises
    ------
    PlanDiffersError
        The plan has something that only its script knows (functions, conditions, searches), or an instrument or
        parameter is not there.
    """
    columns = (column for column in header.layout.columns if column.role == "setpoint")
    levels = header.plan.get("levels", ())
    if not levels:
        raise _only_script(header.id, "it was measured by code of its own, without a plan")
    return Plan(tuple(_level(level, columns, header.id) for level in levels))


def rebuilt_options(header: RunHeader, made: Plan, wanted: Collection[str]) -> dict[str, Any]:
    """Return those options of ``measure`` that are wanted, among ``finally_``, ``on_error`` and ``suspenders``.

    Raises
    ------
    PlanDiffersError
        As for :func:`rebuilt_plan`.
    """
    stored = header.plan.get("options", {})
    rebuilt: dict[str, Any] = {}
    if "finally_" in wanted:
        rebuilt["finally_"] = [_final(step, header.id) for step in stored.get("finally", ())] or None
    if "on_error" in wanted:
        policies = [_policy(each, header.id) for each in stored.get("on_error", ())]
        rebuilt["on_error"] = dict(zip(made.readings, policies, strict=True)) if policies else "stop"
    if "suspenders" in wanted:
        rebuilt["suspenders"] = _suspenders(stored.get("suspenders", ()), header.id)
    return rebuilt


def _policy(stored: Any, run_id: str) -> ErrorPolicy:
    if isinstance(stored, dict):
        return retry(stored["retry"], wait=stored["wait"], then=stored["then"])
    if stored not in _KNOWN_POLICIES:
        raise _only_script(run_id, "it does not say how often failed readings are tried again")
    policy: ErrorPolicy = stored
    return policy


_KNOWN_POLICIES = ("stop", "nan")


def _suspenders(stored: Any, run_id: str) -> list[Suspender]:
    if not isinstance(stored, list) and stored:
        raise _only_script(run_id, "it does not say under what conditions it stands still (suspenders=)")
    return [_suspender(each, run_id) for each in stored or ()]


def _suspender(stored: Mapping[str, Any], run_id: str) -> Suspender:
    if not stored:
        raise _only_script(
            run_id, "it stands still under a condition, or with actions, that are functions (suspenders=)"
        )
    given = dict(stored)
    source = _parameter(given.pop("parameter"), run_id)
    if "equals" in given:
        given["equals"] = from_plain(given["equals"], enum=_enum(source))
    return pause_while(source, **given)


def _final(step: Mapping[str, Any], run_id: str) -> Any:
    if "parameter" in step:
        parameter = _parameter(step["parameter"], run_id)
        return {parameter: from_plain(step["value"], enum=_enum(parameter))}
    if "instrument" in step:
        return _instrument(step["instrument"], run_id)
    raise _only_script(run_id, f"it calls a function at its end ({step.get('what')})")


def _level(stored: Mapping[str, Any], columns: Iterator[Column], run_id: str) -> Level:
    sweep = _variation(stored["sweep"], columns, run_id) if "sweep" in stored else None
    readings = tuple(_parameter(name, run_id) for name in stored.get("readings", ()))
    return Level(sweep, readings, stored.get("depth", 0), _actions(stored, run_id))


def _actions(stored: Mapping[str, Any], run_id: str) -> tuple[Step, ...]:
    described = stored.get("actions", ())
    steps = stored.get("steps", ({},) * len(described))
    if not all(steps):
        only = "; ".join(text for text, step in zip(described, steps, strict=True) if not step)
        raise _only_script(run_id, f"it has conditions or actions that are functions ({only})")
    return tuple(_step(step, run_id) for step in steps)


def _step(stored: Mapping[str, Any], run_id: str) -> Step:
    if "wait" in stored:
        return wait(stored["wait"])
    if "until" in stored:
        timing = {key: stored[key] for key in ("every", "timeout", "hold")}
        return wait_until(_parameter(stored["until"], run_id), **timing)
    return Guard(stored["verdict"], Condition(_parameter(stored["parameter"], run_id)))


def _variation(stored: Mapping[str, Any], columns: Iterator[Column], run_id: str) -> Variation:
    kind = stored.get("kind", "sweep")
    if kind == "adaptive":
        raise _only_script(run_id, f"a function or a learner chooses the values of {', '.join(stored['parameters'])}")
    if kind not in {"sweep", "repetition", "schedule"}:
        raise _only_script(run_id, f"its {kind} is of a kind that this version does not know")
    for key in ("before", "after"):
        if stored.get(key):
            raise _only_script(run_id, f"it calls a function ({key}={stored[key]})")
    until, while_ = (_condition(stored, key, run_id) for key in ("until", "while"))
    if kind == "schedule":
        next(columns)
        return Schedule(stored["interval"], stored.get("count", stored["steps"]), until)
    if kind == "repetition":
        names = tuple(stored.get("names", ()))
        if names:
            next(columns)
        label = stored.get("label", "repetition")
        return Repetition(stored.get("count"), until, while_, stored.get("delay", 0.0), label=label, names=names)
    setpoints = tuple(_setpoints(_parameter(name, run_id), next(columns)) for name in stored["parameters"])
    return Sweep(setpoints, stored.get("delay", 0.0), stored.get("snake", False), stored.get("turns_back", False))


def _condition(stored: Mapping[str, Any], key: str, run_id: str) -> Condition | None:
    if not stored.get(key):
        return None
    if not stored.get(f"{key}_parameter"):
        raise _only_script(run_id, f"it asks a function ({key}={stored[key]})")
    return Condition(_parameter(stored[f"{key}_parameter"], run_id))


def _setpoints(parameter: Parameter[Any], column: Column) -> ParameterSweep[Any]:
    values: Sequence[Any] = column.values or ()
    kind = _enum(parameter)
    if kind is not None:
        return parameter.sweep([kind[name] for name in values])
    if len(values) > 1 and all(type(value) is float for value in values):
        even = parameter.sweep(values[0], values[-1], num=len(values))
        # What was stored as start, stop and num comes out to the last digit as it was made.
        if np.allclose(even.values, values, rtol=1e-12, atol=1e-9 * abs(values[1] - values[0])):
            return even
    return parameter.sweep(values)


def _enum(parameter: Parameter[Any]) -> type[Enum] | None:
    return parameter.type if issubclass(parameter.type, Enum) else None


def _instrument(path: str, run_id: str) -> Any:
    name, *rest = path.split(".")
    living = luthier.instruments()
    if name not in living:
        open_now = ", ".join(living) or "none"
        raise PlanDiffersError(
            f"the plan needs {path}, and no instrument {name!r} is open; open are: {open_now}",
            who=f"run {run_id}",
            state="Nothing was set.",
            advice="Open the instruments under the same names: luthier.Station(…), or with luthier continue --lab.",
        )
    return living[name].attribute(".".join(rest)) if rest else living[name]


def _parameter(path: str, run_id: str) -> Parameter[Any]:
    if "." not in path:
        raise _only_script(run_id, f"{path} belongs to no instrument, or is a function")
    instrument = _instrument(path.partition(".")[0], run_id)
    try:
        found = instrument.find(path.partition(".")[2])
    except (LuthierError, AttributeError) as error:
        raise PlanDiffersError(
            f"the plan needs {path}: {error}", who=f"run {run_id}", state="Nothing was set."
        ) from error
    assert isinstance(found, Parameter)
    return found


def _only_script(run_id: str, why: str) -> PlanDiffersError:
    return PlanDiffersError(
        f"the plan cannot be put together again from what is stored: {why}",
        who=f"run {run_id}",
        state="Nothing was set.",
        advice=f"Go on from the script, with the same items: continue_run({run_id!r}, sweep(…), …).",
    )
