"""Instruments that keep a journal in the file beside this one, and fail where their option ``fault`` says.

The tests copy this file into the folder of each lab.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier import Channel, ChannelList, Instrument, parameter
from luthier.errors import ConnectError, ConnectionLostError
from luthier.validators import Enum, Numbers

if TYPE_CHECKING:
    from luthier.instrument import ParameterHost

JOURNAL = Path(__file__).with_name("journal.txt")


def note(text: str) -> None:
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(text + "\n")


def noting(name: str) -> Any:
    """Return what sets a parameter by noting it."""

    def set_it(host: ParameterHost, value: object) -> None:
        note(f"set {host.full_name}.{name} {value!r}")

    return set_it


class Journalled(Instrument):
    """Notes its life."""

    def __init__(self, name: str, *, fault: str = "", **options: Any) -> None:
        super().__init__(name, **options)
        self.fault = fault
        note(f"open {name}")

    def make_safe(self) -> None:
        note(f"safe {self.name}")
        if self.fault in {"safe", "safe and close"}:
            raise ConnectionLostError("the connection broke", who=self.name, address="")
        if self.fault == "interrupt safe":
            raise KeyboardInterrupt

    def close(self) -> None:
        was_open = not self.closed
        super().close()
        if was_open:
            note(f"close {self.name}")
            if self.fault in {"close", "safe and close"}:
                raise OSError("the port is gone")
            if self.fault == "interrupt close":
                raise KeyboardInterrupt


class Output(Channel):
    voltage = parameter(float, unit="V", validator=Numbers(-10, 10), set_cmd=noting("voltage"))
    output = parameter(bool, set_cmd=noting("output"))


class Supply(Journalled):
    mode = parameter(str, validator=Enum("fast", "slow"), set_cmd=lambda self, value: self.accept("mode", value))
    span = parameter(float, unit="V", validator=Numbers(0, 100), initial=1.0)
    level = parameter(float, unit="V", validator=Numbers(-100, 100), maximum="span", set_cmd=noting("level"))
    pair = parameter(dict)
    model = parameter(str, get_cmd=lambda _: "S1")

    def __init__(self, name: str, address: str | None = None, *, fault: str = "", **options: Any) -> None:
        if fault == "open":
            advice = "Is it switched on?"
            raise ConnectError("no device answers", who=f"{name} ({address})", advice=advice, address=address)
        if fault == "open badly":
            raise ValueError("strange reply")
        if fault == "interrupt open":
            raise KeyboardInterrupt
        super().__init__(name, fault=fault, **options)
        self.told = address
        self.ch1 = Output(self, "ch1")
        self.ch2 = Output(self, "ch2")
        self.outputs = ChannelList(self, "outputs", [self.ch1, self.ch2])

    def accept(self, name: str, value: object) -> None:
        if self.fault == "set":
            raise ConnectionLostError("the connection broke", who=self.name, address="")
        if self.fault == "interrupt set":
            raise KeyboardInterrupt
        note(f"set {self.full_name}.{name} {value!r}")


class Mixer(Journalled):
    """Made of others."""

    def __init__(self, name: str, source: Any, members: Any = (), **options: Any) -> None:
        super().__init__(name, **options)
        self.source = source
        self.members = members

    gain = parameter(float, set_cmd=noting("gain"))


class Strict(Instrument):
    """Takes no address, and one option."""

    def __init__(self, name: str, gain: float = 1.0) -> None:
        super().__init__(name)
        self.gain = gain


class Needy(Journalled):
    """Cannot do without an address, a port and a slot."""

    def __init__(self, name: str, address: str, port: int, *, slot: int, **options: Any) -> None:
        super().__init__(name, **options)
        self.place = (address, port, slot)
