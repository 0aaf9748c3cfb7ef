"""`gdvg daemon` as systemd starts it: readiness on a real socket, work without a screen, a clean end, and what another
process tells it through rows."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.store import jobs
from gdvg_desktop.store import schedule as rows
from gdvg_desktop.store.db import Store
from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd and its signals are of Linux")
UNIT = Path(__file__).parents[2] / "packaging" / "linux" / "gdvg-desktop.service"
WITHIN_S = 1.0  # what another process writes is picked up within this


class Supervisor:
    """Stands for systemd: a socket that services tell their state on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.2)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                self.said += self._socket.recv(4096).decode().splitlines()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with tempfile.TemporaryDirectory(prefix="gdvg-") as folder:  # a socket's path may have 107 characters
        one = Supervisor(Path(folder) / "notify")
        yield one
        one.close()


@contextlib.contextmanager
def daemon(gdvg: CommandLine, supervisor: Supervisor, **changes: str) -> "Iterator[subprocess.Popen[str]]":
    """A daemon that is ready; killed at the end if it still runs."""
    before = supervisor.said.count("READY=1")
    with gdvg.start("daemon", NOTIFY_SOCKET=str(supervisor.path), **changes) as process:
        try:
            until(lambda: supervisor.said.count("READY=1") > before or process.poll() is not None, "READY=1")
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=20)


def read(gdvg: CommandLine, fn: Any) -> Any:
    store = Store.open(open_paths(gdvg.data_dir), exclusive=False)
    try:
        return store.read_now(fn)
    finally:
        store.close()


@contextlib.contextmanager
def beside(gdvg: CommandLine) -> Iterator[Store]:
    """The library as another process has it open."""
    store = Store.open(open_paths(gdvg.data_dir), exclusive=False)
    try:
        yield store
    finally:
        store.close()


def test_it_says_that_it_is_ready_gives_signs_of_life_and_stops_clean(
    gdvg: CommandLine, supervisor: Supervisor
) -> None:
    with daemon(gdvg, supervisor, WATCHDOG_USEC="400000") as process:
        until(lambda: supervisor.said.count("WATCHDOG=1") >= 2, "two signs of life")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Stopped" in out
    until(lambda: "STOPPING=1" in supervisor.said, "STOPPING=1")
    assert {one.name for one in read(gdvg, rows.tasks)} >= {"delta", "mirror", "backup"}


KEYRING = """
import pathlib, time
import keyring.backend

class Asks(keyring.backend.KeyringBackend):
    priority = 20

    def get_password(self, service, username):
        folder = pathlib.Path(__file__).parent
        (folder / "asked").touch()
        while not (folder / "unlocked").exists():
            time.sleep(0.05)
        return "d" * 32

    def set_password(self, *_): ...
    def delete_password(self, *_): ...
"""


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """The folder of a keyring that waits until there is a file `unlocked`; `asked` is there once it was asked."""
    folder = tmp_path / "keyring"
    folder.mkdir()
    (folder / "keyring_that_asks.py").write_text(KEYRING)
    return folder


def with_keyring(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(folder), "PYTHON_KEYRING_BACKEND": "keyring_that_asks.Asks", "TMDB_API_KEY": ""}


def test_told_to_stop_while_the_keyring_waits_for_its_user_it_ends_well_at_once(
    gdvg: CommandLine, supervisor: Supervisor, locked: Path
) -> None:
    with gdvg.start("daemon", NOTIFY_SOCKET=str(supervisor.path), **with_keyring(locked)) as process:
        try:
            until((locked / "asked").exists, "the keyring asked")
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=8)  # the keyring never answers
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    assert "Stopped" in out and "READY=1" not in supervisor.said


def test_a_keyring_that_waits_for_its_user_does_not_hold_the_start_and_its_key_counts_once_it_comes(
    gdvg: CommandLine, supervisor: Supervisor, locked: Path
) -> None:
    gdvg.run("import", "start", "--queue", "--type", "tv", "--limit", "5")
    with daemon(gdvg, supervisor, **with_keyring(locked)) as process, beside(gdvg) as other:
        until(lambda: other.read_now(lambda db: jobs.get(db, 1)).reason == "credential", "the job without a key")
        (locked / "unlocked").touch()
        until(lambda: other.read_now(lambda db: jobs.get(db, 1)).state.finished, "the import with the key")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("name", ["TMDB_DELTA_SYNC_CRON", "GDVG_BULK_IMPORT_ENABLED"])
def test_an_environment_that_cannot_be_ends_it_with_the_name_of_the_variable(gdvg: CommandLine, name: str) -> None:
    refused = gdvg.run("daemon", exit_code=2, **{name: "sometimes"})
    assert name in refused.stderr


