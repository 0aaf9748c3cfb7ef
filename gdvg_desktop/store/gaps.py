"""The registry of gaps: one row for a title and a kind of gap, with its score, its tries and what is done about it.

`gaps` says what a gap is and finds them; here are the rows. All functions take an open database and run inside the
caller's transaction; those that may touch many rows say so and are called in chunks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import GapKind, GapStatus, MediaType
from gdvg_desktop.store.catalogue import ids_of
from gdvg_desktop.store.fields import names_of

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Keys = NDArray[numpy.int64]

KINDS: tuple[GapKind, ...] = tuple(GapKind)
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
BACK_OFF_MS = (_HOUR_MS, 6 * _HOUR_MS, _DAY_MS, 3 * _DAY_MS, 7 * _DAY_MS)
"""How long a gap rests after its first, second, ... failed try; the last figure stays."""

_CHUNK = 500
_COLUMNS = (
    "title_id, kind, status, score, popularity, recency, found_at, name, month, fields, tries, last_try_at, "
    "next_try_at, category, message"
)
# A row's key in one number: the title's, and the kind's place in the two lowest bits.
_PLACES = " ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(KINDS))
_KEY = f"title_id * 4 + CASE kind {_PLACES} END"


@dataclass(frozen=True, slots=True)
class Gap:
    """One row. `score` = `popularity` (0-100) x `recency` (0-1); instants are unix ms.

    `month` is YYYY-MM where a release month named it, `fields` what a held title lacks. `category` and `message` are
    those of the last failed try; `next_try_at` is when it is due again, None at once.
    """

    title_id: int
    media_type: MediaType
    tmdb_id: int
    kind: GapKind
    status: GapStatus
    score: float
    popularity: float
    recency: float
    found_at: int
    name: str | None = None
    month: str | None = None
    fields: tuple[str, ...] = ()
    tries: int = 0
    last_try_at: int | None = None
    next_try_at: int | None = None
    category: str | None = None
    message: str | None = None

    @property
    def key(self) -> int:
        """The row's key as `keys` lists it."""
        return key_of(self.title_id, self.kind)


@dataclass(frozen=True, slots=True)
class NewGap:
    """A gap as a detector found it."""

    title_id: int
    score: float
    popularity: float
    recency: float
    name: str | None = None
    month: str | None = None
    fields: int | None = None


def key_of(title_id: int, kind: GapKind) -> int:
    """Title and kind in one number."""
    return title_id * 4 + KINDS.index(kind)


def of_key(key: int) -> tuple[int, GapKind]:
    """The title's id and the kind of a key."""
    return key >> 2, KINDS[key & 3]


def _gap(row: Sequence[Any]) -> Gap:
    values = list(row)
    title_id = values.pop(0)
    values[0], values[1], values[8] = GapKind(values[0]), GapStatus(values[1]), names_of(values[8] or 0)
    return Gap(title_id, MediaType.TV if title_id & 1 else MediaType.MOVIE, title_id >> 1, *values)


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    listed = sorted(set(ids))
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


# ------------------------------------------------------------------------------------- what the write path tells


def resolved(db: SqliteDatabase, title_ids: Iterable[int], now_ms: int) -> int:
    """Titles have been fetched and stored: what they were gaps for is mended. Returns how many rows went.

    To be called in the transaction that stored them, after `title.unavailable` was written: that mask names every
    field TMDb itself lacks, so a metadata row stays only when the mask is unknown.
    """
    gone = 0
    for part in _parts(title_ids):
        marks = ", ".join("?" * len(part))
        gone += db.execute_sql(
            f"DELETE FROM gap WHERE title_id IN ({marks}) AND (kind <> 'metadata' OR NOT EXISTS "
            "(SELECT 1 FROM title WHERE title.id = gap.title_id AND title.unavailable IS NULL))",
            part,
        ).rowcount
    return gone


