"""Turns SQLite's errors into ours, at the one boundary where the library is touched.

Only trouble with the file or its disk is translated. A constraint that fails or a statement that is wrong stays what
it is: a bug, or one bad row for its writer to handle.
"""

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import peewee

from gdvg_desktop.core.errors import CorruptLibrary, DiskFull, LibraryBusy, StorageError

SQL_ERRORS = (sqlite3.Error, peewee.DatabaseError, peewee.InterfaceError)
_LITTLE_SPACE = 1_000_000  # bytes; below this a failed write is a full disk, whatever SQLite calls it

_FULL = {sqlite3.SQLITE_FULL}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FILE = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOLFS,
}


def corrupt(library: Path, what: str, backups: tuple[str, ...]) -> CorruptLibrary:
    """The error for a damaged library, offering its good backups."""
    hint = "Restore the last good backup." if backups else "There is no backup; move the file away to start anew."
    return CorruptLibrary(f"The library {library} is damaged: {what}.", hint, backups=backups)


@contextlib.contextmanager
def translated(library: Path, backups: Callable[[], tuple[str, ...]]) -> Iterator[None]:
    """Raise DiskFull, LibraryBusy, CorruptLibrary or StorageError in place of SQLite's own error."""
    try:
        yield
    except (*SQL_ERRORS, OSError) as error:
        known = _known(error, library, backups)
        if known is None:
            raise
        raise known from error


def _known(error: BaseException, library: Path, backups: Callable[[], tuple[str, ...]]) -> StorageError | None:
    """The first cause that is trouble with the file: a failed rollback must not hide why it was needed."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    for one in reversed(chain):
        known = _one(one, library, backups)
        if known is not None:
            return known
    return None


def _one(error: BaseException, library: Path, backups: Callable[[], tuple[str, ...]]) -> StorageError | None:
    if isinstance(error, OSError):
        return _disk_full(library) if error.errno == errno.ENOSPC else None
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF  # extended codes keep the primary one in their low byte
    if primary in _FULL or (primary == sqlite3.SQLITE_IOERR and _little_space(library)):
        return _disk_full(library)
    if primary in _BUSY:
        return LibraryBusy(
            f"Another program holds a lock on {library}.", "Close programs that have the file open, then try again."
        )
    if primary in _CORRUPT:
        return corrupt(library, str(error), backups())
    if primary in _FILE:
        return StorageError(f"The library {library} cannot be used: {error}.", "Check the disk and its permissions.")
    return None


def _disk_full(library: Path) -> DiskFull:
    return DiskFull(f"The disk holding {library} is full.", "Free some space; the work goes on where it stopped.")


def _little_space(library: Path) -> bool:
    try:
        return shutil.disk_usage(library.parent).free < _LITTLE_SPACE
    except OSError:
        return False
