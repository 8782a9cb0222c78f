"""Filling in the template."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import zipfile
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from luthier_cli.new_file import new_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TEMPLATE", "render"]

TEMPLATE: Final = "template.zip"
"""The template, as it is in the repository's folder ``cookiecutter-driver``; zipped, because it is no Python yet."""

_BESIDE: Final = "../luthier"
"""Where cruft looks for the template, unless it is told another place: a clone of the repository beside the folder."""


def render(context: Mapping[str, Any], folder: Path, repository: str = "") -> Path:
    """Make the new distribution in a folder that exists, and return its own.

    It is put together elsewhere and appears whole; nothing else is written.

    Parameters
    ----------
    context
        The variables of the template.
    folder
        Where the new folder, which has the name of the distribution, is made.
    repository
        Where Luthier's repository is, for ``cruft update``.

    Raises
    ------
    click.ClickException
        There is such a folder already, or it cannot be written.
    ModuleNotFoundError
        cookiecutter is not installed.
    """
    from cookiecutter.generate import generate_files  # noqa: PLC0415 - an extra, for this command only

    logging.getLogger("cookiecutter").setLevel(logging.WARNING)
    target = folder / str(context["distribution"])
    with new_folder(target, overwrite=False) as unfinished, tempfile.TemporaryDirectory() as scratch:
        template = Path(scratch) / "template"
        with (
            resources.as_file(resources.files("luthier_cli") / TEMPLATE) as file,
            zipfile.ZipFile(file) as archive,
        ):
            archive.extractall(template)
        made: str = generate_files(
            template, {"cookiecutter": dict(context)}, Path(scratch) / "made", accept_hooks=False
        )
        shutil.copytree(made, unfinished)
        origin = _origin(context, repository)
        (unfinished / ".cruft.json").write_text(origin, encoding="utf-8", newline="\n")
    return target


def _origin(context: Mapping[str, Any], repository: str) -> str:
    """Return what cruft has to know to bring later versions of the template."""
    release = f"v{version('luthier-cli')}"
    facts = {
        "template": repository or _BESIDE,
        "commit": release,
        "checkout": None,
        "context": {"cookiecutter": dict(context)},
        "directory": "cookiecutter-driver",
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
