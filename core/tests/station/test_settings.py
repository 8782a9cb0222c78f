from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import luthier
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luthier import Station
from luthier.errors import ConfigurationError, ConnectionLostError, StationError, UsageError, ValidationError

if TYPE_CHECKING:
    from .conftest import Lab

PSU = '[instruments.psu]\ndriver = "bench.py:Supply"\n'


def refusals(lines: str, lab: Lab) -> list[str]:
    """Return what is said of each setting that cannot be used; nothing may have been set."""
    lab.write(PSU + lines)
    with pytest.raises(StationError) as caught:
        Station("lab.toml")
    assert lab.journal == ["open psu", "close psu"]
    assert luthier.instruments() == {}
    assert all(isinstance(error, ConfigurationError) for error in caught.value.exceptions)
    assert "; nothing was set, and every instrument is closed again:" in str(caught.value)
    return [str(error) for error in caught.value.exceptions]


def test_initial_values_are_set_in_the_order_of_the_file_after_everything_is_open(lab: Lab) -> None:
    text = f"""
{PSU}
[instruments.psu.initial]
ch1.voltage = 2
mode = "fast"
ch1.output = true
"ch2.voltage" = -1.5
ch2 = {{ output = false }}
level = 0.5

[instruments.dmm]
driver = "bench.py:Supply"
initial = {{ mode = "slow" }}
"""
    with lab.open(text) as station:
        assert lab.journal == [
            "open psu",
            "open dmm",
            "set psu.ch1.voltage 2.0",
            "set psu.mode 'fast'",
            "set psu.ch1.output True",
            "set psu.ch2.voltage -1.5",
            "set psu.ch2.output False",
            "set psu.level 0.5",
            "set dmm.mode 'slow'",
        ]
        assert station.psu.ch1.voltage.cache.value == 2.0


@given(st.permutations(["mode = 'fast'", "ch1.voltage = 1", "ch2.voltage = 1", "ch1.output = true", "level = 0.5"]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_the_file_is_the_order_of_setting(lab: Lab, lines: list[str]) -> None:
    lab.forget()
    with lab.open(PSU + "[instruments.psu.initial]\n" + "\n".join(lines)):
        assert [line.split()[1] for line in lab.journal[1:]] == [f"psu.{line.split()[0]}" for line in lines]


def test_initial_values_can_be_left_out_but_limits_cannot(lab: Lab) -> None:
    text = PSU + 'initial = { mode = "fast", ch1.voltage = 1 }\nlimits = { ch1.voltage = [0, 2] }'
    with lab.open(text, initial=False) as station:
        assert lab.journal == ["open psu"]
        with pytest.raises(ValidationError, match="allowed: 0 V to 2 V"):
            station.psu.ch1.voltage(3)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("ch1.voltage = [-1, 2.5]", (-1, 2.5)),
        ('"ch1.voltage" = [-1, 2.5]', (-1, 2.5)),
        ("ch1 = { voltage = [-1, 2.5] }", (-1, 2.5)),
        ("ch1.voltage = [-inf, 2.5]", (-10, 2.5)),
        ("ch1.voltage = [3, inf]", (3, 10)),
    ],
)
def test_limits_are_narrowed_before_anything_is_set(lab: Lab, limits: str, expected: tuple[float, float]) -> None:
    with lab.open(f"{PSU}limits = {{ {limits} }}") as station:
        assert station.psu.ch1.voltage.limits == expected
        assert station.psu.ch2.voltage.limits == (-10, 10)
        for wrong in (expected[0] - 0.1, expected[1] + 0.1):
            with pytest.raises(ValidationError):
                station.psu.ch1.voltage(wrong)
        assert lab.journal == ["open psu"]


def test_an_initial_value_outside_the_narrowed_limits_is_refused(here: Lab) -> None:
    (error,) = refusals("limits = { ch1.voltage = [0, 1] }\ninitial = { ch1.voltage = 1.5 }", here)
    assert error == "lab.toml:4: initial value of psu.ch1.voltage: cannot set 1.5 V: allowed: 0 V to 1 V."


