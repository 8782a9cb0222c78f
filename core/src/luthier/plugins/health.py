"""What a health check finds out."""

from __future__ import annotations

from typing import Literal

import attrs

__all__ = ["HealthReport"]


@attrs.frozen
class HealthReport:
    """The outcome of one health check.

    Attributes
    ----------
    subject
        What was looked at ("serial ports").
    verdict
        ``"good"``; ``"doubtful"``: it works, with a limitation; ``"bad"``: something cannot work as it is.
    detail
        What was found, as a sentence.
    advice
        What to do about it, as a sentence; empty where there is nothing to do.
    """

    subject: str
    verdict: Literal["good", "doubtful", "bad"]
    detail: str
    advice: str = ""
