"""Opening, locking, reading, writing, backing up and restoring a real file."""

import asyncio
import itertools
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import peewee
import pytest
from peewee import SqliteDatabase

from gdvg_desktop.core.errors import (
    CorruptLibrary,
    DiskFull,
    LibraryBusy,
    LibraryLocked,
    NewerLibrary,
    StorageError,
)
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import backup as backups
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.migrate import steps
from tests.support.titles import fetch, rows, write

HOLDER = """
import sys
from pathlib import Path
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.db import Store
store = Store.open(Paths(Path(sys.argv[1])), exclusive=True)
print("open", flush=True)
sys.stdin.readline()
"""


def add_keyword(db: SqliteDatabase, number: int) -> None:
    db.execute_sql("INSERT INTO keyword (id, name) VALUES (?, ?)", (number, f"word {number}"))


def keywords(store: Store) -> list[int]:
    return fetch(store, "SELECT id FROM keyword ORDER BY id")


# ------------------------------------------------------------------------------------------------ writing, reading


async def test_what_one_write_did_is_read_by_another_thread(store: Store) -> None:
    await store.write(lambda db: add_keyword(db, 1))
    assert await store.read(lambda db: db.execute_sql("SELECT name FROM keyword").fetchall()) == [("word 1",)]


async def test_writes_that_come_at_once_happen_one_after_another(store: Store) -> None:
    names: set[str] = set()

    def note(db: SqliteDatabase) -> None:
        names.add(threading.current_thread().name)
        count = db.execute_sql("SELECT count(*) FROM keyword").fetchone()[0]
        add_keyword(db, count + 1)  # two at a time would meet the same count

    await asyncio.gather(*(store.write(note) for _ in range(30)))
    assert keywords(store) == list(range(1, 31))
    assert len(names) == 1


def test_a_write_that_fails_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    def fail(db: SqliteDatabase) -> None:
        add_keyword(db, 1)
        with db.atomic():
            add_keyword(db, 2)
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        store.write_now(fail)
    assert keywords(store) == []
    store.write_now(lambda db: add_keyword(db, 3))
    assert keywords(store) == [3]


def test_an_inner_transaction_can_fail_alone(store: Store) -> None:
    def write_two(db: SqliteDatabase) -> None:
        add_keyword(db, 1)
        with pytest.raises(ValueError), db.atomic():
            add_keyword(db, 2)
            raise ValueError

    store.write_now(write_two)
    assert keywords(store) == [1]


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError, match="readonly"):
        store.read_now(lambda db: add_keyword(db, 1))
    assert keywords(store) == []


def test_a_broken_constraint_stays_what_it_is(store: Store) -> None:
    store.write_now(lambda db: add_keyword(db, 1))
    with pytest.raises(peewee.IntegrityError):
        store.write_now(lambda db: add_keyword(db, 1))
    store.write_now(lambda db: add_keyword(db, 2))
    assert keywords(store) == [1, 2]


def test_data_version_changes_when_another_store_commits(store: Store, paths: Paths) -> None:
    before = store.data_version()
    assert store.data_version() == before
    other = Store.open(paths, exclusive=False)
    other.write_now(lambda db: add_keyword(db, 1))
    other.close()
    assert store.data_version() != before
    assert keywords(store) == [1]


def test_the_file_is_kept_safe_against_power_cuts(store: Store) -> None:
    def pragma(name: str) -> object:
        return store.write_now(lambda db: db.pragma(name))

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)


# ---------------------------------------------------------------------------------------------------- one engine


def test_a_second_engine_is_refused_and_told_who_holds_the_library(paths: Paths) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(paths.data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(LibraryLocked, match=f"process {holder.pid}"):
            Store.open(paths, exclusive=True)
        beside = Store.open(paths, exclusive=False)  # a window beside the engine
        beside.write_now(lambda db: add_keyword(db, 7))
        assert keywords(beside) == [7]
        beside.close()
        holder.kill()  # the lock goes with its holder
    engine = Store.open(paths, exclusive=True)
    assert keywords(engine) == [7]
    assert engine.unclean
    engine.close()
    again = Store.open(paths, exclusive=True)
    assert not again.unclean
    again.close()


def test_an_engine_of_the_same_process_is_refused_too(store: Store, paths: Paths) -> None:
    assert store.exclusive
    with pytest.raises(LibraryLocked):
        Store.open(paths, exclusive=True)
    with pytest.raises(LibraryLocked):
        Store.restore(paths, paths.library)


def test_closing_twice_is_safe_and_frees_the_lock(paths: Paths) -> None:
    first = Store.open(paths, exclusive=True)
    first.close()
    first.close()
    second = Store.open(paths, exclusive=True)
    second.close()


def test_a_lock_of_another_program_is_reported_as_such(store: Store, paths: Paths) -> None:
    store.write_now(lambda db: db.pragma("busy_timeout", 10))
    other = sqlite3.connect(paths.library, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryBusy):
        store.write_now(lambda db: add_keyword(db, 1))
    other.execute("ROLLBACK")
    other.close()
    store.write_now(lambda db: add_keyword(db, 1))


# ------------------------------------------------------------------------------------------------------ bad files


def test_a_newer_library_is_refused_and_left_alone(paths: Paths) -> None:
    Store.open(paths, exclusive=True).close()
    newest = steps()[-1].number
    with sqlite3.connect(paths.library) as raw:
        raw.execute(f"PRAGMA user_version = {newest + 1}")
    raw.close()
    before = paths.library.read_bytes()
    with pytest.raises(NewerLibrary, match=f"schema {newest + 1}"):
        Store.open(paths, exclusive=True)
    assert paths.library.read_bytes() == before


def test_a_database_of_another_program_is_refused(paths: Paths) -> None:
    with sqlite3.connect(paths.library) as raw:
        raw.execute("CREATE TABLE bookmarks (url)")
    raw.close()
    with pytest.raises(StorageError, match="another program"):
        Store.open(paths, exclusive=True)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"not a database at all, sorry" * 100, id="other text"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut off"),
        pytest.param(lambda data: data[:100] + b"\xff" * 4000 + data[4100:], id="first page overwritten"),
        pytest.param(lambda data: data[:8192] + b"\x00" * 8192 + data[16384:], id="inner pages zeroed"),
    ],
)
def test_a_damaged_file_is_noticed_at_the_start_and_the_backup_offered(paths: Paths, damage: object) -> None:
    store = Store.open(paths, exclusive=True)
    write(store, rows(1, title="Kept"))
    good = store.backup("test")
    store.close()
    paths.library.write_bytes(damage(paths.library.read_bytes()))  # type: ignore[operator]
    with pytest.raises(CorruptLibrary) as caught:
        Store.open(paths, exclusive=True)
    assert caught.value.backups == (str(good),)
    kept = Store.restore(paths, good)
    assert (kept / paths.library.name).exists()
    restored = Store.open(paths, exclusive=True)
    assert fetch(restored, "SELECT title FROM title") == ["Kept"]
    assert restored.check() == []
    restored.close()


