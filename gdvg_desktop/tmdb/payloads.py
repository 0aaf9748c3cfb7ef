"""The shapes of TMDb's answers, read tolerantly.

Every field is optional and may be null; unknown keys are ignored. What is of the wrong type is read as null and such
rows of a list are dropped, so that one odd value never costs a title. Shapes: TMDB.md 2, 3, 4 and 6; what the values
mean and where they are stored is left to `sync.mapping`.
"""

import datetime
import json
import math
from collections.abc import Callable
from typing import Annotated, Any, TypeGuard, TypeVar

import msgspec
from msgspec import inspect

from gdvg_desktop.core.errors import BadAnswer
from gdvg_desktop.core.kinds import MediaType

T = TypeVar("T")
Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None  # what SQLite can hold
Float = float | None
Text = str | None
Bool = bool | None


class Wire(msgspec.Struct, gc=False):
    """Base of all answers. Decoding them makes many small objects without cycles: no need to track them."""


# ------------------------------------------------------------------------------------------------------- titles


class Genre(Wire):
    id: Int = None
    name: Text = None


class Company(Wire):
    """A production company or a network."""

    id: Int = None
    name: Text = None
    logo_path: Text = None
    origin_country: Text = None


class Collection(Wire):
    id: Int = None
    name: Text = None
    poster_path: Text = None
    backdrop_path: Text = None


class ProductionCountry(Wire):
    iso_3166_1: Text = None
    name: Text = None


class SpokenLanguage(Wire):
    iso_639_1: Text = None
    english_name: Text = None
    name: Text = None


class Part(Wire):
    """A role or a job of an aggregate credit."""

    credit_id: Text = None
    character: Text = None
    job: Text = None
    episode_count: Int = None


class Credit(Wire):
    """A person in cast, crew or created_by. `roles` and `jobs` are there in aggregate credits only."""

    id: Int = None
    name: Text = None
    original_name: Text = None
    gender: Int = None
    adult: Bool = None
    known_for_department: Text = None
    profile_path: Text = None
    popularity: Float = None
    credit_id: Text = None
    cast_id: Int = None
    order: Int = None
    character: Text = None
    department: Text = None
    job: Text = None
    roles: list[Part] | None = None
    jobs: list[Part] | None = None
    total_episode_count: Int = None


class Credits(Wire):
    cast: list[Credit] | None = None
    crew: list[Credit] | None = None


class Keywords(Wire):
    """`keywords` with movies, `results` with series."""

    keywords: list[Genre] | None = None
    results: list[Genre] | None = None


class Image(Wire):
    file_path: Text = None
    iso_639_1: Text = None
    iso_3166_1: Text = None
    width: Int = None
    height: Int = None
    aspect_ratio: Float = None
    vote_average: Float = None
    vote_count: Int = None


class Images(Wire):
    backdrops: list[Image] | None = None
    logos: list[Image] | None = None
    posters: list[Image] | None = None


class Video(Wire):
    id: Text = None
    name: Text = None
    site: Text = None
    key: Text = None
    type: Text = None
    official: Bool = None
    size: Int = None
    iso_639_1: Text = None
    iso_3166_1: Text = None
    published_at: Text = None


class Videos(Wire):
    results: list[Video] | None = None


class AlternativeTitle(Wire):
    iso_3166_1: Text = None
    title: Text = None
    type: Text = None


class AlternativeTitles(Wire):
    """`titles` with movies, `results` with series."""

    titles: list[AlternativeTitle] | None = None
    results: list[AlternativeTitle] | None = None


class TranslationData(Wire):
    """`title` with movies, `name` with series."""

    title: Text = None
    name: Text = None
    overview: Text = None
    tagline: Text = None
    homepage: Text = None
    runtime: Int = None


class Translation(Wire):
    iso_639_1: Text = None
    iso_3166_1: Text = None
    name: Text = None
    english_name: Text = None
    data: TranslationData | None = None


class Translations(Wire):
    translations: list[Translation] | None = None


class Release(Wire):
    certification: Text = None
    descriptors: list[str] | None = None
    iso_639_1: Text = None
    note: Text = None
    release_date: Text = None
    type: Int = None


class CountryReleases(Wire):
    iso_3166_1: Text = None
    release_dates: list[Release] | None = None


class ReleaseDates(Wire):
    results: list[CountryReleases] | None = None


class ContentRating(Wire):
    iso_3166_1: Text = None
    rating: Text = None
    descriptors: list[str] | None = None


class ContentRatings(Wire):
    results: list[ContentRating] | None = None


