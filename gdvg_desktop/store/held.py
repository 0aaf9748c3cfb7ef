"""What the library already holds of an import's filter, counted without asking TMDb."""

from dataclasses import dataclass
from datetime import date

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import Match, MediaType


@dataclass(frozen=True, slots=True)
class HeldFilter:
    """An import's filter for one media type: any of the countries, any or all of the genres, dates inclusive."""

    media_type: MediaType
    countries: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    genre_ids: tuple[int, ...] = ()
    match: Match = Match.ANY


def count_matching(db: SqliteDatabase, held: HeldFilter) -> int:
    """How many titles of the library match."""
    where, values = ["media_type = ?"], list[object]([held.media_type.value])
    if held.date_from:
        where.append("release_date >= ?")
        values.append(held.date_from.isoformat())
    if held.date_to:
        where.append("release_date <= ?")
        values.append(held.date_to.isoformat())
    if held.countries:
        where.append(
            f"id IN (SELECT title_id FROM origin_country WHERE country IN ({', '.join('?' * len(held.countries))}))"
        )
        values.extend(held.countries)
    if held.genre_ids:
        # genre.id = TMDb's id * 2 + (1 for TV): the id spaces of the two types overlap
        ids = [genre_id * 2 + (held.media_type is MediaType.TV) for genre_id in held.genre_ids]
        having = f"HAVING count(*) = {len(ids)}" if held.match is Match.ALL else ""
        where.append(
            f"id IN (SELECT title_id FROM title_genre WHERE genre_id IN ({', '.join('?' * len(ids))}) "
            f"GROUP BY title_id {having})"
        )
        values.extend(ids)
    row = db.execute_sql(f"SELECT count(*) FROM title WHERE {' AND '.join(where)}", tuple(values)).fetchone()
    return int(row[0])


def all_ids(db: SqliteDatabase, media_type: MediaType) -> list[int]:
    """Every TMDb id of a media type in the library."""
    rows = db.execute_sql("SELECT tmdb_id FROM title WHERE media_type = ?", (media_type.value,))
    return [row[0] for row in rows]