def tried(
    db: SqliteDatabase, title_id: int, category: str, message: str, now_ms: int, max_tries: int
) -> GapStatus | None:
    """A title with gaps could not be had: count the try and rest, or give up after `max_tries`, with the reason.

    Returns what the title's gaps have become, None when it has none. Ignored ones stay ignored.
    """
    row = db.execute_sql("SELECT max(tries) FROM gap WHERE title_id = ?", (title_id,)).fetchone()
    if row[0] is None:
        return None
    tries = int(row[0]) + 1
    next_try = now_ms + BACK_OFF_MS[min(tries, len(BACK_OFF_MS)) - 1]
    over = tries >= max_tries
    db.execute_sql(
        "UPDATE gap SET tries = ?, last_try_at = ?, next_try_at = ?, category = ?, message = ?, "
        "status = CASE WHEN status = 'open' AND ? THEN 'gave_up' ELSE status END WHERE title_id = ?",
        (tries, now_ms, None if over else next_try, str(category), message[:500], over, title_id),
    )
    return GapStatus.GAVE_UP if over else GapStatus.OPEN


# ------------------------------------------------------------------------------------------- bringing in line


def title_ids(db: SqliteDatabase, kind: GapKind) -> BitMap:
    """Every title with a row of a kind, whatever its status."""
    return ids_of(db, "SELECT title_id AS id FROM gap WHERE kind = ?", (kind.value,))


# When a found gap is still one: titles are stored and deleted while an analysis writes what it found minutes before.
_STILL_MISSING = "NOT EXISTS (SELECT 1 FROM title INDEXED BY title_unavailable WHERE id = ?1)"  # no wide row is read
_STILL_LACKING = "EXISTS (SELECT 1 FROM title WHERE id = ?1 AND checked_at <= ?6)"


def put(db: SqliteDatabase, kind: GapKind, rows: Iterable[NewGap], found_ms: int) -> int:
    """Add gaps or bring their figures up to date; status, tries and the day they were found stay. A chunk at a time.

    `found_ms` is when the library was looked at. What is no gap any more is left out: titles stored since, and those
    deleted at TMDb.
    """
    still = _STILL_LACKING if kind is GapKind.METADATA else _STILL_MISSING
    cursor = db.connection().executemany(
        "INSERT INTO gap (title_id, kind, status, score, popularity, recency, found_at, name, month, fields) "
        f"SELECT ?1, ?2, 'open', ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE {still} "
        "AND NOT EXISTS (SELECT 1 FROM tombstone WHERE title_id = ?1) ON CONFLICT DO UPDATE SET "
        "score = excluded.score, popularity = excluded.popularity, recency = excluded.recency, "
        "name = coalesce(excluded.name, name), month = coalesce(excluded.month, month), fields = excluded.fields",
        [
            (
                one.title_id,
                kind.value,
                one.score,
                one.popularity,
                one.recency,
                found_ms,
                one.name,
                one.month,
                one.fields,
            )
            for one in rows
        ],
    )
    return int(cursor.rowcount)


def remove(db: SqliteDatabase, kind: GapKind, ids: Iterable[int]) -> int:
    """Take gaps out that are none any more. A chunk at a time."""
    cursor = db.connection().executemany(
        "DELETE FROM gap WHERE title_id = ? AND kind = ?", [(title_id, kind.value) for title_id in ids]
    )
    return max(0, int(cursor.rowcount))


def scores(db: SqliteDatabase, kind: GapKind, first: int, limit: int) -> list[tuple[int, float, int | None]]:
    """`(title id, score, fields)` of a kind's rows from a title id on, in key order: one chunk of a walk."""
    found = db.execute_sql(
        "SELECT title_id, score, fields FROM gap WHERE title_id >= ? AND +kind = ? ORDER BY title_id LIMIT ?",
        (first, kind.value, limit),
    )
    return list(found)


def reset(
    db: SqliteDatabase,
    kinds: Iterable[GapKind] = KINDS,
    media_types: Iterable[MediaType] = tuple(MediaType),
    limit: int | None = None,
) -> int:
    """Forget gaps of these kinds and types with their tries and ignorings; returns how many rows went.

    With `limit` at most so many: a large registry is emptied in several transactions. The next analysis finds anew
    what is still true.
    """
    marks = [kind.value for kind in kinds]
    bits = [int(one is MediaType.TV) for one in media_types]
    if not marks or not bits:
        return 0
    cursor = db.execute_sql(
        "DELETE FROM gap WHERE (title_id, kind) IN (SELECT title_id, kind FROM gap "
        f"WHERE kind IN ({', '.join('?' * len(marks))}) AND title_id & 1 IN ({', '.join('?' * len(bits))}) LIMIT ?)",
        (*marks, *bits, -1 if limit is None else limit),
    )
    return int(cursor.rowcount)


