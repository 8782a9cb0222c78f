"""The process in which plugins are tried; whatever they do to it costs only that plugin.

``python -m luthier_cli.diagnosis.trial import SECONDS OUTPUT kind distribution:id …`` loads each plugin and writes one
line of JSON to OUTPUT when it is done with it; the plugin after the last line is the one that ended the process.
``… health SECONDS OUTPUT`` runs the health checks of plugins in the same way.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["main"]

_ABOVE = "The cause is shown above; "
"""What the advice says where there is a traceback."""


def main(arguments: list[str]) -> None:
    """Try what the arguments name; see the module."""
    what, seconds, output, *names = arguments
    limit = float(seconds)
    with Path(output).open("a", encoding="utf-8") as file:
        for name, trial in _loads(names) if what == "import" else _checks():
            # Ends the process with the traceback of whatever hangs, without asking it.
            faulthandler.dump_traceback_later(limit, exit=True)
            start = time.perf_counter()
            outcome = trial()
            faulthandler.cancel_dump_traceback_later()
            record = {"name": name, "seconds": round(time.perf_counter() - start, 3), **outcome}
            file.write(f"{json.dumps(record)}\n")
            file.flush()


def _loads(names: list[str]) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    for kind, name in zip(names[::2], names[1::2], strict=True):
        yield f"{kind} {name}", partial(_loaded, kind, name)


def _loaded(kind: Any, name: str) -> dict[str, Any]:
    from luthier import plugins  # noqa: PLC0415 - within the time limit
    from luthier.errors import LuthierError  # noqa: PLC0415 - the same

    _expectations()
    try:
        plugins.registry(kind).load(name)
    except LuthierError as error:
        what = error.what.partition("this plugin cannot be loaded: ")[2] or error.what
        return {"what": what, "advice": error.advice.replace(f"{_ABOVE}t", "T")}
    return {"what": "", "advice": ""}


def _expectations() -> None:
    """Let this package state what it expects of commands, as the core does of drivers."""
    import luthier_cli.plugin_group  # noqa: F401, PLC0415 - within the time limit


def _checks() -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    from luthier import plugins  # noqa: PLC0415 - only for these

    for plugin, checks in plugins.hooks.health_checks().items():
        for check in checks:
            yield f"{plugin} {getattr(check, '__name__', 'check')}", partial(_checked, check)


def _checked(check: Callable[[], Any]) -> dict[str, Any]:
    from luthier.plugins import HealthReport  # noqa: PLC0415 - only for these

    try:
        report = check()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code
        return {"subject": "", "verdict": "bad", "detail": f"The check failed: {type(error).__name__}: {error}"}
    if not isinstance(report, HealthReport):
        return {"subject": "", "verdict": "bad", "detail": f"The check gave {report!r}, which is no HealthReport."}
    return {
        "subject": report.subject,
        "verdict": report.verdict,
        "detail": report.detail,
        "advice": report.advice,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
