"""Checks of behaviour: what the driver makes of an instrument or a connection that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import (
    ConnectionFaultError,
    ConnectionLostError,
    InstrumentFaultError,
    InstrumentReportedError,
    LuthierError,
    ResponseTimeoutError,
)
from luthier.parameter import GroupParameter
from luthier.testing.conformance.life_checks import readable
from luthier.testing.conformance.outcomes import Problem
from luthier.testing.conformance.recording import Fault
from luthier.testing.conformance.trying import arrange, in_words, walk
from luthier.validators import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.parameter import Parameter
    from luthier.testing.conformance.recording import RecordingTransport
    from luthier.testing.conformance.subject import Subject

__all__ = ["cut", "garbage", "mute", "reported"]


def mute(subject: Subject) -> Iterator[Problem]:
    """Read every parameter while nothing is answered; then one that is."""
    for path, parameter, wire in _asked(subject):
        before = parameter.get()
        wire.fault = Fault.MUTE
        try:
            value = parameter.get()
        except ResponseTimeoutError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem(path, f"without an answer it raised {in_words(error)}; expected: ResponseTimeoutError")
        else:
            yield Problem(path, f"without an answer it read {shown(value)}; expected: ResponseTimeoutError")
        wire.fault = None
        try:
            again = parameter.get()
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem(path, f"after a reply that did not come, the next reading raised {in_words(error)}")
        else:
            if type(again) is not type(before):
                yield Problem(path, f"after a reply that did not come, it reads {shown(again)}")


def garbage(subject: Subject) -> Iterator[Problem]:
    """Read every parameter that is no text while nonsense is answered."""
    for path, parameter, wire in _asked(subject):
        if parameter.type in (str, object, bytes) and parameter.specification.mapping is None:
            continue
        wire.fault = Fault.GARBAGE
        try:
            value = parameter.get()
        except (InstrumentFaultError, ConnectionFaultError):
            pass
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem(path, f"a reply of nonsense raised {in_words(error)}; expected: ReplyError")
        else:
            yield Problem(path, f"a reply of nonsense was read as {shown(value)}; expected: ReplyError")
        wire.fault = None


def cut(subject: Subject) -> Iterator[Problem]:
    """Cut the connection, read, and close."""
    with subject.opened() as (instrument, wire):
        path, parameter = readable(instrument)
        if parameter is None:
            return
        wire.fault = Fault.CUT
        try:
            value = parameter.get()
        except ConnectionLostError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem(path, f"with the connection cut it raised {in_words(error)}; expected: ConnectionLostError")
        else:
            yield Problem(path, f"with the connection cut it read {shown(value)}; expected: ConnectionLostError")
        try:
            instrument.close()
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem("", f"with the connection cut, close() raised {in_words(error)}")


def reported(subject: Subject) -> Iterator[Problem]:
    """Send a command that does not exist, and ask for errors."""
    with subject.opened() as (instrument, _):
        check = getattr(instrument, "check_errors", None)
        if check is None:
            yield Problem("", "the manifest says error-queue, and there is no check_errors()")
            return
        try:
            instrument.write("LUTHier:NONSense")
            check()
        except InstrumentReportedError:
            return
        except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
            yield Problem("", f"an error in the queue raised {in_words(error)}; expected: InstrumentReportedError")
        else:
            yield Problem(
                "", "an error in the queue was not raised by check_errors(); expected: InstrumentReportedError"
            )


def _asked(subject: Subject) -> Iterator[tuple[str, Parameter[Any], RecordingTransport]]:
    """Yield the parameters that ask the instrument, each once it could be read."""
    with subject.opened() as (instrument, wire):
        for path, _ in walk(instrument):
            try:
                parameter = arrange(subject, instrument, path)
                if parameter is None or not parameter.gettable or isinstance(parameter, GroupParameter):
                    continue
                before = len(wire.messages)
                parameter.get()
            except LuthierError:
                continue  # that it can be read is another check's
            if len(wire.messages) > before:
                yield path, parameter, wire
