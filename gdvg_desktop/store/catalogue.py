"""What the library screen asks all the time, kept in memory: sets of title ids by value and ids in sort order.

Everything is loaded when first asked for, by SQL that reads one index, and from then on follows the rows that changed
(`checked_at` moved). At 1.2 million titles a set takes at most 150 KB and an order 5 MB. Ids travel from SQLite as one
concatenated text: six times faster than row by row, and Python's lock is free meanwhile.

Titles deleted at TMDb (`tombstone`) stay in the sets and are taken out where titles are chosen.

One `Catalogue` a store, shared by its readers. Rows deleted by other programs, and rows written while the clock
was set back, are noticed at the next start.
"""

import bisect
import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.query import Condition

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Ids = NDArray[numpy.uint32]

# What titles can be sorted by and the column that says it, each with an index. The last two follow from the id alone.
SORTS = {
    "title": "sort_title",
    "popularity": "popularity",
    "release_date": "release_date",
    "vote_average": "vote_average",
    "completeness": "completeness",
    "fetched_at": "fetched_at",
    "checked_at": "checked_at",
    "tmdb_id": "id",
    "media_type": "media_type",
}
_MANY_CHANGED = 2_000  # beyond this, loading an order anew is cheaper than placing its titles one by one
_CHUNK = 500
_TEXTS = 16  # answers to searches kept: the facets ask again what the table has just asked
_HOUR_MS = 3_600_000

# One SELECT of title ids for each kind of set, given its value.
_SET_SQL = {
    "media_type": "SELECT id FROM title WHERE media_type = ?",
    "country": "SELECT title_id AS id FROM origin_country WHERE country = ?",
    "genre": (
        "SELECT title_id AS id FROM title_genre "
        "WHERE genre_id IN (SELECT id FROM genre WHERE coalesce(name, tmdb_id) = ? COLLATE NOCASE)"
    ),
    "year": "SELECT id FROM title WHERE release_date >= ?1 AND release_date < ?1 || '~'",
    "text": "SELECT rowid AS id FROM title_fts WHERE title_fts MATCH ?",
    "stale": "SELECT id FROM title WHERE checked_at < CAST(? AS INTEGER)",
    "complete": "SELECT id FROM title WHERE completeness = ?",
    "no_overview": "SELECT id FROM title WHERE coalesce(overview, '') = '' AND ?",
    "no_poster": "SELECT id FROM title WHERE coalesce(poster_path, '') = '' AND ?",
    "initial": "SELECT rowid AS id FROM title_fts WHERE title_fts MATCH '\"' || ? || '\" *'",
}
# For changed titles: `(title id, value)` rows of a kind. {ids} is a list of ids.
_VALUES_SQL = {
    "media_type": "SELECT id, media_type FROM title WHERE id IN ({ids})",
    "country": "SELECT title_id, country FROM origin_country WHERE title_id IN ({ids})",
    "genre": (
        "SELECT title_id, lower(coalesce(name, tmdb_id)) FROM title_genre JOIN genre ON genre.id = genre_id "
        "WHERE title_id IN ({ids})"
    ),
    "year": "SELECT id, substr(release_date, 1, 4) FROM title WHERE id IN ({ids}) AND release_date IS NOT NULL",
    "stale": "SELECT id, '' FROM title WHERE id IN ({ids}) AND 0",  # what has just been checked is not stale
    "complete": "SELECT id, '100' FROM title WHERE id IN ({ids}) AND completeness = 100",
    "no_overview": "SELECT id, '1' FROM title WHERE id IN ({ids}) AND coalesce(overview, '') = ''",
    "no_poster": "SELECT id, '1' FROM title WHERE id IN ({ids}) AND coalesce(poster_path, '') = ''",
}
_CONDITIONS = {Condition.COMPLETE: "100", Condition.NO_OVERVIEW: "1", Condition.NO_POSTER: "1"}

# Every value of a kind, read from the index alone. The recursion jumps from one country to the next.
_KNOWN_SQL = {
    "media_type": "VALUES ('movie'), ('tv')",
    "country": (
        "WITH RECURSIVE each (code) AS (SELECT min(country) FROM origin_country UNION ALL "
        "SELECT (SELECT min(country) FROM origin_country WHERE country > code) FROM each WHERE code IS NOT NULL) "
        "SELECT code FROM each WHERE code IS NOT NULL"
    ),
    "genre": "SELECT DISTINCT lower(coalesce(name, tmdb_id)) FROM genre",
    "year": (
        "WITH RECURSIVE each (day) AS (SELECT min(release_date) FROM title UNION ALL "
        "SELECT (SELECT min(release_date) FROM title WHERE release_date > substr(day, 1, 4) || '~') FROM each "
        "WHERE day IS NOT NULL) SELECT substr(day, 1, 4) FROM each WHERE day IS NOT NULL"
    ),
}


