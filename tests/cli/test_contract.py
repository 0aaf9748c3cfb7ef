"""The stable contract of the command line: documents, exit codes, and one clear sentence for bad input."""

import contextlib
import csv
import io
import json
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.support.command_line import CommandLine

JOB_KEYS = {
    "id", "kind", "state", "total", "added", "updated", "skipped", "failed", "gone", "requests", "started_at",
    "completed_at",
}  # fmt: skip
TITLE_KEYS = {
    "media_type", "tmdb_id", "title", "original_title", "release_date", "origin_country", "original_language",
    "genres", "popularity", "vote_average", "vote_count", "overview", "poster_path", "imdb_id", "runtime", "status",
    "fetched_at",
}  # fmt: skip
SCOPE = ("--type", "tv", "--from", "2000")


def truth(demo: DemoServer, **wanted: Any) -> set[tuple[str, int]]:
    return {(kind, tmdb_id) for kind, tmdb_id in demo.truth(Wanted(**wanted))}


def test_an_import_ends_with_its_job_and_the_export_is_the_truth(gdvg: CommandLine, demo: DemoServer) -> None:
    job = gdvg.json("import", "start", *SCOPE)
    assert job.keys() >= JOB_KEYS
    assert (job["state"], job["kind"], job["failed"]) == ("completed", "import", 0)
    assert job["total"] == job["added"] + job["updated"] + job["skipped"] + job["failed"] + job["gone"]
    assert gdvg.exported() == truth(demo, media_type="tv", start="2000")
    again = gdvg.json("import", "start", *SCOPE)
    assert (again["added"], again["skipped"]) == (0, job["added"])
    assert [one["id"] for one in gdvg.json("jobs", "list")] == [again["id"], job["id"]]


def test_exports_hold_one_title_a_line(gdvg: CommandLine, tmp_path: Path) -> None:
    gdvg.json("import", "start", *SCOPE)
    rows = [json.loads(line) for line in gdvg.run("titles", "export").stdout.splitlines()]
    assert all(row.keys() >= TITLE_KEYS for row in rows)
    assert all(isinstance(row["genres"], list) and isinstance(row["origin_country"], list) for row in rows)
    assert {row["media_type"] for row in rows} == {"tv"}
    assert not [row for row in rows for value in row.values() if value == ""]
    target = tmp_path / "titles.csv"
    said = gdvg.json("titles", "export", "--format", "csv", "--output", str(target))
    table = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert len(table) == said["titles"] == len(rows)
    assert {int(row["tmdb_id"]) for row in table} == {row["tmdb_id"] for row in rows}


def test_an_empty_library_exports_no_lines(gdvg: CommandLine) -> None:
    assert gdvg.run("titles", "export", "--output", "-").stdout == ""
    assert "xml" in gdvg.json("titles", "export", "--format", "xml", exit_code=2)["error"]["message"]
    assert gdvg.json("titles", "list") == []
    assert gdvg.json("jobs", "list") == []


def test_a_preview_writes_nothing(gdvg: CommandLine, demo: DemoServer) -> None:
    found = gdvg.json("import", "preview", *SCOPE)
    assert found.keys() >= {"estimated", "duplicates", "new", "requests", "windows", "sample", "by_type"}
    expected = len(truth(demo, media_type="tv", start="2000"))
    assert (found["estimated"], found["new"], found["duplicates"]) == (expected, expected, 0)
    assert found["requests"] == expected + -(-expected // 20)
    assert len(found["sample"]) == 20 and {one["status"] for one in found["sample"]} == {"new"}
    assert gdvg.exported() == set() and gdvg.json("jobs", "list") == []


def test_a_preview_counts_what_is_held(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE, "--limit", "7")
    found = gdvg.json("import", "preview", *SCOPE)
    assert found["duplicates"] == 7 and found["new"] == found["estimated"] - 7
    assert [one["status"] for one in found["sample"]].count("duplicate") > 0
    updating = gdvg.json("import", "preview", *SCOPE, "--existing", "update")
    assert updating["updates"] == 7


def test_a_preview_of_everything_is_exact(gdvg: CommandLine, demo: DemoServer) -> None:
    found = gdvg.json("import", "preview")
    assert found["exact"] is True
    assert found["estimated"] == len(truth(demo))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("import", "start", "--from", "2024-13"), "2024-13"),
        (("import", "start", "--from", "2024-06", "--to", "2024-01"), "2024-01"),
        (("import", "start", "--country", "XQ"), "XQ"),
        (("import", "start", "--genre", "Telenovela"), "Telenovela"),
        (("import", "start", "--priority", "101"), "101"),
        (("import", "start", "--type", "film"), "film"),
        (("import", "start", "--match", "some"), "some"),
        (("import", "start", "--existing", "drop"), "drop"),
        (("import", "start", "--limit", "0"), "0"),
        (("import", "preview", "--priority", "high"), "high"),
        (("jobs", "show", "4711"), "4711"),
        (("jobs", "pause", "4711"), "4711"),
        (("jobs", "retry", "4711"), "4711"),
        (("jobs", "move", "4711", "up"), "4711"),
        (("titles", "show", "film", "1"), "film"),
        (("titles", "show", "movie", "999999999"), "999999999"),
        (("titles", "export", "--format", "xml"), "xml"),
        (("titles", "export", "--output", "/nowhere/at/all.jsonl"), "/nowhere"),
        (("nonsense",), "nonsense"),
    ],
)
def test_bad_input_is_named_and_touches_nothing(gdvg: CommandLine, arguments: tuple[str, ...], named: str) -> None:
    result = gdvg.run(*arguments, exit_code=2)
    assert named in result.stderr and "Traceback" not in result.stderr
    assert result.stdout == ""
    assert gdvg.json("jobs", "list") == []


