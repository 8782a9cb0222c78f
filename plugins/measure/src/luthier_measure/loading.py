"""Finding and opening stored runs."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, cast, get_args

from luthier import plugins
from luthier.errors import UsageError

from luthier_measure.errors import AmbiguousRunError, RunNotFoundError
from luthier_measure.run import Run
from luthier_measure.run_facts import require_text
from luthier_measure.storage import Outcome, RunQuery
from luthier_measure.storage.identifier import is_run_id

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from luthier_measure.storage import Storage

__all__ = ["load", "open_storage", "runs"]

Moment = datetime | date | str | float


def open_storage(storage: str = "arrow", folder: str | os.PathLike[str] | None = None) -> Storage:
    """Open the place where runs are kept.

    Parameters
    ----------
    storage
        Name of a plugin of the kind ``storage``.
    folder
        The data folder; ``None``: the environment's ``LUTHIER_DATA``, else ``~/luthier``. It need not exist.
    """
    make = cast("Callable[[str | os.PathLike[str] | None], Storage]", plugins.registry("storage").load(storage))
    return make(folder)


def load(run_id: str, *, folder: str | os.PathLike[str] | None = None, storage: str = "arrow") -> Run:
    """Open a stored run, finished or not.

    Parameters
    ----------
    run_id
        Its id, or a beginning of it that no other run has. With the whole id, the catalogue is not needed.
    folder, storage
        As for :func:`open_storage`.

    Raises
    ------
    RunNotFoundError
        There is none.
    AmbiguousRunError
        There are several.
    UsageError
        The id is no text.
    NotARunFileError, NewerFormatError, DamagedRunError
        As their names say.
    """
    place = open_storage(storage, folder)
    run = Run(place, _whole_id(place, _checked_id(run_id)))
    # Now, not at the first question, what is wrong with it is told.
    _ = run.outcome
    return run


def runs(
    name: str | None = None,
    *,
    sample: str | None = None,
    tag: str | None = None,
    parameter: str | None = None,
    outcome: Outcome | None = None,
    text: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    limit: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    storage: str = "arrow",
) -> list[Run]:
    """List stored runs, oldest first: ``runs()[-1]`` is the latest.

    What is not given is not asked for.

    Parameters
    ----------
    name, sample
        Exactly so, but for the case of letters; ``*`` stands for anything and ``?`` for any one character.
    tag
        One of the run's tags.
    parameter
        Full name of something that was set or read, such as ``dac.ch1``.
    outcome
        ``running``, ``completed``, ``stopped``, ``failed``, ``interrupted``, or ``unreadable`` (its process died, and
        its file cannot be read now).
    text
        Part of the name, sample, note, a tag or the name of a parameter, but for the case of letters.
    since, until
        Begun from then on, begun before then: ``"2026-11-23"``, ``"2026-11-23 14:30"`` in local time, a datetime, a
        date, or seconds since 1970.
    limit
        At most so many, the latest.
    folder, storage
        As for :func:`open_storage`.

    Raises
    ------
    UsageError
        No run can ever be as it is asked for.
    """
    place = open_storage(storage, folder)
    asked = {"name": name, "sample": sample, "tag": tag, "parameter": parameter, "text": text}
    query = RunQuery(
        **{called: None if text is None else require_text(text, called) for called, text in asked.items()},
        outcome=None if outcome is None else _checked_outcome(outcome),
        since=None if since is None else _seconds(since),
        until=None if until is None else _seconds(until),
        limit=None if limit is None else _checked_limit(limit),
    )
    return [Run(place, summary.id, summary) for summary in place.find(query)]


def _checked_id(run_id: object) -> str:
    if isinstance(run_id, str):
        return run_id
    advice = f"Write load({run_id.id!r})." if isinstance(run_id, Run) else "runs() lists the runs, with their ids."
    raise UsageError(f"load() takes the id of a run, as text; got {run_id!r}", advice=advice)


def _checked_outcome(outcome: Any) -> Outcome:
    if outcome in get_args(Outcome):
        return cast("Outcome", outcome)
    allowed = ", ".join(map(repr, get_args(Outcome)))
    raise UsageError(f"outcome={outcome!r}: allowed are {allowed}")


def _checked_limit(limit: Any) -> int:
    if isinstance(limit, int) and limit >= 0:
        return limit
    raise UsageError(f"limit={limit!r}: allowed are whole numbers from 0 on, and None")


def _whole_id(storage: Storage, run_id: str) -> str:
    if is_run_id(run_id):
        return run_id
    found = [summary.id for summary in storage.find(RunQuery(id=run_id))] if run_id else []
    if len(found) == 1:
        return found[0]
    where = str(storage.folder)
    if found:
        shown = ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise AmbiguousRunError(
            f"{len(found)} runs begin with {run_id!r}: {shown}",
            who=where,
            advice="Give more of the id.",
            path=where,
            run_id=run_id,
            run_ids=tuple(found),
        )
    raise RunNotFoundError(
        f"there is no run {run_id!r}", who=where, advice="runs() lists those that there are.", path=where, run_id=run_id
    )


_SHOWN = 5


def _seconds(moment: Any) -> float:
    try:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        elif isinstance(moment, date) and not isinstance(moment, datetime):
            moment = datetime.combine(moment, time())
        return moment.timestamp() if isinstance(moment, datetime) else float(moment)
    except (TypeError, ValueError, OverflowError, OSError):
        raise UsageError(
            f"{moment!r} is no time: allowed are a date, with or without a time of day, as in '2026-11-23 14:30'"
        ) from None
