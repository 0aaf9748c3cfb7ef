"""Purging TMDb's data: nothing of it is left in any file, the user's own stays, and a kill only puts it off."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from gdvg_desktop.core.errors import LibraryBusy, LibraryLocked
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import alerts, counts, jobs, purge, reset, schedule, snapshots
from gdvg_desktop.store.alerts import RuleRow
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.reset import ResetKind
from gdvg_desktop.store.schedule import NewTask
from tests.support.titles import NOW, fetch, rows, write

SECRET = "Quetzalcoatl's Umbrella"
KILLED = """
import os, signal, sys
from pathlib import Path
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import backup, purge
from gdvg_desktop.store.db import Store

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(*{"swap": (backup, "replace_library", kill), "files": (purge, "_remove_files", kill)}[sys.argv[2]])
Store.purge(Paths(Path(sys.argv[1])))
"""


def used(paths: Paths) -> Store:
    """A library that was used: titles, a finished and an unfinished job, a backup, posters, an export, a snapshot."""
    store = Store.open(paths, exclusive=True)
    write(store, *(rows(number, title=SECRET, overview=SECRET * 9) for number in range(1, 40)))

    def more(db: SqliteDatabase) -> None:
        done, _ = jobs.add(db, JobKind.IMPORT, "Done", {"n": 1}, NOW)
        jobs.bump(db, done.id, NOW, total=39, added=39)
        jobs.set_state(db, done.id, JobState.COMPLETED, NOW)
        half, _ = jobs.add(db, JobKind.REFRESH, "Half", {"ids": [2, 4]}, NOW)
        jobs.bump(db, half.id, NOW, total=2)
        jobs.add_listed(db, half.id, None, [(MediaType.MOVIE, 1, 1.0, None), (MediaType.MOVIE, 2, 1.0, None)])
        counts.set_fact(db, "scope", "{}", NOW)
        counts.set_fact(db, "catalogue_movie", "39", NOW)
        schedule.ensure(db, [NewTask("delta", "delta", "0 */6 * * *", "UTC")], NOW)
        schedule.change(db, "delta", NOW, cron="5 5 * * *")
        schedule.pause(db, NOW, "cli", None)
        alerts.add_target(db, "Phone", "apprise", ["alert"])
        alerts.put_rule(db, RuleRow("low_disk", enabled=False))
        db.execute_sql(
            "INSERT INTO title_change (title_id, at, field, old, new) VALUES (2, ?, 'title', ?, 'x')", (NOW, SECRET)
        )

    store.write_now(more)
    store.backup("manual")
    store.read_now(lambda db: snapshots.take(paths, db, NOW, "manual"))
    for folder in (paths.posters, paths.data_dir / "exports", paths.data_dir / "damaged-20260101-000000-000000"):
        folder.mkdir(exist_ok=True)
        (folder / "file").write_text(SECRET, encoding="utf-8")
    paths.settings.write_text("theme = 'dark'\n", encoding="utf-8")
    return store


def assert_purged(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    titles = ("title", "title_search", "job_item", "title_change", "person", "tombstone")
    assert [fetch(store, f"SELECT count(*) FROM {table}")[0] for table in titles] == [0] * len(titles)
    assert fetch(store, "SELECT name, state, added, total FROM job ORDER BY id") == [
        ("Done", "completed", 39, 39),
        ("Half", "cancelled", 0, 0),
    ]
    assert fetch(store, "SELECT config FROM job WHERE kind = 'refresh'") == ["{}"]
    assert fetch(store, "SELECT name FROM fact ORDER BY name") == ["schedule_pause", "scope"]
    assert fetch(store, "SELECT cron FROM task") == ["5 5 * * *"]
    assert fetch(store, "SELECT name FROM alert_target") == ["Phone"]
    assert fetch(store, "SELECT name, enabled FROM alert_rule") == [("low_disk", 0)]
    assert fetch(store, "SELECT seq FROM sqlite_sequence WHERE name = 'title_change'") == [1]
    assert store.check() == []
    write(store, rows(7, title="New"))
    assert fetch(store, "SELECT rowid FROM title_fts WHERE title_fts MATCH 'new'") == [14]
    store.close()
    assert [one.movies for one in snapshots.listing(paths)] == [39]
    assert paths.settings.exists()
    files = [one for one in paths.data_dir.rglob("*") if one.is_file()]
    assert not [one for one in files if SECRET.encode() in one.read_bytes() or b"Quetzal" in one.read_bytes()]
    assert not purge.pending(paths) and not list(paths.backups.iterdir())


def test_nothing_of_tmdb_is_left_and_the_users_own_stays(paths: Paths) -> None:
    used(paths).close()
    done = Store.purge(paths)
    assert done.titles == 39 and done.files >= 4 and done.size > 0
    assert_purged(paths)


def test_a_library_in_use_is_not_purged(paths: Paths) -> None:
    store = used(paths)
    with pytest.raises(LibraryLocked):
        Store.purge(paths)
    store.close()
    beside = Store.open(paths, exclusive=False)
    with pytest.raises(LibraryBusy):
        Store.purge(paths)
    assert fetch(beside, "SELECT count(*) FROM title") == [39]
    beside.close()
    assert not purge.pending(paths)
    Store.open(paths, exclusive=True).close()
    assert len(list(paths.backups.iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize("where", ["swap", "files"])
def test_a_killed_purge_is_ended_by_the_next_start(paths: Paths, where: str) -> None:
    used(paths).close()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(paths.data_dir), where], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert purge.pending(paths)
    assert_purged(paths)


def test_a_damaged_library_can_be_purged(paths: Paths) -> None:
    used(paths).close()
    paths.library.write_bytes(paths.library.read_bytes()[:5000])
    Store.purge(paths)
    store = Store.open(paths, exclusive=True)
    assert fetch(store, "SELECT count(*) FROM job") == [0] and store.check() == []
    store.close()
    with contextlib.suppress(FileNotFoundError):
        assert not [one for one in Path(paths.data_dir).rglob("*.db") if SECRET.encode() in one.read_bytes()]


def test_a_reset_forgets_the_rows_of_its_kind_and_type_only(store: Store) -> None:
    def fill(db: SqliteDatabase) -> None:
        for kind in MediaType:
            for day in ("2026-01-01", "2026-01-02"):
                db.execute_sql("INSERT INTO change_day VALUES (?, ?, 1, 1, NULL, x'', x'')", (kind.value, day))
            db.execute_sql(
                "INSERT INTO release_month (rule, media_type, month, reported, asked_at) "
                "VALUES ('', ?, '2026-01', 3, 1)",
                (kind.value,),
            )
        done, _ = jobs.add(db, JobKind.IMPORT, "Done", {"n": 1}, NOW)
        jobs.set_state(db, done.id, JobState.COMPLETED, NOW)
        half, _ = jobs.add(db, JobKind.IMPORT, "Half", {"n": 2}, NOW)
        for job in (done, half):
            db.execute_sql(
                "INSERT INTO listing_window (job_id, media_type, undated) VALUES (?, 'movie', 'with')", (job.id,)
            )
        for title_id in range(1, 12_000):
            db.execute_sql(
                "INSERT INTO gap (title_id, kind, status, score, popularity, recency, found_at) "
                "VALUES (?, 'sequential', 'open', 1, 1, 1, 1)",
                (title_id,),
            )

    store.write_now(fill)

    def forget(kind: ResetKind, *types: MediaType) -> int:
        expected = store.read_now(lambda db: reset.count(db, kind, types))
        total = 0
        while gone := store.write_now(lambda db: reset.forget(db, kind, types)):
            assert gone <= 2 * reset.CHUNK
            total += gone
        assert total == expected
        return total

    assert forget(ResetKind.CURSOR, MediaType.TV) == 2
    assert fetch(store, "SELECT DISTINCT media_type FROM change_day") == ["movie"]
    assert forget(ResetKind.LEDGER, MediaType.MOVIE) == 2
    assert fetch(store, "SELECT media_type FROM release_month") == ["tv"]
    assert fetch(store, "SELECT name FROM listing_window JOIN job ON job.id = job_id") == ["Half"]
    assert forget(ResetKind.GAPS, MediaType.MOVIE, MediaType.TV) == 11_999
