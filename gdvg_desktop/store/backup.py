"""Backups of the library: whole copies beside it, verified, the last two of each reason kept.

A copy is made by `VACUUM INTO` on a connection of its own, which reads one snapshot and never starts over, however
much is written meanwhile. Its file has its final name only once it was read whole and found sound; what a program that
was killed left is swept away by the next backup or start.
"""

import contextlib
import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import DiskFull, LibraryBusy, LibraryLocked, StorageError, UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.health import ForeignFile, connect, quick_look, whole_check
from gdvg_desktop.store.lock import EngineLock

KEPT = 2  # of each reason
KEPT_ASIDE = 2  # libraries that gave way to a restored backup
MANUAL = "manual"
_SPARE = 50_000_000  # bytes left free beside a backup
_STEPS = 200_000  # SQLite instructions between two looks at how far the copy is
_STAMP = "%Y%m%d-%H%M%S-%f"
_NAME = re.compile(r"library-(\d{8}-\d{6}-\d{6})-([\w-]+)\.db")
_ASIDE = ("damaged", "replaced")  # folders of libraries that gave way

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as the list shows it. `made_at` in unix ms, `size` in bytes.

    `problem` says why it cannot be restored ("" when it can): it was verified whole when it was made, and is looked
    at again when it is listed. Titles and schema are None when it cannot be read.
    """

    path: Path
    reason: str
    made_at: int
    size: int
    schema: int | None
    titles: dict[MediaType, int] | None
    problem: str

    @property
    def name(self) -> str:
        """The file's name, by which it is asked for."""
        return self.path.name

    @property
    def verified(self) -> bool:
        """Whether it can be put back."""
        return not self.problem


def listing(paths: Paths) -> list[Backup]:
    """All backups, newest first."""
    return [_described(path) for path in _backups(paths)]


