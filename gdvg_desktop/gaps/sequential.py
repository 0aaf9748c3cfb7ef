"""Ids of the newest export, inside the scope, that the library lacks and no tombstone explains: a set difference."""

from peewee import SqliteDatabase

from gdvg_desktop.gaps.ground import Found, Ground, found_missing


def detect(_db: SqliteDatabase, ground: Ground) -> Found:
    """Every missing id."""
    return found_missing(ground, ground.sets.missing)
