"""Backups: kept by reason, swept after a kill, compared before they are put back, and put back in one step."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.core.errors import DiskFull, LibraryBusy, LibraryLocked, NewerLibrary, UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths, open_paths
from gdvg_desktop.store import backup as backups
from gdvg_desktop.store.backup_preview import preview
from gdvg_desktop.store.db import Store
from tests.support.titles import fetch, rows, write

BACKING_UP = """
import sys
from pathlib import Path
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.backup import make_backup

print("begun", flush=True)
make_backup(Paths(Path(sys.argv[1])), "manual")
"""


def fill(store: Store, count: int) -> None:
    """Titles that take about 4 KB each."""
    for start in range(1, count, 500):
        numbers = range(start, min(start + 500, count + 1))
        write(store, *(rows(number, title=f"Title {number}", overview=os.urandom(1500).hex()) for number in numbers))


def test_the_last_two_of_each_reason_are_kept(store: Store, paths: Paths) -> None:
    for reason in ("before-schema-2", "before-schema-3", "before-schema-4"):
        store.backup(reason)
    manual = [store.backup("manual") for _ in range(3)]
    assert [one.reason for one in backups.listing(paths)] == ["manual", "manual", "before-schema-4", "before-schema-3"]
    assert not manual[0].exists()


def test_the_list_says_what_a_backup_holds_and_which_is_broken(store: Store, paths: Paths) -> None:
    write(store, rows(1, title="One"), rows(2, MediaType.TV, title="Two"), rows(3, title="Three"))
    made = store.backup("manual")
    torn = paths.backups / "library-20200101-000000-000000-manual.db"
    torn.write_bytes(made.read_bytes()[:9000])
    newest, oldest = backups.listing(paths)
    assert newest.titles == {MediaType.MOVIE: 2, MediaType.TV: 1}
    assert (
        newest.verified
        and newest.size == made.stat().st_size
        and newest.schema == fetch(store, "PRAGMA user_version")[0]
    )
    assert not oldest.verified and oldest.problem
    assert backups.find(paths, "latest").name == backups.find(paths, made.stem).name == made.name
    with pytest.raises(UsageError, match="no backup nothing"):
        backups.find(paths, "nothing")
    assert sorted(one.name for one in paths.backups.iterdir()) == sorted([made.name, torn.name])  # nothing beside them


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_what_a_killed_backup_left_goes_at_the_next_start_or_backup(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    fill(store, 8_000)
    kept = fetch(store, "SELECT count(*) FROM title")

    def killed() -> None:
        with subprocess.Popen(
            [sys.executable, "-c", BACKING_UP, str(paths.data_dir)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            while not any(one.stat().st_size > 1_000_000 for one in paths.backups.glob("*.partial")):
                assert process.poll() is None, "the backup ended before it could be killed"
            process.send_signal(signal.SIGKILL)
        assert list(paths.backups.glob("*.partial")) and backups.listing(paths) == []

    killed()
    made = store.backup("manual")
    assert list(paths.backups.iterdir()) == [made]
    made.unlink()
    killed()
    store.close()
    store = Store.open(paths, exclusive=True)
    assert list(paths.backups.iterdir()) == []
    assert fetch(store, "SELECT count(*) FROM title") == kept and store.check() == []
    store.close()


def test_two_backups_at_once_are_refused(store: Store, paths: Paths) -> None:
    with backups.alone(paths), pytest.raises(LibraryBusy, match="being made"):
        store.backup("manual")
    assert store.backup("manual").exists()


def test_a_preview_counts_what_would_be_lost_and_gained(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    write(store, rows(1, title="Kept"), rows(2, title="Edited"), rows(3, MediaType.TV, title="Removed since"))
    backup = backups.find(paths, store.backup("manual").name)
    write(
        store, rows(2, title="Edited since"), rows(4, title="Added", popularity=3.0), rows(5, MediaType.TV, title="B")
    )
    store.write_now(lambda db: db.execute_sql("DELETE FROM title WHERE id = 7"))
    found = preview(paths, backup)
    assert found.lost == {MediaType.MOVIE: 1, MediaType.TV: 1}
    assert found.gained == {MediaType.MOVIE: 0, MediaType.TV: 1}
    assert (found.changed, found.lost_names) == (1, ("Added", "B"))
    assert found.now is not None and found.now.titles == {MediaType.MOVIE: 3, MediaType.TV: 1}
    store.close()
    paths.library.write_bytes(b"not a library any more" * 500)
    assert preview(paths, backup).now is None


def test_a_backup_of_a_newer_version_is_refused(store: Store, paths: Paths) -> None:
    made = store.backup("manual")
    with contextlib.closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(NewerLibrary):
        preview(paths, backups.find(paths, made.name))


def test_restoring_keeps_what_it_replaced(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    write(store, rows(1, title="Old"))
    made = store.backup("manual")
    write(store, rows(2, title="New"))
    with pytest.raises(LibraryLocked):
        Store.restore(paths, made)
    store.close()
    kept = Store.restore(paths, made)
    restored = Store.open(paths, exclusive=True)
    assert fetch(restored, "SELECT title FROM title") == ["Old"]
    restored.close()
    with contextlib.closing(sqlite3.connect(kept / paths.library.name)) as before:
        assert before.execute("SELECT count(*) FROM title").fetchone() == (2,)
    assert kept.name.startswith("replaced-")
    for _ in range(3):
        Store.restore(paths, made)
    assert len(backups.set_aside(paths)) == backups.KEPT_ASIDE


def test_a_library_another_program_has_open_is_not_replaced(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    write(store, rows(1, title="One"))
    made = store.backup("manual")
    write(store, rows(2, title="Two"))
    store.close()
    beside = Store.open(paths, exclusive=False)
    with pytest.raises(LibraryBusy, match="open"):
        Store.restore(paths, made)
    assert fetch(beside, "SELECT count(*) FROM title") == [2]
    beside.close()
    assert backups.set_aside(paths) == []
    Store.restore(paths, made)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_restoration_killed_at_any_moment_leaves_a_whole_library(paths: Paths) -> None:
    store = Store.open(paths, exclusive=True)
    fill(store, 2_000)
    made = store.backup("manual")
    write(store, rows(5000, title="Since"))
    store.close()
    before = paths.library.read_bytes()
    restoring = (
        "import sys; from pathlib import Path; from gdvg_desktop.core.paths import Paths; "
        "from gdvg_desktop.store.db import Store; print('begun', flush=True); "
        "Store.restore(Paths(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    counts = set()
    for delay_ms in range(0, 120, 8):
        paths.library.write_bytes(before)
        with subprocess.Popen(
            [sys.executable, "-c", restoring, str(paths.data_dir), str(made)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay_ms / 1000)
            process.kill()
        after = Store.open(paths, exclusive=True)
        assert after.check() == []
        counts.add(fetch(after, "SELECT count(*) FROM title")[0])
        after.close()
        assert not list(paths.data_dir.glob("*.partial*"))
    assert counts <= {2_000, 2_001} and 2_001 in counts


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 60 MB; only root on Linux can make one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("root may not mount here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_a_backup_and_one_that_fills_meanwhile_leaves_nothing(small_disk: Path) -> None:
    paths = open_paths(small_disk / "data")
    store = Store.open(paths, exclusive=True)
    fill(store, 3_000)
    with pytest.raises(DiskFull, match="no room") as refused:
        store.backup("manual")
    needed, free = (int(number) for number in re.findall(r"(\d+) MB", refused.value.message))
    assert needed >= free > 0
    assert list(paths.backups.iterdir()) == []
    with pytest.MonkeyPatch.context() as patch:
        usage = shutil.disk_usage(small_disk)
        patch.setattr(backups.shutil, "disk_usage", lambda _folder: usage._replace(free=10**9))
        (small_disk / "others").write_bytes(bytes(usage.free - 3_000_000))
        with pytest.raises(DiskFull):
            store.backup("manual")
    assert list(paths.backups.iterdir()) == []
    assert store.check() == []
    store.close()


def test_a_full_disk_refuses_a_restoration_and_a_purge_loses_nothing_on_one(small_disk: Path) -> None:
    paths = open_paths(small_disk / "data")
    store = Store.open(paths, exclusive=True)
    fill(store, 300)
    made = store.backup("manual")
    write(store, rows(5000, title="Since"))
    store.close()
    others = small_disk / "others"
    others.write_bytes(bytes(shutil.disk_usage(small_disk).free - 200_000))
    with pytest.raises(DiskFull, match="no room"):
        Store.restore(paths, made)
    with pytest.raises(DiskFull):
        Store.purge(paths)
    others.unlink()
    store = Store.open(paths, exclusive=True)
    assert fetch(store, "SELECT count(*) FROM title") == [301] and store.check() == []
    store.close()
    assert backups.listing(paths)[0].verified and backups.set_aside(paths) == []
    assert not list(paths.data_dir.glob("*.partial*"))
    Store.purge(paths)
    store = Store.open(paths, exclusive=True)
    assert fetch(store, "SELECT count(*) FROM title") == [0]
    store.close()
