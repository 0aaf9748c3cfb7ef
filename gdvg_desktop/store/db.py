"""The library file: opening it, the one thread that writes, the few that read, backup and restore.

Nothing here knows what the tables mean. Functions given to `write` and `read` take the open database; SQLite's errors
leave as ours (`store.faults`).
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import LibraryLocked, NewerLibrary
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import backup as backups
from gdvg_desktop.store import health
from gdvg_desktop.store import purge as purging
from gdvg_desktop.store.catalogue import Catalogue
from gdvg_desktop.store.faults import SQL_ERRORS, translated
from gdvg_desktop.store.lock import EngineLock
from gdvg_desktop.store.migrate import migrate, steps

T = TypeVar("T")
Progress = Callable[[str], None]

READERS = 3
HOLDER_BRINGS_UP_S = 5.0  # how long a program started beside another waits for it to make or migrate the library
_COMMON = (
    ("busy_timeout", 10_000),
    ("foreign_keys", "ON"),
    ("temp_store", "MEMORY"),
)
_WRITER = (
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),  # NORMAL can lose commits since the last checkpoint on a power cut
    ("journal_size_limit", 64 * 1024 * 1024),
    ("wal_autocheckpoint", 4_000),  # pages; a batch of titles dirties hundreds
    ("cache_size", -65_536),  # KiB
    *_COMMON,
)
_READER = (("query_only", "ON"), ("cache_size", -16_384), *_COMMON)


class LibraryDatabase(SqliteDatabase):
    """An open connection to the library, with what its store keeps in memory of the titles."""

    def __init__(self, path: Path, pragmas: tuple[tuple[str, object], ...], catalogue: Catalogue) -> None:
        super().__init__(str(path), pragmas=pragmas, autoconnect=False, thread_safe=False, check_same_thread=False)
        self.catalogue = catalogue

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> sqlite3.Cursor:
        """Run one statement. Peewee's own, with types."""
        cursor: sqlite3.Cursor = SqliteDatabase.execute_sql(self, sql, params)
        return cursor

    def connection(self) -> sqlite3.Connection:
        """SQLite's own connection. Peewee's own, with types."""
        connection: sqlite3.Connection = SqliteDatabase.connection(self)
        return connection


