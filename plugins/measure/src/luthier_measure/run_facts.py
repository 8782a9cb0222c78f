"""What a user says of a run, checked before anything is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from luthier.errors import UsageError
from luthier.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CONTROL", "PLUGINS", "RunFacts", "checked_facts", "checked_tags", "require_text"]

PLUGINS = "plugins"
"""The part of a run's metadata that belongs to plugins."""
CONTROL = "control"
"""The part that tells of pauses, failed readings, and final states that were not reached."""

_RESERVED = (PLUGINS, CONTROL)


@frozen
class RunFacts:
    """Name, sample, note, tags and metadata; the metadata in JSON's terms."""

    name: str
    sample: str
    note: str
    tags: tuple[str, ...]
    metadata: dict[str, Any]


def checked_facts(
    name: object, sample: object, note: object, tags: str | Iterable[object], metadata: Mapping[Any, Any] | None
) -> RunFacts:
    """Return the facts in the form in which they are stored.

    Raises
    ------
    UsageError
        Something cannot be stored as what it is meant to be.
    """
    return RunFacts(
        require_text(name, "name"),
        require_text(sample, "sample"),
        require_text(note, "note"),
        checked_tags(tags),
        _metadata({} if metadata is None else metadata),
    )


def require_text(value: Any, called: str) -> str:
    """Return ``value`` where it is text; raise :class:`~luthier.errors.UsageError`, with how to write it, otherwise."""
    if not isinstance(value, str):
        raise UsageError(f"{called}={value!r}: allowed is text; write {called}={str(value)!r}")
    _require_whole(value, called)
    return value


def _require_whole(text: str, called: str) -> None:
    """Refuse what no file and no terminal takes; it comes from names of files that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        replaced = text.encode(errors="backslashreplace").decode()
        raise UsageError(
            f"{called}={text!r}: the character at place {error.start} is half of one, which cannot be stored; "
            f"write for example {called}={replaced!r}"
        ) from None


def checked_tags(tags: Any) -> tuple[str, ...]:
    """Return tags as they are stored; raise :class:`~luthier.errors.UsageError` for what cannot be tags."""
    try:
        given: tuple[Any, ...] = (tags,) if isinstance(tags, str) else tuple(tags)
    except TypeError:
        raise UsageError(f"tags={tags!r}: allowed are text and lists of text") from None
    for tag in given:
        if not isinstance(tag, str) or not tag.strip() or "\n" in tag:
            raise UsageError(f"{tag!r} cannot be a tag: allowed is text in one line")
        _require_whole(tag, "tag")
    return given


def _metadata(metadata: Any) -> dict[str, Any]:
    try:
        items = metadata.items()
    except AttributeError:
        raise UsageError(f"metadata={metadata!r}: allowed is a dict, such as {{'bias resistor': 1e6}}") from None
    for key, _ in items:
        if not isinstance(key, str) or key in _RESERVED or key.startswith("$"):
            raise UsageError(
                f"metadata cannot be called {key!r}: allowed is text that does not begin with $, and not "
                f"{' or '.join(map(repr, _RESERVED))}"
            )
    return {key: to_plain(value) for key, value in items}
