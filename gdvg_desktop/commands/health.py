"""The health check: whether the file, the disk, the key and the exports are as work needs them."""

import asyncio
import shutil
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from gdvg_desktop.app import App
from gdvg_desktop.commands import keys
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import CredentialError, GdvgError
from gdvg_desktop.store import exports
from gdvg_desktop.store.health import quick_look
from gdvg_desktop.sync import space


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing looked at: file, disk, key or exports. `problem` is empty when all is well, else a sentence."""

    name: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What a check found. `file_bytes` is the library's size, `free_bytes` the room left on its disk."""

    checks: tuple[HealthCheck, ...]
    file_bytes: int
    free_bytes: int

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, in sentences."""
        return tuple(one.problem for one in self.checks if one.problem)

    def as_json(self) -> dict[str, Any]:
        """As the command line and the history keep it."""
        return {
            "ok": not self.problems,
            "checks": [asdict(one) for one in self.checks],
            "file_bytes": self.file_bytes,
            "free_bytes": self.free_bytes,
        }


async def check(app: App) -> Health:
    """Look at everything once: milliseconds, and one request to TMDb."""
    file_problem, file_bytes = await asyncio.to_thread(_file, app)
    disk = await asyncio.to_thread(space.too_little, app.paths.data_dir, app.settings.min_free_mb)
    refused = await app.store.read(exports.refusals)
    checks = (
        HealthCheck("file", file_problem),
        HealthCheck("disk", disk.message if disk is not None else ""),
        HealthCheck("key", await _key(app)),
        HealthCheck("exports", " ".join(f"{one.date}: {one.reason}" for one in refused[:2])),
    )
    free = (await asyncio.to_thread(shutil.disk_usage, app.paths.data_dir)).free
    return Health(checks, file_bytes, free)


def _file(app: App) -> tuple[str, int]:
    try:
        quick_look(app.paths.library)
        return "", app.paths.library.stat().st_size
    except GdvgError as error:
        return error.message, 0
    except (sqlite3.Error, OSError) as error:
        return f"The library cannot be read: {error}.", 0


async def _key(app: App) -> str:
    try:
        await keys.test(app)
    except CredentialError as error:
        return redact(error.message)
    except GdvgError as error:  # TMDb does not answer: not the key's fault, and told by the connection
        return redact(f"The key could not be tried: {error.message}")
    return ""
