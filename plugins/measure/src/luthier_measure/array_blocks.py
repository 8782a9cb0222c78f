"""Copies of arrays that stand one behind the other in memory that is used again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]

__all__ = ["ArrayBlocks", "joined"]

_BLOCK_BYTES = 8 << 20
_LEAST_BYTES = 16 << 10
_MOST_BLOCKS = 16
_UNUSED = 2
"""References to a block that nobody uses: the list's, and that of who counts."""


class ArrayBlocks:
    """Copies arrays of one kind after the other into blocks of memory.

    Memory that is new to a process costs several times what a copy into it does, because the system has to give it page
    by page. So a block is used again once nothing refers to any array in it. For one thread at a time; the arrays are
    free for every use but to be written to.
    """

    def __init__(self) -> None:
        self._blocks: list[AnyArray] = []
        self._block: AnyArray | None = None
        self._next = 0

    def copy(self, array: AnyArray) -> AnyArray:
        """Return a copy."""
        if not _LEAST_BYTES <= array.nbytes <= _BLOCK_BYTES or array.dtype.hasobject or not array.ndim:
            return np.array(array)
        block = self._block
        if block is None or self._next == len(block) or block.dtype != array.dtype or block.shape[1:] != array.shape:
            block = self._block = self._unused(array)
            self._next = 0
        copied: AnyArray = block[self._next]
        copied[...] = array
        self._next += 1
        return copied

    def _unused(self, array: AnyArray) -> AnyArray:
        """Return a block for arrays like this one, whose memory nothing refers to."""
        if self._blocks and (self._blocks[0].dtype != array.dtype or self._blocks[0].shape[1:] != array.shape):
            self._blocks.clear()
        self._block = None
        for number in range(len(self._blocks)):
            # Each array that was given away refers to its block.
            if sys.getrefcount(self._blocks[number]) <= _UNUSED:
                self._blocks.append(self._blocks.pop(number))
                return self._blocks[-1]
        block = np.empty((_BLOCK_BYTES // array.nbytes, *array.shape), array.dtype)
        if len(self._blocks) == _MOST_BLOCKS:
            # Whoever still uses it keeps it.
            del self._blocks[0]
        self._blocks.append(block)
        return block


def joined(arrays: Sequence[AnyArray], dtype: np.dtype[Any]) -> AnyArray:
    """Return all elements of the arrays in one dimension, in order; no copy where they stand so in memory already."""
    first = arrays[0] if arrays else None
    base = None if first is None else first.base
    if first is None or not isinstance(base, np.ndarray) or not base.flags.c_contiguous or base.dtype != dtype:
        return _copied(arrays, dtype)
    starts = beginning = _address(first)
    for each in arrays:
        if each.base is not base or each.dtype != dtype or not each.flags.c_contiguous or _address(each) != starts:
            return _copied(arrays, dtype)
        starts += each.nbytes
    offset = (beginning - _address(base)) // dtype.itemsize
    return base.reshape(-1)[offset : offset + (starts - beginning) // dtype.itemsize]


def _address(array: AnyArray) -> int:
    address: int = array.__array_interface__["data"][0]  # in half the time of ``ctypes.data``
    return address


def _copied(arrays: Sequence[AnyArray], dtype: np.dtype[Any]) -> AnyArray:
    return np.concatenate([np.empty(0, dtype), *(each.ravel() for each in arrays)], dtype=dtype)
