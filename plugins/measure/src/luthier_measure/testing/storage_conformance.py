"""The conformance suite of storages: a class of tests to subclass."""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from luthier_measure.testing import growth_checks
from luthier_measure.testing import storage_checks as checks
from luthier_measure.testing import storage_life_checks as life_checks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.storage import Storage

__all__ = ["StorageConformance"]


class StorageConformance:
    """What a plugin of the kind ``luthier.storage`` must pass.

    Subclass it in a test module and name the storage::

        class TestMyStorage(StorageConformance):
            factory = "luthier_mine.storage:MyStorage"

    Attributes
    ----------
    factory
        ``module:name`` of what makes the storage of a folder.
    """

    factory: str

    def make(self, folder: Path) -> Storage:
        """Make the storage of a folder."""
        import importlib  # noqa: PLC0415 - a test's, not the module's

        module, _, name = self.factory.partition(":")
        made = cast("Callable[[Path], Storage]", getattr(importlib.import_module(module), name))
        return made(folder)

    def test_everything_known_of_a_run_can_be_read_as_soon_as_it_begins(self, tmp_path: Path) -> None:
        checks.check_header(self.make(tmp_path / "data"))

    def test_the_end_is_kept_and_counts_once(self, tmp_path: Path) -> None:
        checks.check_ending(self.make(tmp_path / "data"))

    def test_single_values_come_back_to_the_last_bit(self, tmp_path: Path) -> None:
        checks.check_scalars(self.make(tmp_path / "data"))

    def test_arrays_come_back_with_types_and_shapes(self, tmp_path: Path) -> None:
        checks.check_arrays(self.make(tmp_path / "data"))

    def test_columns_become_wider_when_they_have_to(self, tmp_path: Path) -> None:
        checks.check_widening(self.make(tmp_path / "data"))

    def test_values_that_cannot_be_stored_are_reported_and_cost_nothing_else(self, tmp_path: Path) -> None:
        checks.check_failing_values(self.make(tmp_path / "data"))

    def test_tables_of_different_dimensions_share_a_run(self, tmp_path: Path) -> None:
        checks.check_tables(self.make(tmp_path / "data"))

    def test_tables_and_columns_are_added_while_the_run_goes_on(self, tmp_path: Path) -> None:
        growth_checks.check_growing(self.make(tmp_path / "data"), self.make(tmp_path / "other"))

    def test_what_was_added_survives_the_death_of_the_process(self, tmp_path: Path) -> None:
        growth_checks.check_growing_and_dying(self.make, self.factory, tmp_path / "data")

    def test_tables_that_do_not_fit_are_refused(self, tmp_path: Path) -> None:
        growth_checks.check_growth_that_is_refused(self.make(tmp_path / "data"))

    def test_metadata_are_replaced(self, tmp_path: Path) -> None:
        checks.check_annotating(self.make(tmp_path / "data"))

    def test_queries_select(self, tmp_path: Path) -> None:
        checks.check_finding(self.make(tmp_path / "data"))

    def test_tags_and_notes_change_at_any_time(self, tmp_path: Path) -> None:
        checks.check_editing(self.make(tmp_path / "data"))

    def test_runs_are_copied_whole(self, tmp_path: Path) -> None:
        checks.check_copying(self.make(tmp_path / "data"), self.make(tmp_path / "other"))

    def test_runs_that_were_stopped_go_on(self, tmp_path: Path) -> None:
        checks.check_resuming(self.make(tmp_path / "data"))

    def test_readers_see_whole_points_while_the_run_grows(self, tmp_path: Path) -> None:
        life_checks.check_reading_while_writing(self.make, tmp_path / "data")

    def test_several_runs_are_written_at_once(self, tmp_path: Path) -> None:
        life_checks.check_writing_at_once(self.make, tmp_path / "data")

    def test_what_was_flushed_survives_the_death_of_the_process(self, tmp_path: Path) -> None:
        life_checks.check_dying(self.make, self.factory, tmp_path / "data")

    def test_wrong_calls_are_refused(self, tmp_path: Path) -> None:
        life_checks.check_wrong_calls(self.make, tmp_path)