def test_a_file_as_data_folder_is_refused(gdvg: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    result = gdvg.run("--data-dir", str(file), "status", exit_code=2)
    assert str(file) in result.stderr
    assert file.read_text() == "mine"


def test_without_a_key_the_exit_code_is_3(gdvg: CommandLine) -> None:
    result = gdvg.run("import", "start", *SCOPE, exit_code=3, TMDB_API_KEY="")
    assert "key" in result.stderr
    assert gdvg.json("jobs", "list") == []
    assert gdvg.json("key", "status", exit_code=3, TMDB_API_KEY=" ")["present"] is False


def test_a_refused_key_pauses_the_job_and_a_good_one_goes_on(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.faults.revoked = {"d" * 32}
    try:
        gdvg.run("key", "test", exit_code=3)
        job = gdvg.json("import", "start", *SCOPE, exit_code=3)
        assert (job["state"], job["reason"]) == ("paused", "credential")
        assert job["reason_text"].startswith("TMDb refused the key: Invalid API key")
    finally:
        demo.faults.revoked = set()
    assert gdvg.json("key", "test") == {"valid": True}
    assert [one["state"] for one in gdvg.json("jobs", "run")] == ["completed"]
    assert gdvg.exported() == truth(demo, media_type="tv", start="2000")


def test_the_keyring_serves_when_the_environment_does_not(gdvg: CommandLine, real_keyring: None) -> None:
    import os

    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        gdvg.environment[name] = os.environ[name]
    for name in ("TMDB_API_KEY", "PYTHON_KEYRING_BACKEND"):
        gdvg.environment.pop(name, None)
    with gdvg.start("key", "set", "--stdin") as process:
        process.communicate(timeout=60)
    assert process.returncode != 0  # stdin is empty: nothing is saved
    assert gdvg.json("key", "status", exit_code=3)["present"] is False


def test_queued_jobs_run_in_order_and_can_be_steered(gdvg: CommandLine, demo: DemoServer) -> None:
    first = gdvg.json("import", "start", *SCOPE, "--queue", "--name", "First")
    second = gdvg.json("import", "start", "--type", "movie", "--from", "2015", "--queue")
    third = gdvg.json("import", "start", "--type", "movie", "--to", "1960", "--queue")
    assert gdvg.json("import", "start", *SCOPE, "--queue")["id"] == first["id"]
    gdvg.json("jobs", "move", str(third["id"]), "top")
    assert gdvg.json("jobs", "pause", str(second["id"]))["state"] == "paused"
    worked = {one["id"]: one["state"] for one in gdvg.json("jobs", "run")}
    assert worked == {first["id"]: "completed", second["id"]: "paused", third["id"]: "completed"}
    assert gdvg.json("jobs", "cancel", str(second["id"]))["state"] == "cancelled"
    gdvg.run("jobs", "resume", str(second["id"]), exit_code=2)
    detail = gdvg.json("jobs", "show", str(first["id"]))
    assert detail["name"] == "First" and detail["windows"][0]["complete"] is True


def test_failed_titles_give_exit_code_1_and_can_be_retried(gdvg: CommandLine, demo: DemoServer) -> None:
    kind, tmdb_id = min(truth(demo, media_type="tv", start="2000"))
    (gdvg.data_dir).mkdir()
    (gdvg.data_dir / "settings.toml").write_text("max_attempts = 1\n")
    demo.faults.always_500 = {f"{kind}/{tmdb_id}"}
    try:
        job = gdvg.json("import", "start", *SCOPE, exit_code=1)
    finally:
        demo.faults.always_500 = set()
    assert job["failed"] == 1
    items = gdvg.json("jobs", "show", str(job["id"]))["failed_items"]
    assert [(one["tmdb_id"], one["category"]) for one in items] == [(tmdb_id, "server")]
    gdvg.json("jobs", "retry", str(job["id"]))
    assert gdvg.json("jobs", "run")[0]["failed"] == 0
    assert gdvg.exported() == truth(demo, media_type="tv", start="2000")


def test_status_and_search_speak_json(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("import", "start", *SCOPE)
    status = gdvg.json("status")
    assert status["by_type"] == {"movie": 0, "tv": len(truth(demo, media_type="tv", start="2000"))}
    assert status["requests_today"] > status["titles"]
    top = gdvg.json("titles", "list", "--limit", "3")
    assert len(top) == 3
    shown = gdvg.json("titles", "show", "tv", str(top[0]["tmdb_id"]))
    assert shown["title"] == top[0]["title"]
    word = max(top[0]["title"].split(), key=len)
    assert top[0]["tmdb_id"] in [one["tmdb_id"] for one in gdvg.json("titles", "search", word)]


def test_human_output_names_the_counts(gdvg: CommandLine) -> None:
    result = gdvg.run("import", "start", *SCOPE)
    assert "added" in result.stdout and "completed" in result.stdout
    assert "key" in gdvg.run("key", "status").stdout.lower()
    assert "TV series" in gdvg.run("status").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_interrupted_import_saves_its_state_and_goes_on(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.faults.latency_ms = 20
    try:
        with gdvg.start("--json", "import", "start", *SCOPE, GDVG_REQUESTS_PER_SECOND="8") as process:
            while not any(one["added"] for one in gdvg.json("jobs", "list")):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 130
        assert json.loads(out)["state"] == "interrupted"
    finally:
        demo.faults.latency_ms = 0
    assert gdvg.json("import", "start", *SCOPE)["state"] == "completed"
    assert gdvg.exported() == truth(demo, media_type="tv", start="2000")


def test_a_second_engine_is_refused_and_named_while_others_may_steer(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.faults.latency_ms = 20
    try:
        with gdvg.start("--json", "import", "start", "--from", "1950", GDVG_REQUESTS_PER_SECOND="8") as process:
            while not gdvg.json("jobs", "list"):
                assert process.poll() is None
            refused = gdvg.run("import", "start", *SCOPE, exit_code=5)
            assert f"gdvg_desktop (process {process.pid})" in refused.stderr and "--queue" in refused.stderr
            job = gdvg.json("jobs", "list")[0]
            gdvg.json("jobs", "pause", str(job["id"]))
            out, _ = process.communicate(timeout=60)
        assert json.loads(out)["state"] == "paused" and process.returncode == 130
    finally:
        demo.faults.latency_ms = 0


def test_names_are_printed_as_they_are(gdvg: CommandLine) -> None:
    name = "[/x] [bold] [REC]"
    gdvg.run("import", "start", *SCOPE, "--limit", "3", "--name", name)
    assert name in gdvg.run("jobs", "list").stdout
    assert name in gdvg.run("jobs", "show", "1").stdout


def test_what_is_piped_is_not_cut_to_the_width_of_a_terminal(gdvg: CommandLine) -> None:
    address = f"http://127.0.0.1:9/{'x' * 200}"
    lines = gdvg.run("settings", "show", GDVG_EXPORTS_URL=address).stdout.splitlines()
    (line,) = [one for one in lines if "exports_url" in one]
    assert address in line and "GDVG_EXPORTS_URL" in line and len(line) < 400


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("jobs", "show", "4711"), 2),
        (("import", "start", "--priority", "high"), 2),
        (("nonsense",), 2),
        (("key", "test"), 3),
    ],
)
def test_an_error_is_one_document_too(gdvg: CommandLine, arguments: tuple[str, ...], exit_code: int) -> None:
    found = gdvg.json(*arguments, exit_code=exit_code, TMDB_API_KEY="")
    assert found.keys() == {"error"} and found["error"].keys() == {"title", "message", "hint"}


def test_a_locked_library_ends_an_import_with_one_document(gdvg: CommandLine) -> None:
    assert gdvg.json("jobs", "list") == []
    with contextlib.closing(sqlite3.connect(gdvg.data_dir / "library.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = gdvg.json("import", "start", *SCOPE, exit_code=5)
        assert "locked" in said["error"]["title"]
        assert gdvg.json("status")["titles"] == 0  # reading goes on
        other.execute("ROLLBACK")
    assert gdvg.json("import", "start", *SCOPE)["state"] == "completed"


def test_a_value_of_the_environment_that_cannot_be_is_named(gdvg: CommandLine) -> None:
    result = gdvg.run("status", exit_code=2, GDVG_REQUESTS_PER_SECOND="brisk")
    assert "GDVG_REQUESTS_PER_SECOND" in result.stderr and "brisk" in result.stderr
    for name, value in (("TMDB_BULK_DAILY_PAGES", "-1"), ("TMDB_DELTA_LOOKBACK_DAYS", "15"), ("GDVG_API_PORT", "0")):
        message = gdvg.json("status", exit_code=2, **{name: value})["error"]["message"]
        assert name in message and value in message
