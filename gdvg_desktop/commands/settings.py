"""Change settings, carry them to another computer, and follow what another process changes."""

import asyncio
import logging
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import tomli_w

from gdvg_desktop.app import App
from gdvg_desktop.commands.files import write_text
from gdvg_desktop.core.errors import LibraryLocked, UsageError
from gdvg_desktop.core.settings import Settings, env_overrides, load_settings, save_settings, validate
from gdvg_desktop.store.lock import EngineLock

log = logging.getLogger(__name__)

FOLLOW_S = 1.0
PATIENCE_S = 10.0  # a change takes milliseconds
OF_THIS_COMPUTER = ("wizard_done",)


async def change(app: App, **values: Any) -> Settings:
    """Check, save and apply settings. Raises UsageError naming the value; then nothing is changed.

    The rate applies at once; addresses, proxy, attempts, languages and connections at the next start.
    """
    locked = sorted(env_overrides().keys() & values.keys())
    if locked:
        raise UsageError(f"{', '.join(locked)} is set by the environment.", "Change it there.")
    validate(replace(app.settings, **values))
    await asyncio.to_thread(save, app.paths.settings, values)
    changed = replace(app.settings, **values)  # read anew: others may have changed while the file was written
    _apply(app, changed)
    return changed


def save(path: Path, values: dict[str, Any]) -> None:
    """Change these values in the file and leave all others as they are there now. It blocks.

    The file is the truth, not what this process once read of it: other threads and other processes change it too, and
    wait for each other. Raises UsageError; then nothing is changed.
    """
    lock = EngineLock(path.with_suffix(".lock"))
    try:
        lock.acquire(PATIENCE_S)
    except LibraryLocked:
        raise UsageError("Another program is changing the settings and does not come to an end.", "Close it.") from None
    try:
        save_settings(path, replace(load_settings(path), **values))
    finally:
        lock.release()


async def export(app: App, path: Path) -> dict[str, Any]:
    """Write what differs from the defaults as TOML; returns it. No setting is a secret.

    Raises UsageError where no file can be written, and DiskFull.
    """
    default = asdict(Settings())
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(app.settings).items()
        if value != default[name] and name not in OF_THIS_COMPUTER
    }
    await asyncio.to_thread(write_text, path, tomli_w.dumps(values))
    return values


async def read(app: App, path: Path) -> dict[str, Any]:
    """Take over what an exported file names; what the environment sets stays. Returns what was taken.

    Raises UsageError for a file that is none, and for a value out of range; then nothing is changed.
    """
    try:
        stored = tomllib.loads(await asyncio.to_thread(path.read_text, encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", "Name a file made by: gdvg settings export."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no file of settings: {error}.", "Make one with: gdvg settings export.") from None
    known = asdict(await asyncio.to_thread(load_settings, path, {}))
    locked = env_overrides().keys()
    values = {name: known[name] for name in known if name in stored and name not in (*locked, *OF_THIS_COMPUTER)}
    await change(app, **values)
    return values


async def follow(app: App) -> None:
    """Apply what another process writes to the settings file, within a second, until cancelled."""
    seen = await asyncio.to_thread(_stamp, app.paths.settings)
    while True:
        await app.clock.sleep(FOLLOW_S)
        stamp = await asyncio.to_thread(_stamp, app.paths.settings)
        if stamp == seen:
            continue
        seen = stamp
        try:
            changed = await asyncio.to_thread(load_settings, app.paths.settings)
            validate(changed)
        except UsageError as error:
            log.warning("The settings file is left alone: %s", error)
            continue
        if changed != app.settings:
            _apply(app, changed)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _apply(app: App, changed: Settings) -> None:
    app.settings = changed
    app.client.apply(changed)
    if app.engine is not None:
        app.engine.apply(changed)
