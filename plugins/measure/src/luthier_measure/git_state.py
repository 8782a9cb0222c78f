"""Which commit a script was measured with, and whether it was changed since.

The commit is read from git's own files, which takes a fraction of a millisecond. What differs from it only git can say;
it is asked in a thread, which no point waits for.
"""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["changes_since_commit", "commit_of", "repository_of"]

_PATIENCE = 0.5  # seconds that the end of a run waits for git
_FRESH = 2.0  # seconds for which an answer counts for further runs
_LONGEST = 10.0  # seconds that git may take
_MOST_FILES = 50
_CHUNK = 1 << 20
_COMMAND = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false")


def repository_of(path: Path) -> Path | None:
    """Return the folder of the repository that a file or folder lies in; ``None`` when it lies in none."""
    for folder in (path, *path.parents):
        if (folder / ".git").exists():
            return folder
    return None


def commit_of(repository: Path) -> dict[str, Any]:
    """Return ``root``, ``commit`` and ``branch`` of a repository, empty where they are not known; and ask for changes.

    The answer of git, which comes later, is given by :func:`changes_since_commit`.
    """
    _ask(repository)
    commit, branch = "", ""
    try:
        own, shared = _folders(repository / ".git")
        head = _read(own / "HEAD")
        if head.startswith("ref: "):
            reference = head.removeprefix("ref: ")
            branch = reference.removeprefix("refs/heads/")
            commit = _resolve(reference, own, shared)
        else:
            commit = head
    except OSError:
        # A repository of a kind that only git itself can read.
        pass
    return {"root": str(repository), "commit": commit, "branch": branch}


def changes_since_commit(repository: Path, patience: float = _PATIENCE) -> dict[str, Any]:
    """Return what git answered: ``commit``, ``changed`` files, and ``diff``, the SHA-256 of what it shows of them.

    ``diff`` is empty when nothing that git knows was changed. The result is empty when git is not there, or has not
    answered after ``patience`` seconds.
    """
    question = _questions.get(repository)
    if question is None or not question.answered.wait(patience):
        return {}
    return question.answer


@define
class _Question:
    asked: float
    answered: threading.Event = field(factory=threading.Event)
    answer: dict[str, Any] = field(factory=dict)


_questions: dict[Path, _Question] = {}
_asking = threading.Lock()


def _ask(repository: Path) -> None:
    with _asking:
        last = _questions.get(repository)
        if last is not None and time.monotonic() - last.asked < _FRESH:
            return
        question = _questions[repository] = _Question(time.monotonic())
    threading.Thread(target=_answer, args=(repository, question), name="git", daemon=True).start()


def _answer(repository: Path, question: _Question) -> None:
    try:
        status = b"".join(_output(repository, "status", "--porcelain=v2", "--branch", "-z"))
        digest = hashlib.sha256()
        size = 0
        for chunk in _output(repository, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "HEAD"):
            digest.update(chunk)
            size += len(chunk)
        entries = status.decode(errors="replace").split("\0")
        commit = [entry.split()[-1] for entry in entries if entry.startswith("# branch.oid ")]
        changed = [_path(entry) for entry in entries if entry[:2] in {"1 ", "2 ", "u ", "? "}]
        question.answer = {
            "commit": commit[0] if commit and commit[0] != "(initial)" else "",
            "changed": changed[:_MOST_FILES],
            "diff": digest.hexdigest() if size else "",
        }
    except (OSError, subprocess.SubprocessError):
        # No git, or one that does not want to: the commit read from its files has to do.
        pass
    finally:
        question.answered.set()


def _path(entry: str) -> str:
    fields = {"1": 8, "2": 9, "u": 10, "?": 1}
    return entry.split(" ", fields[entry[0]])[-1]


def _output(repository: Path, *arguments: str) -> list[bytes]:
    """Return what git prints, in pieces; raise where it fails or takes too long."""
    with subprocess.Popen(  # noqa: S603 - the command is our own
        [*_COMMAND, "-C", str(repository), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        end = threading.Timer(_LONGEST, process.kill)
        end.start()
        try:
            assert process.stdout is not None
            pieces = list(iter(partial(process.stdout.read, _CHUNK), b""))
        finally:
            end.cancel()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return pieces


def _folders(git: Path) -> tuple[Path, Path]:
    """Return the folder of this working tree's own files, and of those that all working trees share."""
    if git.is_file():
        git = git.parent / _read(git).removeprefix("gitdir: ")
    shared = git / "commondir"
    return git, git / _read(shared) if shared.is_file() else git


def _resolve(reference: str, *folders: Path) -> str:
    for folder in folders:
        if (folder / reference).is_file():
            return _read(folder / reference)
    for line in _read(folders[-1] / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == reference:
            return commit
    return ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()
