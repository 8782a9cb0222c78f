"""A tape as a test for pytest."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import UsageError

from luthier_sim.tapes.driver_calls import calls_of
from luthier_sim.tapes.tape import Mark, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luthier.instrument import Instrument

    from luthier_sim.tapes.driver_calls import Call
    from luthier_sim.tapes.tape import TapeExchange

__all__ = ["source_of_test"]

_ERRORS = {"timeout": "ResponseTimeoutError", "lost": "ConnectionLostError"}
_QUOTES = '"""'


def source_of_test(tape: Tape, driver: type[Instrument]) -> str:
    """Return the source of a test that lets a driver say what is on a tape, and compares what it makes of the replies.

    The calls in it have been tried. It needs pytest and the core alone: neither the tape nor luthier-sim.

    Raises
    ------
    UsageError
        The driver cannot be opened on the tape, or cannot be imported.
    """
    if "<locals>" in driver.__qualname__:
        raise UsageError(
            f"{driver.__qualname__} is a class inside a function, which no test can import",
            state="Nothing was written.",
        )
    playable, cut = _playable(tape)
    calls = calls_of(playable, driver)
    name = tape.name
    lines = [line for call in calls for line in _lines(call, name)] or ["pass"]
    body = "\n".join(f"        {line}" for line in lines)
    test = (
        f"def test_{name}_as_recorded() -> None:\n"
        f"    with expected_exchanges({driver.__qualname__}, EXCHANGES, name={_quoted(name)}) as {name}:\n{body}\n"
    )
    when = f" on {tape.facts['recorded'][:10]}" if "recorded" in tape.facts else ""
    where = f" at {tape.facts['address']}" if "address" in tape.facts else ""
    doc = f"{_QUOTES}{driver.__name__} on the wire, as recorded{when}{where}.{_QUOTES}"
    imports = _imports(calls, driver, playable)
    note = f"# The tape goes on with {cut.text!r}, which cannot be played: {cut.fault_text}\n" if cut else ""
    return f"{doc}\n\n{imports}\n{note}EXCHANGES = {_script(playable.exchanges)}\n\n\n{test}"


def _playable(tape: Tape) -> tuple[Tape, TapeExchange | None]:
    """Return the part of the tape that a script can play, and the exchange that ends it."""
    for number, exchange in enumerate(tape.exchanges):
        if exchange.fault and exchange.fault not in _ERRORS:
            return _before(tape, number), exchange
        if exchange.fault == "lost":
            return _before(tape, number + 1), None
    return tape, None


def _before(tape: Tape, number: int) -> Tape:
    count = 0
    for place, entry in enumerate(tape.entries):
        count += entry.mark is Mark.SENT
        if count > number:
            return attrs.evolve(tape, entries=tape.entries[:place])
    return tape


def _lines(call: Call, name: str) -> Iterator[str]:
    expression, expected = _expression(call, name)
    if call.fault:
        yield f"with pytest.raises({_ERRORS[call.fault]}):"
        yield f"    {expression}"
    else:
        yield expected.format(expression) if expected else expression


def _expression(call: Call, name: str) -> tuple[str, str]:
    """Return the call, and how its result is compared, with ``{}`` for the call; empty where it is not."""
    match call.kind:
        case "set":
            return f"{name}.{call.what}.set({_literal(call.value)})", ""
        case "get":
            return f"{name}.{call.what}.get()", _comparison(call.value)
        case "idn":
            return f"{name}.idn", "assert {}.model"
        case "method":
            return f"{name}.{call.what}()", ""
        case "write":
            return f"{name}.write({_quoted(call.what)})", ""
        case "query":
            return f"{name}.query({_quoted(call.what)})", f"assert {{}} == {_in_braces(_quoted(call.value))}"


def _comparison(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return f"assert {{}} is {value}"
    if value == {"$float": "nan"}:
        return "assert math.isnan({})"
    if isinstance(value, dict) and isinstance(value.get("$enum"), str):
        return f"assert {{}}.name == {_quoted(value['$enum'])}"
    literal = _literal(value)
    return f"assert {{}} == {_in_braces(literal)}" if literal else ""


def _literal(value: Any) -> str:
    """Return the source of a value that JSON can say; empty for others."""
    if isinstance(value, float) and not isfinite(value):
        return ""
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, dict) and set(value) == {"$float"}:
        return f"float({_quoted(value['$float'])})"
    if isinstance(value, dict) and set(value) == {"$complex"}:
        return repr(complex(*value["$complex"]))
    return ""


def _quoted(text: str) -> str:
    source = repr(text)
    return f'"{source[1:-1]}"' if '"' not in source else source


def _in_braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _imports(calls: Sequence[Call], driver: type[Instrument], tape: Tape) -> str:
    faults = {call.fault for call in calls} - {""}
    standard = ["import math"] if any(call.value == {"$float": "nan"} for call in calls) else []
    wire = ["WireFault"] if not _is_text(tape.exchanges) and faults else []
    others = ["import pytest"] if faults else []
    if faults:
        others.append(f"from luthier.errors import {', '.join(sorted(_ERRORS[fault] for fault in faults))}")
    others.append(f"from luthier.testing.wire import {', '.join([*wire, 'expected_exchanges'])}")
    others.append(f"from {driver.__module__} import {driver.__qualname__.partition('.')[0]}")
    return "\n".join([*standard, *([""] if standard else []), *others]) + "\n"


def _script(exchanges: Sequence[TapeExchange]) -> str:
    if not _is_text(exchanges):
        return "[\n" + "".join(f"    ({exchange.message!r}, {_replies(exchange)}),\n" for exchange in exchanges) + "]"
    lines: list[str] = []
    for exchange in exchanges:
        lines.append(f"> {exchange.text}")
        lines += [f"< {reply.decode('latin-1')}" for reply in exchange.replies]
        lines += [f"! {exchange.fault}"] if exchange.fault else []
    return f"{_QUOTES}\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines) + _QUOTES


def _replies(exchange: TapeExchange) -> str:
    said = [repr(reply) for reply in exchange.replies]
    said += [f"WireFault.{exchange.fault.upper()}"] if exchange.fault else []
    return "None" if not said else said[0] if len(said) == 1 else f"[{', '.join(said)}]"


def _is_text(exchanges: Sequence[TapeExchange]) -> bool:
    """Tell whether a script's lines can say it: text without space at its ends, and nothing that Python escapes."""
    contents = [content for exchange in exchanges for content in (exchange.message, *exchange.replies)]
    return all(_is_plain(content.decode("latin-1")) for content in contents)


def _is_plain(text: str) -> bool:
    return text.isprintable() and text.isascii() and text == text.strip() and "\\" not in text and _QUOTES not in text
