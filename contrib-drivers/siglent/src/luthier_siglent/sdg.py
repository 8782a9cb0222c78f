"""The Siglent SDG1000X and SDG2000X function generators.

Pages: SDG Series Programming Guide, PG02-E05B. Its commands are known from projects that cite it page by page; the
guide itself was not at hand.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError

from luthier_siglent.sdg_modes import ModeOutput
from luthier_siglent.sdg_waves import reply_field

__all__ = ["GeneratorOutput", "Sdg"]

FASTEST = {"SDG1032X": 30e6, "SDG1062X": 60e6, "SDG2042X": 40e6, "SDG2082X": 80e6, "SDG2122X": 120e6}


class GeneratorOutput(ModeOutput):
    """One output; a snapshot is restored in the order of declaration, the output last."""

    output = parameter(
        bool,
        get_cmd="C{number}:OUTP?",
        set_cmd="C{number}:OUTP {}",
        mapping={True: "ON", False: "OFF"},
        get_parser=reply_field("STATE"),
        doc="Whether the signal is at the output (OUTPut, page 27).",
    )

    def __init__(self, parent: Sdg, number: int, fastest: float) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.fastest = fastest
        for name, header, setting in (("burst", "BTWV", "burst_source"), ("sweep", "SWWV", "sweep_source")):
            self.add_function(
                f"trigger_{name}",
                f"C{number}:{header} MTRIG",
                doc=f"Begin a {name}; {setting} has to be manual ({header} MTRIG).",
            )

    def make_safe(self) -> None:
        """Switch the output off; its settings stay."""
        self.output(False)


class Sdg(ScpiInstrument):
    """Siglent SDG1032X, SDG1062X, SDG2042X, SDG2082X, SDG2122X: function generators of two outputs.

    Manual: SDG Series Programming Guide, PG02-E05B, as other projects cite it.

    Interfaces: USB and LAN (VXI-11, and with the SDG2000X a socket on port 5025); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because the highest frequency depends on the model, and changes nothing. Outputs are
    ``ch1`` and ``ch2``, or ``outputs[0]``. :meth:`make_safe` switches both off. The guide knows of no error queue: what
    the instrument does not take it ignores, so that limits which it has beyond those of the driver show only when a
    setting is read again. A mode (``modulation``, ``sweep``, ``burst``) is switched on before its settings are set;
    setting a waveform ends it. A sweep and a burst stay off while the samples of an arbitrary waveform have a clock of
    their own (TrueArb).

    Raises
    ------
    IdentityError
        A model that the driver does not know answers.

    >>> import luthier
    >>> with luthier.open("siglent.sdg", "sim://", name="fg") as fg:
    ...     fg.ch1.load(50)
    ...     fg.ch1.frequency(1e3)
    ...     fg.ch1.amplitude(0.5)
    ...     fg.ch1.output(True)
    ...     fg.ch1.amplitude()
    0.5
    """

    simulator = "siglent.sdg"
    error_policy = "never"
    fastest: ClassVar[dict[str, float]] = FASTEST

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        fastest = self.fastest.get(self.idn.model.upper())
        if fastest is None:
            expected = ", ".join(self.fastest)
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: one of {expected}",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address, or open it with the driver for that model.",
                sent="no",
                expected=expected,
                identity=str(self.idn),
            )
        self.ch1, self.ch2 = (GeneratorOutput(self, number, fastest) for number in (1, 2))
        self.outputs = ChannelList(self, "outputs", (self.ch1, self.ch2))

    def make_safe(self) -> None:
        """Switch both outputs off; where one fails, the other is switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for output in self.outputs:
            try:
                output.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other output has to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} of 2 outputs may still be on", failures)
