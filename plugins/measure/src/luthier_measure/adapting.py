"""Sweeps whose values are chosen on the way, by what was measured so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from itertools import count as count_up
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from attrs import field, frozen
from luthier.errors import UsageError
from luthier.parameter import Parameter, ParameterSweep

from luthier_measure.actions import actions_data, checked_action
from luthier_measure.durations import checked_duration
from luthier_measure.errors import PlanDiffersError
from luthier_measure.fixed_sweep import setpoint_column
from luthier_measure.measured_points import Points
from luthier_measure.past import FOLLOWED_IN_VAIN
from luthier_measure.plan_words import counted, duration_text
from luthier_measure.stored_rows import is_same_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.actions import Action
    from luthier_measure.measured_points import Point
    from luthier_measure.naming import Naming
    from luthier_measure.past import PastPass
    from luthier_measure.storage import Column, Row
    from luthier_measure.variation import Pass, Waiting

__all__ = ["Adaptive", "AdaptiveRun", "Learner", "Search", "adaptive"]


@runtime_checkable
class Learner(Protocol):
    """What the learners of the package ``adaptive`` have in common, and anything that has the same."""

    def ask(self, n: int, tell_pending: bool = True) -> tuple[Sequence[Any], Sequence[float]]:
        """Propose the next ``n`` points, and say what each promises."""
        ...

    def tell(self, x: Any, y: Any) -> None:
        """Take what was measured at a point."""
        ...

    def loss(self) -> float:
        """How far from good it still is."""
        ...


Search = Callable[[Points], "Iterator[Any] | Learner"]


@frozen
class Adaptive:
    """One or several parameters whose values are chosen on the way; made by :func:`adaptive`."""

    parameters: tuple[Parameter[Any], ...] = field(
        repr=lambda parameters: ", ".join(each.full_name for each in parameters)
    )
    search: Search | None
    learner: Learner | None = None
    learn: Any = None
    loss: float | None = None
    num: int | None = None
    delay: float = 0.0
    before: Action | None = None
    after: Action | None = None

    @property
    def setpoints(self) -> tuple[ParameterSweep[Any], ...]:
        """The parameters, with no values: none is known beforehand."""
        return tuple(ParameterSweep(parameter, ()) for parameter in self.parameters)

    @property
    def size(self) -> int | None:
        """Shows on the way."""
        return None

    @property
    def least_duration(self) -> float:
        """Nobody knows."""
        return 0.0

    @property
    def label(self) -> str:
        """The name of the first parameter."""
        return self.parameters[0].full_name

    def columns(self, naming: Naming) -> tuple[Column, ...]:
        """Return a column for each parameter."""
        return tuple(setpoint_column(each, naming) for each in self.setpoints)

    def passes(self, wait: Waiting) -> Callable[[], Pass]:
        """Return the function that begins anew, seeing no points."""
        return AdaptiveRun(self, {}).passes(wait)

    def following(self, wait: Waiting) -> Callable[[PastPass], Pass]:
        """Return the same for a run that goes on."""
        return AdaptiveRun(self, {}).following(wait)

    def lines(self) -> Iterator[str]:
        """Describe it."""
        names = " and ".join(parameter.full_name for parameter in self.parameters)
        by = "a learner" if self.search is None else getattr(self.search, "__name__", "a function")
        until = [] if self.loss is None else [f"until the loss is below {self.loss:g}"]
        until += [] if self.num is None else [f"at most {counted(self.num, 'value')}"]
        manner = f", wait {duration_text(self.delay)} after each" if self.delay else ""
        yield f"{names}: chosen on the way by {by}{''.join(f', {each}' for each in until)}{manner}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms."""
        return {
            "kind": "adaptive",
            "parameters": [parameter.full_name for parameter in self.parameters],
            "steps": None,
            "delay": self.delay,
            "snake": False,
            "loss": self.loss,
            "most": self.num,
            **actions_data(self.before, self.after),
        }


