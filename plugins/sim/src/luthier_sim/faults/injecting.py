"""Letting things go wrong for a while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.instrument import Instrument

from luthier_sim.device import Device
from luthier_sim.faults.on_wire import WireFaults
from luthier_sim.faults.plan import FaultPlan
from luthier_sim.faults.transport import FaultyTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["inject"]


@contextmanager
def inject(target: Instrument | Device, *faults: Any, seed: int = 0) -> Iterator[FaultPlan]:
    """Let things go wrong until the end of the ``with`` block.

    Parameters
    ----------
    target
        An open instrument of this process: its connection has the faults, of whatever kind it is. Or a simulated device
        (``device_at(address)``, ``served.device``): then all its clients meet them, over whatever wires.
    faults
        Texts (see :func:`~luthier_sim.parse_fault`) or :class:`~luthier_sim.Fault`.
    seed
        Of the dice.

    Yields
    ------
    FaultPlan
        Its ``count`` and ``happened`` say what went on.

    Raises
    ------
    UsageError
        One of them is no fault, the instrument has no connection or lives on a server, or the device has no error
        queue.

    Examples
    --------
    >>> import luthier
    >>> from luthier_sim import inject
    >>> with luthier.open("keithley.2400", "sim://", name="smu", timeout=0.05) as smu, inject(smu, "mute at 1"):
    ...     smu.query("*IDN?")
    Traceback (most recent call last):
    luthier.errors.ResponseTimeoutError: smu (sim://keithley.2400/smu): no reply within 0.05 s to '*IDN?'. ...
    """
    plan = FaultPlan(*faults, seed=seed)
    if isinstance(target, Device):
        before, target.faults = target.faults, WireFaults(plan, target)
        try:
            yield plan
        finally:
            target.faults = before
        return
    if Instrument not in type(target).__mro__:  # a proxy passes for one
        raise UsageError(
            f"{target!r} is neither an instrument of this process nor a simulated device", state="Nothing was changed."
        )
    take_out = target.interpose(lambda transport: FaultyTransport(transport, plan))
    try:
        yield plan
    finally:
        take_out()
