"""A library of 1.2 million made-up titles, and how fast it answers.

    python benchmarks/million.py FOLDER [--titles N]      makes FOLDER/library.db when it is not there, then measures

Every time is printed as a ratio to a floor measured in the same run (a bare SELECT of all ids by the same machine,
file and cache) and against the 150 ms a key stroke may take until it is painted.
"""

import argparse
import random
import resource
import statistics
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.search import fold, search_text
from gdvg_desktop.store.titles import CHILD_TABLES, SHARED_TABLES, TITLE_COLUMNS, TitleRows, title_id_of, write_titles

BUDGET_S = 0.150
BATCH = 10_000
PEOPLE = 400_000
NOW_MS = 1_790_000_000_000

COMMON = "the of a love and to in man night my life girl day house little world last story black king lost red".split()
SYLLABLES = "ka lo mi ra ten vor sha del qui no bar est ul fen gri pa wes tor lan mur ge zi ho ney cla".split()
ACCENTED = "é ü ö ñ ç ø ă š ő".split()
HAN = "日本沈没海街火山龍春夏秋冬夜東京物語愛人生大小中国家女男子学校少年王天地心花"
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほ"
HANGUL = "기생충무빙더글로리나의아저씨도깨비사랑눈물여왕비밀숲미생시그널응답하라봄밤"
COUNTRIES = ["US"] * 30 + ["KR", "JP", "CN", "IN", "GB", "FR", "DE"] * 5 + ["BR", "TR", "TH", "SE", "PL", "MX", "NG"]
MOVIE_GENRES = {28: "Action", 35: "Comedy", 18: "Drama", 99: "Documentary", 27: "Horror", 10749: "Romance"}
TV_GENRES = {10759: "Action & Adventure", 35: "Comedy", 18: "Drama", 99: "Documentary", 10762: "Kids", 10764: "Reality"}


class Inventor:
    """Makes titles from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = COMMON + ["".join(self._random.choices(SYLLABLES, k=1 + i % 3)) for i in range(30_000)]
        weights = [1 / (rank + 3) for rank in range(len(self._words))]  # as in any language: few words are everywhere
        total = 0.0
        self._cumulative = [total := total + weight for weight in weights]

    def latin(self) -> str:
        words = self._random.choices(self._words, cum_weights=self._cumulative, k=self._random.choice((1, 2, 2, 3, 4)))
        text = " ".join(words).title()
        return text + self._random.choice(ACCENTED) if self._random.random() < 0.05 else text

    def native(self, country: str) -> str:
        script = {"JP": HAN + KANA, "CN": HAN, "KR": HANGUL}.get(country)
        return "".join(self._random.choices(script, k=self._random.randint(2, 7))) if script else self.latin()

    def title(self, number: int) -> TitleRows:
        pick = self._random
        media_type = MediaType.TV if number % 6 == 0 else MediaType.MOVIE
        tv = media_type is MediaType.TV
        tmdb_id = number + 1
        key = title_id_of(media_type, tmdb_id)
        country = pick.choice(COUNTRIES)
        name, original = self.latin(), self.native(country)
        date = f"{2026 - int(pick.expovariate(0.05)) % 106}-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}"
        names = TV_GENRES if tv else MOVIE_GENRES
        genres = pick.sample(list(names), pick.randint(1, 3))
        people = pick.sample(range(1, PEOPLE), 4)
        overview = f"{name} is a made-up title. " * 4 if pick.random() < 0.9 else None
        poster = f"/{tmdb_id:x}poster.jpg" if pick.random() < 0.8 else None
        translated = [self.latin() for _ in range(pick.randint(0, 3))]
        values: dict[str, Any] = {
            "id": key, "media_type": media_type.value, "tmdb_id": tmdb_id, "title": name, "title_language": "en-US",
            "sort_title": fold(name), "original_title": original, "original_language": country.lower(),
            "language": "en-US", "overview": overview, "overview_language": "en-US" if overview else None,
            "release_date": date if pick.random() < 0.97 else None, "status": "Released", "runtime": 90,
            "imdb_id": f"tt{tmdb_id:07}", "poster_path": poster, "completeness": pick.choice((50, 60, 78, 89, 100)),
            "popularity": round(pick.paretovariate(1.2), 4), "vote_average": round(pick.uniform(3, 9), 1),
            "vote_count": pick.randint(1, 5000),
        }  # fmt: skip
        return TitleRows(
            title_id=key,
            media_type=media_type,
            label=name,
            title=tuple(values.get(column) for column in TITLE_COLUMNS),
            content_hash=key.to_bytes(16, "big"),
            search_text=search_text((name, original, *translated)),
            children={
                "title_genre": [(key, place, one * 2 + tv) for place, one in enumerate(genres)],
                "origin_country": [(key, 0, country)],
                "credit": [
                    (key, place, "cast", person, f"{key:x}{place}", place, place, "A role", None, None, None, None)
                    for place, person in enumerate(people)
                ],
                "translation": [
                    (key, place, "de", "DE", "Deutsch", "German", text, None, None, None, None)
                    for place, text in enumerate(translated)
                ],
            },
            shared={
                "genre": [(one * 2 + tv, media_type.value, one, names[one]) for one in genres],
                "person": [(person, f"Person {person}", *([None] * 6)) for person in people],
            },
        )


def generate(paths: Paths, titles: int) -> None:
    """Fill a new library, printing how far it is."""
    inventor = Inventor(seed=7)
    store = Store.open(paths, exclusive=True)
    started = time.perf_counter()
    try:
        for first in range(0, titles, BATCH):
            batch = [inventor.title(number) for number in range(first, min(titles, first + BATCH))]
            store.write_now(lambda db, batch=batch: write_titles(db, batch, 1, NOW_MS))
            print(f"\r{first + len(batch):,} titles, {time.perf_counter() - started:.0f} s", end="", flush=True)
    finally:
        store.close()
    print()

if __name__ == "__main__":
    generate(Paths(Path(sys.argv[1])), 1_200_000)
