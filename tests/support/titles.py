"""Titles for tests: TMDb's answers made up, mapped and written the way an import does it."""

import json
from collections.abc import Sequence
from typing import Any

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.titles import TitleRows, Written, write_titles
from gdvg_desktop.sync.mapping import map_title

NOW = 1_700_000_000_000


# Every appended part as TMDb sends it when it has nothing: movies and series alike, as other parts are not looked at.
NOTHING_APPENDED: dict[str, Any] = {
    "credits": {"cast": [], "crew": []},
    "images": {"backdrops": [], "logos": [], "posters": []},
    "keywords": {"keywords": []},
    "videos": {"results": []},
    "external_ids": {"imdb_id": None, "wikidata_id": None},
    "alternative_titles": {"titles": []},
    "translations": {"translations": []},
    "release_dates": {"results": []},
    "content_ratings": {"results": []},
    "watch/providers": {"results": {}},
}


def body(tmdb_id: int, **fields: Any) -> bytes:
    """The body of a title's details with only these fields."""
    return json.dumps({"id": tmdb_id, **NOTHING_APPENDED, **fields}).encode()


def rows(
    tmdb_id: int, media_type: MediaType = MediaType.MOVIE, *, languages: Sequence[str] = ("en-US",), **fields: Any
) -> TitleRows:
    """A title ready to be written. `title` serves movies and series alike."""
    if media_type is MediaType.TV:
        renamed = {"title": "name", "original_title": "original_name", "release_date": "first_air_date"}
        fields = {renamed.get(name, name): value for name, value in fields.items()}
    return map_title(body(tmdb_id, **fields), media_type, languages)


def write(store: Store, *titles: TitleRows, job_id: int | None = None, now_ms: int = NOW) -> list[Written]:
    """Write titles in one transaction."""
    return store.write_now(lambda db: write_titles(db, titles, job_id, now_ms))


def fetch(store: Store, select: str, *values: Any) -> list[Any]:
    """The rows of a SELECT; of a single column, its values."""
    found: list[Any] = store.read_now(lambda db: db.execute_sql(select, values).fetchall())
    return [row[0] for row in found] if found and len(found[0]) == 1 else found
