"""Titles missing from release months: ids that discover lists for a month and the library lacks.

Ids are compared, not counts, so titles the library has beyond a month's list cannot hide what is missing of it.
"""

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.gaps.ground import Found, Ground, found_missing


def detect(_db: SqliteDatabase, ground: Ground) -> Found:
    """Every missing id that some month lists."""
    return found_missing(ground, BitMap.union(BitMap(), *ground.by_month.values()))
