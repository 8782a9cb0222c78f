"""The settings of a serial line: what may be asked for, and how it is set on the open port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from pyvisa.constants import ControlFlow, Parity, ResourceAttribute, StopBits

from luthier_visa.options import choice, positive_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyvisa.resources import MessageBasedResource

__all__ = ["SERIAL_OPTIONS", "SerialSettings"]

SERIAL_OPTIONS: Final = ("baud_rate", "data_bits", "parity", "stop_bits", "flow_control")
"""The names of the options, as users write them."""

_DATA_BITS: Final = {5: 5, 6: 6, 7: 7, 8: 8}
_PARITIES: Final = {parity.name: parity for parity in Parity}
_STOP_BITS: Final = {1: StopBits.one, 1.5: StopBits.one_and_a_half, 2: StopBits.two}
_FLOW_CONTROLS: Final = {
    "none": ControlFlow.none,
    "xon_xoff": ControlFlow.xon_xoff,
    "rts_cts": ControlFlow.rts_cts,
    "dtr_dsr": ControlFlow.dtr_dsr,
}


@attrs.frozen
class SerialSettings:
    """What the user asked for; ``None`` leaves a setting as it is when the port is opened (9600 baud, 8N1).

    Only what was asked for is set: a pseudo-terminal refuses any change of parity or data bits.
    """

    baud_rate: int | None = None
    data_bits: int | None = None
    parity: Parity | None = None
    stop_bits: StopBits | None = None
    flow_control: ControlFlow | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object], who: str) -> SerialSettings:
        """Read the settings from `options`; raise :class:`~luthier.errors.ValidationError`."""
        return cls(
            baud_rate=positive_whole(options, "baud_rate", who),
            data_bits=choice(options, "data_bits", _DATA_BITS, who),
            parity=choice(options, "parity", _PARITIES, who),
            stop_bits=choice(options, "stop_bits", _STOP_BITS, who),
            flow_control=choice(options, "flow_control", _FLOW_CONTROLS, who),
        )

    def apply(self, resource: MessageBasedResource) -> None:
        """Set them on an open port.

        Raises
        ------
        SettingError
            The port refused a setting; the others are left unset.
        """
        for name, attribute, value in (
            ("baud_rate", ResourceAttribute.asrl_baud_rate, self.baud_rate),
            ("data_bits", ResourceAttribute.asrl_data_bits, self.data_bits),
            ("parity", ResourceAttribute.asrl_parity, self.parity),
            ("stop_bits", ResourceAttribute.asrl_stop_bits, self.stop_bits),
            ("flow_control", ResourceAttribute.asrl_flow_control, self.flow_control),
        ):
            if value is not None:
                try:
                    resource.set_visa_attribute(attribute, value)
                except Exception as error:
                    raise SettingError(name, value) from error


class SettingError(Exception):
    """A port refused a setting; the cause is chained.

    Parameters
    ----------
    name
        The option's name.
    value
        What was to be set.
    """

    def __init__(self, name: str, value: object) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = getattr(value, "name", value)
