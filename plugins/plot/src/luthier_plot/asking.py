"""What a page asks with: JSON that says what it has seen, checked before it is used."""

from __future__ import annotations

import json
from typing import Any

from luthier_plot.views import Known
from luthier_plot.watching import Seen

__all__ = ["BadQuestionError", "read_question"]

_MOST_PANELS = 100
_LONGEST = 200


class BadQuestionError(ValueError):
    """What was asked is not understood."""


def read_question(body: bytes) -> Seen:
    """Understand what a page has seen; :class:`BadQuestionError` when it is not of the form that pages use.

    Examples
    --------
    >>> read_question(b'{"run": "a", "version": 3, "panels": {"y": ["line", 7]}}').panels["y"]
    Known(revision='line', rows=7)
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadQuestionError("this is no JSON") from error
    if not isinstance(data, dict):
        raise BadQuestionError("this is no JSON object")
    panels = data.get("panels", {})
    if not isinstance(panels, dict) or len(panels) > _MOST_PANELS:
        raise BadQuestionError(f"panels is {type(panels).__name__}: allowed is an object of at most {_MOST_PANELS}")
    known = {_text(name): _known(value) for name, value in panels.items()}
    return Seen(_text(data.get("run", "")), _number(data.get("version", -1)), known)


def _known(value: Any) -> Known:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - revision and rows
        raise BadQuestionError("a panel is known by its revision and its rows")
    return Known(_text(value[0]), _number(value[1]))


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST:
        return value
    raise BadQuestionError(f"allowed is text of at most {_LONGEST} characters")


def _number(value: Any) -> int:
    if type(value) is int:
        return value
    raise BadQuestionError("allowed is a whole number")
