"""A killed delta run is started again and ends exactly, having asked next to nothing twice."""

import logging
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
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
    pytest.mark.timeout(180 + 15 * KILLS),
]


@pytest.fixture
def demo() -> Iterator[DemoProcess]:
    with DemoProcess(movies=320, series=160, latency_ms=10) as demo:
        yield demo


def kill_after(gdvg: CommandLine, demo: DemoProcess, requests: int) -> None:
    """Start a delta run and kill it once so many requests have arrived."""
    before = demo.stats()["requests"]
    with gdvg.start("--json", "sync", "delta") as process:

        def reached() -> bool:
            assert process.poll() is None, "the run ended before its time"
            return bool(demo.stats()["requests"] - before >= requests)

        until(reached, f"{requests} requests")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


def keys(found: Any) -> set[tuple[str, int]]:
    return {(kind, number) for kind, number in found}


def test_a_delta_run_killed_again_and_again_ends_exactly(gdvg: CommandLine, demo: DemoProcess) -> None:
    assert gdvg.json("import", "start", GDVG_REQUESTS_PER_SECOND="0")["state"] == "completed"
    imported = demo.truth()
    assert gdvg.exported() == imported
    first = Counter(demo.asked())

    demo.order(freeze_exports=True)
    edited = keys(demo.order(edit=90)["edited"])
    deleted = keys(demo.order(delete=12, unlisted=True)["deleted"])
    demo.order(add_movies=30, add_series=10)

    seed = random.randrange(10**6)
    log.info("random moments of seed %d", seed)
    repeated = 0
    for life in range(KILLS):
        kill_after(gdvg, demo, random.Random(seed + life).randrange(2, 30))
        asked = Counter(demo.asked()) - first
        again = sum(asked.values()) - len(asked)
        assert again - repeated <= MOST_AGAIN
        repeated = again
    job = gdvg.json("sync", "delta", GDVG_REQUESTS_PER_SECOND="0")
    assert (job["state"], job["failed"], job["left"]) == ("completed", 0, 0)
    assert [one["id"] for one in gdvg.json("jobs", "list")] == [job["id"], 1]  # every start went on with the same job

    asked = Counter(demo.asked()) - first
    again = sum(asked.values()) - len(asked)
    assert again - repeated <= MOST_AGAIN
    log.info("asked again after %d kills: %d", KILLS, again)
    named = {(kind, int(number)) for kind, number in (one.split("/") for one in asked)}
    assert edited | deleted <= named
    truth = demo.truth()
    assert gdvg.exported() == truth | deleted

    now = sum(demo.asked().values())
    demo.order(release_exports=True)
    assert sum(gdvg.json("sync", "delta")["summary"]["tombstones"].values()) == len(deleted)
    assert sum(demo.asked().values()) == now  # whatever was killed, nothing is fetched twice by another run
    assert gdvg.exported() == truth
    status = gdvg.json("sync", "status")
    assert status["tombstones"] == len(deleted) and not status["waits_for_deletions"]
