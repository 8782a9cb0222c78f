"""A simulated Lake Shore 625 with a magnet of 0.1 T/A and a persistent switch.

Like the instrument: it ramps as soon as it is told a current or a field, and stops; limits; the switch takes its time
to warm and to cool, keeps the magnet's current while it is cold, and is not warmed while the currents differ, unless
by force, which quenches the magnet; nothing ramps meanwhile, nor faster than the detection of quenches allows; errors
stay until they are cleared; refused commands as bits of the event status register.

On a bench it drives ``current``, that of the magnet.

Unlike the instrument: segments, the external voltage and persistent ramp rates change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier_lakeshore.simulated.messages import LakeShoreDevice, within

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Simulated625"]

_MAXIMUM: Final = 60.1
_OFF: Final = 0
_ON: Final = 1
_WARMING: Final = 2
_COOLING: Final = 3
_FORCED: Final = 99
_QUENCH: Final = 32
_UNKNOWN: Final = 99.9999
_CLOSE: Final = 0.001
_INDUCTANCE: Final = 5.0  # H
_LEADS: Final = 0.005  # ohm


class Simulated625(LakeShoreDevice):
    """A 625 at 0 A.

    Attributes
    ----------
    current, magnet_current
        Of the supply and of the magnet, in A.
    errors
        Bits of ERST?: hardware, operational, switch.
    """

    identity = "LSCI,MODEL625,6251143,1.1/1.0"
    drives: ClassVar[Mapping[str, str]] = {"current": "A"}

    def switch_on(self) -> None:
        """Switch on, at 0 A; settings are kept."""
        super().switch_on()
        if not hasattr(self, "limits"):
            self.limits = (60.0, 5.0, 1.0)
            self.quench = (1, 1.0)
            self.switch = (1, 50, 10)
            self.persistent_rate = (0, 1.0)
            self.constant = (0, 0.1)
            self.rate = 0.1
            self.compliance = 2.0
            self.segments = self.program = 0
            self.last_switch_current = 0.0
            self.magnet_current = 0.0
        self.current = self.target = 0.0
        self.heater = _OFF if self.switch[0] else _ON
        self.errors = [0, 0, 0]
        self._passed = self._switched = self.clock.now()

    def force_quench(self) -> None:
        """Let the magnet quench: its current and that of the supply are gone."""
        self.pass_time()
        self.errors[1] |= _QUENCH
        self.current = self.target = self.magnet_current = 0.0

    def pass_time(self) -> None:
        """Let the supply ramp and the switch warm or cool until now."""
        seconds, self._passed = self.now - self._passed, self.now
        way, most = self.target - self.current, self.rate * max(0.0, seconds)
        self.current += max(-most, min(most, way))
        if self.heater in {_WARMING, _COOLING} and self.now - self._switched >= self.switch[2]:
            self.heater = _ON if self.heater == _WARMING else _OFF
        if self.heater == _ON:
            self.magnet_current = self.current

    def driven(self, output: str) -> Any:
        """Return the current of the magnet, in A."""
        del output
        self.pass_time()
        return self.magnet_current

    def _factor(self) -> float:
        """Return the field of an ampere in the units of messages: T, or G where the constant is in kG/A."""
        units, constant = self.constant
        return constant * 1000 if units else constant

    def ask_rdgi(self) -> str:
        """Answer the current."""
        self.pass_time()
        return f"{self.current:+.4f}"

    def ask_rdgf(self) -> str:
        """Answer the field that the current gives."""
        self.pass_time()
        return f"{self.current * self._factor():+.4E}"

    def ask_rdgv(self) -> str:
        """Answer the voltage at the terminals."""
        return f"{float(self.ask_rdgrv()) + _LEADS * self.current:+.4f}"

    def ask_rdgrv(self) -> str:
        """Answer the voltage at the magnet."""
        self.pass_time()
        moving = self.heater == _ON and abs(self.target - self.current) > 0
        sign = 1 if self.target > self.current else -1
        return f"{_INDUCTANCE * self.rate * sign if moving else 0.0:+.4f}"

    def ask_seti(self) -> str:
        """Answer the current that it ramps to."""
        self.pass_time()
        return f"{self.target:+.4f}"

    def do_seti(self, current: str) -> None:
        """Ramp to a current."""
        self.pass_time()
        target = within(current, -self.limits[0], self.limits[0])
        steps = self.quench[0] and self.rate > self.quench[1]
        if self.heater in {_WARMING, _COOLING} or steps or self.errors[1] & _QUENCH:
            raise ValueError(current)
        self.target = round(target, 4)

    def ask_setf(self) -> str:
        """Answer the field that it ramps to."""
        return f"{float(self.ask_seti()) * self._factor():+.4E}"

    def do_setf(self, field: str) -> None:
        """Ramp to a field."""
        self.do_seti(repr(within(field, -601e3, 601e3) / self._factor()))

    def do_stop(self) -> None:
        """Stop the ramp."""
        self.pass_time()
        self.target = self.current

    def ask_rate(self) -> str:
        """Answer the rate of the current."""
        return f"{self.rate:.4f}"

    def do_rate(self, rate: str) -> None:
        """Set it."""
        self.pass_time()
        self.rate = round(within(rate, 0.0001, self.limits[2]), 4)

    def ask_limit(self) -> str:
        """Answer the limits."""
        current, voltage, rate = self.limits
        return f"{current:.4f},{voltage:.4f},{rate:.4f}"

    def do_limit(self, current: str, voltage: str, rate: str) -> None:
        """Set them."""
        self.limits = within(current, 0, _MAXIMUM), within(voltage, 0.1, 5), within(rate, 0.0001, 99.999)

    def ask_setv(self) -> str:
        """Answer the compliance voltage."""
        return f"{self.compliance:+.4f}"

    def do_setv(self, voltage: str) -> None:
        """Set it."""
        self.compliance = within(voltage, 0.1, self.limits[1])

    def ask_qnch(self) -> str:
        """Answer the detection of quenches."""
        return f"{self.quench[0]},{self.quench[1]:.4f}"

    def do_qnch(self, on: str, rate: str) -> None:
        """Set it."""
        self.quench = int(within(on, 0, 1)), within(rate, 0.01, 10)

    def ask_flds(self) -> str:
        """Answer the field constant."""
        return f"{self.constant[0]},{self.constant[1]:.4f}"

    def do_flds(self, units: str, constant: str) -> None:
        """Set it."""
        self.constant = int(within(units, 0, 1)), within(constant, 0, 99.9999)

    def ask_pshs(self) -> str:
        """Answer the set-up of the persistent switch."""
        return ",".join(map(str, self.switch))

    def do_pshs(self, installed: str, current: str, delay: str) -> None:
        """Set it; without a switch the magnet follows the supply."""
        self.pass_time()
        self.switch = int(within(installed, 0, 1)), int(within(current, 10, 125)), int(within(delay, 5, 100))
        self.heater = self.heater if self.switch[0] else _ON

    def ask_psh(self) -> str:
        """Answer the state of the heater."""
        self.pass_time()
        return str(self.heater)

    def do_psh(self, mode: str) -> None:
        """Switch the heater."""
        self.pass_time()
        wanted = int(within(mode, 0, _FORCED))
        if wanted not in {_OFF, _ON, _FORCED} or not self.switch[0]:
            raise ValueError(mode)
        if wanted == _OFF:
            if self.heater in {_ON, _WARMING}:
                self.last_switch_current = self.target
                self.heater, self._switched = _COOLING, self.now
            return
        if wanted == _ON and abs(self.target - self.last_switch_current) > _CLOSE:
            raise ValueError(mode)
        if self.heater in {_OFF, _COOLING}:
            if abs(self.current - self.magnet_current) > 1:
                self.force_quench()
            self.heater, self._switched = _WARMING, self.now

    def ask_pshis(self) -> str:
        """Answer the current at which the heater was switched off last."""
        return f"{self.last_switch_current:+.4f}"

    def forget_switch_current(self) -> None:
        """Be as a new instrument, which does not know at what current the heater was switched off."""
        self.last_switch_current = _UNKNOWN

    def ask_ratep(self) -> str:
        """Answer the ramp in persistent mode."""
        return f"{self.persistent_rate[0]},{self.persistent_rate[1]:.4f}"

    def do_ratep(self, on: str, rate: str) -> None:
        """Set it."""
        self.persistent_rate = int(within(on, 0, 1)), within(rate, 0.0001, 99.999)

    def ask_rseg(self) -> str:
        """Answer whether segments are used."""
        return str(self.segments)

    def do_rseg(self, on: str) -> None:
        """Set it."""
        self.segments = int(within(on, 0, 1))

    def ask_xpgm(self) -> str:
        """Answer where the current comes from."""
        return str(self.program)

    def do_xpgm(self, mode: str) -> None:
        """Set it."""
        self.program = int(within(mode, 0, 2))

    def ask_opst(self) -> str:
        """Answer compliance (1), whether the ramp is done (2), and whether the switch is stable (4)."""
        self.pass_time()
        done, stable = self.current == self.target, self.heater in {_OFF, _ON}
        return f"{2 * done + 4 * stable:03d}"

    def ask_erst(self) -> str:
        """Answer the errors."""
        return ",".join(f"{bits:03d}" for bits in self.errors)

    def do_ercl(self) -> None:
        """Clear errors, but those of the hardware."""
        self.errors = [self.errors[0], 0, 0]
