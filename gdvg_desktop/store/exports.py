"""TMDb's newest trusted daily export of each type: which ids exist, as compact sets with their popularity.

A type has two: TMDb lists adult titles in a file of their own, which is read while the scope wants them. `adult` says
which is meant; what is read as one (`newest`, `ids`) is both together.

An export that is not to be trusted leaves a refusal with its reason and nothing else: what was trusted last stays.
"""

from array import array
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import counts

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Ids = NDArray[numpy.uint32]
    Floats = NDArray[numpy.float32]


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """What is known of one trusted file without its ids.

    `rows` are the good lines, `previous_rows` those of the export trusted before it; `etag` and `length` (bytes) are
    what the server said of the file, None when it said nothing.
    """

    media_type: MediaType
    date: date
    rows: int
    blank: int
    broken: int
    previous_rows: int | None
    read_at: int
    etag: str | None
    length: int | None


@dataclass(frozen=True, slots=True, eq=False)
class ExportSet:
    """The trusted export of a type, with the adult titles once their file was read; figures are the standard file's.

    `ids` holds every id, also the video and adult ones, which are named again in their own sets. `popularity` is in
    the ascending order of `ids`.
    """

    media_type: MediaType
    date: date
    rows: int
    blank: int
    broken: int
    read_at: int
    etag: str | None
    length: int | None
    ids: BitMap
    video_ids: BitMap
    adult_ids: BitMap
    popularity: "Floats"

    def ids_array(self) -> "Ids":
        """The ids as an ascending array, beside `popularity`."""
        import numpy  # late: most commands need none of it

        return numpy.frombuffer(self.ids.to_array(), dtype=numpy.uint32)

    def popularity_of(self, ids: BitMap) -> "Floats":
        """The popularity of some ids in their ascending order; an id the export lacks has 0."""
        import numpy  # late, see ids_array

        wanted = numpy.frombuffer(ids.to_array(), dtype=numpy.uint32)
        if not len(self.popularity):
            return numpy.zeros(len(wanted), numpy.float32)
        known = self.ids_array()
        places = numpy.minimum(numpy.searchsorted(known, wanted), len(known) - 1)
        return numpy.where(known[places] == wanted, self.popularity[places], numpy.float32(0))

    def by_popularity(self, ids: BitMap) -> "Ids":
        """Some ids, the most popular first; of equals the lower id."""
        import numpy  # late, see ids_array

        order = numpy.argsort(-self.popularity_of(ids), kind="stable")
        return numpy.frombuffer(ids.to_array(), dtype=numpy.uint32)[order]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An export that was not taken over. `code` is missing, unreachable, empty, cut_off, damaged or fell.

    `reason` says it in words. `rows` is None where none could be counted.
    """

    media_type: MediaType
    date: date
    at: int
    rows: int | None
    code: str
    reason: str
    adult: bool = False


def ready_at(day: date) -> int:
    """When the files of a day are whole: 08:00 UTC (TMDB.md 5), in unix ms."""
    return to_millis(datetime.combine(day, time(8), UTC).timestamp())


def id_set(ids: "Ids") -> BitMap:
    """The set of an array of ids."""
    return BitMap(array("I", ids.tobytes()))


_SPURNED = "export_refused:"  # facts: and the file's type, "_adult" if so, and day; the value is its ETag
_FIGURES = "date, rows, blank, broken, previous_rows, read_at, etag, length"


def newest(db: SqliteDatabase, media_type: MediaType) -> ExportSet | None:
    """The newest trusted export with its ids; None when none has been read."""
    import numpy  # late, see ExportSet.ids_array

    standard, sets = figures(db, media_type), ids(db, media_type)
    if standard is None or sets is None:
        return None
    parts = db.execute_sql(
        "SELECT ids, popularity FROM export WHERE media_type = ? ORDER BY adult", (media_type.value,)
    ).fetchall()
    liked = numpy.frombuffer(parts[0][1], dtype=numpy.float32)
    if len(parts) > 1:
        known = numpy.concatenate(
            [numpy.frombuffer(BitMap.deserialize(row[0]).to_array(), numpy.uint32) for row in parts]
        )
        _, first = numpy.unique(known, return_index=True)
        liked = numpy.concatenate([numpy.frombuffer(row[1], dtype=numpy.float32) for row in parts])[first]
    return ExportSet(
        media_type,
        standard.date,
        standard.rows,
        standard.blank,
        standard.broken,
        standard.read_at,
        standard.etag,
        standard.length,
        *sets,
        liked,
    )


def ids(db: SqliteDatabase, media_type: MediaType) -> tuple[BitMap, BitMap, BitMap] | None:
    """All ids of the newest trusted export, its video and its adult ones; None when none has been read."""
    parts = [
        [BitMap.deserialize(blob) for blob in row]
        for row in db.execute_sql(
            "SELECT ids, video_ids, CASE WHEN adult THEN ids ELSE adult_ids END FROM export "
            "WHERE media_type = ? ORDER BY adult",
            (media_type.value,),
        )
    ]
    if not parts:
        return None
    every, video, adult = (BitMap.union(*sets) for sets in zip(*parts, strict=True))
    return every, video, adult


def figures(db: SqliteDatabase, media_type: MediaType, *, adult: bool = False) -> ExportFigures | None:
    """The newest trusted file without its ids; None when none has been read."""
    row = db.execute_sql(
        f"SELECT {_FIGURES} FROM export WHERE media_type = ? AND adult = ?", (media_type.value, adult)
    ).fetchone()
    return ExportFigures(media_type, date.fromisoformat(row[0]), *row[1:]) if row else None


def put(
    db: SqliteDatabase,
    media_type: MediaType,
    *,
    is_adult: bool = False,
    day: date,
    ids: "Ids",
    popularity: "Floats",
    video: "list[int]",
    adult: "list[int]",
    blank: int,
    broken: int,
    etag: str | None,
    length: int | None,
    now_ms: int,
) -> None:
    """Take an export over in the place of the one before it. `ids` ascend; refusals of its type are settled by it."""
    every = id_set(ids)
    every.run_optimize()
    before = figures(db, media_type, adult=is_adult)
    db.execute_sql(
        "INSERT OR REPLACE INTO export (media_type, adult, date, rows, blank, broken, previous_rows, etag, length, "
        "read_at, ids, video_ids, adult_ids, popularity, dropped_ids) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            media_type.value,
            is_adult,
            day.isoformat(),
            len(ids),
            blank,
            broken,
            before.rows if before else None,
            etag,
            length,
            now_ms,
            every.serialize(),
            BitMap(video).serialize(),
            BitMap(adult).serialize(),
            popularity.astype("float32").tobytes(),
            (_ever_named(db, media_type, is_adult) - every).serialize(),
        ),
    )
    settle(db, media_type, day, adult=is_adult)


def _ever_named(db: SqliteDatabase, media_type: MediaType, is_adult: bool) -> BitMap:
    """What any export trusted so far has named."""
    row = db.execute_sql(
        "SELECT ids, dropped_ids FROM export WHERE media_type = ? AND adult = ?", (media_type.value, is_adult)
    ).fetchone()
    return BitMap().union(*(BitMap.deserialize(blob) for blob in row or () if blob is not None))


def dropped(db: SqliteDatabase, media_type: MediaType) -> BitMap:
    """TMDb ids that trusted exports of a type named once and the newest of the same kind does not name any more."""
    rows = db.execute_sql(
        "SELECT dropped_ids FROM export WHERE media_type = ? AND dropped_ids IS NOT NULL", (media_type.value,)
    )
    return BitMap().union(*(BitMap.deserialize(row[0]) for row in rows))


def refuse(
    db: SqliteDatabase,
    media_type: MediaType,
    day: date,
    code: str,
    reason: str,
    rows: int | None,
    now_ms: int,
    etag: str | None = None,
    *,
    adult: bool = False,
) -> None:
    """Remember that an export was not taken over, and why. `etag` is that of a file that was read to its end."""
    name = f"{_spurned(media_type, adult)}{day.isoformat()}"
    if etag:
        counts.set_fact(db, name, etag, now_ms)
    else:
        db.execute_sql("DELETE FROM fact WHERE name = ?", (name,))
    db.execute_sql(
        "INSERT OR REPLACE INTO export_refusal (media_type, adult, date, at, rows, code, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (media_type.value, adult, day.isoformat(), now_ms, rows, code, reason),
    )


def settle(db: SqliteDatabase, media_type: MediaType, day: date, *, adult: bool = False) -> None:
    """Forget the refusals of a file up to the day of one that is trusted, and that there was none to be had."""
    db.execute_sql(
        "DELETE FROM export_refusal WHERE media_type = ? AND adult = ? "
        "AND (date <= ? OR code IN ('missing', 'unreachable'))",
        (media_type.value, adult, day.isoformat()),
    )
    prefix = _spurned(media_type, adult)
    db.execute_sql("DELETE FROM fact WHERE name > ? AND name <= ?", (prefix, f"{prefix}{day.isoformat()}"))


def spurned(db: SqliteDatabase, media_type: MediaType, *, adult: bool = False) -> dict[date, tuple[str, Refusal]]:
    """Files that were read and refused, by their day: they need not be downloaded again. Their ETags, and why."""
    prefix = _spurned(media_type, adult)
    rows = db.execute_sql("SELECT name, value FROM fact WHERE name > ? AND name < ?", (prefix, f"{prefix}~"))
    found = {date.fromisoformat(name.removeprefix(prefix)): etag for name, etag in rows}
    said = [one for one in refusals(db) if (one.media_type, one.adult) == (media_type, adult)]
    return {one.date: (found[one.date], one) for one in said if one.date in found}


def _spurned(media_type: MediaType, adult: bool) -> str:
    return f"{_SPURNED}{media_type.value}{'_adult' if adult else ''}:"


def refusals(db: SqliteDatabase) -> list[Refusal]:
    """Exports newer than the trusted one of their type that were refused, the last refused first."""
    rows = db.execute_sql(
        "SELECT media_type, date, at, rows, code, reason, adult FROM export_refusal ORDER BY at DESC, media_type, adult"
    )
    return [
        Refusal(MediaType(kind), date.fromisoformat(day), at, count, code, reason, bool(adult))
        for kind, day, at, count, code, reason, adult in rows
    ]


def forget_adult_refusals(db: SqliteDatabase) -> None:
    """Nobody wants adult titles any more, so it does not matter that their files were refused."""
    db.execute_sql("DELETE FROM export_refusal WHERE adult = 1")
