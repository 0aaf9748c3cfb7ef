"""Backups of the library: make one, list them, look at what one would change, put one back.

`create` works beside the engine. The others take the paths of the data folder, not an app: a library that is damaged
or from a newer version cannot be opened, and just then backups are wanted.
"""

import asyncio
from pathlib import Path

from gdvg_desktop.app import App
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import backup, backup_preview
from gdvg_desktop.store.backup import Backup, Progress
from gdvg_desktop.store.backup_preview import RestorePreview
from gdvg_desktop.store.db import Store


async def create(app: App, on_progress: Progress | None = None) -> Backup:
    """Copy the library beside all work and verify the copy. Raises DiskFull, LibraryBusy or StorageError.

    `on_progress` is called with words, in another thread.
    """
    made = await asyncio.to_thread(app.store.backup, backup.MANUAL, on_progress)
    return await asyncio.to_thread(backup.find, app.paths, made.name)


async def listing(paths: Paths) -> list[Backup]:
    """All backups, newest first."""
    return await asyncio.to_thread(backup.listing, paths)


async def preview(paths: Paths, name: str) -> RestorePreview:
    """What putting a backup back would change. Raises UsageError for an unknown one, NewerLibrary."""

    def look() -> RestorePreview:
        return backup_preview.preview(paths, backup.find(paths, name))

    return await asyncio.to_thread(look)


async def restore(paths: Paths, name: str) -> Path:
    """Put a backup in the library's place; returns the folder that keeps what it replaced.

    Nobody may have the library open: raises LibraryLocked naming an engine, LibraryBusy for any other program,
    StorageError when the backup is damaged, DiskFull.
    """

    def put() -> Path:
        return Store.restore(paths, backup.find(paths, name).path)

    return await asyncio.to_thread(put)