def test_everything_that_cannot_be_set_is_reported_with_its_line_before_anything_is_set(here: Lab) -> None:
    lines = """
        [instruments.psu.limits]
        ch1.voltage = [-20, 2]
        mode = [1, 2]
        model = [0, 1]
        lvel = [0, 1]

        [instruments.psu.initial]
        mode = "fats"
        ch1.voltage = "a lot"
        ch1.ouput = true
        ch3.output = true
        ch4 = { output = true }
        "ch5.output" = true
        model = "S2"
        ch2.voltage = 12.5
    """
    assert refusals(lines, here) == [
        (
            "lab.toml:5: limits of psu.ch1.voltage: cannot widen the limits to -20 V to 2 V: the driver allows "
            "-10 V to 10 V. Give limits inside the driver's."
        ),
        "lab.toml:6: limits of psu.mode: its values are no numbers, so that limits have no meaning.",
        "lab.toml:7: limits of psu.model: it cannot be set, so that limits have no meaning.",
        "lab.toml:8: psu has no parameter 'lvel'. Did you mean 'level'?",
        (
            "lab.toml:11: initial value of psu.mode: cannot be set: 'fats' is not one of the values; "
            "allowed: one of 'fast', 'slow'. Did you mean 'fast'?"
        ),
        f"lab.toml:12: initial value of psu.ch1.voltage: cannot be set: {_unit_refusal()}",
        "lab.toml:13: psu.ch1 has no parameter 'ouput'. Did you mean 'output'?",
        "lab.toml:14: psu has no channel or parameter 'ch3'. Did you mean 'ch2' or 'ch1'?",
        "lab.toml:15: psu has no channel or parameter 'ch4'. Did you mean 'ch2' or 'ch1'?",
        "lab.toml:16: psu has no channel 'ch5'. Did you mean 'ch2' or 'ch1'?",
        "lab.toml:17: initial value of psu.model: it cannot be set.",
        "lab.toml:18: initial value of psu.ch2.voltage: cannot set 12.5 V: allowed: -10 V to 10 V.",
    ]


def _unit_refusal() -> str:
    try:
        luthier.Parameter("x", float, unit="V", validator=luthier.validators.Numbers(-10, 10)).check("a lot")
    except ValidationError as error:
        return f"{error.what.removeprefix('cannot be set: ')}." + (f" {error.advice}" if error.advice else "")
    raise AssertionError


@pytest.mark.parametrize("key", ["outputs.voltage", '"outputs.voltage"', "outputs . voltage"])
def test_a_list_of_channels_means_each_of_them(lab: Lab, key: str) -> None:
    text = f"{PSU}[instruments.psu.limits]\n{key} = [0, 5]\n[instruments.psu.initial]\n{key} = 2\nch1.voltage = 3"
    with lab.open(text) as station:
        assert [channel.voltage.limits for channel in station.psu.outputs] == [(0, 5), (0, 5)]
        assert lab.journal[1:] == ["set psu.ch1.voltage 2.0", "set psu.ch2.voltage 2.0", "set psu.ch1.voltage 3.0"]


def test_a_table_is_a_value_where_the_parameter_takes_tables(lab: Lab) -> None:
    with lab.open(PSU + "initial = { pair = { a = 1, b = { c = 2 } } }") as station:
        assert station.psu.pair() == {"a": 1, "b": {"c": 2}}


@pytest.mark.skipif(find_spec("pint") is None, reason="texts with units need pint")
def test_texts_with_units_are_understood_where_pint_is_installed(here: Lab) -> None:
    lines = 'limits = { ch1.voltage = ["-1 mV", "0.002 V"] }\ninitial = { ch1.voltage = "1500 µV" }'
    with here.open(PSU + lines) as station:
        assert station.psu.ch1.voltage.limits == (-0.001, 0.002)
        assert here.journal[1:] == ["set psu.ch1.voltage 0.0015"]


@pytest.mark.skipif(find_spec("pint") is None, reason="texts with units need pint")
@pytest.mark.parametrize("limits", ['["1 mA", 2]', '["2 V", "1 V"]', '["x", 1]'])
def test_limits_whose_units_do_not_fit_are_refused(here: Lab, limits: str) -> None:
    (error,) = refusals(f"limits = {{ ch1.voltage = {limits} }}", here)
    assert error.startswith("lab.toml:3: limits of psu.ch1.voltage: ")


def test_a_limit_that_an_initial_value_before_changes_is_left_to_the_set(lab: Lab) -> None:
    with lab.open(PSU + "[instruments.psu.initial]\nspan = 50\nlevel = 40") as station:
        assert station.psu.level.cache.value == 40
        assert lab.journal[1:] == ["set psu.level 40.0"]


def test_such_a_value_is_still_held_to_the_limits_of_the_file(here: Lab) -> None:
    lines = "limits = { level = [0, 30] }\n[instruments.psu.initial]\nspan = 50\nlevel = 40"
    (error,) = refusals(lines, here)
    assert error == "lab.toml:6: initial value of psu.level: cannot set 40 V: allowed: 0 V to 1 V."


def test_such_a_value_is_refused_at_once_where_nothing_is_set_before_it(here: Lab) -> None:
    (error,) = refusals("[instruments.psu.initial]\nlevel = 40\nspan = 50", here)
    assert error == "lab.toml:4: initial value of psu.level: cannot set 40 V: allowed: -100 V to 1 V."


