"""What is said of a run after it began, and runs in other folders."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from luthier.errors import UsageError
from luthier_measure import load, runs
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.errors import DataFolderError, RunGoesOnError, RunNotFoundError
from luthier_measure.storage import RunEdit, RunEnd, RunQuery, new_run_id
from luthier_measure.storage.edits import edits_path
from luthier_measure.storage.folder import catalogue_path, run_path

if TYPE_CHECKING:
    from pathlib import Path


def listed(storage: ArrowStorage) -> list[tuple[str, ...]]:
    return [each.tags for each in storage.find(RunQuery())]


def test_tags_and_notes_are_edited_after_the_end_and_leave_the_file_alone(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run(tags=("a", "b"), note="first")
    path = run_path(storage.folder, run_id)
    before = path.read_bytes()
    run = load(run_id, folder=storage.folder)
    assert run.dataset.attrs["tags"] == "a, b"
    run.tag("c", "b")
    run.untag("a", "never there")
    run.add_note("second")
    assert (run.tags, run.note, run.dataset.attrs["tags"]) == (("b", "c"), "first\nsecond", "b, c")
    run.note = "other"
    again = load(run_id, folder=storage.folder)
    assert (again.tags, again.note) == (("b", "c"), "other")
    assert path.read_bytes() == before
    assert listed(storage) == [("b", "c")]
    assert [each.id for each in runs(tag="c", folder=storage.folder)] == [run_id]


def test_edits_survive_a_rebuild_and_are_found_without_the_catalogue(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run()
    listed(storage)
    storage.edit(run_id, RunEdit(add_tags=("one",)))
    storage.rebuild()
    assert listed(storage) == [("one",)]
    catalogue_path(storage.folder).unlink()
    storage.edit(run_id, RunEdit(add_tags=("two",)))
    assert listed(storage) == [("one", "two")]


def test_an_edit_that_could_not_be_noted_is_found_at_the_next_look(
    storage: ArrowStorage, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = make_run()
    day = run_path(storage.folder, run_id).parent
    os.utime(day, (1e9, 1e9))
    assert listed(storage) == [()]
    with monkeypatch.context() as patch:
        patch.setattr("luthier_measure.storage.catalogue.Catalogue.note", lambda *_: None)
        storage.edit(run_id, RunEdit(add_tags=("late",)))
    assert listed(storage) == [("late",)]


def test_a_run_that_goes_on_can_be_edited(storage: ArrowStorage, make_header: Any, add_points: Any) -> None:
    writer = storage.create(make_header(tags=("a",)))
    run = load(writer.id, folder=storage.folder)
    run.tag("seen")
    run.note = "jump at 3 V"
    assert (run.outcome, run.tags) == ("running", ("a", "seen"))
    add_points(writer, 3)
    writer.finish(RunEnd("completed", 1.0))
    run = load(writer.id, folder=storage.folder)
    assert (run.points, run.tags, run.note) == (3, ("a", "seen"), "jump at 3 V")
    assert listed(storage) == [("a", "seen")]


def test_edits_by_many_at_once_are_all_kept(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: storage.edit(run_id, RunEdit(add_tags=(f"t{number}",))), range(40)))
    assert set(load(run_id, folder=storage.folder).tags) == {f"t{number}" for number in range(40)}


def test_a_line_that_was_cut_off_counts_for_nothing(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run()
    storage.edit(run_id, RunEdit(add_tags=("a",)))
    path = edits_path(run_path(storage.folder, run_id))
    path.write_bytes(path.read_bytes() + b'{"add_tags": ["b')
    storage.edit(run_id, RunEdit(add_tags=("c",)))
    assert load(run_id, folder=storage.folder).tags == ("a", "c")


def test_what_cannot_be_edited_says_so(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run()
    run = load(run_id, folder=storage.folder)
    with pytest.raises(UsageError, match="cannot be a tag"):
        run.tag("two\nlines")
    with pytest.raises(UsageError, match="allowed is text"):
        run.note = 5  # type: ignore[assignment] # the mistake that is told
    with pytest.raises(RunNotFoundError):
        storage.edit(new_run_id(), RunEdit(note="x"))
    edits_path(run_path(storage.folder, run_id)).mkdir()
    with pytest.raises(DataFolderError, match="cannot be written") as caught:
        run.tag("x")
    assert "The run was not changed." in str(caught.value)
    assert run.tags == ()


def test_a_copy_is_whole_and_found_in_the_other_folder(storage: ArrowStorage, make_run: Any, tmp_path: Path) -> None:
    run_id = make_run(points=9, name="gate")
    storage.edit(run_id, RunEdit(add_tags=("kept",)))
    other = ArrowStorage(tmp_path / "archive")
    assert storage.copy(run_id, other.folder)
    assert run_path(other.folder, run_id).read_bytes() == run_path(storage.folder, run_id).read_bytes()
    assert [(each.id, each.tags, each.points) for each in other.find(RunQuery())] == [(run_id, ("kept",), 9)]
    assert not storage.copy(run_id, other.folder)
    assert [entry.suffix for entry in sorted(run_path(other.folder, run_id).parent.iterdir())] == [".arrows", ".edits"]


def test_a_copy_never_replaces_another_file_and_never_takes_half_a_run(
    storage: ArrowStorage, make_run: Any, make_header: Any, tmp_path: Path
) -> None:
    run_id = make_run()
    target = run_path(tmp_path / "archive", run_id)
    target.parent.mkdir(parents=True)
    target.write_bytes(b"something else")
    with pytest.raises(DataFolderError, match="another file of this name"):
        storage.copy(run_id, tmp_path / "archive")
    assert target.read_bytes() == b"something else"
    writer = storage.create(make_header())
    with pytest.raises(RunGoesOnError, match="is being written"):
        storage.copy(writer.id, tmp_path / "archive")
    writer.finish(RunEnd("completed", 1.0))
    assert len(list(target.parent.iterdir())) == 1
