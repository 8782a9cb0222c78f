"""Arrays of numbers in messages: as text, or as binary blocks.

numpy is imported when an array is made, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

from luthier.errors import ReplyError, ValidationError
from luthier.scpi.blocks import DEFAULT_MAX_BYTES, decode_block, encode_block, read_block
from luthier.scpi.numbers import format_float, parse_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from luthier.scpi.blocks import BlockSource, Octets

__all__ = ["ArrayFormat", "ByteOrder", "encode_array"]

ByteOrder = Literal["big", "little"]
"""``"big"``: most significant byte first, ``FORMat:BORDer NORMal``; ``"little"``: the reverse, ``SWAPped``."""

_ORDER_SIGNS = {"big": ">", "little": "<"}
_DTYPES = ("f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")


def encode_array(array: ArrayLike, dtype: str, byte_order: ByteOrder = "big") -> bytes:
    r"""Return numbers as a definite-length block.

    Parameters
    ----------
    array
        Real numbers of any shape, written in C order (last index fastest).
    dtype
        Letter and bytes per number: ``"f4"``, ``"f8"``, ``"i1"`` to ``"i8"``, ``"u1"`` to ``"u8"``.
    byte_order
        The order that the instrument was told to expect.

    Raises
    ------
    ValidationError
        A number does not fit: out of the range of ``dtype``, or with a fraction where ``dtype`` is of whole numbers.
        ``"f4"`` rounds to its seven digits, which is what asking for it means.

    Examples
    --------
    >>> encode_array([1, 2, 258], "u2", "big")
    b'#16\x00\x01\x00\x02\x01\x02'
    """
    return ArrayFormat(dtype, byte_order).encode(array)


def _check_dtype(_format: object, _attribute: object, dtype: str | None) -> None:
    if dtype is not None and dtype not in _DTYPES:
        raise ValidationError(
            f"{dtype!r} is no type of number in a block: allowed are {', '.join(_DTYPES)}, and None for text",
            value=dtype,
            allowed=f"{', '.join(_DTYPES)} or None",
        )


def _check_byte_order(_format: object, _attribute: object, byte_order: str) -> None:
    if byte_order not in _ORDER_SIGNS:
        raise ValidationError(
            f"{byte_order!r} is no byte order: allowed are 'big' and 'little'",
            value=byte_order,
            allowed="'big' or 'little'",
        )


@attrs.frozen
class ArrayFormat:
    r"""How an instrument writes and reads arrays.

    Attributes
    ----------
    dtype
        ``None``: text, numbers separated by commas (``FORMat ASCii``). Otherwise a binary block of numbers of this
        type: ``"f4"`` (``FORMat REAL,32``), ``"f8"`` (``FORMat REAL,64``), ``"i1"`` to ``"i8"``, ``"u1"`` to ``"u8"``.
    byte_order
        Of a binary block; IEEE 488.2 and SCPI (``FORMat:BORDer NORMal``) start with ``"big"``.

    Examples
    --------
    >>> ArrayFormat("f8", "little").encode([1.0])
    b'#18\x00\x00\x00\x00\x00\x00\xf0?'
    >>> ArrayFormat().encode([1.0, 2.5])
    b'1,2.5'
    """

    dtype: str | None = attrs.field(default=None, validator=_check_dtype)
    byte_order: ByteOrder = attrs.field(default="big", validator=_check_byte_order)

    def encode(self, array: ArrayLike) -> bytes:
        """Return numbers as text, or as a definite-length block; arrays of any shape are written in C order.

        Raises :class:`~luthier.errors.ValidationError` for a number that does not fit (see :func:`encode_array`), and
        in text for one that is infinite or not a number.
        """
        import numpy as np  # noqa: PLC0415 - only for those who have arrays

        numbers = np.asarray(array)
        if numbers.dtype.kind not in "iuf":
            raise ValidationError(
                f"cannot send an array of {numbers.dtype} in a message: allowed are real numbers",
                state="Nothing was sent.",
                value=str(numbers.dtype),
                allowed="real numbers",
            )
        if self.dtype is None:
            return ",".join(map(format_float, numbers.ravel().tolist())).encode()
        _refuse_what_does_not_fit(numbers, np.dtype(self.dtype))
        return encode_block(np.ascontiguousarray(numbers, dtype=self._wire_dtype).data)

    def decode(self, reply: Octets) -> NDArray[Any]:
        """Return the numbers of a whole reply, which is without its termination.

        Parameters
        ----------
        reply
            A block; or text, which may itself be inside a block, as some oscilloscopes send it.

        Returns
        -------
        numpy.ndarray
            One-dimensional, in this machine's byte order, writable, owning its memory; ``float64`` from text. The
            numbers that stand for infinity and "not a number" in SCPI are those in text; a block has its own.

        Raises
        ------
        ReplyError
            The reply is of another form, or the length is not a whole number of numbers.
        """
        if self.dtype is None:
            return _from_text(decode_block(reply) if bytes(reply[:1]) == b"#" else reply)
        return self._from_bytes(bytearray(decode_block(reply)))

    def read(self, source: BlockSource, *, max_bytes: int = DEFAULT_MAX_BYTES, terminated: bool = True) -> NDArray[Any]:
        """Read one reply from a transport, and return its numbers as :meth:`decode` does.

        A block is read into the memory of the array itself. Parameters and errors are those of
        :func:`~luthier.scpi.read_block`; for text they do not count. The caller holds the transport's lock.
        """
        if self.dtype is None:
            return self.decode(source.read())
        return self._from_bytes(read_block(source, max_bytes=max_bytes, terminated=terminated))

    @property
    def _wire_dtype(self) -> str:
        return f"{_ORDER_SIGNS[self.byte_order]}{self.dtype}"

    def _from_bytes(self, octets: bytearray) -> NDArray[Any]:
        import numpy as np  # noqa: PLC0415 - only for those who have arrays

        wire = np.dtype(self._wire_dtype)
        if len(octets) % wire.itemsize:
            expected = f"a multiple of {wire.itemsize} bytes"
            raise ReplyError(
                f"the block holds {len(octets):,} bytes, which is no whole number of {self.dtype} numbers",
                advice="Check which format the instrument is set to (FORMat?).",
                command="",
                reply=bytes(octets[:40]),
                expected=expected,
            )
        array = np.frombuffer(octets, dtype=wire)
        if wire.isnative:
            return array
        return array.byteswap(inplace=True).view(wire.newbyteorder("="))


def _from_text(reply: Octets) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 - only for those who have arrays

    return np.array(parse_list(str(reply, "latin-1")), dtype=np.float64)


def _refuse_what_does_not_fit(numbers: NDArray[Any], dtype: Any) -> None:
    import numpy as np  # noqa: PLC0415 - only for those who have arrays

    if not numbers.size:
        return
    if dtype.kind == "f":
        limit = float(np.finfo(dtype).max)
        finite = numbers[np.isfinite(numbers)] if numbers.dtype.kind == "f" else numbers
        _check_range(finite, -limit, limit, dtype)
        return
    if numbers.dtype.kind == "f" and not np.all(np.isfinite(numbers) & (numbers == np.rint(numbers))):
        bad = next(number for number in numbers.ravel().tolist() if not float(number).is_integer())
        raise _does_not_fit(bad, "whole numbers", dtype)
    limits = np.iinfo(dtype)
    _check_range(numbers, int(limits.min), int(limits.max), dtype)


def _check_range(numbers: NDArray[Any], low: float, high: float, dtype: object) -> None:
    """Compare as Python numbers, which do not wrap around."""
    values: Iterable[float] = (numbers.min().item(), numbers.max().item()) if numbers.size else ()
    for value in values:
        if not low <= value <= high:
            raise _does_not_fit(value, f"{low} to {high}", dtype)


def _does_not_fit(value: float, allowed: str, dtype: object) -> ValidationError:
    return ValidationError(
        f"cannot send {value!r} in a block of {dtype}: allowed are {allowed}",
        state="Nothing was sent.",
        value=value,
        allowed=allowed,
    )
