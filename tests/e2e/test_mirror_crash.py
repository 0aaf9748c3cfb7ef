"""A mirror killed while it reads the export or fetches is started again and ends complete, asking little twice."""

import logging
import os
import random
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from gdvg_desktop.core.settings import Settings
from gdvg_desktop.sync.commit import BATCH_TITLES
from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess, until

log = logging.getLogger(__name__)

KILLS = int(os.environ.get("GDVG_KILLS", "4"))
MOST_AGAIN = Settings().max_connections + BATCH_TITLES  # what was on the wire and one batch not yet written

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
    pytest.mark.timeout(120 + 10 * KILLS),
]


@pytest.fixture
def demo() -> Iterator[DemoProcess]:
    """A demo server with some seconds of work for each life of the mirror."""
    with DemoProcess(movies=60 * KILLS, series=25 * KILLS, latency_ms=10) as demo:
        yield demo


def phase_of(gdvg: CommandLine) -> str | None:
    """The phase of the mirror job as another process sees it; None before there is one."""
    library = gdvg.data_dir / "library.db"
    if not library.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{library}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT phase FROM job WHERE kind = 'mirror' AND state = 'running'").fetchone()
    except sqlite3.OperationalError:  # not made yet
        return None
    return row[0] if row else None


def kill_when(gdvg: CommandLine, moment: Callable[[], Any], what: str) -> None:
    """Start the mirror and kill it at a moment."""
    with gdvg.start("--json", "mirror", "start") as process:

        def reached() -> Any:
            assert process.poll() is None, "the mirror ended before its time"
            return moment()

        until(reached, what)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


def test_a_mirror_killed_again_and_again_ends_complete(gdvg: CommandLine, demo: DemoProcess) -> None:
    for phase in ("plan", "fetch"):  # while the exports are read, and as soon as fetching begins
        kill_when(gdvg, lambda wanted=phase: phase_of(gdvg) == wanted, f"the phase {phase}")  # type: ignore[misc]
    seed = random.randrange(10**6)
    log.info("random moments of seed %d", seed)
    share = max(2, (2 * len(demo.truth())) // 3 // KILLS)
    for life in range(KILLS):
        goal = demo.detail_requests() + random.Random(seed + life).randrange(share)
        kill_when(gdvg, lambda goal=goal: demo.detail_requests() > goal, f"{goal} requests")  # type: ignore[misc]
    job = gdvg.json("mirror", "start", GDVG_REQUESTS_PER_SECOND="0")
    assert (job["state"], job["failed"], job["gone"]) == ("completed", 0, 0)
    assert gdvg.exported() == demo.truth()
    assert job["total"] == job["added"] + job["skipped"] and job["added"] == len(demo.truth())
    asked = demo.asked()
    again = sum(asked.values()) - len(asked)
    log.info("%d titles asked for again over %d kills", again, KILLS + 2)
    assert again <= MOST_AGAIN * (KILLS + 1)
    assert job["summary"]["mode"] == "delta" and job["summary"]["percent"] == 100.0
    mirrors = [one["id"] for one in gdvg.json("jobs", "list") if one["kind"] == "mirror"]
    assert mirrors == [job["id"]]  # every start went on with the same job


def test_the_books_of_the_day_survive_a_kill(gdvg: CommandLine, demo: DemoProcess) -> None:
    gdvg.data_dir.mkdir(parents=True, exist_ok=True)
    (gdvg.data_dir / "settings.toml").write_text("mirror_daily_requests = 200\n", encoding="utf-8")
    for goal in (60, 120):
        kill_when(gdvg, lambda goal=goal: demo.detail_requests() > goal, f"{goal} requests")  # type: ignore[misc]
    job = gdvg.json("mirror", "start", GDVG_REQUESTS_PER_SECOND="0")
    assert job["reason"] == "budget"
    assert 200 <= demo.detail_requests() <= 200 + 2 * MOST_AGAIN
