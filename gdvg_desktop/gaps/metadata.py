"""Held titles without a field they should have and TMDb is not known to lack. Needs no request.

What TMDb itself lacked when the title was last fetched is noted with the title (`title.unavailable`), so it is not a
gap and not asked for every day.
"""

from array import array

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.gaps.ground import Found, Ground, factors
from gdvg_desktop.store import fields

_CHUNK = 500


def detect(db: SqliteDatabase, ground: Ground) -> Found:
    """Every held title of the type that lacks something, with the mask of what it lacks. Read by ranges of ids."""
    import numpy  # late: most commands need none of it

    bit = int(ground.media_type is MediaType.TV)
    ids, masks, popularity, months = array("I"), array("I"), array("f"), array("i")
    for first, last in fields.key_ranges(db):
        lacking = fields.lacking(db, ground.wish.fields, first, last)
        mine = sorted(title_id for title_id in lacking if title_id & 1 == bit)
        for start in range(0, len(mine), _CHUNK):
            rows = db.execute_sql(
                "SELECT id, popularity, substr(release_date, 1, 4) * 100 + substr(release_date, 6, 2) FROM title "
                f"WHERE id IN ({', '.join(map(str, mine[start : start + _CHUNK]))}) ORDER BY id"
            ).fetchall()
            ids.extend(title_id >> 1 for title_id, _, _ in rows)
            masks.extend(lacking[title_id] for title_id, _, _ in rows)
            popularity.extend(popular or 0.0 for _, popular, _ in rows)
            months.extend(month or 0 for _, _, month in rows)
    order = numpy.frombuffer(ids, numpy.uint32)
    both = factors(ground, order, numpy.frombuffer(popularity, numpy.float32), numpy.frombuffer(months, numpy.int32))
    return Found(BitMap(ids), *both, fields=numpy.frombuffer(masks, numpy.uint32))


def unavailable(db: SqliteDatabase, required: int) -> int:
    """How many held titles lack a required field that TMDb lacks as well; read from one index."""
    row = db.execute_sql("SELECT count(*) FROM title WHERE unavailable & ? <> 0", (required,)).fetchone()
    return int(row[0])
