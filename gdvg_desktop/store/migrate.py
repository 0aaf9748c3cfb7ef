"""Brings a library file to this version's schema. When and with which backup is left to `store.db`."""

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from gdvg_desktop.store import migrations

APPLICATION_ID = 0x47445647  # "GDVG", in the header of every library file
_NAME = re.compile(r"m(\d{4})_\w+")


@dataclass(frozen=True, slots=True)
class Step:
    """One migration: its number becomes `PRAGMA user_version` in the same transaction as its statements."""

    number: int
    name: str
    statements: tuple[str, ...]


def steps() -> tuple[Step, ...]:
    """All migrations in order, found by file name (also inside an installed wheel or a frozen program)."""
    found = []
    for module in pkgutil.iter_modules(migrations.__path__):
        match = _NAME.fullmatch(module.name)
        if match:
            statements = importlib.import_module(f"{migrations.__name__}.{module.name}").STATEMENTS
            found.append(Step(int(match[1]), module.name, statements))
    found.sort(key=lambda step: step.number)
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise RuntimeError(f"Migrations are not numbered 1 to {len(found)}: {[step.name for step in found]}")
    return tuple(found)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of an open file; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: sqlite3.Connection,
    todo: tuple[Step, ...] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> int:
    """Run every step above the file's version, each in one transaction with its number. Returns the version reached.

    `connection` is in autocommit mode (`isolation_level=None`). A step that fails leaves the file at the step before.
    """
    connection.execute("PRAGMA foreign_keys = OFF")
    for step in steps() if todo is None else todo:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version_of(connection) < step.number:  # asked inside: another process may have been first
                for statement in step.statements:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {step.number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if on_step is not None:
            on_step(step)
    connection.execute("PRAGMA foreign_keys = ON")
    return version_of(connection)
