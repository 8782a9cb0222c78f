"""What was said of a run after it had begun: tags and notes, in a small file beside the run's own.

A run's own file is only ever written by the process that measures. What is said later is added to ``<id>.edits``, one
line of JSON for each edit, in one go: nothing that was there can be lost by it, several processes may do it at once,
also while the run goes on, and what was said when and by whom stays known.
"""

from __future__ import annotations

import getpass
import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from luthier_measure.errors import DataFolderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from luthier_measure.storage.description import RunHeader

__all__ = ["EDITS_SUFFIX", "RunEdit", "add_edit", "applied", "edit_from_data", "edit_to_data", "edited", "edits_path"]

EDITS_SUFFIX = ".edits"


@frozen
class RunEdit:
    """A change of what is said of a run; a tag that is both added and removed is removed."""

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    note: str | None = None
    """The whole note from now on; ``None``: it stays."""


def edits_path(run_file: Path) -> Path:
    """Return the file of edits that belongs to a run's file; it need not exist."""
    return run_file.with_suffix(EDITS_SUFFIX)


def add_edit(run_file: Path, edit: RunEdit) -> None:
    """Write down an edit of a run.

    Raises
    ------
    DataFolderError
        It cannot be written. Nothing was changed.
    """
    path = edits_path(run_file)
    # The line feed in front ends a line that a loss of power may have cut off.
    line = f"\n{json.dumps(edit_to_data(edit))}\n".encode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DataFolderError(
            f"the edit cannot be written: {error.strerror or error}",
            who=str(path),
            state="The run was not changed.",
            advice="See that you may write into the folder of the run.",
            path=str(path),
        ) from error
    # So that a catalogue in which this cannot be noted now finds it at its next look.
    with suppress(OSError):
        os.utime(path.parent)


def edit_to_data(edit: RunEdit) -> dict[str, Any]:
    """Describe an edit in JSON's terms, with the time and the user."""
    said = attrs.asdict(edit, filter=lambda _, value: value not in ((), None))
    return {"at": time.time(), "by": _user(), **said}


def edit_from_data(facts: Mapping[str, Any]) -> RunEdit:
    """Rebuild what :func:`edit_to_data` described."""
    return RunEdit(tuple(facts.get("add_tags", ())), tuple(facts.get("remove_tags", ())), facts.get("note"))


def edited(header: RunHeader, run_file: Path) -> RunHeader:
    """Return the header with all edits applied, in the order in which they were made."""
    return applied(header, _edits(edits_path(run_file)))


def applied(header: RunHeader, edits: Iterable[RunEdit]) -> RunHeader:
    """Return the header with edits applied."""
    for edit in edits:
        tags = [tag for tag in header.tags if tag not in edit.remove_tags]
        tags += [tag for tag in edit.add_tags if tag not in (*tags, *edit.remove_tags)]
        note = header.note if edit.note is None else edit.note
        header = attrs.evolve(header, tags=tuple(dict.fromkeys(tags)), note=note)
    return header


def _edits(path: Path) -> Iterator[RunEdit]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(ValueError, TypeError, AttributeError):
            yield edit_from_data(json.loads(line))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
