"""The command line as users start it: a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = "d" * 32


def environment_of(url: str, exports_url: str, **changes: str) -> dict[str, str]:
    """The environment in which `gdvg` takes a demo server for TMDb, unpaced unless `changes` say otherwise."""
    return dict(os.environ) | {
        "GDVG_TMDB_URL": url,
        "GDVG_EXPORTS_URL": exports_url,
        "GDVG_REQUESTS_PER_SECOND": "0",
        "TMDB_API_KEY": KEY,
        **changes,
    }


@dataclass
class CommandLine:
    """Runs `gdvg` with one data folder and environment."""

    data_dir: Path
    environment: dict[str, str]
    program: tuple[str, ...] = ("-m", "gdvg_desktop")

    def start(self, *arguments: str, **changes: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *self.program, "--data-dir", str(self.data_dir), *arguments],
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
