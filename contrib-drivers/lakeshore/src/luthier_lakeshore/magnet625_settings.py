"""What is set once for a magnet at the Lake Shore 625, and what it tells of its state; commands: see magnet625."""

from __future__ import annotations

from enum import IntFlag
from typing import ClassVar, Final

from luthier import group, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float
from luthier.validators import Numbers

from luthier_lakeshore.decimals import exact
from luthier_lakeshore.event_status import LakeShoreInstrument

__all__ = ["SWITCH_STATES", "HardwareErrors", "MagnetSettings", "OperationalErrors", "SwitchErrors"]

MAXIMUM_CURRENT: Final = 60.1
KILOGAUSS: Final = 0.1
"""In T."""
SWITCH_STATES: Final = {"off": 0, "on": 1, "warming": 2, "cooling": 3}


class HardwareErrors(IntFlag):
    """What has failed in the supply (``ERST?``)."""

    TEMPERATURE_FAULT = 1
    LOW_LINE_VOLTAGE = 2
    OUTPUT_OVER_CURRENT = 4
    OUTPUT_OVER_VOLTAGE = 8
    OUTPUT_CONTROL_FAILURE = 16
    PROCESSOR_NOT_RESPONDING = 32


class OperationalErrors(IntFlag):
    """What has happened to the magnet and around it (``ERST?``)."""

    CALIBRATION_ERROR = 1
    EXTERNAL_PROGRAM_ERROR = 2
    HIGH_LINE_VOLTAGE = 4
    TEMPERATURE_HIGH = 8
    REMOTE_INHIBIT = 16
    QUENCH = 32
    CROWBAR_DISCHARGE = 64


class SwitchErrors(IntFlag):
    """What is wrong with the heater of the persistent switch (``ERST?``)."""

    OPEN_CIRCUIT = 1
    SHORT_CIRCUIT = 2


def _constant(supply: MagnetSettings) -> float:
    """Ask for the field of each ampere, in T/A."""
    question = "FLDS?"
    reply = supply.query(question)
    units, _, constant = reply.partition(",")
    factor = {"0": 1.0, "1": KILOGAUSS}.get(units.strip().removeprefix("+"))
    if factor is None or not constant:
        raise ReplyError(
            f"{question!r} was answered by {reply!r}; expected: 0 (T/A) or 1 (kG/A), a comma, and the constant",
            command=question,
            reply=reply,
            expected="0 or 1, and a number",
        )
    return exact(parse_float(constant) * factor)


class MagnetSettings(LakeShoreInstrument):
    """The part of the 625 that is set up for its magnet. Limits first, as a snapshot is restored in this order."""

    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 9600, "data_bits": 7, "parity": "odd"}

    coil_constant = parameter(
        float,
        get_cmd=_constant,
        unit="T/A",
        doc="Field for each ampere, as set at the front panel, there in T/A or kG/A (FLDS?).",
    )
    current_limit = parameter(
        float,
        group="limits",
        unit="A",
        validator=Numbers(0, MAXIMUM_CURRENT),
        doc="The largest current that can be set, in both directions (LIMIT).",
    )
    voltage_limit = parameter(
        float, group="limits", unit="V", validator=Numbers(0.1, 5), doc="The largest compliance_voltage (LIMIT)."
    )
    current_rate_limit = parameter(
        float,
        group="limits",
        unit="A/s",
        validator=Numbers(0.0001, 99.999),
        doc="The largest rate of the current that can be set (LIMIT).",
    )
    limits = group(
        "current_limit",
        "voltage_limit",
        "current_rate_limit",
        get_cmd="LIMIT?",
        set_cmd="LIMIT {current_limit},{voltage_limit},{current_rate_limit}",
        doc="What protects the magnet, by one message (LIMIT).",
    )
    quench_detection = parameter(bool, group="quench_settings", doc="Whether quenches are looked for (QNCH).")
    quench_step_limit = parameter(
        float,
        group="quench_settings",
        unit="A/s",
        validator=Numbers(0.01, 10),
        doc="A current that changes faster is taken for a quench; ramping faster is refused (QNCH).",
    )
    quench_settings = group(
        "quench_detection",
        "quench_step_limit",
        get_cmd="QNCH?",
        set_cmd="QNCH {quench_detection},{quench_step_limit}",
        doc="The detection of quenches, by one message (QNCH).",
    )
    persistent_switch_installed = parameter(
        bool, group="switch_settings", doc="Whether the magnet has a persistent switch (PSHS)."
    )
    switch_heater_current = parameter(
        float,
        group="switch_settings",
        unit="A",
        scale=1000,
        validator=Numbers(0.01, 0.125),
        resolution=0.001,
        doc="Current that warms the switch (PSHS).",
    )
    switch_delay = parameter(
        float,
        group="switch_settings",
        unit="s",
        validator=Numbers(5, 100),
        resolution=1,
        doc="How long the switch takes to warm or to cool (PSHS).",
    )
    switch_settings = group(
        "persistent_switch_installed",
        "switch_heater_current",
        "switch_delay",
        get_cmd="PSHS?",
        set_cmd="PSHS {persistent_switch_installed},{switch_heater_current},{switch_delay}",
        doc="The persistent switch, by one message (PSHS).",
    )
    compliance_voltage = parameter(
        float,
        get_cmd="SETV?",
        set_cmd="SETV {}",
        unit="V",
        validator=Numbers(0.1, 5),
        maximum=lambda supply: supply.voltage_limit.known_or_read(),
        depends_on=("voltage_limit",),
        doc="The largest voltage at the output, at most voltage_limit (SETV).",
    )
    persistent_rate_used = parameter(
        bool,
        group="persistent_ramp",
        doc="Whether the supply ramps at persistent_current_rate while the heater of the switch is off (RATEP).",
    )
    persistent_current_rate = parameter(
        float,
        group="persistent_ramp",
        unit="A/s",
        validator=Numbers(0.0001, 99.999),
        doc="How fast the leads are ramped while the magnet keeps its current (RATEP).",
    )
    persistent_ramp = group(
        "persistent_rate_used",
        "persistent_current_rate",
        get_cmd="RATEP?",
        set_cmd="RATEP {persistent_rate_used},{persistent_current_rate}",
        doc="Ramping in persistent mode, by one message (RATEP).",
    )
    ramp_segments = parameter(
        bool,
        get_cmd="RSEG?",
        set_cmd="RSEG {}",
        doc="Whether the rates of the segments of the front panel are used in place of ramp_rate (RSEG).",
    )
    programming = parameter(
        str,
        get_cmd="XPGM?",
        set_cmd="XPGM {}",
        mapping={"internal": 0, "external": 1, "sum": 2},
        doc="Whether the current is set by messages, by a voltage at the back, or by the sum of both (XPGM).",
    )
    hardware_errors = parameter(
        HardwareErrors, group="errors_present", snapshot=False, doc="What has failed in the supply (ERST?)."
    )
    operational_errors = parameter(
        OperationalErrors, group="errors_present", snapshot=False, doc="Quench, and what is wrong around it (ERST?)."
    )
    switch_errors = parameter(
        SwitchErrors, group="errors_present", snapshot=False, doc="What is wrong with the heater of the switch (ERST?)."
    )
    errors_present = group(
        "hardware_errors",
        "operational_errors",
        "switch_errors",
        get_cmd="ERST?",
        doc="All errors, by one message (ERST?).",
    )
