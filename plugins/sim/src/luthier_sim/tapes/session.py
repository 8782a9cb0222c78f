"""The tapes of a whole process, and of those that it starts: what ``luthier record`` asks for by the environment."""

from __future__ import annotations

import logging
import os
import threading
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luthier_sim.tapes.recorded_transport import RecordedTransport
from luthier_sim.tapes.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier.instrument import Instrument
    from luthier.transport import Transport

__all__ = ["FOLDER", "recorded", "session_environment", "watch"]

FOLDER: Final = "LUTHIER_RECORD"
"""The environment variable that asks for recording: a folder."""
_ONLY: Final = "LUTHIER_RECORD_ONLY"
_MASK: Final = "LUTHIER_RECORD_MASK"

_log = logging.getLogger("luthier_sim")
_recordings: dict[str, Recording] = {}
_guard = threading.Lock()


def session_environment(folder: Path, *, only: Sequence[str], mask: Sequence[str]) -> dict[str, str]:
    """Return the environment variables that let a process record."""
    return {FOLDER: str(folder), _ONLY: ",".join(only), _MASK: "\n".join(mask)}


def recorded(transport: Transport, name: str, environment: Mapping[str, str] = os.environ) -> Transport | None:
    """Return what records a connection that was just opened for the instrument `name`; ``None``: it is not asked for.

    The tape is a new file in the folder, ``smu.tape``, or ``smu-2.tape`` where there is one. Where none can be made,
    that is logged and nothing is recorded.
    """
    only = environment.get(_ONLY, "")
    if only and name not in only.split(","):
        return None
    mask = environment.get(_MASK, "")
    try:
        recording = _new(Path(environment[FOLDER]), name, transport.address, mask.split("\n") if mask else [])
    except OSError as error:
        _log.error("%s is not recorded: %s", name, error)
        return None
    with _guard:
        _recordings[name] = recording
    return RecordedTransport(transport, recording)


def watch(instrument: Instrument) -> None:
    """Note the parameters of an instrument that was just opened, if its connection is recorded."""
    with _guard:
        recording = _recordings.pop(instrument.name, None)
    if recording is not None:
        recording.watch(instrument)


def _new(folder: Path, name: str, address: str, mask: list[str]) -> Recording:
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        file = folder / (f"{name}.tape" if number == 1 else f"{name}-{number}.tape")
        try:
            return Recording(name, address, file=file, mask=mask)
        except FileExistsError:
            continue  # of an earlier recording, an earlier connection, or another process
    raise AssertionError(name)  # count() does not end
