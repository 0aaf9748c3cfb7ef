"""Popular titles that are missing: by the export's popularity, cross-checked with TMDb's own popular lists.

The export's popularity is a day old and counts the whole world; a title on TMDb's lists today is popular as well.
"""

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.gaps.ground import Found, Ground, array_of, found_missing


def detect(_db: SqliteDatabase, ground: Ground) -> Found:
    """Missing titles over the threshold, or among the first so many of their type, or on TMDb's popular lists."""
    missing = ground.sets.missing
    wish = ground.wish
    if wish.popular_top:
        wanted = ground.sets.held | missing
        popular = BitMap(ground.export.by_popularity(wanted)[: wish.popular_top]) & missing
    else:
        popular = BitMap(array_of(missing)[ground.export.popularity_of(missing) >= wish.popular_threshold])
    return found_missing(ground, popular | ground.can_be_missing(BitMap(ground.listed)))
