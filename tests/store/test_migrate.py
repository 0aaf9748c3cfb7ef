"""Migrations: whole or not at all, in order, with a backup, and in line with the models."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from peewee import BlobField, CompositeKey, FloatField, ForeignKeyField, IntegerField, TextField

from gdvg_desktop.core.errors import LibraryLocked
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import db as store_db
from gdvg_desktop.store import migrate
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.health import connect
from gdvg_desktop.store.lock import EngineLock
from gdvg_desktop.store.migrate import Step
from gdvg_desktop.store.models.titles import MODELS, Title
from tests.support.titles import fetch, rows, write

CRASHING = """
import os, signal, sys
from pathlib import Path
from gdvg_desktop.store.health import connect
from gdvg_desktop.store.migrate import migrate

connection = connect(Path(sys.argv[1]))
connection.execute("PRAGMA journal_mode = WAL")
left = int(sys.argv[2])

def count(statement):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

connection.set_trace_callback(count)
migrate(connection)
"""


def schema_of(path: Path) -> list[tuple[str, str]]:
    connection = connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()
    connection.close()
    return found


def test_steps_are_numbered_without_a_hole() -> None:
    numbers = [step.number for step in migrate.steps()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_kill_at_any_moment_of_a_migration_leaves_a_file_the_next_start_completes(paths: Paths) -> None:
    Store.open(paths, exclusive=True).close()
    whole = schema_of(paths.library)
    statements = sum(len(step.statements) for step in migrate.steps())
    versions = set()
    for left in range(1, statements + 10, 9):
        folder = paths.data_dir / str(left)
        folder.mkdir()
        crashed = Paths(folder)
        killed = subprocess.run(
            [sys.executable, "-c", CRASHING, str(crashed.library), str(left)], check=False, capture_output=True
        )
        assert killed.returncode in (0, -9), killed.stderr
        connection = connect(crashed.library)
        versions.add(migrate.version_of(connection))
        connection.close()
        Store.open(crashed, exclusive=True).close()
        assert schema_of(crashed.library) == whole
    assert len(versions) > 1  # some were killed before the first step was done, some after


def test_a_step_that_fails_leaves_the_file_at_the_step_before(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db")
    todo = (
        Step(1, "m0001_one", ("CREATE TABLE one (a)",)),
        Step(2, "m0002_two", ("CREATE TABLE two (a)", "INSERT INTO nowhere VALUES (1)")),
    )
    with pytest.raises(sqlite3.OperationalError):
        migrate.migrate(connection, todo)
    tables = connection.execute("SELECT name FROM sqlite_schema").fetchall()
    assert (migrate.version_of(connection), tables) == (1, [("one",)])
    connection.close()


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Step:
    """This program, one migration later."""
    known = migrate.steps()
    step = Step(known[-1].number + 1, "m9999_next", ("CREATE TABLE next (a INTEGER) STRICT",))
    for module in (migrate, store_db):
        monkeypatch.setattr(module, "steps", lambda: (*known, step))
    return step


def test_an_older_library_is_backed_up_before_it_is_migrated(paths: Paths, request: pytest.FixtureRequest) -> None:
    old = Store.open(paths, exclusive=True)
    write(old, rows(1, title="Kept"))
    old.close()
    step: Step = request.getfixturevalue("next_version")
    said: list[str] = []
    new = Store.open(paths, exclusive=True, on_progress=said.append)
    assert fetch(new, "SELECT title FROM title") == ["Kept"]
    assert fetch(new, "PRAGMA user_version") == [step.number]
    new.close()
    (made,) = paths.backups.iterdir()
    backup = sqlite3.connect(made)
    assert backup.execute("PRAGMA user_version").fetchone() == (step.number - 1,)
    assert backup.execute("SELECT title FROM title").fetchall() == [("Kept",)]
    backup.close()
    assert "Verifying the backup" in said
    assert said[-1] == f"Library brought to schema {step.number}"


def test_a_command_beside_an_older_library_in_use_does_not_migrate_it(
    paths: Paths, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_db, "HOLDER_BRINGS_UP_S", 0.1)
    Store.open(paths, exclusive=True).close()
    request.getfixturevalue("next_version")
    lock = EngineLock(paths.engine_lock)
    lock.acquire()
    with pytest.raises(LibraryLocked, match="brought up to date"):
        Store.open(paths, exclusive=False)
    lock.release()
    Store.open(paths, exclusive=False).close()
    Store.open(paths, exclusive=True).close()


def test_a_command_started_beside_a_program_that_makes_the_library_waits_for_it(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = EngineLock(paths.engine_lock)
    lock.acquire()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            lock.release()
            Store.open(paths, exclusive=True).close()

    monkeypatch.setattr("time.sleep", wait)
    Store.open(paths, exclusive=False).close()
    assert len(waited) == 3


# --------------------------------------------------------------------------------------------------------- models

TYPES = {IntegerField: "INTEGER", ForeignKeyField: "INTEGER", TextField: "TEXT", FloatField: "REAL", BlobField: "BLOB"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.table_name)
def test_the_models_say_what_the_migrations_made(store: Store, model: type) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    made = store.read_now(lambda db: db.execute_sql(f"PRAGMA table_info({meta.table_name})").fetchall())
    key = meta.primary_key
    fields = [meta.fields[name] for name in key.field_names] if isinstance(key, CompositeKey) else [key]
    keys = [field.column_name for field in fields]
    declared = [
        (
            field.column_name,
            TYPES[type(field)],
            not field.null,
            keys.index(field.column_name) + 1 if field.column_name in keys else 0,
        )
        for field in meta.sorted_fields
    ]
    expected = [(name, kind, bool(notnull or place), place) for _, name, kind, notnull, _, place in made]
    assert sorted(declared) == sorted(expected)
    references = {
        (field.column_name, field.rel_model._meta.table_name)
        for field in meta.sorted_fields
        if hasattr(field, "rel_model")
    }
    found = store.read_now(lambda db: db.execute_sql(f"PRAGMA foreign_key_list({meta.table_name})").fetchall())
    single = {row[0] for row in found} - {row[0] for row in found if row[1] > 0}
    assert references == {(row[3], row[2]) for row in found if row[0] in single}


def test_every_table_of_titles_has_a_model(store: Store) -> None:
    first = migrate.steps()[0]
    made = {text.split()[2] for text in first.statements if text.split()[:2] == ["CREATE", "TABLE"]}
    assert made == {model._meta.table_name for model in MODELS}


def test_models_answer_with_the_database_at_hand(store: Store) -> None:
    write(store, rows(1, title="One"), rows(2, title="Two"))
    found = store.read_now(lambda db: [one.title for one in Title.select().order_by(Title.id.desc()).execute(db)])
    assert found == ["Two", "One"]