class WatchOffer(Wire):
    provider_id: Int = None
    provider_name: Text = None
    logo_path: Text = None
    display_priority: Int = None


class WatchCountry(Wire):
    link: Text = None
    flatrate: list[WatchOffer] | None = None
    free: list[WatchOffer] | None = None
    ads: list[WatchOffer] | None = None
    rent: list[WatchOffer] | None = None
    buy: list[WatchOffer] | None = None


class WatchProviders(Wire):
    results: dict[str, WatchCountry | None] | None = None


class Season(Wire):
    id: Int = None
    season_number: Int = None
    name: Text = None
    overview: Text = None
    air_date: Text = None
    poster_path: Text = None
    episode_count: Int = None
    vote_average: Float = None


class Episode(Wire):
    id: Int = None
    season_number: Int = None
    episode_number: Int = None
    name: Text = None
    overview: Text = None
    air_date: Text = None
    runtime: Int = None
    still_path: Text = None
    production_code: Text = None
    episode_type: Text = None
    vote_average: Float = None
    vote_count: Int = None


class TitleDetails(Wire):
    """Movie or TV details with everything appended. Series say `name` where movies say `title`."""

    id: Int = None
    title: Text = None
    name: Text = None
    original_title: Text = None
    original_name: Text = None
    original_language: Text = None
    overview: Text = None
    tagline: Text = None
    homepage: Text = None
    status: Text = None
    adult: Bool = None
    softcore: Bool = None
    poster_path: Text = None
    backdrop_path: Text = None
    popularity: Float = None
    vote_average: Float = None
    vote_count: Int = None
    genres: list[Genre] | None = None
    origin_country: list[str] | None = None
    production_companies: list[Company] | None = None
    production_countries: list[ProductionCountry] | None = None
    spoken_languages: list[SpokenLanguage] | None = None
    # movies
    release_date: Text = None
    runtime: Int = None
    budget: Int = None
    revenue: Int = None
    video: Bool = None
    imdb_id: Text = None
    belongs_to_collection: Collection | None = None
    # series
    first_air_date: Text = None
    last_air_date: Text = None
    type: Text = None
    in_production: Bool = None
    number_of_seasons: Int = None
    number_of_episodes: Int = None
    episode_run_time: list[Int] | None = None
    languages: list[str] | None = None
    networks: list[Company] | None = None
    created_by: list[Credit] | None = None
    seasons: list[Season] | None = None
    last_episode_to_air: Episode | None = None
    next_episode_to_air: Episode | None = None
    # appended
    credits: Credits | None = None
    aggregate_credits: Credits | None = None
    keywords: Keywords | None = None
    images: Images | None = None
    videos: Videos | None = None
    external_ids: dict[str, Any] | None = None
    alternative_titles: AlternativeTitles | None = None
    translations: Translations | None = None
    release_dates: ReleaseDates | None = None
    content_ratings: ContentRatings | None = None
    watch_providers: WatchProviders | None = msgspec.field(name="watch/providers", default=None)


# -------------------------------------------------------------------------------------------------- everything else


class ListedTitle(Wire):
    """A row of discover and of other lists of titles."""

    id: Int = None
    title: Text = None
    name: Text = None
    original_title: Text = None
    original_name: Text = None
    original_language: Text = None
    origin_country: list[str] | None = None
    genre_ids: list[Int] | None = None
    overview: Text = None
    release_date: Text = None
    first_air_date: Text = None
    popularity: Float = None
    vote_average: Float = None
    vote_count: Int = None
    poster_path: Text = None
    backdrop_path: Text = None
    adult: Bool = None
    video: Bool = None

    @property
    def label(self) -> str:
        """The title to show: the translated one, else the original, else ""."""
        return self.title or self.name or self.original_title or self.original_name or ""

    @property
    def original(self) -> str | None:
        """The original title."""
        return self.original_title or self.original_name or None

    @property
    def date(self) -> str | None:
        """First release or air date, `YYYY-MM-DD`; None when unknown or not a date."""
        return valid_date(self.release_date or self.first_air_date)


class DiscoverPage(Wire):
    """One page of discover. Rows without an id are left out."""

    page: int
    total_pages: int
    total_results: int
    results: list[ListedTitle]


class _Page(Wire):
    page: Int = None
    total_pages: Int = None
    total_results: Int = None
    results: list[ListedTitle] | None = None


class ChangedId(Wire):
    id: Int = None
    adult: Bool = None