def test_a_second_engine_is_refused_with_the_reason(gdvg: CommandLine, supervisor: Supervisor) -> None:
    with daemon(gdvg, supervisor) as process:
        refused = gdvg.run("daemon", exit_code=5)
        assert "in use by" in refused.stderr and f"(process {process.pid})" in refused.stderr
        assert process.poll() is None
    gdvg_json = gdvg.json("schedule", "list")
    assert gdvg_json["pause"]["paused"] is False


def test_what_another_process_writes_is_picked_up_within_a_second(gdvg: CommandLine, supervisor: Supervisor) -> None:
    gdvg.run("import", "start", "--queue", "--type", "tv", "--limit", "5")
    with daemon(gdvg, supervisor), beside(gdvg) as other:
        until(lambda: other.read_now(lambda db: jobs.get(db, 1)).state.finished, "the queued import")
        other.write_now(lambda db: rows.want_now(db, "health", 1))
        asked = time.monotonic()
        until(lambda: other.read_now(lambda db: rows.runs(db, "health")), "the run")
        assert time.monotonic() - asked <= WITHIN_S + 0.5  # half a second for a busy machine
        done = until(
            lambda: [one for one in other.read_now(lambda db: rows.runs(db, "health")) if one.status == "done"],
            "its end",
        )
    assert (done[0].trigger, done[0].planned_at) == ("manual", None)
    assert done[0].summary["ok"] is True


def test_a_pause_from_the_command_line_holds_a_job_of_the_schedule_and_no_other(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    with DemoProcess(movies=300, series=100, latency_ms=400) as demo:
        gdvg = CommandLine(tmp_path / "data", demo.environment())
        gdvg.run("schedule", "list")
        with beside(gdvg) as other, daemon(gdvg, supervisor):
            mine, theirs = other.write_now(_two_jobs)
            until(lambda: other.read_now(lambda db: jobs.get(db, theirs)).done > 5, "work of the schedule")
            assert gdvg.json("schedule", "pause", "--for", "2h")["by"] == "cli"
            held = until(lambda: _paused(other, theirs), "the pause")
            assert held.reason == jobs.SCHEDULE_PAUSED and not held.state.finished
            until(lambda: other.read_now(lambda db: jobs.get(db, mine)).state.finished, "the user's own job")
            assert not gdvg.json("schedule", "resume")["paused"]
            until(lambda: other.read_now(lambda db: jobs.get(db, theirs)).state.finished, "the rest")


def _two_jobs(db: Any) -> tuple[int, int]:
    from gdvg_desktop.core.kinds import JobKind, MediaType, Origin
    from gdvg_desktop.sync.filters import ImportFilter

    found = [
        jobs.add(db, JobKind.IMPORT, kind.value, ImportFilter(types=(kind,)).to_config(), 1, origin=origin)[0].id
        for kind, origin in ((MediaType.TV, Origin.USER), (MediaType.MOVIE, Origin.SCHEDULE))
    ]
    return found[0], found[1]


def _paused(store: Store, job_id: int) -> jobs.Job | None:
    job = store.read_now(lambda db: jobs.get(db, job_id))
    return job if job.state.value == "paused" else None


def test_killed_during_work_and_started_again_it_goes_on_to_the_very_end(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    with DemoProcess(movies=300, series=60, latency_ms=150) as demo:
        gdvg = CommandLine(tmp_path / "data", demo.environment())
        gdvg.run("import", "start", "--queue", "--type", "movie")
        for goal in (40, 120):
            with daemon(gdvg, supervisor) as process, beside(gdvg) as other:
                until(lambda goal=goal: other.read_now(lambda db: jobs.get(db, 1)).done >= goal, "more titles")
                process.kill()
                process.wait(timeout=10)
        with daemon(gdvg, supervisor) as process, beside(gdvg) as other:
            until(lambda: other.read_now(lambda db: jobs.get(db, 1)).state.finished, "the end of the import")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
        assert gdvg.exported() == demo.truth(type="movie")
        twice = [title for title, count in demo.asked().items() if count > 2]
        assert not twice  # only what was on the wire at a kill is asked again


def test_the_unit_is_one_systemd_takes(tmp_path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        checked = subprocess.run(
            ["systemd-analyze", "verify", "--user", str(UNIT)],
            env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (checked.returncode, checked.stderr) == (0, "")
    text = UNIT.read_text(encoding="utf-8")
    assert re.search(r"^ExecStart=.*gdvg daemon$", text, re.MULTILINE)
    assert {"Type=notify", "Restart=on-failure", "TimeoutStartSec=infinity"} <= set(text.splitlines())
