"""The instruments, channels and parameters that a meta instrument is made of, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from luthier import Parameter
from luthier.errors import NameClashError, UsageError
from luthier.instrument import ParameterHost
from luthier.parameter.messages import unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Member", "MemberTable", "ParameterLike", "named"]

Member: TypeAlias = "ParameterHost | Parameter[Any]"
ParameterLike: TypeAlias = "str | Parameter[Any]"
"""A parameter itself, or its path from a member's name (``"left.voltage"``)."""


def named(members: Mapping[str, Member] | Iterable[Member]) -> Iterator[tuple[str, Member]]:
    """Yield members with their names: those given, or made from their own (``dac_ch1`` for the channel ``dac.ch1``)."""
    if isinstance(members, Mapping):
        yield from members.items()
        return
    if isinstance(members, (str, ParameterHost, Parameter)):
        raise UsageError(
            f"the members are {members!r}: allowed are a dictionary of names and members, and a list of members"
        )
    for member in members:
        name = getattr(member, "full_name", None)
        yield name.replace(".", "_") if isinstance(name, str) else repr(member), member


class MemberTable(Mapping[str, Member]):
    """Members by name; read-only for users."""

    def __init__(self, owner: ParameterHost) -> None:
        self._owner = owner
        self._members: dict[str, Member] = {}

    def add(self, name: str, member: Any) -> None:
        """Add a member.

        Raises :class:`~luthier.errors.NameClashError` and :class:`~luthier.errors.UsageError`; nothing is added then.
        """
        state = "Nothing was added."
        if not name.isidentifier():
            raise UsageError(
                f"cannot name a member {name!r}: allowed are letters, digits and _, no digit first",
                who=self._owner.full_name,
                state=state,
            )
        if not isinstance(member, (ParameterHost, Parameter)):
            raise UsageError(
                f"the member {name!r} is {member!r}: allowed are an instrument, a channel and a parameter",
                who=self._owner.full_name,
                state=state,
            )
        if member is self._owner:
            raise UsageError("cannot be its own member", who=self._owner.full_name, state=state)
        if name in self._members:
            raise NameClashError(
                f"cannot add the member {name!r}: the name is that of {self._members[name].full_name}",
                who=self._owner.full_name,
                state=state,
                advice="Choose another name.",
                name=name,
                opened_at="",
            )
        self._members[name] = member

    def parameter(self, meant: ParameterLike) -> Parameter[Any]:
        """Return the parameter that is meant.

        Text is a path from a member's name, or else the name of a parameter of the meta instrument itself. Raises
        :class:`~luthier.errors.UnknownNameError`.
        """
        if isinstance(meant, Parameter):
            return meant
        if not isinstance(meant, str):
            raise UsageError(
                f"{meant!r} is no parameter: allowed are a parameter and a path such as 'left.voltage'",
                who=self._owner.full_name,
            )
        first, _, path = meant.partition(".")
        member = self._members.get(first)
        if isinstance(member, Parameter) and not path:
            return member
        if isinstance(member, ParameterHost) and path:
            return member.find(path)
        if member is None and not path and first in self._owner.parameters:
            return self._owner.live(first)
        raise unknown_name("member parameter", meant, self.paths(), who=self._owner.full_name)

    def paths(self) -> list[str]:
        """Return what :meth:`parameter` understands: paths of the members' parameters, channels not gone into."""
        found: list[str] = []
        for name, member in self._members.items():
            found += [name] if isinstance(member, Parameter) else [f"{name}.{own}" for own in member.parameters]
        return [*found, *self._owner.parameters]

    def path_of(self, parameter: Parameter[Any]) -> str | None:
        """Return the path from a member's name to ``parameter``; ``None`` where it belongs to no member."""
        for name, member in self._members.items():
            if member is parameter:
                return name
            prefix = f"{member.full_name}."
            path = parameter.full_name.removeprefix(prefix)
            if not isinstance(member, ParameterHost) or not parameter.full_name.startswith(prefix):
                continue
            if member.find(path) is parameter:  # another instrument elsewhere may have the same name
                return f"{name}.{path}"
        return None

    def described(self) -> dict[str, dict[str, Any]]:
        """Return who the members are, for snapshots."""
        found: dict[str, dict[str, Any]] = {}
        for name, member in self._members.items():
            root: Any = member.instrument if isinstance(member, Parameter) else member.root
            found[name] = {
                "name": member.full_name,
                "class": getattr(member, "kind", None) or f"{type(member).__module__}.{type(member).__qualname__}",
                "address": getattr(root, "address", None),
            }
        return found

    def __getitem__(self, name: str) -> Member:
        """Return the member of that name; :class:`~luthier.errors.UnknownNameError` where there is none."""
        if name not in self._members:
            raise unknown_name("member", name, self._members, who=self._owner.full_name)
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(tuple(self._members))

    def __len__(self) -> int:
        """How many."""
        return len(self._members)

    def __repr__(self) -> str:
        """Names and what they stand for."""
        pairs = ", ".join(f"{name}={member.full_name}" for name, member in self._members.items())
        return f"<members of {self._owner.full_name}: {pairs or 'none'}>"
