"""From TMDb's answer to rows: pure, no database, no network.

Unknown becomes None here: "" everywhere, and 0 where TMDb means "unknown" by it (budget, revenue, runtime, popularity,
votes, gender; TMDB.md 3). Dates that are no dates become None. Any other text passes as it was sent. Which table holds
what is `store.title_rows`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.fields import absent, told_by
from gdvg_desktop.store.search import search_text, sort_key
from gdvg_desktop.store.title_rows import TITLE_COLUMNS, Row, TitleRows, completeness, content_hash, title_id_of
from gdvg_desktop.sync import texts
from gdvg_desktop.tmdb.details import PARTS
from gdvg_desktop.tmdb.payloads import (
    Credit,
    Credits,
    Episode,
    Part,
    TitleDetails,
    TranslationData,
    WatchCountry,
    Wire,
    decode_title,
    is_id,
    valid_date,
)

T = TypeVar("T")
Shared = dict[str, list[Row]]
Children = dict[str, list[Row]]

_OFFER_KINDS = ("flatrate", "free", "ads", "rent", "buy")
# The tables that hold a part of the answer (`tmdb.details.PARTS`); of the credits see `_credits`.
_TABLES = {
    "release_dates": ("title_release", "release_descriptor"),
    "content_ratings": ("content_rating", "rating_descriptor"),
    "alternative_titles": ("alternative_title",),
    "external_ids": ("external_id",),
    "images": ("image",),
    "keywords": ("title_keyword",),
    "translations": ("translation",),
    "videos": ("video",),
    "watch/providers": ("watch_offer", "watch_link"),
}


def map_title(body: bytes, media_type: MediaType, languages: Sequence[str]) -> TitleRows:
    """The rows of a movie or series from the body of its details, everything appended.

    `languages` is the user's list; the first was asked for, the others and then the original language fill what has no
    text in it. Raises BadAnswer when the body is no JSON object with an id.
    """
    details = decode_title(body)
    assert details.id is not None  # decode_title has refused it otherwise
    unanswered = _unanswered(details, media_type)
    title_id = title_id_of(media_type, details.id)
    shown = texts.choose(details, media_type, languages)
    children: Children = {}
    shared: Shared = {}
    _map_lists(details, media_type, title_id, children, shared)
    _map_credits(details, title_id, children, shared)
    _map_media(details, title_id, children)
    _map_forms(details, title_id, children)
    _map_ratings(details, title_id, children)
    _map_offers(details, title_id, children, shared)
    _map_seasons(details, title_id, children)
    children = {table: rows for table, rows in children.items() if rows}
    episodes = [
        _episode(episode, title_id)
        for episode in (details.last_episode_to_air, details.next_episode_to_air)
        if episode is not None and _positive(episode.id)
    ]
    title = _title_row(details, media_type, title_id, shown, children, shared)
    label = shown.title or f"{media_type.value}/{details.id}"
    date = title[13]
    return TitleRows(
        title_id=title_id,
        media_type=media_type,
        label=f"{label} ({date[:4]})" if date else label,
        title=title,
        content_hash=content_hash(title, children, episodes),
        search_text=search_text(_forms(details, shown.title)),
        children=children,
        shared=shared,
        episodes=episodes,
        unavailable=absent(dict(zip(TITLE_COLUMNS, title, strict=True)), children) & ~told_by(unanswered),
        unanswered=unanswered,
    )


def _unanswered(details: TitleDetails, media_type: MediaType) -> frozenset[str]:
    """The tables of the parts that were asked for and did not come."""
    tables = {"credit"} if _credits(details) is None else set()
    for part in PARTS[media_type]:
        if part in _TABLES and not _came(getattr(details, part.replace("/", "_"))):
            tables.update(_TABLES[part])
    return frozenset(tables)


def _came(part: object) -> bool:
    """Whether this is a part and not nothing, or an error in its place: it holds one of its lists, if only empty."""
    if isinstance(part, Wire):
        return any(getattr(part, name) is not None for name in part.__struct_fields__)
    return isinstance(part, dict) and any(name.endswith("_id") for name in part)


def _credits(details: TitleDetails) -> Credits | None:
    """Aggregate credits are preferred, as plain ones hold the current season only; None when neither came."""
    return next((one for one in (details.aggregate_credits, details.credits) if _came(one)), None)


def _title_row(
    details: TitleDetails, media_type: MediaType, title_id: int, shown: texts.Shown, children: Children, shared: Shared
) -> Row:
    """The values of `store.title_rows.TITLE_COLUMNS`."""
    movie = media_type is MediaType.MOVIE
    collection = shared.get("collection")
    external = {source: value for _, source, value in children.get("external_id", ())}
    last, following = details.last_episode_to_air, details.next_episode_to_air
    return (
        title_id,
        media_type.value,
        details.id,
        shown.title,
        shown.title_language,
        sort_key(shown.title),
        _text(details.original_title if movie else details.original_name),
        _text(details.original_language),
        shown.asked,
        shown.overview,
        shown.overview_language,
        shown.tagline,
        shown.homepage,
        valid_date(details.release_date if movie else details.first_air_date),
        valid_date(details.last_air_date),
        _text(details.status),
        _text(details.type),
        _flag(details.in_production),
        _flag(details.adult),
        _flag(details.softcore),
        _flag(details.video),
        _known(details.runtime),
        _known(details.budget),
        _known(details.revenue),
        details.number_of_seasons,
        details.number_of_episodes,
        _positive(last.id) if last else None,
        _positive(following.id) if following else None,
        collection[0][0] if collection else None,
        _text(details.imdb_id) or external.get("imdb"),
        _text(details.poster_path),
        _text(details.backdrop_path),
        completeness(media_type, (shown.overview, details.poster_path, details.backdrop_path), children),
        _known(details.popularity),
        _known(details.vote_average),
        _known(details.vote_count),
    )


# ------------------------------------------------------------------------------------------------------- the lists


def _map_lists(details: TitleDetails, media_type: MediaType, title_id: int, children: Children, shared: Shared) -> None:
    genres = [genre for genre in details.genres or () if is_id(genre.id)]
    tv = media_type is MediaType.TV
    shared["genre"] = [(g.id * 2 + tv, media_type.value, g.id, _text(g.name)) for g in genres if g.id]
    children["title_genre"] = _listed(title_id, (row[0] for row in shared["genre"]))
    children["origin_country"] = _listed(title_id, filter(None, details.origin_country or ()))
    countries = [one for one in details.production_countries or () if one.iso_3166_1]
    shared["country"] = [(one.iso_3166_1, _text(one.name)) for one in countries]
    children["production_country"] = _listed(title_id, (one.iso_3166_1 for one in countries))
    spoken = [one for one in details.spoken_languages or () if one.iso_639_1]
    shared["language"] = [(one.iso_639_1, _text(one.english_name), _text(one.name)) for one in spoken]
    children["spoken_language"] = _listed(title_id, (one.iso_639_1 for one in spoken))
    children["tv_language"] = _listed(title_id, filter(None, details.languages or ()))
    children["episode_run_time"] = _listed(title_id, filter(None, details.episode_run_time or ()))
    for table, companies in (("company", details.production_companies), ("network", details.networks)):
        shared[table] = [
            (one.id, _text(one.name), _text(one.logo_path), _text(one.origin_country))
            for one in companies or ()
            if _positive(one.id)
        ]
        children[f"title_{table}"] = _listed(title_id, (row[0] for row in shared[table]))
    found = details.keywords
    words = (found.keywords or found.results or ()) if found else ()
    shared["keyword"] = [(one.id, _text(one.name)) for one in words if _positive(one.id)]
    children["title_keyword"] = _listed(title_id, (row[0] for row in shared["keyword"]))
    collection = details.belongs_to_collection
    if collection is not None and _positive(collection.id):
        paths = _text(collection.poster_path), _text(collection.backdrop_path)
        shared["collection"] = [(collection.id, _text(collection.name), *paths)]


def _listed(title_id: int, values: Iterable[object]) -> list[Row]:
    """Rows `(title_id, position, value)`, each value once."""
    return [(title_id, position, value) for position, value in enumerate(dict.fromkeys(values))]


_WHOLE = Part()


def _map_credits(details: TitleDetails, title_id: int, children: Children, shared: Shared) -> None:
    """One row a role or job."""
    found = _credits(details) or Credits()
    rows: list[Row] = []
    people: list[Row] = []
    for kind, credits in (("cast", found.cast), ("crew", found.crew), ("creator", details.created_by)):
        for one in credits or ():
            if not _positive(one.id):
                continue
            people.append(_person(one))
            parts = (one.roles if kind == "cast" else one.jobs) or (_WHOLE,)
            rows.extend(
                (
                    title_id,
                    position,
                    kind,
                    one.id,
                    _text(part.credit_id or one.credit_id),
                    one.cast_id,
                    one.order,
                    _text(part.character or one.character),
                    _text(one.department),
                    _text(part.job or one.job),
                    _known(part.episode_count),
                    _known(one.total_episode_count),
                )
                for position, part in enumerate(parts, len(rows))
            )
    children["credit"] = rows
    shared["person"] = people


def _person(one: Credit) -> Row:
    return (
        one.id,
        _text(one.name),
        _text(one.original_name),
        _known(one.gender),
        one.adult,
        _text(one.known_for_department),
        _text(one.profile_path),
        _known(one.popularity),
    )


def _map_media(details: TitleDetails, title_id: int, children: Children) -> None:
    images = details.images
    if images is not None:
        kinds = (("backdrop", images.backdrops), ("logo", images.logos), ("poster", images.posters))
        every = ((kind, one) for kind, some in kinds for one in some or () if one.file_path)
        children["image"] = [
            (
                title_id,
                position,
                kind,
                one.file_path,
                _text(one.iso_639_1),
                _text(one.iso_3166_1),
                _known(one.width),
                _known(one.height),
                _known(one.aspect_ratio),
                _known(one.vote_average),
                _known(one.vote_count),
            )
            for position, (kind, one) in enumerate(every)
        ]
    if details.videos is not None:
        children["video"] = [
            (
                title_id,
                position,
                _text(one.id),
                _text(one.name),
                _text(one.site),
                _text(one.key),
                _text(one.type),
                _flag(one.official),
                _known(one.size),
                _text(one.iso_639_1),
                _text(one.iso_3166_1),
                _millis(one.published_at),
            )
            for position, one in enumerate(details.videos.results or ())
        ]
    children["external_id"] = _external_ids(details, title_id)


def _external_ids(details: TitleDetails, title_id: int) -> list[Row]:
    """Rows (title, source, value): every non-empty `<source>_id`, numbers as text, and `freebase_mid` by that name."""
    rows: list[Row] = []
    found = details.external_ids
    for name, value in found.items() if found is not None and _came(found) else ():
        if name != "id" and isinstance(value, str | int) and not isinstance(value, bool) and value:
            rows.append((title_id, name.removesuffix("_id"), str(value)))
    if details.imdb_id and not any(row[1] == "imdb" for row in rows):
        rows.append((title_id, "imdb", details.imdb_id))
    return rows


def _map_forms(details: TitleDetails, title_id: int, children: Children) -> None:
    alternatives = details.alternative_titles
    if alternatives is not None:
        some = [one for one in alternatives.titles or alternatives.results or () if one.title]
        children["alternative_title"] = [
            (title_id, position, _text(one.iso_3166_1), one.title, _text(one.type)) for position, one in enumerate(some)
        ]
    translations = details.translations
    if translations is not None:
        children["translation"] = [
            (
                title_id,
                position,
                _text(one.iso_639_1),
                _text(one.iso_3166_1),
                _text(one.name),
                _text(one.english_name),
                _text(data.title or data.name),
                _text(data.overview),
                _text(data.tagline),
                _text(data.homepage),
                _known(data.runtime),
            )
            for position, one in enumerate(translations.translations or ())
            for data in (one.data or TranslationData(),)
        ]


def _map_ratings(details: TitleDetails, title_id: int, children: Children) -> None:
    releases: list[Row] = []
    descriptors: list[Row] = []
    for country in (details.release_dates.results if details.release_dates else None) or ():
        for one in country.release_dates or ():
            position = len(releases)
            releases.append(
                (
                    title_id,
                    position,
                    _text(country.iso_3166_1),
                    _known(one.type),
                    valid_date((one.release_date or "")[:10]),  # sent as a time stamp at midnight
                    _text(one.certification),
                    _text(one.iso_639_1),
                    _text(one.note),
                )
            )
            descriptors.extend(
                (title_id, position, index, text) for index, text in enumerate(filter(None, one.descriptors or ()))
            )
    children["title_release"], children["release_descriptor"] = releases, descriptors
    ratings = list((details.content_ratings.results if details.content_ratings else None) or ())
    children["content_rating"] = [
        (title_id, position, _text(one.iso_3166_1), _text(one.rating)) for position, one in enumerate(ratings)
    ]
    children["rating_descriptor"] = [
        (title_id, position, index, text)
        for position, one in enumerate(ratings)
        for index, text in enumerate(filter(None, one.descriptors or ()))
    ]


def _map_offers(details: TitleDetails, title_id: int, children: Children, shared: Shared) -> None:
    countries: dict[str, WatchCountry | None] = {}
    if details.watch_providers is not None:
        countries = details.watch_providers.results or {}
    offers: list[Row] = []
    links: list[Row] = []
    providers: dict[Row, None] = {}
    for code, country in countries.items():
        if country is None or not code:
            continue
        if country.link:
            links.append((title_id, code, country.link))
        for kind in _OFFER_KINDS:
            for one in getattr(country, kind) or ():
                if _positive(one.provider_id):
                    providers[(one.provider_id, _text(one.provider_name), _text(one.logo_path))] = None
                    offers.append((title_id, len(offers), code, kind, one.provider_id, one.display_priority))
    children["watch_offer"], children["watch_link"] = offers, links
    shared["provider"] = list(providers)


def _map_seasons(details: TitleDetails, title_id: int, children: Children) -> None:
    seasons = {one.season_number: one for one in details.seasons or () if one.season_number is not None}
    children["season"] = [
        (
            title_id,
            number,
            _positive(one.id),
            _text(one.name),
            _text(one.overview),
            valid_date(one.air_date),
            _text(one.poster_path),
            one.episode_count,
            _known(one.vote_average),
        )
        for number, one in seasons.items()
    ]


def _episode(one: Episode, title_id: int) -> Row:
    """The values of `store.title_rows.EPISODE_COLUMNS`."""
    return (
        one.id,
        title_id,
        one.season_number,
        one.episode_number,
        _text(one.name),
        _text(one.overview),
        valid_date(one.air_date),
        _known(one.runtime),
        _text(one.still_path),
        _text(one.production_code),
        _text(one.episode_type),
        _known(one.vote_average),
        _known(one.vote_count),
    )


# ------------------------------------------------------------------------------------------------------ small parts


def _forms(details: TitleDetails, shown: str | None) -> Iterable[str | None]:
    """Every form of the title, for the search index."""
    yield shown
    yield details.title or details.name
    yield details.original_title or details.original_name
    for one in (details.translations.translations if details.translations else None) or ():
        if one.data is not None:
            yield one.data.title or one.data.name
    alternatives = details.alternative_titles
    for other in (alternatives.titles or alternatives.results or ()) if alternatives else ():
        yield other.title


def _text(value: str | None) -> str | None:
    return value or None


def _known(value: T | None) -> T | None:
    """The value unless it is 0, by which TMDb says that it does not know."""
    return value or None


def _flag(value: bool | None) -> int | None:
    """Yes and no as SQLite keeps them, so that rows read back are the same."""
    return None if value is None else int(value)


def _positive(value: int | None) -> int | None:
    return value if value is not None and value > 0 else None


def _millis(text: str | None) -> int | None:
    """Unix milliseconds of a time stamp; UTC where it names no zone. None when it is not one."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
