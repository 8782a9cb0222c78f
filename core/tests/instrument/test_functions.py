from __future__ import annotations

import threading
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Channel, Instrument
from luthier.errors import DeclarationError, NameClashError, ResponseTimeoutError, UsageError, ValidationError
from luthier.validators import Bool, Ints, Numbers, Strings
from luthier.validators import Enum as OneOf

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.testing.wire import DictTransport


class Edge(Enum):
    RISING = "POS"
    FALLING = "NEG"


class Source(Instrument):
    """Functions are added in each test."""

    slot = 3


@pytest.fixture
def source(opened: Callable[..., Any]) -> tuple[Any, DictTransport]:
    made: tuple[Any, DictTransport] = opened(Source, name="source")
    return made


def test_a_function_sends_its_message_with_every_digit(source: Any) -> None:
    inst, wire = source
    inst.add_function("fire", "FIRE")
    inst.add_function("pulse", "PULS {},{},{},{}", arguments=[Numbers(0, 10), Ints(), Bool(), OneOf(*Edge)])
    assert inst.fire() is None
    inst.pulse(0.1 + 0.2, 5, True, Edge.FALLING)
    assert wire.log == ["FIRE", "PULS 0.30000000000000004,5,1,NEG"]


def test_a_message_that_ends_in_a_question_mark_returns_the_reply(source: Any) -> None:
    inst, wire = source
    wire.values["ERR"] = "none"
    wire.values["SUM? 2"] = "two"
    inst.add_function("error", "ERR?")
    inst.add_function("total", "SUM? {}", arguments=[Ints()])
    assert inst.error() == "none"
    inst.add_function("ask", "SUM? 2;ERR?")
    wire.values["SUM? 2;ERR?"] = "both"
    assert inst.ask() == "both"


def test_attributes_are_filled_in_as_in_parameters(source: Any) -> None:
    inst, wire = source
    output = Channel(inst, "out")
    output.number = 2
    output.add_function("fire", "OUT{number}:SLOT{parent.slot}:FIRE {}", arguments=[Ints()])
    output.fire(7)
    output.number = 4
    output.fire(8)
    assert wire.log == ["OUT2:SLOT3:FIRE 7", "OUT4:SLOT3:FIRE 8"]
    assert output.fire.full_name == "source.out.fire"


def test_a_callable_takes_what_it_likes_or_what_its_validators_allow(source: Any) -> None:
    inst, _ = source
    inst.add_function("add", lambda *numbers: sum(numbers))
    inst.add_function("double", lambda number: 2 * number, arguments=[Ints(0, 5)])
    assert inst.add() == 0
    assert inst.add(1, 2, 3) == 6
    assert inst.double(4) == 8
    with pytest.raises(ValidationError):
        inst.double(6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((), r"source\.go: takes 2 arguments, got 0\. Nothing was sent"),
        ((1, 2, 3), r"source\.go: takes 2 arguments, got 3"),
        ((11.0, "a"), r"source\.go: argument 1: .*0 to 10.*Nothing was sent"),
        (("x", "a"), r"source\.go: argument 1: "),
        ((1.0, 5), r"source\.go: argument 2: "),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    values: tuple[Any, ...], message: str, source: Any
) -> None:
    inst, wire = source
    inst.add_function("go", "GO {},{}", arguments=[Numbers(0, 10), Strings()])
    with pytest.raises(UsageError, match=message):
        inst.go(*values)
    assert wire.log == []


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("GO {}", [], r"source\.go: 'GO \{\}' has 1 places for arguments, but there are 0 validators"),
        ("GO", [Ints()], r"has 0 places for arguments, but there are 1 validators"),
        ("GO {:.3f}", [Numbers()], r"source\.go: .*formats the value itself, which can lose digits"),
        ("GO {0}", [Numbers()], r"allowed in braces are nothing, or an attribute's name"),
        ("GO {", [], r"is not a message template"),
        (5, [], r"the command is 5: allowed are a message and a callable"),
        (None, [], r"the command is None"),
    ],
)
def test_a_command_that_cannot_work_is_refused_when_it_is_added(
    command: Any, arguments: list[Any], message: str, source: Any
) -> None:
    inst, _ = source
    with pytest.raises(DeclarationError, match=message):
        inst.add_function("go", command, arguments=arguments)
    assert not hasattr(inst, "go")
    inst.add_function("go", "GO")


@pytest.mark.parametrize("name", ["close", "query", "go", "out", "level", "not a name", "", 5])
def test_a_function_s_name_has_to_be_free_and_a_name(name: Any, source: Any) -> None:
    inst, _ = source
    inst.add_function("go", "GO")
    Channel(inst, "out")
    inst.add_parameter("level")
    with pytest.raises((NameClashError, UsageError), match=r"^source: cannot (add|name)"):
        inst.add_function(name, "X")
    inst.close()
    assert inst.closed


def test_a_function_is_listed_documented_and_shown(source: Any) -> None:
    inst, wire = source
    made = inst.add_function("go", "GO {}", arguments=[Ints()], doc="Start moving.")
    assert inst.go is made
    assert dict(inst.functions) == {"go": made}
    assert made.__doc__ == "Start moving."
    assert repr(made) == "<Function source.go of 1 arguments>"
    assert "go" in dir(inst)
    with pytest.raises(TypeError):
        inst.functions["x"] = made
    assert wire.log == []


def test_a_function_whose_message_fails_names_itself(source: Any) -> None:
    inst, _ = source
    inst.add_function("ask", "ASK?")
    with pytest.raises(ResponseTimeoutError, match=r"^source\.ask \(dict://source\): no answer to 'ASK\?'"):
        inst.ask()


def test_a_function_holds_the_instrument_while_it_runs(source: Any) -> None:
    inst, _ = source
    seen: list[bool] = []

    def look() -> None:
        def other() -> None:
            try:
                with inst.lock(timeout=0):
                    seen.append(True)
            except TimeoutError:
                seen.append(False)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)

    inst.add_function("look", look)
    inst.look()
    assert seen == [False]
