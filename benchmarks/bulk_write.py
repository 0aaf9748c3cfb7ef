"""How much slower `write_titles` is than bare `executemany` of the very same rows.

    python benchmarks/bulk_write.py [--batches N] [--runs N] [--accept RATIO]

Both write the same batches of 25 titles, each batch in one transaction, into files of the same schema with the same
settings; the runs are interleaved. The floor is every row of every table through its INSERT and nothing else: no
question whether a title is known, no upsert, no shared row written once. Only the ratio means something.

Then the same titles come again, as in a refresh: once as they were, once with an overview and a list that changed.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from million import Inventor
from peewee import SqliteDatabase

from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.titles import CHILD_TABLES, SHARED_TABLES, TITLE_COLUMNS, TitleRows, write_titles

BATCH = 25
NOW_MS = 1_790_000_000_000
_REST = ("content_hash", "fetched_at", "checked_at", "created_at", "job_id", "first_job_id")


def invent(batches: int) -> list[list[TitleRows]]:
    """Titles as large as real ones: about 200 rows each."""
    inventor, pick = Inventor(seed=3), random.Random(3)
    made = []
    for number in range(batches * BATCH):
        rows = inventor.title(number)
        key = rows.title_id
        people = pick.sample(range(1, 60_000), 50)
        rows.shared["person"] = [
            (one, f"Person {one}", f"Person {one}", 1, 0, "Acting", f"/{one}.jpg", 1.5) for one in people
        ]
        rows.children["credit"] = [
            (key, place, "cast", one, f"{key:x}{place}", place, place, "Some role", None, None, None, None)
            for place, one in enumerate(people)
        ]
        words = pick.sample(range(1, 20_000), 12)
        rows.shared["keyword"] = [(one, f"keyword {one}") for one in words]
        rows.children["title_keyword"] = [(key, place, one) for place, one in enumerate(words)]
        rows.children["image"] = [
            (key, place, "poster", f"/{key:x}{place}.jpg", "en", None, 1000, 1500, 0.667, 5.3, 4) for place in range(30)
        ]
        rows.children["translation"] = [
            (key, place, "de", "DE", "Deutsch", "German", f"Titel {place}", "Ein Text. " * 20, None, None, None)
            for place in range(30)
        ]
        rows.children["title_release"] = [(key, place, "US", 3, "2020-01-01", "PG", None, None) for place in range(20)]
        rows.children["video"] = [
            (key, place, f"{key:x}{place}", "Trailer", "YouTube", "abc", "Trailer", 1, 1080, "en", "US", NOW_MS)
            for place in range(5)
        ]
        made.append(rows)
    return [made[start : start + BATCH] for start in range(0, len(made), BATCH)]


def ours(db: SqliteDatabase, batch: list[TitleRows]) -> None:
    """The real thing."""
    write_titles(db, batch, 1, NOW_MS)


def floor(db: SqliteDatabase, batch: list[TitleRows]) -> None:
    """Bare `executemany`, table by table."""
    connection = db.connection()
    for table, columns in SHARED_TABLES.items():
        values = [row for rows in batch for row in rows.shared.get(table, ())]
        if values:
            connection.executemany(_insert(table, columns, "OR IGNORE "), values)
    connection.executemany(
        _insert("title", (*TITLE_COLUMNS, *_REST)),
        [(*rows.title, rows.content_hash, NOW_MS, NOW_MS, NOW_MS, 1, 1) for rows in batch],
    )
    for table, columns in CHILD_TABLES.items():
        values = [row for rows in batch for row in rows.children.get(table, ())]
        if values:
            connection.executemany(_insert(table, columns), values)
    connection.executemany(
        _insert("title_search", ("title_id", "text")), [(rows.title_id, rows.search_text) for rows in batch]
    )


def _insert(table: str, columns: tuple[str, ...], mode: str = "") -> str:
    return f"INSERT {mode}INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def refreshed(batches: list[list[TitleRows]]) -> tuple[float, float]:
    """Seconds to write all batches again: as they were, and with every title changed."""
    changed = [[_changed(rows) for rows in batch] for batch in batches]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Paths(Path(folder)), exclusive=True)
        try:
            times = []
            for some in (batches, batches, changed):
                started = time.perf_counter()
                for batch in some:
                    store.write_now(lambda db, batch=batch: ours(db, batch))
                times.append(time.perf_counter() - started)
            return times[1], times[2]
        finally:
            store.close()


def _changed(rows: TitleRows) -> TitleRows:
    place = TITLE_COLUMNS.index("overview")
    title = (*rows.title[:place], "Another text.", *rows.title[place + 1 :])
    return replace(rows, title=title, children=rows.children | {"image": rows.children["image"][1:]})


def timed(write: Callable[[SqliteDatabase, list[TitleRows]], None], batches: list[list[TitleRows]]) -> float:
    """Seconds to write all batches into a new library."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Paths(Path(folder)), exclusive=True)
        try:
            started = time.perf_counter()
            for batch in batches:
                store.write_now(lambda db, batch=batch: write(db, batch))
            return time.perf_counter() - started
        finally:
            store.close()


def main() -> int:
    """Print the ratio of interleaved runs; 1 when it is worse than accepted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--accept", type=float, default=1.5)
    chosen = parser.parse_args()
    batches = invent(chosen.batches)
    rows = sum(len(some) for batch in batches for title in batch for some in title.children.values())
    pairs = [(timed(ours, batches), timed(floor, batches)) for _ in range(chosen.runs)]
    ratio = statistics.median(mine for mine, _ in pairs) / statistics.median(bare for _, bare in pairs)
    spread = [f"{mine / bare:.2f}" for mine, bare in pairs]
    print(f"{chosen.batches * BATCH:,} titles with {rows:,} rows of their own in batches of {BATCH}")
    print(f"bulk write against bare executemany: {ratio:.2f} (runs {', '.join(spread)}; goal 1.25)")
    bare = statistics.median(bare for _, bare in pairs)
    same, changed = refreshed(batches)
    print(f"refresh against the same floor: unchanged titles {same / bare:.2f}, changed titles {changed / bare:.2f}")
    return 0 if ratio <= chosen.accept else 1


if __name__ == "__main__":
    sys.exit(main())
