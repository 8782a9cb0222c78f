"""Every error that Luthier raises, in one tree.

The first level says whose fault it is, which is what decides the next step:

- :class:`UsageError`: the call was wrong; nothing was sent; correct it and call again.
- :class:`ConfigurationError`: a file that the user wrote is wrong.
- :class:`ConnectionFaultError`: the world between the computer and the instrument failed.
- :class:`InstrumentFaultError`: the instrument was reached, and refused or answered nonsense.
- :class:`PluginError`: a plugin is missing, broken or does not fit.

Every error carries its data as attributes (``error.value``, ``error.allowed``, …), so that a program need not read the
message, and so that it can be rebuilt elsewhere: ``type(error)(error.what, **error.data)``.
"""

from __future__ import annotations

from typing import Any, Literal

__all__ = [
    "AmbiguousPluginError",
    "BrokenPluginError",
    "BusyError",
    "ClosedError",
    "ConfigurationError",
    "ConnectError",
    "ConnectionFaultError",
    "ConnectionLostError",
    "DeclarationError",
    "DisabledPluginError",
    "IdentityError",
    "IncompatiblePluginError",
    "InstrumentFaultError",
    "InstrumentReportedError",
    "IrrelevantParameterError",
    "LuthierError",
    "ManifestError",
    "NameClashError",
    "NotGettableError",
    "NotSettableError",
    "OutOfStepError",
    "PartialSetError",
    "PluginError",
    "RampInterruptedError",
    "RemoteError",
    "ReplyError",
    "ResponseTimeoutError",
    "StationError",
    "UnknownNameError",
    "UnknownPluginError",
    "UsageError",
    "ValidationError",
    "WrongTypeError",
]

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


class UsageError(LuthierError):
    """The call was wrong; nothing was sent; correct it and call again."""


class DeclarationError(UsageError, TypeError):
    """A class declares a parameter, channel or function in a way that cannot work; raised while the class is made."""


class ValidationError(UsageError, ValueError):
    """A value is outside what is allowed.

    Attributes: ``value`` (what was given), ``allowed`` (text: what is allowed, with unit).
    """

    value: object
    allowed: str


class WrongTypeError(ValidationError, TypeError):
    """A value is of a type that is not allowed (a ``bool`` or text where a number is meant)."""


class NotSettableError(UsageError):
    """The parameter cannot be set."""


class NotGettableError(UsageError):
    """The parameter cannot be read; what was last set may still be in its cache."""


class IrrelevantParameterError(UsageError):
    """A conditional parameter was used while the condition does not hold.

    Attributes: ``condition`` (text).
    """

    condition: str


class UnknownNameError(UsageError, AttributeError, KeyError):
    """There is no parameter, channel, function or instrument of that name.

    An ``AttributeError`` and a ``KeyError``, so that ``getattr(inst, name, None)`` and ``inst.parameters.get(name)``
    find nothing where there is nothing.

    Attributes: ``name`` (what was asked for), ``suggestions`` (near names, best first).
    """

    name: str
    suggestions: tuple[str, ...]


class NameClashError(UsageError):
    """The name is in use by something else that is alive.

    Attributes: ``name``, ``opened_at`` (``file:line`` of the living one, where known).
    """

    name: str
    opened_at: str


class ClosedError(UsageError):
    """The instrument, channel or connection was closed before."""


class BusyError(UsageError, TimeoutError):
    """Somebody else holds the instrument, the lock or the parameter.

    Attributes: ``holder`` (text), ``timeout`` (seconds waited).
    """

    holder: str
    timeout: float


class RampInterruptedError(UsageError):
    """A ramp was stopped on request before its target; the parameter is at the last value sent.

    Attributes: ``value`` (the last value sent), ``target``.
    """

    sent = "yes"
    value: object
    target: object


class ConfigurationError(LuthierError):
    """A file that the user wrote is wrong.

    Attributes: ``file`` (path as text), ``line`` (from 1; ``None`` where not known).
    """

    file: str
    line: int | None


