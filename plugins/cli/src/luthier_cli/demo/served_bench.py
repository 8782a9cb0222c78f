"""The bench of the demonstration, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["served_bench"]

_PATIENCE: Final = 10.0  # seconds, for a process that was asked to end


@contextmanager
def served_bench(server: str) -> Iterator[Path]:
    """Serve the simulated laboratory for the time of a block, and give the ``lab.toml`` that opens it.

    The process ends with the block, or with this process however that ends. Ctrl-C does not reach it, so that the
    measurement can be ended in order.

    Parameters
    ----------
    server
        The name of the server that the file puts the instruments on.

    Raises
    ------
    ClickException
        It could not be started; what it said is in the message.
    """
    described = (resources.files("luthier_cli.demo") / "lab.toml").read_text(encoding="utf-8")
    with TemporaryDirectory(prefix="luthier-demo-") as folder:
        lab, served = Path(folder, "bench.toml"), Path(folder, "lab.toml")
        lab.write_text(described.replace('server = "demo"', f'server = "{server}"'), encoding="utf-8")
        command = ["sim", "serve", "--station", str(lab), "--write", str(served), "--json", "--until-input-ends"]
        with subprocess.Popen(  # noqa: S603 - the command is our own
            [sys.executable, "-m", "luthier_cli", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows: the same as the next line
            start_new_session=True,
        ) as process:
            try:
                assert process.stdout is not None
                if not process.stdout.readline():
                    _, said = process.communicate(timeout=_PATIENCE)
                    raise click.ClickException(f"the simulated laboratory could not be served.\n{said.strip()}")
                yield served
            finally:
                _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
