"""Whether the clock is right, as far as can be told without a network."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from luthier.plugins import HealthReport

__all__ = ["clock"]

_TIMESYNC = Path("/run/systemd/timesync")


def clock(now: float | None = None, timesync: Path = _TIMESYNC) -> HealthReport:
    """Look whether it is later than when this was installed, and whether the system sets the clock by a server.

    Parameters
    ----------
    now
        Seconds since 1970; ``None``: the system's clock.
    timesync
        Where systemd leaves word of having set the clock.
    """
    time_now = time.time() if now is None else now
    shown = datetime.fromtimestamp(time_now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    installed = Path(__file__).stat().st_ctime
    if time_now < installed:
        detail = f"It shows {shown}, which is before this was installed: times of runs would be wrong."
        return HealthReport("clock", "bad", detail, "Set the clock, and let it be set by a time server (NTP).")
    if timesync.is_dir() and not (timesync / "synchronized").exists():
        detail = f"It shows {shown}, and no time server has set it since the computer was started."
        return HealthReport("clock", "doubtful", detail, "Look at: timedatectl status.")
    return HealthReport("clock", "good", f"It shows {shown}.")