def test_damage_inside_is_found_by_the_whole_check_and_by_the_read_that_meets_it(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    write(store, *(rows(number, title=f"Title {number}", overview="x" * 3000) for number in range(1, 200)))
    assert store.check() == []
    store.close()
    data = bytearray(paths.library.read_bytes())
    spoil_the_page_of(b"Title 150", data)
    paths.library.write_bytes(data)
    store = Store.open(paths, exclusive=True)  # the start looks at the first page of each table only
    assert store.check() != []
    with pytest.raises(CorruptLibrary):
        store.read_now(lambda db: db.execute_sql("SELECT overview FROM title").fetchall())
    store.close()


def spoil_the_page_of(text: bytes, data: bytearray) -> None:
    place = data.index(text) // 4096 * 4096
    data[place : place + 4096] = b"\xaa" * 4096


def test_a_full_disk_is_told_and_nothing_is_lost(store: Store) -> None:
    store.write_now(lambda db: add_keyword(db, 1))
    store.write_now(lambda db: db.pragma("max_page_count", db.pragma("page_count")))  # SQLite then meets a full disk

    def fill(db: SqliteDatabase) -> None:
        with db.atomic():
            for number in range(2, 20_000):
                add_keyword(db, number)

    with pytest.raises(DiskFull):
        store.write_now(fill)
    assert keywords(store) == [1]
    store.write_now(fill)  # the connection was made anew, without the limit
    assert len(keywords(store)) == 19_999


# -------------------------------------------------------------------------------------------------------- backups


def test_a_backup_beside_a_writer_is_one_moment_of_the_library(store: Store) -> None:
    stop = threading.Event()
    written = threading.Semaphore(0)

    def write_pairs() -> None:
        for number in itertools.count(1):
            if stop.is_set():
                return
            store.write_now(lambda db, n=number: [add_keyword(db, 2 * n), add_keyword(db, 2 * n + 1)])
            written.release()

    def wait_for(writes: int) -> None:
        for _ in range(writes):
            assert written.acquire(timeout=30)

    writer = threading.Thread(target=write_pairs)
    writer.start()
    said: list[str] = []
    try:
        wait_for(5)
        made = store.backup("manual", said.append)
        while written.acquire(blocking=False):
            pass
        wait_for(5)  # the writer goes on
    finally:
        stop.set()
        writer.join()
    copy = sqlite3.connect(made)
    count = copy.execute("SELECT count(*) FROM keyword").fetchone()[0]
    assert count >= 10
    assert count % 2 == 0  # never half a transaction
    assert copy.execute("PRAGMA user_version").fetchone()[0] == steps()[-1].number
    copy.close()
    assert said[-1] == "Backup made"


def test_the_last_two_backups_are_kept(store: Store, paths: Paths) -> None:
    made = [store.backup("manual") for _ in range(4)]
    assert backups.good_backups(paths) == (str(made[3]), str(made[2]))
    assert sorted(paths.backups.iterdir()) == made[2:]


def test_no_backup_is_begun_without_room(store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = backups.shutil.disk_usage(paths.data_dir)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))
    with pytest.raises(DiskFull, match="no room"):
        store.backup("manual")
    assert list(paths.backups.iterdir()) == []


def test_a_damaged_backup_is_never_put_back(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    write(store, *(rows(number, title=f"Title {number}", overview="x" * 3000) for number in range(1, 200)))
    made = store.backup("manual")
    store.close()
    data = bytearray(made.read_bytes())
    spoil_the_page_of(b"Title 150", data)
    made.write_bytes(data)
    with pytest.raises(StorageError, match="damaged"):
        Store.restore(paths, made)
    Store.open(paths, exclusive=True).close()


def test_a_data_folder_without_permission_is_told(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "missing")
    with pytest.raises(StorageError, match=r"engine\.lock"):
        Store.open(paths, exclusive=True)
