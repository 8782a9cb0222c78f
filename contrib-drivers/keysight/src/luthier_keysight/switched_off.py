"""How sources with several outputs are made safe, and what has to wait until an output is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.errors import IrrelevantParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier import Channel, Instrument

__all__ = ["require_off", "switch_all_off"]


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


def require_off(channel: Channel, what: str) -> None:
    """Refuse to change `what` while the output of a channel is on; it is asked for anew.

    Raises :class:`~luthier.errors.IrrelevantParameterError`; nothing was changed then.
    """
    if channel["output"].get():
        raise IrrelevantParameterError(
            f"cannot change {what}: the output is on, and might jump",
            who=channel.full_name,
            state="Nothing was changed.",
            advice=f"Bring the level to 0 and call {channel.full_name}.output(False) first.",
            condition="the output is off",
        )