# ------------------------------------------------------------------------------------------------- steering


def ignore(db: SqliteDatabase, keys: Iterable[int]) -> int:
    """These gaps are not to be filled; returns how many changed."""
    return _set_status(db, keys, "status = 'ignored'", "status <> 'ignored'")


def unignore(db: SqliteDatabase, keys: Iterable[int]) -> int:
    """Ignored gaps, and those given up, are to be filled again, at once and with all their tries."""
    return _set_status(db, keys, "status = 'open', tries = 0, next_try_at = NULL", "status IN ('ignored', 'gave_up')")


def _set_status(db: SqliteDatabase, keys: Iterable[int], change: str, where: str) -> int:
    changed = 0
    for key in keys:
        title_id, kind = of_key(int(key))
        changed += db.execute_sql(
            f"UPDATE gap SET {change} WHERE title_id = ? AND kind = ? AND {where}", (title_id, kind.value)
        ).rowcount
    return changed


# -------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class GapFilter:
    """What to list: any of these kinds and types, of a status (None = every), from a score on, by name or id.

    `month` is YYYY-MM; `due_at` (unix ms) leaves out what rests until later.
    """

    kinds: tuple[GapKind, ...] = KINDS
    media_types: tuple[MediaType, ...] = tuple(MediaType)
    status: GapStatus | None = GapStatus.OPEN
    min_score: float = 0.0
    text: str = ""
    month: str | None = None
    due_at: int | None = None


def _where(chosen: GapFilter) -> tuple[str, list[Any]]:
    where, values = ["score >= ?"], list[Any]([chosen.min_score])
    if chosen.status is not None:
        where.append("status = ?")
        values.append(chosen.status.value)
    if len(set(chosen.kinds)) < len(KINDS):
        where.append(f"kind IN ({', '.join('?' * len(chosen.kinds))})")
        values.extend(kind.value for kind in chosen.kinds)
    if len(set(chosen.media_types)) == 1:
        where.append("title_id & 1 = ?")
        values.append(int(chosen.media_types[0] is MediaType.TV))
    if chosen.month is not None:
        where.append("month = ?")
        values.append(chosen.month)
    if chosen.due_at is not None:
        where.append("coalesce(next_try_at, 0) <= ?")
        values.append(chosen.due_at)
    if text := chosen.text.strip():
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        where.append(
            "(title_id >> 1 = ? OR name LIKE ? ESCAPE '\\' OR EXISTS "
            "(SELECT 1 FROM title WHERE title.id = gap.title_id AND title.title LIKE ? ESCAPE '\\'))"
        )
        number = text.rpartition("/")[2]
        values += [int(number) if number.isascii() and number.isdigit() else -1, like, like]
    return " AND ".join(where), values


ORDERS = {
    "score": "score",
    "name": "coalesce((SELECT title.title FROM title WHERE title.id = title_id), name) COLLATE NOCASE",
    "tmdb_id": "title_id >> 1",
    "media_type": "title_id & 1",
    "kind": "kind",
    "reason": "coalesce(message, '')",
    "tries": "tries",
    "found_at": "found_at",
}
"""What a listing can be sorted by."""


def keys(
    db: SqliteDatabase, chosen: GapFilter, limit: int | None = None, *, order: str = "score", falling: bool = True
) -> "Keys":
    """The keys of what a filter lists, best score first or in another of `ORDERS`. Half a million keys take 4 MB and
    come as one text."""
    import numpy  # late: a command that lists jobs needs none of it

    where, values = _where(chosen)
    direction = "DESC" if falling else "ASC"
    text = db.execute_sql(
        f"SELECT group_concat(key) FROM (SELECT {_KEY} AS key FROM gap WHERE {where} "
        f"ORDER BY {ORDERS[order]} {direction}, score DESC, title_id LIMIT ?)",
        (*values, -1 if limit is None else limit),
    ).fetchone()[0]
    found: Keys = numpy.fromstring(text or "", dtype=numpy.int64, sep=",")
    return found


