"""How long it takes from TMDb's export file to knowing which ids are missing and which have vanished.

    python benchmarks/gap_analysis.py [--export N] [--held N] [--runs N] [--accept RATIO]

Ours begins with the gzipped file and a library of titles: the file is inflated, checked and decoded, its ids are set
against those of the library both ways. The floor is SQLite's NOT EXISTS both ways on ready tables of nothing but ids,
fully cached. The runs are interleaved; only the ratio means something. How much memory ours takes beyond a process
that has loaded everything is measured in a process of its own.
"""

import argparse
import gzip
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths, open_paths
from gdvg_desktop.store import coverage, exports
from gdvg_desktop.store.db import Store
from gdvg_desktop.tmdb.export_rows import read_ids

SEED = 5
HIGHEST = 1_760_000  # TMDb's ids are sparse: so high for 1.24 million movies
VANISHED = 10_000
MOST_MB = 64
SYLLABLES = ("ka", "lo", "mi", "ra", "ten", "vor", "sha", "del", "qui", "no", "bar", "est", "ul", "fen", "gri")


def make(folder: Path, exported: int, held: int) -> None:
    """An export file, a library that holds part of it and some more, and ready tables of the same ids."""
    pick = random.Random(SEED)
    ids = sorted(pick.sample(range(1, HIGHEST), exported))
    library = sorted(
        pick.sample(ids, held - VANISHED) + pick.sample(sorted(set(range(1, HIGHEST)) - set(ids)), VANISHED)
    )
    with gzip.open(folder / "movie_ids.json.gz", "wb") as file:
        for start in range(0, exported, 10_000):
            file.write(b"".join(_line(pick, tmdb_id) for tmdb_id in ids[start : start + 10_000]))
    store = Store.open(open_paths(folder / "data"), exclusive=True)
    try:
        store.write_now(
            lambda db: db.connection().executemany(
                "INSERT INTO title (id, media_type, tmdb_id, title, language, completeness, content_hash, fetched_at, "
                "checked_at, created_at) VALUES (?, 'movie', ?, 'A title', 'en-US', 50, x'00', 1, 1, 1)",
                [(one * 2, one) for one in library],
            )
        )
    finally:
        store.close()
    ready = sqlite3.connect(folder / "ready.db")
    for table, values in (("exported", ids), ("held", library)):
        ready.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
        ready.executemany(f"INSERT INTO {table} VALUES (?)", ((one,) for one in values))
    ready.execute("ANALYZE")
    ready.commit()
    ready.close()


def _line(pick: random.Random, tmdb_id: int) -> bytes:
    words = " ".join("".join(pick.choices(SYLLABLES, k=pick.randint(1, 4))) for _ in range(pick.randint(1, 4)))
    liked = round(pick.paretovariate(1.2) - 1, 4)
    video = "true" if pick.random() < 0.03 else "false"
    return (
        f'{{"adult":false,"id":{tmdb_id},"original_title":"{words.title()}","popularity":{liked},"video":{video}}}\n'
    ).encode()


def ours(store: Store, file: Path) -> tuple[int, int]:
    """From the file to the ids that are missing and the ones that have vanished."""
    found = read_ids(file)
    exported = exports.id_set(found.ids)
    held = store.read_now(lambda db: coverage.held_ids(db, MediaType.MOVIE))
    return len(exported - held), len(held - exported)


def floor(ready: sqlite3.Connection) -> tuple[int, int]:
    """The same by SQL on ready tables."""
    missing = ready.execute("SELECT id FROM exported AS e WHERE NOT EXISTS (SELECT 1 FROM held WHERE id = e.id)")
    vanished = ready.execute("SELECT id FROM held AS h WHERE NOT EXISTS (SELECT 1 FROM exported WHERE id = h.id)")
    return len(missing.fetchall()), len(vanished.fetchall())


def measure_memory(folder: Path) -> float:
    """MB this process grows by over one analysis, everything loaded before. For a process of its own."""
    store = Store.open(Paths(folder / "data"), exclusive=False)
    small = folder / "small.json.gz"
    small.write_bytes(gzip.compress(b'{"id":1}\n'))
    read_ids(small)
    store.read_now(lambda db: db.execute_sql("SELECT 1").fetchone())
    assert BitMap([1])
    before = _memory("VmRSS")
    ours(store, folder / "movie_ids.json.gz")
    after = _memory("VmHWM")
    store.close()
    return (after - before) / 1024


def _memory(name: str) -> int:
    """KB this process takes (VmRSS) or took at most (VmHWM). Not `getrusage`, which counts the parent as well."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main() -> int:
    """Print the ratio of interleaved runs and the growth; 1 when one is worse than accepted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--export", type=int, default=1_200_000)
    parser.add_argument("--held", type=int, default=700_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--accept", type=float, default=1.5)
    parser.add_argument("--memory-in", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.memory_in is not None:
        print(measure_memory(chosen.memory_in))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, chosen.export, chosen.held)
        told = subprocess.run(
            [sys.executable, __file__, "--memory-in", name], check=True, capture_output=True, text=True
        )
        growth = float(told.stdout)
        store = Store.open(Paths(folder / "data"), exclusive=False)
        ready = sqlite3.connect(folder / "ready.db")
        ready.execute("PRAGMA cache_size = -200000")
        assert ours(store, folder / "movie_ids.json.gz") == floor(ready), "both find the same"
        pairs = []
        for _ in range(chosen.runs):
            started = time.perf_counter()
            ours(store, folder / "movie_ids.json.gz")
            between = time.perf_counter()
            floor(ready)
            pairs.append((between - started, time.perf_counter() - between))
        store.close()
        ready.close()
    ratio = statistics.median(mine for mine, _ in pairs) / statistics.median(bare for _, bare in pairs)
    spread = [f"{mine / bare:.2f}" for mine, bare in pairs]
    print(f"{chosen.export:,} ids of an export against {chosen.held:,} held, {VANISHED:,} of them vanished")
    print(
        f"export file to decision against NOT EXISTS on ready tables: {ratio:.2f} (runs {', '.join(spread)}; goal 1.2)"
    )
    print(f"memory growth: {growth:.0f} MB (goal under {MOST_MB})")
    return 0 if ratio <= chosen.accept and growth < MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
