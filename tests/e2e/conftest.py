"""Whole programs against each other: `gdvg` and the demo server, each a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess


@pytest.fixture
def demo() -> Iterator[DemoProcess]:
    """A demo server whose imports take some seconds at 60 requests a second."""
    with DemoProcess(movies=280, series=110, latency_ms=10) as demo:
        yield demo


@pytest.fixture
def gdvg(demo: DemoProcess, tmp_path: Path) -> CommandLine:
    """The command line on an empty data folder, at 60 requests a second."""
    return CommandLine(tmp_path / "data", demo.environment(GDVG_REQUESTS_PER_SECOND="60"))