class StationError(ExceptionGroup[Exception]):
    """All the failures of opening or closing a station, together."""

    def __str__(self) -> str:
        """Return the message, which has a line for each failure."""
        return self.message

    def derive(self, excs: Any) -> StationError:  # type: ignore[override]  # always exceptions, never interrupts
        """Keep the class when the group is split."""
        return StationError(self.message, excs)


class ConnectionFaultError(LuthierError):
    """The world between the computer and the instrument failed.

    Attributes: ``address``.
    """

    sent: Sent = "maybe"
    address: str


class ConnectError(ConnectionFaultError):
    """No connection could be made: the resource is absent or busy, or the backend is missing."""

    sent = "no"


class ResponseTimeoutError(ConnectionFaultError, TimeoutError):
    """The instrument did not answer in time; the connection was cleared, so that the next query is in step.

    Attributes: ``command`` (text), ``timeout`` (seconds).
    """

    command: str
    timeout: float


class ConnectionLostError(ConnectionFaultError, ConnectionError):
    """The connection broke and is closed; open the instrument again."""


class OutOfStepError(ConnectionFaultError):
    """Bytes were left or missing, so that a reply could belong to another question; the connection must be cleared."""


class InstrumentFaultError(LuthierError):
    """The instrument was reached, and refused or answered nonsense."""

    sent = "yes"


class InstrumentReportedError(InstrumentFaultError):
    """The instrument's error queue held errors.

    Attributes: ``command`` (the last command sent, text), ``entries`` (tuple of (code, text), oldest first).
    """

    command: str
    entries: tuple[tuple[int, str], ...]


class ReplyError(InstrumentFaultError, ValueError):
    """A reply cannot be understood.

    Attributes: ``command`` (text), ``reply`` (text or bytes), ``expected`` (text).
    """

    command: str
    reply: str | bytes
    expected: str


class IdentityError(InstrumentFaultError):
    """Another instrument than expected answers at this address.

    Attributes: ``expected``, ``identity`` (the reply to ``*IDN?``).
    """

    expected: str
    identity: str


class PartialSetError(LuthierError):
    """Of several members that were to be set together, one failed; the cause is chained.

    Attributes: ``members``, where each of them stands, as :func:`luthier.strategy.facts` gives it.
    """

    sent: Sent = "yes"
    members: tuple[dict[str, Any], ...]


class RemoteError(LuthierError):
    """Code on a server raised something that is neither Luthier's nor Python's own.

    Attributes: ``class_name`` (``module.Class``), ``text`` (its message).
    """

    sent: Sent = "maybe"
    class_name: str
    text: str


class PluginError(LuthierError):
    """A plugin is missing, broken or does not fit.

    Attributes: ``kind`` (``"drivers"``, ``"transports"``, …), ``name`` (the id asked for).
    """

    kind: str
    name: str


class UnknownPluginError(PluginError, LookupError):
    """No installed plugin has that id.

    Attributes: ``suggestions`` (near ids, best first).
    """

    suggestions: tuple[str, ...]


class BrokenPluginError(PluginError):
    """A plugin failed while it was loaded; the cause is chained.

    Attributes: ``distribution``.
    """

    distribution: str


class IncompatiblePluginError(PluginError):
    """A plugin was written for another version of the plugin interface.

    Attributes: ``distribution``, ``wanted`` (its version), ``offered`` (ours).
    """

    distribution: str
    wanted: str
    offered: str


class DisabledPluginError(PluginError):
    """A plugin was switched off by the user.

    Attributes: ``distribution``.
    """

    distribution: str


class AmbiguousPluginError(PluginError):
    """Several distributions claim one id and none owns its namespace.

    Attributes: ``claimants`` (``distribution:id`` of each).
    """

    claimants: tuple[str, ...]


class ManifestError(PluginError):
    """The static description of a distribution, its ``luthier.toml``, is missing or wrong.

    Attributes: ``distribution``, ``file`` (path as text; empty where there is none), ``line`` (of the first mistake,
    from 1; ``None`` where not known), ``mistakes`` (a sentence on each, with its line).
    """

    distribution: str
    file: str
    line: int | None
    mistakes: tuple[str, ...]
