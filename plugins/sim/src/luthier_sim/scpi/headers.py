"""Headers: the notation of manuals, and finding the command that a header means (SCPI-1999 volume 1, 6)."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import attrs
from luthier.errors import DeclarationError

from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HeaderTree", "Node", "Suffixes", "parse_pattern"]

T = TypeVar("T")

_NODE: Final = re.compile(
    r"""
    (?P<open>\[)? :? (?P<short>\*?[A-Z][A-Z0-9_]*?) (?P<long>[a-z](?:[a-z0-9_]*[a-z_])?)?
    (?:
        (?P<fixed>\d+) | \[(?P<choices>\d+(?:\|\d+)*)\] | <(?P<any>[a-z]\w*)>
        | [\[<](?P<first>\d+)\.\.(?P<last>\d+)[\]>]
    )?
    (?(open) :?\] ) (?: (?<=:\]) | (?= [:\[] | \Z ) )
    """,
    re.VERBOSE,
)
_TAIL: Final = re.compile(r"\d+\Z")
_LARGEST_SUFFIX: Final = 65_535
_LONGEST_MNEMONIC: Final = 12


@attrs.frozen
class Suffixes:
    """The numeric suffixes that a node may have; the first one is meant where there is none."""

    numbers: range | tuple[int, ...]

    @property
    def first(self) -> int:
        """What a header without a suffix means."""
        return self.numbers[0]


@attrs.frozen
class Node:
    """One part of a pattern between colons: short and long form in capitals, whether it may be left out, suffixes."""

    short: str
    long: str
    optional: bool
    suffixes: Suffixes | None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The short and the long form; one where they are the same."""
        return (self.short,) if self.short == self.long else (self.short, self.long)


def parse_pattern(pattern: str) -> tuple[Node, ...]:
    """Read a header as manuals write it.

    Capitals are the short form. Nodes in brackets may be left out. A node may have a numeric suffix: ``[1|2]`` or
    ``[1..4]`` for those that there are, ``<n>`` for any; without one in a message, the first is meant.

    >>> [node.long for node in parse_pattern("SOURce[1|2]:VOLTage[:LEVel]")]
    ['SOURCE', 'VOLTAGE', 'LEVEL']

    Raises
    ------
    DeclarationError
        It is written in another way.
    """
    nodes: list[Node] = []
    place = 0
    while place < len(pattern):
        found = _NODE.match(pattern, place)
        if found is None or found.end() == place:
            raise _unreadable(pattern, place)
        nodes.append(_node(found))
        place = found.end()
    if not nodes or all(node.optional for node in nodes):
        raise _unreadable(pattern, 0)
    return tuple(nodes)


def _node(found: re.Match[str]) -> Node:
    fixed = found["fixed"] or ""
    short = found["short"] + fixed
    long = (found["short"] + (found["long"] or "")).upper() + fixed
    return Node(short, long, bool(found["open"]), _suffixes(found))


def _suffixes(found: re.Match[str]) -> Suffixes | None:
    if found["choices"] == "1":
        return None  # which every node without a suffix may have
    if found["choices"]:
        return Suffixes(tuple(map(int, found["choices"].split("|"))))
    if found["first"]:
        return Suffixes(range(int(found["first"]), int(found["last"]) + 1))
    return Suffixes(range(1, _LARGEST_SUFFIX + 1)) if found["any"] else None


def _unreadable(pattern: str, place: int) -> DeclarationError:
    return DeclarationError(
        f"{pattern!r} is no header: it cannot be understood from {pattern[place:]!r} on",
        advice="Write it as manuals do, such as SOURce[1|2]:VOLTage[:LEVel]; each optional node has its own brackets.",
    )


class _Branch(Generic[T]):
    """What may follow some nodes, and the commands that end here, with the place of each of their nodes."""

    __slots__ = ("branches", "endings")

    def __init__(self) -> None:
        self.branches: dict[str, _Branch[T]] = {}
        self.endings: dict[bool, tuple[T, tuple[Node, ...], tuple[Suffixes, ...]]] = {}


class HeaderTree(Generic[T]):
    """Finds what was declared for a header, in whatever of its spellings.

    Safe to use from several threads once everything is added.
    """

    def __init__(self) -> None:
        self._root: _Branch[T] = _Branch()

    def add(self, nodes: tuple[Node, ...], command: T, *, is_query: bool) -> T | None:
        """Add a command; return the one that it takes the place of."""
        replaced: T | None = None
        for present in product(*((True, False) if node.optional else (True,) for node in nodes)):
            branches = [self._root]
            for node, is_there in zip(nodes, present, strict=True):
                if is_there:
                    branches = _grown(branches, node)
            given = tuple(node for node, is_there in zip(nodes, present, strict=True) if is_there)
            for branch in branches:
                before = branch.endings.get(is_query)
                if before is not None and before[0] is not command:
                    replaced = before[0]
                branch.endings[is_query] = command, given, tuple(node.suffixes for node in nodes if node.suffixes)
        return replaced

    def find(self, mnemonics: Iterable[str], *, is_query: bool) -> tuple[T, tuple[int, ...]]:
        """Return the command, and its suffixes in the order of its pattern.

        Raises
        ------
        Refusal
            -113 where nothing is declared for it, -114 for a suffix that is not allowed, -112 for a name that is longer
            than 12 characters.
        """
        branch = self._root
        numbers: list[int | None] = []
        for mnemonic in mnemonics:
            if len(mnemonic) > _LONGEST_MNEMONIC:
                raise Refusal(-112)
            spelt = mnemonic.upper()
            below = branch.branches.get(spelt)
            number: int | None = None
            if below is None and (tail := _TAIL.search(spelt)):
                number = int(tail[0])
                below = branch.branches.get(spelt[: tail.start()])
            if below is None:
                raise Refusal(-113)
            branch = below
            numbers.append(number)
        ending = branch.endings.get(is_query)
        if ending is None:
            raise Refusal(-113)
        command, given, wanted = ending
        return command, _numbers_of(given, numbers, wanted)


def _grown(branches: list[_Branch[T]], node: Node) -> list[_Branch[T]]:
    """Return the branches below; a spelling that another node shares leads where that one leads."""
    grown: list[_Branch[T]] = []
    for branch in branches:
        known = next((branch.branches[name] for name in node.spellings if name in branch.branches), None)
        below = known if known is not None else _Branch()
        for name in node.spellings:
            below_name = branch.branches.setdefault(name, below)
            if below_name not in grown:
                grown.append(below_name)
    return grown


def _numbers_of(given: tuple[Node, ...], numbers: list[int | None], wanted: tuple[Suffixes, ...]) -> tuple[int, ...]:
    chosen: dict[int, int] = {}
    for node, number in zip(given, numbers, strict=True):
        suffixes = node.suffixes
        if suffixes is None:
            if number not in (None, 1):
                raise Refusal(-114)
        elif number is not None:
            if number not in suffixes.numbers:
                raise Refusal(-114)
            chosen[id(suffixes)] = number
    return tuple(chosen.get(id(suffixes), suffixes.first) for suffixes in wanted)
