"""movie/{id} and tv/{id} with everything appended, made on request and kept compressed. The parts themselves
are in parts.py and seasons.py; here is the title's own body, the append rules and the cache."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from random import Random

from gdvg_desktop.demo.catalogue import Catalogue, Title
from gdvg_desktop.demo.discover import revenue
from gdvg_desktop.demo.edits import edited_part, edited_title
from gdvg_desktop.demo.genres import genre_name
from gdvg_desktop.demo.parts import PARTS, Asked, creators, imdb_id
from gdvg_desktop.demo.reference import NETWORKS, STUDIOS, country_name
from gdvg_desktop.demo.seasons import episode, last_and_next, season_body, season_rows
from gdvg_desktop.demo.texts import name_in, original_name, overview_in, spoken, tagline_in
from gdvg_desktop.demo.vocabulary import TONGUES
from gdvg_desktop.demo.wire import Packed, open_object

MAX_APPENDED = 20
_BODIES_KEPT = 6_000


class TooManyAppendedError(ValueError):
    """More than 20 names in append_to_response (TMDb: 400, code 27)."""


@dataclass(frozen=True, slots=True)
class DetailQuery:
    """What a detail request asks for; `image_languages` is None when include_image_language was not sent."""

    append: tuple[str, ...]
    locale: str
    image_languages: frozenset[str] | None

    @classmethod
    def parse(cls, append: str, language: str, include_image_language: str | None) -> DetailQuery:
        """Raises TooManyAppendedError."""
        names = tuple(filter(None, append.split(",")))
        if len(names) > MAX_APPENDED:
            raise TooManyAppendedError(append)
        images = None if include_image_language is None else frozenset(include_image_language.split(","))
        return cls(names, language, images)


class Details:
    """Detail bodies of one catalogue; the same title and query give the same bytes, apart from the drifting
    numbers put behind them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: OrderedDict[tuple[Title, DetailQuery], Packed] = OrderedDict()

    def body(self, title: Title, query: DetailQuery) -> Packed:
        """The open JSON object; Drift.fields() closes it."""
        key = (title, query)  # an edited title is another object
        packed = self._kept.get(key)
        if packed is None:
            packed = self._kept[key] = Packed.of(open_object(self.make(title, query)))
            if len(self._kept) > _BODIES_KEPT:
                self._kept.popitem(last=False)
        return packed

    def make(self, title: Title, query: DetailQuery) -> dict[str, object]:
        """The title's own keys and one key per part; unknown names and seasons that do not exist are left out
        in silence."""
        asked = Asked(query.locale, query.image_languages, self._catalogue)
        own = edited_title(title, _movie(title, asked) if title.media_type == "movie" else _series(title, asked))
        for name in query.append:
            body = self.part(title, name, asked)
            if body is not None:
                own[name] = body
        return own

    def part(self, title: Title, name: str, asked: Asked) -> dict[str, object] | None:
        """One sub-resource without its id, or None where TMDb has none of that name."""
        make = PARTS[title.media_type].get(name)
        if make is not None:
            return edited_part(title, name, make(title, asked))
        if title.media_type == "tv" and name.startswith("season/") and name[7:].isdecimal():
            return season_body(title, int(name[7:]), asked.language, self._catalogue.today)
        return None


