"""The file snapshots lie in, beside the library: its schema, and its rows as values.

snapshot        one row each: when, why, counts, coverage as JSON, position in the library's log of changes
snapshot_total  titles by year and by country
snapshot_ids    the TMDb ids held, one compressed set a type; NULL once TMDb's data were purged
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from gdvg_desktop.core.errors import NewerLibrary, StorageError
from gdvg_desktop.core.paths import Paths

VERSION = 1
_SCHEMA = """
CREATE TABLE snapshot (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    taken_at    INTEGER NOT NULL,
    day         TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    job_id      INTEGER,
    pinned      INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    movies      INTEGER NOT NULL,
    tv          INTEGER NOT NULL,
    new_titles  INTEGER,
    coverage    TEXT    NOT NULL,
    change_id   INTEGER NOT NULL
) STRICT;
CREATE TABLE snapshot_total (
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
    media_type  TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
    kind        TEXT    NOT NULL CHECK (kind IN ('year', 'country')),
    value       TEXT    NOT NULL,
    titles      INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, media_type, kind, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot_ids (
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
    media_type  TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
    ids         BLOB,
    PRIMARY KEY (snapshot_id, media_type)
) STRICT, WITHOUT ROWID;
"""


def path_of(paths: Paths) -> Path:
    """Where snapshots lie."""
    return paths.data_dir / "snapshots.db"


@contextlib.contextmanager
def opened(paths: Paths) -> Iterator[sqlite3.Connection]:
    """The file, made if needed; one transaction, which is undone on any error.

    Raises NewerLibrary for a newer version's file and StorageError for one that cannot be used.
    """
    path = path_of(paths)
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                _bring_up(connection, path)
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StorageError(
            f"The snapshots in {path} cannot be used: {error}.",
            "Move the file away to start anew; the library does not need it.",
        ) from error


def _bring_up(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise NewerLibrary(f"The snapshots in {path} were written by a newer version.", "Use that version.")
    if version < VERSION:
        for statement in _SCHEMA.split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def purge_ids(paths: Paths) -> None:
    """Empty the id sets, which are TMDb's data; dates and counts stay."""
    if path_of(paths).exists():
        with opened(paths) as file:
            file.execute("UPDATE snapshot_ids SET ids = NULL")
        with contextlib.closing(sqlite3.connect(path_of(paths))) as connection:
            connection.execute("VACUUM")  # freed pages still hold what was emptied
