"""A filter written back as a query, and the changes facets and chips make to it.

The text in the search field is the only truth; whoever ticks a box changes the filter it means and writes it anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.library import TitleFilter


def write_query(chosen: TitleFilter) -> str:
    """The query that means `chosen`: words first, then keys."""
    parts = [chosen.text] if chosen.text else []
    parts += [f"type:{one.value}" for one in chosen.media_types]
    parts += [f"origin:{code.lower()}" for code in chosen.countries]
    parts += [f"genre:{_quoted(name)}" for name in chosen.genres]
    if chosen.year_from is not None or chosen.year_to is not None:
        parts.append(f"year:{_years(chosen.year_from, chosen.year_to)}")
    if chosen.completeness is not None:
        parts.append(f"is:{chosen.completeness}")
    parts += [f"id:{number}" for number in chosen.tmdb_ids]
    parts += chosen.imdb_ids
    return " ".join(parts)


def _quoted(name: str) -> str:
    return f'"{name.lower()}"' if " " in name else name.lower()


def _years(first: int | None, last: int | None) -> str:
    if first is not None and first == last:
        return f"{first:04}"
    return f"{'' if first is None else f'{first:04}'}..{'' if last is None else f'{last:04}'}"


def toggle_type(chosen: TitleFilter, media_type: MediaType) -> TitleFilter:
    """Take a type out of what is shown or put it back; with neither or both chosen, all are shown."""
    shown = set(chosen.media_types or MediaType) ^ {media_type}
    every = len(shown) in (0, len(MediaType))
    return replace(chosen, media_types=() if every else tuple(one for one in MediaType if one in shown))


def toggle_country(chosen: TitleFilter, code: str) -> TitleFilter:
    """Add or remove an origin country."""
    return replace(chosen, countries=_toggled(chosen.countries, code))


def toggle_genre(chosen: TitleFilter, name: str) -> TitleFilter:
    """Add or remove a genre; names are compared without regard to case."""
    return replace(chosen, genres=_toggled(chosen.genres, name))


def has_genre(chosen: TitleFilter, name: str) -> bool:
    """Whether a genre is part of the filter."""
    return name.casefold() in {one.casefold() for one in chosen.genres}


def toggle_condition(chosen: TitleFilter, condition: str) -> TitleFilter:
    """Ask for a condition, or no longer."""
    return replace(chosen, completeness=None if chosen.completeness == condition else condition)


def set_years(chosen: TitleFilter, first: int | None, last: int | None) -> TitleFilter:
    """Ask for years from first to last, both included; None leaves an end open."""
    return replace(chosen, year_from=first, year_to=last)


def _toggled(values: Iterable[str], value: str) -> tuple[str, ...]:
    kept = tuple(one for one in values if one.casefold() != value.casefold())
    return kept if len(kept) < len(tuple(values)) else (*kept, value)


@dataclass(frozen=True, slots=True)
class Part:
    """One removable part of a filter: which part, its value (None where there is but one), and the filter without."""

    kind: str
    value: str
    without: TitleFilter


def parts(chosen: TitleFilter) -> list[Part]:
    """The parts of a filter that chips stand for, words excepted: they are in the field."""
    found = [
        Part("type", one.value, replace(chosen, media_types=tuple(o for o in chosen.media_types if o is not one)))
        for one in chosen.media_types
    ]
    found += [Part("country", code, toggle_country(chosen, code)) for code in chosen.countries]
    found += [Part("genre", name, toggle_genre(chosen, name)) for name in chosen.genres]
    if chosen.year_from is not None or chosen.year_to is not None:
        years = _years(chosen.year_from, chosen.year_to)
        found.append(Part("years", years, set_years(chosen, None, None)))
    if chosen.completeness is not None:
        found.append(Part("condition", chosen.completeness, replace(chosen, completeness=None)))
    found += [
        Part("id", str(one), replace(chosen, tmdb_ids=tuple(o for o in chosen.tmdb_ids if o != one)))
        for one in chosen.tmdb_ids
    ]
    found += [
        Part("id", one, replace(chosen, imdb_ids=tuple(o for o in chosen.imdb_ids if o != one)))
        for one in chosen.imdb_ids
    ]
    return found
