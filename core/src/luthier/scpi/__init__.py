"""What IEEE 488.2 and SCPI say about messages: pure functions between bytes or text, and Python's values.

Numbers and booleans are loaded at once, because every parameter needs them; the rest when it is first used. Nothing
here knows of instruments: errors carry the reply, and whoever asked adds the instrument and the command.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from luthier.scpi.numbers import (
    INFINITY,
    NOT_A_NUMBER,
    format_bool,
    format_decimal,
    format_float,
    parse_bool,
    parse_float,
    parse_int,
    parse_list,
)

if TYPE_CHECKING:
    from luthier.scpi.arrays import ArrayFormat, ByteOrder, encode_array
    from luthier.scpi.blocks import DEFAULT_MAX_BYTES, BlockSource, decode_block, encode_block, read_block
    from luthier.scpi.error_queue import ErrorEntry, drain, parse_error
    from luthier.scpi.identity import Identity, parse_identity
    from luthier.scpi.standard_errors import STANDARD_ERRORS, error_class
    from luthier.scpi.status import (
        EventStatus,
        StatusByte,
        describe_status,
        parse_event_status,
        parse_status_byte,
    )
    from luthier.scpi.strings import format_string, mnemonic_matches, parse_string, parse_strings

__all__ = [
    "DEFAULT_MAX_BYTES",
    "INFINITY",
    "NOT_A_NUMBER",
    "STANDARD_ERRORS",
    "ArrayFormat",
    "BlockSource",
    "ByteOrder",
    "ErrorEntry",
    "EventStatus",
    "Identity",
    "StatusByte",
    "decode_block",
    "describe_status",
    "drain",
    "encode_array",
    "encode_block",
    "error_class",
    "format_bool",
    "format_decimal",
    "format_float",
    "format_string",
    "mnemonic_matches",
    "parse_bool",
    "parse_error",
    "parse_event_status",
    "parse_float",
    "parse_identity",
    "parse_int",
    "parse_list",
    "parse_status_byte",
    "parse_string",
    "parse_strings",
    "read_block",
]

_NAMES_BY_MODULE = {
    "arrays": ("ArrayFormat", "ByteOrder", "encode_array"),
    "blocks": ("DEFAULT_MAX_BYTES", "BlockSource", "decode_block", "encode_block", "read_block"),
    "error_queue": ("ErrorEntry", "drain", "parse_error"),
    "identity": ("Identity", "parse_identity"),
    "standard_errors": ("STANDARD_ERRORS", "error_class"),
    "status": ("EventStatus", "StatusByte", "describe_status", "parse_event_status", "parse_status_byte"),
    "strings": ("format_string", "mnemonic_matches", "parse_string", "parse_strings"),
}
_MODULE_BY_NAME = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}


def __getattr__(name: str) -> object:
    """Load the module that ``name`` is in, once."""
    if name not in _MODULE_BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_BY_NAME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return every public name, loaded or not."""
    return sorted(__all__)
