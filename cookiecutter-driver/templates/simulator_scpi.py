"""A simulated {{ cookiecutter.model_text }}, which the driver meets at ``sim://``."""

from __future__ import annotations

from luthier_sim import ScpiDevice, query, setting

__all__ = ["Simulated{{ cookiecutter.class_name }}"]


class Simulated{{ cookiecutter.class_name }}(ScpiDevice):
    """A {{ cookiecutter.model_text }} with a resistor at its output.

    Errors, status and common commands are those of the standards. The current does not stop at its limit.
    """

    identity = "{{ cookiecutter.identity_vendor }},{{ cookiecutter.identity_model }},0042,1.0"

    level = setting("[SOURce:]VOLTage[:LEVel]", 0.0, minimum=-10, maximum=10, unit="V")
    limit = setting("[SOURce:]CURRent:LIMit", 0.1, minimum=0.001, maximum=0.1, unit="A")
    output = setting("OUTPut[:STATe]", False)
    averages = setting("[SENSe:]AVERage:COUNt", 1, minimum=1, maximum=100)
    speed = setting("[SENSe:]SPEed", "SLOW", choices=("SLOW", "FAST"))

    load = 1000.0  # ohms, at the output

    @query("MEASure:CURRent?", form="{:.6g}")
    def current(self) -> float:
        """Return what flows through the load, in A."""
        return self.level / self.load if self.output else 0.0

    @query("MEASure:TEMPerature?", form="{:.3f}")
    def temperature(self) -> float:
        """Return about 300 K, with noise."""
        deviation = 0.01 if self.speed == "SLOW" else 0.1
        return 300.0 + self.noise(deviation / self.averages**0.5)
