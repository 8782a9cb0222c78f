"""Scripts in interpreters of their own, as users run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Self

import attrs

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["Child", "Finished", "environment", "run"]

PATIENCE = 60.0
"""Seconds that a script may take on a busy machine."""


@attrs.frozen
class Finished:
    """What a script left: its exit code (negative: the signal that ended it), and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a script: nothing of Luthier's but what is given, and a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LUTHIER_")}
    return {**kept, "LUTHIER_DATA": str(data), "PYTHONIOENCODING": "utf-8", **settings}


def run(script: str, data: Path, *arguments: object, strict: bool = False, **settings: Any) -> Finished:
    """Run a script to its end.

    Parameters
    ----------
    script
        Its text.
    data
        The data folder.
    arguments
        As in ``sys.argv[1:]``.
    strict
        Whether everything that Python can warn of is an error (``-X dev -W error``).
    settings
        ``cwd``, and environment variables.
    """
    with Child(script, data, *arguments, strict=strict, **settings) as child:
        return child.end()


class Child:
    """A script that runs; it is killed when the block ends.

    Parameters are those of :func:`run`.
    """

    def __init__(
        self,
        script: str,
        data: Path,
        *arguments: object,
        strict: bool = False,
        cwd: Path | None = None,
        **settings: str,
    ) -> None:
        options = ["-X", "dev", "-W", "error"] if strict else []
        self.process = subprocess.Popen(
            [sys.executable, *options, "-c", textwrap.dedent(script), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env=environment(data, **settings),
        )

    def line(self) -> str:
        """Wait for the next line that the script prints; what it complained of is in the error if it ends first."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the script ended without a word: {self.end()}"
        return line.rstrip("\n")

    def complaint(self) -> str:
        """Wait for the next line that the script prints on its standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.readline().rstrip("\n")

    def say(self, line: str) -> None:
        """Give the script a line to read."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def press_ctrl_c(self) -> None:
        """Interrupt it as the keyboard does."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it without warning (SIGKILL), and wait until it is gone."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def end(self) -> Finished:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return Finished(self.process.returncode, out, err)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE)
