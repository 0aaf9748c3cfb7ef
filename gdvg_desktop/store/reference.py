"""TMDb's lists of genres, countries and languages as the library keeps them, with when each was fetched.

Reading gives a list only when it is fresh: every row fetched at or after `oldest_ms` (unix milliseconds).
"""

from collections.abc import Iterable

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType


def countries(db: SqliteDatabase, oldest_ms: int) -> dict[str, str]:
    """Country code to English name; empty when the list is not fresh."""
    rows = db.execute_sql(
        "SELECT code, name FROM country WHERE fetched_at >= ? AND name IS NOT NULL ORDER BY name", (oldest_ms,)
    )
    return dict(rows)


def languages(db: SqliteDatabase, oldest_ms: int) -> dict[str, str]:
    """Language code to English name; empty when the list is not fresh."""
    rows = db.execute_sql("SELECT code, coalesce(name, code) FROM language WHERE fetched_at >= ?", (oldest_ms,))
    return dict(rows)


def genres(db: SqliteDatabase, media_type: MediaType, oldest_ms: int) -> dict[int, str]:
    """TMDb's genre id to name for one media type; empty when the list is not fresh."""
    rows = db.execute_sql(
        "SELECT tmdb_id, name FROM genre WHERE media_type = ? AND fetched_at >= ? AND name IS NOT NULL",
        (media_type.value, oldest_ms),
    )
    return dict(rows)


def set_countries(db: SqliteDatabase, rows: Iterable[tuple[str, str | None, str | None]], now_ms: int) -> None:
    """Keep countries as (code, English name, native name)."""
    _set_named(db, "country", rows, now_ms)


def set_languages(db: SqliteDatabase, rows: Iterable[tuple[str, str | None, str | None]], now_ms: int) -> None:
    """Keep languages as (code, English name, native name)."""
    _set_named(db, "language", rows, now_ms)


def set_genres(db: SqliteDatabase, media_type: MediaType, names: Iterable[tuple[int, str | None]], now_ms: int) -> None:
    """Keep the genres of one media type as (TMDb id, name)."""
    db.connection().executemany(
        "INSERT INTO genre (id, media_type, tmdb_id, name, fetched_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = coalesce(excluded.name, name), fetched_at = excluded.fetched_at",
        [(n * 2 + (media_type is MediaType.TV), media_type.value, n, name or None, now_ms) for n, name in names],
    )


def _set_named(db: SqliteDatabase, table: str, rows: Iterable[tuple[str, str | None, str | None]], now_ms: int) -> None:
    db.connection().executemany(
        f"INSERT INTO {table} (code, name, native_name, fetched_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (code) DO UPDATE SET name = coalesce(excluded.name, name), "
        "native_name = coalesce(excluded.native_name, native_name), fetched_at = excluded.fetched_at",
        [(code, name or None, native or None, now_ms) for code, name, native in rows],
    )
