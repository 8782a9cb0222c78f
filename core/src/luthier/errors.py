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

from typing import Any

from luthier.root_error import LuthierError
from luthier.root_error import Sent as Sent  # noqa: PLC0414 - for those who raise

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
    """A conditional parameter was used while the condition does not hold. Attributes: ``condition`` (text)."""

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
    """The world between the computer and the instrument failed. Attributes: ``address``."""

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
    """A reply cannot be understood. Attributes: ``command`` (text), ``reply`` (text or bytes), ``expected`` (text)."""

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
    """No installed plugin has that id. Attributes: ``suggestions`` (near ids, best first)."""

    suggestions: tuple[str, ...]


class BrokenPluginError(PluginError):
    """A plugin failed while it was loaded; the cause is chained. Attributes: ``distribution``."""

    distribution: str


class IncompatiblePluginError(PluginError):
    """A plugin was written for another version of the plugin interface.

    Attributes: ``distribution``, ``wanted`` (its version), ``offered`` (ours).
    """

    distribution: str
    wanted: str
    offered: str


class DisabledPluginError(PluginError):
    """A plugin was switched off by the user. Attributes: ``distribution``."""

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
