"""Settings are changed by several at once, in one process and in two, and nobody undoes what another changed."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gdvg_desktop.commands import settings
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.settings import load_settings
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.clock import FakeClock
from tests.support.library import app_on, until


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=20, series=10)) as server:
        yield server


async def look(clock: FakeClock) -> None:
    """Let one who follows the file look at it, and come to the end of what that leads to."""
    await until(lambda: clock.sleeping, "a rest between two looks")
    await clock.advance(settings.FOLLOW_S)
    await until(lambda: clock.sleeping, "the rest after a look")


def left_over(folder: Path) -> list[Path]:
    return list(folder.glob("*.new"))


async def test_changes_made_at_once_are_all_kept(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        wanted = {"on_close": "tray", "api_port": 9999, "theme": "dark", "max_attempts": 3, "movie_share": 70}
        await asyncio.gather(*(settings.change(app, **{name: value}) for name, value in wanted.items()))
        found = load_settings(app.paths.settings, {})
        assert {name: getattr(found, name) for name in wanted} == wanted
        assert {name: getattr(app.settings, name) for name in wanted} == wanted
        assert left_over(tmp_path) == []


async def test_a_change_leaves_alone_what_another_program_changed_a_moment_ago(
    demo: DemoServer, tmp_path: Path
) -> None:
    async with app_on(demo, tmp_path) as app, app_on(demo, tmp_path, engine=False) as other:
        await settings.change(other, api_enabled=True)
        await settings.change(app, theme="dark")  # before it has heard of the other change
        found = load_settings(app.paths.settings, {})
        assert (found.api_enabled, found.theme) == (True, "dark")


CHANGES = """
import sys
from pathlib import Path
from gdvg_desktop.commands.settings import save
from gdvg_desktop.core.settings import load_settings

path, name = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, 41):
    save(path, {name: number})
    assert getattr(load_settings(path), name) == number
"""


def test_two_processes_that_change_settings_do_not_undo_each_other(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    names = ("popular_top", "tmdb_daily_requests")  # each process finds its own change still there each time
    with ExitStack() as stack:
        running = []
        for name in names:
            process = subprocess.Popen(
                [sys.executable, "-c", CHANGES, str(path), name],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            running.append(stack.enter_context(process))
            stack.callback(process.kill)
        for process in running:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.communicate(timeout=100)[1] for process in running] == ["", ""]
    found = load_settings(path, {})
    assert (found.popular_top, found.tmdb_daily_requests) == (40, 40)


async def test_what_another_program_breaks_is_told_once_and_ends_nothing(
    demo: DemoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with app_on(demo, tmp_path, clock=clock) as app:
        following = asyncio.create_task(settings.follow(app))
        try:
            await look(clock)
            for text in ("proxy = 'http://[::1:9'", "tmdb_url = 'http://host:abc/3'", "max_attempts = 'x'", "theme = "):
                caplog.clear()
                app.paths.settings.write_text(text, encoding="utf-8")
                for _ in range(3):
                    await look(clock)
                assert [one.levelname for one in caplog.records] == ["WARNING"]
                assert (app.settings.proxy, app.settings.tmdb_url) == ("", demo.url)
            app.paths.settings.write_text("max_attempts = 3", encoding="utf-8")
            await look(clock)
            assert app.settings.max_attempts == 3
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def test_a_file_that_is_broken_meanwhile_is_named_and_left_alone(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        app.paths.settings.write_text("theme = ", encoding="utf-8")
        with pytest.raises(UsageError, match=r"settings\.toml"):
            await settings.change(app, max_attempts=3)
        assert app.paths.settings.read_text(encoding="utf-8") == "theme = "
        assert app.settings.max_attempts != 3