class Store:
    """One library file. Made by `open`; `close` ends its threads and gives the engine lock back."""

    def __init__(self, paths: Paths, lock: EngineLock | None, *, unclean: bool = False) -> None:
        self._paths = paths
        self._unclean = unclean
        self._lock = lock
        self._closed = False
        catalogue = Catalogue()
        self._writer = _connected(paths.library, _WRITER, catalogue)
        self._writing = threading.Lock()
        self._readers: queue.LifoQueue[LibraryDatabase] = queue.LifoQueue()
        for _ in range(READERS):
            self._readers.put(_connected(paths.library, _READER, catalogue))
        self._write_pool = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._read_pool = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._checking: sqlite3.Connection | None = None
        self._pulse = health.connect(paths.library)
        self._pulse_lock = threading.Lock()

    @classmethod
    def open(cls, paths: Paths, *, exclusive: bool, on_progress: Progress | None = None) -> "Store":
        """Open the library, making or migrating it first if needed. Blocking: call it in a thread.

        With `exclusive` the engine lock is held until `close`. Without it the lock is only taken for the moment a
        missing or older file needs a migration. Raises LibraryLocked, NewerLibrary, CorruptLibrary (with the good
        backups), DiskFull and StorageError.
        """
        health.check_sqlite()
        lock = EngineLock(paths.engine_lock)
        try:
            with _translating(paths):
                if exclusive:
                    lock.acquire()
                    backups.sweep(paths)
                    if purging.pending(paths):
                        _purge(paths, on_progress)
                unclean = exclusive and health.has_log(paths.library)
                if _version(paths) != steps()[-1].number:
                    _bring_up(paths, None if exclusive else lock, on_progress or (lambda _text: None))
                return cls(paths, lock if exclusive else None, unclean=unclean)
        except BaseException:
            lock.release()
            raise

    @property
    def paths(self) -> Paths:
        """Where the library and what belongs to it lie."""
        return self._paths

    @property
    def exclusive(self) -> bool:
        """True when this store holds the engine lock."""
        return self._lock is not None

    @property
    def unclean(self) -> bool:
        """True when the last program to use the library ended without closing it: a reason to run `check`."""
        return self._unclean

    # ---------------------------------------------------------------------------------------- reading and writing

    async def write(self, fn: Callable[[LibraryDatabase], T]) -> T:
        """Run `fn` on the writer thread in one transaction: all of it is on disk when this returns, or none."""
        return await asyncio.get_running_loop().run_in_executor(self._write_pool, self.write_now, fn)

    async def read(self, fn: Callable[[LibraryDatabase], T]) -> T:
        """Run `fn` on a reader thread with a connection that cannot write. Return rows, never an open cursor."""
        return await asyncio.get_running_loop().run_in_executor(self._read_pool, self.read_now, fn)

    def write_now(self, fn: Callable[[LibraryDatabase], T]) -> T:
        """`write`, blocking, on the caller's thread."""
        with self._writing, _translating(self._paths):
            if self._writer.is_closed():
                self._writer.connect()
            try:
                with self._writer.atomic("IMMEDIATE"):
                    return fn(self._writer)
            except SQL_ERRORS:
                self._writer.close()  # whatever state the connection is in, the next write starts afresh
                raise

    def read_now(self, fn: Callable[[LibraryDatabase], T]) -> T:
        """`read`, blocking, on the caller's thread."""
        database = self._readers.get()
        try:
            with _translating(self._paths):
                if database.is_closed():
                    database.connect()
                try:
                    return fn(database)
                except SQL_ERRORS:
                    database.close()
                    raise
        finally:
            self._readers.put(database)

    def data_version(self) -> int:
        """A number that changes when anybody commits to the file. Costs microseconds and never waits for a writer."""
        with self._pulse_lock, _translating(self._paths):
            return int(self._pulse.execute("PRAGMA data_version").fetchone()[0])

    # ------------------------------------------------------------------------------------------- care of the file

    def check(self) -> list[str]:
        """Read the whole file and say what is wrong with it ([] = sound). Blocking and long; `close` ends it early."""
        with _translating(self._paths):
            self._checking = health.connect(self._paths.library)
            try:
                return health.whole_check(self._checking)
            except sqlite3.OperationalError:
                if self._closed:  # interrupted by close()
                    return []
                raise
            finally:
                checking, self._checking = self._checking, None
                checking.close()

    def backup(self, reason: str, on_progress: Progress | None = None) -> Path:
        """Make a verified copy of the library beside its writer and return it. Blocking: call it in a thread."""
        with _translating(self._paths):
            return backups.make_backup(self._paths, reason, on_progress)

    @classmethod
    def restore(cls, paths: Paths, backup: Path) -> Path:
        """Put a backup in the library's place, with nobody using it; returns where the damaged files were kept."""
        lock = EngineLock(paths.engine_lock)
        lock.acquire()
        try:
            with _translating(paths):
                return backups.put_back(paths, backup)
        finally:
            lock.release()

    @classmethod
    def purge(cls, paths: Paths, on_progress: Progress | None = None) -> purging.Purged:
        """Remove all of TMDb's data for good, with nobody using the library. Blocking."""
        lock = EngineLock(paths.engine_lock)
        lock.acquire()
        try:
            with _translating(paths):
                return _purge(paths, on_progress)
        finally:
            lock.release()

    def close(self) -> None:
        """End the threads after the work they hold, close the file, release the lock. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        checking = self._checking
        if checking is not None:
            checking.interrupt()
        self._write_pool.shutdown()
        self._read_pool.shutdown()
        try:
            for _ in range(READERS):
                self._readers.get().close()
            self._pulse.close()
            with self._writing, _translating(self._paths):
                self._writer.close()
        finally:
            if self._lock is not None:
                self._lock.release()


def _connected(path: Path, pragmas: tuple[tuple[str, object], ...], catalogue: Catalogue) -> LibraryDatabase:
    database = LibraryDatabase(path, pragmas, catalogue)
    database.connect()
    return database


def _purge(paths: Paths, on_progress: Progress | None) -> purging.Purged:
    return purging.purge(paths, to_millis(time.time()), on_progress)


def _translating(paths: Paths) -> AbstractContextManager[None]:
    return translated(paths.library, lambda: backups.good_backups(paths))


def _version(paths: Paths) -> int:
    """The schema version of the file, 0 when there is none. Raises NewerLibrary."""
    if health.is_empty(paths.library):
        return 0
    version = health.quick_look(paths.library)
    newest = steps()[-1].number
    if version > newest:
        raise NewerLibrary(
            f"The library {paths.library} was written by a newer version (schema {version}, this one knows {newest}).",
            "Use that version, or another data folder.",
        )
    return version


def _bring_up(paths: Paths, lock: EngineLock | None, say: Progress) -> None:
    """Back up and migrate, holding the lock: ours already, or `lock` for the moment."""
    if lock is not None and not _acquired(paths, lock):
        return
    try:
        version = _version(paths)  # again: another process may have been first
        if version == steps()[-1].number:
            return
        if version:
            say("Backing up the library before it is brought up to date")
            backups.make_backup(paths, f"before-schema-{steps()[-1].number}", say)
        connection = health.connect(paths.library)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection, on_step=lambda step: say(f"Library brought to schema {step.number}"))
        finally:
            connection.close()
    finally:
        if lock is not None:
            lock.release()


def _acquired(paths: Paths, lock: EngineLock) -> bool:
    """Take the lock, or see its holder bring the library up to date: it may just have started, too."""
    until = time.monotonic() + HOLDER_BRINGS_UP_S
    while _version(paths) != steps()[-1].number:
        try:
            lock.acquire()
        except LibraryLocked as error:
            if time.monotonic() >= until:
                raise LibraryLocked(
                    f"The library must be brought up to date first. {error.message}",
                    "Close that program and try again.",
                ) from None
            time.sleep(0.05)
        else:
            return True
    return False
