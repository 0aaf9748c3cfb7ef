"""Full-text search over all forms of a title: what is indexed, and how a user's words become a query.

Text is folded the same way on both sides: compatibility forms joined, case and accents of Latin, Greek and Cyrillic
dropped. Scripts written without spaces (Chinese, Japanese, Korean, Thai and their like) are indexed one character a
token and searched as a phrase, so any two neighbouring characters are found. The forms of a title lie in one text with
a token between them that no query can hold, so no phrase runs from one form into the next.
"""

import unicodedata
from collections.abc import Iterable

_BORDER = "\ue000"  # private use: folding takes it out of everything a user or TMDb sends
_SINGLE = (  # ranges of characters that are tokens of their own
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),  # iteration mark, ideographic zero
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3100, 0x318F),  # Bopomofo, Hangul compatibility letters
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),  # CJK ideographs
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),  # Hangul syllables
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_LETTERS = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t"}
_ACCENTED_END = 0x0590  # Latin, Greek and Cyrillic lie below; marks of later scripts are letters of their words


class _Fold(dict[int, str]):
    """What each character becomes; worked out once a character."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    code = ord(character)
    if any(low <= code <= high for low, high in _SINGLE):
        return f" {character} "
    kind = unicodedata.category(character)[0]
    if kind == "S":
        return f" {character} "
    parts = unicodedata.normalize("NFKD", character.casefold())
    if ord(parts[:1] or " ") < _ACCENTED_END:
        parts = "".join(_LETTERS.get(part, part) for part in parts if unicodedata.category(part) != "Mn")
    elif kind not in "LMN":
        parts = " "
    return "".join(part if unicodedata.category(part)[0] in "LMN" else " " for part in parts)


_FOLD = _Fold()


def fold(text: str) -> str:
    """Text as it is indexed and searched: words of letters, marks, digits and symbols, with blanks between them."""
    return unicodedata.normalize("NFKC", text).translate(_FOLD)


def sort_key(text: str | None) -> str | None:
    """What titles are sorted by: the folded words; None for a title without any."""
    return " ".join(fold(text).split()) or None if text else None


def search_text(forms: Iterable[str | None]) -> str:
    """The text indexed for a title with these forms; each form once, in the order given."""
    folded = dict.fromkeys(" ".join(fold(form).split()) for form in forms if form)
    folded.pop("", None)
    return f" {_BORDER} ".join(folded)


def match_expression(words: Iterable[str], *, prefix_last: bool) -> str | None:
    """An FTS5 expression for titles that hold all the words, or None when the words hold nothing to search.

    A word of several tokens ("기생충", "spider-man") is a phrase. With `prefix_last` the last word may go on.
    """
    phrases = ['"' + " ".join(tokens) + '"' for word in words if (tokens := fold(word).split())]
    if not phrases:
        return None
    if prefix_last:
        phrases[-1] += " *"
    return " AND ".join(phrases)
