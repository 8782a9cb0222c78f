"""A simulated {{ cookiecutter.model_text }}, which the driver meets at ``sim://``."""

from __future__ import annotations

from luthier_sim import LineDevice, answers, held

__all__ = ["Simulated{{ cookiecutter.class_name }}"]


class Simulated{{ cookiecutter.class_name }}(LineDevice):
    """A {{ cookiecutter.model_text }} with a resistor at its output.

    What it does not know, and values beyond its limits, are not answered. The current does not stop at its limit.
    """
{% if cookiecutter.interface == "serial" %}
    terminator = b"\r\n"
{% endif %}
    level = held("LEVEL?", "LEVEL {}", 0.0, minimum=-10, maximum=10)
    limit = held("LIMIT?", "LIMIT {}", 0.1, minimum=0.001, maximum=0.1)
    output = held("OUT?", "OUT {}", False)
    averages = held("AVG?", "AVG {}", 1, minimum=1, maximum=100)
    speed = held("SPEED?", "SPEED {}", 0, minimum=0, maximum=1)

    load = 1000.0  # ohms, at the output

    @answers("*IDN?")
    def identity(self) -> str:
        """Say who it is."""
        return "{{ cookiecutter.identity_vendor }},{{ cookiecutter.identity_model }},0042,1.0"

    @answers("CURRENT?")
    def current(self) -> str:
        """Return what flows through the load, in A."""
        return f"{self.level / self.load if self.output else 0.0:.6g}"

    @answers("TEMP?")
    def temperature(self) -> str:
        """Return about 300 K, with noise."""
        deviation = 0.1 if self.speed else 0.01
        return f"{300.0 + self.noise(deviation / self.averages**0.5):.3f}"
