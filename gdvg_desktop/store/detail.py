"""Everything held of one title, for the detail panel and `titles show`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import fields
from gdvg_desktop.store.title_rows import title_id_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """A person in cast, crew or as creator. `role` is the character or the job."""

    person_id: int
    name: str | None
    role: str | None
    department: str | None
    episode_count: int | None
    profile_path: str | None


@dataclass(frozen=True, slots=True)
class Image:
    """A backdrop, logo or poster, by its TMDb path."""

    kind: str
    file_path: str
    language: str | None
    width: int | None
    height: int | None
    vote_average: float | None


@dataclass(frozen=True, slots=True)
class Video:
    """A trailer or clip: site and key make its address."""

    name: str | None
    site: str | None
    key: str | None
    type: str | None
    language: str | None
    official: bool | None


@dataclass(frozen=True, slots=True)
class AlternativeTitle:
    """Another title, of a country."""

    country: str | None
    title: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts in one language, written `de-DE`."""

    language: str
    english_name: str | None
    title: str | None
    overview: str | None
    tagline: str | None


@dataclass(frozen=True, slots=True)
class AgeRating:
    """A certification of a country."""

    country: str | None
    rating: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release in a country; `type` is TMDb's 1 premiere to 6 TV."""

    country: str | None
    type: int | None
    release_date: str | None
    certification: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a title can be watched: `kind` is flatrate, free, ads, rent or buy."""

    country: str
    kind: str
    provider: str | None


@dataclass(frozen=True, slots=True)
class Season:
    """A season of a series; 0 are the specials."""

    season_number: int
    name: str | None
    air_date: str | None
    episode_count: int | None
    overview: str | None
    poster_path: str | None


@dataclass(frozen=True, slots=True)
class Episode:
    """The last or next episode to air."""

    season_number: int | None
    episode_number: int | None
    name: str | None
    air_date: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """One of the points of completeness: how many of it there are, 0 when it is missing. `note` says which.

    `upstream` is False when TMDb had none of it when it was last asked.
    """

    name: str
    count: int
    note: str = ""
    upstream: bool = True

    @property
    def met(self) -> bool:
        """Whether the title has it."""
        return self.count > 0


@dataclass(frozen=True, slots=True)
class Deletion:
    """A title deleted at TMDb: since when, the export that does not name it, until when its data is kept here.

    The successor is the title that has its IMDb id now; its name is None while the library does not hold it.
    """

    gone_at: int
    export_date: str
    data_until: int | None
    successor_type: MediaType | None
    successor_id: int | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class TitleDetail:
    """One title. Instants are unix milliseconds; names of genres and the like are TMDb's.

    `fetched_at` is when the stored content came, `checked_at` when TMDb last confirmed it. `unavailable` are the fields
    TMDb had nothing for (`store.fields`).
    """

    id: int
    media_type: MediaType
    tmdb_id: int
    title: str | None
    title_language: str | None
    original_title: str | None
    original_language: str | None
    overview: str | None
    overview_language: str | None
    tagline: str | None
    homepage: str | None
    release_date: str | None
    last_air_date: str | None
    status: str | None
    tv_type: str | None
    in_production: bool | None
    adult: bool | None
    runtime: int | None
    budget: int | None
    revenue: int | None
    number_of_seasons: int | None
    number_of_episodes: int | None
    imdb_id: str | None
    poster_path: str | None
    backdrop_path: str | None
    popularity: float | None
    vote_average: float | None
    vote_count: int | None
    completeness: int
    fetched_at: int
    checked_at: int
    created_at: int
    job_id: int | None
    job_name: str | None
    first_job_id: int | None
    collection: str | None
    genres: tuple[str, ...]
    origin_countries: tuple[str, ...]
    production_countries: tuple[str, ...]
    spoken_languages: tuple[str, ...]
    episode_run_times: tuple[int, ...]
    companies: tuple[str, ...]
    networks: tuple[str, ...]
    keywords: tuple[str, ...]
    external_ids: dict[str, str]
    points: tuple[Point, ...]
    cast: tuple[Person, ...]
    crew: tuple[Person, ...]
    creators: tuple[Person, ...]
    images: tuple[Image, ...]
    videos: tuple[Video, ...]
    alternative_titles: tuple[AlternativeTitle, ...]
    translations: tuple[Translation, ...]
    age_ratings: tuple[AgeRating, ...]
    releases: tuple[Release, ...]
    offers: tuple[Offer, ...]
    seasons: tuple[Season, ...]
    last_episode: Episode | None
    next_episode: Episode | None
    unavailable: tuple[str, ...]
    deletion: Deletion | None

    @property
    def year(self) -> int | None:
        """The year of the first release."""
        return int(self.release_date[:4]) if self.release_date else None


_OWN = (
    "id", "media_type", "tmdb_id", "title", "title_language", "original_title", "original_language", "overview",
    "overview_language", "tagline", "homepage", "release_date", "last_air_date", "status", "tv_type", "in_production",
    "adult", "runtime", "budget", "revenue", "number_of_seasons", "number_of_episodes", "imdb_id", "poster_path",
    "backdrop_path", "popularity", "vote_average", "vote_count", "completeness", "fetched_at", "checked_at",
    "created_at", "job_id", "first_job_id",
)  # fmt: skip


def detail(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> TitleDetail | None:
    """Everything held of a title, or None when the library does not have it."""
    title_id = title_id_of(media_type, tmdb_id)
    with db.atomic():  # one snapshot for all the parts
        row = db.execute_sql(f"SELECT {', '.join(_OWN)} FROM title WHERE id = ?", (title_id,)).fetchone()
        if row is None:
            return None
        return _Reader(db, title_id).read(dict(zip(_OWN, row, strict=True)))


def deletion(db: SqliteDatabase, title_id: int) -> Deletion | None:
    """What is known of a title's deletion at TMDb, also once its data is gone from here; None when it lives."""
    row = db.execute_sql(
        "SELECT gone_at, export_date, data_until, successor_id, title.title FROM tombstone "
        "LEFT JOIN title ON title.id = successor_id WHERE title_id = ?",
        (title_id,),
    ).fetchone()
    if row is None:
        return None
    gone_at, export_date, data_until, successor_id, name = row
    if successor_id is None:
        return Deletion(gone_at, export_date, data_until, None, None, None)
    kind = MediaType.TV if successor_id & 1 else MediaType.MOVIE
    return Deletion(gone_at, export_date, data_until, kind, successor_id >> 1, name)


