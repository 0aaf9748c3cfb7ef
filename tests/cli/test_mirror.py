"""`gdvg mirror` and `gdvg lists` as users start them."""

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.support.command_line import CommandLine

JOB_KEYS = {"id", "kind", "state", "total", "added", "requests", "summary", "waits_until"}
STATUS_KEYS = {
    "mode", "since", "scope", "percent", "coverage", "titles_left", "titles_per_second", "expected_finish", "job",
    "waits_until", "budget", "exports", "refused",
}  # fmt: skip
MONTH_KEYS = {
    "type", "year", "month", "is_complete", "last_completed_page", "total_pages", "notes", "last_synced", "held",
    "listed",
}  # fmt: skip


def truth(demo: DemoServer, **wanted: object) -> set[tuple[str, int]]:
    return {(kind, tmdb_id) for kind, tmdb_id in demo.truth(Wanted(**wanted))}  # type: ignore[arg-type]


def test_the_mirror_fills_and_says_that_it_is_full(gdvg: CommandLine, demo: DemoServer) -> None:
    before = gdvg.json("mirror", "status")
    assert before.keys() >= STATUS_KEYS and before["mode"] == "filling" and before["exports"] == []
    assert "has not been read yet" in gdvg.run("mirror", "status").stdout
    job = gdvg.json("mirror", "start")
    assert job.keys() >= JOB_KEYS
    assert (job["state"], job["kind"], job["failed"], job["waits_until"]) == ("completed", "mirror", 0, None)
    assert job["summary"]["percent"] == 100.0 and job["summary"]["mode"] == "delta"
    assert gdvg.exported() == truth(demo)
    after = gdvg.json("mirror", "status")
    assert (after["mode"], after["percent"], after["titles_left"]) == ("delta", 100.0, 0)
    assert after["budget"] == {
        "requests": None, "requests_used": job["requests"], "minutes": None,
        "minutes_used": after["budget"]["minutes_used"],
    }  # fmt: skip
    assert {one["type"] for one in after["exports"]} == {"movie", "tv"}
    assert "Delta: all is held" in gdvg.run("mirror", "status").stdout
    again = gdvg.run("mirror", "start").stdout
    assert "Nothing is missing" in again and "100 % of the scope is held" in again


def test_the_ledger_tells_of_every_month(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("mirror", "start", "--type", "tv")
    rows = gdvg.json("mirror", "months", "--type", "tv")
    assert all(row.keys() == MONTH_KEYS for row in rows)
    assert sum(row["held"] for row in rows) == len(truth(demo, media_type="tv"))
    assert rows[-1]["year"] is None and rows[-1]["is_complete"]
    assert not rows[0]["is_complete"]  # it is still to come
    some = rows[len(rows) // 2]["year"]
    year = gdvg.json("mirror", "months", "--year", str(some))
    assert year and {row["year"] for row in year} == {some}
    open_ones = gdvg.json("mirror", "months", "--open")
    assert open_ones and not any(row["is_complete"] for row in open_ones)
    assert "no date" in gdvg.run("mirror", "months").stdout


def test_a_scope_is_remembered_and_followed(gdvg: CommandLine, demo: DemoServer) -> None:
    assert gdvg.json("mirror", "scope", "show")["everything"] is True
    job = gdvg.json("mirror", "start", "--type", "tv", "--country", "KR", "--genre", "Drama")
    wanted = truth(demo, media_type="tv", countries=("KR",), genres=("Drama",))
    assert job["added"] == len(wanted) and gdvg.exported() == wanted
    scope = gdvg.json("mirror", "scope", "show")
    assert scope["everything"] is False and scope["rules"][0]["countries"] == ["KR"]
    assert scope["words"] == "TV series · KR · Drama"
    added = gdvg.json("mirror", "scope", "set", "--add", "--type", "tv", "--country", "JP", "--from", "2000")
    assert [one["words"] for one in added["rules"]] == ["TV series · KR · Drama", "TV series · JP · from 2000"]
    gdvg.json("mirror", "start")
    assert gdvg.exported() == wanted | truth(demo, media_type="tv", countries=("JP",), start="2000")
    assert gdvg.json("mirror", "scope", "set", "--everything")["everything"] is True


def test_scopes_that_cannot_be_are_refused(gdvg: CommandLine) -> None:
    for arguments in (
        ("mirror", "start", "--everything", "--type", "tv"),
        ("mirror", "start", "--type", "book"),
        ("mirror", "start", "--from", "2020", "--to", "2010"),
        ("mirror", "start", "--country", "Atlantis"),
        ("mirror", "scope", "set"),
        ("lists", "run", "best"),
        ("lists", "run", "popular-tv", "--region", "KR"),
    ):
        assert gdvg.json(*arguments, exit_code=2)["error"]["message"]


def test_queued_it_waits_for_an_engine(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.stats.reset()
    job = gdvg.json("mirror", "start", "--queue")
    assert (job["state"], demo.stats.requests) == ("pending", 0)
    assert gdvg.json("mirror", "start", "--queue")["id"] == job["id"]


def test_a_used_budget_is_no_failure(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.stats.reset()
    gdvg.data_dir.mkdir(parents=True, exist_ok=True)
    (gdvg.data_dir / "settings.toml").write_text("mirror_daily_requests = 50\n", encoding="utf-8")
    job = gdvg.json("mirror", "start")
    assert (job["state"], job["reason"], job["added"]) == ("interrupted", "budget", 50)
    assert job["waits_until"].endswith("T00:00:00.000Z")
    assert "budget for today is used" in gdvg.run("mirror", "start").stdout
    assert demo.stats.by_kind["details"] == 50
    status = gdvg.json("mirror", "status")
    assert status["budget"]["requests"] == 50 == status["budget"]["requests_used"]
    assert status["waits_until"] == job["waits_until"] and status["expected_finish"] > job["waits_until"]


def test_a_short_list_is_brought_up_to_date(gdvg: CommandLine) -> None:
    names = {one["list"] for one in gdvg.json("lists", "show")}
    assert {"popular-movies", "now-playing", "on-the-air"} <= names
    job = gdvg.json("lists", "run", "popular-movies", "--region", "US", "--pages", "2")
    assert (job["state"], job["kind"]) == ("completed", "list") and job["added"] == job["total"] > 0
    assert "completed" in gdvg.run("lists", "run", "popular-movies", "--region", "US", "--pages", "2").stdout


def test_an_export_that_fell_is_taken_over_when_the_user_says_so(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("coverage")
    found = gdvg.json("mirror", "accept-export")
    assert {one["type"]: one["ids"] for one in found}.keys() == {"movie", "tv"}
