"""Building an instrument out of others: its members and its virtual parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from luthier import Instrument, get_many
from luthier.errors import DeclarationError, UsageError
from luthier.strategy import Action

from luthier_meta.combination import Combination
from luthier_meta.members import MemberTable, named
from luthier_meta.parallel import parallel
from luthier_meta.selection import strategy_for
from luthier_meta.sequential import sequential
from luthier_meta.virtual import (
    MemberValues,
    Virtual,
    alias_options,
    common_unit,
    outdating,
    spread_of_alias,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luthier import Parameter
    from luthier.parameter import Subscription

    from luthier_meta.members import Member, ParameterLike
    from luthier_meta.selection import StrategyLike

__all__ = ["Assembly"]


class Assembly(Instrument):
    """The half of :class:`luthier_meta.MetaInstrument` that is put together: members and virtual parameters."""

    def __init__(
        self,
        name: str,
        members: Mapping[str, Member] | Iterable[Member] = (),
        *,
        strategy: StrategyLike = "meta.sequential",
        server_name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, server_name=server_name, metadata=metadata)
        self._members = MemberTable(self)
        self._virtuals: dict[Parameter[Any], Virtual] = {}
        self._subscriptions: list[Subscription] = []
        strategy_for(strategy)
        self._strategy = strategy
        for member_name, member in named(members):
            self._members.add(member_name, member)

    def close(self) -> None:
        """Close it; the members stay open."""
        try:
            super().close()
        finally:
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
        _require_known(strategy)
        target = self._members.parameter(parameter)
        value_type, merged = alias_options(target, options)
        commands: dict[str, Any] = {
            "get_cmd": target.get if target.gettable else False,
            "set_cmd": (lambda raw: self._set_alias(name, raw)) if target.settable else False,
        }
        alias: Parameter[Any] = self.add_parameter(name, value_type, **commands, **merged)
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
        _require_known(strategy)
        keyed = members if isinstance(members, Mapping) else {_key(each): each for each in members}
        parts = self._parameters(keyed.values())
        if len(parts) != len(members) or len({*map(id, parts)}) != len(parts):
            raise DeclarationError(
                f"a member is given twice: {', '.join(part.full_name for part in parts)}",
                who=f"{self.name}.{name}",
                state="Nothing was added.",
            )
        values = MemberValues(parts, tuple(keyed) if as_ == "dict" else None)

        def read() -> Any:
            readings = get_many(parts)
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
        _require_known(strategy)
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
        _require_known(strategy)
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

    # Inside

    def _parameters(self, meant: Iterable[ParameterLike]) -> tuple[Parameter[Any], ...]:
        return tuple(map(self._members.parameter, meant))

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
        self._virtuals[parameter] = virtual
        for member in virtual.members:
            self._subscriptions.append(member.subscribe(outdating(parameter)))
        parameter.stop_with(virtual.stop)
        return parameter

    def _set_alias(self, name: str, raw: Any) -> None:
        """Set the member behind an alias; where the strategy makes no difference for a single one, as itself."""
        virtual = self._virtuals[self.live(name)]
        chosen = strategy_for(virtual.strategy or self._strategy)
        (target,) = virtual.members
        if chosen is sequential or chosen is parallel:
            target.set(raw)
        else:
            chosen([Action(target, raw)])

    def _carry_out(self, name: str, value: Any) -> None:
        """Set the members of one virtual parameter; for its pipeline, which has checked the value and keeps it."""
        virtual = self._virtuals[self.live(name)]
        assert virtual.spread is not None  # only such parameters come here
        strategy_for(virtual.strategy or self._strategy)(virtual.spread(value))

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


def _require_known(strategy: StrategyLike | None) -> None:
    if strategy is not None:
        strategy_for(strategy)


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