class AdaptiveRun:
    """An adaptive sweep that is being carried out.

    Parameters
    ----------
    adaptive
        The sweep.
    places
        Where in a point the values of parameters, functions and columns stand.
    """

    def __init__(self, adaptive: Adaptive, places: Mapping[Any, int]) -> None:
        self._adaptive = adaptive
        self._places = places
        self._points = Points(places)

    def watching(self, add: Callable[[Row], None]) -> Callable[[Row], None]:
        """Return the function that stores a row, and keeps its part that belongs to this sweep."""
        width = len(set(self._places.values()))

        def put(row: Row) -> None:
            add(row)
            self._points.put(self._place, row[len(row) - width :])

        return put

    def passes(self, _wait: Waiting) -> Callable[[], Pass]:
        """Return the function that begins anew."""
        return lambda: self._steps(None)

    def following(self, _wait: Waiting) -> Callable[[PastPass], Pass]:
        """Return the same for a run that goes on: who chooses is given the stored points, one after the other."""
        return self._steps

    def _steps(self, past: PastPass | None) -> Pass:
        self._points = Points(self._places)
        made = self._adaptive
        chooser = made.learner if made.search is None else made.search(self._points)
        asked = self._learnt(chooser, past) if isinstance(chooser, Learner) else self._searched(chooser)
        for place, value in zip(count_up() if made.num is None else range(made.num), asked, strict=False):
            self._place = place
            values = self._values(value)
            known = None if past is None else past.followed(place)
            if known is not None:
                self._require_same(place, known, values)
            yield place, values
            if past is not None and self._points.at(place) is None:
                self._remember(place, past.values(place))

    def _require_same(self, place: int, known: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        if not all(map(is_same_value, known, values)):
            raise PlanDiffersError(
                f"the function now chooses {_shown(values)} for step {place}, and had chosen {_shown(known)}",
                who=self._adaptive.label,
                state=FOLLOWED_IN_VAIN,
                advice="A run goes on where the same points lead to the same values: give random numbers a seed.",
            )

    def _remember(self, place: int, stored: Mapping[str, Any] | None) -> None:
        """Keep a stored point as one that was taken now."""
        if stored is None:
            return
        row: dict[int, Any] = {self._places[name]: stored.get(name) for name in self._places if isinstance(name, str)}
        for key, at in self._places.items():
            if isinstance(key, Parameter) and issubclass(key.type, Enum) and row[at] is not None:
                row[at] = key.type[row[at]]
        self._points.put(place, tuple(row[at] for at in sorted(row)))

    def _searched(self, chosen: Any) -> Iterator[Any]:
        try:
            return iter(chosen)
        except TypeError:
            raise UsageError(
                f"the function gave {chosen!r}: it has to yield values, or to return a learner",
                who=self._adaptive.label,
            ) from None

    def _learnt(self, learner: Learner, past: PastPass | None) -> Iterator[Any]:
        made = self._adaptive
        if made.loss is None and made.num is None:
            raise _endless(made.label)
        for place in count_up():
            known = None if past is None else past.followed(place)
            # A learner that may choose otherwise this time learns from what was measured, and waits for nothing else.
            (proposed,), _ = learner.ask(1, tell_pending=known is None)
            if known is not None:
                proposed = known[0] if len(known) == 1 else known
            yield proposed
            point = self._points.at(place)
            if point is not None:
                learner.tell(proposed, point[made.learn] if made.learn is not None else self._only_reading(point))
            if made.loss is not None and learner.loss() <= made.loss:
                return

    def _only_reading(self, point: Point) -> Any:
        read = list(point)[len(self._adaptive.parameters) :]
        if len(read) != 1:
            raise UsageError(
                f"the learner can be told one value a point, and there are {len(read)}: {', '.join(read)}",
                who=self._adaptive.label,
                advice="Say which: adaptive(…, learn=dmm.voltage).",
            )
        return point[read[0]]

    def _values(self, value: Any) -> tuple[Any, ...]:
        parameters = self._adaptive.parameters
        if len(parameters) == 1:
            return (_plain(value),)
        try:
            values = tuple(map(_plain, value))
        except TypeError:
            values = ()
        if len(values) != len(parameters):
            names = ", ".join(parameter.full_name for parameter in parameters)
            raise UsageError(f"an adaptive sweep of {names} needs {len(parameters)} values a point; got {value!r}")
        return values


def _shown(values: tuple[Any, ...]) -> str:
    return str(values[0]) if len(values) == 1 else str(values)


def _plain(value: Any) -> Any:
    """Make a number of Python's of one of numpy's."""
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 else value


def adaptive(
    parameters: Parameter[Any] | Sequence[Parameter[Any]],
    chooser: Search | Learner,
    /,
    *,
    learn: Parameter[Any] | Callable[[], Any] | str | None = None,
    loss: float | None = None,
    num: int | None = None,
    delay: float = 0.0,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Adaptive:
    """Let what was measured decide where to measure next.

    Parameters
    ----------
    parameters
        What is set; with several, each value is a tuple.
    chooser
        A generator function: it gets the :class:`Points` so far, yields value after value, and ends when it has
        enough. ``points[-1][dmm.voltage]`` is the last reading, ``points.values(dmm.voltage)`` are all; points that
        :func:`skip_if` left out are not among them. Or a learner of
        the package ``adaptive``, such as ``adaptive.Learner1D(None, bounds=(-1, 1))``, or whatever has its ``ask``,
        ``tell`` and ``loss``. Inside another sweep, where each pass needs a new learner: a function that returns one,
        ``lambda points: adaptive.Learner1D(None, bounds=(-1, 1))``.
    learn
        What a learner is told, where several things are read: a parameter, a function or the name of a column.
    loss
        Where a learner may end.
    num
        How many points at most; a learner needs this or ``loss``.
    delay
        Seconds to wait after each set, before anything is read.
    before, after
        Functions to call before the first and after the last step.

    Each value is checked when it is set, because none is known before; when it is not allowed, the run ends with what
    it has.

    Raises
    ------
    UsageError
        The arguments do not describe a search.
    """
    several = tuple(parameters) if isinstance(parameters, (tuple, list)) else (parameters,)
    for each in several:
        if not isinstance(each, Parameter):
            raise UsageError(f"adaptive() varies parameters; got {each!r} ({type(each).__name__})")
    if not several or len(set(map(id, several))) < len(several):
        raise UsageError("adaptive() needs one or several different parameters")
    who = several[0].full_name
    is_learner = isinstance(chooser, Learner)
    if not is_learner and not callable(chooser):
        raise UsageError(
            f"adaptive() got {chooser!r}: allowed are a generator function and a learner with ask(), tell() and loss()",
            who=who,
            advice="Give the generator function itself, without calling it.",
        )
    if is_learner and loss is None and num is None:
        raise _endless(who)
    return Adaptive(
        several,
        None if isinstance(chooser, Learner) else chooser,
        chooser if isinstance(chooser, Learner) else None,
        learn,
        loss,
        num,
        checked_duration(delay, "delay", who=who),
        checked_action(before, "before", who=who),
        checked_action(after, "after", who=who),
    )


def _endless(who: str) -> UsageError:
    return UsageError("adaptive() with a learner would never end: give loss= or num=", who=who)
