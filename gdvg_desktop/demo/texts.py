"""What a title says of itself in each language: name, summary, tagline, and which languages it was translated
to at all. Everything follows from the title's words and salt, so a listing row, a detail body and its
translations always agree."""

from __future__ import annotations

from functools import lru_cache

from gdvg_desktop.demo.catalogue import Title
from gdvg_desktop.demo.people import person
from gdvg_desktop.demo.vocabulary import TONGUES, Tongue

_TAGLINES = (
    "Some doors open only once.",
    "Every river remembers.",
    "The truth waits where nobody looks.",
    "One night. One chance. No way back.",
    "Home was never this far.",
)
_TITLES_KEPT = 20_000
_SPOKEN = {"cn": "zh", "xx": "en"}
_OFTEN = ("fr", "es", "de", "pt", "it", "ko", "ja", "zh", "ru", "tr", "pl", "sv", "ar", "th", "hi")


def spoken(title: Title) -> str:
    """The tongue the original title is written in: Cantonese shares Mandarin's characters, silent films are
    titled in English."""
    return _SPOKEN.get(title.language, title.language)


def language_of(locale: str) -> str:
    """`pt-BR` -> `pt`; TMDb takes a bare code as well."""
    return locale.partition("-")[0].lower()


def original_name(title: Title) -> str:
    return _say(title, TONGUES[spoken(title)])


@lru_cache(_TITLES_KEPT)
def translated_to(title: Title) -> tuple[str, ...]:
    """Languages with a translation entry, the original first; one title in twenty has no English one, one in a
    hundred has none at all."""
    if title.salt % 101 == 0:
        return ()
    own = spoken(title)
    found = [own]
    if own != "en" and title.salt % 20 != 7:
        found.append("en")
    bits = title.salt >> 8
    found += [code for place, code in enumerate(_OFTEN) if code != own and bits >> place & 1]
    return tuple(found)


def name_in(title: Title, language: str) -> str:
    """The title in a language, or the original title where no translation names one (TMDb falls back for titles
    only)."""
    own = spoken(title)
    if (
        language != own
        and language in TONGUES
        and language in translated_to(title)
        and not _name_left_empty(title, language)
    ):
        return _say(title, TONGUES[language])
    return original_name(title)


def translated_name(title: Title, language: str) -> str:
    """The name inside a translation entry: "" where it equals the original title or nobody wrote one."""
    return "" if language == spoken(title) or _name_left_empty(title, language) else _say(title, TONGUES[language])


def overview_in(title: Title, language: str) -> str:
    """The summary in a language, "" where there is none: nothing falls back (some titles have it only in their
    own language)."""
    if language not in TONGUES or language not in translated_to(title):
        return ""
    if language == "en" and title.salt % 17 == 3:
        return ""
    if language != "en" and language != spoken(title) and (title.salt + len(language) + ord(language[0])) % 3 == 0:
        return ""
    tongue = TONGUES[language]
    who = person(spoken(title), title.salt >> 4)
    name = who.original_name if language == spoken(title) else who.name
    sentence = tongue.overviews[title.salt >> 3 & 1]
    return sentence.format(person=name, noun=tongue.nouns[title.words[0]])


def tagline_in(title: Title, language: str) -> str:
    return _TAGLINES[title.salt % 5] if language == "en" and title.salt % 3 == 0 else ""


def _name_left_empty(title: Title, language: str) -> bool:
    return language != "en" and (title.salt >> 5) % 7 == ord(language[1]) % 7


def _say(title: Title, tongue: Tongue) -> str:
    first, second, modifier = title.words
    text = tongue.nouns[first]
    if second >= 0:
        text = tongue.pair.format(a=text, b=tongue.nouns[second])
    if modifier >= 0:
        text = tongue.modified.format(n=text, m=tongue.modifiers[modifier])
    text = _english_case(text) if tongue.code == "en" else text[0].upper() + text[1:]
    return f"{text} {title.number}" if title.number > 1 else text


def _english_case(text: str) -> str:
    small = {"the", "in", "at", "of", "on", "and"}
    words = [w if w in small else w[0].upper() + w[1:] for w in text.split()]
    return " ".join([words[0].capitalize(), *words[1:]])
