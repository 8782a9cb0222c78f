"""What the driver of the GS610 asks and does before it sends a setting; commands: see gs610."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_bool, parse_float

from luthier_yokogawa.quiet_ranges import require_off, require_quiet

if TYPE_CHECKING:
    from luthier_yokogawa.gs610 import Gs610

__all__ = [
    "CURRENT_RANGES",
    "FUNCTIONS",
    "STATES",
    "VOLTAGE_RANGES",
    "automatic_range",
    "current_end",
    "is_on",
    "limiting",
    "measured_current",
    "measured_voltage",
    "measures",
    "nominal_range",
    "set_automatic_range",
    "set_current_limit",
    "set_current_range",
    "set_function",
    "set_limiting",
    "set_mode",
    "set_shape",
    "set_tracking",
    "set_voltage_limit",
    "set_voltage_range",
    "tracking",
    "voltage_end",
]

VOLTAGE_RANGES = (0.2, 2.0, 12.0, 20.0, 30.0, 60.0, 110.0)
CURRENT_RANGES = (20e-6, 200e-6, 2e-3, 20e-3, 0.2, 0.5, 1.0, 2.0, 3.0)
FUNCTIONS = {"voltage": "VOLT", "current": "CURR"}
LIMITED = {"voltage": "CURR", "current": "VOLT"}
"""What the limiter holds back, by what is sourced."""
STATES = {"off": "0", "on": "1", "zero": "ZERO"}


def nominal_range(ranges: tuple[float, ...], text: str) -> float:
    """Return the range that a reply means."""
    value = parse_float(text)
    for nominal in ranges:
        if abs(value - nominal) <= 1e-3 * nominal:
            return nominal
    raise ReplyError(
        f"the reply {text!r} is none of the ranges {', '.join(f'{nominal:g}' for nominal in ranges)}",
        command="SOUR:RANG?",
        reply=text,
        expected="a range",
    )


def is_on(text: str) -> bool:
    """Return whether the source is at the terminals."""
    return False if text == STATES["zero"] else parse_bool(text)


def set_function(source: Gs610, function: str) -> None:
    """Change what is sourced, while the output is off."""
    require_off(source, "the function")
    source.write(f"SOUR:FUNC {function}")


def set_voltage_range(source: Gs610, text: str) -> None:
    """Change the range of the voltage source, while nothing can come of it."""
    require_quiet(source, "voltage", "V", float(text))
    source.write(f"SOUR:VOLT:RANG {text}")


def set_current_range(source: Gs610, text: str) -> None:
    """Change the range of the current source, while nothing can come of it."""
    require_quiet(source, "current", "A", float(text))
    source.write(f"SOUR:CURR:RANG {text}")


def sourced(source: Gs610) -> str:
    """Return the word of what is sourced."""
    return FUNCTIONS[source.source_function.known_or_read()]


def set_mode(source: Gs610, mode: str) -> None:
    """Change the mode, while the output is off."""
    require_off(source, "the mode")
    source.write(f"SOUR:MODE {mode}")


def set_shape(source: Gs610, shape: str) -> None:
    """Change the shape, while the output is off."""
    require_off(source, "the shape")
    source.write(f"SOUR:SHAP {shape}")


def automatic_range(source: Gs610) -> bool:
    """Ask whether the range of what is sourced is chosen."""
    return parse_bool(source.query(f"SOUR:{sourced(source)}:RANG:AUTO?"))


def set_automatic_range(source: Gs610, on: bool) -> None:
    """Say whether it is, while the output is off."""
    require_off(source, "automatic ranging")
    source.write(f"SOUR:{sourced(source)}:RANG:AUTO {int(on)}")


def limiter(source: Gs610) -> str:
    """Return the header of the limiter that acts on what is sourced."""
    return f"SOUR:{LIMITED[source.source_function.known_or_read()]}:PROT"


def limiting(source: Gs610) -> bool:
    """Ask whether that limiter is on."""
    return parse_bool(source.query(f"{limiter(source)}?"))


def set_limiting(source: Gs610, on: bool) -> None:
    """Switch it on or off."""
    source.write(f"{limiter(source)} {int(on)}")


def tracking(source: Gs610) -> bool:
    """Ask whether its polarities follow each other."""
    return parse_bool(source.query(f"{limiter(source)}:LINK?"))


def set_tracking(source: Gs610, on: bool) -> None:
    """Say whether they do."""
    source.write(f"{limiter(source)}:LINK {int(on)}")


def set_current_limit(source: Gs610, limit: float) -> None:
    """Set the limit of the current for both polarities."""
    source.write(f"SOUR:CURR:PROT:ULIM {format_float(limit)};LLIM {format_float(-limit)}")


def set_voltage_limit(source: Gs610, limit: float) -> None:
    """Set the limit of the voltage for both polarities."""
    source.write(f"SOUR:VOLT:PROT:ULIM {format_float(limit)};LLIM {format_float(-limit)}")


def voltage_end(source: Gs610) -> float:
    """Return the end of the range of the voltage source, in V."""
    return source.source_voltage_range.known_or_read()


def current_end(source: Gs610) -> float:
    """Return the end of the range of the current source, in A."""
    return source.source_current_range.known_or_read()


def measures(source: Gs610) -> bool:
    """measuring is True and the output is on"""  # noqa: D400, D403 - completes a sentence
    return source.measuring.known_or_read() and source.output.get()


def measured_voltage(source: Gs610) -> float:
    """Measure the voltage, in V."""
    source.write("SENS:FUNC VOLT")
    return parse_float(source.query("READ?"))


def measured_current(source: Gs610) -> float:
    """Measure the current, in A."""
    source.write("SENS:FUNC CURR")
    return parse_float(source.query("READ?"))
