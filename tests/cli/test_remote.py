"""`gdvg remote` as users start it, against a small GitHub on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.demo.server import DemoServer
from tests.support.command_line import CommandLine, environment_of
from tests.support.fake_github import TOKEN, FakeGithub


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        yield server


@pytest.fixture
def gdvg(demo: DemoServer, github: FakeGithub, tmp_path: Path) -> CommandLine:
    """With an address and a token of the environment; a process of a test finds no keyring."""
    environment = environment_of(demo.url, demo.exports_url, GDVG_GITHUB_URL=github.url, GDVG_GITHUB_TOKEN=TOKEN)
    return CommandLine(tmp_path / "data", environment)


def test_it_is_set_up_seen_paused_resumed_and_started(gdvg: CommandLine, github: FakeGithub) -> None:
    nothing = gdvg.json("remote", "status", exit_code=1)
    assert nothing["configured"] is False and "No remote workflow" in nothing["problem"]
    gdvg.run("remote", "setup", "--repository", "../mirror", exit_code=2)
    assert github.asked == []
    assert gdvg.json("remote", "setup", "--repository", "ann/mirror")["github_repository"] == "ann/mirror"
    github.add_run("failure")
    found = gdvg.json("remote", "status")
    assert (found["state"], found["paused"], found["runs"][0]["conclusion"]) == ("active", False, "failure")
    assert gdvg.json("remote", "pause") == {"repository": "ann/mirror", "workflow": "sync.yml", "paused": True}
    assert github.state == "disabled_manually"
    text = gdvg.run("remote", "status").stdout
    assert "sync.yml in ann/mirror is paused. The workflow is disabled." in text and "failure" in text
    refused = gdvg.json("remote", "run", exit_code=2)
    assert "disabled workflow" in refused["error"]["message"]
    gdvg.run("remote", "resume")
    started = gdvg.json("remote", "run")
    assert started["started"] and started["run_id"] == 9002
    assert gdvg.json("remote", "cancel", "9002") == {"cancelled": 9002}


def test_the_token_is_shown_by_its_end_only(gdvg: CommandLine, github: FakeGithub) -> None:
    gdvg.run("remote", "setup", "--repository", "ann/mirror")
    kept = gdvg.json("remote", "token", "--show")
    assert kept == {"present": True, "masked": f"…{TOKEN[-4:]}", "from_environment": True, "problem": None}
    assert gdvg.json("remote", "token", "--test")["workflow"] == "Sync"
    github.tokens.clear()
    for arguments, code in ((("pause",), 3), (("status",), 1)):
        with gdvg.start("remote", *arguments) as process:
            out, err = process.communicate(timeout=60)
        assert process.returncode == code and "expired or revoked" in out + err and TOKEN not in out + err
    for log in (gdvg.data_dir / "logs").rglob("*"):
        assert TOKEN not in log.read_text(encoding="utf-8")
    error = gdvg.json("remote", "token", "--remove", exit_code=2)["error"]
    assert "GDVG_GITHUB_TOKEN" in error["message"]


def test_a_pause_of_the_schedule_is_passed_on(gdvg: CommandLine, github: FakeGithub) -> None:
    gdvg.run("remote", "setup", "--repository", "ann/mirror", "--pause-by", "variable", "--follow")
    gdvg.run("schedule", "pause")
    assert github.variables == {"GDVG_SYNC_PAUSED": "true"}
    github.fault = "500"
    gdvg.run("schedule", "resume")  # GitHub out of reach is no reason to fail
    found = gdvg.json("remote", "status", exit_code=1)
    assert "could not be resumed" in found["follow_problem"] and found["follows_pause"] is True
    github.fault = ""
    gdvg.run("schedule", "pause")
    gdvg.run("schedule", "resume")
    assert github.variables == {"GDVG_SYNC_PAUSED": "false"}
    assert gdvg.json("remote", "status")["follow_problem"] is None
