"""The workflow that ships for GitHub Actions: well formed, and standing still unless the flag is exactly false."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gdvg_desktop.core.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "examples" / "gdvg-sync.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    loaded["on"] = loaded.pop(True)  # what YAML 1.1 makes of the key on
    return loaded  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return workflow["jobs"]["sync"]["steps"]  # type: ignore[no-any-return]


def test_it_can_be_started_by_schedule_and_from_here(workflow: dict[str, Any]) -> None:
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    assert len(workflow["on"]["schedule"]) == 1
    assert len(workflow["on"]["schedule"][0]["cron"].split()) == 5


def test_every_job_waits_for_the_flag_before_it_takes_a_runner(workflow: dict[str, Any]) -> None:
    variable = Settings().github_variable
    for job in workflow["jobs"].values():
        assert job["if"] == f"vars.{variable} == 'false'"  # one condition: nothing may be or'ed to it


def test_the_flag_is_checked_before_anything_else_happens(steps: list[dict[str, Any]]) -> None:
    first = steps[0]
    assert first["env"] == {"PAUSED": f"${{{{ vars.{Settings().github_variable} }}}}"}
    assert "if" not in first and not first.get("continue-on-error")
    for step in steps[1:]:
        condition = step.get("if", "")
        # only what follows a sync that ran may go on after a failure
        assert condition == "" or "steps.sync.outcome == 'success'" in condition, step


@pytest.mark.skipif(shutil.which("bash") is None, reason="the step is for bash")
@pytest.mark.parametrize("value", [None, "", "true", "False", "FALSE", " false", "false ", "0", "no", "false\ntrue"])
def test_anything_but_false_ends_the_run(steps: list[dict[str, Any]], value: str | None) -> None:
    assert run_step(steps[0]["run"], value).returncode == 1


@pytest.mark.skipif(shutil.which("bash") is None, reason="the step is for bash")
def test_false_lets_it_go_on(steps: list[dict[str, Any]]) -> None:
    assert run_step(steps[0]["run"], "false").returncode == 0


@pytest.mark.skipif(shutil.which("bash") is None, reason="the step is for bash")
@pytest.mark.parametrize(("ended", "expected"), [(0, 0), (124, 0), (130, 0), (1, 1), (3, 3), (5, 5)])
def test_a_sync_that_was_told_to_stop_is_no_failure(
    steps: list[dict[str, Any]], tmp_path: Path, ended: int, expected: int
) -> None:
    sync = next(step for step in steps if step.get("id") == "sync")
    fake = tmp_path / "timeout"
    fake.write_text(f"#!/bin/sh\nexit {ended}\n")
    fake.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SCOPE": "--type tv"}
    # as GitHub runs it
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", sync["run"]], env=environment)
    assert done.returncode == expected


def test_it_has_no_right_but_to_read_and_one_run_at_a_time(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"] == {"group": "gdvg-sync", "cancel-in-progress": False}
    assert "permissions" not in workflow["jobs"]["sync"] and "GITHUB_TOKEN" not in FILE.read_text(encoding="utf-8")


def test_the_key_comes_from_a_secret_and_stands_in_no_command(workflow: dict[str, Any]) -> None:
    job = workflow["jobs"]["sync"]
    assert job["env"]["TMDB_API_KEY"] == "${{ secrets.TMDB_API_KEY }}"
    assert all("secrets." not in step.get("run", "") and "${{" not in step.get("run", "") for step in job["steps"])


def run_step(script: str, value: str | None) -> "subprocess.CompletedProcess[bytes]":
    """Run a step's script as GitHub does, with the flag as its PAUSED."""
    environment = {"PATH": os.environ["PATH"]} | ({} if value is None else {"PAUSED": value})
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, env=environment, capture_output=True)
