"""A killed import is started again and ends with exactly the truth, having asked next to nothing twice.

`GDVG_KILLS=20` kills more often than the few times of every day; `--log-cli-level=info` tells what was asked again.
"""

import json
import logging
import os
import random
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gdvg_desktop.core.settings import Settings
from gdvg_desktop.sync.commit import BATCH_TITLES
from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess, until

log = logging.getLogger(__name__)

KILLS = int(os.environ.get("GDVG_KILLS", "5"))
SCOPE = ("--from", "1930")
MOST_AGAIN = Settings().max_connections + BATCH_TITLES  # what was on the wire and one batch not yet written

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
    pytest.mark.timeout(120 + 10 * KILLS),
]


@pytest.fixture
def demo() -> Iterator[DemoProcess]:
    """A demo server with some seconds of work for each life of an import."""
    with DemoProcess(movies=56 * KILLS, series=22 * KILLS, latency_ms=10) as demo:
        yield demo


class Life:
    """One import under way, and the moment at which it is to end."""

    def __init__(self, gdvg: CommandLine, demo: DemoProcess) -> None:
        self._demo = demo
        self._before = demo.stats()["requests"]
        self.process = gdvg.start("--json", "import", "start", *SCOPE)

    def end(self, how: signal.Signals, after: int) -> tuple[int, str]:
        """Send the signal once `after` requests have arrived (0: at once); the exit code and what was printed."""

        def reached() -> bool:
            assert self.process.poll() is None, "the import ended before its time"
            return self._demo.stats()["requests"] - self._before >= after

        with self.process:
            until(reached, f"{after} requests")
            self.process.send_signal(how)
            out, _ = self.process.communicate(timeout=30)
        return self.process.returncode, out


def again(demo: DemoProcess) -> int:
    """Detail requests for titles that had been asked for before."""
    asked = demo.asked()
    return sum(asked.values()) - len(asked)


def moments(demo: DemoProcess, most: int) -> list[int]:
    """For each life a random number of requests, together at most three quarters of what the import needs."""
    seed = random.randrange(10**6)
    log.info("random moments of seed %d", seed)
    share = max(2, (3 * len(demo.truth(from_="1930-01")) // 4) // most)
    return [random.Random(seed + life).randrange(share) for life in range(most)]


def run_to_the_end(gdvg: CommandLine, demo: DemoProcess) -> Any:
    """Start the import once more, let it end, and check what it brought."""
    job = gdvg.json("import", "start", *SCOPE, GDVG_REQUESTS_PER_SECOND="0")
    assert (job["state"], job["failed"], job["gone"]) == ("completed", 0, 0)
    assert job["total"] == job["added"] + job["updated"] + job["skipped"] + job["failed"] + job["gone"]
    truth = demo.truth(from_="1930-01")
    assert gdvg.exported() == truth
    assert job["added"] == job["total"] == len(truth)
    assert [one["id"] for one in gdvg.json("jobs", "list")] == [job["id"]]  # every start went on with the same job
    return job


def test_an_import_killed_again_and_again_loses_nothing(gdvg: CommandLine, demo: DemoProcess) -> None:
    repeated: list[int] = []
    for moment in moments(demo, KILLS):
        code, _ = Life(gdvg, demo).end(signal.SIGKILL, moment)
        assert code == -signal.SIGKILL
        repeated.append(again(demo) - sum(repeated))
    run_to_the_end(gdvg, demo)
    repeated.append(again(demo) - sum(repeated))
    log.info("asked again after each of %d kills: %s", KILLS, repeated[1:])
    assert repeated[0] == 0
    assert max(repeated) <= MOST_AGAIN


def test_an_import_told_to_end_stores_what_it_holds(gdvg: CommandLine, demo: DemoProcess) -> None:
    for moment in moments(demo, 3):
        code, out = Life(gdvg, demo).end(signal.SIGTERM, moment + 1)
        assert code == 130
        assert json.loads(out)["state"] == "interrupted"
    job = run_to_the_end(gdvg, demo)
    assert again(demo) == 0  # answers on the wire were waited for
    assert job["requests"] == demo.stats()["requests"]
