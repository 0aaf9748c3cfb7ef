"""Which text of a title is shown: the language asked for, then the user's other languages, then the original.

TMDb has no fallback for texts: without a translation they come empty, except the title, which then is the original
one (TMDB.md 3). Every field falls back by itself, and the source of title and overview is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.payloads import TitleDetails, Translation, TranslationData

_NO_LANGUAGE = "en-US"  # TMDb's default when none is asked for


@dataclass(frozen=True, slots=True)
class Shown:
    """The texts to show. Languages are written `en-US` or `ko`; None where there is no text."""

    asked: str
    title: str | None
    title_language: str | None
    overview: str | None
    overview_language: str | None
    tagline: str | None
    homepage: str | None


def choose(details: TitleDetails, media_type: MediaType, languages: Sequence[str]) -> Shown:
    """The texts of a title for a user's ordered languages, of which the first was asked for."""
    asked = languages[0] if languages else _NO_LANGUAGE
    original = details.original_language or None
    others = list(_fallbacks(details, (*languages[1:], *([original] if original else []))))
    overview, overview_language = details.overview or None, asked if details.overview else None
    if overview is None:
        overview, overview_language = _first(others, "overview")
    title, title_language = _title(details, media_type, languages or (_NO_LANGUAGE,))
    return Shown(
        asked=asked,
        title=title,
        title_language=title_language,
        overview=overview,
        overview_language=overview_language,
        tagline=details.tagline or _first(others, "tagline")[0],
        homepage=details.homepage or _first(others, "homepage")[0],
    )


def _title(details: TitleDetails, media_type: MediaType, languages: Sequence[str]) -> tuple[str | None, str | None]:
    movie = media_type is MediaType.MOVIE
    sent = (details.title if movie else details.name) or None
    original = (details.original_title if movie else details.original_name) or None
    spoken = details.original_language or None
    if sent and sent != original:
        return sent, languages[0]
    for language in languages:
        if spoken and _base(language) == spoken:
            break  # the original is in this language
        for source, data in _fallbacks(details, (language,)):
            if text := data.title or data.name:
                return text, source
    shown = original or sent
    return shown, spoken if shown else None


def _fallbacks(details: TitleDetails, languages: Sequence[str]) -> Iterator[tuple[str, TranslationData]]:
    """Stored translations in these languages, in order: the very country first, then any other of the language."""
    stored = [
        one
        for one in (details.translations.translations if details.translations else None) or ()
        if one.iso_639_1 and one.data is not None
    ]
    for language in languages:
        same = [one for one in stored if one.iso_639_1 == _base(language)]
        same.sort(key=lambda one: _code(one) != language)
        for one in same:
            if one.data is not None:
                yield _code(one), one.data


def _first(found: Sequence[tuple[str, TranslationData]], name: str) -> tuple[str | None, str | None]:
    for source, data in found:
        if text := getattr(data, name):
            return text, source
    return None, None


def _base(language: str) -> str:
    return language.partition("-")[0]


def _code(one: Translation) -> str:
    return f"{one.iso_639_1}-{one.iso_3166_1}" if one.iso_3166_1 else f"{one.iso_639_1}"
