"""The library's disk is full in the middle of an import, for real: a file system of a few megabytes."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gdvg_desktop.commands import history
from gdvg_desktop.core.errors import DiskFull
from gdvg_desktop.core.events import EngineStopped, Event
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store.runs import Incident
from gdvg_desktop.sync.commit import BATCH_TITLES
from gdvg_desktop.sync.filters import build_filter
from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess
from tests.support.library import BriskClock, app_on, held, job_of, queue_import, until

SMALL, LARGE = "4m", "400m"
LARGE_BYTES, KEPT_MB = 400 * 1024 * 1024, 200
MOST_ASKED_AGAIN = 10 + 4 + 2 * BATCH_TITLES  # on the wire or about to be, and unpaced: two batches not yet written


@dataclass(frozen=True)
class Disk:
    """A file system in memory of a given size."""

    folder: Path

    def resize(self, size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk; only root on Linux can make one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("root may not mount here")
    yield Disk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def to_the_brim(data_dir: Path) -> None:
    """Let work go on until the disk is full: no room is kept free."""
    data_dir.mkdir()
    (data_dir / "settings.toml").write_text("min_free_mb = 0\n", encoding="utf-8")


def test_a_full_disk_ends_an_import_with_its_reason_and_more_room_goes_on(disk: Disk, demo: DemoProcess) -> None:
    gdvg = CommandLine(disk.folder / "data", demo.environment())
    to_the_brim(gdvg.data_dir)
    with gdvg.start("import", "start") as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 5, out + err
    assert "full" in err and str(gdvg.data_dir) in err and "Traceback" not in err
    asked = demo.asked()
    assert 0 < len(asked) < len(demo.truth())
    still = gdvg.run("import", "start", exit_code=5)
    assert "full" in still.stderr and "Traceback" not in still.stderr
    disk.resize(LARGE)
    kept = gdvg.exported()
    assert kept <= demo.truth() and len(asked) - len(kept) <= MOST_ASKED_AGAIN
    waiting = gdvg.json("jobs", "list")
    assert [(one["failed"], one["added"]) for one in waiting] == [(0, len(kept))]
    job = gdvg.json("import", "start")
    assert (job["id"], job["state"], job["failed"]) == (waiting[0]["id"], "completed", 0)
    assert job["total"] == job["added"] == len(demo.truth())
    assert gdvg.exported() == demo.truth()
    assert all(demo.asked()[f"{kind}/{tmdb_id}"] == 1 for kind, tmdb_id in kept)


async def test_a_running_engine_goes_on_by_itself_once_there_is_room(disk: Disk) -> None:
    with DemoServer(DemoOptions(movies=280, series=110)) as demo:
        demo.faults.rate_limit = 0
        async with app_on(demo, disk.folder / "data", clock=BriskClock(), min_free_mb=0) as app:
            engine = app.engine
            assert engine is not None
            job = await queue_import(app, build_filter(types=(MediaType.MOVIE, MediaType.TV)))
            running = asyncio.create_task(engine.run())
            await until(lambda: isinstance(engine.blocked, DiskFull), "the full disk")
            assert 0 < len(await held(app)) == (await job_of(app, job.id)).added < len(demo.truth())
            disk.resize(LARGE)

            async def finished() -> bool:
                return (await job_of(app, job.id)).state is JobState.COMPLETED

            await until(finished, "the end")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            done = await job_of(app, job.id)
            assert (done.failed, done.added, done.total) == (0, len(demo.truth()), len(demo.truth()))
            assert await held(app) == demo.truth()


async def test_work_pauses_before_the_disk_is_full_and_goes_on_when_there_is_room(disk: Disk) -> None:
    disk.resize(LARGE)
    ballast = disk.folder / "ballast"
    with DemoServer(DemoOptions(movies=280, series=110)) as demo:
        demo.faults.rate_limit = 0
        demo.faults.latency_ms = 20
        async with app_on(
            demo, disk.folder / "data", clock=BriskClock(), max_connections=4, min_free_mb=KEPT_MB
        ) as app:
            engine, told = app.engine, list[Event]()
            assert engine is not None
            app.bus.subscribe(lambda event: told.append(event) if isinstance(event, EngineStopped) else None)
            job = await queue_import(app, build_filter(types=(MediaType.MOVIE, MediaType.TV)))
            running = asyncio.create_task(engine.run())

            async def some() -> bool:
                return (await job_of(app, job.id)).added > 0

            await until(some, "the first titles")
            ballast.write_bytes(bytes(LARGE_BYTES - KEPT_MB * 1_000_000))
            await until(lambda: isinstance(engine.blocked, DiskFull), "the pause")
            assert str(KEPT_MB) in str(engine.blocked) and len(told) == 1

            async def paused() -> bool:
                return (await job_of(app, job.id)).state is JobState.PAUSED

            await until(paused, "the paused job")
            assert 0 < (await job_of(app, job.id)).added < len(demo.truth())
            ballast.unlink()

            async def finished() -> bool:
                return (await job_of(app, job.id)).state is JobState.COMPLETED

            await until(finished, "the end")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert await held(app) == demo.truth() and max(demo.stats.detail_requests.values()) == 1
            kinds = [one.kind for one in (await history.show(app, job.id)).incidents]
            assert kinds == [Incident.PAUSED]


def test_a_disk_without_the_room_to_keep_starts_nothing_and_says_how_much(disk: Disk, demo: DemoProcess) -> None:
    disk.resize(LARGE)
    gdvg = CommandLine(disk.folder / "data", demo.environment())
    said = gdvg.run("import", "start", exit_code=5).stderr
    assert "500 MB" in said and "Traceback" not in said
    assert demo.asked() == {} and [one["state"] for one in gdvg.json("jobs", "list")] == ["pending"]
    gdvg.data_dir.joinpath("settings.toml").write_text("min_free_mb = 10\n", encoding="utf-8")
    assert gdvg.json("import", "start")["state"] == "completed"
