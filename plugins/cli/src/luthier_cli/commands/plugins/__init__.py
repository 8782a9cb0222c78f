"""``luthier plugins``: what is installed, what is wrong with it, and what is switched off."""

from __future__ import annotations

from typing import Final

import click

from luthier_cli.lazy_group import LazyGroup

__all__ = ["plugins_group"]

_HERE: Final = "luthier_cli.commands.plugins"


@click.group(
    "plugins",
    cls=LazyGroup,
    lazy={
        "list": f"{_HERE}.listing:list_plugins",
        "info": f"{_HERE}.info:info",
        "doctor": f"{_HERE}.doctor:doctor",
        "check": f"{_HERE}.check:check",
        "document": f"{_HERE}.document:document",
        "search": f"{_HERE}.search:search",
        "install": f"{_HERE}.install:install",
        "disable": f"{_HERE}.switching:disable",
        "enable": f"{_HERE}.switching:enable",
        "freeze": f"{_HERE}.freeze:freeze",
    },
)
def plugins_group() -> None:
    """Plugins: what is installed, repaired, switched off."""
