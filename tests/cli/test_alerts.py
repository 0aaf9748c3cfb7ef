"""`gdvg alerts`, as scripts and people see it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.command_line import CommandLine
from tests.support.secret_service import can_run, secret_service

ADDRESS = "http://127.0.0.1:9/hook Bearer sesame-open-0815"


def test_rules_are_listed_changed_and_muted(gdvg: CommandLine) -> None:
    assert gdvg.json("alerts", "list") == {"alerts": []}
    assert gdvg.run("alerts", "list").stdout.strip() == "No alerts. All is well."
    found = {one["name"]: one for one in gdvg.json("alerts", "rules")["rules"]}
    assert len(found) == 14 and found["import_stalled"]["threshold"] == 36 and found["error_rate"]["threshold"] == 5
    changed = gdvg.json("alerts", "rule", "freshness", "--threshold", "120", "--severity", "error")
    assert (changed["threshold"], changed["severity"], changed["enabled"]) == (120, "error", True)
    assert gdvg.json("alerts", "rule", "freshness", "--default", "--off")["threshold"] == 150
    assert gdvg.json("alerts", "mute", "freshness")["muted"]
    assert not gdvg.json("alerts", "mute", "freshness", "--off")["muted"]
    assert "150 days" in gdvg.run("alerts", "rule", "freshness").stdout
    refused = gdvg.json("alerts", "rule", "freshness", "--threshold", "500", exit_code=2)
    assert "1 to 180" in refused["error"]["hint"]
    assert gdvg.json("alerts", "mute", "no_such", exit_code=2)["error"]["message"] == "There is no rule no_such."


def test_the_environment_sets_the_error_rate(gdvg: CommandLine) -> None:
    found = gdvg.json("alerts", "rules", TMDB_ERROR_RATE_THRESHOLD="12")["rules"]
    assert next(one for one in found if one["name"] == "error_rate")["threshold"] == 12
    gdvg.json("alerts", "rule", "error_rate", "--threshold", "7", exit_code=2, TMDB_ERROR_RATE_THRESHOLD="12")
    assert gdvg.json("alerts", "rule", "error_rate", "--threshold", "7")["threshold"] == 7


def test_what_does_not_exist_is_said(gdvg: CommandLine) -> None:
    for arguments in (
        ("ack", "7"),
        ("ack",),
        ("snooze", "7"),
        ("targets", "test", "7"),
        ("targets", "remove", "7"),
        ("targets", "add", "Hook", "--channel", "pigeon", "--address", "x"),
    ):
        assert gdvg.json("alerts", *arguments, exit_code=2)["error"]["message"]
    assert gdvg.json("alerts", "ack", "--all") == {"acknowledged": 0}


@pytest.mark.skipif(not can_run(), reason="needs dbus-daemon and gnome-keyring-daemon")
def test_an_address_comes_from_stdin_and_stays_in_the_keyring(gdvg: CommandLine) -> None:
    outputs: list[str] = []
    with secret_service() as environment:
        own = gdvg.environment | environment
        own.pop("PYTHON_KEYRING_BACKEND", None)

        def run(*arguments: str, code: int = 0) -> Any:
            command = [sys.executable, *gdvg.program, "--data-dir", str(gdvg.data_dir), "--json", "alerts", "targets"]
            done = subprocess.run(
                [*command, *arguments],
                input=ADDRESS + "\n",
                env=own,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert done.returncode == code, done.stdout + done.stderr
            outputs.append(done.stdout + done.stderr)
            return json.loads(done.stdout)

        made = run("add", "Hook", "--channel", "webhook", "--event", "error", "--event", "resolved")
        assert (made["name"], made["channel"], made["events"]) == ("Hook", "webhook", ["error", "resolved"])
        assert "cannot be reached" in run("test", "1", code=1)["error"]["message"]
        (target,) = run("list")["targets"]
        assert "cannot be reached" in target["problem"] and target["failed_at"]
        assert run("change", "1", "--digest", "--off")["enabled"] is False
        assert run("remove", "1") == {"removed": 1}
    files = b"".join(file.read_bytes() for file in gdvg.data_dir.rglob("*") if file.is_file())
    assert "sesame" not in "".join(outputs) and b"sesame" not in files
