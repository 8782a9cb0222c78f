"""What the messages to a class of devices can mean, collected from its body and those that it derives from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier.errors import DeclarationError

from luthier_sim.scpi.commands import declared_by
from luthier_sim.scpi.headers import HeaderTree
from luthier_sim.scpi.settings import ChannelSetting, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_sim.scpi.commands import Command

__all__ = ["CommandTable"]

_MOST_REMEMBERED: Final = 4096
_LONGEST_REMEMBERED: Final = 256  # characters; nothing that a client sends makes the memory grow without end


class CommandTable:
    """The commands and settings of a class.

    Parameters
    ----------
    owner
        The class. What it redefines takes the place of what it inherits; what it redefines as ``None`` is gone.

    Raises
    ------
    DeclarationError
        One class body declares two commands that the same message can mean.
    """

    def __init__(self, owner: type) -> None:
        self._tree: HeaderTree[Command] = HeaderTree()
        self._known: dict[tuple[tuple[str, ...], str, bool], tuple[Command, tuple[int, ...], tuple[str, ...]]] = {}
        self.settings = tuple(thing for _, thing in _declaring(owner) if isinstance(thing, (Setting, ChannelSetting)))
        for place, commands in _commands_by_class(owner):
            for made in commands:
                replaced = self._tree.add(made.nodes, made, is_query=made.is_query)
                if replaced is not None and replaced in commands:
                    raise DeclarationError(
                        f"{place.__name__} declares {made.pattern!r} and {replaced.pattern!r}, which the same message "
                        "can mean",
                    )

    def find(
        self, header: str, is_query: bool, path: tuple[str, ...]
    ) -> tuple[Command, tuple[int, ...], tuple[str, ...]]:
        """Return the command, the suffixes in its header, and the path that headers after it start from.

        Parameters
        ----------
        header
            Without the question mark.
        is_query
            Whether it has one.
        path
            Where a header without a leading colon starts from (SCPI-1999 volume 1, 6.2.4).

        Raises
        ------
        Refusal
            There is no such command, or it does not have these suffixes.
        """
        key = path, header, is_query
        found = self._known.get(key)
        if found is None:
            common = header.startswith("*")
            mnemonics = header.upper().removeprefix(":").split(":")
            whole = mnemonics if common or header.startswith(":") else [*path, *mnemonics]
            command, suffixes = self._tree.find(whole, is_query=is_query)
            found = command, suffixes, path if common else tuple(whole[:-1])
            if len(self._known) < _MOST_REMEMBERED and len(header) + sum(map(len, path)) <= _LONGEST_REMEMBERED:
                self._known[key] = found
        return found


def _declaring(owner: type) -> Iterator[tuple[type, Any]]:
    """Yield what declares commands, with the class whose body it is in; base classes first."""
    for place in reversed(owner.__mro__):
        for name, thing in vars(place).items():
            valid = next(vars(nearer)[name] for nearer in owner.__mro__ if name in vars(nearer))
            if valid is thing or (declared_by(thing) and valid is not None and not _declares(valid)):
                yield place, thing


def _declares(thing: object) -> bool:
    return isinstance(thing, (Setting, ChannelSetting)) or bool(declared_by(thing))


def _commands_by_class(owner: type) -> list[tuple[type, list[Command]]]:
    found: dict[type, list[Command]] = {}
    for place, thing in _declaring(owner):
        commands = thing.commands if isinstance(thing, (Setting, ChannelSetting)) else declared_by(thing)
        found.setdefault(place, []).extend(commands)
    return list(found.items())
