"""Trying plugins in processes of their own, with a time limit for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from luthier.plugins import PluginEntry

__all__ = ["Trial", "health_checks", "trials"]

_LONGEST_START = 30.0
"""Seconds that starting an interpreter and importing Luthier may take besides."""

_TRACEBACK_LINES = 4


@attrs.frozen
class Trial:
    """How loading a plugin went."""

    entry: PluginEntry
    seconds: float
    what: str = ""
    """Why it cannot be loaded, without a full stop; empty if it can."""
    advice: str = ""
    fatal: bool = False
    """It hung, or ended the interpreter: whoever loads it has no error to deal with."""


def trials(entries: Iterable[PluginEntry], *, limit: float, at_once: int | None = None) -> tuple[Trial, ...]:
    """Load each of `entries` in a process of its distribution, and say how it went, in the order given.

    Parameters
    ----------
    entries
        What is tried.
    limit
        Seconds that each may take.
    at_once
        How many distributions are tried at the same time; ``None``: as many as there are processors.
    """
    by_distribution: dict[str, list[PluginEntry]] = {}
    for entry in entries:
        by_distribution.setdefault(entry.distribution, []).append(entry)
    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        groups = pool.map(lambda group: _tried(group, limit), by_distribution.values())
        return tuple(trial for group in groups for trial in group)


def _tried(entries: Sequence[PluginEntry], limit: float) -> list[Trial]:
    done: list[Trial] = []
    while len(done) < len(entries):
        rest = entries[len(done) :]
        names = [word for entry in rest for word in (entry.kind, entry.qualified_id)]
        records, ending = _run("import", limit, names, len(rest))
        done += [
            Trial(entry, record["seconds"], record["what"], record["advice"])
            for entry, record in zip(rest, records, strict=False)
        ]
        if len(records) < len(rest):
            entry = rest[len(records)]
            advice = f"Switch it off: luthier plugins disable {entry.qualified_id}; and tell its authors."
            done.append(Trial(entry, limit, ending, advice, fatal=True))
    return done


def health_checks(*, limit: float, without: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Run the health checks of all plugins of the kind ``hooks`` but those in `without` (``distribution:id``).

    Returns the fields of each report, with its ``plugin``; of one that hangs, and of those that would come after it, a
    report that says so.
    """
    disabled = " ".join((os.environ.get("LUTHIER_DISABLE", ""), *without))
    records, ending = _run("health", limit, [], 1, {"LUTHIER_DISABLE": disabled})
    reports = [{**record, "subject": record["subject"] or record["name"]} for record in records]
    if ending:
        detail = f"The checks after {records[-1]['name'] if records else 'the first'} could not be run: {ending}."
        reports.append({"name": "", "subject": "health checks", "verdict": "bad", "detail": detail, "advice": ""})
    return reports


def _run(
    what: str, limit: float, names: Sequence[str], count: int, variables: Mapping[str, str] | None = None
) -> tuple[list[dict[str, Any]], str]:
    """Run a trial process; return its records, and how it ended if it did not come to its end."""
    with tempfile.TemporaryDirectory(prefix="luthier-trial-") as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        command = [sys.executable, "-P", "-m", "luthier_cli.diagnosis.trial", what, str(limit), str(output), *names]
        with errors.open("wb") as sink:
            process = subprocess.Popen(  # noqa: S603 - our own module, and names of plugins
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**os.environ, **(variables or {}), "LUTHIER_STRICT_PLUGINS": ""},
                start_new_session=True,  # Ctrl-C is ours; it ends by our hand
            )
            try:
                code = process.wait(limit * max(count, 1) + _LONGEST_START)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                process.kill()
                process.wait()
        lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
        records = [json.loads(line) for line in lines]
        return records, "" if code == 0 and len(records) >= (count if what == "import" else 0) else _ending(
            code, errors.read_text(encoding="utf-8", errors="replace"), limit
        )


def _ending(code: int | None, said: str, limit: float) -> str:
    """Say how a process ended, from its exit code and what it wrote on standard error."""
    if code is None or "Timeout (" in said:
        where = [line.strip() for line in said.splitlines() if line.lstrip().startswith("File ")]
        at = f", at {where[0]}" if where else ""
        return f"it did not come to an end within {limit:g} s{at}"
    last = " ".join(said.split("\n")[-_TRACEBACK_LINES:]).strip()
    return f"it ended the interpreter with the exit code {code}" + (f" ({last})" if last else "")
