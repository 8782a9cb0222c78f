"""The check of a plan before anything is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import ClosedError, NotGettableError, NotSettableError, UsageError
from luthier.parameter import Parameter

from luthier_measure.buffering import Buffered
from luthier_measure.fixed_sweep import Sweep
from luthier_measure.steps import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.parameter import ParameterSweep

    from luthier_measure.plan import Plan

__all__ = ["check"]


def check(plan: Plan) -> None:
    """Carry out :meth:`luthier_measure.plan.Plan.check`."""
    _require_something_to_stop(plan)
    swept = [setpoints.parameter for setpoints in plan.setpoints]
    read = [*plan.parameters_read, *_asked(plan)]
    for parameter in (*swept, *read):
        _require_open(parameter)
    for setpoints in plan.setpoints:
        _require_settable(setpoints)
    for reading in plan.readings:
        if isinstance(reading, Buffered) and reading.axis is not None:
            _require_open(reading.axis.parameter)
            _require_allowed(reading.axis)
    for parameter in read:
        if not parameter.gettable:
            raise NotGettableError("cannot be read", who=parameter.full_name, state="Nothing was set.")
    foreseeable = not _calls_functions(plan) and all(map(_does_only_what_it_says, (*swept, *read)))
    for parameter in (*swept, *read) if foreseeable else ():
        if not any(other is not parameter and other.instrument is parameter.instrument for other in swept):
            parameter.require_relevant()


def _require_something_to_stop(plan: Plan) -> None:
    """Ask for it now, because a block may lie inside a sweep of another plan."""
    for level in plan.levels:
        is_inside = any(each.sweep is not None for each in (*plan.around(level), level))
        if not is_inside and any(isinstance(each, Guard) and each.verdict == "stop" for each in level.actions):
            raise UsageError("stop_if() stands outside any sweep: there is nothing to end; stop_run_if() ends the run")


def _asked(plan: Plan) -> Iterator[Parameter[Any]]:
    """Give the parameters that conditions ask and the plan does not set."""
    set_ = [setpoints.parameter for setpoints in plan.setpoints]
    return (each for each in plan.parameters_asked if not any(each is other for other in set_))


def _calls_functions(plan: Plan) -> bool:
    """Tell whether somebody's function runs in it, which may change the state of any instrument."""
    if not all(isinstance(reading, Parameter) for reading in plan.readings):
        return True
    if any(action for level in plan.levels for action in level.actions):
        return True
    variations = [level.sweep for level in plan.levels if level.sweep is not None]
    return any(not isinstance(each, Sweep) or each.before or each.after for each in variations)


def _require_open(parameter: Parameter[Any]) -> None:
    instrument = parameter.instrument
    if instrument is not None and instrument.closed:
        raise ClosedError(
            "the instrument is closed", who=parameter.full_name, state="Nothing was set.", advice="Open it again."
        )


def _require_settable(setpoints: ParameterSweep[Any]) -> None:
    parameter = setpoints.parameter
    if not parameter.settable:
        raise NotSettableError(
            "cannot be swept, because it cannot be set", who=parameter.full_name, state="Nothing was set."
        )
    _require_allowed(setpoints)


def _require_allowed(setpoints: ParameterSweep[Any]) -> None:
    parameter = setpoints.parameter
    if parameter.limits_are_dynamic:
        for value in setpoints.values:
            parameter.check(value)


def _does_only_what_it_says(parameter: Parameter[Any]) -> bool:
    """Tell whether setting or reading it cannot change what another instrument does; somebody's function could."""
    if parameter.watchers:
        return False
    specification = parameter.specification
    if specification.delegate is not None:
        return _does_only_what_it_says(parameter.delegate)
    if specification.group:
        return _does_only_what_it_says(parameter.sibling(specification.group))
    return not (callable(specification.get_cmd) or callable(specification.set_cmd))
