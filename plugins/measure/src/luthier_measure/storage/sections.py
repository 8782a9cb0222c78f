"""The facts about a run as sections of JSON, of which a later one replaces an earlier one of the same name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from luthier.plain import to_plain

from luthier_measure.errors import NewerFormatError
from luthier_measure.storage.description import Continuation, Layout, RunEnd, RunHeader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "FORMAT",
    "continuation_sections",
    "end_sections",
    "header_sections",
    "is_run",
    "layout_section",
    "metadata_section",
    "read_continuations",
    "read_end",
    "read_header",
    "snapshot_section",
    "united",
]

FORMAT = (1, 0)
"""Version of the format. A file of a later minor version can be read, one of a later major version cannot."""

_FORMAT, _RUN, _LAYOUT, _PLAN, _END = (
    b"luthier.format",
    b"luthier.run",
    b"luthier.layout",
    b"luthier.plan",
    b"luthier.end",
)
_SNAPSHOT, _SNAPSHOT_AFTER = b"luthier.snapshot", b"luthier.snapshot_after"
_ENVIRONMENT, _METADATA = b"luthier.environment", b"luthier.metadata"
_CONTINUATIONS = b"luthier.continuations"

Sections = dict[bytes, bytes]


def header_sections(header: RunHeader) -> Sections:
    """Everything that is known when a run begins."""
    run = {
        "id": header.id,
        "name": header.name,
        "started": header.started,
        "utc_offset": header.utc_offset,
        "sample": header.sample,
        "note": header.note,
        "tags": list(header.tags),
    }
    return {
        _FORMAT: ".".join(map(str, FORMAT)).encode(),
        _RUN: _dump(run),
        **layout_section(header.layout),
        _PLAN: _dump(header.plan),
        _SNAPSHOT: _dump(header.snapshot),
        _ENVIRONMENT: _dump(header.environment),
        **metadata_section(header.metadata),
    }


def layout_section(layout: Layout) -> Sections:
    """Columns and tables."""
    return {_LAYOUT: _dump(layout.to_data())}


def metadata_section(metadata: Mapping[str, Any]) -> Sections:
    """Return what was added to the run by the user and by plugins."""
    return {_METADATA: _dump(metadata)}


def snapshot_section(snapshot: Mapping[str, Any] | None) -> Sections:
    """Return the state of the instruments before the first set; nothing where it stays as it is."""
    return {} if snapshot is None else {_SNAPSHOT: _dump(snapshot)}


def end_sections(end: RunEnd, counts: Mapping[str, int]) -> Sections:
    """How the run ended, and how many rows each table had then."""
    facts: dict[str, Any] = {"outcome": end.outcome, "ended": end.ended, "error": end.error, "rows": dict(counts)}
    if end.environment:
        facts["environment"] = end.environment
    if end.timings:
        facts["timings"] = end.timings
    if end.duration is not None:
        facts["duration"] = end.duration
    return {_END: _dump(facts), _SNAPSHOT_AFTER: _dump(end.snapshot)}


def continuation_sections(continuations: Iterable[Continuation]) -> Sections:
    """All times that the run went on, the latest last; what was said of its end no longer holds."""
    facts = [
        {
            "started": each.started,
            "points": each.points,
            "outcome": each.outcome,
            "snapshot": each.snapshot,
            "environment": each.environment,
            **({} if each.duration is None else {"duration": each.duration}),
            **({"timings": each.timings} if each.timings else {}),
        }
        for each in continuations
    ]
    return {_CONTINUATIONS: _dump({"continuations": facts}), _END: _dump({}), _SNAPSHOT_AFTER: _dump({})}


def united(metadata: Iterable[Mapping[bytes, bytes]]) -> Sections:
    """Return the sections of all segments of a file; a later segment replaces what an earlier one said."""
    result: Sections = {}
    for sections in metadata:
        result.update(sections)
    return result


def is_run(sections: Mapping[bytes, bytes]) -> bool:
    """Whether the metadata are those of a run."""
    return _FORMAT in sections


def read_header(sections: Mapping[bytes, bytes], path: str) -> RunHeader:
    """Understand what :func:`header_sections` wrote.

    Raises
    ------
    NewerFormatError
        The major version of the format is not known.
    ValueError, LookupError, TypeError
        A section is missing or damaged.
    """
    _check_version(sections[_FORMAT].decode(), path)
    run = json.loads(sections[_RUN])
    return RunHeader(
        id=run["id"],
        name=run["name"],
        started=run["started"],
        layout=Layout.from_data(json.loads(sections[_LAYOUT])),
        utc_offset=run.get("utc_offset", 0),
        sample=run.get("sample", ""),
        note=run.get("note", ""),
        tags=tuple(run.get("tags", ())),
        plan=_load(sections, _PLAN),
        snapshot=_load(sections, _SNAPSHOT),
        environment=_load(sections, _ENVIRONMENT),
        metadata=_load(sections, _METADATA),
    )


def read_end(sections: Mapping[bytes, bytes]) -> tuple[RunEnd, dict[str, int]] | None:
    """Understand what :func:`end_sections` wrote; ``None`` when the run has no end."""
    facts = _load(sections, _END)
    if not facts:
        return None
    end = RunEnd(
        outcome=facts["outcome"],
        ended=facts["ended"],
        error=facts.get("error", ""),
        snapshot=_load(sections, _SNAPSHOT_AFTER),
        environment=facts.get("environment", {}),
        timings=facts.get("timings", {}),
        duration=facts.get("duration"),
    )
    return end, facts.get("rows", {})


def read_continuations(sections: Mapping[bytes, bytes]) -> tuple[Continuation, ...]:
    """Understand what :func:`continuation_sections` wrote."""
    return tuple(
        Continuation(
            facts["started"],
            facts.get("points", 0),
            facts.get("outcome", "interrupted"),
            facts.get("snapshot", {}),
            facts.get("environment", {}),
            facts.get("duration"),
            facts.get("timings", {}),
        )
        for facts in _load(sections, _CONTINUATIONS).get("continuations", ())
    )


def _check_version(text: str, path: str) -> None:
    # A change of the major version adds a branch here that reads the older form.
    major = int(text.split(".", maxsplit=1)[0])
    if major > FORMAT[0]:
        known = ".".join(map(str, FORMAT))
        raise NewerFormatError(
            f"the file has format {text}, this Luthier reads formats up to {known}",
            who=path,
            state="The file was not changed.",
            advice="Update Luthier: pip install --upgrade luthier-measure.",
            path=path,
            found=text,
            known=known,
        )


def _dump(data: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        # Something that JSON cannot say, in a snapshot by a third party: marked, rather than losing the run for it.
        text = json.dumps(to_plain(data), separators=(",", ":"))
    return text.encode()


def _load(sections: Mapping[bytes, bytes], key: bytes) -> dict[str, Any]:
    data = json.loads(sections.get(key, b"{}"))
    if not isinstance(data, dict):
        message = f"{key.decode()} is no JSON object"
        raise ValueError(message)  # noqa: TRY004 - the content of a file is wrong, not the type of an argument
    return data
