"""A program with its control API over a demo server, for each module one."""

from collections.abc import Iterator

import pytest

from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.control import Client, Served, served


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    """A small catalogue without a rate limit."""
    with DemoServer(DemoOptions(movies=120, series=60)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture(scope="module")
def program(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running program, for the tests of one module."""
    with served(demo, tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def client(program: Served) -> Client:
    return program.client
