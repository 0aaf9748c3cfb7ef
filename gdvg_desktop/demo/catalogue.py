"""The invented catalogue: a few hundred bytes a title, made in one pass from a seed, so the same options always
give the same titles. It decides what exists (ids, dates, countries, genres, flags); what a title says of itself
in each language is in texts.py, and the large detail bodies are made on request in details.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from gdvg_desktop.demo.genres import GENRE_WEIGHTS, GENRES, UNLISTED_GENRE
from gdvg_desktop.demo.vocabulary import MODIFIER_COUNT, NOUN_COUNT

TitleKey = tuple[str, int]
"""(media_type, id): movie and series ids overlap."""

HIGHEST_ID = 1_760_000
OLDEST_YEAR = 1920

# country: (original language, weight). States that no longer exist appear on old titles only, see _historic().
_COUNTRIES: dict[str, tuple[str, int]] = {
    "US": ("en", 24),
    "KR": ("ko", 30),
    "JP": ("ja", 13),
    "IN": ("hi", 9),
    "CN": ("zh", 9),
    "GB": ("en", 8),
    "FR": ("fr", 8),
    "DE": ("de", 6),
    "ES": ("es", 5),
    "IT": ("it", 5),
    "BR": ("pt", 4),
    "TR": ("tr", 4),
    "TH": ("th", 4),
    "RU": ("ru", 4),
    "CA": ("en", 3),
    "MX": ("es", 3),
    "EG": ("ar", 3),
    "PL": ("pl", 3),
    "SE": ("sv", 2),
    "HK": ("cn", 2),
    "TW": ("zh", 2),
    "AU": ("en", 2),
    "AR": ("es", 2),
    "BE": ("fr", 1),
    "AT": ("de", 1),
    "PT": ("pt", 1),
    "SA": ("ar", 1),
    "NG": ("en", 1),
    "NZ": ("en", 1),
}
_COUNTRY_CODES = tuple(_COUNTRIES)
_COUNTRY_WEIGHTS = tuple(accumulate(weight for _, weight in _COUNTRIES.values()))
_GENRE_IDS = {kind: tuple(weights) for kind, weights in GENRE_WEIGHTS.items()}
_GENRE_WEIGHTS = {kind: tuple(accumulate(weights.values())) for kind, weights in GENRE_WEIGHTS.items()}


@dataclass(slots=True, eq=False, frozen=True)
class Title:
    """One movie or series. `date` is YYYY-MM-DD or "" (unknown), as TMDb sends it; `words` are indices into the
    vocabulary (noun, second noun or -1, modifier or -1); `salt` is a 32-bit number every further detail derives
    from. `edits` counts how often somebody edited it (see edits.py), `imdb` is an IMDb id taken over in a merge."""

    media_type: str
    id: int
    words: tuple[int, int, int]
    number: int
    language: str
    countries: tuple[str, ...]
    genre_ids: tuple[int, ...]
    date: str
    popularity: float
    vote_average: float
    vote_count: int
    adult: bool
    video: bool
    salt: int
    edits: int = 0
    imdb: str = ""

    @property
    def key(self) -> TitleKey:
        return self.media_type, self.id

    @property
    def listed(self) -> bool:
        """Whether discover shows it by default: neither adult nor a direct-video entry."""
        return not (self.adult or self.video)

    @property
    def imdb_id(self) -> str | None:
        """Null for one title in seven; numbers far above any in use."""
        return self.imdb or (None if self.salt % 7 == 5 else f"tt9{self.id % 10_000_000:07d}")

    @property
    def poster_path(self) -> str | None:
        return None if self.salt % 12 == 5 else f"/p{self.salt:08x}.png"

    @property
    def backdrop_path(self) -> str | None:
        return None if self.salt % 6 == 2 else f"/b{self.salt:08x}.png"


class Catalogue:
    """All titles, and the ways they change while a server runs: added, edited, deleted, merged, restored.

    Whatever is changed is in the change list of `today`, which may be set to a later day. A deleted title stays listed
    (discover, export) unless `unlisted`, but its details are gone: TMDb gives no other sign. Between `freeze_exports`
    and `release_exports` the export files keep the state they had, as the files of a day do in life. `version` grows
    with every change, for caches.
    """

    def __init__(self, movies: int, series: int, seed: int, today: date) -> None:
        self.seed = seed
        self.today = today
        self.version = 0
        self.deleted: set[TitleKey] = set()
        self._unlisted: set[TitleKey] = set()
        self._changed: dict[date, dict[TitleKey, None]] = {}
        self._frozen: dict[str, list[Title]] | None = None
        self._rng = Random(f"catalogue {seed}")
        movie_ids = self._rng.sample(range(2, max(HIGHEST_ID, movies * 3)), movies)
        shared = movie_ids[: min(series // 5, movies)]
        others = [n for n in self._rng.sample(range(1, max(330_000, series * 4)), series * 2) if n not in set(shared)]
        self._titles: dict[str, dict[int, Title]] = {
            "movie": {number: self._make("movie", number) for number in movie_ids},
            "tv": {number: self._make("tv", number) for number in (shared + others)[:series]},
        }

    def all(self, media_type: str) -> list[Title]:
        """Titles discover and the exports list (adult and video ones too), deleted ones included unless unlisted."""
        titles = self._titles[media_type].values()
        return [title for title in titles if title.key not in self._unlisted] if self._unlisted else list(titles)

    def exported(self, media_type: str) -> list[Title]:
        """What the export files list: `all`, or what that was when they were frozen."""
        return self.all(media_type) if self._frozen is None else self._frozen[media_type]

    def freeze_exports(self) -> None:
        """The export files keep their present state until `release_exports`."""
        self._frozen = {media_type: self.all(media_type) for media_type in self._titles}
        self.version += 1

    def release_exports(self) -> None:
        """The next export has been made: the files show the present state again."""
        self._frozen = None
        self.version += 1

    def find(self, media_type: str, number: int) -> Title | None:
        """A title whose details can be had, or None when it does not exist or was deleted."""
        title = self._titles[media_type].get(number)
        return None if title is None or title.key in self.deleted else title

    def add(self, movies: int = 0, series: int = 0) -> list[TitleKey]:
        """Invent more titles; their keys. Dates fall anywhere, as late entries do in life."""
        added: list[TitleKey] = []
        for media_type, count in (("movie", movies), ("tv", series)):
            titles = self._titles[media_type]
            next_id = max(titles, default=0)
            for _ in range(count):
                next_id += self._rng.randint(1, 9)
                titles[next_id] = self._make(media_type, next_id)
                added.append((media_type, next_id))
        self._note(added)
        return added

    def edit(self, keys: Iterable[TitleKey]) -> list[TitleKey]:
        """Somebody edits these; those that exist are changed for all to see, and returned."""
        edited = [key for key in keys if self.find(*key) is not None]
        for media_type, number in edited:
            title = self._titles[media_type][number]
            self._titles[media_type][number] = replace(
                title, edits=title.edits + 1, genre_ids=_other_genres(media_type, title.genre_ids)
            )
        self._note(edited)
        return edited

    def edit_some(self, count: int) -> list[TitleKey]:
        """Edit `count` titles chosen by the seed among those `delete_some` chooses from; their keys."""
        return self.edit(self._some(count))

    def merge(self, gone: TitleKey, into: TitleKey) -> None:
        """A duplicate goes and its IMDb id is given to the title that stays. Raises ValueError for an unknown one."""
        duplicate, stays = self.find(*gone), self.find(*into)
        if duplicate is None or stays is None or gone == into:
            raise ValueError(f"{gone} cannot be merged into {into}")
        self._titles[into[0]][into[1]] = replace(stays, imdb=duplicate.imdb_id or "")
        self._note([into])
        self.delete([gone], unlisted=True)

    def delete(self, keys: list[TitleKey], unlisted: bool = False) -> None:
        """Details of these answer 404 from now on; `unlisted` takes them out of discover and the exports too."""
        self.deleted.update(key for key in keys if key[1] in self._titles[key[0]])
        if unlisted:
            self._unlisted.update(keys)
        self._note(keys)

    def delete_some(self, count: int, unlisted: bool = False) -> list[TitleKey]:
        """Delete `count` titles chosen by the seed among those discover lists by default; their keys."""
        keys = self._some(count)
        self.delete(keys, unlisted)
        return keys

    def changed(self, media_type: str, day: date) -> list[Title]:
        """Titles changed on a day in any way: the change feed names them without saying how."""
        titles = self._titles[media_type]
        return [titles[number] for kind, number in sorted(self._changed.get(day, ())) if kind == media_type]

    def restore(self) -> None:
        """Bring every deleted title back."""
        self._note(self.deleted)
        self.deleted.clear()
        self._unlisted.clear()

    def _note(self, keys: Iterable[TitleKey]) -> None:
        titles = {key for key in keys if key[1] in self._titles[key[0]]}
        self._changed.setdefault(self.today, {}).update(dict.fromkeys(titles))
        self.version += 1

    def _some(self, count: int) -> list[TitleKey]:
        candidates = [
            t.key for kind in ("movie", "tv") for t in self.all(kind) if t.listed and t.key not in self.deleted
        ]
        return self._rng.sample(candidates, min(count, len(candidates)))

    def _make(self, media_type: str, number: int) -> Title:
        rng = self._rng
        salt = rng.getrandbits(32)
        when = self._date(media_type)
        countries, language = self._origin(when)
        popularity = round(min(rng.lognormvariate(0.3, 1.25), 900.0), 4)
        votes = 0 if rng.random() < 0.12 else int(popularity**1.3 * rng.uniform(1, 60))
        shape = rng.random()
        noun = int(rng.random() * NOUN_COUNT)
        other = (noun + 1 + int(rng.random() * (NOUN_COUNT - 1))) % NOUN_COUNT if shape > 0.45 else -1
        return Title(
            media_type=media_type,
            id=number,
            words=(noun, other, int(rng.random() * MODIFIER_COUNT) if not 0.45 < shape < 0.8 else -1),
            number=rng.randint(2, 4) if rng.random() < 0.05 else 1,
            language=language,
            countries=countries,
            genre_ids=self._genres(media_type),
            date=when,
            popularity=popularity,
            vote_average=round(min(10.0, max(1.0, rng.gauss(6.4, 1.2))), 3) if votes else 0.0,
            vote_count=votes,
            adult=rng.random() < 0.012,
            video=media_type == "movie" and rng.random() < 0.03,
            salt=salt,
        )

    def _date(self, media_type: str) -> str:
        """Mostly recent, a tail to 1920, some announced for next year, some unknown, many placeholders on 1
        January."""
        rng = self._rng
        draw = rng.random()
        if draw < 0.03:
            return ""
        if draw < 0.07:
            first, last = self.today + timedelta(days=1), date(self.today.year + 1, 12, 31)
            return (first + timedelta(days=int(rng.random() * ((last - first).days + 1)))).isoformat()
        recent, oldest = (0.5, OLDEST_YEAR) if media_type == "movie" else (0.72, 1950)
        span = self.today.year - oldest
        year = self.today.year - int(6 * rng.random() if draw < recent else span * rng.random() ** 2)
        if rng.random() < 0.04:
            return f"{year}-01-01"
        day = date(year, 1, 1) + timedelta(days=int(rng.random() * 365))
        return min(day, self.today).isoformat()

    def _origin(self, when: str) -> tuple[tuple[str, ...], str]:
        rng = self._rng
        draw = rng.random()
        country = rng.choices(_COUNTRY_CODES, cum_weights=_COUNTRY_WEIGHTS)[0]
        language = _COUNTRIES[country][0]
        if draw < 0.015:
            return (), language
        if draw < 0.02:
            return (country,), "xx"
        country = _historic(country, when)
        if draw < 0.15:
            other = rng.choices(_COUNTRY_CODES, cum_weights=_COUNTRY_WEIGHTS)[0]
            if other != country:
                return (country, other), language
        return (country,), language

    def _genres(self, media_type: str) -> tuple[int, ...]:
        rng = self._rng
        draw = rng.random()
        if draw < 0.03:
            return ()
        count = 1 if draw < 0.35 else 2 if draw < 0.75 else 3
        ids = rng.choices(_GENRE_IDS[media_type], cum_weights=_GENRE_WEIGHTS[media_type], k=count)
        if draw > 0.994:
            ids.append(UNLISTED_GENRE)
        return tuple(dict.fromkeys(ids))


def _other_genres(media_type: str, genre_ids: tuple[int, ...]) -> tuple[int, ...]:
    """One genre more, and without the first where there were several."""
    others = [genre for genre in GENRES[media_type] if genre not in genre_ids]
    return (*genre_ids[len(genre_ids) > 1 :], others[sum(genre_ids) % len(others)])


def _historic(country: str, when: str) -> str:
    """States that no longer exist, under the codes TMDb keeps for them."""
    if country == "RU" and "" < when < "1991-12-26":
        return "SU"
    if country == "DE" and "1949-10-07" < when < "1990-10-03" and when[-1] in "369":
        return "XG"
    return country
