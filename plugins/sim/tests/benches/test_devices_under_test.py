"""What devices under test answer: known values, limits of their equations, and arrays as one value after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from luthier import plugins
from luthier.errors import ValidationError
from luthier_sim import DeviceUnderTest, duts
from luthier_sim.duts import Cryostat, Diode, DoubleDot, Magnet, Mosfet, RcFilter, Resistor, Resonator, Transmon
from luthier_sim.duts.constants import BOLTZMANN, ELEMENTARY_CHARGE

SPANS: dict[str, dict[str, tuple[float, float]]] = {
    "Resistor": {"voltage": (-5, 5)},
    "Diode": {"voltage": (-5, 5), "temperature": (4, 400)},
    "Mosfet": {"gate": (-1, 3), "drain": (-2, 2), "temperature": (50, 400)},
    "Resonator": {"frequency": (4.999e9, 5.001e9), "power": (-160, -20), "temperature": (0.01, 1)},
    "DoubleDot": {"left": (-0.1, 0.3), "right": (-0.1, 0.3), "bias": (-1e-3, 1e-3), "sensor_bias": (-1e-3, 1e-3)},
    "Transmon": {"probe_frequency": (6.99e9, 7.01e9), "drive_frequency": (1e9, 6e9), "drive_power": (-90, 0)},
}


def answer(dut: Any, now: float = 0.0, **given: Any) -> Any:
    """Ask a device with everything else as it is where nothing is connected."""
    return dut.respond({**{name: node.otherwise for name, node in dut.nodes.items()}, **given}, now)


@pytest.mark.parametrize("name", SPANS)
def test_an_array_is_answered_like_its_values_one_by_one(name: str) -> None:
    dut = getattr(duts, name)()
    random = np.random.default_rng(1)
    given: dict[str, Any] = {node: random.uniform(*span, 40) for node, span in SPANS[name].items()}
    together = answer(dut, **given)
    for place in range(40):
        alone = answer(dut, **{node: float(values[place]) for node, values in given.items()})
        for output in dut.outputs:
            assert np.isfinite(together[output][place])
            np.testing.assert_allclose(together[output][place], alone[output], rtol=1e-9, atol=1e-30)


@pytest.mark.parametrize("name", plugins.registry("duts").names())
def test_every_one_that_ships_is_found_by_its_id_and_answers_all_that_it_declares(name: str) -> None:
    kind: Any = plugins.registry("duts").load(name)
    dut = kind()
    assert isinstance(dut, DeviceUnderTest)
    assert set(answer(dut)) == set(dut.outputs)
    assert "Attributes" in kind.__doc__
    assert "::" in kind.__doc__ or "``" in kind.__doc__  # its equations


def test_a_diode_keeps_shockley_with_its_series_resistance() -> None:
    diode = Diode(saturation_current=1e-9, ideality=1.2, series_resistance=10.0)
    voltage = np.linspace(-1, 3, 101)
    current = answer(diode, voltage=voltage)["current"]
    thermal = 1.2 * BOLTZMANN * 300 / ELEMENTARY_CHARGE
    np.testing.assert_allclose(current, 1e-9 * np.expm1((voltage - 10.0 * current) / thermal), rtol=1e-8, atol=1e-18)


def test_a_mosfet_is_a_square_law_far_above_and_exponential_far_below_threshold() -> None:
    fet = Mosfet(threshold=0.5, gain=1e-3, slope=1.3, modulation=0.0)
    saturated = answer(fet, gate=2.5, drain=5.0)["current"]
    assert saturated == pytest.approx(1e-3 / (2 * 1.3) * 2.0**2, rel=1e-3)
    low, lower = (answer(fet, gate=gate, drain=1.0)["current"] for gate in (0.1, 0.0))
    swing = 0.1 / np.log10(low / lower)
    assert swing == pytest.approx(1.3 * np.log(10) * BOLTZMANN * 300 / ELEMENTARY_CHARGE, rel=1e-2)
    assert answer(fet, gate=2.0)["current"] == 0.0


def test_a_filter_charges_exponentially_and_does_not_care_how_often_it_is_looked_at() -> None:
    rarely, often = RcFilter(resistance=1e3, capacitance=1e-3), RcFilter(resistance=1e3, capacitance=1e-3)
    for filter_ in (rarely, often):
        answer(filter_, 0.0, input=1.0)
    for step in range(1, 200):
        answer(often, step / 100, input=1.0)
    seen = [answer(filter_, 2.0, input=1.0)["output"] for filter_ in (rarely, often)]
    assert seen == pytest.approx([1 - np.exp(-2.0)] * 2)


def test_a_resonator_has_its_depth_and_width_and_gets_broader_with_power() -> None:
    resonator = Resonator(two_level_loss=0.0, broadening_photons=1e6)
    frequency = np.linspace(4.997e9, 5.003e9, 6001)

    def width(power: float) -> float:
        absorbed = 1.0 - np.abs(answer(resonator, frequency=frequency, power=power)["s21"]) ** 2
        above = frequency[absorbed > absorbed.max() / 2]
        return float(above[-1] - above[0])

    loaded = 1 / (1 / resonator.coupling + 1 / resonator.internal)
    dip = answer(resonator, frequency=5e9, power=-160.0)["s21"]
    assert dip == pytest.approx(1 - loaded / resonator.coupling, rel=1e-6)
    assert width(-160.0) == pytest.approx(5e9 / loaded, rel=0.02)
    assert width(-50.0) > 1.3 * width(-160.0)
    saturable = Resonator(two_level_loss=1e-4)
    assert abs(answer(saturable, power=-100.0)["s21"]) < abs(answer(saturable, power=-170.0)["s21"])


def test_a_double_dot_fills_electron_by_electron_and_its_lines_go_where_its_lever_arms_say() -> None:
    dot = DoubleDot()
    gates = np.linspace(-0.3, 0.4, 141)
    left, right = np.meshgrid(gates, gates, indexing="ij")
    charges = answer(dot, left=left, right=right, temperature=0.1)
    for name in ("left_charge", "right_charge"):
        whole = np.round(charges[name])
        assert np.mean(np.abs(charges[name] - whole) < 0.01) > 0.95
        assert whole.min() == 0
    # Along a line on which the level of the left dot stays, its charge stays half-way, as long as the right dot's does.
    arms = dot.lever_arms
    scan = np.linspace(0.0, 0.05, 5001)
    half = scan[np.argmin(np.abs(answer(dot, left=scan)["left_charge"] - 0.5))]
    along = np.linspace(0.0, 0.005, 9)
    stays = answer(dot, left=half - along * arms[0, 1] / arms[0, 0], right=along)["left_charge"]
    across = answer(dot, left=half + np.array([-0.01, 0.01]))["left_charge"]
    assert np.ptp(stays) < 0.1
    assert np.ptp(across) > 0.8


def test_a_double_dot_conducts_where_three_charges_meet_and_nowhere_else() -> None:
    dot = DoubleDot()
    gates = np.linspace(0.0, 0.2, 81)
    left, right = np.meshgrid(gates, gates, indexing="ij")
    current = answer(dot, left=left, right=right, bias=1e-3)["current"]
    assert 0.5 * 1e-9 < current.max() <= 1e-9
    assert np.mean(current > 0.1 * current.max()) < 0.05
    assert not answer(dot, left=left, right=right)["current"].any()


def test_a_transmon_is_seen_at_its_transition_and_its_line_gets_broader_with_power() -> None:
    qubit = Transmon()
    frequency = np.linspace(4.9e9, 5.5e9, 60001)

    def line(power: float, flux: float = 0.0) -> tuple[float, float, float]:
        excited = answer(qubit, drive_frequency=frequency, drive_power=power, flux=flux)["excitation"]
        above = frequency[excited > excited.max() / 2]
        return float(frequency[np.argmax(excited)]), float(above[-1] - above[0]), float(excited.max())

    centre, narrow, low = line(-100.0)
    assert centre == pytest.approx(np.sqrt(8 * 15e9 * 0.25e9) - 0.25e9, abs=2e4)
    _, broad, high = line(-60.0)
    assert broad > 5 * narrow
    assert low < high <= 0.5
    assert line(-100.0, flux=0.1)[0] < centre - 50e6


def test_a_cryostat_warms_with_its_time_constant_and_the_thermometer_lags() -> None:
    cryostat = Cryostat(base=4.0, conductance=0.1, capacity=1.0, lag=2.0)
    answer(cryostat, 0.0, heater=0.5)
    one = answer(cryostat, 10.0, heater=0.5)
    assert one["temperature"] == pytest.approx(9.0 - 5.0 * np.exp(-1.0))
    assert 4.0 < one["thermometer"] < one["temperature"]
    late = answer(cryostat, 1e4, heater=0.0)
    assert late["temperature"] == late["thermometer"] == pytest.approx(9.0)
    # The thermometer's equation holds: checked by small steps of Euler's.
    fine = Cryostat(base=4.0, conductance=0.1, capacity=1.0, lag=2.0)
    answer(fine, 0.0, heater=0.5)
    stage = sensor = 4.0
    for _ in range(20_000):
        sensor += 5e-4 * (stage - sensor) / 2.0
        stage += 5e-4 * (0.5 - 0.1 * (stage - 4.0)) / 1.0
    assert answer(fine, 10.0, heater=0.5)["thermometer"] == pytest.approx(sensor, abs=1e-3)


def test_a_magnet_ramps_at_its_rate_and_quenches_over_its_critical_current() -> None:
    magnet = Magnet(inductance=10.0, voltage=5.0, critical_current=100.0, critical_temperature=10.0, decay=2.0)
    answer(magnet, 0.0, current=40.0)
    ramping = answer(magnet, 20.0, current=40.0)
    assert (ramping["current"], ramping["field"], ramping["voltage"]) == pytest.approx((10.0, 1.0, 5.0))
    answer(magnet, 80.0, current=90.0)  # at 40 A
    # At 4.2 K it carries 82.36 A, which it reaches after 84.72 s; from there the current decays.
    critical = 100.0 * (1 - 0.42**2)
    quenched = answer(magnet, 80.0 + (critical - 40.0) / 0.5 + 2.0, current=90.0)
    assert quenched["quenched"] == 1.0
    assert quenched["current"] == pytest.approx(critical * np.exp(-1.0))
    assert answer(magnet, 300.0, current=0.0)["quenched"] == 0.0
    answer(magnet, 300.0, current=10.0)
    assert answer(magnet, 330.0, current=10.0)["current"] == pytest.approx(10.0)
    assert answer(magnet, 331.0, current=10.0, temperature=9.9)["quenched"] == 1.0


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        (Resistor, {"resistance": 0}, "resistance of a Resistor cannot be 0: allowed are finite numbers above 0"),
        (RcFilter, {"capacitance": float("nan")}, "capacitance of a RcFilter cannot be nan"),
        (DoubleDot, {"gate_capacitance": [[1e-18, 1e-18], [1e-18, 1e-18]]}, "that can be inverted"),
        (DoubleDot, {"offset": [0.1]}, "offset of a DoubleDot cannot be (0.1,): allowed are two finite numbers"),
        (DoubleDot, {"sensor_steps": "wide"}, "allowed are two finite numbers"),
        (DoubleDot, {"mutual_capacitance": 30e-18}, "each has to be more than mutual_capacitance, 3e-17 F"),
    ],
)
def test_what_cannot_be_is_refused(kind: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        kind(**options)
    assert said in str(refused.value)
