"""Whether a library file is sound: cheap checks for start-up, the whole check for backups and the background."""

import sqlite3
from pathlib import Path

from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.store.migrate import APPLICATION_ID, version_of

_MAGIC = b"SQLite format 3\x00"
_OLDEST = (3, 37, 0)  # STRICT tables
_BUSY_MS = 5_000


def check_sqlite() -> None:
    """Refuse a SQLite library that lacks what the schema uses."""
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StorageError(
            f"This Python brings SQLite {sqlite3.sqlite_version}.", "GDVG Desktop needs SQLite 3.37 or newer."
        )
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("CREATE VIRTUAL TABLE probe USING fts5 (text)")
    except sqlite3.OperationalError:
        raise StorageError(
            "This Python's SQLite has no full-text search (FTS5).", "Use a Python built with it, as python.org's is."
        ) from None
    finally:
        memory.close()


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that may be used from any one thread at a time."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return connection


def has_log(path: Path) -> bool:
    """True when the file has a write-ahead log that nobody has put away yet: in use, or left by a crash."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def is_empty(path: Path) -> bool:
    """True when there is no library yet: no file, or one of no bytes and no write-ahead log."""
    return (not path.exists() or path.stat().st_size == 0) and not has_log(path)


def quick_look(path: Path) -> int:
    """The schema version of a library file, after checks that cost milliseconds at any size.

    Header, size against the page count, that the schema can be read, and the first page of every table and index.
    Raises sqlite3.DatabaseError (with SQLite's code) for a damaged file, ForeignFile for another program's.
    """
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if head and head != _MAGIC:
        raise _damaged("it does not start as a SQLite file does")
    connection = connect(path)
    try:
        version = version_of(connection)
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        if application != APPLICATION_ID and (names or version):
            raise ForeignFile(path)
        pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        if not has_log(path) and path.stat().st_size < pages * size:
            raise _damaged("the end of the file is missing")
        for (name,) in names:
            connection.execute(f'SELECT * FROM "{name}" LIMIT 1').fetchall()
        return version
    finally:
        connection.close()


def whole_check(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's quick_check finds; [] when all is well. Reads the whole file."""
    try:
        lines = [row[0] for row in connection.execute("PRAGMA quick_check(20)")]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        return [str(error)]
    return [] if lines == ["ok"] else lines


class ForeignFile(StorageError):
    """The file is a database of another program."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is a database of another program.", "Choose another data folder.")


def _damaged(what: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
