"""What the doctor finds, from the three examinations: reading, trying, and the checks of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs
from luthier import plugins
from luthier.plugins.naming import canonical
from luthier.plugins.user_settings import read_settings

from luthier_cli.diagnosis.clock import clock
from luthier_cli.diagnosis.trials import health_checks, trials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.plugins import PluginEntry

    from luthier_cli.diagnosis.trials import Trial

__all__ = ["Finding", "examine"]

_SLOW = 3.0
"""Seconds from which on loading a plugin is remarked on."""


@attrs.frozen
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    subject, verdict, detail, advice
        As in :class:`luthier.plugins.HealthReport`.
    disable
        What ``--fix`` switches off; empty where it is nothing.
    enable
        What ``--fix`` takes off the list of what is switched off.
    """

    subject: str
    verdict: Literal["good", "doubtful", "bad"]
    detail: str
    advice: str = ""
    disable: str = ""
    enable: str = ""

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        fields = attrs.asdict(self, filter=lambda field, _: field.name not in {"disable", "enable"})
        return {**fields, "fixable": bool(self.disable or self.enable)}


def examine(*, limit: float) -> Iterator[Finding]:
    """Look at everything, and yield what is found, as it is found; what is good too.

    Parameters
    ----------
    limit
        Seconds that importing one plugin, or one health check, may take.
    """
    yield from _of_reading()
    entries = [entry for kind in plugins.KINDS for entry in plugins.registry(kind).entries()]
    can_be_tried = [entry for entry in entries if entry.state in {"available", "shadowed", "ambiguous", "loaded"}]
    tried = trials(can_be_tried, limit=limit)
    yield from _of_trials(tried)
    broken = [trial.entry.qualified_id for trial in tried if trial.what and trial.entry.kind == "hooks"]
    for report in (*health_checks(limit=limit, without=broken),):
        advice = report.get("advice", "")
        yield Finding(str(report["subject"]), report["verdict"], str(report["detail"]), str(advice))
    yield Finding(**attrs.asdict(clock()))


def _of_reading() -> Iterator[Finding]:
    for remark in plugins.remarks():
        yield Finding("installation", "doubtful", remark)
    for distribution in plugins.distributions():
        for fault in plugins.static_faults(distribution.name):
            yield Finding(distribution.name, "bad" if fault.serious else "doubtful", fault.what, fault.advice)
    yield from _of_settings()


def _of_settings() -> Iterator[Finding]:
    settings = read_settings()
    entries = [entry for kind in plugins.KINDS for entry in plugins.registry(kind).entries()]
    known = {canonical(name) for one in entries for name in (one.distribution, one.id, one.qualified_id)}
    for key, name in settings.disable.items():
        if key not in known:
            detail = f"{settings.file} switches off {name!r}, which is not installed."
            yield Finding("settings", "doubtful", detail, f"Take it out: luthier plugins enable {name}.", enable=name)
    there = {one.name for one in plugins.distributions()}
    for name, distribution in settings.prefer.items():
        if distribution not in there:
            detail = f"{settings.file} prefers {distribution} for {name!r}, and that is not installed."
            yield Finding("settings", "doubtful", detail, f"Install it, or take the line out of {settings.file}.")


def _of_trials(tried: tuple[Trial, ...]) -> Iterator[Finding]:
    by_distribution: dict[str, list[Trial]] = {}
    for trial in tried:
        by_distribution.setdefault(trial.entry.distribution, []).append(trial)
    for name, of_it in by_distribution.items():
        for trial in of_it:
            where = _where(trial.entry)
            if trial.what:
                disable = trial.entry.qualified_id if trial.fatal else ""
                yield Finding(name, "bad", f"{where} cannot be loaded: {trial.what}.", trial.advice, disable=disable)
            elif trial.seconds > _SLOW:
                yield Finding(name, "doubtful", f"{where} takes {trial.seconds:.1f} s to import.", "Tell its authors.")
        if not any(trial.what for trial in of_it):
            count = "its plugin" if len(of_it) == 1 else f"all {len(of_it)} plugins"
            yield Finding(name, "good", f"{count[0].upper()}{count[1:]} can be loaded.")


def _where(entry: PluginEntry) -> str:
    return f"{entry.kind}: {entry.id}"