class ChangesPage(Wire):
    """One page of a change list. Rows may have a null id."""

    page: Int = None
    total_pages: Int = None
    total_results: Int = None
    results: list[ChangedId] | None = None


class FoundTitle(Wire):
    id: Int = None


class Found(Wire):
    """The titles an id of another site belongs to (TMDB.md 7); one IMDb id can match a movie and a series."""

    movie_results: list[FoundTitle] | None = None
    tv_results: list[FoundTitle] | None = None


class Country(Wire):
    iso_3166_1: Text = None
    english_name: Text = None
    native_name: Text = None


class Language(Wire):
    iso_639_1: Text = None
    english_name: Text = None
    name: Text = None


class ImageConfiguration(Wire):
    secure_base_url: Text = None
    poster_sizes: list[str] | None = None
    backdrop_sizes: list[str] | None = None
    logo_sizes: list[str] | None = None
    profile_sizes: list[str] | None = None
    still_sizes: list[str] | None = None


class Configuration(Wire):
    images: ImageConfiguration | None = None
    change_keys: list[str] | None = None


class ErrorBody(Wire):
    """TMDb's error: `status_code` is its own number, not the HTTP status. `errors` is the shape of 422 (TMDB.md 2)."""

    status_code: Int = None
    status_message: Text = None
    success: Bool = None
    errors: list[str] | None = None

    @property
    def words(self) -> str:
        """What TMDb says in words, shortened; "" when it says nothing."""
        return (self.status_message or "; ".join(self.errors or ())).strip()[:300]


class _GenreList(Wire):
    genres: list[Genre] | None = None


# ------------------------------------------------------------------------------------------------------- decoding


def decode_title(body: bytes) -> TitleDetails:
    """Details of a movie or series. Raises BadAnswer when the body is no JSON object with a positive id."""
    details = _TITLE(body)
    if details is None or not details.id or details.id < 0:
        raise BadAnswer("TMDb's answer holds no title.")
    return details


def whole_title(body: bytes, media_type: MediaType, tmdb_id: int) -> bytes:
    """The body itself, once it is known to be whole and the details of this very title. Raises BadAnswer otherwise.

    Parts of a title, such as its credits, have its id as well; what only details have is a title (movies) or a name.
    Cheap: nothing but these is read, so it can run on the event loop.
    """
    try:
        body.decode()  # msgspec does not look into text that is skipped
    except UnicodeDecodeError:
        raise BadAnswer("TMDb's answer is no text.") from None
    found = _TITLE_ID(body)
    if found is None or found.id != tmdb_id:
        raise BadAnswer(f"TMDb's answer is not the title {tmdb_id} that was asked for.")
    movie = media_type is MediaType.MOVIE
    names = (found.title, found.original_title) if movie else (found.name, found.original_name)
    if names == (None, None):
        raise BadAnswer(f"TMDb's answer holds no details of the {media_type.value} {tmdb_id}.")
    return body


def decode_discover(body: bytes) -> DiscoverPage:
    """A page of discover, rows without an id left out. Raises BadAnswer when it has no results or no totals."""
    page = _PAGE(body)
    if page is None or page.results is None or page.total_pages is None or page.total_results is None:
        raise BadAnswer("TMDb's answer holds no list of titles.")
    rows = [row for row in page.results if is_id(row.id)]
    return DiscoverPage(page.page or 1, max(0, page.total_pages), max(0, page.total_results), rows)


def decode_changes(body: bytes) -> ChangesPage:
    """A page of changed ids, rows without an id left out.

    Raises BadAnswer when it has no results or does not say how many pages there are, and when a page that others
    follow is empty: the day would be taken for read.
    """
    page = _CHANGES(body)
    if page is None or page.results is None or page.total_pages is None:
        raise BadAnswer("TMDb's answer holds no list of changes.")
    if not page.results and (page.page or 1) < page.total_pages:
        raise BadAnswer("TMDb's answer is an empty page in the middle of a list of changes.")
    page.results = [row for row in page.results if row.id is not None]
    return page


def decode_find(body: bytes) -> Found:
    """What find answered, rows without an id left out. Raises BadAnswer when it lacks the lists it always has."""
    found = _FOUND(body)
    if found is None or found.movie_results is None or found.tv_results is None:
        raise BadAnswer("TMDb's answer holds no search result.")
    found.movie_results = [row for row in found.movie_results if is_id(row.id)]
    found.tv_results = [row for row in found.tv_results if is_id(row.id)]
    return found


