"""What a run is doing, and what was remarkable on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.storage import Outcome, Storage

__all__ = ["course", "outcome_text", "state_now"]


def state_now(storage: Storage, run_id: str, outcome: Outcome) -> str | None:
    """Return what a run that goes on is doing; ``None`` for others, and where its process does not say."""
    if outcome != "running":
        return None
    from luthier_measure.control_files import live_state  # noqa: PLC0415 - slow to import

    found = live_state(storage.folder, run_id)
    return None if found is None else str(found)


def outcome_text(storage: Storage, run_id: str, outcome: Outcome) -> str:
    """Return the outcome, with what the run is doing where that is not measuring: ``running (paused)``."""
    state = state_now(storage, run_id, outcome)
    return outcome if state in {None, "running"} else f"{outcome} ({state})"


def course(control: Mapping[str, Any]) -> dict[str, str]:
    """Say what was remarkable: pauses, failed readings, instruments not left as asked; empty where nothing was."""
    failed = [
        f"{name}: {count['missing']} missing, {count['retried']} tried again, the last: {count['last']}"
        for name, count in control.get("failed_readings", {}).items()
    ]
    return {
        "pauses": "; ".join(map(_pause_text, control.get("pauses", ()))),
        "failed readings": "; ".join(failed),
        "not left as asked": "; ".join(control.get("final_state", ())),
    }


def _pause_text(pause: Mapping[str, Any]) -> str:
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import

    lasted = f" for {duration_text(pause['ended'] - pause['began'])}" if pause["ended"] else ""
    return f"{pause['kind']}{lasted}{' because ' + pause['reason'] if pause.get('reason') else ''}"
