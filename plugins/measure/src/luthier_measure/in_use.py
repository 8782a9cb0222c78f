"""Which run uses which instruments, so that two at once do not set the same ones."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs
from luthier import Instrument
from luthier.errors import UsageError
from luthier.parameter import Parameter

from luthier_measure.errors import InstrumentsInUseError
from luthier_measure.uses_elsewhere import held_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

__all__ = ["Claim", "Holder", "Uses", "WhenBusy", "claim", "require_choice", "uses_of"]

WhenBusy = Literal["refuse", "wait"]
Uses = dict[str, str]
"""What a run uses: by a key that is the same for one instrument everywhere, its name for people."""

_LOOK_INTERVAL = 0.1


def require_choice(when_busy: Any) -> None:
    """Raise :class:`~luthier.errors.UsageError` for what says nothing of busy instruments."""
    if when_busy not in get_args(WhenBusy):
        raise UsageError(f"when_busy={when_busy!r}: allowed are 'refuse' and 'wait'", state="Nothing was set.")


@attrs.frozen
class Holder:
    """A run that uses something."""

    run_id: str
    name: str

    def __str__(self) -> str:
        """Id and name."""
        return f"run {self.run_id} {self.name!r}"


@attrs.define(eq=False)
class Claim:
    """What a run of this process uses, until :meth:`release`.

    Attributes
    ----------
    holder
        The run.
    uses
        Instruments, and parameters that belong to none.
    thread
        The thread that measures: what is measured inside a point of it may use the same. ``None`` until it is known.
    """

    holder: Holder
    uses: Uses
    thread: int | None = None

    def measured_here(self) -> None:
        """Say that this thread measures."""
        self.thread = threading.get_ident()

    def release(self) -> None:
        """Free everything; twice is fine."""
        with _changed:
            if self in _claims:
                _claims.remove(self)
            _changed.notify_all()


_claims: list[Claim] = []
_changed = threading.Condition()


def uses_of(things: Iterable[Any]) -> Uses:
    """Return what is used by whoever uses these parameters, channels and instruments.

    An instrument is used with all its channels; a meta instrument with all its members (what its public ``members``
    holds), and theirs.
    """
    return dict(_expanded(things, set()))


def claim(
    uses: Uses,
    holder: Holder,
    when_busy: WhenBusy,
    data_folder: Path,
    between: Callable[[], None] = lambda: None,
) -> Claim:
    """Take all of it for a run, or nothing.

    Parameters
    ----------
    uses
        What the run uses.
    holder
        The run.
    when_busy
        Whether to raise or to wait, for as long as it takes, where another run uses some of it.
    data_folder
        Runs of other processes that store there are asked too, about instruments on servers.
    between
        Called ten times a second while it waits; what it raises ends the waiting.

    Raises
    ------
    InstrumentsInUseError
        Another run uses some of it.
    """
    wanted = Claim(holder, uses)
    while (busy := _taken(wanted) or _taken_elsewhere(wanted, data_folder)) is not None:
        # Where a run of another process has it, nothing is kept from those of this one meanwhile.
        wanted.release()
        if when_busy == "refuse":
            raise _in_use(*busy)
        between()
        with _changed:
            _changed.wait(_LOOK_INTERVAL)
    return wanted


def _taken_elsewhere(wanted: Claim, data_folder: Path) -> tuple[Holder, tuple[str, ...]] | None:
    busy = held_elsewhere(data_folder, wanted.uses, wanted.holder.run_id, wanted.holder.name)
    return None if busy is None else (Holder(*busy[0]), busy[1])


def _taken(wanted: Claim) -> tuple[Holder, tuple[str, ...]] | None:
    """Note the claim where nothing of it is in use; return who has what otherwise."""
    with _changed:
        for other in _claims:
            shared = tuple(name for key, name in wanted.uses.items() if key in other.uses)
            if shared and other.thread != threading.get_ident():
                return other.holder, shared
        _claims.append(wanted)
    return None


def _expanded(things: Iterable[Any], seen: set[str]) -> Iterator[tuple[str, str]]:
    for thing in things:
        if isinstance(thing, Parameter) and thing.specification.delegate is not None:
            yield from _expanded((thing.delegate,), seen)
        owner = thing.instrument if isinstance(thing, Parameter) else thing
        root = thing if owner is None else getattr(owner, "root", owner)
        key = _key(root)
        if key in seen:
            continue
        seen.add(key)
        yield key, str(getattr(root, "full_name", None) or getattr(root, "name", root))
        members = _attribute(root, "members")
        if isinstance(members, Mapping):
            yield from _expanded(members.values(), seen)


def _key(root: Any) -> str:
    reference = _attribute(root, "wire_reference")
    uri = getattr(reference, "uri", None)
    return uri if isinstance(uri, str) else f"object {id(root)}"


def _attribute(root: Any, name: str) -> Any:
    """Return an attribute, or ``None``; an instrument that has none is not asked, as it would look for near names."""
    is_there = hasattr(type(root), name) or name in getattr(root, "__dict__", ())
    is_local = isinstance(root, Instrument) and not hasattr(type(root), "wire_reference")
    return None if is_local and not is_there else getattr(root, name, None)


def _in_use(other: Holder, shared: tuple[str, ...]) -> InstrumentsInUseError:
    names = ", ".join(shared)
    return InstrumentsInUseError(
        f"{names} {'is' if len(shared) == 1 else 'are'} in use by {other}",
        state="Nothing was set.",
        advice=f"Wait for it with when_busy='wait', or end it with load({other.run_id!r}).stop().",
        holder=str(other),
        run_id=other.run_id,
        shared=shared,
        timeout=0.0,
    )
