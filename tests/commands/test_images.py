"""Where images are: asked of TMDb once a week, remembered, and never guessed for a server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.commands import images
from gdvg_desktop.core.clock import SystemClock
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.library import app_on


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=5, series=5)) as server:
        yield server


class LaterClock(SystemClock):
    """The machine's clock, some seconds ahead."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


async def test_the_base_is_asked_for_once_a_week(demo: DemoServer, tmp_path: Path) -> None:
    clock = LaterClock()
    async with app_on(demo, tmp_path, clock=clock) as app:
        first = await images.source(app)
        asked = app.client.status().requests_today
        assert first.base_url.startswith(demo.url.removesuffix("/3")) and first.base_url.endswith("/")
        assert await images.source(app) == first
        assert app.client.status().requests_today == asked == 1
        clock.ahead = 8 * 86_400.0
        assert await images.source(app) == first
        assert app.client.status().requests_today >= 1


async def test_without_a_key_a_known_base_serves_on(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        known = await images.source(app)
    clock = LaterClock()
    clock.ahead = 30 * 86_400.0
    async with app_on(demo, tmp_path, key=None, clock=clock) as app:
        assert await images.source(app) == known


async def test_a_server_on_this_machine_has_no_usual_image_host(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, key=None) as app:
        with pytest.raises(UsageError):
            await images.source(app)


async def test_tmdb_has_its_usual_host_until_it_can_be_asked(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, key=None, requests_per_second=20.0) as app:
        assert app.credential is None
        object.__setattr__(app.settings, "tmdb_url", "https://api.themoviedb.org/3")
        found = await images.source(app)
        assert found.base_url == images.DEFAULT_BASE
        assert app.client.status().requests_today == 0
