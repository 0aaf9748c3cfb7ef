"""A library of 1.2 million made-up titles, and how fast it answers.

    python benchmarks/million.py FOLDER [--titles N]      makes FOLDER/library.db when it is not there, then measures

Every time is printed as a ratio to a floor measured in the same run (a bare SELECT of all ids by the same machine,
file and cache) and against the 150 ms a key stroke may take until it is painted.
"""

import argparse
import itertools
import random
import resource
import statistics
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import library, tombstones
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.search import search_text, sort_key
from gdvg_desktop.store.titles import TITLE_COLUMNS, TitleRows, title_id_of, write_titles

BUDGET_S = 0.150
BATCH = 10_000
PEOPLE = 400_000
ONE_IN = 60  # titles deleted at TMDb: 20,000 of 1.2 million
NOW_MS = 1_790_000_000_000

COMMON = [
    "the", "of", "a", "love", "and", "to", "in", "man", "night", "my", "life", "girl", "day", "house", "little",
    "world", "last", "story", "black", "king", "lost", "red",
]  # fmt: skip
SYLLABLES = [
    "ka", "lo", "mi", "ra", "ten", "vor", "sha", "del", "qui", "no", "bar", "est", "ul", "fen", "gri", "pa", "wes",
    "tor", "lan", "mur", "ge", "zi", "ho", "ney", "cla",
]  # fmt: skip
ACCENTED = ["é", "ü", "ö", "ñ", "ç", "ø", "ă", "š", "ő"]
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
            "sort_title": sort_key(name), "original_title": original, "original_language": country.lower(),
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
            fetched_ms = NOW_MS - (first // BATCH * 37 % 200) * 86_400_000  # over the last 200 days
            store.write_now(lambda db, batch=batch, at=fetched_ms: write_titles(db, batch, 1, at))
            print(f"\r{first + len(batch):,} titles, {time.perf_counter() - started:.0f} s", end="", flush=True)
    finally:
        store.close()
    print()


def bury(db: SqliteDatabase, one_in: int) -> None:
    """Have one in so many titles deleted at TMDb, spread over the whole library; 0: none."""
    now_ms = round(time.time() * 1000)
    db.execute_sql("DELETE FROM tombstone")
    for media_type in MediaType if one_in else ():
        rows = db.execute_sql(
            "SELECT id, tmdb_id FROM title WHERE media_type = ? AND tmdb_id % ? = 0", (media_type.value, one_in)
        )
        gone = [tombstones.Vanished(title_id, tmdb_id, now_ms) for title_id, tmdb_id in rows.fetchall()]
        tombstones.make(db, media_type, gone, datetime.now(UTC).date(), None, now_ms)


QUERIES = (
    "", "t", "th", "the", "love", "lov", "a qui", "日", "沈没", "기생", "zzz", "type:tv", "origin:kr year:2015..2026",
    "genre:drama t", "origin:kr genre:drama year:2015..2026 th", "is:no_poster", "is:stale_150d", "id:603",
)  # fmt: skip


def measure(paths: Paths, label: str) -> float:
    """Print what each question costs; returns the slowest median in seconds, warm-up and first use aside."""
    store = Store.open(paths, exclusive=False)
    try:
        before = _megabytes()
        warm_s = _once(lambda: store.read_now(library.warm))
        floor = _median(lambda: store.read_now(_bare_ids))
        print(f"\n{label}: the floor is a bare SELECT of all ids, {floor * 1000:.0f} ms")
        print(f"  warm-up, once: {warm_s / floor:.1f} floors, memory {before:.0f} to {_megabytes():.0f} MB")
        slowest = max(_question(store, query, floor) for query in QUERIES)
        slowest = max(slowest, *(_jumping(store, sort, floor) for sort in library.SORTS))
        print(f"memory {_megabytes():.0f} MB at the end")
        return slowest
    finally:
        store.close()


def _question(store: Store, query: str, floor: float) -> float:
    """A key stroke asks a text for the first time; the facets then find its titles in memory."""
    wanted = library.parse_query(query)
    times = []
    for _ in range(7):
        store.read_now(lambda db: db.catalogue.forget_texts())
        times.append(_once(lambda: _ask(store, wanted)))
    facets = _median(lambda: store.read_now(lambda db: library.facets(db, wanted)))
    _line(query or "(everything)", statistics.median(times), max(times), floor, f"facets {facets / floor:.2f}")
    return statistics.median(times)


def _jumping(store: Store, sort: str, floor: float) -> float:
    store.read_now(lambda db: library.id_vector(db, library.TitleFilter(), sort))
    times = [_once(lambda: _jump(store, sort)) for _ in range(7)]
    _line(f"jump to the middle, by {sort}", statistics.median(times), max(times), floor, "")
    return statistics.median(times)


def _line(what: str, median: float, worst: float, floor: float, more: str) -> None:
    share = f"{median / BUDGET_S:4.0%} of the budget (worst {worst / BUDGET_S:.0%})"
    print(f"  {what:42} {median / floor:5.2f} floors, {share} {more}")


def _ask(store: Store, wanted: library.TitleFilter) -> list[library.TitleRow]:
    """A key stroke: all matching ids in order, and the rows of the first screen."""
    ids = store.read_now(lambda db: library.id_vector(db, wanted))
    return store.read_now(lambda db: library.rows(db, ids[:64]))


def _jump(store: Store, sort: str) -> list[library.TitleRow]:
    ids = store.read_now(lambda db: library.id_vector(db, library.TitleFilter(), sort, descending=False))
    middle = len(ids) // 2
    return store.read_now(lambda db: library.rows(db, ids[middle : middle + 64]))


def _bare_ids(db: SqliteDatabase) -> "array[int]":
    return array("q", (row[0] for row in db.execute_sql("SELECT id FROM title")))


def _once(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def _median(what: Callable[[], object]) -> float:
    return statistics.median(_once(what) for _ in range(3))


def _megabytes() -> float:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


@contextmanager
def importing(paths: Paths, first: int) -> Iterator[None]:
    """Another process that adds 40 titles a second, in batches of 25."""
    command = [sys.executable, __file__, str(paths.data_dir), "--import-from", str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # its first batch is in
        try:
            yield
        finally:
            process.terminate()


def add_for_ever(paths: Paths, first: int) -> None:
    """Add titles until stopped."""
    inventor = Inventor(seed=first)
    store = Store.open(paths, exclusive=True)
    for start in itertools.count(first, 25):
        batch = [inventor.title(number) for number in range(start, start + 25)]
        store.write_now(lambda db, batch=batch: write_titles(db, batch, 2, round(time.time() * 1000)))
        print(start, flush=True)
        time.sleep(25 / 40)


def main() -> int:
    """Make the library if needed and measure it, with titles deleted at TMDb too; 1 when a question is over budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--titles", type=int, default=1_200_000)
    parser.add_argument("--import-from", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    paths = Paths(chosen.folder)
    if chosen.import_from is not None:
        add_for_ever(paths, chosen.import_from)
    if not paths.library.exists():
        generate(paths, chosen.titles)
    _edit(paths, lambda db: bury(db, 0))
    slowest = measure(paths, "at rest")
    _edit(paths, lambda db: bury(db, ONE_IN))
    slowest = max(slowest, measure(paths, f"at rest, one title in {ONE_IN} deleted at TMDb"))
    with importing(paths, _next_number(paths)):
        slowest = max(slowest, measure(paths, "the same while 40 titles a second come in"))
    print(f"\nslowest question: {slowest / BUDGET_S:.0%} of the 150 ms from key stroke to paint")
    return 0 if slowest <= BUDGET_S else 1


def _edit(paths: Paths, change: Callable[[SqliteDatabase], None]) -> None:
    store = Store.open(paths, exclusive=True)
    try:
        store.write_now(change)
    finally:
        store.close()


def _next_number(paths: Paths) -> int:
    store = Store.open(paths, exclusive=False)
    try:
        return int(store.read_now(lambda db: db.execute_sql("SELECT max(tmdb_id) FROM title").fetchone()[0]))
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
