"""The meta instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from luthier import Instrument
from luthier.errors import DeclarationError, LuthierError, UsageError
from luthier.parameter.dependence import outdate
from luthier.plain import from_plain
from luthier.strategy import Action

from luthier_meta.carrying_out import Plan
from luthier_meta.combination import Combination
from luthier_meta.members import MemberTable, named
from luthier_meta.preset import PresetTable
from luthier_meta.selection import strategy_for, strategy_name
from luthier_meta.standing import facts
from luthier_meta.virtual import (
    MemberValues,
    Virtual,
    alias_options,
    common_unit,
    outdating,
    spread_of_alias,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from luthier import Parameter
    from luthier.parameter import Subscription

    from luthier_meta.members import Member, ParameterLike
    from luthier_meta.selection import StrategyLike

__all__ = ["MetaInstrument"]


class MetaInstrument(Instrument):
    """An instrument made of others: its parameters are views, groups and combinations of theirs, or functions.

    Its members belong to whoever opened them: closing it, or making it safe, leaves them as they are. They may live in
    this process or on servers; only their public parameters are used. A virtual parameter is no longer trusted
    (``cache.valid``) once a member that it is made of has changed.

    Thread-safe: while one of its parameters is set, this instrument is held, and each member for as long as its own set
    takes.

    Parameters
    ----------
    name
        As of any :class:`~luthier.Instrument`.
    members
        Instruments, channels and parameters: a dictionary of names, or a list, where the names are their own
        (``dac_ch1`` for the channel ``dac.ch1``).
    strategy
        How several members are set, unless a parameter or a call says otherwise: the id of an installed strategy, or a
        callable (see :class:`luthier.strategy.Strategy`).
    presets_file
        A JSON file that keeps the presets; ``None``: they end with the instrument.
    metadata
        As of any :class:`~luthier.Instrument`.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> left, right = ManualParameter("left", float, unit="V"), ManualParameter("right", float, unit="V")
    >>> with MetaInstrument("gates", [left, right]) as gates:
    ...     both = gates.add_group("both", ["left", "right"])
    ...     both((0.1, 0.2))
    ...     right()
    0.2
    """

    def __init__(
        self,
        name: str,
        members: Mapping[str, Member] | Iterable[Member] = (),
        *,
        strategy: StrategyLike = "meta.sequential",
        presets_file: str | os.PathLike[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, metadata=metadata)
        self._members = MemberTable(self)
        self._virtuals: dict[Parameter[Any], Virtual] = {}
        self._subscriptions: list[Subscription] = []
        strategy_for(strategy)
        self._strategy = strategy
        for member_name, member in named(members):
            self._members.add(member_name, member)
        self._presets = PresetTable(name, presets_file)

    def close(self) -> None:
        """Close it; the members stay open."""
        super().close()
        for subscription in self.__dict__.get("_subscriptions", ()):
            subscription.cancel()

    # Members

    @property
    def members(self) -> Mapping[str, Member]:
        """The members by name."""
        return self._members

    def add_member(self, name: str, member: Member) -> None:
        """Add an instrument, a channel or a parameter.

        Raises :class:`~luthier.errors.NameClashError` where a member has the name.
        """
        with self.monitor:
            self.require_open()
            self._members.add(name, member)

    # Virtual parameters

    def add_alias(
        self, name: str, parameter: ParameterLike, *, strategy: StrategyLike | None = None, **options: Any
    ) -> Parameter[Any]:
        """Add a view of a member's parameter, and return it.

        Type, unit, label, limits and what it accepts are the member's, unless ``options`` (those of
        :func:`luthier.parameter.parameter`) say otherwise. ``scale`` and ``offset`` mean that the member gets
        ``value * scale + offset``, and its limits are converted.
        """
        target = self._members.parameter(parameter)
        value_type, merged = alias_options(target, options)
        alias = self.add_parameter(name, value_type, **merged)
        spread = spread_of_alias(alias, target) if target.settable else None
        return self._register(alias, Virtual("alias", (target,), strategy, spread))

    def add_group(
        self,
        name: str,
        members: Sequence[ParameterLike] | Mapping[str, ParameterLike],
        *,
        as_: Literal["tuple", "dict"] = "tuple",
        strategy: StrategyLike | None = None,
        **options: Any,
    ) -> Parameter[Any]:
        """Add a parameter whose value is that of several, and return it.

        Parameters
        ----------
        members
            The parameters, in order; with a dictionary, by the keys of the value.
        as_
            Whether the value is a tuple, or a dictionary; a list of members is then keyed by their paths or full names.
        """
        _require_choice(self.name, as_)
        pairs = (
            list(members.items())
            if not isinstance(members, (list, tuple))
            else [(_key(each), each) for each in members]
        )
        parts = self._parameters([part for _, part in pairs])
        values = MemberValues(parts, tuple(key for key, _ in pairs) if as_ == "dict" else None)

        def read() -> Any:
            readings = tuple(part.get() for part in parts)
            return readings if values.keys is None else dict(zip(values.keys, readings, strict=True))

        def spread(value: Any) -> list[Action]:
            items = value if values.keys is None else [value[key] for key in values.keys]
            return [Action(part, item) for part, item in zip(parts, items, strict=True)]

        group = self._add_spreading(name, dict if values.keys else tuple, parts, read, {"validator": values, **options})
        return self._register(group, Virtual("group", parts, strategy, spread))

    def add_linear(
        self,
        names: Sequence[str],
        *,
        of: Sequence[ParameterLike],
        matrix: Any = None,
        inverse: Any = None,
        least_squares: bool = False,
        strategy: StrategyLike | None = None,
        unit: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Parameter[float], ...]:
        """Add linear combinations of members' parameters (virtual gates), and return them.

        Setting one keeps the others, from fresh readings of all members; a member that it has no part in (a coefficient
        of exactly 0) is not touched. Its limits are what the members' limits leave while the others are kept. The
        matrices are worked out in exact fractions of the decimals that were written.

        Parameters
        ----------
        names
            Of the virtual parameters.
        of
            The members.
        matrix
            One row per name: virtual = matrix @ members.
        inverse
            Instead of it, one row per member: members = inverse @ virtual.
        least_squares
            Allow different numbers of names and members: members move as little as they can. With more names than
            members not every value can be reached; the nearest is, and after a set only a reading tells which.
        unit
            By default that of the members, where they agree.
        labels
            By name.

        Raises
        ------
        DeclarationError
            The matrix does not fit, is singular or badly conditioned (a condition number above 1e8, which is stated);
            nothing was added.
        """
        parts = self._parameters(of)
        self._require_names(names)
        try:
            _require_distinct_numbers(parts)
            combination = Combination.of(len(names), parts, matrix=matrix, inverse=inverse, least_squares=least_squares)
        except DeclarationError as error:
            error.complete(who=f"{self.name}.{'/'.join(names)}", state="Nothing was added.")
            raise
        shared = common_unit(parts) if unit is None else unit
        added: list[Parameter[float]] = []
        for index, name in enumerate(names):
            options = {
                "unit": shared,
                "label": (labels or {}).get(name, ""),
                "doc": combination.in_words(index),
                "minimum": lambda _, index=index: combination.limits(index)[0],
                "maximum": lambda _, index=index: combination.limits(index)[1],
            }
            parameter = self._add_spreading(name, float, parts, lambda index=index: combination.value(index), options)
            spread: Any = lambda value, index=index: combination.actions({index: value})  # noqa: E731 - one of many
            added.append(self._register(parameter, Virtual("linear", parts, strategy, spread, combination, index)))
            if not combination.attainable:
                self._subscriptions.append(parameter.subscribe(_forget_what_was_asked))
        return tuple(added)

    def add_virtual(
        self,
        name: str,
        type: type[Any] = object,  # noqa: A002 - as of add_parameter
        /,
        *,
        get: Callable[[], Any] | None = None,
        set: Callable[[Any], object] | None = None,  # noqa: A002 - what it does
        spread: Callable[[Any], Mapping[Any, Any]] | None = None,
        members: Sequence[ParameterLike] = (),
        strategy: StrategyLike | None = None,
        **options: Any,
    ) -> Parameter[Any]:
        """Add a parameter that functions read and set, and return it.

        Parameters
        ----------
        get
            Reads the value.
        set
            Sets it, by itself; no strategy is asked.
        spread
            Instead of it, returns what is asked of the members, ``{"left.voltage": 1.0}``, and sends nothing; a
            strategy carries it out.
        members
            The parameters that the functions use: when one changes, what is known of this one is no longer trusted.
        options
            As of :func:`luthier.parameter.parameter`.
        """
        if (get is None and set is None and spread is None) or (set is not None and spread is not None):
            raise UsageError(
                "a virtual parameter takes get=, and one of set= and spread=, or one of them",
                who=f"{self.name}.{name}",
                state="Nothing was added.",
            )
        parts = self._parameters(members)

        def asked(value: Any) -> list[Action]:
            assert spread is not None  # only used where it is not
            return [Action(self._members.parameter(meant), item) for meant, item in spread(value).items()]

        commands: dict[str, Any] = {
            "get_cmd": False if get is None else get,
            "set_cmd": set or (False if spread is None else lambda value: self._carry_out(name, value)),
        }
        parameter = self.add_parameter(name, type, **commands, **options)
        return self._register(parameter, Virtual("function", parts, strategy, None if spread is None else asked))

    # Setting

    def set(self, name: str, value: Any, *, strategy: StrategyLike | None = None) -> None:
        """Set the parameter of that name or path; ``strategy`` is how, this once."""
        if strategy is None:
            super().set(name, value)
        else:
            self.set_together({name: value}, strategy=strategy)

    def set_together(
        self, values: Mapping[Any, Any], *, strategy: StrategyLike | None = None
    ) -> tuple[dict[str, Any], ...]:
        """Set several parameters in one go, and return what became of each member.

        Linear parameters of one matrix are set together, and every member once. All values are checked before the first
        is sent, the members' as well.

        Parameters
        ----------
        values
            By parameter, by its name, or by a path from a member's name (``"left.voltage"``).
        strategy
            How, this once; ``None``: as the one parameter says, or else this instrument.

        Returns
        -------
        tuple
            A dictionary for each member: ``name``, ``asked``, ``before``, ``standing``, ``value`` and ``error``, as of
            :class:`luthier.strategy.Outcome`, as plain data.

        Raises
        ------
        ValidationError, UsageError
            A value is refused, or two ask for different values of one member; nothing was sent.
        PartialSetError, PartialSetErrorGroup
            Some members failed; where each stands is in the message and in ``members``.
        """
        self.require_open()
        wanted = [(self._parameter_named(meant), value) for meant, value in values.items()]
        chosen = strategy_for(strategy or self._strategy_of([parameter for parameter, _ in wanted]))
        with self.monitor:
            self.require_open()
            try:
                plan = Plan(wanted, self._virtuals)
                outcomes = chosen(plan.actions) if plan.actions else ()
            except BaseException as error:
                self._explain(error, wanted)
                raise
            changed = [(parameter, parameter.cache.reading) for parameter, _ in plan.spread]
            for parameter, value in plan.spread:
                before = parameter.cache.reading
                parameter.cache.store(value, value, "set")
                outdate(parameter, before)
        for parameter, before in changed:
            parameter.publish(before)
        return facts(outcomes)

    # Presets

    @property
    def presets(self) -> tuple[str, ...]:
        """The names of the presets."""
        return tuple(self._presets)

    def save_preset(self, name: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Keep values under a name, and return them as plain data; a preset of that name is replaced.

        ``values`` are by name or path, as of :meth:`set_together`, and are checked; ``None`` reads now every member's
        parameter that a virtual parameter sets, and those that functions set.
        """
        with self.monitor:
            self.require_open()
            if values is None:
                kept = {path: self._members.parameter(path).get() for path in self._settings()}
            else:
                kept = {path: self._members.parameter(path).check(value) for path, value in values.items()}
            self._presets.keep(name, kept)
            return self._presets.get(name)

    def preset(self, name: str) -> dict[str, Any]:
        """Return the values of a preset, by path, as plain data."""
        return self._presets.get(name)

    def apply_preset(self, name: str, *, strategy: StrategyLike | None = None) -> tuple[dict[str, Any], ...]:
        """Set what a preset holds, as :meth:`set_together` does, and return what that returns."""
        wanted: dict[str, Any] = {}
        for path, data in self._presets.get(name).items():
            parameter = self._members.parameter(path)
            wanted[path] = from_plain(data, enum=parameter.type)
        return self.set_together(wanted, strategy=strategy)

    def delete_preset(self, name: str) -> None:
        """Forget a preset."""
        with self.monitor:
            self._presets.forget(name)

    # Snapshot

    def snapshot(self, *, update: bool = False) -> dict[str, Any]:
        """Return what :meth:`luthier.Instrument.snapshot` does, with the members, and what each parameter is made of."""
        virtual = {
            parameter.name: {
                "kind": virtual.kind,
                "members": [member.full_name for member in virtual.members],
                "strategy": strategy_name(virtual.strategy or self._strategy),
                **({} if virtual.combination is None else {"row": virtual.combination.row(virtual.index)}),
            }
            for parameter, virtual in tuple(self._virtuals.items())
        }
        return {**super().snapshot(update=update), "members": self._members.described(), "virtual": virtual}

    # Inside

    def _parameters(self, meant: Iterable[ParameterLike]) -> tuple[Parameter[Any], ...]:
        return tuple(map(self._members.parameter, meant))

    def _parameter_named(self, meant: Any) -> Parameter[Any]:
        """Return what :meth:`set_together` is to set: here an own parameter comes before a member of the same name."""
        return (
            self.live(meant) if isinstance(meant, str) and meant in self.parameters else self._members.parameter(meant)
        )

    def _add_spreading(
        self, name: str, type_: type, parts: tuple[Parameter[Any], ...], read: Any, options: dict[str, Any]
    ) -> Parameter[Any]:
        """Add a parameter that a strategy sets, with what its members can."""
        commands = {
            "get_cmd": read if all(part.gettable for part in parts) else False,
            "set_cmd": (lambda value: self._carry_out(name, value)) if all(part.settable for part in parts) else False,
        }
        return self.add_parameter(name, type_, **{"unit": common_unit(parts), **commands, **options})

    def _register(self, parameter: Parameter[Any], virtual: Virtual) -> Parameter[Any]:
        if virtual.strategy is not None:
            strategy_for(virtual.strategy)
        self._virtuals[parameter] = virtual
        for member in virtual.members:
            self._subscriptions.append(member.subscribe(outdating(parameter)))
        parameter.stop_with(lambda: [member.stop() for member in virtual.members])
        return parameter

    def _carry_out(self, name: str, value: Any) -> None:
        """Set the members of one virtual parameter; for its pipeline, which has checked the value and keeps it."""
        virtual = self._virtuals[self.live(name)]
        assert virtual.spread is not None  # only such parameters come here
        strategy_for(virtual.strategy or self._strategy)(virtual.spread(value))

    def _strategy_of(self, parameters: Sequence[Parameter[Any]]) -> StrategyLike:
        virtual = self._virtuals.get(parameters[0]) if len(parameters) == 1 else None
        return (virtual.strategy if virtual is not None else None) or self._strategy

    def _explain(self, error: BaseException, wanted: Sequence[tuple[Parameter[Any], Any]]) -> None:
        if isinstance(error, LuthierError):
            error.complete(who=self.name)
            if error.sent == "no":
                return
        for parameter, _ in wanted:
            if parameter in self._virtuals:
                parameter.cache.invalidate()

    def _require_names(self, names: Sequence[str]) -> None:
        if isinstance(names, str) or len(set(names)) != len(names) or not names:
            raise UsageError(
                f"the names are {names!r}: allowed is a list of different names",
                who=self.name,
                state="Nothing was added.",
            )
        for name in names:
            self._require_name(name, "parameter")
            self._require_free(name)

    def _settings(self) -> list[str]:
        """Return the paths of what a preset holds."""
        paths: dict[str, None] = {}
        for parameter, virtual in self._virtuals.items():
            if virtual.kind == "function":
                paths |= {parameter.name: None} if parameter.settable and parameter.gettable else {}
                continue
            found = (self._members.path_of(member) for member in virtual.members if member.settable and member.gettable)
            paths |= {path: None for path in found if path is not None}
        return list(paths)


def _key(meant: ParameterLike) -> str:
    return meant if isinstance(meant, str) else meant.full_name


def _require_choice(who: str, as_: str) -> None:
    if as_ not in ("tuple", "dict"):
        raise UsageError(f"as_={as_!r}: allowed are 'tuple' and 'dict'", who=who, state="Nothing was added.")


def _require_distinct_numbers(parts: Sequence[Parameter[Any]]) -> None:
    twice = [part.full_name for part in parts if sum(part is other for other in parts) > 1]
    if twice:
        raise DeclarationError(f"{twice[0]} is given twice")
    for part in parts:
        if part.type not in (float, int, object) or part.specification.shape:
            raise DeclarationError(f"{part.full_name} is no single number, and cannot be combined with others")


def _forget_what_was_asked(change: Any) -> None:
    if change.origin == "set":
        change.parameter.cache.invalidate()
