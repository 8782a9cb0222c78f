"""The Rohde & Schwarz NGP800, HMP and HMC804x power supplies.

Their commands work on the output that was selected last, so that the driver selects an output before each message. The
manuals were not at hand: commands of the NGP800 as known from the maker's package RsNgx 3.1.0.49, which quotes its
manual (NGP800 Series User Manual, 5601.5610.02); those of the HMC804x from drivers of other projects, of which one has
the texts of its SCPI Programmers Manual; those of the HMP from drivers of other projects.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError

from luthier_rohde_schwarz.supply_outputs import HmcOutput, HmpOutput, LimitedOutput, NgpOutput

__all__ = ["Hmc804x", "Hmp", "Ngp800", "Supply"]


class Supply(ScpiInstrument):
    """What these supplies have in common; open one of the series.

    Interfaces: USB and LAN (VXI-11, and a socket on port 5025); replies end with a line feed.

    Verified with the simulators and with scripted messages; not yet with hardware, and without the manuals.

    Opening one asks who it is, because models differ in the number of outputs, and changes nothing. Outputs are ``ch1``
    and so on, or ``outputs[0]``, and together ``outputs.voltage.get()``. Whatever reads or sets one of an output also
    selects it, as its key on the front panel does. :meth:`make_safe` switches all outputs off.

    Raises
    ------
    IdentityError
        A model that the driver does not know answers.
    """

    channel_counts: ClassVar[dict[str, int]]
    """How many outputs there are, by model."""
    output_class: ClassVar[type[LimitedOutput]]
    switch: ClassVar[str]
    """The command for all outputs together."""

    outputs_enabled = parameter(
        bool,
        get_cmd="{switch}?",
        set_cmd="{switch} {}",
        doc="The switch for all outputs together: those that are selected (HMC804x: those that are on) come on with it "
        "(OUTPut:GENeral; HMC804x: OUTPut:MASTer).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model.upper()
        if model not in self.channel_counts:
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: one of {', '.join(self.channel_counts)}",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address, or open it with the driver for that model.",
                sent="no",
                expected=", ".join(self.channel_counts),
                identity=str(self.idn),
            )
        channels = [self.output_class(self, number + 1) for number in range(self.channel_counts[model])]
        self.outputs = ChannelList(self, "outputs", channels)

    def make_safe(self) -> None:
        """Switch all outputs off together, and then each of them; where one fails, the others are tried all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for switch in (self.outputs_enabled, *(output["output"] for output in self.outputs)):
            try:
                switch.set(False)
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: outputs may still be on", failures)


class Ngp800(Supply):
    """Rohde & Schwarz NGP802, NGP804, NGP814, NGP822, NGP824: two or four outputs of up to 32 V, 20 A or 64 V, 10 A.

    See :class:`Supply`.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.ngp800", "sim://", name="psu") as psu:
    ...     psu.ch3.current_limit(0.5)
    ...     psu.ch3.voltage(12)
    ...     psu.ch3.output(True)
    ...     psu.ch3.measured_voltage(), psu.outputs.output.get()
    (12.0, (False, False, True, False))
    """

    simulator = "rohde_schwarz.ngp800"
    channel_counts: ClassVar[dict[str, int]] = {"NGP802": 2, "NGP804": 4, "NGP814": 4, "NGP822": 2, "NGP824": 4}
    output_class = NgpOutput
    switch = "OUTP:GEN"


class Hmp(Supply):
    """Rohde & Schwarz (HAMEG) HMP2020, HMP2030, HMP4030, HMP4040: two to four outputs of up to 32 V.

    See :class:`Supply`.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.hmp", "sim://", name="psu") as psu:
    ...     psu.ch1.voltage(5)
    ...     psu.ch1.output(True)
    ...     psu.ch1.measured_current()
    0.05
    """

    simulator = "rohde_schwarz.hmp"
    channel_counts: ClassVar[dict[str, int]] = {"HMP2020": 2, "HMP2030": 3, "HMP4030": 3, "HMP4040": 4}
    output_class = HmpOutput
    switch = "OUTP:GEN"


class Hmc804x(Supply):
    """Rohde & Schwarz HMC8041, HMC8042, HMC8043: one to three outputs of up to 32 V.

    See :class:`Supply`. An output puts out its voltage while its ``output`` and ``outputs_enabled`` are both on.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.hmc804x", "sim://", name="psu") as psu:
    ...     psu.ch1.voltage(5)
    ...     psu.ch1.output(True)
    ...     psu.outputs_enabled(True)
    ...     psu.ch1.measured_power()
    0.25
    """

    simulator = "rohde_schwarz.hmc804x"
    channel_counts: ClassVar[dict[str, int]] = {"HMC8041": 1, "HMC8042": 2, "HMC8043": 3}
    output_class = HmcOutput
    switch = "OUTP:MAST"
