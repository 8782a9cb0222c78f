"""What a failed exchange is called, in Luthier's errors and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from luthier.errors import (
    ConnectionFaultError,
    ConnectionLostError,
    LuthierError,
    OutOfStepError,
    ResponseTimeoutError,
)

from luthier_visa.dialogue import (
    FloodError,
    HungUpError,
    RefusedError,
    ShortReplyError,
    SilenceError,
    StrayBytesError,
    TornReplyError,
    UnsentError,
    UnsureError,
)

if TYPE_CHECKING:
    from luthier.errors import Sent

    from luthier_visa.dialogue import DialogueError

__all__ = ["Exchange", "fault_for", "shown"]

_SHOWN = 60  # bytes of a message or of a reply that an error shows


@attrs.frozen
class Exchange:
    """What was going on when it failed.

    Attributes
    ----------
    address
        The address as the user gave it.
    message
        The last message sent, without its termination; empty before the first.
    timeout
        Seconds; ``None`` for ever.
    termination
        What ends a reply.
    """

    address: str
    message: bytes
    timeout: float | None
    termination: bytes

    @property
    def command(self) -> str:
        """The last message as text; a byte that is not ASCII is written as an escape."""
        return self.message.decode("ascii", "backslashreplace")

    @property
    def asked(self) -> str:
        """The last message, as a sentence names it."""
        return shown(self.message) if self.message else "nothing in particular (no command was sent before)"


def fault_for(error: DialogueError, exchange: Exchange) -> LuthierError:
    """Return the error that tells the user of `error`."""
    match error:
        case SilenceError():
            return _silence(error, exchange)
        case UnsentError():
            return ResponseTimeoutError(
                f"the instrument did not take the whole of {exchange.asked} within {_seconds(exchange)}",
                who=exchange.address,
                state=f"Part of it may have been taken. {error.recovery}",
                advice="It may be busy or hung: see its front panel, and switch it off and on if it does not react.",
                address=exchange.address,
                command=exchange.command,
                timeout=exchange.timeout,
            )
        case HungUpError():
            return ConnectionLostError(
                f"the connection is lost: {error.what}",
                who=exchange.address,
                state=_reached(error, exchange) + " The connection is closed.",
                advice="See that the instrument is switched on and connected, then open it again.",
                sent=error.sent,
                address=exchange.address,
            )
        case RefusedError():
            return ConnectionFaultError(
                f"{exchange.asked} failed: {error.what}",
                who=exchange.address,
                state=error.recovery,
                address=exchange.address,
            )
        case _:
            return _out_of_step(error, exchange)


def shown(data: bytes) -> str:
    """Return `data` in quotes for a message, with escapes for what is not printable ASCII, and cut when it is long."""
    text = repr(bytes(data[:_SHOWN]))[1:]
    return text if len(data) <= _SHOWN else f"{text}… ({len(data):,} bytes)"


def _silence(error: SilenceError, exchange: Exchange) -> ResponseTimeoutError:
    within = _seconds(exchange)
    asked = exchange.asked
    if error.expected is not None:
        what = f"{error.count:,} of {error.expected:,} bytes asked for came, then nothing for {within}, after {asked}"
        advice = "The instrument sends less than expected, or needs longer: then raise the timeout."
    elif error.count:
        end = exchange.termination.decode("latin-1")
        what = (
            f"{error.count:,} bytes came without the read termination {end!r}, then nothing for {within}, "
            f"after {asked}: {shown(error.received)}"
        )
        advice = "If the instrument ends its replies in another way, open it with that read_termination."
    else:
        what = f"no reply within {within} to {asked}"
        advice = (
            "If it needs longer, raise the timeout; if it does not know the command, its display or error queue may "
            "say so; if it never answers, see that write_termination is right."
        )
    return ResponseTimeoutError(
        what,
        who=exchange.address,
        state=error.recovery,
        advice=advice,
        address=exchange.address,
        command=exchange.command,
        timeout=exchange.timeout,
    )


def _out_of_step(error: DialogueError, exchange: Exchange) -> OutOfStepError:
    sent: Sent = "maybe"
    match error:
        case StrayBytesError():
            what = (
                f"{len(error.stray):,} bytes that nobody had asked for were waiting before {exchange.asked} was sent: "
                f"{shown(error.stray)}"
            )
            state = "Nothing was sent; these bytes were thrown away. The answer before them may have been a wrong one."
            advice = (
                "Either a reply was not read, or the instrument greets, or it ends replies otherwise than "
                f"read_termination={exchange.termination.decode('latin-1')!r} says."
            )
            sent = "no"
        case TornReplyError():
            what = "the reply to be read was given up before: reading it timed out or was broken off"
            state = "Nothing was read; the next question is in step."
            advice = "Ask again."
        case FloodError():
            what = f"{error.what}, after {exchange.asked}"
            state = f"What had come was thrown away. {error.recovery}"
            advice = "If the instrument ends its replies in another way, open it with that read_termination."
        case UnsureError():
            what = (
                "a reply to an earlier question, which timed out, may still come, and could not be told from the reply "
                f"to {exchange.asked}"
            )
            state = "Nothing was read."
            advice = "Call clear(), or ask something by query(), then ask again."
        case ShortReplyError():
            what = (
                f"the reply to {exchange.asked} ended after {len(error.received):,} of {error.expected:,} bytes: "
                f"{shown(error.received)}"
            )
            state = "What had come was thrown away; the next question is in step."
            advice = "See in the manual how long the reply is in this mode of the instrument."
            sent = "yes"
        case _:
            raise AssertionError(error)
    return OutOfStepError(what, who=exchange.address, state=state, advice=advice, sent=sent, address=exchange.address)


def _reached(error: HungUpError, exchange: Exchange) -> str:
    if error.sent == "no" or not exchange.message:
        return "Nothing was sent."
    return f"Whether the instrument got {exchange.asked} is not known."


def _seconds(exchange: Exchange) -> str:
    return f"{exchange.timeout:g} s" if exchange.timeout is not None else "the time set"
