"""The root of the errors, and what all of them can do."""

from __future__ import annotations

from typing import Any, Literal

__all__ = ["LuthierError", "Sent"]

_UNKNOWN = (None, "", ())

Sent = Literal["no", "maybe", "yes"]
"""Whether anything reached the instrument before the failure."""


class LuthierError(Exception):
    """The root of all errors of Luthier.

    Parameters
    ----------
    what
        What could not be done, what was got and what is allowed; no trailing full stop.
    who
        The full name of the object concerned (``smu.voltage``), with its address where that helps; may be empty.
    state
        A sentence on the state left behind ("Nothing was sent.").
    advice
        A sentence on the next step ("Call smu.close() first.").
    sent
        Whether anything reached the instrument; ``None`` takes the class's default.
    data
        Further facts, which become attributes.
    """

    __module__ = "luthier.errors"  # where users, pickles and servers find it

    sent: Sent = "no"
    """Whether anything reached the instrument; each class has its own default."""
    who: str
    what: str
    state: str
    advice: str

    def __init__(
        self,
        what: str,
        *,
        who: str = "",
        state: str = "",
        advice: str = "",
        sent: Sent | None = None,
        **data: Any,
    ) -> None:
        super().__init__(what)
        self.who = who
        self.what = what
        self.state = state
        self.advice = advice
        if sent is not None:
            self.sent = sent
        self._data = data
        for key, value in data.items():
            setattr(self, key, value)

    @property
    def data(self) -> dict[str, Any]:
        """Everything beside ``what`` that rebuilds this error: ``type(error)(error.what, **error.data)``."""
        facts = {key: getattr(self, key) for key in self._data}
        return {"who": self.who, "state": self.state, "advice": self.advice, "sent": self.sent, **facts}

    def complete(self, *, who: str = "", state: str = "", advice: str = "", **data: Any) -> None:
        """Fill in what the place that raised could not know; what is already there stays."""
        self.who = self.who or who
        self.state = self.state or state
        self.advice = self.advice or advice
        for key, value in data.items():
            if getattr(self, key, None) in _UNKNOWN:
                self._data[key] = value
                setattr(self, key, value)

    def rephrase(self, what: str) -> None:
        """Say ``what`` anew, with what is known further up; the data stay."""
        self.what = what
        self.args = (what,)

    def __str__(self) -> str:
        """Who, what, the state left behind and the next step, in one line."""
        first = f"{self.who}: {self.what}" if self.who else self.what
        first = first if first.endswith((".", "!", "?", "\n")) else f"{first}."
        sentences = (first, self.state, self.advice)
        return " ".join(sentence for sentence in sentences if sentence)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy through the keyword arguments, which ``Exception`` by itself would drop; notes too."""
        notes = getattr(self, "__notes__", None)
        return _rebuild, (type(self), self.what, self.data), {"__notes__": list(notes)} if notes else None


def _rebuild(error_type: type[LuthierError], what: str, data: dict[str, Any]) -> LuthierError:
    return error_type(what, **data)