class _Reader:
    """Reads the rows of one title."""

    def __init__(self, db: SqliteDatabase, title_id: int) -> None:
        self._db = db
        self._id = title_id

    def read(self, own: dict[str, Any]) -> TitleDetail:
        parts: dict[str, Any] = {
            "job_name": self._one("SELECT name FROM job WHERE id = (SELECT job_id FROM title WHERE id = ?)"),
            "collection": self._one(
                "SELECT name FROM collection WHERE id = (SELECT collection_id FROM title WHERE id = ?)"
            ),
            "genres": self._names("title_genre", "genre"),
            "companies": self._names("title_company", "company"),
            "networks": self._names("title_network", "network"),
            "keywords": self._names("title_keyword", "keyword"),
            "origin_countries": self._list("origin_country", "country"),
            "production_countries": self._list("production_country", "country"),
            "spoken_languages": self._list("spoken_language", "language"),
            "episode_run_times": self._list("episode_run_time", "minutes"),
            "external_ids": dict(self._all("SELECT source, value FROM external_id WHERE title_id = ? ORDER BY source")),
            "cast": self._people("cast"),
            "crew": self._people("crew"),
            "creators": self._people("creator"),
            "images": self._rows(Image, "image", "kind, file_path, language, width, height, vote_average"),
            "videos": self._rows(Video, "video", "name, site, key, type, language, official"),
            "alternative_titles": self._rows(AlternativeTitle, "alternative_title", "country, title, type"),
            "translations": self._rows(
                Translation,
                "translation",
                "coalesce(language, '') || coalesce('-' || country, ''), english_name, title, overview, tagline",
            ),
            "releases": self._rows(Release, "title_release", "country, type, release_date, certification, note"),
            "offers": tuple(
                Offer(*row)
                for row in self._all(
                    "SELECT country, kind, name FROM watch_offer JOIN provider ON provider.id = provider_id "
                    "WHERE title_id = ? ORDER BY position"
                )
            ),
            "seasons": tuple(
                Season(*row)
                for row in self._all(
                    "SELECT season_number, name, air_date, episode_count, overview, poster_path FROM season "
                    "WHERE title_id = ? ORDER BY season_number"
                )
            ),
            "last_episode": self._episode("last_episode_id"),
            "next_episode": self._episode("next_episode_id"),
            "unavailable": fields.names_of(self._one("SELECT unavailable FROM title WHERE id = ?") or 0),
            "deletion": deletion(self._db, self._id),
        }
        parts["age_ratings"] = self._age_ratings(parts["releases"])
        for flag in ("in_production", "adult"):
            own[flag] = None if own[flag] is None else bool(own[flag])
        own["media_type"] = MediaType(own["media_type"])
        return TitleDetail(**own, **parts, points=_points(own, parts))

    def _all(self, select: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._db.execute_sql(select, (self._id,)).fetchall()
        return rows

    def _one(self, select: str) -> Any:
        rows = self._all(select)
        return rows[0][0] if rows else None

    def _list(self, table: str, column: str) -> tuple[Any, ...]:
        return tuple(row[0] for row in self._all(f"SELECT {column} FROM {table} WHERE title_id = ? ORDER BY position"))

    def _names(self, link: str, table: str) -> tuple[str, ...]:
        rows = self._all(
            f"SELECT coalesce(name, {table}.id) FROM {link} JOIN {table} ON {table}.id = {table}_id "
            "WHERE title_id = ? ORDER BY position"
        )
        return tuple(str(row[0]) for row in rows)

    def _rows(self, shape: type[T], table: str, columns: str) -> tuple[T, ...]:
        return tuple(
            shape(*row) for row in self._all(f"SELECT {columns} FROM {table} WHERE title_id = ? ORDER BY position")
        )

    def _people(self, kind: str) -> tuple[Person, ...]:
        order = "billing IS NULL, billing, position" if kind == "cast" else "position"
        rows = self._all(
            "SELECT person_id, name, coalesce(character, job), department, episode_count, profile_path FROM credit "
            f"JOIN person ON person.id = person_id WHERE title_id = ? AND kind = '{kind}' ORDER BY {order}"
        )
        return tuple(Person(*row) for row in rows)

    def _age_ratings(self, releases: Sequence[Release]) -> tuple[AgeRating, ...]:
        rated = self._all(
            "SELECT country, rating FROM content_rating WHERE title_id = ? AND rating IS NOT NULL ORDER BY position"
        )
        found = [AgeRating(*row) for row in rated]
        found += [AgeRating(one.country, one.certification) for one in releases if one.certification]
        return tuple(dict.fromkeys(found))

    def _episode(self, column: str) -> Episode | None:
        rows = self._all(
            "SELECT season_number, episode_number, name, air_date FROM episode "
            f"WHERE id = (SELECT {column} FROM title WHERE id = ?)"
        )
        return Episode(*rows[0]) if rows else None


def _points(own: dict[str, Any], parts: dict[str, Any]) -> tuple[Point, ...]:
    """What `title.completeness` counts, in the order it is shown (`sync.mapping` works it out of the same parts)."""
    images = [image.kind for image in parts["images"]]
    translated = [one.language.partition("-")[0] for one in parts["translations"] if one.overview]
    languages = dict.fromkeys([(own["overview_language"] or "").partition("-")[0], *translated])
    people = parts["cast"] + parts["crew"] + parts["creators"]
    points = [
        Point("overview", int(bool(own["overview"])), ", ".join(list(filter(None, languages))[:3])),
        Point("poster", max(images.count("poster"), int(bool(own["poster_path"])))),
        Point("backdrop", max(images.count("backdrop"), int(bool(own["backdrop_path"])))),
        Point("cast_and_crew", len({person.person_id for person in people})),
        Point("external_ids", len(parts["external_ids"])),
        Point("keywords", len(parts["keywords"])),
        Point("videos", len(parts["videos"])),
        Point("age_ratings", len(parts["age_ratings"])),
        Point("translations", len(parts["translations"])),
    ]
    if own["media_type"] is MediaType.TV:
        points.insert(4, Point("seasons", len(parts["seasons"])))
    absent = parts["unavailable"]
    return tuple(replace(one, upstream=_POINT_FIELDS.get(one.name, one.name) not in absent) for one in points)


# Points that are named otherwise in `store.fields`.
_POINT_FIELDS = {"cast_and_crew": "credits", "age_ratings": "certification"}
