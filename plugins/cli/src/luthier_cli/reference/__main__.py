"""``python -m luthier_cli.reference FOLDER`` writes the pages that are made from what is installed into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from luthier_cli.reference.writing import write_pages

if __name__ == "__main__":
    for written in write_pages(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
