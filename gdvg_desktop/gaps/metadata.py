"""Held titles without a field they should have and TMDb is not known to lack. Needs no request.

What TMDb itself lacked when the title was last fetched is noted with the title (`title.unavailable`), so it is not a
gap and not asked for every day.
"""

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.gaps import scoring
from gdvg_desktop.gaps.ground import Found, Ground, array_of
from gdvg_desktop.store import fields

_CHUNK = 500


def detect(db: SqliteDatabase, ground: Ground) -> Found:
    """Every held title of the type that lacks something, with the mask of what it lacks."""
    import numpy  # late: most commands need none of it

    bit = int(ground.media_type is MediaType.TV)
    lacking: dict[int, int] = {}
    for first, last in fields.key_ranges(db):
        for title_id, mask in fields.lacking(db, ground.wish.fields, first, last).items():
            if title_id & 1 == bit:
                lacking[title_id >> 1] = mask
    ids = BitMap(lacking)
    order = array_of(ids)
    popularity, months = numpy.zeros(len(order)), numpy.zeros(len(order), numpy.int32)
    for start in range(0, len(order), _CHUNK):
        part = order[start : start + _CHUNK]
        rows = db.execute_sql(
            "SELECT tmdb_id, popularity, substr(release_date, 1, 4) * 100 + substr(release_date, 6, 2) FROM title "
            f"WHERE id IN ({', '.join(str(int(one) * 2 + bit) for one in part)})"
        ).fetchall()
        for tmdb_id, popular, month in rows:
            place = start + int(numpy.searchsorted(part, tmdb_id))
            popularity[place], months[place] = popular or 0.0, month or 0
    last_id = int(ground.export.ids.max()) if ground.export.ids else 0
    return Found(
        ids,
        scoring.popularity_factor(popularity, ground.highest),
        scoring.recency(order, months, last_id, ground.wish.today),
        fields=numpy.array([lacking[int(one)] for one in order], numpy.int64),
    )


def unavailable(db: SqliteDatabase, required: int) -> int:
    """How many held titles lack a required field that TMDb lacks as well; read from one index."""
    row = db.execute_sql("SELECT count(*) FROM title WHERE unavailable & ? <> 0", (required,)).fetchone()
    return int(row[0])
