"""A double quantum dot with a charge sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
from luthier.errors import ValidationError

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.constants import BOLTZMANN, ELEMENTARY_CHARGE
from luthier_sim.duts.options import any_number, not_negative, positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["DoubleDot"]

_AROUND = (-1, 0, 1, 2)
"""Charge states that are looked at in each dot, from the one just below the charge that the gates induce."""


_SINGULAR = 1e-9
"""Of the square of the largest element: a determinant below it is none."""


def _numbers(allowed: str, *shape: int) -> Any:
    """Return a check for nested rows of finite numbers."""

    def check(device: object, attribute: attrs.Attribute[Any], value: object) -> None:
        try:
            array = np.asarray(value, dtype=float)
            sound = array.shape == shape and bool(np.all(np.isfinite(array)))
        except (TypeError, ValueError):
            sound = False
        if sound and len(shape) > 1:
            sound = abs(np.linalg.det(array)) > _SINGULAR * np.max(np.abs(array)) ** 2
        if not sound:
            raise ValidationError(
                f"{attribute.name} of a {type(device).__name__} cannot be {value!r}: allowed are {allowed}",
                state="The device was not made.",
                value=value,
                allowed=allowed,
            )

    return check


_MATRIX = _numbers("two rows of two finite numbers that can be inverted", 2, 2)
_TWO = _numbers("two finite numbers", 2)


def _two(default: tuple[float, float]) -> Any:
    return attrs.field(default=default, converter=_pair, validator=_TWO)


def _pair(given: Any) -> Any:
    """Return lists, as files have them, as tuples; anything else as it is."""
    return tuple(map(_pair, given)) if isinstance(given, list | tuple) else given


@attrs.frozen
class DoubleDot:
    """Two quantum dots in a row, each with a gate that also acts on the other, and a charge sensor beside them.

    The constant-interaction model. With N electrons in the dots and the charges ``q = C_g V / e + q_0`` that the gates
    induce, the energy is ::

        U(N) = (1/2) (N - q)ᵀ E (N - q),    E_i = e² / C_i / (1 - C_m² / (C_1 C_2)),
                                            E_m = e² / C_m / (C_1 C_2 / C_m² - 1)

    (W. G. van der Wiel et al., Reviews of Modern Physics 75, 1 (2003), equations 2 to 5). At the temperature T charges
    are occupied with ``p(N) ∝ exp(-U(N) / k T)``, among those with no fewer than 0 electrons.

    The *sensor* is a dot on the flank of a Coulomb peak, G = G_s / cosh²(x), (C. W. J. Beenakker, Physical Review B 44,
    1646 (1991), in the form for strong coupling to one level), whose working point moves with the mean charges and, by
    crosstalk, with the gates::

        x = x_0 - s·<N> + c·V

    The *current* through both dots flows where three charge states meet. Its size is not from a theory of transport but
    a form with the right places and symmetry: the bias times a conductance times 27 times the product of the three
    states' probabilities, which is 1 where they are equal.

    Straight lines: dot i changes its charge where a sum over the gates, ``Σ_j a_ij V_j``, passes a value. These lever
    arms are E C_g / e; :attr:`lever_arms` has it.

    Attributes
    ----------
    gate_capacitance
        C_g, in F: a row for each dot, a column for each gate (left, right).
    capacitance
        C_1 and C_2, all of a dot's, in F.
    mutual_capacitance
        C_m between the dots, in F.
    offset
        q_0: induced charge of both dots with the gates at 0 V, in electrons.
    sensor_conductance
        G_s, in S.
    sensor_point, sensor_steps, sensor_crosstalk
        x_0, s for both dots, and c for both gates, in 1/V.
    conductance
        Of the dots in a row, where three charges meet, in S.
    """

    gate_capacitance: tuple[tuple[float, float], tuple[float, float]] = attrs.field(
        default=((2.0e-18, 0.5e-18), (0.6e-18, 2.2e-18)), converter=_pair, validator=_MATRIX
    )
    capacitance: tuple[float, float] = _two((20e-18, 20e-18))
    mutual_capacitance: float = positive(4e-18)
    offset: tuple[float, float] = _two((0.3, 0.3))
    sensor_conductance: float = positive(2e-5)
    sensor_point: float = any_number(0.8)
    sensor_steps: tuple[float, float] = _two((0.12, 0.08))
    sensor_crosstalk: tuple[float, float] = _two((1.5, 1.2))
    conductance: float = not_negative(1e-6)

    nodes: ClassVar[Mapping[str, Node]] = {
        "left": Node("V"),
        "right": Node("V"),
        "bias": Node("V"),
        "sensor_bias": Node("V"),
        "temperature": Node("K", 1.5),
    }
    outputs: ClassVar[Mapping[str, str]] = {"sensor": "A", "current": "A", "left_charge": "", "right_charge": ""}

    def __attrs_post_init__(self) -> None:
        """Check that the dots' capacitances are more than what is between them."""
        if min(self.capacitance) <= self.mutual_capacitance:
            raise ValidationError(
                f"capacitance of a DoubleDot cannot be {self.capacitance!r}: each has to be more than "
                f"mutual_capacitance, {self.mutual_capacitance!r} F",
                state="The device was not made.",
                value=self.capacitance,
                allowed=f"two numbers above {self.mutual_capacitance!r} F",
            )

    @property
    def charging_energies(self) -> Value:
        """E, in J: a symmetric matrix of 2 by 2."""
        first, second = self.capacitance
        mutual = self.mutual_capacitance
        square = ELEMENTARY_CHARGE**2
        common = square / mutual / (first * second / mutual**2 - 1.0)
        shared = 1.0 - mutual**2 / (first * second)
        return np.array([[square / first / shared, common], [common, square / second / shared]])

    @property
    def lever_arms(self) -> Value:
        """In eV/V: how far each gate (column) moves the levels of each dot (row)."""
        return self.charging_energies @ np.array(self.gate_capacitance) / ELEMENTARY_CHARGE**2

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return currents and mean charges; see :class:`~luthier_sim.DeviceUnderTest`."""
        del now
        gates = np.broadcast_arrays(np.asarray(at["left"], dtype=float), np.asarray(at["right"], dtype=float))
        induced = [
            (row[0] * gates[0] + row[1] * gates[1]) / ELEMENTARY_CHARGE + offset
            for row, offset in zip(self.gate_capacitance, self.offset, strict=True)
        ]
        counts, shares = self._occupied(induced, at["temperature"])
        charges = [np.sum(shares * count, axis=(0, 1)) for count in counts]
        point = self.sensor_point
        for charge, step, gate, crosstalk in zip(charges, self.sensor_steps, gates, self.sensor_crosstalk, strict=True):
            point = point - step * charge + crosstalk * gate
        return {
            "sensor": at["sensor_bias"] * self.sensor_conductance / np.cosh(np.clip(point, -300.0, 300.0)) ** 2,
            "current": at["bias"] * self.conductance * self._meeting(shares),
            "left_charge": charges[0],
            "right_charge": charges[1],
        }

    def _occupied(self, induced: list[Value], temperature: Value) -> tuple[list[Value], Value]:
        """Return the numbers of electrons in both dots, and how likely they are, along the first two axes."""
        around = np.array(_AROUND, dtype=float).reshape(-1, *(1,) * induced[0].ndim)
        first, second = (np.floor(np.maximum(charge, 0.0)) + around for charge in induced)
        counts = [first[:, np.newaxis], second[np.newaxis, :]]
        away = [count - charge for count, charge in zip(counts, induced, strict=True)]
        energy = self.charging_energies
        cost = (
            0.5 * energy[0, 0] * away[0] ** 2 + 0.5 * energy[1, 1] * away[1] ** 2 + energy[0, 1] * away[0] * away[1]
        ) / (BOLTZMANN * np.maximum(temperature, 1e-3))
        cost = np.where((counts[0] < 0) | (counts[1] < 0), np.inf, cost)
        weights = np.exp(np.min(cost, axis=(0, 1)) - cost)
        return counts, weights / np.sum(weights, axis=(0, 1))

    @staticmethod
    def _meeting(shares: Value) -> Value:
        """Return how nearly three charges meet: those around each triple point, for electrons and for holes."""
        here, right, up, both = shares[:-1, :-1], shares[1:, :-1], shares[:-1, 1:], shares[1:, 1:]
        return 27.0 * np.sum(here * right * up + both * right * up, axis=(0, 1))
