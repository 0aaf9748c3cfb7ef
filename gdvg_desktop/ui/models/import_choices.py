"""Which countries, languages and genres are offered first, and under which names."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale

from gdvg_desktop.commands.imports import Choices
from gdvg_desktop.core.kinds import MediaType

# Countries many people import first; all others are one click further.
COMMON_COUNTRIES = ("KR", "US", "JP", "IN", "CN", "GB", "TH")
COMMON_LANGUAGES = ("ko", "en", "ja", "hi", "zh", "th")
_CANTONESE, _NO_LANGUAGE = "cn", "xx"  # TMDb's own codes

# Genres in the order offered; which of them exist depends on the type.
_GENRE_ORDER = (
    "Drama",
    "Romance",
    "Action",
    "Action & Adventure",
    "Thriller",
    "Comedy",
    "Crime",
    "Fantasy",
    "Sci-Fi & Fantasy",
    "Mystery",
    "Animation",
    "Documentary",
)
GENRE_CHIPS = 8


def short_name(code: str, name: str) -> str:
    """The short name of a country: "United States" where TMDb writes out "United States of America".

    Codes Qt does not know keep TMDb's `name`.
    """
    territory = QLocale.codeToTerritory(code)
    return name if territory == QLocale.Country.AnyTerritory else QLocale.territoryToString(territory)


def country_names(choices: Choices) -> dict[str, str]:
    """Country code to short name, by name."""
    names = {code: short_name(code, name) for code, name in choices.countries.items()}
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def language_name(code: str) -> str:
    """The name of a language TMDb names by code; a code Qt does not know stays as it is."""
    known = QLocale.codeToLanguage("yue" if code == _CANTONESE else code)
    return code if known == QLocale.Language.AnyLanguage else QLocale.languageToString(known)


def language_names(choices: Choices) -> dict[str, str]:
    """Language code to name, by name; "no language" is none to choose."""
    names = {code: language_name(code) for code in choices.languages if code != _NO_LANGUAGE}
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def genre_names(choices: Choices, media_type: str) -> list[str]:
    """The genres of a type ("movie", "tv" or "all" for both), by name."""
    types = tuple(MediaType) if media_type == "all" else (MediaType(media_type),)
    return sorted({name for one in types for name in choices.genres[one].values()}, key=str.casefold)


def common_genres(names: Sequence[str]) -> tuple[str, ...]:
    """The genres offered as chips."""
    return tuple(name for name in _GENRE_ORDER if name in names)[:GENRE_CHIPS]
