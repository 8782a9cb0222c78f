"""A client of a simulated device on a stream of bytes: a socket, or a pseudo-terminal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from luthier_sim.conversation import Conversation

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from luthier_sim.device import Device

__all__ = ["carry_on", "talk_on_socket"]

_CHUNK: Final = 65_536
_log = logging.getLogger("luthier_sim")


def talk_on_socket(device: Device, connection: socket.socket, ending: Callable[[], bool]) -> None:
    """Let `device` talk with whom is connected, until that one hangs up or `ending` is true."""
    conversation = Conversation(device, watched=False)
    while not ending() and (data := connection.recv(_CHUNK)):
        conversation.take(data)
        if not carry_on(conversation, connection.sendall, ending):
            return


def carry_on(conversation: Conversation, send: Callable[[bytes], object], ending: Callable[[], bool]) -> bool:
    """Carry out the messages that are whole, and send each reply when it is due; whether to go on.

    A message for which the device's own code fails is logged and reported by :meth:`~luthier_sim.Device.failed`; the
    others are carried out all the same.
    """
    clock = conversation.device.clock
    more = True
    while more:
        more = step(conversation)
        if conversation.hung_up:
            return False
        while (reply := conversation.next_reply()) is not None:
            if not clock.wait_until(reply[0], given_up=ending):
                return False
            send(reply[1])
    return not ending()


def step(conversation: Conversation, *, ended: bool = False) -> bool:
    """Carry out the next message, if it is whole; whether there was one."""
    try:
        return conversation.step(ended=ended)
    except Exception:  # noqa: BLE001 - the code is a stranger's, and costs no client its connection
        device = conversation.device
        _log.exception("%r cannot carry out a message", device)
        with device.lock:
            device.failed()
        return True
