"""Commands and questions: how a method is declared to carry one out, and how it is given the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs
from luthier.errors import DeclarationError

from luthier_sim.scpi.headers import parse_pattern
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.scpi.replies import as_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier_sim.scpi.data import Kind
    from luthier_sim.scpi.headers import Node
    from luthier_sim.scpi.messages import Datum

__all__ = ["Command", "command", "declared_by", "query", "values_of"]

F = TypeVar("F", bound="Callable[..., Any]")


class Run(Protocol):
    """What a command does: given the device, the suffixes of its header, and its data."""

    def __call__(self, device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...], /) -> str | None:
        """Carry it out; return the text of the reply, one character for each byte, or ``None``."""
        ...


@attrs.frozen(eq=False)
class Command:
    """A header, and what it does."""

    pattern: str
    nodes: tuple[Node, ...]
    is_query: bool
    run: Run


_DECLARED = "_luthier_sim_commands"


def command(pattern: str, *kinds: Kind) -> Callable[[F], F]:
    """Declare a command that a method carries out.

    Parameters
    ----------
    pattern
        The header as manuals write it: ``"OUTPut[1|2]:PROTection:CLEar"``.
    kinds
        Of the data that it takes, in order.

    The method is given the suffixes of the header, as far as the pattern has any, and then the data. It raises
    :class:`Refusal` to refuse.
    """
    return _declaring(pattern, kinds, is_query=False, form="")


def query(pattern: str, *kinds: Kind, form: str = "") -> Callable[[F], F]:
    """Declare a question that a method answers.

    Parameters
    ----------
    pattern
        The header with its question mark: ``"MEASure:CURRent?"``.
    kinds
        Of the data that it takes, in order.
    form
        Of numbers in the reply (``"{:+.6E}"``); empty: with every digit.

    The method is given what that of a :func:`command` is given. It returns text, which is answered as it is; a number,
    a truth value, bytes (answered as a block), or a list or array of these.
    """
    if not pattern.endswith("?"):
        raise DeclarationError(f"the question {pattern!r} has no question mark")
    return _declaring(pattern[:-1], kinds, is_query=True, form=form)


def declared_by(function: object) -> tuple[Command, ...]:
    """Return the commands that a method was declared to carry out."""
    found: tuple[Command, ...] = getattr(function, _DECLARED, ())
    return found


def _declaring(pattern: str, kinds: tuple[Kind, ...], *, is_query: bool, form: str) -> Callable[[F], F]:
    nodes = parse_pattern(pattern)

    def declare(function: F) -> F:
        name = function.__name__

        def run(device: Any, suffixes: tuple[int, ...], data: tuple[Datum, ...]) -> str | None:
            # By name, so that a subclass can override the method without declaring its command again.
            value = getattr(device, name)(*suffixes, *values_of(kinds, data, device, suffixes))
            return as_reply(value, form) if is_query else None

        made = Command(f"{pattern}{'?' * is_query}", nodes, is_query, run)
        setattr(function, _DECLARED, (*declared_by(function), made))
        return function

    return declare


def values_of(kinds: Sequence[Kind], data: tuple[Datum, ...], device: Any, suffixes: tuple[int, ...]) -> list[Any]:
    """Read the data of a command.

    Raises
    ------
    Refusal
        -109 where one is missing, -108 where there is one too many, and what the kinds say.
    """
    values: list[Any] = []
    for place, kind in enumerate(kinds):
        if kind.rest:
            longest = getattr(kind, "longest", len(data))
            if len(data) - place > longest:
                raise Refusal(-223)
            if len(data) <= place and not kind.optional:
                raise Refusal(-109)
            return [*values, [kind.read(datum, device, suffixes) for datum in data[place:]]]
        if place < len(data):
            values.append(kind.read(data[place], device, suffixes))
        elif kind.optional:
            values.append(None)
        else:
            raise Refusal(-109)
    if len(data) > len(kinds):
        raise Refusal(-108)
    return values
