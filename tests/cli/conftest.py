"""The command line against the demo server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.command_line import CommandLine, environment_of


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoServer]:
    """One demo server for the whole run; tests that change its faults put them back."""
    with DemoServer(DemoOptions(movies=160, series=80)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def gdvg(demo: DemoServer, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", environment_of(demo.url, demo.exports_url))
