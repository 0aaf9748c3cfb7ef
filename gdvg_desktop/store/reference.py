"""TMDb's own lists of genres, countries and languages, kept with the time they were fetched.

How long a list counts as fresh is the caller's business: every reader takes the oldest `fetched_at` it accepts and
gives an empty answer when the list is older. Titles add codes and genres these lists lack; such rows have no
`fetched_at` and are left out here.
"""

from collections.abc import Iterable

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.titles import title_id_of

NamedCode = tuple[str, str | None, str | None]  # code, English name, its own name


def genres(db: SqliteDatabase, media_type: MediaType, oldest_ms: int) -> dict[int, str]:
    """TMDb's genre id to name for one media type; {} when the list is missing or older than `oldest_ms`."""
    rows = db.execute_sql(
        "SELECT tmdb_id, name FROM genre WHERE media_type = ? AND fetched_at >= ? AND name IS NOT NULL "
        "ORDER BY name COLLATE NOCASE",
        (media_type.value, oldest_ms),
    )
    return dict(rows)


def countries(db: SqliteDatabase, oldest_ms: int) -> dict[str, str]:
    """Country code to English name; {} when the list is missing or older than `oldest_ms`."""
    return _names(db, "country", oldest_ms)


def languages(db: SqliteDatabase, oldest_ms: int) -> dict[str, str]:
    """Language code to English name; {} when the list is missing or older than `oldest_ms`."""
    return _names(db, "language", oldest_ms)


def set_genres(
    db: SqliteDatabase, media_type: MediaType, listed: Iterable[tuple[int, str | None]], now_ms: int
) -> None:
    """Keep the genre list `(TMDb id, name)` of one media type. Ids it no longer has stay, but count as not listed."""
    db.execute_sql("UPDATE genre SET fetched_at = NULL WHERE media_type = ?", (media_type.value,))
    rows = [
        (title_id_of(media_type, tmdb_id), media_type.value, tmdb_id, name or None, now_ms) for tmdb_id, name in listed
    ]
    db.connection().executemany(
        "INSERT INTO genre (id, media_type, tmdb_id, name, fetched_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = coalesce(excluded.name, name), fetched_at = excluded.fetched_at",
        rows,
    )


def set_countries(db: SqliteDatabase, listed: Iterable[NamedCode], now_ms: int) -> None:
    """Keep TMDb's country list."""
    _set_names(db, "country", listed, now_ms)


def set_languages(db: SqliteDatabase, listed: Iterable[NamedCode], now_ms: int) -> None:
    """Keep TMDb's language list."""
    _set_names(db, "language", listed, now_ms)


def _names(db: SqliteDatabase, table: str, oldest_ms: int) -> dict[str, str]:
    rows = db.execute_sql(
        f"SELECT code, name FROM {table} WHERE fetched_at >= ? AND name IS NOT NULL ORDER BY name COLLATE NOCASE",
        (oldest_ms,),
    )
    return dict(rows)


def _set_names(db: SqliteDatabase, table: str, listed: Iterable[NamedCode], now_ms: int) -> None:
    db.execute_sql(f"UPDATE {table} SET fetched_at = NULL")
    db.connection().executemany(
        f"INSERT INTO {table} (code, name, native_name, fetched_at) VALUES (?, nullif(?, ''), nullif(?, ''), ?) "
        "ON CONFLICT (code) DO UPDATE SET name = coalesce(excluded.name, name), "
        "native_name = coalesce(excluded.native_name, native_name), fetched_at = excluded.fetched_at",
        [(code, name, native, now_ms) for code, name, native in listed if code],
    )
