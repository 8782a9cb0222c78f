"""How instruments with several outputs are made safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier import Channel, Instrument

__all__ = ["switch_all_off"]


def switch_all_off(instrument: Instrument, outputs: Sequence[Channel]) -> None:
    """Call ``make_safe()`` of each output; where one fails, the others are made safe all the same.

    Raises an :class:`ExceptionGroup` with all failures.
    """
    failures = []
    for output in outputs:
        try:
            output.make_safe()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{instrument.name}: {len(failures)} of {len(outputs)} outputs may still be on", failures)
