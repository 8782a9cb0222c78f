from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import luthier.scpi
import pytest

MODULES = ["arrays", "blocks", "error_queue", "identity", "numbers", "standard_errors", "status", "strings"]


def loaded_after(statement: str, *names: str) -> set[str]:
    """Run a statement in a fresh interpreter, and return which of these modules it loaded.

    The package above stands empty, so that what it loads is not counted.
    """
    program = f"""
import sys, types
above = sys.modules["luthier"] = types.ModuleType("luthier")
above.__path__ = {list(luthier.__path__)!r}
{statement}
print(*sorted({set(names)!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_importing_loads_only_what_every_parameter_needs() -> None:
    assert loaded_after("import luthier.scpi", "numpy", "decimal", "attrs", "luthier.scpi.identity") == set()


def test_a_float_is_sent_and_read_without_decimal() -> None:
    exchange = "import luthier.scpi as s; s.parse_float(s.format_float(0.1)); s.parse_int('1'); s.parse_bool('1')"
    assert loaded_after(exchange, "numpy", "decimal") == set()


def test_formats_of_arrays_load_numpy_only_when_an_array_is_made() -> None:
    assert loaded_after("from luthier.scpi import ArrayFormat; ArrayFormat('f8')", "numpy") == set()


def test_every_public_name_can_be_had() -> None:
    for name in luthier.scpi.__all__:
        assert getattr(luthier.scpi, name) is not None
    assert set(dir(luthier.scpi)) == set(luthier.scpi.__all__)


def test_every_public_name_of_every_module_is_public_in_the_package() -> None:
    names = {name for module in MODULES for name in import_module(f"luthier.scpi.{module}").__all__}
    assert names - {"Octets"} == set(luthier.scpi.__all__)


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="parse_flaot"):
        luthier.scpi.parse_flaot  # noqa: B018 - that is the point
