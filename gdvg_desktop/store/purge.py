"""Removing all of TMDb's data for good, as TMDb's terms ask for when somebody stops using them.

A new library is written beside the old one with what is the user's own: the scope, the presets, the schedule and its
pause, the rules and targets of alerts, the history of jobs with their counts, the daily and hourly counts. It takes the
old one's place in one step, and then everything else with TMDb's data goes: backups, replaced libraries, posters,
exports, the id sets of snapshots. That needs next to no free space and leaves no freed page behind, which deleting rows
and a VACUUM would not give. Settings and the key stay.

A purge that was killed is ended by the next start: from the moment it begins a file says so.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import backup, health, jobs, snapshot_file
from gdvg_desktop.store.migrate import migrate, steps, version_of

Progress = Callable[[str], None]

# What is kept, in this order: tables, and what of them
_KEPT = {
    "job": "1",
    "job_phase": "1",
    "job_incident": "1",
    "daily_count": "1",
    "fact": "name IN ('scope', 'presets_shipped', 'schedule_pause')",
    "preset": "1",
    "task": "1",
    "task_run": "1",
    "alert_rule": "1",
    "alert_target": "1",
    "work_hour": "1",
}
_MARK = "purge.pending"


@dataclass(frozen=True, slots=True)
class Purged:
    """What went: titles of the library, files and folders beside it, and bytes given back."""

    titles: int
    files: int
    size: int


def pending(paths: Paths) -> bool:
    """Whether a purge was begun and not ended."""
    return (paths.data_dir / _MARK).exists()


def purge(paths: Paths, now_ms: int, on_progress: Progress | None = None) -> Purged:
    """Purge a data folder. Blocking. The caller holds the engine lock and has no connection to the library open.

    Raises LibraryBusy when another program has the library open; nothing has gone then.
    """
    say = on_progress or (lambda _text: None)
    mark = paths.data_dir / _MARK
    begun = mark.exists()
    titles, size = _measure(paths)
    fresh = paths.library.with_suffix(".partial")
    with backup.alone(paths):
        try:
            say("Writing a library without TMDb's data")
            fresh.unlink(missing_ok=True)
            _write_fresh(fresh, paths.library, now_ms)
            mark.touch()
            backup.flush_folder(paths.data_dir)
            backup.replace_library(paths, fresh)
        except GdvgError:
            if not begun:
                mark.unlink(missing_ok=True)
            raise
        finally:
            for left in paths.data_dir.glob("library.partial*"):
                left.unlink(missing_ok=True)
        say("Removing backups, posters and exports")
        files = _remove_files(paths)
        snapshot_file.purge_ids(paths)
        mark.unlink(missing_ok=True)
        backup.flush_folder(paths.data_dir)
    after = sum(one.stat().st_size for one in _all_files(paths))
    say("Purged")
    return Purged(titles, files, max(0, size - after))


def _write_fresh(fresh: Path, library: Path, now_ms: int) -> None:
    connection = health.connect(fresh)
    try:
        connection.execute("PRAGMA journal_mode = OFF")  # a half-written file is never used
        migrate(connection)
        with contextlib.suppress(sqlite3.DatabaseError):  # of a damaged library nothing is kept
            _copy_kept(connection, library)
    finally:
        connection.close()
    db = SqliteDatabase(str(fresh), pragmas={"journal_mode": "off"})
    with db.connection_context():
        db.execute_sql("UPDATE job SET config = '{}' WHERE kind = 'refresh'")  # a list of TMDb's ids
        for job in jobs.queue(db):
            jobs.cancel(db, job.id, now_ms)
    backup.flush(fresh)


def _copy_kept(connection: sqlite3.Connection, library: Path) -> None:
    if health.is_empty(library) or health.quick_look(library) != steps()[-1].number:
        return
    connection.execute("ATTACH DATABASE ? AS old", (str(library),))
    try:
        connection.execute("BEGIN")
        for table, which in _KEPT.items():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM old.{table} WHERE {which}")
        # numbers that were given once are not given again: snapshots remember positions in the log of changes
        connection.execute("DELETE FROM main.sqlite_sequence")
        connection.execute("INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM old.sqlite_sequence")
        connection.execute("COMMIT")
    except sqlite3.DatabaseError:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("DETACH DATABASE old")


def _measure(paths: Paths) -> tuple[int, int]:
    """Titles of the library (0 when it cannot be read), and the bytes of all files."""
    titles = 0
    with (
        contextlib.suppress(sqlite3.DatabaseError, OSError),
        contextlib.closing(health.connect(paths.library)) as connection,
    ):
        if version_of(connection):
            titles = sum(backup.count_titles(connection).values())
    return titles, sum(one.stat().st_size for one in _all_files(paths))


def _all_files(paths: Paths) -> list[Path]:
    return [Path(folder, name) for folder, _, names in os.walk(paths.data_dir) for name in names]


def _remove_files(paths: Paths) -> int:
    removed = 0
    folders = [paths.posters, paths.data_dir / "exports", *backup.set_aside(paths)]
    for one in paths.backups.glob("library-*"):
        one.unlink(missing_ok=True)
        removed += 1
    for folder in folders:
        removed += sum(len(names) for _, _, names in os.walk(folder))
        shutil.rmtree(folder, ignore_errors=True)
    return removed
