"""`gdvg sync`: documents, exit codes, and a decision that waits for its user."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.command_line import CommandLine, environment_of


@pytest.fixture
def own_demo() -> Iterator[DemoServer]:
    """A server of the test's own: its catalogue changes."""
    with DemoServer(DemoOptions(movies=90, series=40)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def gdvg(own_demo: DemoServer, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", environment_of(own_demo.url, own_demo.exports_url))


def test_a_delta_run_ends_with_its_job_and_status_says_how_far_it_is(gdvg: CommandLine, own_demo: DemoServer) -> None:
    before = gdvg.json("sync", "status")
    assert before["movie"]["watermark"] is None and before["last_run"] is None
    gdvg.json("import", "start")
    edited = own_demo.catalogue.edit_some(6)
    job = gdvg.json("sync", "delta")
    assert (job["kind"], job["state"], job["failed"]) == ("delta", "completed", 0)
    assert job["updated"] >= len(edited)
    assert job["summary"]["listed"].keys() == {"movie", "tv"} and job["summary"]["fetched"] == job["total"]
    status = gdvg.json("sync", "status")
    assert status["last_run"]["id"] == job["id"] and status["movie"]["open_days"]
    assert status["today"] == status["tv"]["open_days"][-1]
    assert "complete up to" in gdvg.run("sync", "status").stdout


def test_queueing_only_queues_and_asks_nothing(gdvg: CommandLine, own_demo: DemoServer) -> None:
    delta = gdvg.json("sync", "delta", "--queue")
    refresh = gdvg.json("sync", "refresh", "--older-than", "30", "--queue")
    assert (delta["state"], refresh["state"]) == ("pending", "pending")
    assert gdvg.json("sync", "delta", "--queue")["id"] == delta["id"]
    assert refresh["filter"] == {"older_than_days": 30}
    assert own_demo.stats.requests == 0
    assert "days" in gdvg.json("sync", "refresh", "--older-than", "-3", exit_code=2)["error"]["message"]


def test_many_deletions_wait_for_a_word_on_the_command_line(gdvg: CommandLine, own_demo: DemoServer) -> None:
    gdvg.json("import", "start")
    gdvg.json("sync", "delta")
    held = gdvg.exported()
    listed = own_demo.truth()
    today = own_demo.catalogue.today
    quiet = [
        (t.media_type, t.id)
        for t in own_demo.catalogue.all("movie")
        if (t.salt + today.toordinal() * 7) % 29 and t.key in listed
    ][:12]
    own_demo.catalogue.delete(quiet, unlisted=True)
    own_demo.catalogue.add(movies=12)
    said = gdvg.run("sync", "delta", exit_code=1)
    assert "--confirm-deletions" in said.stdout and "Nothing was deleted" in said.stdout
    status = gdvg.json("sync", "status")
    assert status["waits_for_deletions"] and status["tombstones"] == 0
    assert gdvg.json("sync", "delta", exit_code=1)["state"] == "paused"
    assert set(quiet) <= gdvg.exported()
    gdvg.json("jobs", "resume", str(status["current"]["id"]))
    gdvg.run("jobs", "run")
    assert gdvg.json("sync", "status")["tombstones"] == len(quiet)
    assert gdvg.exported() >= held - set(quiet)
    assert not set(quiet) & gdvg.exported()


def test_delta_and_mirror_say_when_an_export_was_not_believed(gdvg: CommandLine, own_demo: DemoServer) -> None:
    gdvg.json("mirror", "start")
    own_demo.faults.export_today = own_demo.faults.export_half = True
    own_demo.faults.export_newest_only = True
    for command in (("sync", "delta"), ("mirror", "start")):
        said = " ".join(gdvg.run(*command).stdout.split())
        assert "The export of movies of" in said and "The export of TV series of" in said
        assert "was not taken over" in said and "fewer than" in said
        assert "accept-export" in said
        refused = gdvg.json(*command)["refused"]
        assert {(one["type"], one["code"]) for one in refused} == {("movie", "fell"), ("tv", "fell")}
    own_demo.faults.export_half = False
    assert gdvg.json("sync", "delta")["refused"] == []
    assert "not taken over" not in gdvg.run("mirror", "start").stdout
