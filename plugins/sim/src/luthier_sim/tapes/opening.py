"""Opening a tape as if it were the instrument."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs, unquote

from luthier.errors import UsageError
from luthier_visa.dialogue import ShortReplyError
from luthier_visa.message_transport import MessageTransport
from luthier_visa.options import check_names, choice

from luthier_sim.device_dialogue import DeviceDialogue
from luthier_sim.tapes.files import read_tape
from luthier_sim.tapes.replaying import LenientReplay, StrictReplay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.tapes.tape import Tape

__all__ = ["TapeTransport", "open_tape", "replay"]

_SCHEME: Final = "tape://"
_MODES: Final = {"strict": True, "lenient": False}
_COMPARISONS: Final = {"meaning": False, "exact": True}


class _TapeDialogue(DeviceDialogue):
    """A dialogue in which a reply that broke off on the tape breaks off the same way."""

    def __init__(self, device: StrictReplay | LenientReplay) -> None:
        super().__init__(device)
        self._replay = device

    def hear_exactly(self, count: int, timeout: float | None) -> bytearray:
        """Return the next `count` bytes, whatever they are."""
        try:
            return super().hear_exactly(count, timeout)
        except ShortReplyError as error:
            raise self._replay.in_place_of(error) from None


class TapeTransport(MessageTransport):
    """A :class:`~luthier.transport.Transport` to a tape; see :func:`replay`."""

    def __init__(self, address: str, device: StrictReplay | LenientReplay, timeout: float | None) -> None:
        super().__init__(
            address,
            _TapeDialogue(device),
            lock=device.lock,
            timeout=timeout,
            write_termination="",
            read_termination="",
        )
        self._device = device
        self._finished = False

    @property
    def done(self) -> int:
        """How many exchanges of a tape that is replayed strictly have happened."""
        return self._device.done if isinstance(self._device, StrictReplay) else 0

    def finish(self) -> None:
        """Raise :class:`~luthier_sim.TapeMismatchError` for a difference before, and for messages that are left over.

        :meth:`close` does so by itself. A tape that is replayed leniently has nothing to complain about.
        """
        if isinstance(self._device, StrictReplay):
            self._device.finish()

    def excuse(self) -> None:
        """Let :meth:`close` not complain about what is left over."""
        self._finished = True

    def close(self) -> None:
        """Close, and :meth:`finish` unless another error is on its way already; twice is fine."""
        super().close()
        finished, self._finished = self._finished, True
        if not finished and sys.exception() is None:
            self.finish()


def replay(
    tape: Tape | str | Path,
    *,
    mode: Literal["strict", "lenient"] = "strict",
    compare: Literal["meaning", "exact"] = "meaning",
    timeout: float | None = 5.0,
    address: str = "",
) -> TapeTransport:
    r"""Return a transport that says again what is on a tape.

    Nothing waits: a timeout of the tape passes at once.

    Parameters
    ----------
    tape
        A tape, or its file.
    mode
        ``"strict"``: exactly the messages of the tape, in their order; a difference raises
        :class:`~luthier_sim.TapeMismatchError`, and so does closing before the last one. ``"lenient"``: every question
        is answered as on the tape whenever it comes, the answers to one question in their order and then the last one
        again; only a question that is not on the tape raises.
    compare
        ``"meaning"``: by the rules of SCPI, where both messages follow them (``:source:voltage 1.50`` is
        ``SOUR:VOLT 1.5``); ``"exact"``: by their bytes.
    timeout
        In seconds; errors name it.
    address
        What the transport gives as its address; by default that of the tape.

    Raises
    ------
    ConfigurationError
        The file cannot be read, or is no tape.

    Examples
    --------
    >>> from luthier_sim.tapes.files import parse_tape
    >>> with_a_reply = parse_tape("> SOUR:VOLT 1.5\n> SOUR:VOLT?\n< 1.5")
    >>> wire = replay(with_a_reply)
    >>> wire.write(b":source:voltage 1.50")
    >>> wire.query(b"sour:volt?")
    b'1.5'
    >>> wire.close()
    """
    found = read_tape(tape) if isinstance(tape, (str, Path)) else tape
    strict = choice({"mode": mode}, "mode", _MODES, "replay()")
    exact = choice({"compare": compare}, "compare", _COMPARISONS, "replay()")
    device = (StrictReplay if strict else LenientReplay)(found, exact=bool(exact))
    return TapeTransport(address or found.facts.get("address", "tape://"), device, timeout)


def open_tape(
    address: str,
    *,
    timeout: float | None = 5.0,
    write_termination: str = "\n",
    read_termination: str = "\n",
    options: Mapping[str, object] | None = None,
) -> TapeTransport:
    r"""Open a tape as if it were the instrument; see :func:`replay`.

    Parameters
    ----------
    address
        ``tape://smu.tape``, ``tape:///home/me/smu.tape``, ``tape://~/smu.tape``, with ``?mode=lenient`` and
        ``&compare=exact`` where that is wanted. Percent signs stand for characters as in URLs.
    timeout
        In seconds; errors name it, nothing waits for it.
    write_termination, read_termination
        Mean nothing here: a tape has messages without them.
    options
        ``mode`` and ``compare``, as in the address.

    Raises
    ------
    ConfigurationError
        The file cannot be read, or is no tape.
    UsageError
        The address has another form, or asks for something else.
    """
    del write_termination, read_termination
    place, _, question = address[len(_SCHEME) :].partition("?")
    if not place:
        raise UsageError(
            "the address names no tape", who=address, state="Nothing was opened.", advice="Write tape://smu.tape."
        )
    asked: dict[str, object] = {name: values[-1] for name, values in parse_qs(question, keep_blank_values=True).items()}
    asked |= dict(options or {})
    check_names(asked, ("mode", "compare"), address)
    strict = choice(asked, "mode", _MODES, address) is not False
    exact = choice(asked, "compare", _COMPARISONS, address) is True
    return replay(
        Path(unquote(place)).expanduser(),
        mode="strict" if strict else "lenient",
        compare="exact" if exact else "meaning",
        timeout=timeout,
        address=address,
    )
