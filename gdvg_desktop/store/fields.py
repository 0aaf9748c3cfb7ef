"""The fields a complete title has: their names, which bit of a mask each is, and how to find titles without them.

`title.unavailable` is such a mask: what TMDb's own answer had nothing for when the title was last fetched. A field that
is missing though TMDb has it was lost here, and is a gap.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from peewee import SqliteDatabase

# Bit i of a mask is FIELDS[i]. New names go at the end: the masks are stored.
FIELDS: tuple[str, ...] = (
    "title", "poster", "backdrop", "overview", "date", "genres", "countries", "runtime", "credits", "external_ids",
    "keywords", "images", "videos", "translations", "certification",
)  # fmt: skip

# Fields that are a column of `title`; each has a partial index of (id, unavailable), so a search reads only the misses.
COLUMNS = {
    "title": "title",
    "poster": "poster_path",
    "backdrop": "backdrop_path",
    "overview": "overview",
    "date": "release_date",
}
_TABLES = {
    "genres": "title_genre",
    "countries": "origin_country",
    "credits": "credit",
    "external_ids": "external_id",
    "keywords": "title_keyword",
    "images": "image",
    "videos": "video",
    "translations": "translation",
}


def _without(table: str, more: str = "") -> str:
    return f"NOT EXISTS (SELECT 1 FROM {table} WHERE title_id = title.id{more})"


# When a row of `title` lacks a field. Movies have a runtime, series the usual lengths of an episode. The library stores
# NULL for what is unknown, but whoever blanks a field by hand may write an empty text or 0. SQLite takes the indexes
# `title_no_...` only for conditions written as theirs.
LACKS: dict[str, str] = {
    **{name: f"coalesce({column}, '') = ''" for name, column in COLUMNS.items()},
    **{name: _without(table) for name, table in _TABLES.items()},
    "runtime": f"coalesce(runtime, 0) = 0 AND (media_type = 'movie' OR {_without('episode_run_time')})",
    "certification": " AND ".join(
        (_without("title_release", " AND certification <> ''"), _without("content_rating", " AND rating <> ''"))
    ),
}

RANGE = 100_000  # title ids looked at in one read


def mask_of(names: Iterable[str]) -> int:
    """The mask with these fields. Raises ValueError for a name that is none."""
    mask = 0
    for name in names:
        mask |= 1 << FIELDS.index(name)
    return mask


def names_of(mask: int) -> tuple[str, ...]:
    """The fields of a mask."""
    return tuple(name for bit, name in enumerate(FIELDS) if mask >> bit & 1)


def absent(values: Mapping[str, Any], children: Mapping[str, Sequence[Sequence[Any]]]) -> int:
    """The fields a title as rows has nothing for: its values by column, its other rows by table (`store.titles`)."""
    names = [name for name, column in COLUMNS.items() if values[column] is None]
    names += [name for name, table in _TABLES.items() if not children.get(table)]
    if values["runtime"] is None and (values["media_type"] == "movie" or not children.get("episode_run_time")):
        names.append("runtime")
    certified = any(row[5] for row in children.get("title_release", ()))
    if not certified and not any(row[3] for row in children.get("content_rating", ())):
        names.append("certification")
    return mask_of(names)


def told_by(tables: Collection[str]) -> int:
    """The mask of the fields that nobody can tell who does not know these tables of a title's rows."""
    names = [name for name, table in _TABLES.items() if table in tables]
    if "translation" in tables:  # they fill what is not there in the language asked for
        names += ["title", "overview"]
    if "title_release" in tables or "content_rating" in tables:
        names.append("certification")
    return mask_of(names)


def key_ranges(db: SqliteDatabase, span: int = RANGE) -> Iterator[tuple[int, int]]:
    """Ranges (first, last) of title ids that cover the library, to be read one at a time."""
    last = db.execute_sql("SELECT max(id) FROM title").fetchone()[0]
    for first in range(0, (last or -1) + 1, span):
        yield first, first + span - 1


def lacking(db: SqliteDatabase, required: int, first: int, last: int) -> dict[int, int]:
    """Titles from `first` to `last` that lack some of the `required` fields though TMDb has them: id and mask.

    What was never asked for since the mask exists counts as to be had. Titles deleted at TMDb are left out. Seldom
    more than a few milliseconds for a range of 100,000 ids, as only indexes are read.
    """
    found: dict[int, int] = {}
    for name in names_of(required):
        bit = mask_of((name,))
        for (title_id,) in db.execute_sql(_search(name), (first, last, bit)):
            found[title_id] = found.get(title_id, 0) | bit
    for (title_id,) in db.execute_sql("SELECT title_id FROM tombstone WHERE title_id BETWEEN ? AND ?", (first, last)):
        found.pop(title_id, None)
    return found


def _search(name: str) -> str:
    """A SELECT of the ids in a range that lack a field; of `title` it reads one index only."""
    index = f"title_no_{name}" if name in COLUMNS or name == "runtime" else "title_unavailable"
    return (
        f"SELECT id FROM title INDEXED BY {index} "
        f"WHERE id BETWEEN ? AND ? AND coalesce(unavailable, 0) & ? = 0 AND {LACKS[name]}"
    )
