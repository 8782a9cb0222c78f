from __future__ import annotations

from importlib.metadata import EntryPoints
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from luthier.plugins.entry_points import Declaration, declarations

_WORD = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
_MODULE = st.lists(_WORD, min_size=1, max_size=3).map(".".join)


@st.composite
def _values(draw: st.DrawFn) -> str:
    module = draw(_MODULE)
    attribute = draw(st.none() | _MODULE)
    return module if attribute is None else f"{module}:{attribute}"


_GROUPS = st.dictionaries(
    st.sampled_from(["luthier.drivers", "luthier.transports", "console_scripts", "luthierx"]),
    st.dictionaries(_MODULE, _values(), min_size=1, max_size=4),
    max_size=4,
)


@given(_GROUPS, st.sampled_from(["", " "]))
def test_it_reads_what_importlib_metadata_reads(groups: dict[str, dict[str, str]], space: str) -> None:
    text = "\n".join(
        f"[{group}]\n" + "\n".join(f"{name}{space}={space}{value}" for name, value in group_entries.items())
        for group, group_entries in groups.items()
    )
    from_text: Any = EntryPoints._from_text  # type: ignore[attr-defined]  # the reference implementation's own parser
    expected = [(one.group, one.name, one.value) for one in from_text(text) if one.group.startswith("luthier.")]
    assert [(one.group, one.name, one.value) for one in declarations(text)] == expected


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    for one in declarations(f"[luthier.drivers]\n{text}"):
        assert one.fault or one.value


def test_comments_blank_lines_and_foreign_groups_say_nothing() -> None:
    text = "# a comment\n\n[console_scripts]\nx = nonsense here\n[luthier.drivers]\n; another\n\n"
    assert list(declarations(text)) == []


def test_extras_are_left_out_of_the_value() -> None:
    assert list(declarations("[luthier.drivers]\nacme.x = acme.x : X [vendor]\n")) == [
        Declaration("luthier.drivers", "acme.x", "acme.x:X")
    ]


def test_the_value_of_a_manifest_names_a_file() -> None:
    assert list(declarations("[luthier.manifest]\nacme = luthier_acme:luthier.toml\n")) == [
        Declaration("luthier.manifest", "acme", "luthier_acme:luthier.toml")
    ]


def test_a_faulty_line_is_told_with_its_number_and_the_next_one_is_read() -> None:
    first, second, third = declarations("[luthier.drivers]\nacme.x\nacme.y = no module\nacme.z = z:Z\n")
    assert "line 2" in first.fault
    assert first.name == "acme.x"
    assert "line 3" in second.fault
    assert "'no module'" in second.fault
    assert third == Declaration("luthier.drivers", "acme.z", "z:Z")
