"""Stored points of which a kill has left out earlier ones of another table."""

from __future__ import annotations

import numpy as np
import pytest
from luthier_measure.past import Past
from luthier_measure.storage import TableData
from luthier_measure.stored_rows import StoredRows


def _rows(*places: tuple[int, ...]) -> StoredRows:
    indices = tuple(np.array([place[axis] for place in places], dtype=np.int32) for axis in range(len(places[0])))
    return StoredRows(TableData(np.arange(len(places), dtype=float), indices, {}))


@pytest.mark.parametrize(("may_leave_out", "found"), [(False, "missing"), (True, "left out")])
def test_what_was_not_written_is_missing_where_nothing_is_left_out(may_leave_out: bool, found: str) -> None:
    # Of a sweep with two blocks: the second block was written to its end, and the first was not.
    stored = {"first": _rows((0, 0)), "second": _rows((0, 0), (0, 1))}
    past = Past(stored, [("first",), ("second",)], ["first", "second"], [(), ()], may_leave_out=may_leave_out)
    assert past.find(0, (0, 0)) == "stored"
    assert past.find(0, (0, 1)) == found
