"""The remote workflow follows the pause of the schedule, where its user wants that.

Only a change of the pause moves it: what somebody does to the workflow at GitHub meanwhile is left alone. The pause
here never waits for GitHub. A change that could not be passed on is kept as a fact with its reason, for the window and
the alerts to show, and tried again until both agree, also after a restart.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import remote
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, LibraryLocked
from gdvg_desktop.core.events import RemoteChanged
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.sources.github_answers import Throttled
from gdvg_desktop.store import counts, schedule
from gdvg_desktop.store.lock import EngineLock

log = logging.getLogger(__name__)

WATCH_S = 1.0
FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 900.0
ALONE_TIMEOUT_S = 10.0  # how long a command line waits for GitHub before it leaves the rest to the next engine
_TOLD, _PROBLEM = "remote_told", "remote_problem"


@dataclass(frozen=True, slots=True)
class RemoteProblem:
    """The workflow does not follow: whether it should be paused, since when (unix ms), why, after how many tries."""

    wanted_paused: bool
    since: int
    message: str
    tries: int
    wait_s: float

    @property
    def words(self) -> str:
        """One sentence about what is the matter, and the reason."""
        if self.wanted_paused:
            return f"The schedule is paused, but the remote workflow could not be paused. {self.message}"
        return f"The schedule goes on, but the remote workflow could not be resumed. {self.message}"


@dataclass(frozen=True, slots=True)
class _Told:
    """What the workflow of `target` was last told; `paused` None while that is not certain."""

    target: str
    paused: bool | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the workflow should be told, and all that makes trying at once sensible when it changes."""

    paused: bool
    token: str
    follows: bool
    target: str


async def problem(app: App) -> RemoteProblem | None:
    """Why the workflow does not follow the schedule's pause, None when it does or need not."""
    return await app.store.read(problem_of)


async def follow(app: App, settings: Settings | None = None) -> RemoteProblem | None:
    """Pass the schedule's pause on, once, where that is due. GitHub's refusals are returned, not raised."""
    return await _follow(app, settings or app.settings, (await _wish(app)).paused)


async def _follow(app: App, settings: Settings, paused: bool) -> RemoteProblem | None:
    target = _target(settings)
    told, before = await app.store.read(lambda db: (_told(db), problem_of(db)))
    if not settings.remote_follows_pause or not settings.github_repository:
        if told is not None or before is not None:
            await _settle(app, None)
        return None
    fresh = told is None or told.target != target  # nothing was ever passed on to this workflow
    if (fresh and not paused) or (told is not None and not fresh and told.paused == paused):
        if fresh or before is not None:
            await _settle(app, _Told(target, paused))
        return None
    # An attempt that fails may still have reached GitHub, so until one succeeds it is not certain what was told.
    await app.store.write(lambda db: _put(db, _TOLD, _Told(target, None), to_millis(app.clock.now())))
    try:
        await (remote.pause(app, settings) if paused else remote.resume(app, settings))
    except GdvgError as error:
        return await _note(app, paused, before, error)
    await _settle(app, _Told(target, paused))
    return None


async def follow_alone(app: App) -> None:
    """As `follow`, for a process without the engine: only where no other process has it and will do it at once."""
    if not app.settings.remote_follows_pause or not await asyncio.to_thread(_no_engine, app.paths.engine_lock):
        return
    await follow(app, replace(app.settings, timeout_s=min(app.settings.timeout_s, ALONE_TIMEOUT_S)))


async def keep_in_step(app: App) -> None:
    """Beside the engine: follow every change of the pause within a second, whoever made it; until cancelled."""
    seen: _Wish | None = None
    due: float | None = None
    while True:
        try:
            wish = await _wish(app)
            if wish != seen or (due is not None and app.clock.monotonic() >= due):
                # what was seen, not what may be wished by now: else a change back would look like none
                found = await _follow(app, app.settings, wish.paused)
                seen, due = wish, None if found is None else app.clock.monotonic() + found.wait_s
        except GdvgError as error:  # of the store: it is told elsewhere, and may pass
            log.warning("The remote workflow could not be brought into line: %s", error)
        await app.clock.sleep(WATCH_S)


async def _wish(app: App) -> _Wish:
    def read(db: SqliteDatabase) -> tuple[bool, str]:
        mark = counts.fact(db, remote.TOKEN_FACT)
        return schedule.pause_state(db).paused, mark.value if mark else ""

    return _Wish(*await app.store.read(read), app.settings.remote_follows_pause, _target(app.settings))


async def _note(app: App, paused: bool, before: RemoteProblem | None, error: GdvgError) -> RemoteProblem:
    now_ms = to_millis(app.clock.now())
    same = before is not None and before.wanted_paused == paused
    tries = before.tries + 1 if before is not None and same else 1
    wait_s = min(FIRST_WAIT_S * 2.0 ** min(tries - 1, 10), LONGEST_WAIT_S)
    if isinstance(error, Throttled) and error.wait_s is not None:
        wait_s = max(wait_s, error.wait_s)
    found = RemoteProblem(paused, before.since if before is not None and same else now_ms, str(error), tries, wait_s)
    await app.store.write(lambda db: _put(db, _PROBLEM, found, now_ms))
    log.warning("%s", found.words)
    app.bus.publish(RemoteChanged())
    return found


async def _settle(app: App, told: _Told | None) -> None:
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> None:
        _put(db, _TOLD, told, now_ms)
        _put(db, _PROBLEM, None, now_ms)

    await app.store.write(write)
    app.bus.publish(RemoteChanged())


def _target(settings: Settings) -> str:
    how = settings.github_variable if settings.github_pause_by == remote.BY_VARIABLE else ""
    return " ".join((settings.github_url, settings.github_repository, settings.github_workflow, how))


def _no_engine(path: Path) -> bool:
    lock = EngineLock(path)
    try:
        lock.acquire(0)
    except LibraryLocked:
        return False
    lock.release()
    return True


def _put(db: SqliteDatabase, name: str, value: _Told | RemoteProblem | None, now_ms: int) -> None:
    values = {} if value is None else {key: getattr(value, key) for key in value.__dataclass_fields__}
    counts.set_fact(db, name, json.dumps(values), now_ms)


def _values(db: SqliteDatabase, name: str) -> dict[str, Any]:
    found = counts.fact(db, name)
    values = json.loads(found.value) if found is not None else {}
    return values if isinstance(values, dict) else {}


def _told(db: SqliteDatabase) -> _Told | None:
    values = _values(db, _TOLD)
    return _Told(**values) if values else None


def problem_of(db: SqliteDatabase) -> RemoteProblem | None:
    """As `problem`, in the caller's transaction."""
    values = _values(db, _PROBLEM)
    return RemoteProblem(**values) if values else None
