"""`gdvg api` beside a running `gdvg daemon`: two processes, one data folder."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.demo.server import DemoServer
from tests.support.command_line import CommandLine, environment_of
from tests.support.control import TOKEN, Client, answers, free_port


@pytest.fixture
def gdvg(demo: DemoServer, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", environment_of(demo.url, demo.exports_url, GDVG_API_TOKEN=TOKEN))


@pytest.fixture
def daemon(gdvg: CommandLine) -> Iterator["subprocess.Popen[str]"]:
    """A daemon that is ready; stopped well at the end, with nothing on stderr and the token in no file."""
    with gdvg.start("daemon") as process:
        assert process.stdout is not None
        assert "Working on" in process.stdout.readline()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert TOKEN not in said and "Traceback" not in said
    for file in gdvg.data_dir.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes(), file


def wait_for(found: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    ends = time.monotonic() + seconds
    while not (now := found()):
        assert time.monotonic() < ends, what
        time.sleep(0.02)
    return now


def test_it_is_switched_on_and_off_beside_the_daemon(gdvg: CommandLine, daemon: Any) -> None:
    port = free_port()
    (gdvg.data_dir / "settings.toml").write_text(f"api_port = {port}\n")
    said = gdvg.json("api", "on")
    assert said["enabled"] and said["token"] is None and said["token_from_environment"]
    wait_for(lambda: answers(port), "the API")
    assert gdvg.json("api", "status")["running"]
    client = Client(port)
    assert client.get("/api/sync/status")["is_paused"] is False
    with socket.socket() as outside:  # on 127.0.0.1 only
        outside.settimeout(1)
        assert outside.connect_ex(("127.0.0.2", port)) != 0
    assert "answers at" in gdvg.run("api", "status").stdout
    assert gdvg.run("api", "off").stdout == "The control API is off.\n"
    wait_for(lambda: not answers(port), "silence")
    assert "off" in gdvg.run("api", "status").stdout


@pytest.mark.parametrize("api_on", [False, True])
def test_what_the_command_line_writes_reaches_the_engine_within_a_second(
    gdvg: CommandLine, demo: DemoServer, api_on: bool
) -> None:
    port = free_port()
    gdvg.environment |= {"GDVG_API_ENABLED": str(api_on).lower(), "GDVG_API_PORT": str(port)}
    with gdvg.start("daemon") as process:
        assert process.stdout is not None
        assert "Working on" in process.stdout.readline()
        try:
            if api_on:
                wait_for(lambda: answers(port), "the API")
            gdvg.json("import", "preview", "--type", "tv")  # lists that are asked for once
            before = demo.stats.requests
            job = gdvg.json("import", "start", "--queue", "--type", "tv")
            queued = time.monotonic()
            wait_for(lambda: demo.stats.requests > before, "the first request", 5)
            assert time.monotonic() - queued < 1
            wait_for(lambda: gdvg.json("jobs", "show", str(job["id"]))["state"] == "completed", "the import")
            assert answers(port) is api_on
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said


def test_a_token_needs_a_keyring_and_the_environment_one_is_not_changed_here(gdvg: CommandLine) -> None:
    refused = gdvg.json("api", "token", "--rotate", exit_code=2)
    assert "GDVG_API_TOKEN" in refused["error"]["message"]
    bare = {"GDVG_API_TOKEN": ""}
    failed = gdvg.json("api", "on", exit_code=3, **bare)
    assert failed["error"]["title"] == "No keyring"
    assert gdvg.json("api", "status", **bare)["enabled"] is False


def test_a_token_is_printed_when_it_is_made_and_never_again(gdvg: CommandLine, real_keyring: None) -> None:
    environment = {name: os.environ[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME")}
    gdvg.environment.pop("PYTHON_KEYRING_BACKEND", None)
    gdvg.environment |= environment | {"GDVG_API_TOKEN": ""}
    first = gdvg.json("api", "on")["token"]
    assert len(first) >= 43
    again = gdvg.json("api", "on")
    assert again["token"] is None and again["has_token"]
    assert first not in gdvg.run("api", "status").stdout + gdvg.run("api", "token").stdout
    second = gdvg.run("api", "token", "--rotate").stdout.strip()
    assert len(second) >= 43 and second != first
    gdvg.json("api", "off")
    assert gdvg.json("api", "status")["has_token"]