def test_limits_of_the_file_do_not_depend_on_the_state_in_which_the_instrument_is_found(lab: Lab) -> None:
    with lab.open(PSU + "limits = { level = [20, 30] }") as station:
        with pytest.raises(ValidationError) as caught:
            station.psu.level(25)
        assert str(caught.value) == (
            "psu.level: cannot set 25 V: allowed: nothing, as its limits exclude each other now: "
            "20 V or more, and 1 V or less. Nothing was sent."
        )
        station.psu.span(50)
        station.psu.level(25)
        assert lab.journal[1:] == ["set psu.level 25.0"]


def test_a_set_that_is_refused_after_all_makes_safe_what_was_set_and_closes_everything(here: Lab) -> None:
    text = """
        [instruments.dmm]
        driver = "bench.py:Supply"
        [instruments.psu]
        driver = "bench.py:Supply"
        initial = { mode = "fast", span = 3, level = 40 }
        [instruments.last]
        driver = "bench.py:Supply"
        initial = { mode = "slow" }
    """
    here.write(text)
    with pytest.raises(StationError) as caught:
        Station()
    assert str(caught.value).splitlines() == [
        (
            "lab.toml: the initial values could not all be set; the instruments that were set were made safe, "
            "and every instrument is closed again:"
        ),
        "  lab.toml:5: psu.level: cannot set 40 V: allowed: -100 V to 3 V. Nothing was sent.",
        "Set before it: psu.mode, psu.span.",
    ]
    assert here.journal == [
        "open dmm", "open psu", "open last", "set psu.mode 'fast'", "safe psu", "close last", "close psu", "close dmm",
    ]  # fmt: skip
    (error,) = caught.value.exceptions
    assert isinstance(error, ValidationError)
    assert error.__notes__ == ["raised while the initial value of psu.level was set, given at lab.toml:5"]


def test_what_may_have_been_set_is_made_safe_too(here: Lab) -> None:
    text = """
        [instruments.dmm]
        driver = "bench.py:Supply"
        [instruments.psu]
        driver = "bench.py:Supply"
        options = { fault = "set" }
        initial = { mode = "fast" }
    """
    here.write(text)
    with pytest.raises(StationError) as caught:
        Station()
    assert here.journal == ["open dmm", "open psu", "safe psu", "close psu", "close dmm"]
    assert str(caught.value).endswith("Set before it: nothing.")
    assert isinstance(caught.value.exceptions[0], ConnectionLostError)


def test_where_the_first_set_sends_nothing_nothing_is_touched(here: Lab) -> None:
    (here.folder / "once.py").write_text(
        "from luthier.errors import IrrelevantParameterError\n"
        "from pathlib import Path\n"
        "from luthier import Instrument, parameter\n"
        "class Once(Instrument):\n"
        "    mode = parameter(str, initial='a')\n"
        "    x = parameter(float, relevant_when={'mode': 'b'})\n"
        "    def make_safe(self):\n"
        "        Path(__file__).with_name('made_safe').touch()\n",
        encoding="utf-8",
    )
    here.write('[instruments.one]\ndriver = "once.py:Once"\ninitial = { x = 1 }')
    with pytest.raises(StationError, match=r"one\.x: has a meaning only while mode is 'b'"):
        Station()
    assert not (here.folder / "made_safe").exists()


def test_what_a_set_instrument_is_made_of_is_made_safe_with_it(here: Lab) -> None:
    text = """
        [instruments.mixer]
        driver = "bench.py:Mixer"
        options = { source = "@psu" }
        initial = { gain = 2 }
        [instruments.psu]
        driver = "bench.py:Supply"
        [instruments.other]
        driver = "bench.py:Supply"
        options = { fault = "set" }
        initial = { mode = "fast" }
    """
    here.write(text)
    with pytest.raises(StationError):
        Station()
    assert [line for line in here.journal if line.startswith("safe")] == ["safe other", "safe mixer", "safe psu"]


def test_ctrl_c_while_setting_makes_safe_what_was_set_and_closes_everything(lab: Lab) -> None:
    text = """
        [instruments.psu]
        driver = "bench.py:Supply"
        initial = { mode = "fast" }
        [instruments.smu]
        driver = "bench.py:Supply"
        options = { fault = "interrupt set" }
        initial = { mode = "fast" }
        [instruments.dmm]
        driver = "bench.py:Supply"
    """
    with pytest.raises(KeyboardInterrupt):
        lab.open(text)
    assert lab.journal[-5:] == ["safe smu", "safe psu", "close dmm", "close smu", "close psu"]


def test_a_refused_limit_names_its_cause(here: Lab) -> None:
    here.write(PSU + "limits = { ch1.voltage = [-20, 2] }")
    with pytest.raises(StationError) as caught:
        Station()
    assert isinstance(caught.value.exceptions[0].__cause__, UsageError)
