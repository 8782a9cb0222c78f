"""A program that measures until it is told otherwise: ``python measuring_process.py <data folder> [<uri>]``.

It prints the run's id when the first point is taken, and the outcome when it has ended.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from luthier import Instrument, ManualParameter, parameter
from luthier_measure import measure, runs, sweep

MOST_POINTS = 3000  # at 0.02 s: the program ends by itself after a minute


class Remote(Instrument):
    """Says, as a proxy does, that it lives on a server."""

    level = parameter(float, initial=0.0)
    uri = ""

    @property
    def wire_reference(self) -> Any:
        return SimpleNamespace(uri=self.uri)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path, uri: str) -> None:
    x = ManualParameter("x", float, initial=-1.0)
    remote = Remote("remote")
    remote.uri = uri
    told = False

    def reading() -> float:
        nonlocal told
        if not told:
            told = True
            say(runs(folder=folder)[-1].id)
        return x()

    run = measure(
        sweep(x, range(MOST_POINTS), delay=0.02),
        remote.level,
        reading,
        folder=folder,
        name="elsewhere",
        finally_=lambda: say("left in order"),
    )
    say(run.outcome)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "object")
