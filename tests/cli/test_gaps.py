"""`gdvg gaps`: the documents and exit codes scripts rely on."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.command_line import CommandLine, environment_of


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=60, series=25)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def gdvg(demo: DemoServer, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", environment_of(demo.url, demo.exports_url))


def damage(gdvg: CommandLine) -> tuple[list[tuple[str, int]], tuple[str, int]]:
    """Remove three titles and blank the poster of a fourth, by hand."""
    database = sqlite3.connect(next(gdvg.data_dir.glob("*.db")))
    database.execute("PRAGMA foreign_keys = ON")
    rows = database.execute(
        "SELECT media_type, tmdb_id FROM title WHERE poster_path IS NOT NULL ORDER BY popularity DESC LIMIT 4"
    ).fetchall()
    with database:
        for kind, tmdb_id in rows[:3]:
            database.execute("DELETE FROM title WHERE media_type = ? AND tmdb_id = ?", (kind, tmdb_id))
        database.execute("UPDATE title SET poster_path = NULL WHERE media_type = ? AND tmdb_id = ?", rows[3])
    database.close()
    return rows[:3], rows[3]


def test_analyze_list_explain_fill_in_json(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("import", "start")
    removed, blanked = damage(gdvg)
    found: dict[str, Any] = gdvg.json("gaps", "analyze")
    assert found["gaps_by_type"].keys() == {"sequential", "popularity", "temporal", "metadata"}
    assert (found["gaps_by_type"]["sequential"], found["gaps_by_type"]["metadata"]) == (3, 1)
    assert found["total_count"] == sum(found["gaps_by_type"].values())
    first = found["top_priority"][0]
    assert (first["media_type"], first["tmdb_id"]) in [tuple(one) for one in removed]
    assert first["score"] == pytest.approx(first["popularity"] * first["recency"], rel=0.01)

    listed = gdvg.json("gaps", "list", "--kind", "metadata")
    assert [(one["media_type"], one["tmdb_id"], one["fields"]) for one in listed] == [(*blanked, ["poster"])]
    kind, tmdb_id = removed[0]
    told = gdvg.json("gaps", "explain", f"{kind}/{tmdb_id}")
    assert {"export", "held", "gap"} <= {line["about"] for line in told["lines"]}
    assert any(line["text"].startswith("In TMDb's export of ") for line in told["lines"])

    assert gdvg.json("gaps", "ignore", f"{kind}/{tmdb_id}")["changed"] >= 1
    filled = gdvg.json("gaps", "fill")
    assert (filled["state"], filled["total"]) == ("completed", 3)
    assert gdvg.json("gaps", "list") == []
    assert gdvg.json("gaps", "unignore", f"{kind}/{tmdb_id}")["changed"] >= 1
    assert gdvg.json("gaps", "fill", "--id", f"{kind}/{tmdb_id}")["gaps_left"] == 0
    assert gdvg.exported() == {(kind, one) for kind, one in demo.truth()}


def test_queue_only_queues_and_bad_words_are_refused(gdvg: CommandLine) -> None:
    job = gdvg.json("gaps", "analyze", "--queue")
    assert (job["kind"], job["state"]) == ("analyze", "pending")
    assert gdvg.json("gaps", "analyze", "--queue")["id"] == job["id"]
    assert gdvg.json("gaps", "fill", "--queue", "--kind", "temporal", "--limit", "3")["kind"] == "fill"
    for bad in (
        ("list", "--kind", "odd"),
        ("list", "--month", "2003-13"),
        ("list", "--limit", "0"),
        ("runs", "--limit", "-1"),
        ("fill", "--month", "March"),
        ("explain", "603"),
        ("ignore", "movie/1"),
    ):
        answer = gdvg.json("gaps", *bad, exit_code=2)
        assert answer["error"]["message"]
