"""`gdvg errors` and `gdvg history`, as scripts and people see them."""

import contextlib
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import schedule
from gdvg_desktop.store.db import Store
from tests.support.command_line import KEY, CommandLine

SCOPE = ("--type", "tv", "--from", "2015")


@contextlib.contextmanager
def broken(demo: DemoServer, *titles: str) -> Iterator[None]:
    """The demo answers 500 for these titles."""
    demo.faults.always_500 = set(titles)
    try:
        yield
    finally:
        demo.faults.always_500 = set()


@pytest.fixture
def lost(demo: DemoServer) -> list[str]:
    found = sorted(demo.truth(Wanted(media_type="tv", start="2015")))[:3]
    return [f"{kind}/{tmdb_id}" for kind, tmdb_id in found]


@pytest.fixture
def failed(gdvg: CommandLine, demo: DemoServer, lost: list[str]) -> CommandLine:
    """A library with three failed titles."""
    gdvg.data_dir.mkdir()
    (gdvg.data_dir / "settings.toml").write_text("max_attempts = 1\n", encoding="utf-8")
    with broken(demo, *lost):
        gdvg.run("import", "start", *SCOPE, exit_code=1)
    return gdvg


def test_failures_are_listed_retried_and_skipped(failed: CommandLine, demo: DemoServer, lost: list[str]) -> None:
    found = failed.json("errors", "list")
    assert found["total"] == 3 and {one["key"] for one in found["failures"]} == set(lost)
    assert found["by_category"]["server"]["count"] == found["by_category"]["server"]["automatic"] == 3
    assert all(one["next_try_at"] and one["tries"] == 1 and one["jobs"] == [1] for one in found["failures"])
    assert failed.json("errors", "list", "--category", "network")["failures"] == []
    assert failed.json("errors", "skip", lost[0]) == {"skipped": 1}
    assert failed.json("errors", "retry", lost[1]) == {"retried": 1, "jobs": [1], "refused": 0, "failed": 1}
    with broken(demo, lost[1]):
        failed.run("jobs", "run", exit_code=1)
    assert {one["key"]: one["tries"] for one in failed.json("errors", "list")["failures"]} == {lost[1]: 2, lost[2]: 1}
    assert failed.json("errors", "retry", "--all", "--run")["failed"] == 0
    job = failed.json("jobs", "show", "1")
    assert (job["failed"], job["skipped"], job["state"]) == (0, 1, "completed")
    assert job["total"] == job["added"] + job["skipped"]
    assert failed.run("errors", "list").stdout.strip() == "Nothing failed."


def test_a_failure_shows_its_request_without_the_key_and_every_try(failed: CommandLine, lost: list[str]) -> None:
    found = failed.json("errors", "show", lost[0])
    assert found["request"]["method"] == "GET" and found["request"]["path"] == f"/{lost[0]}"
    assert "append_to_response" in found["request"]["params"]
    assert KEY not in str(found) and len(found["attempts"]) == 1
    assert "500" in found["attempts"][0]["message"] or found["attempts"][0]["message"]
    assert lost[0] in failed.run("errors", "show", lost[0]).stdout


def test_what_names_no_failure_is_one_clear_sentence(failed: CommandLine) -> None:
    for arguments in (
        ("errors", "show", "movie/1"),
        ("errors", "retry", "tv"),
        ("errors", "retry"),
        ("errors", "skip", "--all", "--category", "server"),
        ("errors", "list", "--category", "weather"),
        ("history", "show", "99"),
        ("history", "list", "--from", "yesterday"),
    ):
        said = failed.run(*arguments, exit_code=2).stderr
        assert said.strip() and "Traceback" not in said


def test_the_history_tells_of_runs_and_writes_them_out(failed: CommandLine, tmp_path: Path) -> None:
    (run,) = failed.json("history", "list")
    assert (run["id"], run["result"], run["errors"], run["recovered"]) == (1, "with_errors", 3, 0)
    assert failed.json("history", "list", "--result", "completed") == []
    assert len(failed.json("history", "list", "--kind", "import", "--text", "1", "--from", "2020-01-01")) == 1
    detail = failed.json("history", "show", "1")
    assert [one["phase"] for one in detail["phases"]] == ["plan", "list", "order", "fetch", "close"]
    totals = detail["totals"]
    assert totals["requests"] == detail["requests"] > 0 and totals["still_open"] == 3 and totals["rate"] > 0
    target = tmp_path / "runs.csv"
    assert failed.json("history", "export", str(target)) == {"runs": 1, "path": str(target)}
    (row,) = csv.DictReader(target.read_text(encoding="utf-8").splitlines())
    assert (row["run"], row["result"], row["errors"], row["still_open"]) == ("1", "with_errors", "3", "3")
    assert "with" in failed.run("history", "list").stdout and "errors" in failed.run("history", "show", "1").stdout
    assert "still open" in failed.run("history", "show", "1").stdout
    failed.run("history", "export", str(tmp_path / "missing" / "runs.csv"), exit_code=2)


def test_missed_runs_are_in_the_history_with_their_reason(failed: CommandLine, tmp_path: Path) -> None:
    hour, first = 3_600_000, 4_000_000_000_000  # in 2096: after any run of this test
    store = Store.open(open_paths(failed.data_dir), exclusive=True)
    try:
        store.write_now(lambda db: schedule.add_missed(db, "delta", [(first, "offline"), (first + hour, "offline")]))
        store.write_now(lambda db: schedule.add_missed(db, "backup", [(first - hour, "not_awake")]))
    finally:
        store.close()
    delta, backup, run = failed.json("history", "list")
    assert (run["id"], run["result"]) == (1, "with_errors")
    assert (delta["id"], delta["result"], delta["missed"], delta["reason"]) == (None, "missed", 2, "offline")
    assert (delta["name"], delta["origin"], delta["reason_text"]) == (
        "Changes sync",
        "schedule",
        "there was no connection",
    )
    assert delta["first_planned_at"].startswith("2096-10-02T07:06:40") and delta["started_at"] is None
    assert (backup["task"], backup["kind"]) == ("backup", None)
    assert failed.json("history", "list", "--result", "missed") == [delta, backup]
    assert failed.json("history", "list", "--result", "missed", "--kind", "delta") == [delta]
    assert failed.json("history", "list", "--result", "missed", "--text", "BACK") == [backup]
    assert failed.json("history", "list", "--result", "with_errors") == [run]
    assert failed.json("history", "list", "--to", "2090-01-01") == [run]
    shown = " ".join(failed.run("history", "list").stdout.split())
    assert "2 missed" in shown
    target = tmp_path / "runs.csv"
    assert failed.json("history", "export", str(target))["runs"] == 3
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert [(row["result"], row["missed"], row["reason"]) for row in rows] == [
        ("missed", "2", "there was no connection"),
        ("missed", "1", "the computer was asleep or off, or GDVG was not open"),
        ("with_errors", "", ""),
    ]
    assert rows[0]["planned_at"] == "2096-10-02T08:06:40Z" and rows[0]["started_at"] == rows[0]["requests"] == ""
    assert (rows[1]["kind"], rows[1]["name"], rows[1]["started_by"]) == ("backup", "Backup", "schedule")
