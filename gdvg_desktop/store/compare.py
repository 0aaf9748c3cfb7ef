"""What a title holds against what TMDb says now: read back from the tables, compared field by field.

The stored hash is not asked: rows may have been blanked or altered by hand or by a fault since. Values that move and
the order of lists are no difference in content (`title_rows.MOVING_COLUMNS`).

A difference is a field with its old and its new value. Of a list the old value is what went and the new one what came,
as a JSON list of keys; a key in both is an entry that was altered. The keys of a list are stable and short:

    genres 36, keywords 9715, companies 21920      ids of those tables
    credits cast/287/52fe4250c3a36847f80149f3      kind, person, TMDb's id of the credit, else the role
    images poster/abc.jpg                          kind and path
    videos YouTube/2LqzF5WauAw                     site and key
    translations de-DE, seasons 1                  altered values are fields of their own: translations/de-DE/overview
    external_ids/imdb                              each id elsewhere is a field of its own
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdvg_desktop.store.title_rows import CHILD_TABLES, CONTENT, EPISODE_COLUMNS, TITLE_COLUMNS, Row, TitleRows

Children = Mapping[str, Sequence[Row]]
Difference = tuple[str, str | None, str | None]
"""Field, old, new."""

# The name of each list as a field of a title.
LISTS = {
    "title_genre": "genres", "origin_country": "origin_countries", "production_country": "production_countries",
    "spoken_language": "spoken_languages", "tv_language": "broadcast_languages", "episode_run_time": "episode_lengths",
    "title_company": "companies", "title_network": "networks", "title_keyword": "keywords", "credit": "credits",
    "image": "images", "video": "videos", "alternative_title": "alternative_titles", "translation": "translations",
    "title_release": "releases", "release_descriptor": "release_descriptors", "content_rating": "content_ratings",
    "rating_descriptor": "rating_descriptors", "watch_offer": "watch_offers", "watch_link": "watch_links",
    "season": "seasons", "episode": "episodes",
}  # fmt: skip
# Of entries of these tables the altered values are kept, each as a field of its own.
DETAILED = {
    "translation": {"title": 6, "overview": 7, "tagline": 8, "homepage": 9, "runtime": 10},
    "season": {"name": 3, "overview": 4, "air_date": 5, "poster_path": 6, "episode_count": 7},
}
EXTERNAL_IDS = "external_ids"
_IDENTITY = ("id", "media_type", "tmdb_id")
_DERIVED = ("sort_title", "completeness")  # follow from the rest; kept as a difference only when nothing else differs
_MOVING = ("popularity", "vote_average", "vote_count")
_COMPARED = [(place, name) for place, name in enumerate(TITLE_COLUMNS) if name not in (*_IDENTITY, *_MOVING)]
# A table whose rows refer to the positions of another's is rewritten with it.
_FOLLOWING = {"title_release": "release_descriptor", "content_rating": "rating_descriptor"}
# Tables whose rows are found in another order than TMDb's: by the second column.
_BY_KEY = {"external_id", "watch_link", "season"}
_CHUNK = 500


@dataclass(slots=True)
class Held:
    """One title as its rows stand in the library; `episodes` are all that are known."""

    title: Row
    children: dict[str, list[Row]] = field(default_factory=dict)
    episodes: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Comparison:
    """How a title differs: in content, and the tables whose rows are not the same (also by order or moving values)."""

    differences: list[Difference]
    tables: set[str]
    episodes: bool

    @property
    def same(self) -> bool:
        """True when the content is the same."""
        return not self.differences


def read(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Held]:
    """Titles the library has, of those asked for, with all their rows. Text that is none reads as altered text."""
    wanted = list(ids)
    try:
        return _read(connection, wanted)
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    usual = connection.text_factory
    connection.text_factory = lossy
    try:
        return _read(connection, wanted)
    finally:
        connection.text_factory = usual


def lossy(data: bytes) -> str:
    """Text out of a file that somebody has damaged."""
    return data.decode(errors="replace")


def _read(connection: sqlite3.Connection, wanted: list[int]) -> dict[int, Held]:
    found: dict[int, Held] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(f"SELECT {', '.join(TITLE_COLUMNS)} FROM title WHERE id IN ({marks})", part)
        here = {row[0]: Held(row) for row in rows}
        if not here:
            continue
        found |= here
        keys = list(here)
        marks = ", ".join("?" * len(keys))
        for table, columns in CHILD_TABLES.items():
            for row in connection.execute(
                f"SELECT {', '.join(columns)} FROM {table} WHERE title_id IN ({marks})", keys
            ):
                here[row[0]].children.setdefault(table, []).append(row)
        for row in connection.execute(
            f"SELECT {', '.join(EPISODE_COLUMNS)} FROM episode WHERE title_id IN ({marks})", keys
        ):
            here[row[1]].episodes.append(row)
    return found


def compare(held: Held, new: TitleRows) -> Comparison:
    """Hold what the library has of a title against its new rows."""
    differences, derived = _values(held.title, new.title)
    tables: set[str] = set()
    for table in CHILD_TABLES:
        old_rows, new_rows = held.children.get(table, []), new.children.get(table, [])
        if table in _BY_KEY:
            new_rows = sorted(new_rows, key=lambda row: row[1])
        if old_rows == new_rows:
            continue
        tables.add(table)
        content = CONTENT[table]
        if Counter(map(content, old_rows)) != Counter(map(content, new_rows)):
            differences += _list_differences(table, held.children, new.children)
    for parent, child in _FOLLOWING.items():
        if parent in tables and (held.children.get(child) or new.children.get(child)):
            tables.add(child)
    known = {row[0]: row for row in held.episodes}
    latest = {row[0]: row for row in new.episodes}  # the next to air may be the last aired: the later row is kept
    altered = [row for number, row in latest.items() if known.get(number) != row]
    content = CONTENT["episode"]
    differing = [row for row in altered if row[0] not in known or content(known[row[0]]) != content(row)]
    if differing:
        old = [_episode_key(row) for row in differing if row[0] in known]
        differences.append(("episodes", _keys(old), _keys([_episode_key(row) for row in differing])))
    return Comparison(differences or derived, tables, bool(altered))


def _values(old: Row, new: Row) -> tuple[list[Difference], list[Difference]]:
    """Columns of `title` whose value is another one: those TMDb gives, and those that follow from other rows."""
    if old == new:
        return [], []
    differing = [(name, text(old[place]), text(new[place])) for place, name in _COMPARED if old[place] != new[place]]
    derived = [one for one in differing if one[0] in _DERIVED]
    return [one for one in differing if one not in derived], derived


def text(value: Any) -> str | None:
    """A value as the history keeps it; yes and no are 1 and 0."""
    return None if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def _list_differences(table: str, old: Children, new: Children) -> list[Difference]:
    if table == "external_id":
        before, after = ({row[1]: row[2] for row in rows.get(table, ())} for rows in (old, new))
        sources = sorted(before.keys() | after.keys())
        return [
            (f"{EXTERNAL_IDS}/{source}", before.get(source), after.get(source))
            for source in sources
            if before.get(source) != after.get(source)
        ]
    before_rows, after_rows = keyed(table, old), keyed(table, new)
    content = CONTENT[table]
    went, came, details = [], [], []
    for key in before_rows | after_rows:
        was, now = before_rows.get(key, ()), after_rows.get(key, ())
        if not now:
            went.append(key)
            details += _details(table, key, was, ())
        elif not was:
            came.append(key)
        elif Counter(map(content, was)) != Counter(map(content, now)):
            some = _details(table, key, was, now)
            details += some
            if not some or len(now) > 1:
                went.append(key)
                came.append(key)
    lists: list[Difference] = [(LISTS[table], _keys(went), _keys(came))] if went or came else []
    return details + lists  # undone from the end: an entry that went is there again before its values are


def _details(table: str, key: str, old: Sequence[Row], new: Sequence[Row]) -> list[Difference]:
    """The altered values of one entry; of one that went, what it said, so that an earlier day can be shown."""
    if table not in DETAILED or len(old) != 1:
        return []
    found: list[Difference] = []
    for name, place in DETAILED[table].items():
        before, after = old[0][place], new[0][place] if len(new) == 1 else None
        if before != after:
            found.append((f"{LISTS[table]}/{key}/{name}", text(before), text(after)))
    return found


def _keys(keys: Iterable[str]) -> str | None:
    """A JSON list of keys, sorted; None for an empty one."""
    listed = sorted(set(keys))
    return json.dumps(listed, ensure_ascii=False) if listed else None


# ------------------------------------------------------------------------------------------------------------ keys


def keyed(table: str, children: Children) -> dict[str, list[Row]]:
    """The rows of a table by the key of the entry each is of."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in children.get(table, ()):
        found[_key(table, row, children)].append(row)
    return found


