"""The check of the documents that runs the example of the driver's class."""

from __future__ import annotations

import doctest
import sys
from typing import TYPE_CHECKING

from luthier.testing.conformance.outcomes import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.testing.conformance.subject import Subject

__all__ = ["example"]


def example(subject: Subject) -> Iterator[Problem]:
    """Run the example in the docstring of the class, as doctest does."""
    kind = subject.kind
    names = vars(sys.modules[kind.__module__])
    found = doctest.DocTestParser().get_doctest(kind.__doc__ or "", dict(names), kind.__qualname__, None, None)
    if not any("sim://" in one.source for one in found.examples):
        yield Problem("", "the docstring of its class has no example that opens it on its simulator (sim://)")
        return
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(found, out=told.append)
    if told:
        yield Problem("", f"the example does not run as it says: {' '.join(told[-1].split())[-300:]}")
