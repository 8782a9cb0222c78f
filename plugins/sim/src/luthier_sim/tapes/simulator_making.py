"""A tape as a simulator: a class that answers what was seen, and keeps what was set."""

from __future__ import annotations

import keyword
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from luthier_sim.scpi.messages import units_of
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.tapes.masking import MASK
from luthier_sim.tapes.meaning import meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier_sim.tapes.tape import Tape, TapeExchange

__all__ = ["source_of_simulator"]

_FORM: Final = re.compile(r"([+-]?)(?:\d\.(?P<exponent>\d+)E[+-]\d{2,3}|\d+\.(?P<fixed>\d+))")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_SWITCHES: Final = {"0", "1", "ON", "OFF"}
_OWN: Final = re.compile(rb":?SYST(?:EM)?:ERR(?:OR)?(?::NEXT)?\?|\*(?:IDN|OPC|ESR|STB|TST|ESE|SRE)\?", re.IGNORECASE)
"""Questions that every ScpiDevice answers by itself."""


@attrs.define
class _Seen:
    """What was said with one question and the command that goes with it."""

    question: str
    head: str
    """Of the command, up to its value."""
    replies: list[str] = attrs.field(factory=list)
    values: list[str] = attrs.field(factory=list)
    first: str = ""
    """What was answered before anything was set."""


def source_of_simulator(tape: Tape, class_name: str = "") -> str:
    """Return the source of a class of devices that answers what is on a tape.

    What was both set and asked for becomes a setting that keeps its value, if the tape does not show otherwise.
    Everything else that was answered is in a table. The class is a beginning: it says nothing that was not said.
    """
    scpi = _is_scpi(tape)
    exchanges = [each for each in tape.exchanges if each.replies or not each.fault]
    pairs = [seen for seen in _pairs(exchanges) if _keeps(seen, exchanges)]
    pairs += _never_asked(exchanges, pairs) if scpi else []
    name = class_name or f"Simulated{tape.name.title().replace('_', '')}"
    base = "ScpiDevice" if scpi else "LineDevice"
    identities = (each.replies[0].decode("latin-1") for each in exchanges if each.text == "*IDN?" and each.replies)
    idn = next(identities, "")
    body = [f"    identity = {_quoted(idn)}\n"] if scpi and idn else []
    names: set[str] = {"said", "taken", "identity", "label", "clock", "random", "lock", "latency", "terminator"}
    declared = [_declared(seen, names, scpi=scpi) for seen in pairs]
    body += ["".join(f"    {line}\n" for line in declared)] if declared else []
    said, taken = _rest(exchanges, pairs, scpi=scpi)
    body += [_table("said", dict(said.items()))] if said else []
    body += ["    taken = (\n" + "".join(f"        {_quoted(each)},\n" for each in taken) + "    )\n"] if taken else []
    imports = [*(["Said"] if said or taken else []), base]
    imported = sorted([*imports, *([("setting" if scpi else "held")] if declared else [])])
    where = f" at {tape.facts['address']}" if "address" in tape.facts else ""
    bases = ", ".join(imports)
    doc = f'"""A simulator made of what was said to {tape.name}{where}."""'
    inside = "\n".join(body) or "    pass\n"
    about = '    """Answers what was seen; complete it from the manual."""\n'
    return f"{doc}\n\nfrom luthier_sim import {', '.join(imported)}\n\n\nclass {name}({bases}):\n{about}\n{inside}"


def _is_scpi(tape: Tape) -> bool:
    """Tell whether every message is written by the rules, and one of them is more than a word."""
    meanings = [meaning_of(exchange.message) for exchange in tape.exchanges]
    return None not in meanings and any(
        exchange.message.startswith(b"*") or b":" in exchange.message for exchange in tape.exchanges
    )


def _pairs(exchanges: Iterable[TapeExchange]) -> list[_Seen]:
    """Return the questions that have a command: ``VOLT?`` has ``VOLT 1``, and ``SETP? 1`` has ``SETP 1,4.2``."""
    known = list(exchanges)
    questions = dict.fromkeys(each.text for each in known if "?" in each.text and each.replies and _is_one(each))
    pairs = []
    for question in questions:
        header, _, argument = question.partition("?")
        head = f"{header} {argument.strip()}," if argument.strip() else f"{header} "
        seen = _Seen(question, head)
        for each in known:
            if each.text == question and each.replies:
                reply = each.replies[0].decode("latin-1")
                seen.replies.append(reply)
                seen.first = seen.first or (reply if not seen.values else "")
            elif each.text.startswith(head) and not each.replies and _is_one(each):
                seen.values.append(each.text.removeprefix(head))
        if seen.values:
            pairs.append(seen)
    return pairs


