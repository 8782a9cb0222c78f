"""Which run is meant by what was typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from luthier_measure.storage import RunSummary, Storage

__all__ = ["RunCommand", "data_option", "find_run", "open_data_folder", "run_argument", "runs_argument"]

_SHOWN = 5
_CONSIDERED = 1000
"""How many of the latest runs are looked at for names near to one that does not exist."""

_FROM_THE_END = re.compile(r"-(\d{1,9})")


class RunCommand(click.Command):
    """A command about a run, which can be called ``-1``, ``-2``, … from the latest backwards."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep ``-1`` from being taken for an option: it becomes ``last-1``."""
        return super().parse_args(ctx, [f"last{arg}" if _FROM_THE_END.fullmatch(arg) else arg for arg in args])


def run_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument RUN, which is given to the function as ``reference``."""
    return click.argument("reference", metavar="RUN")(command)


def runs_argument(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the argument RUN, of which there may be several, which are given to the function as ``references``."""
    return click.argument("references", metavar="RUN..." if required else "[RUN]...", nargs=-1, required=required)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``, which is given to the function as ``data``."""
    return click.option(
        "--data", metavar="FOLDER", help="Where runs are kept; by default LUTHIER_DATA, else ~/luthier."
    )(command)


def open_data_folder(data: str | None) -> Storage:
    """Open the folder that is given, or the user's own. It need not exist."""
    from luthier_measure.every_storage import open_every_storage  # noqa: PLC0415 - slow to import: numpy and pyarrow

    return open_every_storage(data)


def find_run(storage: Storage, reference: str) -> str:
    """Return the id of a run.

    Parameters
    ----------
    storage
        Where to look.
    reference
        Its id or the beginning of it; its name, with ``*`` and ``?`` standing for anything and any one character;
        ``last`` or ``-1`` for the latest, ``-2`` for the one before, and so on.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        No run is meant, or several are; the message names those that are near.
    """
    from luthier_measure.storage import RunQuery  # noqa: PLC0415 - as above
    from luthier_measure.storage.identifier import is_run_id  # noqa: PLC0415 - as above

    if is_run_id(reference):
        return reference
    counted = 1 if reference == "last" else _counted(reference)
    if counted is not None:
        latest = storage.find(RunQuery(limit=max(counted, 1)))
        if not 1 <= counted <= len(latest):
            raise _too_few(storage, counted, len(latest))
        return latest[0].id
    named = storage.find(RunQuery(name=reference))
    begun = storage.find(RunQuery(id=reference))
    for found in (named, begun):
        if len(found) == 1:
            return found[0].id
    if named or begun:
        raise _ambiguous(storage, reference, named or begun)
    raise _unknown(storage, reference, storage.find(RunQuery(limit=_CONSIDERED)))


def _counted(reference: str) -> int | None:
    match = _FROM_THE_END.fullmatch(reference.removeprefix("last"))
    return int(match[1]) if match else None


def _too_few(storage: Storage, counted: int, count: int) -> Exception:
    from luthier_measure.errors import RunNotFoundError  # noqa: PLC0415 - as above

    what = (
        "there is no run yet" if not count else f"there is no run -{counted}: allowed are -1, the latest, to -{count}"
    )
    return RunNotFoundError(
        what,
        who=str(storage.folder),
        advice="" if count else "'luthier demo' makes one; --data names another folder.",
        path=str(storage.folder),
        run_id=f"-{counted}",
    )


def _ambiguous(storage: Storage, reference: str, found: Iterable[RunSummary]) -> Exception:
    from luthier_measure.errors import AmbiguousRunError  # noqa: PLC0415 - as above

    ids = tuple(summary.id for summary in found)
    latest = ", ".join(reversed(ids[-_SHOWN:]))
    return AmbiguousRunError(
        f"{len(ids)} runs are called so, or have an id that begins so; the latest are {latest}"
        if len(ids) > _SHOWN
        else f"{len(ids)} runs are called so, or have an id that begins so: {latest}",
        who=repr(reference),
        advice="Give an id, or more of it.",
        path=str(storage.folder),
        run_id=reference,
        run_ids=ids,
    )


def _unknown(storage: Storage, reference: str, latest: Iterable[RunSummary]) -> Exception:
    from luthier_measure.errors import RunNotFoundError  # noqa: PLC0415 - as above

    known = [word for summary in latest for word in (summary.name, summary.id)]
    near = nearest(reference, reversed(known))
    if not known:
        advice = "There is no run at all yet: 'luthier demo' makes one; --data names another folder."
    elif near:
        advice = f"Did you mean {' or '.join(map(repr, near))}?"
    else:
        advice = "'luthier runs' lists those that there are."
    return RunNotFoundError(
        f"there is no run of this name or id in {storage.folder}",
        who=repr(reference),
        advice=advice,
        path=str(storage.folder),
        run_id=reference,
    )
