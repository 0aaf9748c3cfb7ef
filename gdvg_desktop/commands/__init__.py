"""What a user can do, each thing one typed async function. Every face calls these; none has logic of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

from gdvg_desktop.commands import backup, coverage, imports, jobs, keys, overview, reset, settings, snapshots, titles

COMMANDS: dict[str, Callable[..., Awaitable[Any]]] = {
    "backup.create": backup.create,
    "backup.list": backup.listing,
    "backup.preview": backup.preview,
    "backup.restore": backup.restore,
    "coverage.certificate": coverage.certificate,
    "coverage.read_exports": coverage.read_exports,
    "coverage.scope": coverage.set_scope,
    "coverage.show": coverage.coverage,
    "import.preview": imports.preview,
    "import.start": imports.start,
    "jobs.list": jobs.listing,
    "jobs.show": jobs.show,
    "jobs.pause": jobs.pause,
    "jobs.resume": jobs.resume,
    "jobs.cancel": jobs.cancel,
    "jobs.retry": jobs.retry,
    "jobs.move": jobs.move,
    "key.set": keys.set_key,
    "key.status": keys.status,
    "key.test": keys.test,
    "key.remove": keys.remove,
    "purge": reset.purge,
    "reset": reset.reset,
    "settings.change": settings.change,
    "snapshots.list": snapshots.listing,
    "snapshots.take": snapshots.take,
    "snapshots.diff": snapshots.difference,
    "snapshots.pin": snapshots.pin,
    "status": overview.status,
    "titles.show": titles.show,
    "titles.search": titles.search,
    "titles.export": titles.export,
}
