"""Validators out of the data that ``to_data`` gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.plain import from_plain
from luthier.validators.anything import Anything, Callables, Opaque
from luthier.validators.arrays import Arrays
from luthier.validators.booleans import Bool
from luthier.validators.choices import Enum
from luthier.validators.combined import AllOf, AnyOf
from luthier.validators.complex_numbers import Complex
from luthier.validators.mappings import Dicts
from luthier.validators.multiples import Multiples
from luthier.validators.real import Numbers
from luthier.validators.sequences import Lists, Sequences
from luthier.validators.text import Strings
from luthier.validators.whole import Ints
from luthier.validators.wording import listed, shown

if TYPE_CHECKING:
    from luthier.validators.protocol import Validator

__all__ = ["from_data"]


def from_data(data: Mapping[str, Any]) -> Validator:
    """Rebuild a built-in validator from what its ``to_data`` gave, before or after a trip through JSON.

    Nothing is imported or evaluated that the data name.

    Parameters
    ----------
    data
        The data. Where they say ``"opaque": True``, the result is an :class:`Opaque` validator with their description.

    Raises
    ------
    luthier.errors.UsageError
        If the data are not those of a built-in validator: no mapping, an unknown ``type`` (as that of a validator from
        a plugin, or from a newer version), or fields that do not fit the type.

    Examples
    --------
    >>> from_data({"type": "numbers", "minimum": 0.0, "maximum": None})
    Numbers(minimum=0.0, maximum=None, allow_nan=False, allow_inf=False)
    """
    if not isinstance(data, Mapping):
        raise UsageError(f"{shown(data)} was given, where the data of a validator are meant")
    fields = dict(data)
    kind = fields.pop("type", None)
    if fields.get("opaque") is True:
        return Opaque(str(fields.get("description", "what the original allows")))
    if not isinstance(kind, str) or kind not in _BUILDERS:
        raise UsageError(
            f"there is no built-in validator of the type {shown(kind)}",
            advice=f"The types are {listed(sorted(_BUILDERS))}; another version of Luthier may have more.",
        )
    try:
        return _BUILDERS[kind](**fields)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the data of a validator of the type {kind!r} do not fit it: {error}") from error


def _any_of(validators: list[Mapping[str, Any]]) -> Validator:
    return AnyOf(*map(from_data, validators))


def _all_of(validators: list[Mapping[str, Any]]) -> Validator:
    return AllOf(*map(from_data, validators))


def _lists(element: Mapping[str, Any], **lengths: Any) -> Validator:
    return Lists(from_data(element), **lengths)


def _sequences(element: Mapping[str, Any], **lengths: Any) -> Validator:
    return Sequences(from_data(element), **lengths)


def _dicts(
    required: Mapping[str, Mapping[str, Any]],
    optional: Mapping[str, Mapping[str, Any]],
    **options: Any,
) -> Validator:
    return Dicts(
        {key: from_data(value) for key, value in dict(required).items()},
        {key: from_data(value) for key, value in dict(optional).items()},
        **options,
    )


def _enum(values: list[Any]) -> Validator:
    return Enum(*from_plain(values))


_BUILDERS: dict[str, Callable[..., Validator]] = {
    "all_of": _all_of,
    "any_of": _any_of,
    "anything": Anything,
    "arrays": Arrays,
    "bool": Bool,
    "callables": Callables,
    "complex": Complex,
    "dicts": _dicts,
    "enum": _enum,
    "ints": Ints,
    "lists": _lists,
    "multiples": Multiples,
    "numbers": Numbers,
    "sequences": _sequences,
    "strings": Strings,
}
