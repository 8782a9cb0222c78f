"""A device that is served in these tests."""

from __future__ import annotations

from luthier_sim import ScpiDevice, command, query, setting


class Supply(ScpiDevice):
    """Something of everything that a wire can be asked for."""

    identity = "ACME,SUPPLY,1,0"
    voltage = setting("[SOURce:]VOLTage", 0.0, minimum=0, maximum=30, unit="V")
    data = setting("DATA", b"")

    @query("SLOW?")
    def slow(self) -> int:
        self.spend(1000.0)
        return 1

    @query("LONG?")
    def long(self) -> bytes:
        return bytes(range(256)) * 10_000

    @query("TABLe?")
    def table(self) -> bytes:
        return bytes(range(256)) * 10

    @query("BROKen?")
    def broken(self) -> float:
        return 1 / 0

    @command("*TRG")
    def take_trigger(self) -> None:
        self.voltage = 30.0