def ids_of(db: SqliteDatabase, select: str, values: Iterable[Any] = ()) -> BitMap:
    """The set of ids a SELECT of one column named `id` gives."""
    numbers = _numbers(db, f"SELECT group_concat(id) FROM ({select})", values)
    return BitMap(array("I", numbers.tobytes()))  # seven times faster than from the numpy array


def _ordered_ids(db: SqliteDatabase, select: str) -> "Ids":
    """Ids in the order of a SELECT. LIMIT -1 keeps that order, which SQLite is free to drop otherwise."""
    return _numbers(db, f"SELECT group_concat(id) FROM ({select} LIMIT -1)", ())


def _numbers(db: SqliteDatabase, select: str, values: Iterable[Any]) -> "Ids":
    import numpy  # late: a command that lists jobs needs none of it

    text = db.execute_sql(select, tuple(values)).fetchone()[0]
    return numpy.fromstring(text or "", dtype=numpy.int64, sep=",").astype(numpy.uint32)


class Ordered(NamedTuple):
    """All title ids by one value: `known` ascending by it, then by id; `unknown` have none. Not to be changed."""

    known: "Ids"
    unknown: BitMap


class Catalogue:
    """Sets and orders of title ids. Safe to use from several threads, each with its own connection."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._all: BitMap | None = None
        self._sets: dict[str, dict[str, BitMap]] = defaultdict(dict)
        self._orders: dict[str, Ordered] = {}
        self._moved: dict[str, BitMap] = {}
        self._newest: tuple[int, int] = (0, 0)
        self._deleted = BitMap()
        self._deletions: tuple[int, int, int] = (0, 0, 0)
        self._live: BitMap | None = None

    def every(self, db: SqliteDatabase, *, tombstones: bool = False) -> BitMap:
        """All title ids, without those deleted at TMDb unless asked. The same object until something changes.

        Follows what changed in the library, so it is asked first, once a question.
        """
        with self._lock:
            newest, deletions = _newest(db), _deletions(db)
            if self._all is None:
                self._all = ids_of(db, "SELECT id FROM title")
                self._live = None
            elif newest != self._newest:
                self._follow(db)
                self._live = None
            if deletions != self._deletions:
                self._deleted = ids_of(db, "SELECT title_id AS id FROM tombstone")
                gone = self._all & ids_of(db, "SELECT title_id AS id FROM tombstone WHERE data_until IS NULL")
                self._move(gone)
                self._all = self._all - gone
                self._live = None
            self._newest, self._deletions = newest, deletions
            if self._live is None:
                self._live = self._all - self._deleted if self._deleted else self._all
            return self._all if tombstones else self._live

    def tombstones(self, db: SqliteDatabase) -> BitMap:
        """Ids of titles deleted at TMDb whose data is still here."""
        with self._lock:
            return self.every(db, tombstones=True) & self._deleted

    def with_value(self, db: SqliteDatabase, kind: str, value: str) -> BitMap:
        """Ids of titles with a value: kind is media_type, country, genre (a name), year, initial or a condition.

        `initial` is one letter or digit that some word of some form of the title begins with. `text` is an expression
        of `store.search`, whose answer is kept until the library changes. The set is shared: not to be changed.
        """
        value = value.lower() if kind == "genre" else value
        with self._lock:
            found = self._sets[kind].get(value)
            if found is None:
                if kind == "stale" or (kind == "text" and len(self._sets[kind]) >= _TEXTS):
                    self._sets[kind].clear()
                found = self._sets[kind][value] = ids_of(db, _SET_SQL[kind], (value,))
            return found

    def with_condition(self, db: SqliteDatabase, condition: Condition, stale_before_ms: int) -> BitMap:
        """Ids of titles in a state; stale ones were last checked before an instant, to the hour."""
        if condition is Condition.TOMBSTONE:
            return self.tombstones(db)
        if condition is Condition.STALE:
            return self.with_value(db, "stale", str(stale_before_ms // _HOUR_MS * _HOUR_MS))
        return self.with_value(db, condition.value, _CONDITIONS[condition])

    def forget_texts(self) -> None:
        """Drop the answers to searches."""
        with self._lock:
            self._sets["text"].clear()

    def values(self, db: SqliteDatabase, kind: str) -> list[str]:
        """Every value of a kind that some title may have."""
        return [row[0] for row in db.execute_sql(_KNOWN_SQL[kind])]

    def order(self, db: SqliteDatabase, sort: str) -> Ordered:
        """All title ids in the order of a key of SORTS."""
        import numpy  # late, see _numbers

        with self._lock:
            if sort == "tmdb_id":
                return Ordered(_array(self.every(db, tombstones=True)), BitMap())
            if sort == "media_type":
                every = self.every(db, tombstones=True)
                parts = [_array(every & self.with_value(db, sort, value)) for value in MediaType]
                return Ordered(numpy.concatenate(parts), BitMap())
            found, moved, column = self._orders.get(sort), self._moved.get(sort), SORTS[sort]
            if found is None or (moved and len(moved) > _MANY_CHANGED):
                found = _loaded(db, column)
            elif moved:
                found = _placed(db, column, found, moved)
            self._orders[sort] = found
            self._moved.pop(sort, None)
            return found

    # ------------------------------------------------------------------------------------------- following changes

    def _follow(self, db: SqliteDatabase) -> None:
        """Bring what is loaded in line with titles written since the last look."""
        assert self._all is not None
        moved = ids_of(db, "SELECT id FROM title WHERE checked_at >= ?", (self._newest[0],))
        self.forget_texts()
        for kind, sets in self._sets.items():
            if sets:
                self._follow_sets(db, kind, sets, moved)
        self._move(moved)
        self._all = self._all | moved  # replaced, as the sets are

    def _move(self, ids: BitMap) -> None:
        """Note for the orders that these titles may stand elsewhere, or nowhere: they follow when next asked for."""
        for sort in self._orders:
            self._moved[sort] = self._moved.get(sort, BitMap()) | ids

    def _follow_sets(self, db: SqliteDatabase, kind: str, sets: dict[str, BitMap], moved: BitMap) -> None:
        if len(moved) > _MANY_CHANGED:
            sets.clear()
            return
        members: dict[str, list[int]] = defaultdict(list)
        for title_id, value in _values_of(db, kind, list(moved)):
            members[value].append(title_id)
        for value, ids in sets.items():
            differ = (ids & moved) ^ BitMap(members.get(value, ()))
            if differ:  # copying each of hundreds of sets takes longer than all the rest
                sets[value] = ids ^ differ  # replaced, not changed: another thread may be reading the old one


def _array(ids: BitMap) -> "Ids":
    import numpy  # late, see _numbers

    return numpy.frombuffer(ids.to_array(), dtype=numpy.uint32)


def _newest(db: SqliteDatabase) -> tuple[int, int]:
    """The instant of the newest check and how many titles have it: changes when titles are written."""
    last = db.execute_sql("SELECT max(checked_at) FROM title").fetchone()[0] or 0
    return last, db.execute_sql("SELECT count(*) FROM title WHERE checked_at >= ?", (last,)).fetchone()[0]


# Three questions, each answered by an index.
_DELETIONS = (
    "SELECT (SELECT max(made_at) FROM tombstone), (SELECT count(*) FROM tombstone), "
    "(SELECT count(*) FROM tombstone WHERE data_until IS NULL)"
)


def _deletions(db: SqliteDatabase) -> tuple[int, int, int]:
    """Changes when titles are found deleted, return, or lose their data: newest tombstone, how many, without data."""
    last, count, emptied = db.execute_sql(_DELETIONS).fetchone()
    return last or 0, count, emptied


def _values_of(db: SqliteDatabase, kind: str, ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    """`(title id, value)` for some titles and a kind."""
    for start in range(0, len(ids), _CHUNK):
        listed = ", ".join(map(str, ids[start : start + _CHUNK]))
        if kind == "initial":
            rows = db.execute_sql(f"SELECT title_id, text FROM title_search WHERE title_id IN ({listed})")
            yield from ((title_id, letter) for title_id, text in rows for letter in {word[0] for word in text.split()})
        else:
            yield from db.execute_sql(_VALUES_SQL[kind].format(ids=listed))


def _loaded(db: SqliteDatabase, column: str) -> Ordered:
    """All titles in the order of a column, from its index."""
    known = _ordered_ids(db, f"SELECT id FROM title WHERE {column} IS NOT NULL ORDER BY {column}, id")
    return Ordered(known, ids_of(db, f"SELECT id FROM title WHERE {column} IS NULL"))


def _placed(db: SqliteDatabase, column: str, order: Ordered, moved: BitMap) -> Ordered:
    """The order with some titles put where they belong now, found by bisection through the database."""
    import numpy  # late, see _numbers

    look = db.connection().execute  # a thousand small questions: peewee takes five times as long for each
    select = f"SELECT {column} FROM title WHERE id = ?"

    def key(title_id: int) -> tuple[Any, int]:
        return look(select, (int(title_id),)).fetchone()[0], int(title_id)

    still = order.known[~numpy.isin(order.known, _array(moved))]
    listed = ", ".join(map(str, moved))
    rows = db.execute_sql(f"SELECT {column}, id FROM title WHERE id IN ({listed})").fetchall()
    arrived = sorted((value, title_id) for value, title_id in rows if value is not None)
    places = [bisect.bisect_left(still, one, key=key) for one in arrived]
    known = numpy.insert(still, places, [title_id for _, title_id in arrived]).astype(numpy.uint32)
    return Ordered(known, (order.unknown - moved) | BitMap(title_id for value, title_id in rows if value is None))
