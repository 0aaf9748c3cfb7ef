"""The command line as users start it: a process of its own, against the demo server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.demo.server import DemoOptions, DemoServer

KEY = "d" * 32


@dataclass
class CommandLine:
    """Runs `gdvg` with one data folder and environment."""

    data_dir: Path
    environment: dict[str, str]

    def start(self, *arguments: str, **changes: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "gdvg_desktop", "--data-dir", str(self.data_dir), *arguments],
            env=self.environment | changes,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *arguments: str, exit_code: int = 0, **changes: str) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments, **changes) as process:
            out, err = process.communicate(timeout=100)
        assert process.returncode == exit_code, f"{arguments}: exit {process.returncode}\n{out}\n{err}"
        assert KEY not in out + err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str, exit_code: int = 0, **changes: str) -> Any:
        return json.loads(self.run("--json", *arguments, exit_code=exit_code, **changes).stdout)

    def exported(self) -> set[tuple[str, int]]:
        rows = [json.loads(line) for line in self.run("titles", "export", "--output", "-").stdout.splitlines()]
        keys = [(row["media_type"], row["tmdb_id"]) for row in rows]
        assert len(keys) == len(set(keys))
        return set(keys)


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoServer]:
    """One demo server for the whole run; tests that change its faults put them back."""
    with DemoServer(DemoOptions(movies=160, series=80)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def gdvg(demo: DemoServer, tmp_path: Path) -> CommandLine:
    environment = dict(os.environ) | {
        "GDVG_TMDB_URL": demo.url,
        "GDVG_EXPORTS_URL": demo.exports_url,
        "GDVG_REQUESTS_PER_SECOND": "0",
        "TMDB_API_KEY": KEY,
    }
    return CommandLine(tmp_path / "data", environment)
