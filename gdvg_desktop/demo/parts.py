"""The sub-resources of movies and series that append_to_response can name, each made from the title alone, so a
part is the same appended or asked for by itself. Shapes and traps follow TMDb's own: keywords under `keywords`
for movies and `results` for series, providers keyed by country, empty strings in translations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from gdvg_desktop.demo.catalogue import Catalogue, Title
from gdvg_desktop.demo.discover import listing_row
from gdvg_desktop.demo.people import PEOPLE_PER_TONGUE, person
from gdvg_desktop.demo.reference import KEYWORDS, PROVIDERS
from gdvg_desktop.demo.seasons import episode_count, season_numbers
from gdvg_desktop.demo.texts import (
    language_of,
    name_in,
    original_name,
    overview_in,
    spoken,
    tagline_in,
    translated_name,
    translated_to,
)
from gdvg_desktop.demo.vocabulary import TONGUES

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the request said that parts depend on; `image_languages` is None when include_image_language was not
    sent."""

    locale: str
    image_languages: frozenset[str] | None
    catalogue: Catalogue

    @property
    def language(self) -> str:
        return language_of(self.locale)

    @property
    def today(self) -> date:
        return self.catalogue.today


_CREW = (
    ("Directing", "Director"),
    ("Writing", "Screenplay"),
    ("Production", "Producer"),
    ("Camera", "Director of Photography"),
    ("Editing", "Editor"),
    ("Sound", "Original Music Composer"),
    ("Art", "Production Design"),
    ("Costume & Make-Up", "Costume Design"),
)
_MOVIE_RATINGS: dict[str, tuple[str, ...]] = {
    "US": ("G", "PG", "PG-13", "R", ""),
    "GB": ("U", "12A", "15"),
    "DE": ("0", "12", "16"),
    "KR": ("ALL", "12", "15"),
}
_SERIES_RATINGS: dict[str, tuple[str, ...]] = {
    "US": ("TV-PG", "TV-14", "TV-MA"),
    "KR": ("12", "15", "19"),
    "DE": ("6", "12", "16"),
    "BR": ("L", "12", "14"),
}
_VIDEO_TYPES = ("Trailer", "Teaser", "Clip", "Featurette", "Behind the Scenes")


@cache
def _face(language: str, index: int) -> Body:
    who = person(language, index)
    return {
        "adult": False,
        "gender": who.gender,
        "id": who.id,
        "known_for_department": None if who.id % 41 == 0 else who.department,
        "name": who.name,
        "original_name": who.original_name,
        "popularity": round(0.2 + who.id % 97 / 11, 4),
        "profile_path": who.profile_path,
    }


def _troupe(title: Title, salt: int, count: int) -> list[Body]:
    """`count` people, none twice."""
    rng, language = Random(title.salt + salt), spoken(title)
    return [_face(language, index) for index in rng.sample(range(PEOPLE_PER_TONGUE), count)]


def _credit_id(title: Title, number: int) -> str:
    return f"{title.salt:08x}{number:016x}"


