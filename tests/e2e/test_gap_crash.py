"""A killed analysis and a killed fill are started again, go on, and end with the registry true."""

import json
import random
import signal
import sqlite3
import sys
from collections.abc import Iterator

import pytest

from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess, until

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"), pytest.mark.timeout(180)]


@pytest.fixture
def demo() -> Iterator[DemoProcess]:
    with DemoProcess(movies=150, series=60, latency_ms=10) as demo:
        yield demo


def library(gdvg: CommandLine) -> sqlite3.Connection:
    return sqlite3.connect(gdvg.data_dir / "library.db")


def kill(gdvg: CommandLine, demo: DemoProcess, after: int, *verb: str) -> None:
    """Start a verb and kill it once so many requests have arrived."""
    before = demo.stats()["requests"]
    with gdvg.start("--json", *verb) as process:
        until(lambda: process.poll() is not None or demo.stats()["requests"] - before >= after, f"{after} requests")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)


def test_killed_analyses_and_fills_lose_nothing(gdvg: CommandLine, demo: DemoProcess) -> None:
    gdvg.json("import", "start")
    held = gdvg.exported()
    dice = random.Random(11)
    with library(gdvg) as database:
        database.execute("PRAGMA foreign_keys = ON")
        ids = [row[0] for row in database.execute("SELECT id FROM title ORDER BY id")]
        removed = dice.sample(ids, len(ids) * 2 // 3)
        database.executemany("DELETE FROM title WHERE id = ?", [(one,) for one in removed])
    database.close()

    for after in (3, 12, 25):
        kill(gdvg, demo, after, "gaps", "analyze")
    found = gdvg.json("gaps", "analyze")
    assert found["gaps_by_type"]["sequential"] == len(removed)

    for after in (1, 30, 40):
        kill(gdvg, demo, after, "gaps", "fill")
        # at every moment a stored title is no gap any more, and what is missing still is one
        with library(gdvg) as database:
            gaps = {row[0] for row in database.execute("SELECT title_id FROM gap WHERE kind = 'sequential'")}
            titles = {row[0] for row in database.execute("SELECT id FROM title")}
        database.close()
        assert gaps == set(removed) - titles
    filled = gdvg.json("gaps", "fill")
    assert (filled["state"], filled["failed"], filled["gaps_left"]) == ("completed", 0, 0)
    assert gdvg.exported() == held
    assert gdvg.json("gaps", "analyze")["total_count"] == 0
    assert json.loads(gdvg.run("--json", "gaps", "list").stdout) == []
