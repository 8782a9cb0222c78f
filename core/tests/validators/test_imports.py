"""What is imported, and that numpy is not needed."""

from __future__ import annotations

import subprocess
import sys

import luthier.testing
import luthier.validators
import pytest

WITHOUT_NUMPY = """
import sys
from importlib.machinery import PathFinder

class WithoutNumpy(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == "numpy" else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutNumpy

from hypothesis import given, settings, strategies as st

from luthier.errors import UsageError, ValidationError
from luthier.testing import invalid_values, valid_values
from luthier.validators import *

validators = [
    Numbers(0, 5), Ints(), Multiples(0.1), Complex(1), Bool(), Strings(1, 3), Enum("a", 1), Anything(), Callables(),
    Lists(Numbers()), Sequences(Ints()), Dicts({"a": Bool()}), AnyOf(Bool(), Ints()), AllOf(Ints(), Numbers()),
]

@settings(max_examples=50, database=None, deadline=None)
@given(st.data(), st.sampled_from(validators))
def check(data, validator):
    validator.check(data.draw(valid_values(validator)))
    wrong = invalid_values(validator)
    if not wrong.is_empty:
        try:
            validator.check(data.draw(wrong))
        except ValidationError:
            return
        raise AssertionError(validator)

check()
assert from_data(Arrays((3,)).to_data()) == Arrays((3,))
try:
    Arrays().check([1.0])
except UsageError as error:
    print(error)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everything_but_arrays_works_without_numpy() -> None:
    assert run(WITHOUT_NUMPY) == "arrays cannot be used without numpy. Install it: pip install numpy."


def test_checking_values_imports_no_numpy() -> None:
    code = "import sys; from luthier.validators import *; Numbers().check(1); Arrays(); print('numpy' in sys.modules)"
    assert run(code) == "False"


def test_only_the_modules_that_are_used_are_imported() -> None:
    modules = [f"luthier.validators.{module}" for module in ("arrays", "bounds", "multiples", "rebuilding")]
    code = (
        f"import sys, luthier.validators as v; v.Numbers(); print(*(name for name in {modules} if name in sys.modules))"
    )
    assert run(code) == "luthier.validators.bounds"


def test_the_testing_package_imports_neither_hypothesis_nor_pytest() -> None:
    code = "import sys, luthier.testing; print('hypothesis' in sys.modules, 'pytest' in sys.modules)"
    assert run(code) == "False False"


@pytest.mark.parametrize("module", [luthier.validators, luthier.testing])
def test_every_name_that_is_listed_can_be_had_and_no_other(module: object) -> None:
    names = module.__all__  # type: ignore[attr-defined]  # a module
    assert set(names) <= set(dir(module))
    for name in names:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'Number'"):
        module.Number  # type: ignore[attr-defined]  # noqa: B018 - looking is what fails