def find(paths: Paths, name: str) -> Backup:
    """A backup by its name, with or without .db; "latest" is the newest that is sound. Raises UsageError."""
    found = listing(paths)
    if name == "latest":
        wanted = next((one for one in found if one.verified), None)
    else:
        wanted = next((one for one in found if name in (one.name, one.path.stem)), None)
    if wanted is None:
        raise UsageError(f"There is no backup {name} in {paths.backups}.", "Backups are listed by: gdvg backup list.")
    return wanted


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
    there is no room, StorageError when the copy turns out damaged (it is then removed), LibraryBusy when another
    backup is being made.
    """
    say = on_progress or (lambda _text: None)
    paths.backups.mkdir(exist_ok=True)
    with alone(paths):
        _sweep(paths)
        target = paths.backups / f"library-{datetime.now(UTC).strftime(_STAMP)}-{reason}.db"
        partial = target.with_suffix(".partial")
        source = connect(paths.library)
        try:
            expected = _expected_size(source)
            check_room(paths.backups, expected)
            source.set_progress_handler(lambda: _report(partial, expected, say), _STEPS)
            source.execute("VACUUM INTO ?", (str(partial),))
            source.set_progress_handler(None, 0)
            say("Verifying the backup")
            _verify(partial)
            flush(partial)
            partial.replace(target)
        finally:
            source.close()
            _sweep(paths)
        _thin(paths)
    say("Backup made")
    return target


def sweep(paths: Paths) -> None:
    """Remove what a backup or a restoration that was killed has left. Leaves a backup being made elsewhere alone."""
    if not paths.backups.exists():
        return
    with contextlib.suppress(LibraryBusy), alone(paths):
        _sweep(paths)


def put_back(paths: Paths, backup: Path, on_progress: Progress | None = None) -> Path:
    """Put a verified backup in the library's place; returns the folder the files it replaces were moved to.

    The caller holds the engine lock. Raises LibraryBusy when any other program has the library open, DiskFull when
    there is no room for the copy, StorageError when the backup is damaged. Killed at any moment, it leaves either
    library whole.
    """
    say = on_progress or (lambda _text: None)
    say("Verifying the backup")
    _verify(backup)
    check_room(paths.data_dir, backup.stat().st_size)
    partial = paths.library.with_suffix(".partial")
    with alone(paths):
        try:
            say("Copying the backup")
            shutil.copyfile(backup, partial)
            flush(partial)
            aside = replace_library(paths, partial)
        finally:
            partial.unlink(missing_ok=True)
    for old in sorted(paths.data_dir.glob("replaced-*"), reverse=True)[KEPT_ASIDE:]:
        shutil.rmtree(old, ignore_errors=True)
    return aside


def replace_library(paths: Paths, fresh: Path) -> Path:
    """Put a ready file in the library's place in one step; returns the folder that keeps the files it replaces.

    The caller holds the engine lock. Raises LibraryBusy when another program has the library open.
    """
    sound = not paths.library.exists() or _put_log_away(paths.library)
    stamp = datetime.now(UTC).strftime(_STAMP)
    aside = paths.data_dir / f"{'replaced' if sound else 'damaged'}-{stamp}"
    aside.mkdir()
    try:
        for name in (f"{paths.library.name}-wal", f"{paths.library.name}-shm"):
            left = paths.data_dir / name
            if left.exists():
                left.rename(aside / name)
        if paths.library.exists():
            try:
                os.link(paths.library, aside / paths.library.name)  # the name is never without a library
            except OSError:  # a file system without links
                paths.library.rename(aside / paths.library.name)
        fresh.replace(paths.library)
        flush_folder(paths.data_dir)
    except PermissionError as error:  # Windows keeps files that are open
        raise LibraryBusy(
            f"Another program has {paths.library} open.", "Close programs that have the file open, then try again."
        ) from error
    return aside


def set_aside(paths: Paths) -> list[Path]:
    """Folders of libraries that gave way to another, oldest first."""
    return sorted(path for kind in _ASIDE for path in paths.data_dir.glob(f"{kind}-*") if path.is_dir())


def check_room(folder: Path, needed: int) -> None:
    """Raise DiskFull unless `needed` bytes and some to spare are free."""
    free, needed = shutil.disk_usage(folder).free, needed + _SPARE
    if free < needed:
        raise DiskFull(
            f"There is no room for a copy of the library: {needed / 1e6:,.0f} MB are needed in {folder} "
            f"and {free / 1e6:,.0f} MB are free.",
            "Free some space and try again.",
        )


def flush_folder(folder: Path) -> None:
    """Make renames in a folder last; where folders cannot be opened (Windows) the system does that itself."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_only(path: Path) -> sqlite3.Connection:
    """A connection to a file nobody writes, which leaves no trace beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)


def count_titles(connection: sqlite3.Connection) -> dict[MediaType, int]:
    """Titles of each type in an open library of any schema."""
    found = dict(connection.execute("SELECT media_type, count(*) FROM title GROUP BY media_type"))
    return {kind: int(found.get(kind.value, 0)) for kind in MediaType}


@contextlib.contextmanager
def alone(paths: Paths) -> Iterator[None]:
    """Hold the lock under which whole copies of the library are made. Raises LibraryBusy when another has it."""
    lock = EngineLock(paths.data_dir / "backup.lock")
    try:
        lock.acquire(0.0)
    except LibraryLocked as error:
        raise LibraryBusy(
            f"A backup is being made: {error.message}", "Wait until it is done.", title="A backup is being made"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _sweep(paths: Paths) -> None:
    for left in (*paths.backups.glob("library-*.partial*"), *paths.data_dir.glob("library.partial*")):
        left.unlink(missing_ok=True)


def _thin(paths: Paths) -> None:
    """Keep the last two of each reason; backups before a migration share one."""
    seen: Counter[str] = Counter()
    for path in _backups(paths):
        match = _NAME.fullmatch(path.name)
        reason = re.sub(r"-\d+$", "", match[2]) if match else ""
        seen[reason] += 1
        if match and seen[reason] > KEPT:
            path.unlink(missing_ok=True)


def _described(path: Path) -> Backup:
    match = _NAME.fullmatch(path.name)
    stat = path.stat()
    made = stat.st_mtime
    if match:
        made = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC).timestamp()
    schema, titles, problem = None, None, ""
    try:
        schema = quick_look(path)
        with contextlib.closing(read_only(path)) as connection:
            titles = count_titles(connection)
    except (sqlite3.DatabaseError, ForeignFile, OSError) as error:
        problem = str(error)
    return Backup(path, match[2] if match else "", to_millis(made), stat.st_size, schema, titles, problem)


def _put_log_away(library: Path) -> bool:
    """Write the log into the file and remove it, which needs the file alone; False for a damaged file."""
    connection = sqlite3.connect(library, isolation_level=None, timeout=0.5)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return False
        raise LibraryBusy(
            f"Another program has {library} open.", "Close programs that have the file open, then try again."
        ) from error
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return True


def _backups(paths: Paths) -> list[Path]:
    return sorted(paths.backups.glob("library-*.db"), reverse=True)


def _expected_size(source: sqlite3.Connection) -> int:
    pages, free, size = (
        int(source.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


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


def flush(path: Path) -> None:
    """Make a file's content last."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())
