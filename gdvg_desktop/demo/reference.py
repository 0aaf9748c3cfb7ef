"""The lists around the titles: configuration, countries, languages, genres, and the invented studios, networks,
keywords and providers. Country and language names come from pycountry, with the codes TMDb keeps beyond it."""

from __future__ import annotations

from functools import cache

from gdvg_desktop.demo.genres import GENRES
from gdvg_desktop.demo.vocabulary import TONGUES

_HISTORIC = {
    "AN": "Netherlands Antilles",
    "BU": "Burma",
    "CS": "Serbia and Montenegro",
    "SU": "Soviet Union",
    "TP": "East Timor",
    "XC": "Czechoslovakia",
    "XG": "East Germany",
    "XI": "Northern Ireland",
    "XK": "Kosovo",
    "YU": "Yugoslavia",
    "ZR": "Zaire",
}
_NOT_TMDB = frozenset({"AX", "BL", "BQ", "CW", "GG", "IM", "JE", "MF", "SX"})
_USUAL_NAMES = {
    "US": "United States of America",
    "RU": "Russia",
    "TR": "Turkey",
    "BN": "Brunei Darussalam",
    "KP": "North Korea",
    "KR": "South Korea",
}
_EXTRA_LANGUAGES = {
    "cn": ("Cantonese", "广州话 / 廣州話"),
    "xx": ("No Language", "No Language"),
    "mo": ("Moldavian", ""),
}
_USUAL_LANGUAGES = {"zh": "Mandarin", "el": "Greek", "ms": "Malay", "oc": "Occitan", "sw": "Swahili", "ne": "Nepali"}

CHANGE_KEYS = [
    "adult",
    "air_date",
    "also_known_as",
    "alternative_titles",
    "biography",
    "birthday",
    "budget",
    "cast",
    "certifications",
    "character_names",
    "created_by",
    "crew",
    "deathday",
    "episode",
    "episode_number",
    "episode_run_time",
    "freebase_id",
    "freebase_mid",
    "general",
    "genres",
    "guest_stars",
    "homepage",
    "images",
    "imdb_id",
    "languages",
    "name",
    "network",
    "origin_country",
    "original_name",
    "original_title",
    "overview",
    "parts",
    "place_of_birth",
    "plot_keywords",
    "production_code",
    "production_companies",
    "production_countries",
    "releases",
    "revenue",
    "runtime",
    "season",
    "season_number",
    "season_regular",
    "softcore",
    "spoken_languages",
    "status",
    "tagline",
    "title",
    "translations",
    "tvdb_id",
    "tvrage_id",
    "type",
    "video",
    "videos",
]

STUDIOS = [
    "Lantern Quarter Films",
    "Paper Boat Pictures",
    "Ninth Harbor",
    "Tin Whistle Studio",
    "Saltmarsh Media",
    "Blue Ladder",
    "Kite & Anchor",
    "Quiet Engine",
    "Old Orchard Productions",
    "Glass Meridian",
    "Two Moons Workshop",
    "Foxglove Features",
    "North Stair",
    "Copper Rain",
    "Second Breakfast Films",
    "Long Shadow Company",
    "Marble Owl",
    "Velvet Compass",
    "Driftwood Unit",
    "Small Hours Pictures",
    "Amber Gate",
    "Folding Chair Films",
    "Thirteenth Street Cinema",
    "Paperclip Animation",
]
NETWORKS = [
    "Channel Nine and a Half",
    "Harbor TV",
    "KDM",
    "Studio Vega",
    "Nordlicht",
    "Canal Brume",
    "TV Girasol",
    "Moonbase",
    "Orchid Channel",
    "Streamly",
]
KEYWORDS = [
    "small town",
    "lighthouse keeper",
    "amnesia",
    "rivalry",
    "first love",
    "found family",
    "cold case",
    "time loop",
    "road trip",
    "court intrigue",
    "snowstorm",
    "secret identity",
    "cooking contest",
    "ghost",
    "heist",
    "boarding school",
    "revenge",
    "immigrant",
    "train journey",
    "lost letter",
    "medical drama",
    "radio host",
    "twin siblings",
    "island",
    "war orphan",
    "jazz club",
    "football team",
    "dragon",
    "space station",
    "lawyer",
    "matriarch",
    "folk tale",
    "robot",
    "detective",
    "harvest",
    "wedding",
    "inheritance",
    "musical",
    "night shift",
    "archive footage",
]
PROVIDERS = ["Streamly", "Moonbase Plus", "Reel Cellar", "Orchid Play", "Kino Garten", "Videoteca Sol"]


@cache
def countries() -> tuple[dict[str, str], ...]:
    """TMDb's country list: 251 rows, by name."""
    import pycountry  # loads a data file; the first caller pays, not the start

    names = {c.alpha_2: _USUAL_NAMES.get(c.alpha_2) or getattr(c, "common_name", c.name) for c in pycountry.countries}
    names = {code: name for code, name in names.items() if code not in _NOT_TMDB} | _HISTORIC
    ordered = sorted(names.items(), key=lambda item: item[1])
    return tuple({"iso_3166_1": code, "english_name": name, "native_name": name} for code, name in ordered)


@cache
def languages() -> tuple[dict[str, str], ...]:
    """TMDb's language list: 187 rows; the own name is often ""."""
    import pycountry  # as above

    names = {
        entry.alpha_2: _USUAL_LANGUAGES.get(entry.alpha_2, entry.name.partition(" (")[0])
        for entry in pycountry.languages
        if hasattr(entry, "alpha_2")
    }
    rows = {code: (name, TONGUES[code].native_name if code in TONGUES else "") for code, name in names.items()}
    rows |= _EXTRA_LANGUAGES
    ordered = sorted(rows.items(), key=lambda item: item[1][0])
    return tuple({"iso_639_1": code, "english_name": english, "name": own} for code, (english, own) in ordered)


@cache
def country_name(code: str) -> str:
    return next((row["english_name"] for row in countries() if row["iso_3166_1"] == code), code)


def genre_list(media_type: str) -> dict[str, object]:
    return {"genres": [{"id": number, "name": name} for number, name in GENRES[media_type].items()]}


def configuration(images_url: str) -> dict[str, object]:
    """`images_url` ends with a slash and is this server's own."""
    return {
        "images": {
            "base_url": images_url,
            "secure_base_url": images_url,
            "backdrop_sizes": ["w300", "w780", "w1280", "original"],
            "logo_sizes": ["w45", "w92", "w154", "w185", "w300", "w500", "original"],
            "poster_sizes": ["w92", "w154", "w185", "w342", "w500", "w780", "original"],
            "profile_sizes": ["w45", "w185", "h632", "original"],
            "still_sizes": ["w92", "w185", "w300", "original"],
        },
        "change_keys": CHANGE_KEYS,
    }