def _common(title: Title, asked: Asked, rng: Random) -> dict[str, object]:
    studios = [rng.randrange(len(STUDIOS)) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
    tongue = TONGUES[spoken(title)]
    silent = title.language == "xx" or title.salt % 23 == 4
    body: dict[str, object] = {
        "adult": title.adult,
        "backdrop_path": title.backdrop_path,
        "genres": [{"id": genre, "name": genre_name(title.media_type, genre)} for genre in title.genre_ids],
        "homepage": f"https://titles.example/{title.media_type}/{title.id}" if title.salt % 5 == 0 else "",
        "id": title.id,
        "origin_country": title.countries,
        "original_language": title.language,
        "overview": overview_in(title, asked.language),
        "poster_path": title.poster_path,
        "production_companies": [
            {
                "id": 900 + studio,
                "logo_path": None if studio % 5 == 4 else f"/l{studio:08x}.png",
                "name": STUDIOS[studio],
                "origin_country": "" if studio % 7 == 6 else next(iter(title.countries), "US"),
            }
            for studio in dict.fromkeys(studios)
        ],
        "production_countries": [{"iso_3166_1": code, "name": country_name(code)} for code in title.countries],
        "spoken_languages": []
        if silent
        else [{"english_name": tongue.english_name, "iso_639_1": title.language, "name": tongue.native_name}],
        "tagline": tagline_in(title, asked.language),
        "vote_average": title.vote_average,
    }
    if title.salt % 10:
        body["softcore"] = False
    return body


def _movie(title: Title, asked: Asked) -> dict[str, object]:
    rng = Random(title.salt)
    noun = TONGUES["en"].nouns[title.words[0]].title()
    collection: dict[str, object] | None = None
    if title.number > 1 or title.salt % 19 == 0:
        number = title.words[0]
        collection = {
            "id": 7_000 + number,
            "name": f"{noun} Collection",
            "poster_path": f"/pc{number:07x}.png",
            "backdrop_path": None if number % 3 == 0 else f"/bc{number:07x}.png",
        }
    return _common(title, asked, rng) | {
        "belongs_to_collection": collection,
        "budget": 0 if title.salt % 4 else int(rng.lognormvariate(15, 1.3)),
        "imdb_id": imdb_id(title),
        "original_title": original_name(title),
        "release_date": title.date,
        "revenue": revenue(title),
        "runtime": 0 if title.salt % 16 == 9 else max(3, int(rng.gauss(102, 24))),
        "status": _movie_status(title, asked.today, rng),
        "title": name_in(title, asked.language),
        "video": title.video,
    }


def _movie_status(title: Title, today: date, rng: Random) -> str:
    if title.salt % 331 == 0:
        return "Shelved"  # TMDb adds values without notice
    if title.date == "":
        return rng.choice(("Rumored", "Planned", "In Production", "Canceled"))
    return (
        "Released" if title.date <= today.isoformat() else rng.choice(("Post Production", "In Production", "Planned"))
    )


def _series(title: Title, asked: Asked) -> dict[str, object]:
    rng = Random(title.salt)
    common = _common(title, asked, rng)
    seasons = season_rows(title, asked.language)
    last, following = last_and_next(title, asked.today)
    running = last is not None and title.salt % 3 == 0
    network = title.salt % len(NETWORKS)
    country = next(iter(title.countries), "US")
    return common | {
        "created_by": creators(title),
        "episode_run_time": [] if title.salt % 2 else [rng.choice((22, 25, 45, 50, 60, 70))],
        "first_air_date": title.date,
        "in_production": running or following is not None,
        "languages": [] if title.language == "xx" else [title.language],
        "last_air_date": "" if last is None else last.isoformat(),
        "last_episode_to_air": None if last is None else episode(title, 1, 1, asked.language) | {"show_id": title.id},
        "name": name_in(title, asked.language),
        "next_episode_to_air": None
        if following is None
        else episode(title, 1, 1, asked.language) | {"air_date": following.isoformat()},
        "networks": [
            {
                "id": 300 + network,
                "logo_path": None if network == 3 else f"/l{network + 64:08x}.png",
                "name": NETWORKS[network],
                "origin_country": country,
            }
        ]
        if title.salt % 15
        else [],
        "number_of_episodes": sum(_count(row) for row in seasons if row["season_number"] != 0),
        "number_of_seasons": sum(1 for row in seasons if row["season_number"] != 0),
        "original_name": original_name(title),
        "seasons": seasons,
        "status": _series_status(title, running, following is not None),
        "type": "Documentary"
        if 99 in title.genre_ids
        else rng.choice(("Scripted", "Scripted", "Scripted", "Miniseries", "Reality", "Talk Show")),
    }


def _series_status(title: Title, running: bool, announced: bool) -> str:
    if announced or title.date == "":
        return "Planned" if title.salt % 2 else "In Production"
    if running:
        return "Returning Series"
    return ("Ended", "Ended", "Canceled", "Ended", "Pilot")[title.salt % 5]


def _count(row: dict[str, object]) -> int:
    count = row["episode_count"]
    assert isinstance(count, int)
    return count
