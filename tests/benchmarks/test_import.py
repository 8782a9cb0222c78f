"""How long it takes until the user has Luthier."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

GROUP = "import"


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def test_attrs_and_pluggy(limit: Any) -> None:
    limit(GROUP).pedantic(_run, args=("import attrs, pluggy",), rounds=25, warmup_rounds=2)


def test_interpreter_alone(subject: Any) -> None:
    subject(GROUP).pedantic(_run, args=("pass",), rounds=25, warmup_rounds=2)


def test_luthier(subject: Any) -> None:
    subject(GROUP, budget=1.5).pedantic(_run, args=("import luthier",), rounds=25, warmup_rounds=2)