def _character(title: Title, order: int) -> str:
    if (title.salt + order) % 13 == 0:
        return ""
    if 99 in title.genre_ids:
        return "Self"
    return person(spoken(title), title.salt // 7 + order * 29).name


def _cast_count(title: Title) -> int:
    return 0 if title.salt % 31 == 6 else 3 + (title.salt >> 7) % 14


def _crew(title: Title) -> list[Body]:
    people = _troupe(title, 2, len(_CREW))[: 1 + (title.salt >> 11) % len(_CREW)]
    return [
        face
        | {"credit_id": _credit_id(title, 0xC000 + number), "department": _CREW[number][0], "job": _CREW[number][1]}
        for number, face in enumerate(people)
    ]


def _credits(title: Title, asked: Asked) -> Body:
    movie = title.media_type == "movie"
    cast = [
        face
        | {"character": _character(title, order), "credit_id": _credit_id(title, order), "order": order}
        | ({"cast_id": order + 2} if movie else {})
        for order, face in enumerate(_troupe(title, 1, _cast_count(title)))
    ]
    return {"cast": cast, "crew": _crew(title)}


def _aggregate_credits(title: Title, asked: Asked) -> Body:
    episodes = sum(episode_count(title, number) for number in season_numbers(title)) or 1
    cast: list[Body] = []
    for order, face in enumerate(_troupe(title, 1, _cast_count(title))):
        total = max(1, episodes // (1 + order // 3))
        roles = [{"credit_id": _credit_id(title, order), "character": _character(title, order), "episode_count": total}]
        if (title.salt + order) % 9 == 0 and total > 1:
            roles[0]["episode_count"] = total - 1
            roles.append({"credit_id": _credit_id(title, 0xD000 + order), "character": "Narrator", "episode_count": 1})
        cast.append(face | {"roles": roles, "total_episode_count": total, "order": order})
    crew = [
        {key: value for key, value in member.items() if key not in ("credit_id", "job")}
        | {
            "jobs": [{"credit_id": member["credit_id"], "job": member["job"], "episode_count": episodes}],
            "total_episode_count": episodes,
        }
        for member in _crew(title)
    ]
    return {"cast": cast, "crew": crew}


def creators(title: Title) -> list[Body]:
    """created_by of a series; empty for a third of them."""
    if title.salt % 3 == 1:
        return []
    face = _troupe(title, 3, 1)[0]
    keys = ("id", "name", "gender", "profile_path")
    return [{key: face[key] for key in keys} | {"credit_id": _credit_id(title, 0xB000)}]


def _keywords(title: Title, asked: Asked) -> Body:
    rng = Random(title.salt + 4)
    numbers = rng.sample(range(len(KEYWORDS)), (title.salt >> 5) % 7)
    rows = [{"id": 4_000 + number * 3, "name": KEYWORDS[number]} for number in numbers]
    return {"keywords" if title.media_type == "movie" else "results": rows}


def _alternative_titles(title: Title, asked: Asked) -> Body:
    rows: list[Body] = []
    if title.salt % 3 == 0:
        rows.append({"iso_3166_1": "US", "title": f"{name_in(title, 'en')}: The Long Way", "type": ""})
    if title.salt % 4 == 0:
        region = next(iter(title.countries), "US")
        rows.append({"iso_3166_1": region, "title": f"{original_name(title)} (*)", "type": "working title"})
    return {"titles" if title.media_type == "movie" else "results": rows}


def _release_dates(title: Title, asked: Asked) -> Body:
    if title.date == "":
        return {"results": []}
    first = date.fromisoformat(title.date)
    regions = dict.fromkeys([*title.countries, *[code for n, code in enumerate(_MOVIE_RATINGS) if title.salt >> n & 1]])
    results = [
        {
            "iso_3166_1": region,
            "release_dates": [
                {
                    "certification": _rating(_MOVIE_RATINGS, region, title),
                    "descriptors": ["strong language"] if title.salt % 7 == place else [],
                    "iso_639_1": "",
                    "note": "Harbor Film Festival" if kind == 1 else "",
                    "release_date": f"{first + timedelta(days=21 * place)}T00:00:00.000Z",
                    "type": kind,
                }
                for kind in ((1, 3) if place == 0 and title.salt % 5 == 0 else (3,) if title.salt % 6 else (4,))
            ],
        }
        for place, region in enumerate(regions)
    ]
    return {"results": results}


def _content_ratings(title: Title, asked: Asked) -> Body:
    regions = [region for n, region in enumerate(_SERIES_RATINGS) if title.salt >> n & 1]
    return {
        "results": [
            {"descriptors": [], "iso_3166_1": region, "rating": _rating(_SERIES_RATINGS, region, title)}
            for region in regions
        ]
    }


def _rating(table: dict[str, tuple[str, ...]], region: str, title: Title) -> str:
    ratings = table.get(region, ("",))
    return ratings[title.salt % len(ratings)]


def imdb_id(title: Title) -> str | None:
    """Null for one title in seven; numbers far above any in use."""
    return title.imdb_id


def _external_ids(title: Title, asked: Asked) -> Body:
    salt = title.salt
    ids: Body = {
        "imdb_id": imdb_id(title),
        "wikidata_id": f"Q9{salt % 100_000_000}" if salt % 4 else None,
        "facebook_id": f"demo.{salt % 9973}" if salt % 8 == 0 else None,
        "instagram_id": f"demo_{salt % 9973}" if salt % 6 == 0 else "" if salt % 6 == 1 else None,
        "twitter_id": None,
    }
    if title.media_type == "tv":
        ids |= {
            "freebase_mid": f"/m/0{salt % 99991:05x}" if salt % 9 == 0 else None,
            "freebase_id": None,
            "tvdb_id": 900_000 + salt % 99_991 if salt % 3 else None,
            "tvrage_id": None if salt % 5 else 0,
        }
    return ids


def _images(title: Title, asked: Asked) -> Body:
    def rows(
        kind: str, path: str | None, count: int, width: int, height: int, languages: tuple[str | None, ...]
    ) -> list[Body]:
        if path is None:
            return []
        return [
            {
                "aspect_ratio": round(width / height, 3),
                "height": height,
                "iso_639_1": language,
                "iso_3166_1": None if language is None or language not in TONGUES else TONGUES[language].region,
                "file_path": path if number == 0 else f"/{kind}{(title.salt ^ number * 7919) & 0xFFFFFFFF:08x}.png",
                "vote_average": round(5.9 - number * 0.3, 3),
                "vote_count": max(0, 12 - number * 3),
                "width": width,
            }
            for number in range(count)
            if _image_wanted(language := languages[number % len(languages)], asked)
        ]

    own = spoken(title)
    logos = 0 if title.salt % 4 else 2
    return {
        "backdrops": rows("b", title.backdrop_path, 1 + (title.salt >> 10) % 5, 1920, 1080, (None, "en", None)),
        "logos": rows("l", f"/l{title.salt:08x}.png", logos, 800, 320, ("en", own)),
        "posters": rows("p", title.poster_path, 1 + (title.salt >> 12) % 6, 1000, 1500, (own, "en", None, "fr", "de")),
    }


def _image_wanted(language: str | None, asked: Asked) -> bool:
    if asked.image_languages is not None:
        return (language or "null") in asked.image_languages
    return asked.locale == "" or language == asked.language


def _videos(title: Title, asked: Asked) -> Body:
    count = (title.salt >> 14) % 4
    return {
        "results": [
            {
                "iso_639_1": "en" if number % 2 == 0 else spoken(title),
                "iso_3166_1": "US" if number % 2 == 0 else TONGUES[spoken(title)].region,
                "name": f"{_VIDEO_TYPES[(title.salt + number) % 5]} {number + 1}",
                "key": f"demo{title.salt ^ number:07x}"[:11],
                "site": "YouTube" if (title.salt + number) % 5 else "Vimeo",
                "size": (1080, 720, 480)[number % 3],
                "type": _VIDEO_TYPES[(title.salt + number) % 5],
                "official": number == 0,
                "published_at": f"{title.date or '2020-01-01'}T12:00:00.000Z",
                "id": _credit_id(title, 0xA000 + number),
            }
            for number in range(count)
        ]
    }


def _translations(title: Title, asked: Asked) -> Body:
    rows: list[Body] = []
    for code in translated_to(title):
        tongue = TONGUES[code]
        name = translated_name(title, code)
        data: Body = {"homepage": "", "overview": overview_in(title, code), "tagline": tagline_in(title, code)}
        if title.media_type == "movie":
            data |= {"runtime": 0, "title": name}
        else:
            data["name"] = name
        rows.append(
            {
                "iso_3166_1": tongue.region,
                "iso_639_1": code,
                "name": tongue.native_name,
                "english_name": tongue.english_name,
                "data": data,
            }
        )
    return {"translations": rows}


def _watch_providers(title: Title, asked: Asked) -> Body:
    results: Body = {}
    for place, region in enumerate(("US", "KR", "DE", "FR", "BR")):
        if title.salt >> place + 16 & 3 != 1:
            continue
        offer: Body = {"link": f"https://titles.example/{title.media_type}/{title.id}/watch?locale={region}"}
        for number, kind in enumerate(("flatrate", "buy", "rent", "free", "ads")):
            if (title.salt >> number + place) & 3 == 0:
                offer[kind] = [_provider((title.salt >> number) % len(PROVIDERS))]
        results[region] = offer
    return {"results": results}


def _provider(number: int) -> Body:
    return {
        "logo_path": f"/l{number + 128:08x}.png",
        "provider_id": 800 + number,
        "provider_name": PROVIDERS[number],
        "display_priority": number,
    }


def _neighbours(step: int) -> Callable[[Title, Asked], Body]:
    def part(title: Title, asked: Asked) -> Body:
        titles = asked.catalogue.all(title.media_type)
        chosen = dict.fromkeys(titles[(title.salt + n * step) % len(titles)] for n in range(6))
        rows = [
            listing_row(other, asked.language)
            | {"popularity": other.popularity, "vote_count": other.vote_count, "media_type": other.media_type}
            for other in chosen
            if other.listed and other is not title
        ]
        return {"page": 1, "results": rows, "total_pages": 1, "total_results": len(rows)}

    return part


def _empty_page(title: Title, asked: Asked) -> Body:
    return {"page": 1, "results": [], "total_pages": 1, "total_results": 0}


def _no_results(title: Title, asked: Asked) -> Body:
    return {"results": []}


def _changes(title: Title, asked: Asked) -> Body:
    return {"changes": []}


def _account_states(title: Title, asked: Asked) -> Body:
    return {"favorite": False, "rated": False, "watchlist": False}


_BOTH: dict[str, Callable[[Title, Asked], Body]] = {
    "account_states": _account_states,
    "alternative_titles": _alternative_titles,
    "changes": _changes,
    "credits": _credits,
    "external_ids": _external_ids,
    "images": _images,
    "keywords": _keywords,
    "lists": _empty_page,
    "recommendations": _neighbours(7),
    "reviews": _empty_page,
    "similar": _neighbours(11),
    "translations": _translations,
    "videos": _videos,
    "watch/providers": _watch_providers,
}
PARTS: dict[str, dict[str, Callable[[Title, Asked], Body]]] = {
    "movie": _BOTH | {"release_dates": _release_dates},
    "tv": _BOTH
    | {
        "aggregate_credits": _aggregate_credits,
        "content_ratings": _content_ratings,
        "episode_groups": _no_results,
        "screened_theatrically": _no_results,
    },
}
"""Part makers by media type and name."""
