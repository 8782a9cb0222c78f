"""How a simulated SCPI device refuses: an entry for its error queue."""

from __future__ import annotations

from luthier.scpi import STANDARD_ERRORS

__all__ = ["Refusal"]


class Refusal(Exception):  # noqa: N818 - it is no fault of the program, but what the device says
    """What a command's method raises to refuse, and what then stands in the error queue.

    Parameters
    ----------
    code
        The number: negative ones are the standard's, positive ones the instrument's own.
    text
        The short text; empty: the standard's for that number.
    detail
        Follows the text after a semicolon, as the standard allows; may be empty.

    Examples
    --------
    >>> str(Refusal(-222, detail="voltage"))
    '-222,"Data out of range;voltage"'
    """

    def __init__(self, code: int, text: str = "", detail: str = "") -> None:
        super().__init__(code, text, detail)
        self.code = code
        self.detail = detail
        self.worded = bool(text)
        short = text or STANDARD_ERRORS.get(code, "")
        self.text = f"{short};{detail}" if detail else short

    def __str__(self) -> str:
        """Return the entry as ``SYSTem:ERRor?`` answers it."""
        text = self.text.replace('"', '""')
        return f'{self.code},"{text}"'
