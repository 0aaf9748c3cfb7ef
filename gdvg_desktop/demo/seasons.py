"""Seasons and episodes of a series: the season list of the details, full season bodies for the append trick,
and which episode came last. Everything follows from the title, so each view agrees with the others."""

from __future__ import annotations

from datetime import date, timedelta

from gdvg_desktop.demo.catalogue import Title
from gdvg_desktop.demo.people import person
from gdvg_desktop.demo.texts import spoken


def season_numbers(title: Title) -> list[int]:
    """Numbers in order; 0 means Specials, and a few series have no season at all."""
    if title.salt % 29 == 11:
        return []
    count = 1 + (title.salt >> 6) % 3 * ((title.salt >> 9) % 4)
    return ([0] if title.salt % 9 == 0 else []) + list(range(1, count + 1))


def episode_count(title: Title, season: int) -> int:
    return 1 + title.salt % 3 if season == 0 else 4 + (title.salt >> 3 + season % 3) % 17


def season_rows(title: Title, language: str) -> list[dict[str, object]]:
    """The season list of the details."""
    return [
        {
            "air_date": _iso(season_start(title, number)),
            "episode_count": episode_count(title, number),
            "id": _season_id(title, number),
            "name": _season_name(number, language),
            "overview": "",
            "poster_path": None if (title.salt + number) % 4 == 0 else f"/p{title.salt ^ number:08x}.png",
            "season_number": number,
            "vote_average": round(title.vote_average * 0.98, 1),
        }
        for number in season_numbers(title)
    ]


def season_body(title: Title, season: int, language: str, today: date) -> dict[str, object] | None:
    """A whole season with its episodes, or None when the series has no such season."""
    if season not in season_numbers(title):
        return None
    row = next(row for row in season_rows(title, language) if row["season_number"] == season)
    episodes = [
        episode(title, season, number, language) | {"crew": [], "guest_stars": _guests(title, number)}
        for number in range(1, episode_count(title, season) + 1)
    ]
    own = {key: value for key, value in row.items() if key != "episode_count"}
    return own | {"_id": f"{title.salt:08x}{season:016x}", "episodes": episodes, "networks": []}


def episode(title: Title, season: int, number: int, language: str) -> dict[str, object]:
    """One episode as lists and details show it."""
    start = season_start(title, season)
    last = number == episode_count(title, season)
    return {
        "air_date": None if start is None else (start + timedelta(weeks=number - 1)).isoformat(),
        "episode_number": number,
        "episode_type": "finale" if last else "standard",
        "id": _season_id(title, season) * 100 + number,
        "name": f"Episode {number}" if language == "en" else f"{number}",
        "overview": "",
        "production_code": "",
        "runtime": None if (title.salt + number) % 6 == 0 else 22 + (title.salt >> 2) % 45,
        "season_number": season,
        "show_id": title.id,
        "still_path": None
        if (title.salt + number) % 3 == 0
        else f"/s{(title.salt ^ number * 977) & 0xFFFFFFFF:08x}.png",
        "vote_average": title.vote_average,
        "vote_count": title.vote_count // 20,
    }


def season_start(title: Title, season: int) -> date | None:
    """The first day of a season, a year apart; None while the series has no date."""
    if title.date == "":
        return None
    return date.fromisoformat(title.date) + timedelta(days=365 * max(0, season - 1))


def last_and_next(title: Title, today: date) -> tuple[date | None, date | None]:
    """The day the newest episode aired and the day of the first one still to come, None where there is none."""
    days = [
        start + timedelta(weeks=week)
        for number in season_numbers(title)
        if number and (start := season_start(title, number)) is not None
        for week in range(episode_count(title, number))
    ]
    return max((day for day in days if day <= today), default=None), min(
        (day for day in days if day > today), default=None
    )


def _guests(title: Title, number: int) -> list[dict[str, object]]:
    if (title.salt + number) % 2:
        return []
    who = person(spoken(title), title.salt + number * 5)
    return [
        {
            "character": "Visitor",
            "credit_id": f"{title.salt:08x}{0xE0000 + number:016x}",
            "order": 500 + number,
            "adult": False,
            "gender": who.gender,
            "id": who.id,
            "known_for_department": who.department,
            "name": who.name,
            "original_name": who.original_name,
            "popularity": 1.5,
            "profile_path": who.profile_path,
        }
    ]


def _season_id(title: Title, season: int) -> int:
    return title.id * 100 + season


def _season_name(number: int, language: str) -> str:
    words = {"fr": "Saison", "es": "Temporada", "de": "Staffel", "pt": "Temporada", "it": "Stagione", "ko": "시즌"}
    return "Specials" if number == 0 else f"{words.get(language, 'Season')} {number}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
