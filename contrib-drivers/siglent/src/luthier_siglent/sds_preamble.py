"""What codes of a waveform mean, from the preamble of the newer Siglent oscilloscopes.

Places: SDS Series Programming Guide, EN11C, :WAVeform:PREamble?, as a project for the SDS5034X retells it.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, Final, Self

import attrs
from luthier.errors import ReplyError

if TYPE_CHECKING:
    from luthier.scpi import ByteOrder

__all__ = ["PREAMBLE_BYTES", "Preamble"]

PREAMBLE_BYTES: Final = 346
NAME: Final = b"WAVEDESC"
ORDER, SCALE, OFFSET, CODES, BITS, PROBE = 34, 156, 160, 164, 172, 328
CODES_PER_DIVISION: Final = 30
"""Of those that fit into a byte."""
LARGEST_FACTOR: Final = 256
BYTE: Final = 8


@attrs.frozen
class Preamble:
    """How codes become voltages.

    Attributes
    ----------
    scale, offset
        Voltage of one division, and the instrument's offset, in V at the tip of the probe.
    bits
        Of the converter; more than 8 travel as two bytes, of which the upper bits count.
    byte_order
        Of two bytes.
    """

    scale: float
    offset: float
    bits: int
    byte_order: ByteOrder

    @classmethod
    def of(cls, octets: bytes) -> Self:
        """Return what a preamble says.

        Raises :class:`~luthier.errors.ReplyError` where it is none, or where a division has other codes than those of
        the models that this driver is for.
        """
        if len(octets) < PREAMBLE_BYTES or not octets.startswith(NAME):
            raise _wrong(f"{len(octets)} bytes that begin with {octets[:8]!r}", octets)
        scale, offset, codes = struct.unpack_from("<3f", octets, SCALE)
        (bits,), (probe,) = struct.unpack_from("<h", octets, BITS), struct.unpack_from("<f", octets, PROBE)
        if codes and not _is_known(codes):
            raise _wrong(f"{codes:g} codes in a division", octets)
        order: ByteOrder = "big" if octets[ORDER] else "little"
        return cls(scale * probe, offset * probe, bits, order)

    def volts(self, codes: Any) -> Any:
        """Return the voltages of codes, as an array."""
        per_division = CODES_PER_DIVISION * (LARGEST_FACTOR if self.bits > BYTE else 1)
        return codes * (self.scale / per_division) - self.offset


def _is_known(codes: float) -> bool:
    """Tell whether a division has 30 codes, as bytes have it, or as many times that as further bits make of it."""
    factor = codes / CODES_PER_DIVISION
    return 1 <= factor <= LARGEST_FACTOR and math.log2(factor).is_integer()


def _wrong(what: str, octets: bytes) -> ReplyError:
    expected = f"{PREAMBLE_BYTES} bytes that begin with WAVEDESC, and 30 codes in a division, or 2, 4, 8 … times that"
    return ReplyError(
        f"the preamble of the waveform has {what}; expected: {expected}",
        advice="Perhaps the model is one whose codes mean other voltages.",
        command="WAV:PRE?",
        reply=octets[:40],
        expected=expected,
    )
