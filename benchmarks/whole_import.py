"""How much longer a whole import takes than fetching the very same addresses and throwing the answers away.

    python benchmarks/whole_import.py [--runs N] [--latency-ms N] [--connections N] [--accept RATIO]

A demo server runs as a process of its own with the latency given; both sides use the same number of connections. The
floor is aiohttp alone: the same listing pages, then the same details, bodies read and dropped. The import lists, puts
in order, fetches, maps, stores and indexes. Runs are interleaved; only the ratio means something.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import aiohttp

from gdvg_desktop.app import open_app
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store import jobs
from gdvg_desktop.sync import planner
from gdvg_desktop.sync.filters import ImportFilter, build_filter
from gdvg_desktop.sync.listing import query_of
from gdvg_desktop.tmdb.details import details
from gdvg_desktop.tmdb.discover import STABLE_ORDERS, discover

KEY = "d" * 32
SCOPE = build_filter(types=(MediaType.MOVIE, MediaType.TV), date_from=date(1980, 1, 1))
LISTING_AT_ONCE = 8


@contextmanager
def demo(latency_ms: int, rate_limit: int = 0) -> Iterator[str]:
    """A demo server's API address; `rate_limit` is in requests a second, 0 for none."""
    options = ["--port", "0", "--rate-limit", str(rate_limit), "--latency-ms", str(latency_ms)]
    command = [sys.executable, "-m", "gdvg_desktop.demo", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield next(word for word in server.stdout.readline().split() if word.startswith("http"))
        finally:
            server.terminate()


def addresses(url: str) -> tuple[list[str], list[str]]:
    """The listing pages and the details the import asks for."""
    root = url.removesuffix("/3")
    with urllib.request.urlopen(f"{root}/_demo/truth?from=1980-01") as answer:
        truth = json.load(answer)
    titles = truth["titles"] if isinstance(truth, dict) else truth
    pages, bodies = [], []
    for window in planner.first_windows(SCOPE):
        count = sum(1 for kind, _ in titles if kind == window.media_type.value)
        query = query_of(SCOPE, window, STABLE_ORDERS[window.media_type][0])
        pages += [discover(query, page).target() for page in range(1, -(-count // planner.PAGE_SIZE) + 1)]
    for kind, tmdb_id in titles:
        bodies.append(details(MediaType(kind), tmdb_id, Settings().languages).target())
    return [f"{url}{path}&api_key={KEY}" for path in pages], [f"{url}{path}&api_key={KEY}" for path in bodies]


async def bare(pages: Sequence[str], bodies: Sequence[str], connections: int) -> float:
    """Seconds to fetch everything with aiohttp alone."""
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        for urls, at_once in ((pages, LISTING_AT_ONCE), (bodies, connections)):
            waiting = iter(urls)

            async def worker(waiting: Iterator[str] = waiting) -> None:
                for one in waiting:
                    async with session.get(one) as answer:
                        await answer.read()

            await asyncio.gather(*(worker() for _ in range(at_once)))
        return time.perf_counter() - began


async def whole(url: str, folder: Path, connections: int, chosen: ImportFilter, expected: int) -> float:
    """Seconds of the import, from the queued job to the finished one."""
    settings = replace(
        Settings(),
        tmdb_url=url,
        exports_url=f"{url.removesuffix('/3')}/p/exports",
        requests_per_second=0.0,
        max_connections=connections,
    )
    credentials = CredentialStore({"TMDB_API_KEY": KEY})
    async with open_app(open_paths(folder), settings, engine=True, credentials=credentials) as app:
        assert app.engine is not None
        began = time.perf_counter()
        job, _ = await app.store.write(lambda db: jobs.add(db, JobKind.IMPORT, "Bench", chosen.to_config(), 1))
        await app.engine.run(only=job.id)
        took = time.perf_counter() - began
        done = await app.store.read(lambda db: jobs.get(db, job.id))
    if done.state is not JobState.COMPLETED or done.added != expected:
        raise SystemExit(f"The import did not finish as it should: {done}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency-ms", type=int, default=40)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--accept", type=float, default=1.25)
    options = parser.parse_args()
    ratios = []
    with demo(options.latency_ms) as url:
        pages, bodies = addresses(url)
        asyncio.run(bare(pages, bodies, options.connections))  # the demo makes each body once
        for _ in range(options.runs):
            floor = asyncio.run(bare(pages, bodies, options.connections))
            with tempfile.TemporaryDirectory() as folder:
                took = asyncio.run(whole(url, Path(folder), options.connections, SCOPE, len(bodies)))
            ratios.append(took / floor)
    print(
        f"whole import / bare aiohttp fetch, {options.latency_ms} ms, {options.connections} connections: "
        f"{statistics.median(ratios):.2f} (runs {', '.join(f'{one:.2f}' for one in sorted(ratios))}; "
        f"goal 1.05, accept {options.accept})"
    )
    sys.exit(statistics.median(ratios) > options.accept)


if __name__ == "__main__":
    main()
