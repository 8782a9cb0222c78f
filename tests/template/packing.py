"""Packs cookiecutter-driver/ into the file that luthier-cli ships.

``python3 dev.py run python tests/template/packing.py`` does it. The same files give the same bytes on every machine.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "cookiecutter-driver"
PACKED = ROOT / "plugins" / "cli" / "src" / "luthier_cli" / "template.zip"


def files() -> dict[str, bytes]:
    """Return the files of the template, by their names in it."""
    return {
        path.relative_to(SOURCE).as_posix(): path.read_bytes()
        for path in sorted(SOURCE.rglob("*"))
        if path.is_file() and path != SOURCE / "README.md" and "__pycache__" not in path.parts
    }


def packed() -> bytes:
    """Return the archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files().items():
            entry = zipfile.ZipInfo(name)  # of 1980, and the same on every system
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_STORED)
    return buffer.getvalue()


if __name__ == "__main__":
    PACKED.write_bytes(packed())
