"""The Keithley 2600 series, spoken to in TSP.

Commands: Series 2600B System SourceMeter Instrument Reference Manual, 2600BS-901-01 Rev. C, August 2016, and Rev. F,
August 2021, of which only parts were at hand (limits: Rev. F, page 9-244; 101 % for sourcing and 102 % for measuring:
Rev. F, page 2-44; output-off states: Rev. C, pages 2-68 and 2-77, and the User's Manual, page 4-34). The others, and
the tables of models and ranges, as QCoDeS 0.58, PyMeasure 0.16 and, for filters, smaller projects have them, and the
ranges of the first four models as in table 6-1 of the Series 2600 Reference Manual, 2600S-901-01 Rev. A. What an
overflow is answered as is not confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError

from luthier_keithley.smu2600_models import MODELS

if TYPE_CHECKING:
    from luthier_keithley.smu2600_models import Model

__all__ = ["Smu2600"]


def _model(text: str) -> Model | None:
    number = text.upper().removeprefix("MODEL ").strip()
    return MODELS.get(number[:4])


class Smu2600(ScpiInstrument):
    """Keithley 2601 to 2636 (A and B): source-measure units of one or two channels.

    Manual: Series 2600B System SourceMeter Instrument Reference Manual, 2600BS-901-01 Rev. C, August 2016, and
    Rev. F, August 2021, of which only parts were at hand.

    Interfaces: GPIB (address 26 from the factory), LAN (VXI-11, or a socket on port 5025), and USB or RS-232 by model;
    replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because channels and limits depend on the model, and changes nothing: outputs stay as
    they are. Channels are ``smua`` and perhaps ``smub``, or ``outputs[0]``. :meth:`make_safe` switches all outputs off.
    Numbers are answered with six digits, as the instrument does from the factory. Scripts, buffers, sweeps and pulses
    are left out.

    Raises
    ------
    IdentityError
        Another instrument answers.

    >>> import luthier
    >>> with luthier.open("keithley.2600", "sim://", name="smu") as smu:
    ...     smu.smua.current_limit(0.01)
    ...     smu.smua.voltage(1.5)
    ...     smu.smua.output(True)
    ...     smu.smua.measured_current()
    0.0015
    """

    simulator = "keithley.2600"
    error_query = 'local c,t=errorqueue.next() print(c..","..t)'

    line_frequency = parameter(
        float, get_cmd="print(localnode.linefreq)", unit="Hz", doc="Frequency of the mains (localnode.linefreq)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = _model(self.idn.model)
        if model is None:
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: a model from 2601 to 2636",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address.",
                sent="no",
                expected="one of " + ", ".join(MODELS),
                identity=str(self.idn),
            )
        self.smua = model.kind(self, "a")
        channels = [self.smua]
        if "b" in model.letters:
            self.smub = model.kind(self, "b")
            channels.append(self.smub)
        self.outputs = ChannelList(self, "outputs", channels)

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the other is switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for channel in self.outputs:
            try:
                channel.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other output has to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} outputs may still be on", failures)
