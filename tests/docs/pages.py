"""The code blocks of a page of the documentation, and how each kind is run.

- ``python``: executed, one after another in one namespace; with ``>>>`` prompts also compared with the output shown.
- ``toml``: has to be TOML.
- a block whose first line is a comment that names a file (``# lab.toml``, ``# acme.py``): written to that file; of
  Markdown (``<!-- page.md -->``) without that line.
- ``console``: each line that starts with ``$`` is run, and has to succeed.
- ``text`` and the like: shown, not run.
- ``<!-- not executed: reason -->`` in front of a block leaves it out, with a reason.

A picture that a page shows from ``pictures/`` has to be made by its blocks, as a file of that name. Where it is
missing, ``dev.py docs`` puts it there (``LUTHIER_WRITE_PICTURES``): delete one to have it made anew.

Everything happens in an empty folder, in a fresh interpreter, with the environment's own commands on the path. A page
with ``<!-- in an environment of its own -->`` may install things: into an environment on top of this one.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import site
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import attrs

SHOWN_ONLY = frozenset({"text", "output", "mermaid", "json", "yaml"})
ELSEWHERE = frozenset({"r", "julia", "bash", "powershell"})
"""Languages that the tests cannot count on."""

_FENCE = re.compile(r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})(?P<language>[\w+-]*)[^\n`]*$")
_FILE_NAME = re.compile(r"^(#|<!--) (?P<name>[\w./-]+\.(toml|py|yaml|txt|csv|md))( -->)?\s*$")
_PICTURE = re.compile(r"!\[[^\]]*\]\(pictures/(?P<name>[\w.-]+)\)")
_LEFT_OUT = re.compile(r"<!--\s*not executed:\s*(?P<reason>.+?)\s*-->")


@attrs.frozen
class Block:
    """A fenced block of a page; ``line`` is that of its first line of content."""

    language: str
    text: str
    line: int
    left_out: str


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found: list[Block] = []
    reason = ""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), start=1))
    for _, line in lines:
        opening = _FENCE.match(line)
        if opening is None:
            left_out = _LEFT_OUT.search(line)
            reason = left_out["reason"] if left_out else (reason if not line.strip() else "")
            continue
        content: list[str] = []
        first = 0
        for number, inner in lines:
            first = first or number
            if inner.strip() == opening["fence"]:
                break
            content.append(inner.removeprefix(opening["indent"]))
        else:
            raise AssertionError(f"{page}: the block before line {first} is not closed")
        found.append(Block(opening["language"], "\n".join(content) + "\n", first, reason))
        reason = ""
    return found


def run_page(page: Path) -> None:
    """Run the blocks of a page in this process and folder; for a fresh interpreter."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks_of(page):
        if not block.left_out:
            _run_block(block, page, namespace)
    _take_pictures(page)


def _take_pictures(page: Path) -> None:
    """See that the blocks have made the pictures that the page shows, and put them beside it where that is wanted."""
    for picture in _PICTURE.finditer(page.read_text(encoding="utf-8")):
        made = Path(picture["name"])
        if not made.is_file():
            raise AssertionError(f"{page}: nothing makes the picture {made}, which it shows")
        place = page.parent / "pictures" / made.name
        if os.environ.get("LUTHIER_WRITE_PICTURES") and not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(made.read_bytes())


def _run_block(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    named = _FILE_NAME.match(block.text.partition("\n")[0])
    if named:
        file = Path(named["name"])
        file.parent.mkdir(parents=True, exist_ok=True)
        text = block.text.partition("\n")[2] if file.suffix == ".md" else block.text
        file.write_text(text, encoding="utf-8")
    elif block.language == "python" and ">>>" in block.text:
        _run_doctest(block, page, namespace)
    elif block.language == "python":
        source = "\n" * (block.line - 1) + block.text
        exec(compile(source, str(page), "exec"), namespace)  # noqa: S102 - our own pages
    elif block.language == "console":
        _run_console(block, page)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language not in SHOWN_ONLY | ELSEWHERE:
        raise AssertionError(f"{page}:{block.line}: no way to run a block of {block.language!r}")


def _run_doctest(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(block.text, {}, page.name, str(page), block.line - 1)
    test.globs = namespace
    result = doctest.DocTestRunner(optionflags=flags).run(test, clear_globs=False)
    if result.failed:
        raise AssertionError(f"{page}:{block.line}: {result.failed} examples show something else than what happens")


def _run_console(block: Block, page: Path) -> None:
    for offset, line in enumerate(block.text.splitlines()):
        if line.startswith("$ "):
            # pip warns of what it does itself.
            variables = {**os.environ, "PYTHONWARNINGS": "default"} if line.startswith("$ pip ") else None
            done = subprocess.run(shlex.split(line[2:]), env=variables, capture_output=True, text=True, check=False)
            sys.stdout.write(f"{line}\n{done.stdout}{done.stderr}")
            if done.returncode:
                raise AssertionError(f"{page}:{block.line + offset}: {line} ended with exit code {done.returncode}")
            if line.startswith("$ pip install"):
                site.addsitedir(sysconfig.get_path("purelib"))  # as for an interpreter that is started now


def has_own_environment(page: Path) -> bool:
    """Tell whether a page installs things."""
    return "<!-- in an environment of its own -->" in page.read_text(encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which a page is run: nothing of the user's, and the commands of this one."""
    pictures = "LUTHIER_WRITE_PICTURES"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LUTHIER_") or name == pictures}
    path = os.pathsep.join((str(Path(sys.executable).parent), kept.get("PATH", "")))
    data = str(folder / "data")
    return {
        **kept,
        "PATH": path,
        "LUTHIER_DATA": data,
        "LUTHIER_CONFIG": "config.toml",
        "LUTHIER_RUNTIME_DIR": "servers",  # below the page's own folder; relative, so that sockets have short paths
        "MPLBACKEND": "Agg",
        "PYTHONWARNINGS": "error",
        "COLUMNS": "120",
    }


if __name__ == "__main__":
    run_page(Path(sys.argv[1]))