def decode_genres(body: bytes) -> list[Genre]:
    """The genre list of one media type. Raises BadAnswer when there is none."""
    found = _GENRES(body)
    if found is None or not found.genres:
        raise BadAnswer("TMDb's answer holds no genres.")
    return [genre for genre in found.genres if is_id(genre.id)]


def decode_countries(body: bytes) -> list[Country]:
    """TMDb's countries. Raises BadAnswer when there are none."""
    found = [country for country in _COUNTRIES(body) or () if country.iso_3166_1]
    if not found:
        raise BadAnswer("TMDb's answer holds no countries.")
    return found


def decode_languages(body: bytes) -> list[Language]:
    """TMDb's languages. Raises BadAnswer when there are none."""
    found = [language for language in _LANGUAGES(body) or () if language.iso_639_1]
    if not found:
        raise BadAnswer("TMDb's answer holds no languages.")
    return found


def decode_configuration(body: bytes) -> Configuration:
    """Image addresses and sizes. Raises BadAnswer when they are missing."""
    found = _CONFIGURATION(body)
    if found is None or found.images is None:
        raise BadAnswer("TMDb's answer holds no configuration.")
    return found


def decode_error(body: bytes) -> ErrorBody | None:
    """TMDb's error body; None when the body is something else (HTML, a proxy's text, nothing)."""
    try:
        found = _ERROR(body)
    except BadAnswer:
        return None
    return found if found is not None and (found.status_code is not None or found.errors) else None


def is_id(value: int | None) -> TypeGuard[int]:
    """Whether a number can be the id of a title or a genre: keys here are twice as much and have 32 bits."""
    return value is not None and 0 < value < 2**31


def valid_date(text: str | None) -> str | None:
    """The text when it is a date `YYYY-MM-DD` of the calendar, else None."""
    if text is None or len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return text


def _decoder(shape: type[T]) -> Callable[[bytes], T | None]:
    """A function from body to shape: typed decoding at once, value by value where something does not fit.

    It gives None when the body is JSON of another kind, and raises BadAnswer when it is not JSON.
    """
    exact = msgspec.json.Decoder(shape)
    node = inspect.type_info(shape)

    def decode(body: bytes) -> T | None:
        try:
            return exact.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        try:
            found: T | None = _fit(json.loads(body), node)
        except (ValueError, RecursionError):
            raise BadAnswer("TMDb's answer is not whole JSON.") from None
        return found

    return decode


def _fit(value: Any, node: inspect.Type) -> Any:
    """`value` as far as it fits the type, else None."""
    match node:
        case inspect.UnionType(types=types):
            return _fit(value, next(one for one in types if not isinstance(one, inspect.NoneType)))
        case inspect.StructType(cls=cls, fields=fields) if isinstance(value, dict):
            return cls(*(_fit(value.get(field.encode_name), field.type) for field in fields))
        case inspect.ListType(item_type=item) if isinstance(value, list):
            return [fitted for one in value if (fitted := _fit(one, item)) is not None]
        case inspect.DictType(value_type=item) if isinstance(value, dict):
            return {_fit_text(key): _fit(one, item) for key, one in value.items()}
        case inspect.StrType() if isinstance(value, str):
            return _fit_text(value)
        case inspect.BoolType() if isinstance(value, bool):
            return value
        case inspect.IntType():
            number = _fit_number(value)
            return int(number) if number is not None and number == int(number) and abs(number) < 2**63 else None
        case inspect.FloatType():
            number = _fit_number(value)
            return None if number is None else float(number)
        case inspect.AnyType():
            return _fit_text(value) if isinstance(value, str) else value
    return None


def _fit_text(text: str) -> str:
    """Text that can be stored: half of a surrogate pair becomes the replacement character."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not text.isascii() else text


def _fit_number(value: Any) -> int | float | None:
    """A finite number, also one that came as text, such as "12.5"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**1000 else None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return value if isinstance(value, float) and math.isfinite(value) else None


class _TitleId(Wire):
    id: Int = None
    title: Text = None
    original_title: Text = None
    name: Text = None
    original_name: Text = None


_TITLE = _decoder(TitleDetails)
_TITLE_ID = _decoder(_TitleId)
_PAGE = _decoder(_Page)
_CHANGES = _decoder(ChangesPage)
_GENRES = _decoder(_GenreList)
_FOUND = _decoder(Found)
_COUNTRIES = _decoder(list[Country])
_LANGUAGES = _decoder(list[Language])
_CONFIGURATION = _decoder(Configuration)
_ERROR = _decoder(ErrorBody)
