"""What pages say of the parameters and functions of an opened driver."""

from __future__ import annotations

import pytest
from luthier import Channel, ChannelList, Instrument, group, parameter, plugins
from luthier.validators import Enum, Numbers
from luthier_cli.reference.declarations import ParameterRow, parts_of
from luthier_cli.reference.foreign_runs import foreign_runs
from luthier_cli.reference.markdown import plain, table
from luthier_cli.reference.prose import paragraphs


class Coil(Channel):
    """A coil.

    More.
    """

    def __init__(self, parent: Instrument, name: str, largest: float) -> None:
        super().__init__(parent, name)
        self.largest = largest

    current = parameter(float, unit="A", validator=Numbers(0, None), maximum=lambda coil: coil.largest, doc="Current")


class Magnet(Instrument):
    """A magnet."""

    mode = parameter(str, validator=Enum("hold", "go"), doc="What it does.", initial="go")
    top = parameter(float, unit="T", initial=2.0)
    field = parameter(float, unit="T", maximum="top", relevant_when={"mode": ("go", "hold")}, doc="Of all\ncoils.")
    held = parameter(float, unit="A", validator=Numbers(0, 9), maximum=lambda magnet: magnet.still())
    still = parameter(float, get_cmd=lambda _: 1.0, relevant_when={"mode": "stay"})
    serial = parameter(str, get_cmd="S?", doc="Number.")
    both = group("top", "field", get_cmd="B?", doc="Both")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.x = Coil(self, "x", 1.0)
        self.y = Coil(self, "y", 2.0)
        self.coils = ChannelList(self, "coils", (self.x, self.y))
        self.spares = ChannelList(self, "spares", (Channel(self, "s1"), Channel(self, "s2")))
        self.add_function("go", "GO {}", arguments=(Numbers(0, 1),), doc="Goes.")

    def quench(self, hard: float) -> None:
        """End the field.

        At once.
        """


def test_parts_have_what_is_declared_and_what_was_added() -> None:
    with Magnet("magnet") as magnet:
        own, coils, spares = parts_of(magnet)
    rows = {row.name: row for row in own.parameters}
    assert rows["mode"] == ParameterRow("mode", "str", "", "get, set", '"hold", "go"', "What it does.")
    assert rows["field"].allowed == "2 T or less (changes with top)"
    assert rows["held"].allowed == "0 A to 9 A (and less, depending on the state)"
    assert rows["field"].doc == 'Of all coils. Only while mode is "go" or "hold".'
    assert (rows["serial"].use, rows["serial"].allowed) == ("get", "")
    assert rows["both"].doc == "Both. Gives top, field together."
    assert [function.call for function in own.functions] == ["go(0 to 1)", "quench(hard)"]
    assert own.functions[1].doc == "End the field."
    assert (coils.names, coils.lists, coils.doc) == (("x", "y"), ("coils",), "A coil.")
    assert coils.parameters[0].allowed == "0 A to 1 A (x); 0 A to 2 A (y)"
    assert (spares.names, spares.lists) == (("s1", "s2"), ("spares",))


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        (
            "One.\n\nManual: M.\n\nTwo ``x`` of\n:meth:`~a.b.c` and :class:`D <e.F>`.",
            ["One.", "Two `x` of `c` and `F`."],
        ),
        ("One.\n\nRaises\n------\nError\n    No.", ["One."]),
        ("One.\n\n>>> 1\n1", ["One."]),
    ],
)
def test_docstrings_become_paragraphs(docstring: str, said: list[str]) -> None:
    assert list(paragraphs(docstring)) == said


def test_nothing_in_a_table_is_taken_for_markdown() -> None:
    assert table(("a",), [(plain("*RST | <n>\nx"),)]) == ["| a |", "| --- |", "| \\*RST \\| \\<n> x |"]


def test_what_came_of_speaking_to_other_programs_is_shown_where_there_is_any() -> None:
    manifest = plugins.manifest("luthier-keithley")
    assert manifest is not None
    lines = list(foreign_runs(manifest, "keithley.2400"))
    assert any(line.startswith("| PyMeasure ") and "| a client of the simulator |" in line for line in lines)
    assert not [line for line in lines if "not looked into yet" in line]
    assert list(foreign_runs(manifest, "keithley.9999")) == []
