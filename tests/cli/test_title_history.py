"""`gdvg titles`: what changed, an earlier day, pages, and titles deleted at TMDb."""

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.command_line import CommandLine

DAY_MS = 86_400_000
SCOPE = ("--type", "tv", "--from", "2010")


def alter(gdvg: CommandLine, statement: str, *values: Any) -> None:
    """Change the file as another program does."""
    with sqlite3.connect(gdvg.data_dir / "library.db") as db:
        db.execute(statement, values)
    db.close()


def test_what_was_altered_is_mended_and_told(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE)
    first = gdvg.json("titles", "list", "--limit", "1")[0]
    ten_days_ago = round(time.time() * 1000) - 10 * DAY_MS
    alter(gdvg, "UPDATE title SET created_at = ?, fetched_at = ?, checked_at = ?", *(ten_days_ago,) * 3)
    alter(gdvg, "UPDATE title SET title = 'Wrong' WHERE id = ?", first["id"])
    key = f"tv/{first['tmdb_id']}"
    assert gdvg.json("titles", "changes", key) == []
    job = gdvg.json("import", "start", *SCOPE, "--existing", "update")
    assert (job["updated"], job["unchanged"]) == (1, job["total"] - 1)
    (change,) = gdvg.json("titles", "changes", "tv", str(first["tmdb_id"]))
    assert (change["field"], change["old"], change["new"], change["job_id"]) == (
        "title", "Wrong", first["title"], job["id"]
    )  # fmt: skip
    said = gdvg.run("titles", "changes", key).stdout
    assert "Wrong" in said and "title" in said
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    then = gdvg.json("titles", "show", key, "--as-of", day)
    assert then["values"]["title"] == "Wrong"
    assert "title: Wrong" in gdvg.run("titles", "show", key, "--as-of", day).stdout
    today = gdvg.json("titles", "show", key, "--as-of", datetime.now(UTC).date().isoformat())
    assert today["values"]["title"] == first["title"]
    assert gdvg.json("titles", "show", key)["title"] == first["title"]


def test_days_and_titles_that_cannot_be_shown_are_refused(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE)
    key = f"tv/{gdvg.json('titles', 'list', '--limit', '1')[0]['tmdb_id']}"
    for wrong, said in (("1999-01-01", "180 days"), ("yesterday", "not a date")):
        assert said in gdvg.run("titles", "show", key, "--as-of", wrong, exit_code=2).stderr
    assert "later than that" in gdvg.run(
        "titles", "show", key, "--as-of", (datetime.now(UTC) - timedelta(days=30)).date().isoformat(), exit_code=2
    ).stderr  # fmt: skip
    for verb in ("changes", "show"):
        assert "999999999" in gdvg.run("titles", verb, "tv/999999999", exit_code=2).stderr
    assert "not accepted" in gdvg.run("titles", "changes", key, "--limit", "-1", exit_code=2).stderr


def test_pages_follow_each_other(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE)
    every = [one["tmdb_id"] for one in gdvg.json("titles", "list", "--limit", "1000")]
    pages = [gdvg.json("titles", "list", "--limit", "7", "--offset", str(start)) for start in (0, 7, 14)]
    assert [one["tmdb_id"] for page in pages for one in page] == every[:21]
    assert gdvg.json("titles", "list", "type:movie") == []
    assert "not accepted" in gdvg.run("titles", "list", "--offset", "-1", exit_code=2).stderr


def test_deleted_titles_are_left_out_unless_asked_for(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE)
    every = gdvg.exported()
    first = gdvg.json("titles", "list", "--limit", "1")[0]
    number = first["tmdb_id"]
    alter(
        gdvg,
        "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at, data_until) "
        "VALUES (?, 'tv', ?, 1, '2026-01-01', 1, 9999999999999)",
        first["id"], number,
    )  # fmt: skip
    assert gdvg.exported() == every - {("tv", number)}
    assert number not in [one["tmdb_id"] for one in gdvg.json("titles", "list", "--limit", "1000")]
    assert gdvg.json("titles", "list", "--limit", "1000", "--tombstones")[0]["tmdb_id"] == number
    assert [one["tmdb_id"] for one in gdvg.json("titles", "search", "is:tombstone")] == [number]
    lines = gdvg.run("titles", "export", "--tombstones").stdout.splitlines()
    assert len(lines) == len(every)
    assert len(gdvg.run("titles", "export", "--query", "is:tombstone").stdout.splitlines()) == 1
    assert gdvg.json("status")["titles"] == len(every) - 1
    assert gdvg.json("titles", "show", f"tv/{number}")["deletion"]["export_date"] == "2026-01-01"
    alter(gdvg, "DELETE FROM title WHERE id = ?", first["id"])
    alter(gdvg, "UPDATE tombstone SET data_until = NULL")
    assert "TMDb has deleted" in gdvg.run("titles", "show", f"tv/{number}", exit_code=2).stderr