def best_scores(db: SqliteDatabase, chosen: GapFilter) -> dict[int, float]:
    """The titles a filter lists, each once, with the best score of its rows."""
    where, values = _where(chosen)
    return dict(
        db.execute_sql(f"SELECT title_id, max(score) FROM gap WHERE {where} GROUP BY title_id", values).fetchall()
    )


def rows(db: SqliteDatabase, wanted: Iterable[int]) -> list[Gap]:
    """Rows by key, in the order asked for; those gone meanwhile are left out. A held title gives its name."""
    order = [int(key) for key in wanted]
    found: dict[int, Gap] = {}
    for part in _parts({key >> 2 for key in order}):
        found.update((one.key, one) for one in _select(db, f"title_id IN ({', '.join(map(str, part))})"))
    return [found[key] for key in order if key in found]


def page(db: SqliteDatabase, chosen: GapFilter, limit: int, after: tuple[float, int] | None = None) -> list[Gap]:
    """The best rows of a filter, those behind a row's (score, key) when given: every page costs alike."""
    where, values = _where(chosen)
    if after is not None:
        score, key = after
        where += f" AND score <= ? AND (score < ? OR {_KEY} > ?)"
        values += [score, score, key]
    return list(_select(db, f"{where} ORDER BY score DESC, {_KEY} LIMIT ?", (*values, limit)))


def of_title(db: SqliteDatabase, title_id: int) -> list[Gap]:
    """Every row of a title."""
    return list(_select(db, "title_id = ?", (title_id,)))


def _select(db: SqliteDatabase, where: str, values: Sequence[Any] = ()) -> Iterator[Gap]:
    columns = _COLUMNS.replace(" name,", " coalesce((SELECT title.title FROM title WHERE title.id = title_id), name),")
    return map(_gap, db.execute_sql(f"SELECT {columns} FROM gap WHERE {where}", tuple(values)).fetchall())


def counts(db: SqliteDatabase) -> dict[tuple[GapKind, GapStatus], int]:
    """How many rows of each kind and status, read from one index."""
    found = db.execute_sql("SELECT kind, status, count(*) FROM gap INDEXED BY gap_kind GROUP BY 1, 2")
    return {(GapKind(kind), GapStatus(status)): number for kind, status, number in found}


def open_titles(db: SqliteDatabase) -> tuple[int, int]:
    """How many titles are missing and how many are held incomplete, by their open gaps, each title once.

    Nearly every missing title has a sequential gap, so of the other kinds only what has none is looked up.
    """
    missing, incomplete = (
        _count(db, "kind = ? AND status = 'open'", kind) for kind in (GapKind.SEQUENTIAL, GapKind.METADATA)
    )
    also = [GapKind.SEQUENTIAL]
    for kind in (GapKind.POPULARITY, GapKind.TEMPORAL):
        others = ", ".join(f"'{one}'" for one in also)
        missing += _count(
            db,
            "kind = ? AND status = 'open' AND NOT EXISTS (SELECT 1 FROM gap AS other WHERE "
            f"other.title_id = gap.title_id AND other.kind IN ({others}) AND other.status = 'open')",
            kind,
        )
        also.append(kind)
    return missing, incomplete


def short_months(db: SqliteDatabase) -> int:
    """How many release months have an open gap. Goes from month to month by the index, however many gaps each has."""
    row = db.execute_sql(
        "WITH RECURSIVE one(month) AS (SELECT min(month) FROM gap WHERE month IS NOT NULL UNION ALL "
        "SELECT (SELECT min(month) FROM gap WHERE month > one.month) FROM one WHERE one.month IS NOT NULL) "
        "SELECT count(*) FROM one WHERE EXISTS (SELECT 1 FROM gap INDEXED BY gap_month "
        "WHERE gap.month = one.month AND kind = 'temporal' AND status = 'open')"
    ).fetchone()
    return int(row[0])


def _count(db: SqliteDatabase, where: str, kind: GapKind) -> int:
    row = db.execute_sql(f"SELECT count(*) FROM gap INDEXED BY gap_kind WHERE {where}", (kind.value,)).fetchone()
    return int(row[0])
