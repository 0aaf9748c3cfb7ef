"""Care of the file from the command line: audit and mending, backups and restoring, snapshots, reset and purge."""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.support.command_line import CommandLine

SCOPE = ("--type", "tv", "--from", "2000")


@contextlib.contextmanager
def by_hand(gdvg: CommandLine) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(gdvg.data_dir / "library.db", isolation_level=None)) as connection:
        yield connection


def found(report: Any) -> dict[str, int]:
    return {check["check"]: check["count"] for check in report["checks"] if check["fault"]}


def comparable(exported: str) -> dict[tuple[str, int], Any]:
    """An export without what moves by itself."""
    moving = ("fetched_at", "popularity", "vote_average", "vote_count")
    rows = [json.loads(line) for line in exported.splitlines()]
    return {(row["media_type"], row["tmdb_id"]): {k: v for k, v in row.items() if k not in moving} for row in rows}


def test_an_import_is_clean_and_what_is_broken_by_hand_is_mended(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE)
    clean = gdvg.json("audit")
    assert clean["clean"] and clean["found"] == 0 and clean["fixed"] is None
    before = gdvg.run("titles", "export").stdout
    with by_hand(gdvg) as file:
        ids = [row[0] for row in file.execute("SELECT id FROM title WHERE overview IS NOT NULL LIMIT 6")]
        file.execute("UPDATE title SET release_date = 'soon' WHERE id = ?", ids[:1])
        file.execute("UPDATE title SET overview = NULL WHERE id = ?", ids[1:2])
        file.execute("DELETE FROM title_genre WHERE title_id = ?", ids[2:3])
        file.execute(
            "DELETE FROM person WHERE id IN (SELECT person_id FROM credit WHERE title_id = ? LIMIT 2)", ids[3:4]
        )
        file.execute("DELETE FROM title_search WHERE title_id = ?", ids[4:5])
        file.execute("INSERT INTO title_keyword VALUES (?, 500, 1), (99999, 1, 1)", ids[5:6])
        file.execute("UPDATE job SET total = total + 7")
        file.execute("UPDATE title SET checked_at = 1000 WHERE id = ?", ids[5:6])
    report = gdvg.json("audit", exit_code=1)
    assert not report["clean"] and report["fixed"] is None
    assert found(report).keys() == {
        "orphans", "references", "malformed", "required_fields", "stale", "job_counts",
    }  # fmt: skip
    mended = gdvg.json("audit", "--fix")
    assert len(mended["fixed"]["jobs"]) == 1 and mended["fixed"]["jobs_recounted"] == 1
    job = gdvg.json("jobs", "show", str(mended["fixed"]["jobs"][0]))
    assert (job["kind"], job["state"], job["failed"]) == ("refresh", "completed", 0)
    again = gdvg.json("audit")
    assert again["clean"], found(again)
    assert comparable(gdvg.run("titles", "export").stdout) == comparable(before)
    assert "all is well" in gdvg.run("audit").stdout


def test_mending_can_leave_the_fetching_to_the_queue(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE, "--limit", "5")
    with by_hand(gdvg) as file:
        file.execute("UPDATE title SET release_date = 'soon'")
    mended = gdvg.json("audit", "--fix", "--queue", exit_code=1)
    (job_id,) = mended["fixed"]["jobs"]
    assert gdvg.json("jobs", "show", str(job_id))["state"] == "pending"
    gdvg.run("jobs", "run")
    assert gdvg.json("audit")["clean"]


