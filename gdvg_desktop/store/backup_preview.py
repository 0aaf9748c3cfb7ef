"""What putting a backup back would change: titles lost, gained and different, before anybody decides."""

import contextlib
import sqlite3
from dataclasses import dataclass

from gdvg_desktop.core.errors import NewerLibrary
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import health
from gdvg_desktop.store.backup import Backup, count_titles, read_only
from gdvg_desktop.store.migrate import steps, version_of

_CHUNK = 100_000  # title ids compared in one short read
_NAMED = 5


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """What one file holds. `newest_fetch` and `schema` are None in an empty file; instants in unix ms."""

    titles: dict[MediaType, int]
    schema: int
    newest_fetch: int | None
    size: int


@dataclass(frozen=True, slots=True)
class RestorePreview:
    """The present library against a backup. `now` is None when the present one cannot be read.

    `lost` are titles only the present library holds, `gained` those only the backup holds, `changed` those whose
    content differs. `lost_names` names a few of the lost ones, the most popular first.
    """

    backup: Backup
    then: LibraryFacts
    now: LibraryFacts | None
    lost: dict[MediaType, int]
    gained: dict[MediaType, int]
    changed: int
    lost_names: tuple[str, ...]


def preview(paths: Paths, backup: Backup) -> RestorePreview:
    """Compare the library with a backup. Blocking: reads the key and hash of every title, in short reads.

    Raises NewerLibrary for a backup this program cannot read.
    """
    if backup.schema is not None and backup.schema > steps()[-1].number:
        raise NewerLibrary(
            f"The backup {backup.name} was made by a newer version (schema {backup.schema}).", "Use that version."
        )
    with contextlib.closing(read_only(backup.path)) as old:
        then = _facts(old, backup.size)
        nothing = dict.fromkeys(MediaType, 0)
        try:
            with contextlib.closing(_present(paths)) as new:
                now = _facts(new, paths.library.stat().st_size)
                lost, gained, changed = _compared(old, new)
                names = _only_here(old, new) if any(lost.values()) else ()
        except (sqlite3.DatabaseError, OSError):  # missing or damaged: there is nothing to compare with
            return RestorePreview(backup, then, None, nothing, dict(then.titles), 0, ())
    return RestorePreview(backup, then, now, lost, gained, changed, names)


def _present(paths: Paths) -> sqlite3.Connection:
    health.quick_look(paths.library)
    connection = health.connect(paths.library)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _facts(connection: sqlite3.Connection, size: int) -> LibraryFacts:
    newest = connection.execute("SELECT max(fetched_at) FROM title").fetchone()[0]
    return LibraryFacts(count_titles(connection), version_of(connection), newest, size)


def _compared(
    old: sqlite3.Connection, new: sqlite3.Connection
) -> tuple[dict[MediaType, int], dict[MediaType, int], int]:
    """Titles lost and gained by type, and how many differ, by ranges of ids."""
    lost, gained, changed = dict.fromkeys(MediaType, 0), dict.fromkeys(MediaType, 0), 0
    last = max(one.execute("SELECT coalesce(max(id), 0) FROM title").fetchone()[0] for one in (old, new))
    for start in range(0, last + 1, _CHUNK):
        before, after = (_hashes(one, start) for one in (old, new))
        for ids, counts in ((after.keys() - before.keys(), lost), (before.keys() - after.keys(), gained)):
            series = sum(title_id & 1 for title_id in ids)
            counts[MediaType.TV] += series
            counts[MediaType.MOVIE] += len(ids) - series
        changed += sum(1 for title_id in before.keys() & after.keys() if before[title_id] != after[title_id])
    return lost, gained, changed


def _hashes(connection: sqlite3.Connection, start: int) -> dict[int, bytes]:
    rows = connection.execute("SELECT id, content_hash FROM title WHERE id >= ? AND id < ?", (start, start + _CHUNK))
    return dict(rows.fetchall())


def _only_here(old: sqlite3.Connection, new: sqlite3.Connection) -> tuple[str, ...]:
    """The names of the most popular titles the backup lacks, found among the most popular of all."""
    names: list[str] = []
    rows = new.execute(
        "SELECT id, coalesce(title, original_title, tmdb_id), popularity FROM title ORDER BY popularity DESC LIMIT 5000"
    ).fetchall()
    for title_id, name, _ in rows:
        if old.execute("SELECT 1 FROM title WHERE id = ?", (title_id,)).fetchone() is None:
            names.append(str(name))
            if len(names) == _NAMED:
                break
    return tuple(names)
