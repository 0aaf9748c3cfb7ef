"""Snapshots of what the library holds: take one, list them, compare two, keep one for good."""

import asyncio

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.store import snapshots
from gdvg_desktop.store.snapshots import Difference, Snapshot


async def take(app: App, reason: str = snapshots.MANUAL) -> Snapshot:
    """Take a snapshot now."""
    now_ms = to_millis(app.clock.now())
    taken = await app.store.read(lambda db: snapshots.take(app.paths, db, now_ms, reason))
    assert taken is not None
    return taken


async def listing(app: App) -> list[Snapshot]:
    """All snapshots, newest first."""
    return await asyncio.to_thread(snapshots.listing, app.paths)


async def difference(app: App, first: int, second: int) -> Difference:
    """What changed between two snapshots, by number. Raises UsageError for an unknown one."""
    return await app.store.read(lambda db: snapshots.difference(app.paths, db, first, second))


async def pin(app: App, snapshot_id: int, pinned: bool = True) -> Snapshot:
    """Keep a snapshot for good, or no longer."""
    return await asyncio.to_thread(snapshots.pin, app.paths, snapshot_id, pinned)