def _key(table: str, row: Row, children: Children) -> str:
    match table:
        case "credit":
            return f"{row[2]}/{row[3]}/{row[4] or row[7] or row[9] or ''}"
        case "image":
            return f"{row[2]}{row[3]}"
        case "video":
            return f"{row[4]}/{row[5]}" if row[5] else str(row[2])
        case "translation":
            return "-".join(part for part in (row[2], row[3]) if part)
        case "alternative_title":
            return f"{row[2] or ''}/{row[3]}"
        case "title_release":
            return "/".join(str(part or "") for part in row[2:6])
        case "content_rating":
            return f"{row[2] or ''}/{row[3] or ''}"
        case "release_descriptor":
            return f"{_country_at(children.get('title_release', ()), row[1])}/{row[3]}"
        case "rating_descriptor":
            return f"{_country_at(children.get('content_rating', ()), row[1])}/{row[3]}"
        case "watch_offer":
            return f"{row[2]}/{row[3]}/{row[4]}"
        case "watch_link" | "season":
            return str(row[1])
        case _:
            return str(row[2])


def _country_at(rows: Sequence[Row], position: int) -> str:
    return next((row[2] or "" for row in rows if row[1] == position), "")


def _episode_key(row: Row) -> str:
    return f"S{row[2]}E{row[3]}"