def test_a_damaged_library_names_the_backup_that_mends_it(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE)
    held = gdvg.exported()
    made = gdvg.json("backup", "create")
    assert made["verified"] and made["titles"] == len(held)
    library = gdvg.data_dir / "library.db"
    data = bytearray(library.read_bytes())
    with by_hand(gdvg) as file:
        select = "SELECT overview FROM title WHERE overview IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET 20"
        (text,) = file.execute(select).fetchone()
    page = data.index(text.encode()) // 4096 * 4096
    data[page : page + 4096] = b"\xaa" * 4096
    library.write_bytes(data)
    report = gdvg.json("audit", exit_code=1)
    assert report["backups"] == [made["path"]] and found(report).keys() == {"file"}
    library.write_bytes(bytes(data[: len(data) // 2]))
    said = gdvg.run("audit", exit_code=5)
    assert "gdvg backup restore latest" in said.stderr
    restored = gdvg.json("backup", "restore", "latest", "--yes")
    assert restored["now"] is None and restored["gained"] == len(held)
    assert gdvg.exported() == held


def test_a_backup_is_restored_after_a_preview_and_a_yes(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE, "--limit", "5")
    few = gdvg.exported()
    made = gdvg.json("backup", "create")
    gdvg.json("import", "start", *SCOPE)
    many = gdvg.exported()
    preview = gdvg.json("backup", "restore", made["name"], "--preview")
    assert (preview["lost"], preview["gained"], preview["changed"]) == (len(many - few), 0, 0)
    assert len(preview["lost_names"]) == 5
    refused = gdvg.json("backup", "restore", made["name"], exit_code=2)
    assert "--yes" in refused["error"]["hint"]
    assert gdvg.exported() == many
    said = gdvg.run("backup", "restore", made["name"], "--yes").stdout
    assert f"{len(many - few)} titles would be lost" in said and "kept in" in said
    assert gdvg.exported() == few
    assert [one["name"] for one in gdvg.json("backup", "list")] == [made["name"]]
    assert "no backup nothing" in gdvg.json("backup", "restore", "nothing", exit_code=2)["error"]["message"]


def test_a_backup_is_made_beside_an_import_and_not_restored_beside_one(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.faults.latency_ms = 1500
    try:
        with gdvg.start("--json", "import", "start", "--from", "1950") as process:
            while not any(job["added"] for job in gdvg.json("jobs", "list")):
                assert process.poll() is None
            made = gdvg.json("backup", "create")
            assert process.poll() is None
            refused = gdvg.json("backup", "restore", made["name"], "--yes", exit_code=5)
            assert str(process.pid) in refused["error"]["message"]
            assert str(process.pid) in gdvg.json("purge", "--confirm", "purge", exit_code=5)["error"]["message"]
            demo.faults.latency_ms = 0
            out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    finally:
        demo.faults.latency_ms = 0
    assert made["verified"] and 0 < made["titles"] < json.loads(out)["added"]
    assert gdvg.json("audit")["clean"]


def test_a_completed_mirror_leaves_a_snapshot_and_two_can_be_compared(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("mirror", "start")
    (taken,) = gdvg.json("snapshots", "list")
    assert (taken["reason"], taken["new_titles"]) == ("mirror", None)
    assert taken["movies"] + taken["tv"] == len(demo.truth(Wanted()))
    assert taken["coverage"]["percent"] == 100.0
    with by_hand(gdvg) as file:
        (movie,) = file.execute("SELECT tmdb_id FROM title WHERE media_type = 'movie' LIMIT 1").fetchone()
        file.execute("PRAGMA foreign_keys = ON")
        file.execute("DELETE FROM title WHERE id = ?", (movie * 2,))
    gdvg.json("snapshots", "take")
    difference = gdvg.json("snapshots", "diff", "1", "2")
    assert (difference["movie"]["removed"], difference["movie"]["added"]) == ([movie], [])
    assert difference["tv"] == {"added": [], "removed": [], "changed": []}
    assert gdvg.json("snapshots", "pin", "1")["pinned"]
    assert not gdvg.json("snapshots", "pin", "1", "--off")["pinned"]
    assert "no snapshot 9" in gdvg.json("snapshots", "diff", "1", "9", exit_code=2)["error"]["message"]
    assert "movie" in gdvg.run("snapshots", "diff", "1", "2").stdout


def test_reset_and_purge_want_their_word(gdvg: CommandLine) -> None:
    gdvg.json("import", "start", *SCOPE, "--limit", "5")
    gdvg.json("backup", "create")
    assert "--confirm ledger" in gdvg.json("reset", "ledger", exit_code=2)["error"]["hint"]
    assert "is not ledger" in gdvg.json("reset", "ledger", "--confirm", "gaps", exit_code=2)["error"]["message"]
    done = gdvg.json("reset", "ledger", "--type", "tv", "--confirm", "ledger")
    assert done["types"] == ["tv"] and done["forgotten"] > 0
    assert gdvg.json("reset", "gaps", "--confirm", "gaps")["forgotten"] == 0
    assert gdvg.json("reset", "cursor", "--type", "song", "--confirm", "cursor", exit_code=2)["error"]
    assert "--confirm purge" in gdvg.json("purge", exit_code=2)["error"]["hint"]
    assert len(gdvg.exported()) == 5
    purged = gdvg.json("purge", "--confirm", "purge")
    assert purged["titles"] == 5 and purged["files"] >= 1
    assert gdvg.exported() == set() and gdvg.json("backup", "list") == []
    (job,) = gdvg.json("jobs", "list")
    assert (job["state"], job["added"]) == ("completed", 5)
    gdvg.json("import", "start", *SCOPE, "--limit", "5")
    assert len(gdvg.exported()) == 5


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_on_a_terminal_a_word_is_typed(gdvg: CommandLine) -> None:
    import os
    import pty
    import subprocess

    gdvg.json("import", "start", *SCOPE, "--limit", "3")
    for word, code, left in (("no", 2, 3), ("purge", 0, 0)):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, *gdvg.program, "--data-dir", str(gdvg.data_dir), "purge"],
            env=gdvg.environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            os.write(ours, f"{word}\n".encode())
            _, err = process.communicate(timeout=60)
        os.close(ours)
        os.close(theirs)
        assert process.returncode == code and "Type purge to go on" in err
        assert len(gdvg.exported()) == left
