"""A simulated SIM900 mainframe with a SIM928 isolated voltage source in each of its eight slots.

Like the instruments: connecting to a slot and letting it go (``CONN``), handing messages on (``SNDT``); of the SIM928
voltage, output, batteries, and the event status register.

Unlike them: batteries do not run down; ports have no baud rates and no buffers that overflow; answers end with a line
feed alone.
"""

from __future__ import annotations

from luthier_sim import Boolean, Integer, Text, command, query, setting

from luthier_stanford_research.simulated.srs_device import SrsDevice

__all__ = ["SimulatedSim900", "SimulatedSim928"]


class SimulatedSim928(SrsDevice):
    """A SIM928."""

    identity = "Stanford_Research_Systems,SIM928,s/n003173,ver2.2"

    voltage = setting("VOLT", 0.0, minimum=-20.0, maximum=20.0, resolution=0.001, form="{:+.3f}")

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.output = False
        self.batteries = [1, 3]

    def at_terminals(self) -> float:
        """Return the voltage at the terminals."""
        return self.voltage if self.output else 0.0

    @command("OPON")
    def switch_on_output(self) -> None:
        """Switch the output on."""
        self.output = True

    @command("OPOF")
    def switch_off_output(self) -> None:
        """Switch the output off."""
        self.output = False

    @command("EXON", Boolean())
    def set_output(self, on: bool) -> None:
        """Switch the output."""
        self.output = on

    @query("EXON?")
    def ask_output(self) -> bool:
        """Answer whether the output is on."""
        return self.output

    @query("BATS?")
    def ask_batteries(self) -> str:
        """Answer the states of the batteries, and whether service is needed."""
        return "{},{},0".format(*self.batteries)

    @command("BCOR")
    def swap(self) -> None:
        """Take the other battery into use."""
        self.batteries.reverse()


class SimulatedSim900(SrsDevice):
    """A SIM900 with eight SIM928.

    Attributes
    ----------
    modules
        The modules by slot; one may be taken out.
    """

    identity = "Stanford_Research_Systems,SIM900,s/n150264,ver3.6"

    def switch_on(self) -> None:
        """Switch the modules on too."""
        self.modules = {slot: SimulatedSim928(f"{self.label}/{slot}", clock=self.clock) for slot in range(1, 9)}
        self._slot = 0
        self._escape = ""
        super().switch_on()

    def respond(self, message: bytes) -> bytes | None:
        """Carry out a message, or hand it on to the module that is connected."""
        if not self._slot:
            return super().respond(message)
        if message.decode("latin-1").strip() == self._escape:
            self._slot = 0
            return None
        module = self.modules.get(self._slot)
        return module.respond(message) if module else None

    @command("CONN", Integer(1, 8), Text(longest=32))
    def connect(self, slot: int, escape: str) -> None:
        """Hand on what comes to a slot, until the escape string."""
        self._slot, self._escape = slot, escape

    @command("SNDT", Integer(1, 8), Text())
    def send(self, slot: int, text: str) -> None:
        """Hand one message on to a slot; an answer is not kept."""
        module = self.modules.get(slot)
        if module:
            module.respond(text.encode("latin-1"))
