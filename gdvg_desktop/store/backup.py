"""Backups of the library: whole copies beside it, verified, the last two kept.

A copy is made by `VACUUM INTO` on a connection of its own, which reads one snapshot and never starts over, however
much is written meanwhile.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gdvg_desktop.core.errors import DiskFull, StorageError
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.health import ForeignFile, connect, quick_look, whole_check

KEPT = 2
_SPARE = 50_000_000  # bytes left free beside a backup
_STEPS = 200_000  # SQLite instructions between two looks at how far the copy is

Progress = Callable[[str], None]


def good_backups(paths: Paths) -> tuple[str, ...]:
    """Paths of backups that open, newest first. Each was verified whole when it was made."""
    good = []
    for path in _backups(paths):
        try:
            if quick_look(path):
                good.append(str(path))
        except (sqlite3.DatabaseError, ForeignFile, OSError):
            continue
    return tuple(good)


def make_backup(paths: Paths, reason: str, on_progress: Progress | None = None) -> Path:
    """Copy the library to the backups folder and return the copy. Blocking: the time is that of reading the file.

    `reason` becomes part of the name (letters, digits and hyphens). Raises DiskFull before anything is written when
    there is no room, StorageError when the copy turns out damaged (it is then removed).
    """
    say = on_progress or (lambda _text: None)
    paths.backups.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    target = paths.backups / f"library-{stamp}-{reason}.db"
    partial = target.with_suffix(".partial")
    source = connect(paths.library)
    try:
        expected = _expected_size(source)
        _check_room(paths.backups, expected)
        source.set_progress_handler(lambda: _report(partial, expected, say), _STEPS)
        source.execute("VACUUM INTO ?", (str(partial),))
        source.set_progress_handler(None, 0)
        say("Verifying the backup")
        _verify(partial)
        _flush(partial)
        partial.replace(target)
    finally:
        source.close()
        partial.unlink(missing_ok=True)
    for old in _backups(paths)[KEPT:]:
        old.unlink(missing_ok=True)
    say("Backup made")
    return target


def put_back(paths: Paths, backup: Path) -> Path:
    """Put a verified backup in the library's place; returns the folder the damaged files were moved to.

    The caller holds the engine lock and nobody has the library open.
    """
    _verify(backup)
    _check_room(paths.data_dir, backup.stat().st_size)
    partial = paths.library.with_suffix(".partial")
    try:
        shutil.copyfile(backup, partial)
        _flush(partial)
        aside = paths.data_dir / f"damaged-{datetime.now(UTC).strftime('%Y%m%d-%H%M%S-%f')}"
        aside.mkdir()
        for name in (f"{paths.library.name}-wal", f"{paths.library.name}-shm", paths.library.name):
            damaged = paths.data_dir / name
            if damaged.exists():
                damaged.rename(aside / name)
        partial.replace(paths.library)
    finally:
        partial.unlink(missing_ok=True)
    return aside


def _backups(paths: Paths) -> list[Path]:
    return sorted(paths.backups.glob("library-*.db"), reverse=True)


def _expected_size(source: sqlite3.Connection) -> int:
    pages, free, size = (
        int(source.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise DiskFull(
            f"There is no room for a copy of the library: {needed // 1_000_000:,} MB are needed in {folder} "
            f"and {free // 1_000_000:,} MB are free.",
            "Free some space and try again.",
        )


def _report(partial: Path, expected: int, say: Progress) -> int:
    try:
        written = partial.stat().st_size
    except FileNotFoundError:
        written = 0
    say(f"Backing up the library: {min(100, written * 100 // max(1, expected))} %")
    return 0  # anything else would end the copy


def _verify(path: Path) -> None:
    try:
        quick_look(path)
        connection = connect(path)
        try:
            problems = whole_check(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        problems = [str(error)]
    if problems:
        raise StorageError(f"The backup {path.name} is damaged: {problems[0]}.", "Choose another backup.")


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
