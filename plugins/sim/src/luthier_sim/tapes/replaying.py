"""A simulated device that says again what is on a tape."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final, Never

from luthier_visa.dialogue import FloodError, HungUpError, RefusedError, ShortReplyError, SilenceError

from luthier_sim.clock import Clock
from luthier_sim.device import Device
from luthier_sim.tapes.escapes import as_line
from luthier_sim.tapes.masking import MASK
from luthier_sim.tapes.meaning import is_meant_by, meaning_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_visa.dialogue import DialogueError

    from luthier_sim.device import Client
    from luthier_sim.tapes.tape import Tape, TapeExchange

__all__ = ["LenientReplay", "StrictReplay", "TapeMismatchError"]

_RECOVERY: Final = "The next query is in step."
_MOST: Final = 10  # questions that an error lists
_SHOWN: Final = 200  # characters of a message that it shows


class TapeMismatchError(AssertionError):
    """What was sent is not what the tape says; no ``LuthierError``, so that no driver handles it."""


class _Replay(Device):
    """What both ways of replaying have in common: messages are taken whole, and time stands still."""

    message_based: ClassVar[bool] = True
    terminator: ClassVar[bytes] = b""

    def __init__(self, tape: Tape, *, exact: bool) -> None:
        self._tape = tape
        self._last: TapeExchange | None = None
        self._means: Callable[[bytes, bytes], bool] = _is_same if exact else is_meant_by
        super().__init__(tape.name, clock=Clock(speed=0))

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take all that has come, when its end has; the transport adds no termination."""
        if not ended or not buffer:
            return None
        message = bytes(buffer)
        buffer.clear()
        return message

    def in_place_of(self, error: ShortReplyError) -> DialogueError:
        """Return how a reply ends that breaks off on the tape, where it would just be short otherwise."""
        fault = self._last.fault if self._last else ""
        if fault == "timeout":
            return SilenceError(error.received, len(error.received), error.expected, _RECOVERY)
        return HungUpError("so it was on the tape", "yes") if fault == "lost" else error

    def _say(self, exchange: TapeExchange, client: Client) -> None:
        """Let a client have what the tape says came back; what went wrong then goes wrong again."""
        self._last = exchange
        client.replies_due.extend((0.0, reply) for reply in exchange.replies)
        if exchange.replies:
            return  # what went wrong after them is met by who reads on: nothing comes
        if exchange.fault == "lost":
            self.cut_connections()
            raise HungUpError(f"so it was on the tape ({exchange.fault_text})", "maybe")
        if exchange.fault == "out-of-step":
            raise FloodError(f"on the tape: {exchange.fault_text}", _RECOVERY)
        if exchange.fault == "failed":
            raise RefusedError(f"on the tape: {exchange.fault_text}", _RECOVERY)


class StrictReplay(_Replay):
    """Expects exactly the messages of a tape, in their order, and says what came back.

    Parameters
    ----------
    tape
        The tape.
    exact
        Whether messages are compared by their bytes, instead of by their meaning.
    """

    def __init__(self, tape: Tape, *, exact: bool = False) -> None:
        self._exchanges = tape.exchanges
        self._done = 0
        self._difference: TapeMismatchError | None = None
        super().__init__(tape, exact=exact)

    @property
    def done(self) -> int:
        """How many exchanges have happened."""
        return self._done

    def carry_out(self, message: bytes, client: Client) -> None:
        """Compare a message with the next of the tape."""
        with self.lock:
            if self._done == len(self._exchanges):
                self._differ(f"{_shown(message)} was sent after the last of its {self._done} messages")
            expected = self._exchanges[self._done]
            if not self._means(expected.message, message):
                self._differ(
                    f"message {self._done + 1} of {len(self._exchanges)}{_at(expected)}:\n"
                    f"  expected {_shown(expected.message)}\n  got      {_shown(message)}"
                )
            self._done += 1
            self._say(expected, client)

    def interrupted(self) -> None:
        """Refuse a message that comes before the reply to the last one was read."""
        last = self._exchanges[self._done - 1]
        self._differ(f"a message was sent before the reply to {_shown(last.message)}{_at(last)} was read")

    def unasked(self) -> None:
        """Refuse to let a reply be waited for that did not come then, unless that was waited for as well."""
        last = self._exchanges[self._done - 1] if self._done else None
        if last is None:
            self._differ("a reply was to be read, but nothing was sent")
        if last.fault != "timeout":
            self._differ(f"a reply was to be read, but there is none any more to {_shown(last.message)}{_at(last)}")

    def finish(self) -> None:
        """Raise TapeMismatchError if there was a difference before, or messages are left over."""
        if self._difference is not None:
            raise self._difference
        left = self._exchanges[self._done :]
        if left:
            listed = "".join(f"\n  {_shown(exchange.message)}{_at(exchange)}" for exchange in left)
            self._differ(f"{len(left)} of {len(self._exchanges)} messages were not sent:{listed}")

    def _differ(self, what: str) -> Never:
        difference = TapeMismatchError(f"the tape of {self._tape.name}: {what}")
        self._difference = self._difference or difference
        raise difference


class LenientReplay(_Replay):
    """Answers each question as the tape does, in whatever order they come; the last answer to each is repeated.

    What is no question, or was not answered on the tape, is taken as it comes. A question that is not on the tape
    raises :class:`TapeMismatchError`.
    """

    def __init__(self, tape: Tape, *, exact: bool = False) -> None:
        self._answers: dict[object, deque[TapeExchange]] = {}
        self._masked: list[bytes] = []
        self._key: Callable[[bytes], object] = _itself if exact else lambda message: meaning_of(message) or message
        for exchange in tape.exchanges:
            self._answers.setdefault(self._key(exchange.message), deque()).append(exchange)
            if MASK in exchange.message:
                self._masked.append(exchange.message)
        super().__init__(tape, exact=exact)

    def carry_out(self, message: bytes, client: Client) -> None:
        """Answer a message."""
        with self.lock:
            answers = self._answers.get(self._key(message))
            if answers is None:
                recorded = next((one for one in self._masked if is_meant_by(one, message)), b"")
                answers = self._answers.get(self._key(recorded))
            if answers is not None:
                self._say(answers.popleft() if len(answers) > 1 else answers[0], client)
            elif b"?" in message:
                self._unknown(message)

    def _unknown(self, message: bytes) -> None:
        questions = {each[0].message: None for each in self._answers.values() if each[0].replies}
        shown = ", ".join(map(_shown, list(questions)[:_MOST])) or "none"
        raise TapeMismatchError(
            f"the tape of {self._tape.name} has no answer to {_shown(message)}; it answers {shown}"
            + (f" and {len(questions) - _MOST} more" if len(questions) > _MOST else "")
        )


def _itself(message: bytes) -> object:
    return message


def _is_same(recorded: bytes, sent: bytes) -> bool:
    return recorded == sent


def _shown(message: bytes) -> str:
    line = as_line(message)
    return f"'{line}'" if len(line) <= _SHOWN else f"'{line[:_SHOWN]}…'"


def _at(exchange: TapeExchange) -> str:
    return f" (line {exchange.line})" if exchange.line else ""
