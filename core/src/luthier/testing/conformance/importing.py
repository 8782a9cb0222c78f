"""Checks of the import: what happens in a process of its own when the driver's module is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from luthier.testing.conformance.outcomes import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.testing.conformance.subject import Subject

__all__ = ["import_is_quiet"]

LONGEST = 30.0
"""Seconds that an import may take before it counts as one that does not end."""

MOST_WORK = 1.5
"""Seconds of processor time that an import may need, beside that of ``luthier`` itself."""

_TRIAL = r"""
import importlib, json, logging, sys, threading, time
module, package, absent, most = json.loads(sys.argv[1])
found = []
SEEN = {"socket.__new__", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork",
        "_thread.start_new_thread", "ctypes.dlopen", "os.mkdir", "os.remove", "os.rename"}

def ours():
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__") or ""
        if name.partition(".")[0] == package:
            return f"{name}, line {frame.f_lineno}"
        if name.startswith("importlib._bootstrap"):
            return ""
        frame = frame.f_back
    return ""

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if (event in SEEN or writes) and (where := ours()):
        what = f"opens {arguments[0]!r} for writing" if writes else f"does {event}"
        found.append(f"importing it {what} ({where})")

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

import luthier
sys.meta_path.insert(0, Absent())
def state():
    levels = (logging.root.level, len(logging.root.handlers), logging.root.manager.disable)
    return levels, logging.getLogger("luthier").level, len(logging.getLogger("luthier").handlers)
before = state()
sys.addaudithook(watch)
began = time.process_time()
try:
    importlib.import_module(module)
except BaseException as error:
    found.append(f"importing it raised {type(error).__name__}: {error}")
if (needed := time.process_time() - began) > most:
    found.append(f"importing it needs {needed:.1f} s of the processor; at most {most:g} s. Import what is heavy where "
                 "it is used")
if state() != before:
    found.append("importing it changes how the program logs")
if threading.active_count() > 1:
    found.append("importing it leaves a thread running")
print(json.dumps(found), file=sys.__stdout__)
"""


def import_is_quiet(subject: Subject) -> Iterator[Problem]:
    """Import the module of the driver without what its manifest ``needs``, and look at what that does."""
    module = subject.entry.value.partition(":")[0]
    absent = list(subject.manifest.needs) if subject.manifest else []
    task = json.dumps([module, subject.package, absent, MOST_WORK])
    yield from (Problem("", what) for what in _tried(task, os.environ.get("PYTHONPATH", "")))


@cache  # several drivers are often in one module
def _tried(task: str, _path: str) -> tuple[str, ...]:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-B", "-c", _TRIAL, task],
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return (f"importing it did not end within {LONGEST:g} s",)
    return tuple(_found(done))


def _found(done: subprocess.CompletedProcess[str]) -> list[Any]:
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        return [f"importing it ended the process, with exit code {done.returncode}: {done.stderr[-500:]}"]
    printed = ["importing it prints"] if len(lines) > 1 or done.stderr else []
    return [*json.loads(lines[-1]), *printed]
