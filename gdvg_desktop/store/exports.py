"""TMDb's newest trusted daily export of each type: which ids exist, as compact sets with their popularity.

An export that is not to be trusted leaves a refusal with its reason and nothing else: what was trusted last stays.
"""

from array import array
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import counts

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Ids = NDArray[numpy.uint32]
    Floats = NDArray[numpy.float32]


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """What is known of a trusted export without its ids.

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
    """A trusted export. `ids` holds every id, also the video and adult ones, which are named again in their own sets.

    `popularity` is in the ascending order of `ids`.
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


def id_set(ids: "Ids") -> BitMap:
    """The set of an array of ids."""
    return BitMap(array("I", ids.tobytes()))


_SPURNED = "export_refused:"  # facts: and the type and day of a file; the value is its ETag
_FIGURES = "date, rows, blank, broken, previous_rows, read_at, etag, length"


def newest(db: SqliteDatabase, media_type: MediaType) -> ExportSet | None:
    """The newest trusted export with its ids; None when none has been read."""
    import numpy  # late, see ExportSet.ids_array

    row = db.execute_sql(
        "SELECT date, rows, blank, broken, read_at, etag, length, ids, video_ids, adult_ids, popularity FROM export "
        "WHERE media_type = ?",
        (media_type.value,),
    ).fetchone()
    if row is None:
        return None
    every, video, adult = (BitMap.deserialize(blob) for blob in row[7:10])
    liked = numpy.frombuffer(row[10], dtype=numpy.float32)
    rows, blank, broken, read_at, etag, length = row[1:7]
    day = date.fromisoformat(row[0])
    return ExportSet(media_type, day, rows, blank, broken, read_at, etag, length, every, video, adult, liked)


def ids(db: SqliteDatabase, media_type: MediaType) -> tuple[BitMap, BitMap, BitMap] | None:
    """All ids of the newest trusted export, its video and its adult ones; None when none has been read."""
    row = db.execute_sql(
        "SELECT ids, video_ids, adult_ids FROM export WHERE media_type = ?", (media_type.value,)
    ).fetchone()
    if row is None:
        return None
    every, video, adult = (BitMap.deserialize(blob) for blob in row)
    return every, video, adult


def figures(db: SqliteDatabase, media_type: MediaType) -> ExportFigures | None:
    """The newest trusted export without its ids; None when none has been read."""
    row = db.execute_sql(f"SELECT {_FIGURES} FROM export WHERE media_type = ?", (media_type.value,)).fetchone()
    return ExportFigures(media_type, date.fromisoformat(row[0]), *row[1:]) if row else None


def put(
    db: SqliteDatabase,
    media_type: MediaType,
    *,
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
    before = figures(db, media_type)
    db.execute_sql(
        "INSERT OR REPLACE INTO export (media_type, date, rows, blank, broken, previous_rows, etag, length, read_at, "
        "ids, video_ids, adult_ids, popularity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            media_type.value,
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
        ),
    )
    settle(db, media_type, day)


def refuse(
    db: SqliteDatabase,
    media_type: MediaType,
    day: date,
    code: str,
    reason: str,
    rows: int | None,
    now_ms: int,
    etag: str | None = None,
) -> None:
    """Remember that an export was not taken over, and why. `etag` is that of a file that was read to its end."""
    name = f"{_SPURNED}{media_type.value}:{day.isoformat()}"
    if etag:
        counts.set_fact(db, name, etag, now_ms)
    else:
        db.execute_sql("DELETE FROM fact WHERE name = ?", (name,))
    db.execute_sql(
        "INSERT OR REPLACE INTO export_refusal (media_type, date, at, rows, code, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (media_type.value, day.isoformat(), now_ms, rows, code, reason),
    )


def settle(db: SqliteDatabase, media_type: MediaType, day: date) -> None:
    """Forget the refusals of a type up to the day of an export that is trusted, and that there was none to be had."""
    db.execute_sql(
        "DELETE FROM export_refusal WHERE media_type = ? AND (date <= ? OR code IN ('missing', 'unreachable'))",
        (media_type.value, day.isoformat()),
    )
    prefix = f"{_SPURNED}{media_type.value}:"
    db.execute_sql("DELETE FROM fact WHERE name > ? AND name <= ?", (prefix, f"{prefix}{day.isoformat()}"))


def spurned(db: SqliteDatabase, media_type: MediaType) -> dict[date, str]:
    """The ETags of files that were read and refused, by their day: they need not be downloaded again."""
    prefix = f"{_SPURNED}{media_type.value}:"
    rows = db.execute_sql("SELECT name, value FROM fact WHERE name > ? AND name < ?", (prefix, f"{prefix}~"))
    found = {date.fromisoformat(name.removeprefix(prefix)): etag for name, etag in rows}
    return {one.date: found[one.date] for one in refusals(db) if one.media_type is media_type and one.date in found}


def refusals(db: SqliteDatabase) -> list[Refusal]:
    """Exports newer than the trusted one of their type that were refused, the last refused first."""
    rows = db.execute_sql(
        "SELECT media_type, date, at, rows, code, reason FROM export_refusal ORDER BY at DESC, media_type"
    )
    return [Refusal(MediaType(row[0]), date.fromisoformat(row[1]), *row[2:]) for row in rows]