def _never_asked(exchanges: Iterable[TapeExchange], pairs: Iterable[_Seen]) -> list[_Seen]:
    """Return the commands with a number or a switch that no question was seen for."""
    known = {seen.head for seen in pairs}
    found: dict[str, _Seen] = {}
    refused = set()
    for each in exchanges:
        header, _, value = each.text.partition(" ")
        head = f"{header} "
        if not value or "?" in header or header.startswith("*") or head in known:
            continue
        if not _is_one(each) or each.replies or not (_NUMBER.fullmatch(value) or value.upper() in _SWITCHES):
            refused.add(head)
        else:
            found.setdefault(head, _Seen(f"{header}?", head, first="0")).values.append(value)
    asked = {each.text for each in exchanges}
    return [seen for head, seen in found.items() if head not in refused and seen.question not in asked]


def _is_one(exchange: TapeExchange) -> bool:
    """Tell whether a message is one command or question, and in the clear."""
    if MASK in exchange.message or b";" in exchange.message:
        return False
    try:
        return len(list(units_of(exchange.message))) <= 1
    except Refusal:
        return True  # a line of something else


def _keeps(seen: _Seen, exchanges: Iterable[TapeExchange]) -> bool:
    """Tell whether each answer is what was set last, by value; and whether there is one value at a time."""
    last = ""
    for each in exchanges:
        if each.text == seen.question and each.replies:
            if last and not _same(last, each.replies[0].decode("latin-1")):
                return False
        elif each.text.startswith(seen.head):
            last = each.text.removeprefix(seen.head)
        elif each.message.upper().startswith(b"*RST"):
            last = ""
    return not any("," in value or '"' in value or "'" in value for value in [*seen.values, *seen.replies])


def _same(one: str, other: str) -> bool:
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return Decimal(one) == Decimal(other)
    switches = {"ON": "1", "OFF": "0"}
    return switches.get(one.upper(), one.upper()) == switches.get(other.upper(), other.upper())


def _declared(seen: _Seen, names: set[str], *, scpi: bool) -> str:
    initial = seen.first or seen.values[0]
    everything = [*seen.replies, *seen.values]
    numbers = all(map(_NUMBER.fullmatch, everything))
    options = ""
    if {text.upper() for text in everything} <= _SWITCHES and (scpi or not numbers):
        value = str(initial.upper() in ("1", "ON"))
    elif numbers:
        value = repr(float(initial))
        options = _form(seen.replies)
    else:
        value = _quoted(initial.upper() if scpi else initial)
        choices = dict.fromkeys(text.upper() for text in everything)
        options = f", choices=({', '.join(map(_quoted, choices))},)" if scpi else ""
    name = _attribute(seen.head, names)
    if scpi:
        return f"{name} = setting({_quoted(seen.head.strip().lstrip(':').upper())}, {value}{options})"
    return f"{name} = held({_quoted(seen.question)}, {_quoted(seen.head + '{}')}, {value}{options})"


def _form(replies: list[str]) -> str:
    """Return how numbers are written in replies, as an argument of a declaration; empty: with every digit."""
    forms = {_form_of(reply) for reply in replies}
    return f', form="{forms.pop()}"' if len(forms) == 1 and "" not in forms else ""


def _form_of(reply: str) -> str:
    found = _FORM.fullmatch(reply)
    if found is None:
        return ""
    digits, letter = (found["exponent"], "E") if found["exponent"] else (found["fixed"], "f")
    return f"{{:{'+' if found[1] == '+' else ''}.{len(digits)}{letter}}}"


def _attribute(head: str, names: set[str]) -> str:
    stem = "_".join(re.findall(r"[A-Za-z0-9]+", head)).lower() or "value"
    stem = f"value_{stem}" if stem[0].isdigit() else stem
    stem = f"{stem}_" if keyword.iskeyword(stem) else stem
    name, number = stem, 1
    while name in names:
        number += 1
        name = f"{stem}_{number}"
    names.add(name)
    return name


def _rest(
    exchanges: Iterable[TapeExchange], pairs: Iterable[_Seen], *, scpi: bool
) -> tuple[dict[str, list[bytes]], list[str]]:
    """Return what was answered otherwise, by question; and the commands that did nothing that could be seen."""
    known = list(pairs)
    said: dict[str, list[bytes]] = {}
    taken: dict[str, None] = {}
    for each in exchanges:
        if scpi and (_OWN.fullmatch(each.message) or each.message.startswith(b"*")):
            continue
        if any(each.text == seen.question or each.text.startswith(seen.head) for seen in known):
            continue
        if each.replies:
            said.setdefault(each.text, []).append(each.replies[0])
        else:
            taken[each.text] = None
    return said, list(taken)


def _table(name: str, table: dict[str, list[bytes]]) -> str:
    lines = [
        f"        {_quoted(question)}: [{', '.join(map(_shown, answers))}],\n" for question, answers in table.items()
    ]
    return f"    {name} = {{\n{''.join(lines)}    }}\n"


def _shown(reply: bytes) -> str:
    text = reply.decode("latin-1")
    return _quoted(text) if text.isprintable() else repr(reply)


def _quoted(text: str) -> str:
    source = repr(text)
    return f'"{source[1:-1]}"' if '"' not in source else source
