"""The meta instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError
from luthier.parameter.dependence import outdate
from luthier.plain import from_plain
from luthier.strategy import facts

from luthier_meta.assembly import Assembly
from luthier_meta.carrying_out import Plan
from luthier_meta.preset import PresetTable
from luthier_meta.selection import strategy_for, strategy_name

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    from luthier import Parameter

    from luthier_meta.members import Member
    from luthier_meta.selection import StrategyLike

__all__ = ["MetaInstrument"]


class MetaInstrument(Assembly):
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
    server_name, metadata
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
        server_name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, members, strategy=strategy, server_name=server_name, metadata=metadata)
        self._presets = PresetTable(name, presets_file)

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
            A dictionary for each member: ``name``, ``asked``, ``before``, ``standing``, ``value``, ``error`` and
            ``duration``, as of :class:`luthier.strategy.Outcome`, as plain data.

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
        """Return what :meth:`luthier.Instrument.snapshot` does, with the members and what parameters are made of."""
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

    def _parameter_named(self, meant: Any) -> Parameter[Any]:
        """Return what :meth:`set_together` is to set: here an own parameter comes before a member of the same name."""
        return (
            self.live(meant) if isinstance(meant, str) and meant in self.parameters else self._members.parameter(meant)
        )

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
