"""``python -m luthier_cli``, for where the command is not on the path."""

from __future__ import annotations

import sys

from luthier_cli.program import main

if __name__ == "__main__":
    sys.exit(main())
