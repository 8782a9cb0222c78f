"""The vacuum gauge controller 937B, and the vacuum system controller 946, which lets gas in too.

Of the manuals the pages about frames (937B, p. 86), channel power (937B, pp. 46 and 77), relays (937B, p. 40), recipes,
system commands and error codes (946, pp. 102 to 105) were at hand. Readings, their words and the relays' commands are
as known from drivers of other projects, one of which quotes the manual; those of flow controllers as known from
pyLabSpec and ELITPCdcs, which agree (FR also from Blackchirp). That the mode "preset" exists is known from one of them.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, ChannelList, parameter
from luthier.errors import UsageError
from luthier.validators import Enum, Ints, Numbers

from luthier_mks.gauges import CHANNELS, Gauge, Relay
from luthier_mks.messages import PASCALS, MksController

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FlowController", "Mks937b", "Mks946"]

_MODES: Final = {
    "closed": "CLOSE",
    "open": "OPEN",
    "setpoint": "SETPOINT",
    "pressure control": "PCTRL",
    "ratio": "RATIO",
    "preset": "PRESET",
}
_RELAYS: Final = 12


class Mks937b(MksController):
    """MKS 937B: reads up to six vacuum gauges, and switches relays by their pressures.

    Interfaces: RS-232 and RS-485 (9600 baud, 8 data bits, no parity from the factory). Messages and replies end in
    ``;FF``.

    Of the manual some pages were at hand; the rest is as known from drivers of other projects that quote it. Verified
    with the simulator and with scripted messages; not yet with hardware. Calibration, combined gauges, analog outputs,
    degassing, control and protection setpoints are left out, and setpoints of relays can only be read.

    Opening it sends nothing.

    Parameters
    ----------
    gauges
        Numbers of the channels that have gauges: 1 to 6 for A1, A2, B1, B2, C1, C2.
    unit_address
        Its address, 1 to 253; from the factory 253.

    Raises
    ------
    UsageError
        Other numbers; nothing was opened.

    >>> import luthier
    >>> with luthier.open("mks.937b", "sim://", name="vacuum", gauges=(1, 2)) as vacuum:
    ...     vacuum.gauge1.kind(), vacuum.gauge1.state(), round(vacuum.gauge2.pressure(), 3)
    ('CC', 'off', 0.12)
    """

    simulator = "mks.937b"

    display_unit = parameter(
        str,
        get_cmd=lambda controller: controller.read_unit(),
        set_cmd=lambda controller, unit: controller.put_unit(unit),
        validator=Enum(*PASCALS),
        doc="Unit of pressures on the display and in messages; readings here are in pascals all the same (U).",
    )
    panel_locked = parameter(
        bool,
        get_cmd=lambda controller: controller.ask_word("LOCK", "ON", "OFF") == "ON",
        set_cmd=lambda controller, on: controller.put("LOCK", "ON" if on else "OFF"),
        doc="Whether the keys of the front panel are locked (LOCK).",
    )
    modules = parameter(
        str,
        get_cmd=lambda controller: controller.ask("MT"),
        doc="Modules in the slots A, B and C, and the option, such as CC,PR,CM,NA (MT).",
    )

    def __init__(
        self, name: str, address: str | None = None, *, gauges: Iterable[int] = range(1, 7), **options: Any
    ) -> None:
        numbers = checked_channels(name, "gauges", gauges)
        super().__init__(name, address, **options)
        self.gauges = ChannelList(self, "gauges", [Gauge(self, f"gauge{number}", number) for number in numbers])
        self.relays = ChannelList(
            self, "relays", [Relay(self, f"relay{number}", number) for number in range(1, _RELAYS + 1)]
        )


def _flow(command: str) -> Any:
    return lambda flow: flow.controller.ask_number(f"{command}{flow.number}")


def _set_setpoint(flow: FlowController, value: float) -> None:
    flow.controller.put(f"QSP{flow.number}", f"{value:.2E}")


def _read_mode(flow: FlowController) -> str:
    word = flow.controller.ask_word(f"QMD{flow.number}", *_MODES.values())
    return next(name for name, each in _MODES.items() if each == word)


class FlowController(Channel):
    """One mass flow controller, at one of the channels A1 to C2."""

    flow = parameter(
        float,
        get_cmd=_flow("FR"),
        unit="mL/min",
        snapshot=False,
        doc="Flow, in sccm: millilitres per minute at standard conditions (FR).",
    )
    flow_setpoint = parameter(
        float,
        get_cmd=_flow("QSP"),
        set_cmd=_set_setpoint,
        unit="mL/min",
        validator=Numbers(0, inf),
        maximum=lambda flow: flow.controller.largest_flow,
        snapshot=False,
        doc="Flow that is aimed at in the mode setpoint, in sccm. The controller takes three digits: 12.345 becomes "
        "12.3 (QSP).",
    )
    mode = parameter(
        str,
        get_cmd=_read_mode,
        set_cmd=lambda flow, mode: flow.controller.put(f"QMD{flow.number}", _MODES[mode]),
        validator=Enum("closed", "open", "setpoint"),
        snapshot=False,
        doc='What its valve does: "closed", "open", or "setpoint": it keeps the flow at flow_setpoint. Read also what '
        'else moves it, "pressure control", "ratio" and "preset" (QMD).',
    )
    full_scale = parameter(float, get_cmd=_flow("RNG"), unit="mL/min", snapshot=False, doc="Its nominal range (RNG).")
    scale_factor = parameter(
        float, get_cmd=_flow("QSF"), unit="", snapshot=False, doc="Factor of the gas, by which flows are scaled (QSF)."
    )

    def __init__(self, controller: Mks946, name: str, number: int) -> None:
        self.controller = controller
        self.number = number
        super().__init__(controller, name)
        self.add_function("zero", self._zero, doc="Take the flow that there is for zero; only where none flows (QZ).")

    def _zero(self) -> None:
        self.controller.put(f"QZ{self.number}")


class Mks946(Mks937b):
    """MKS 946: reads vacuum gauges, and sets mass flow controllers; as the 937B for gauges and relays.

    Setting ``flow_setpoint`` opens nothing; the mode "setpoint" does. :meth:`make_safe` ends the control of pressure,
    and closes all flow controllers.

    Recipes are chosen, not written; valves and ratios are left out, and so is what is left out for the 937B.

    Parameters
    ----------
    gauges, controllers
        Numbers of the channels that have gauges and flow controllers: 1 to 6 for A1, A2, B1, B2, C1, C2.
    unit_address
        Its address, 1 to 253; from the factory 253.
    largest_flow
        In mL/min; a larger setpoint is refused before it is sent. By default only the controller refuses.

    Raises
    ------
    UsageError
        Other numbers, or one for both; nothing was opened.

    >>> import luthier
    >>> with luthier.open("mks.946", "sim://", name="gas", gauges=(1, 2), controllers=(3, 4)) as gas:
    ...     gas.flow3.flow_setpoint(50)
    ...     gas.flow3.mode("setpoint")
    ...     gas.flow3.flow(), gas.gauge2.state()
    (50.0, 'ok')
    """

    simulator = "mks.946"

    pressure_control = parameter(
        bool,
        get_cmd=lambda controller: controller.ask_word("PID", "ON", "OFF") == "ON",
        set_cmd=lambda controller, on: controller.put("PID", "ON" if on else "OFF"),
        snapshot=False,
        doc="Whether the recipe controls a pressure by flows or a valve; gas flows then (PID, p. 102).",
    )
    recipe = parameter(
        int,
        get_cmd=lambda controller: int(controller.ask_word("RCP", *"12345678")),
        set_cmd=lambda controller, number: controller.put("RCP", str(number)),
        unit="",
        validator=Ints(1, 8),
        snapshot=False,
        doc="Recipe that pressure_control follows; not changed while it is on (RCP, p. 102).",
    )
    ratio_recipe = parameter(
        int,
        get_cmd=lambda controller: int(controller.ask_word("RRCP", *"1234")),
        set_cmd=lambda controller, number: controller.put("RRCP", str(number)),
        unit="",
        validator=Ints(1, 4),
        snapshot=False,
        doc="Recipe for the ratio of flows (RRCP, p. 102).",
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        gauges: Iterable[int] = (1, 2),
        controllers: Iterable[int] = (3, 4),
        largest_flow: float | None = None,
        **options: Any,
    ) -> None:
        numbers, taken = checked_channels(name, "controllers", controllers), tuple(gauges)
        if set(numbers) & set(taken):
            raise UsageError(
                f"gauges={taken!r} and controllers={numbers!r}: allowed is each channel once",
                who=name,
                state="Nothing was opened.",
            )
        super().__init__(name, address, gauges=taken, **options)
        self.largest_flow = largest_flow
        self.controllers = ChannelList(
            self, "controllers", [FlowController(self, f"flow{number}", number) for number in numbers]
        )

    def make_safe(self) -> None:
        """End the control of pressure, and close all flow controllers; gauges and relays stay as they are."""
        with self.monitor:
            if self.pressure_control():
                self.pressure_control(False)
            for controller in self.controllers:
                controller.mode("closed")


def checked_channels(name: str, option: str, numbers: Iterable[int]) -> tuple[int, ...]:
    """Return numbers of channels; raises :class:`~luthier.errors.UsageError` for others than 1 to 6, each once."""
    checked = tuple(numbers)
    if not set(checked) <= set(range(1, len(CHANNELS) + 1)) or len(set(checked)) != len(checked) or not checked:
        raise UsageError(
            f"{option}={checked!r}: allowed are 1 to {len(CHANNELS)}, each once",
            who=name,
            state="Nothing was opened.",
        )
    return checked
