"""What values a parameter takes: the :class:`Validator` protocol and the built-in validators.

Each built-in is a frozen value: it compares by its arguments, can be hashed, copied and pickled, and is safe to use
from any number of threads. A module is imported when the first of its names is used, so that a program pays for what it
uses; numpy is imported by :class:`Arrays` only, when the first array is checked.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.validators.anything import Anything, Callables, Opaque
    from luthier.validators.arrays import Arrays
    from luthier.validators.booleans import Bool
    from luthier.validators.choices import Enum
    from luthier.validators.combined import AllOf, AnyOf
    from luthier.validators.complex_numbers import Complex
    from luthier.validators.mappings import Dicts
    from luthier.validators.multiples import Multiples
    from luthier.validators.protocol import Validator, as_validator
    from luthier.validators.real import Numbers
    from luthier.validators.rebuilding import from_data
    from luthier.validators.sequences import Lists, Sequences
    from luthier.validators.text import Strings
    from luthier.validators.whole import Ints
    from luthier.validators.wording import shown

__all__ = [
    "AllOf",
    "AnyOf",
    "Anything",
    "Arrays",
    "Bool",
    "Callables",
    "Complex",
    "Dicts",
    "Enum",
    "Ints",
    "Lists",
    "Multiples",
    "Numbers",
    "Opaque",
    "Sequences",
    "Strings",
    "Validator",
    "as_validator",
    "from_data",
    "shown",
]

_MODULES = {
    "AllOf": "combined",
    "AnyOf": "combined",
    "Anything": "anything",
    "Arrays": "arrays",
    "Bool": "booleans",
    "Callables": "anything",
    "Complex": "complex_numbers",
    "Dicts": "mappings",
    "Enum": "choices",
    "Ints": "whole",
    "Lists": "sequences",
    "Multiples": "multiples",
    "Numbers": "real",
    "Opaque": "anything",
    "Sequences": "sequences",
    "Strings": "text",
    "Validator": "protocol",
    "as_validator": "protocol",
    "from_data": "rebuilding",
    "shown": "wording",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
