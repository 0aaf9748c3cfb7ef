"""A small demo server shared by the tests of a module, put back in order before each, and a client that holds a key."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer

KEY = "0123456789abcdef0123456789abcdef"
TODAY = date(2026, 11, 21)
SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def running_demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=600, series=240, today=TODAY, faults=Faults(rate_limit=0))) as server:
        yield server


@pytest.fixture
def demo(running_demo: DemoServer) -> DemoServer:
    running_demo.faults.clear()
    running_demo.faults.rate_limit = 0
    running_demo.faults.latency_ms = 0
    running_demo.catalogue.restore()
    running_demo.stats.reset()
    return running_demo


@pytest.fixture
def client(demo: DemoServer) -> Iterator[httpx.Client]:
    """Asks the demo's API with a v3 key."""
    with httpx.Client(base_url=demo.url, params={"api_key": KEY}, verify=False) as session:
        yield session


@pytest.fixture
def plain() -> Iterator[httpx.Client]:
    """Asks without a key; whole addresses only."""
    with httpx.Client(verify=False) as session:  # there is no TLS here, and loading the certificates is slow
        yield session
