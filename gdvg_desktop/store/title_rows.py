"""A title as rows: which table has which columns, in the order rows have here.

Which row holds what is documented in docs/database.md; how an answer of TMDb becomes rows is `sync.mapping`. The hash
of a title's content can be told from the rows of an answer and from those in the library alike.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import msgspec

from gdvg_desktop.core.kinds import MediaType

Row = tuple[Any, ...]

# What mapping fills of `title`, in this order; the rest are dates and provenance.
TITLE_COLUMNS = (
    "id", "media_type", "tmdb_id", "title", "title_language", "sort_title", "original_title", "original_language",
    "language", "overview", "overview_language", "tagline", "homepage", "release_date", "last_air_date", "status",
    "tv_type", "in_production", "adult", "softcore", "video", "runtime", "budget", "revenue", "number_of_seasons",
    "number_of_episodes", "last_episode_id", "next_episode_id", "collection_id", "imdb_id", "poster_path",
    "backdrop_path", "completeness", "popularity", "vote_average", "vote_count",
)  # fmt: skip

# Tables of rows that belong to one title and are replaced with it.
CHILD_TABLES: dict[str, tuple[str, ...]] = {
    "title_genre": ("title_id", "position", "genre_id"),
    "origin_country": ("title_id", "position", "country"),
    "production_country": ("title_id", "position", "country"),
    "spoken_language": ("title_id", "position", "language"),
    "tv_language": ("title_id", "position", "language"),
    "episode_run_time": ("title_id", "position", "minutes"),
    "title_company": ("title_id", "position", "company_id"),
    "title_network": ("title_id", "position", "network_id"),
    "title_keyword": ("title_id", "position", "keyword_id"),
    "credit": (
        "title_id", "position", "kind", "person_id", "credit_id", "cast_id", "billing", "character", "department",
        "job", "episode_count", "total_episode_count",
    ),
    "image": (
        "title_id", "position", "kind", "file_path", "language", "country", "width", "height", "aspect_ratio",
        "vote_average", "vote_count",
    ),
    "video": (
        "title_id", "position", "video_id", "name", "site", "key", "type", "official", "size", "language", "country",
        "published_at",
    ),
    "external_id": ("title_id", "source", "value"),
    "alternative_title": ("title_id", "position", "country", "title", "type"),
    "translation": (
        "title_id", "position", "language", "country", "language_name", "english_name", "title", "overview",
        "tagline", "homepage", "runtime",
    ),
    "title_release": (
        "title_id", "position", "country", "type", "release_date", "certification", "language", "note",
    ),
    "release_descriptor": ("title_id", "release_position", "position", "descriptor"),
    "content_rating": ("title_id", "position", "country", "rating"),
    "rating_descriptor": ("title_id", "rating_position", "position", "descriptor"),
    "watch_offer": ("title_id", "position", "country", "kind", "provider_id", "display_priority"),
    "watch_link": ("title_id", "country", "link"),
    "season": (
        "title_id", "season_number", "tmdb_id", "name", "overview", "air_date", "poster_path", "episode_count",
        "vote_average",
    ),
}  # fmt: skip

# Columns that move or only say in which order a list came; they are kept, and are not content.
MOVING_COLUMNS = {
    "title": {"popularity", "vote_average", "vote_count"},
    "credit": {"billing"},
    "image": {"vote_average", "vote_count"},
    "season": {"vote_average"},
    "watch_offer": {"display_priority"},
    "release_descriptor": {"release_position"},
    "rating_descriptor": {"rating_position"},
    "episode": {"vote_average", "vote_count"},
}

# Tables whose rows titles share; the first column is the key. A known value is never replaced by an unknown one:
# credits of different kinds carry different parts of a person.
SHARED_TABLES: dict[str, tuple[str, ...]] = {
    "genre": ("id", "media_type", "tmdb_id", "name"),
    "country": ("code", "name"),
    "language": ("code", "name", "native_name"),
    "collection": ("id", "name", "poster_path", "backdrop_path"),
    "company": ("id", "name", "logo_path", "origin_country"),
    "network": ("id", "name", "logo_path", "origin_country"),
    "keyword": ("id", "name"),
    "provider": ("id", "name", "logo_path"),
    "person": (
        "id", "name", "original_name", "gender", "adult", "known_for_department", "profile_path", "popularity",
    ),
}  # fmt: skip

# Episodes known from the details (the last and the next to air) are added to, never removed by, a title's refresh.
EPISODE_COLUMNS = (
    "id", "title_id", "season_number", "episode_number", "name", "overview", "air_date", "runtime", "still_path",
    "production_code", "episode_type", "vote_average", "vote_count",
)  # fmt: skip


def title_id_of(media_type: MediaType, tmdb_id: int) -> int:
    """The key of a title: movie and TV ids overlap, so the type is its lowest bit."""
    return tmdb_id * 2 + (media_type is MediaType.TV)


@dataclass(slots=True)
class TitleRows:
    """One title as rows, ready to be written.

    `title` has the values of TITLE_COLUMNS; `children` and `shared` lists of rows by table, shaped as CHILD_TABLES and
    SHARED_TABLES say; `search_text` the folded forms (`store.search`); `unavailable` a mask of what TMDb has nothing
    for (`store.fields`), None when nobody looked; `unanswered` the child tables whose part of the answer did not come:
    what is held of them stays (`store.kept`).
    """

    title_id: int
    media_type: MediaType
    label: str
    title: Row
    content_hash: bytes
    search_text: str
    children: dict[str, list[Row]] = field(default_factory=dict)
    shared: dict[str, list[Row]] = field(default_factory=dict)
    episodes: list[Row] = field(default_factory=list)
    unavailable: int | None = None
    unanswered: frozenset[str] = frozenset()


def completeness(media_type: MediaType, values: Sequence[str | None], children: Mapping[str, Sequence[Row]]) -> int:
    """How many of the points a title can have it has, in per cent. `store.detail` names and counts them.

    `values` are the overview and the paths of poster and backdrop.
    """
    points = [
        *map(bool, values),
        "credit" in children,
        "external_id" in children,
        "title_keyword" in children,
        "video" in children,
        any(row[5] for row in children.get("title_release", ()))
        or any(row[3] for row in children.get("content_rating", ())),
        "translation" in children,
    ]
    if media_type is MediaType.TV:
        points.append("season" in children)
    return round(100 * sum(points) / len(points))


def _content(table: str, columns: Sequence[str]) -> Callable[[Row], Any]:
    left_out = MOVING_COLUMNS.get(table, set()) | {"title_id", "position"}
    return itemgetter(*(place for place, name in enumerate(columns) if name not in left_out))


# What of a row is content; a bare value where that is one column.
CONTENT: dict[str, Callable[[Row], Any]] = {
    table: _content(table, columns)
    for table, columns in (CHILD_TABLES | {"title": TITLE_COLUMNS, "episode": EPISODE_COLUMNS}).items()
}

HASH_VERSION = 3  # of the mapping and of the hash; the first byte of one, so that those of another are known as such
HASH_BYTES = 17
_encode = msgspec.json.Encoder().encode
_LAST_EPISODE, _NEXT_EPISODE = (TITLE_COLUMNS.index(f"{name}_episode_id") for name in ("last", "next"))


def content_hash(title: Row, children: Mapping[str, Sequence[Row]], episodes: Sequence[Row]) -> bytes:
    """A hash of what a title says: not of popularity and votes, nor of the order in which lists came.

    Of `episodes` those count that the title names as the last and the next to air. Values must be such as SQLite gives
    back: 1 and not true.
    """
    digest = hashlib.blake2b(_encode((HASH_VERSION, CONTENT["title"](title))), digest_size=HASH_BYTES - 1)
    for table in sorted(children):
        if rows := children[table]:
            digest.update(table.encode())
            digest.update(b"\n".join(sorted(map(_encode, map(CONTENT[table], rows)))))
    named = {row[0]: row for row in episodes if row[0] in (title[_LAST_EPISODE], title[_NEXT_EPISODE])}
    digest.update(b"\n".join(sorted(map(_encode, map(CONTENT["episode"], named.values())))))
    return bytes((HASH_VERSION,)) + digest.digest()
