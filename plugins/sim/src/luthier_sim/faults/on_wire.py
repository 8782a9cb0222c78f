"""Faults of a simulated device: what its clients see is what comes over their wires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier.errors import UsageError
from luthier_visa.stream_dialogue import LONGEST_REPLY

from luthier_sim.device import Unended
from luthier_sim.faults.fault import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from luthier_sim.device import Client, Device
    from luthier_sim.faults.fault import Fault
    from luthier_sim.faults.plan import FaultPlan

__all__ = ["WRONG_IDENTITY", "WireFaults"]

WRONG_IDENTITY: Final = b"ANOTHER MAKER,ANOTHER MODEL,0,0"
"""What answers ``*IDN?`` in place of the instrument."""

_CHUNK: Final = Unended(b"~" * 65_536)
_CHUNKS: Final = LONGEST_REPLY // len(_CHUNK) + 16


class WireFaults:
    """The faults of a simulated device, as its attribute ``faults``.

    Parameters
    ----------
    plan
        Which faults happen to which message.
    device
        The device that they are for.

    Raises
    ------
    UsageError
        The plan has an error for a queue that the device does not have.
    """

    def __init__(self, plan: FaultPlan, device: Device) -> None:
        if not hasattr(device, "report") and any(fault.kind is FaultKind.ERROR for fault in plan.faults):
            raise UsageError(f"{device!r} has no error queue, so that the fault 'error' cannot happen to it")
        self.plan = plan

    def carry_out(self, device: Device, message: bytes, client: Client) -> None:
        """Carry out one message with the faults that happen to it; the caller holds the device's lock."""
        faults = self.plan.next(message)
        if (busy := faults.get(FaultKind.BUSY)) is not None:
            device.spend(busy.amount)
        if FaultKind.DISCONNECT_BEFORE in faults:
            client.hung_up = True
            return
        asks_who = FaultKind.IDENTITY in faults and message.strip().upper() == b"*IDN?"
        reply = WRONG_IDENTITY + device.terminator if asks_who else device.respond(message)
        if (error := faults.get(FaultKind.ERROR)) is not None:
            reporting: Any = device
            reporting.report(int(error.amount))
        if FaultKind.DISCONNECT_AFTER in faults:
            client.hung_up = True
            return
        if (latency := faults.get(FaultKind.LATENCY)) is not None:
            device.spend(self.plan.delay(latency))
        if not reply:
            return
        last, client.last_reply = client.last_reply, reply
        if FaultKind.MUTE in faults:
            return
        if FaultKind.PREVIOUS in faults and last:
            reply = last
        if FaultKind.GARBAGE in faults:
            reply = self.plan.garbage() + device.terminator
        client.replies_due += _parts(device, faults, reply)


def _parts(device: Device, faults: Mapping[FaultKind, Fault], reply: bytes) -> Iterator[tuple[float, bytes]]:
    """Yield what comes, and when."""
    due = device.ready_at
    if FaultKind.FLOOD in faults:
        for _ in range(_CHUNKS):
            yield due, _CHUNK
    elif FaultKind.HALF in faults:
        body = reply.removesuffix(device.terminator)
        yield due, Unended(body[: max(1, len(body) // 2)])
    elif (drip := faults.get(FaultKind.DRIP)) is not None:
        start = max(due, device.clock.now())
        for place in range(len(reply)):
            part = reply[place : place + 1]
            yield start + place * drip.amount, part if place == len(reply) - 1 else Unended(part)
    else:
        yield due, reply
