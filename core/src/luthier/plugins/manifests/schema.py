"""The JSON Schema of ``luthier.toml``, for editors and other programs."""

from __future__ import annotations

import json
from typing import Any

from luthier.plugins.manifests.layout import MANIFEST

__all__ = ["json_schema", "schema_text"]


def json_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of what the reader accepts, made from the same definition."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "luthier.toml",
        "description": "What a distribution says of its plugins for Luthier.",
        **MANIFEST.schema(),
    }


def schema_text() -> str:
    """Return it as the text of a file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
