"""Parameters that hold several others, which one message reads or sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import ReplyError, ValidationError, WrongTypeError
from luthier.parameter.conversion import build_decoder, build_encoder
from luthier.parameter.live import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["GroupParameter"]


class GroupParameter(Parameter[dict[str, Any]]):
    """Several parameters of one instrument, read or set by one message; its value is a dictionary by their names.

    Reading or setting the group updates each member; setting one member sets the group, with the present values of the
    others.
    """

    __slots__ = ()

    @property
    def members(self) -> tuple[Parameter[Any], ...]:
        """The members, in the order of the message."""
        return tuple(map(self.sibling, self.specification.members))

    def check(self, value: object, *, in_any_state: bool = False) -> dict[str, Any]:
        """Check each member's value; every member has to be given."""
        names = self.specification.members
        if not isinstance(value, dict):
            raise WrongTypeError(
                f"cannot set {value!r}: allowed: a dictionary with {', '.join(names)}",
                who=self.full_name,
                state="Nothing was sent.",
                value=value,
                allowed=f"a dictionary with {', '.join(names)}",
            )
        if set(value) != set(names):
            raise ValidationError(
                f"cannot set {', '.join(map(str, value)) or 'nothing'}: allowed: exactly {', '.join(names)}",
                who=self.full_name,
                state="Nothing was sent.",
                value=value,
                allowed=f"a dictionary with {', '.join(names)}",
            )
        return {member.name: member.check(value[member.name], in_any_state=in_any_state) for member in self.members}

    def current(self) -> dict[str, Any]:
        """Return the members' present values: read where that is possible, else as last known."""
        if self.gettable:
            return self.get()
        return {
            member.name: member.cache.value if member.cache.valid else member.specification.initial
            for member in self.members
        }

    def build_decoder(self, *, textual: bool) -> Callable[[Any], Any]:
        """Split a reply among the members; each one takes its part over."""
        members = self.members
        decoders = tuple(build_decoder(member.specification, textual=textual) for member in members)
        parse, separator = self.specification.get_parser, self.specification.separator
        names = ", ".join(self.specification.members)

        def decode(reply: Any) -> dict[str, Any]:
            parts = parse(reply) if parse is not None else reply
            parts = parts.split(separator) if isinstance(parts, str) else parts
            if isinstance(parts, dict):
                parts = [parts[member.name] for member in members]
            if len(parts) != len(members):
                raise ReplyError(
                    f"the reply {reply!r} has {len(parts)} parts; expected are {len(members)}: {names}",
                    reply=str(reply),
                    expected=f"{len(members)} parts: {names}",
                )
            values = {}
            for member, decoder, part in zip(members, decoders, parts, strict=True):
                values[member.name] = part if decoder is None else decoder(part)
            for member, part in zip(members, parts, strict=True):
                member.accept_reading(values[member.name], part, "read")
            return values

        return decode

    def _compile_set(self) -> Callable[[dict[str, Any]], None]:
        put, members, monitor = super()._compile_set(), self.members, self.monitor

        def put_and_share(values: dict[str, Any]) -> None:
            with monitor:
                put(values)
                taken = self.cache.value or {}
                for member in members:
                    member.accept_reading(taken[member.name], taken[member.name], "set")

        self._set = put_and_share
        return put_and_share

    def member_texts(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return what is sent for each member."""
        texts = {}
        for member in self.members:
            encode = build_encoder(member.specification, textual=True)
            value = values[member.name]
            texts[member.name] = str(value if encode is None else encode(value))
        return texts
